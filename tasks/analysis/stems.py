"""Curves of the song's stems at 100 Hz, from the pieces that a separator hands over.

Of every piece only each stem's power is kept: an hour of stems would be 5 GB, and is 7 MB. The
curves are made of the powers afterwards, as those of the song's bands are: a level of decibels
below the stem's own loud level, which rises fast and falls slowly. A stem far below the whole song
is what separators leave behind of an instrument that does not play; it stays at rest.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tasks import cancellation
from tasks.analysis.energy import SILENCE_POWER
from tasks.analysis.heard import Heard
from tasks.analysis.kernels import follow
from tasks.analysis.separator import STEMS, SeparatorError, StemPiece, StemSeparator
from tasks.media.audio import Audio, AudioStream, FloatArray
from tasks.media.curves import CURVE_RATE_HZ

Progress = Callable[[int, int], None]

MIX = "mix"
# Time to 63 % of a step, upwards and downwards, seconds.
_NEEDLES = {
    "drums": (0.002, 0.10),
    "bass": (0.005, 0.18),
    "vocals": (0.020, 0.25),
    "other": (0.020, 0.30),
}
# Within this many decibels below its loud level a stem moves the picture from full to nothing.
_RANGE_DB = 24.0
_LOUD_PERCENTILE = 95.0
# A stem whose loud level is so many decibels below that of the song is all there, or not there.
_PRESENT_DB, _ABSENT_DB = 20.0, 30.0
# Over 50 ms the power of a bass note has no ripple.
_SMOOTHING = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
_GROWTH = 1 << 16  # values (11 minutes) that room is made for at a time
_SHORTER_S = 0.02  # a separator may round its stems' length so much
# The band of the song that serves where a separator does not give a stem.
_STAND_INS = {"drums": "bass", "bass": "bass", "vocals": "mids", "other": "highs"}


@dataclass(frozen=True, eq=False)
class SongPower:
    """How loud a song is.

    Attributes:
        duration: Seconds.
        power: Mean square over the channels, as of `measure_stems`.
    """

    duration: float
    power: FloatArray


def measure_song(audio: Audio | AudioStream) -> SongPower:
    """Hear how loud a song is, which its stems are compared with.

    Args:
        audio: The whole song, decoded or on its way.

    Raises:
        BadSongError: Not a song, or cut off.
    """
    meter = _PowerMeter(audio.sample_rate_hz)
    for block in audio.blocks():
        meter.push(block)
    return SongPower(meter.heard_s, meter.power(_values(meter.heard_s)))


def measure_stems(
    audio: Audio | AudioStream, song: SongPower, separator: StemSeparator, *, progress: Progress
) -> dict[str, FloatArray]:
    """Separate a song, and keep what its curves are made of.

    Args:
        audio: The song.
        song: Of the same song.
        separator: Takes it apart.
        progress: Told how many seconds of how many are done.

    Returns:
        Mean square of each stem that the separator gives, and of the song itself as `mix`:
        float32, shape (ceil(duration * 100),); value k is that of the 10 ms around k / 100 s.

    Raises:
        SeparatorError: Pieces that are not the song's stems.
        RunCancelledError: Somebody asked to stop; looked at before every piece.
        SongfilmError: See `StemSeparator.separate`.
    """
    whole_s = math.ceil(song.duration)
    meters: dict[str, _PowerMeter] = {}
    heard_s = 0.0
    progress(0, whole_s)
    cancellation.check()
    for piece in separator.separate(audio):
        for name, samples in _four(piece, separator.name).items():
            meters.setdefault(name, _PowerMeter(piece.sample_rate_hz)).push(samples)
        heard_s = min((meter.heard_s for meter in meters.values()), default=0.0)
        progress(min(int(heard_s), whole_s), whole_s)
        cancellation.check()
    if abs(heard_s - song.duration) > _SHORTER_S:
        raise SeparatorError(
            f"{separator.name} gave {heard_s:.2f} s of stems for {song.duration:.2f} s of song; "
            "separate with another model"
        )
    progress(whole_s, whole_s)
    powers = {name: meters[name].power(len(song.power)) for name in STEMS if name in meters}
    if not all(np.isfinite(power).all() for power in powers.values()):
        raise SeparatorError(
            f"{separator.name} gave stems that hold values which are no numbers; its weights may "
            "be damaged: get them again, or separate with another model"
        )
    return powers | {MIX: song.power}


def trace_stems(powers: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Make the curves that pictures follow.

    Args:
        powers: As `measure_stems` gives them.

    Returns:
        `stem-drums`, `stem-bass`, `stem-vocals` and `stem-other`, as far as they were separated:
        float32, 0..1, of the powers' length. A stem that is not in the song is 0 throughout.
    """
    song_db = _loud_db(_smoothed(powers[MIX]))
    return {
        f"stem-{name}": _curve(_smoothed(powers[name]), song_db, *_NEEDLES[name])
        for name in STEMS
        if name in powers
    }


def stem_notes(curves: Mapping[str, FloatArray], *, separator: str) -> tuple[str, ...]:
    """Tell which stems a person asked for and does not get.

    Args:
        curves: As `trace_stems` gives them.
        separator: Who separated them.
    """
    notes = []
    for name in STEMS:
        curve = curves.get(f"stem-{name}")
        if curve is None:
            notes.append(
                f"{separator} separates no {name}: the song's {_STAND_INS[name]} band stands in"
            )
        elif not curve.any():
            notes.append(f"{separator} hears no {name} in the song: stem-{name} stays at rest")
    return tuple(notes)


