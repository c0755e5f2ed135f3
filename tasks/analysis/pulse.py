"""What all beat trackers share: bars for bare beats, and the rules that every pulse keeps."""

import numpy as np

from tasks.analysis.downbeats import find_downbeats, sample_at
from tasks.analysis.network import Activations
from tasks.analysis.sound import Pulse, Sound, Times
from tasks.analysis.spectrum import FRAME_RATE_HZ

NO_PULSE = Pulse(np.zeros(0), np.zeros(0), 4, 0.0, 0.0)

_REACH = 3  # frames: a beat's own peak
# Lead of the beats over the moments between them, of a guess and of certainty: between, confidence
# is about the share of songs that the ear was not trained on whose beats it had right.
_LEADS = (-0.1, 0.75)
_TELLING_BEATS = 16  # in a moment of noise some few hits always lie in a row
_MOST_BEATS_A_BAR = 16
_NEAREST_S = 0.05  # 1200 beats a minute: nearer ones are one beat that was told twice
# Most that a downbeat is moved to be a beat: the window in which listeners call two taps one.
_SAME_BEAT_S = 0.07


def group_beats(beats: Times, sound: Sound) -> Pulse:
    """Group beats into bars, and say how sure both are by how the song sounds at them.

    Args:
        beats: Seconds, rising, not before 0; may be empty.
        sound: The song.
    """
    if len(beats) == 0:
        return NO_PULSE
    bars = find_downbeats(beats, sound.activations)
    enough = min(1.0, len(beats) / _TELLING_BEATS)
    between = (beats[1:] + beats[:-1]) / 2
    lead = pulse_clarity(beats, sound.activations) - pulse_clarity(between, sound.activations)
    low, high = _LEADS
    certainty = enough * _share((lead - low) / (high - low))
    # Where the beat is a guess, so is the bar.
    downbeat = min(bars.confidence, certainty)
    return Pulse(beats, bars.downbeats, bars.meter, certainty, downbeat)


def pulse_clarity(times: Times, activations: Activations) -> float:
    """Share of the times that the trained ear hears as beats, 0..1; 0 of none."""
    return float(np.mean(beat_chances(times, activations))) if len(times) else 0.0


def beat_chances(times: Times, activations: Activations) -> Times:
    """How likely each time is a beat, 0..1, shape (times,)."""
    heard = sample_at(activations.beat, times, rate_hz=FRAME_RATE_HZ, reach=_REACH)
    return np.asarray(1.0 / (1.0 + np.exp(-heard.astype(np.float64))))


def keep_rules(pulse: Pulse, *, tracker: str, duration: float) -> tuple[Pulse, tuple[str, ...]]:
    """Mend a pulse: beats rise and lie in the song, downbeats are beats, shares are 0..1.

    Args:
        pulse: As a tracker gave it.
        tracker: Its name, for the warnings.
        duration: Seconds of the song.

    Returns:
        The pulse, with equal values when nothing was wrong, and a warning for all that was.
    """
    beats = _rising_inside(pulse.beats, duration)
    downbeats = _among(_rising_inside(pulse.downbeats, duration), beats)
    meter = pulse.meter if 1 <= pulse.meter <= _MOST_BEATS_A_BAR else NO_PULSE.meter
    tempo, downbeat = _share(pulse.tempo_confidence), _share(pulse.downbeat_confidence)
    told = f"the beat tracker {tracker} gave"
    said = (
        (
            not np.array_equal(beats, pulse.beats),
            f"{told} beats out of order or outside the song: {len(beats)} of {len(pulse.beats)} "
            "are kept",
        ),
        (
            not np.array_equal(downbeats, pulse.downbeats),
            f"{told} downbeats that are no beats: {len(downbeats)} of {len(pulse.downbeats)} are "
            "kept, each on its nearest beat",
        ),
        (meter != pulse.meter, f"{told} {pulse.meter} beats a bar, which is taken as {meter}"),
        (
            (tempo, downbeat) != (pulse.tempo_confidence, pulse.downbeat_confidence),
            f"{told} a confidence that is not between 0 and 1",
        ),
    )
    kept = Pulse(beats, downbeats, meter, tempo, downbeat)
    return kept, tuple(text for holds, text in said if holds)


def _rising_inside(times: Times, duration: float) -> Times:
    inside = np.sort(times[(times >= 0.0) & (times <= duration)])
    return inside[np.diff(inside, prepend=-np.inf) >= _NEAREST_S]


def _among(downbeats: Times, beats: Times) -> Times:
    """Downbeats moved to their beats; those that have none are left out."""
    if len(beats) == 0:
        return beats
    away = np.abs(beats - downbeats[:, None])
    return np.unique(beats[away.argmin(axis=1)[away.min(axis=1) <= _SAME_BEAT_S]])


def _share(value: float) -> float:
    return float(np.clip(np.nan_to_num(value), 0.0, 1.0))
