"""A song's portrait: its wave and its harmony, small enough to lie beside the curves."""

import numpy as np

from tasks.analysis.chroma import CHROMA_RATE_HZ, Chroma
from tasks.analysis.spectrum import SAMPLE_RATE_HZ, FloatArray
from tasks.media.curves import CURVE_RATE_HZ, PORTRAIT_CHROMA_RATE_HZ, Portrait

_AT_ONCE = 6000  # points: a minute's samples are squared at a time


def measure_portrait(samples: FloatArray, chroma: Chroma, *, lead_s: float = 0.0) -> Portrait:
    """Take the portrait.

    Args:
        samples: Mono at the listening rate, shape (samples,), not empty.
        chroma: The song's harmony.
        lead_s: Silence before the harmony's first frame.

    Returns:
        ceil(seconds * 100) points of wave, ceil(seconds * 10) of chroma.
    """
    points = -(-len(samples) * CURVE_RATE_HZ // SAMPLE_RATE_HZ)
    # A hundredth of a second is no whole number of samples.
    edges = np.arange(points + 1) * SAMPLE_RATE_HZ // CURVE_RATE_HZ
    edges[-1] = len(samples)
    starts = edges[:-1]
    low, high = np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
    peaks = np.rint(127.0 * np.clip(np.stack([low, high], axis=1), -1.0, 1.0))
    level = np.sqrt(_squares(samples, edges) / np.diff(edges))
    times = np.arange(-(-points * PORTRAIT_CHROMA_RATE_HZ // CURVE_RATE_HZ))
    frames = np.clip(
        np.rint((times / PORTRAIT_CHROMA_RATE_HZ - lead_s) * CHROMA_RATE_HZ).astype(int),
        0,
        len(chroma.tonal) - 1,
    )
    shares = chroma.tonal[frames]
    return Portrait(
        peaks.astype(np.int8),
        np.rint(255.0 * np.minimum(level, 1.0)).astype(np.uint8),
        np.rint(255.0 * np.clip(shares, 0.0, 1.0)).astype(np.uint8),
    )


def _squares(samples: FloatArray, edges: np.ndarray) -> FloatArray:
    """Sum of the squares of each point's samples."""
    sums = np.empty(len(edges) - 1, np.float32)
    for first in range(0, len(sums), _AT_ONCE):
        part = edges[first : first + _AT_ONCE + 1]
        squares = np.square(samples[part[0] : part[-1]])
        sums[first : first + len(part) - 1] = np.add.reduceat(squares, part[:-1] - part[0])
    return sums
