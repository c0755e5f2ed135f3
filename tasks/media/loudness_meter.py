"""Measures how loud a sound is and how high it peaks, piece by piece, in constant memory.

Loudness is read off ffmpeg's meter. Between samples only the crests are looked at that could lie
beyond full scale: a tenth of the work of raising the rate of the whole sound.

Source: ITU-R BS.1770-5 (gated loudness; true peak, by four times the samples).
"""

import math
from typing import Any, NamedTuple

import av
import av.filter
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

# What the meter says of silence, and of sounds shorter than a gating block.
_SILENT_LUFS = -70.0
# Places of speakers by number of channels, the first for one; the meter weighs those behind more.
_LAYOUTS = ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "6.1", "7.1")
# Samples below this have nothing beyond full scale beside them, but for made signals.
_NEAR_FULL_SCALE = 0.7
# Samples on either side that a value between two samples is made of, and where those values lie.
_REACH = 10
_BETWEEN = np.array([-0.75, -0.5, -0.25, 0.25, 0.5, 0.75])
# Crests looked at together; bounds memory.
_AT_ONCE = 1 << 14


class Level(NamedTuple):
    """How loud a sound is."""

    lufs: float
    """Integrated loudness; minus infinity for silence."""
    peak_db: float
    """True peak, dBTP; that of the samples where it lies far below full scale."""


class LoudnessMeter:
    """Hears a sound in pieces of any length and tells its level at the end."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """Set up the meter.

        Args:
            rate_hz: Sample rate.
            channels: At least one.
        """
        self._rate_hz, self._heard = rate_hz, 0
        # More channels than speakers have places for are weighed as one.
        self._mixed = channels > len(_LAYOUTS)
        self._layout = _LAYOUTS[0 if self._mixed else channels - 1]
        # The graph owns its ends: it must live as long as they.
        self._graph, self._source, self._sink = _meter_graph(rate_hz, self._layout)
        self._told: dict[str, str] = {}
        self._peak = 0.0
        self._last = np.zeros((2 * _REACH, channels), np.float32)

    def push(self, samples: FloatArray) -> None:
        """Hear the next piece, shape (samples, channels)."""
        if not len(samples):
            return
        self._look_between(samples)
        shown = samples.mean(axis=1) if self._mixed else samples
        packed = np.ascontiguousarray(shown, np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=self._layout)
        frame.sample_rate, frame.pts = self._rate_hz, self._heard
        self._heard += len(samples)
        self._source.push(frame)
        self._pull()

    def level(self) -> Level:
        """Tell the level of all that was heard; nothing may be pushed afterwards."""
        self._look_between(np.zeros((_REACH, self._last.shape[1]), np.float32))
        self._source.push(None)
        self._pull()
        lufs = float(self._told.get("lavfi.r128.I", _SILENT_LUFS))
        return Level(
            lufs if lufs > _SILENT_LUFS else -math.inf,
            20.0 * math.log10(self._peak) if self._peak > 0.0 else -math.inf,
        )

    def _pull(self) -> None:
        """Keep what was told last: with each tenth of a second, of all that was heard so far."""
        while True:
            try:
                self._told = self._sink.pull().metadata or self._told
            except (av.BlockingIOError, av.EOFError):
                return

    def _look_between(self, samples: FloatArray) -> None:
        """Raise the peak by a piece; its last samples wait for what follows them."""
        known = np.concatenate([self._last, samples])
        self._last = known[-2 * _REACH :].copy()
        height = np.abs(known)
        self._peak = max(self._peak, float(height.max()))
        if self._peak <= _NEAR_FULL_SCALE:
            return
        inner = height[_REACH:-_REACH]
        before = height[_REACH - 1 : -_REACH - 1]
        after = height[_REACH + 1 : len(height) - _REACH + 1]
        crests = (inner > _NEAR_FULL_SCALE * self._peak) & (inner >= before) & (inner >= after)
        # Of samples in a row at one height, the outer ones: what is cut off overshoots there.
        moves = np.diff(known[_REACH - 1 : len(known) - _REACH + 1], axis=0) != 0.0
        crests &= moves[:-1] | moves[1:]
        around = np.lib.stride_tricks.sliding_window_view(known, 2 * _REACH + 1, axis=0)
        rows, places = np.nonzero(crests)
        for first in range(0, len(rows), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            between = around[rows[part], places[part]] @ _INTERPOLATOR
            self._peak = max(self._peak, float(np.abs(between).max()))


def _meter_graph(rate_hz: int, layout: str) -> tuple[Any, Any, Any]:
    graph: Any = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate_hz, format="flt", layout=layout)
    meter = graph.add("ebur128", "metadata=1:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph, source, sink


def _interpolator() -> FloatArray:
    """Weights of the samples around one, shape (2 * reach + 1, places): a sinc under a cosine."""
    away = _BETWEEN[None, :] - np.arange(-_REACH, _REACH + 1)[:, None]
    window = np.cos(np.pi / 2 * np.clip(away / (_REACH + 1), -1.0, 1.0)) ** 2
    return np.asarray(np.sinc(away) * window, np.float32)


_INTERPOLATOR = _interpolator()
