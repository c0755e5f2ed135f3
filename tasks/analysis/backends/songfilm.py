"""Our own beat tracker."""

import numpy as np

from tasks.analysis.attacks import place_on_attacks
from tasks.analysis.beats import track_beats
from tasks.analysis.energy import SILENCE_POWER
from tasks.analysis.pulse import NO_PULSE, beat_chances, group_beats, pulse_clarity
from tasks.analysis.sound import Pulse, Sound, Times
from tasks.analysis.spectrum import FRAME_RATE_HZ
from tasks.analysis.version import ANALYSIS_CODE_VERSION

# Share of beats that must sound like beats: noise and drones stay below.
_CLEAR = 0.25
# Mean chance of so many neighbouring beats below which, at the song's ends, there are none: chosen
# by cross-validation on the training songs.
_HEARD, _AROUND = 0.15, 5


class SongfilmTracker:
    """Beats on their attacks, at the level and in the bars that a listener would tap."""

    name = "songfilm"

    def version(self) -> str:
        """That of all our ears."""
        return str(ANALYSIS_CODE_VERSION)

    def track(self, sound: Sound) -> Pulse:
        """Find beats and bars; none where no pulse is clear."""
        coarse = track_beats(sound.activations.beat)
        if len(coarse) == 0 or pulse_clarity(coarse, sound.activations) < _CLEAR:
            return NO_PULSE
        kept = _while_it_beats(coarse, beat_chances(coarse, sound.activations))
        return group_beats(_while_it_sounds(place_on_attacks(sound.samples, kept), sound), sound)


def _while_it_beats(beats: Times, chances: Times) -> Times:
    """Nobody taps on through a fade or a last chord: ends at which no beat is heard are cut."""
    if len(beats) < 2 * _AROUND:
        return beats
    around = np.convolve(np.pad(chances, _AROUND // 2, mode="edge"), np.ones(_AROUND), "valid")
    heard = np.flatnonzero(around >= _HEARD * _AROUND)
    inside: Times = beats[heard[0] : heard[-1] + 1] if len(heard) else beats
    return inside


def _while_it_sounds(beats: Times, sound: Sound) -> Times:
    """Nobody taps in the silence before the first and after the last sound."""
    sounding = np.flatnonzero(sound.spectrum.power > SILENCE_POWER) / FRAME_RATE_HZ
    if len(beats) < 3 or len(sounding) == 0:
        return np.zeros(0)
    half = 0.5 * float(np.median(np.diff(beats)))
    inside: Times = beats[(beats > sounding[0] - half) & (beats < sounding[-1] + half)]
    return inside
