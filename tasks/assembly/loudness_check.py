"""Tell when encoding changed how loud a song is, or made it overshoot.

Loudness is never set: AAC keeps it. Songs that are cut off at full scale lose a little of their
highest sounds, and with them some loudness, and overshoot; that is told. Measured where the film
is compared with the song anyway.

Source: ITU-R BS.1770-5 (loudness; true peak, by four times the samples).
"""

import math
from typing import Any, NamedTuple

import av
import av.filter
import numpy as np

from tasks.media.audio import Heard

# A change that nobody hears.
SAME_LU = 0.1
# True peaks of lossy codecs differ by this much without anything being wrong, dB.
SAME_PEAK_DB = 0.5
# Players cut off what is beyond.
_FULL_SCALE_DBTP = 0.0
# What the meter says of silence, and of sounds shorter than a gating block.
_SILENT_LUFS = -70.0
# Places of speakers by number of channels, the first for one; the meter weighs those behind more.
_LAYOUTS = ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "6.1", "7.1")


class _Level(NamedTuple):
    lufs: float
    """Integrated loudness; minus infinity for silence."""
    peak_db: float
    """True peak, dBTP."""


def loudness_note(heard: Heard, meant: Heard) -> str | None:
    """Say how an encoded film differs in loudness from its song.

    Args:
        heard: The film, around some points.
        meant: The song, likewise.

    Returns:
        A warning; None where it sounds as loud, and overshoots no more than it did.
    """
    told = []
    film, song = _measure(heard), _measure(meant)
    change_lu = film.lufs - song.lufs
    if math.isfinite(change_lu) and abs(change_lu) > SAME_LU:
        told.append(f"is {change_lu:+.1f} LU from the song's loudness")
    if film.peak_db > max(_FULL_SCALE_DBTP, song.peak_db + SAME_PEAK_DB):
        told.append(f"peaks at {film.peak_db:+.1f} dBTP, the song at {song.peak_db:+.1f}")
    if not told:
        return None
    return (
        f"the song, encoded to AAC 320k, {' and '.join(told)}: it is mastered to the limit. "
        "Lossless audio, in .mov or .mkv, keeps every sample"
    )


def _measure(sound: Heard) -> _Level:
    """Measure the windows together, by ffmpeg's meter: it is loaded already and needs one pass."""
    samples = sound.windows.reshape(-1, sound.windows.shape[2])
    if samples.shape[1] > len(_LAYOUTS):
        samples = samples.mean(axis=1, keepdims=True)
    if not samples.any():
        return _Level(-math.inf, -math.inf)
    layout = _LAYOUTS[samples.shape[1] - 1]
    graph: Any = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=sound.rate_hz, format="flt", layout=layout)
    meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
    frame.sample_rate, frame.pts = sound.rate_hz, 0
    source.push(frame)
    source.push(None)
    told = _last_told(sink)
    if not told:  # shorter than the meter's step
        return _Level(-math.inf, -math.inf)
    lufs, peak = float(told["lavfi.r128.I"]), float(told["lavfi.r128.true_peak"])
    return _Level(
        lufs if lufs > _SILENT_LUFS else -math.inf,
        20.0 * math.log10(peak) if peak > 0.0 else -math.inf,
    )


def _last_told(sink: Any) -> dict[str, str]:
    """What the meter says of the whole sound: it tells it anew with every whole piece."""
    told: dict[str, str] = {}
    while True:
        try:
            told = sink.pull().metadata or told
        except (av.BlockingIOError, av.EOFError):
            return told