def with_stems(heard: Heard, powers: Mapping[str, FloatArray], separator: StemSeparator) -> Heard:
    """Put the stems' curves beside the song's own, with who separated them and what is missing."""
    curves = trace_stems(powers)
    return replace(
        heard,
        curves=heard.curves | curves,
        backends=heard.backends | {"stems": separator.version()},
        warnings=heard.warnings + stem_notes(curves, separator=separator.name),
    )


def waiting_note(expected_s: float | None) -> str:
    """Say before a separation how long it takes; empty when that is nothing to wait for."""
    if expected_s is None:
        return ""
    if expected_s < 60.0:
        return "less than a minute on the CPU"
    minutes = math.ceil(expected_s / 60.0)
    return f"about {minutes} minute{'s' if minutes > 1 else ''} on the CPU, seconds on a GPU"


class _PowerMeter:
    """The mean square of every 10 ms of a sound that comes in pieces."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz, self._heard = rate_hz, 0
        # Squares and samples of each value.
        self._sums = np.zeros((2, _GROWTH))

    @property
    def heard_s(self) -> float:
        """Seconds so far."""
        return self._heard / self._rate_hz

    def push(self, samples: FloatArray) -> None:
        """Add what follows, shape (channels, samples)."""
        count = samples.shape[1]
        if count == 0:
            return
        square = np.square(samples, dtype=np.float64).mean(axis=0)
        # In whole numbers: where a sample belongs does not depend on where pieces end.
        places = np.arange(self._heard, self._heard + count) * (2 * CURVE_RATE_HZ) // self._rate_hz
        places = (places + 1) // 2
        first, last = int(places[0]), int(places[-1]) + 1
        if last > self._sums.shape[1]:
            self._sums = np.pad(self._sums, ((0, 0), (0, last + _GROWTH)))
        self._sums[0, first:last] += np.bincount(places - first, square)
        self._sums[1, first:last] += np.bincount(places - first)
        self._heard += count

    def power(self, values: int) -> FloatArray:
        """What was measured; silence beyond what was heard."""
        sums = np.pad(self._sums, ((0, 0), (0, values)))[:, :values]
        return np.asarray(sums[0] / np.maximum(sums[1], 1.0), np.float32)


def _values(duration_s: float) -> int:
    """Values of a curve of a song of this length."""
    return max(1, math.ceil(duration_s * CURVE_RATE_HZ - 1e-6))


def _four(piece: StemPiece, maker: str) -> dict[str, FloatArray]:
    """A piece's stems by our names; guitar, piano and what else there is play in `other`."""
    lengths = {stem.shape[1] for stem in piece.stems.values()}
    if len(lengths) != 1:
        raise SeparatorError(f"{maker} gave a piece whose stems are of lengths {sorted(lengths)}")
    parts = {name: stem for name, stem in piece.stems.items() if name in STEMS}
    for name, stem in piece.stems.items():
        if name not in STEMS:
            parts["other"] = parts["other"] + stem if "other" in parts else stem
    return parts


def _smoothed(power: FloatArray) -> npt.NDArray[np.float64]:
    """The power without the ripple of low notes; the song's ends are as loud as they are."""
    weights = np.convolve(np.ones(len(power)), _SMOOTHING, mode="full")
    smooth = np.convolve(power.astype(np.float64), _SMOOTHING, mode="full") / weights
    edge = len(_SMOOTHING) // 2
    return smooth[edge : edge + len(power)]


def _loud_db(power: npt.NDArray[np.float64]) -> float | None:
    """Level of the loud moments; those of a voice that sings twice count as they are."""
    peak = float(power.max())
    if peak <= SILENCE_POWER:
        return None
    sounding = power[power > max(SILENCE_POWER, peak * 10.0 ** (-_RANGE_DB / 10.0))]
    return 10.0 * math.log10(float(np.percentile(sounding, _LOUD_PERCENTILE)))


def _curve(
    power: npt.NDArray[np.float64], song_db: float | None, rise_s: float, fall_s: float
) -> FloatArray:
    """A stem's level between nothing and its own loud level."""
    loud_db = _loud_db(power)
    if loud_db is None or song_db is None:
        return np.zeros(len(power), np.float32)
    below_db = song_db - loud_db
    presence = np.clip((_ABSENT_DB - below_db) / (_ABSENT_DB - _PRESENT_DB), 0.0, 1.0)
    silence_db = 10.0 * math.log10(SILENCE_POWER)
    level_db = 10.0 * np.log10(np.maximum(power, SILENCE_POWER * 1e-3))
    floor_db = max(loud_db - _RANGE_DB, silence_db)
    level = presence * np.clip((level_db - floor_db) / _RANGE_DB, 0.0, 1.0)
    rise, fall = (1.0 - math.exp(-1.0 / (CURVE_RATE_HZ * s)) for s in (rise_s, fall_s))
    return np.asarray(np.clip(follow(level.astype(np.float32), rise, fall), 0, 1), np.float32)
