"""Structure: where sections begin and which of them sound alike.

Bars are compared by timbre and harmony; a segmentation of greatest inner similarity, with a taste
for sections of eight bars, gives the borders, and clustering the sections gives repetition letters.

Source:
    A. Marmoret, J. Cohen, F. Bimbot, Barwise Music Structure Analysis with the Correlation
    Block-Matching Segmentation Algorithm, TISMIR 6(1), 2023.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from tasks.analysis.chroma import CHROMA_RATE_HZ, Chroma
from tasks.analysis.downbeats import average_between
from tasks.analysis.kernels import segment_blocks
from tasks.analysis.onsets import Onsets
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

_Numbers = npt.NDArray[np.float64]

_SUBDIVISIONS = 8  # a bar is compared eighth by eighth
_TIMBRE_SHARE = 0.8  # of the similarity; the rest is harmony
_NEIGHBOUR_QUANTILE = 0.1  # bars this near are alike
_BAND = 7  # bars whose mutual similarity counts fully
_LONGEST = 32  # bars a section
_REGULARITY = 0.7  # price of lengths that are no multiple of 8, 4, 2 bars
_FEWEST_BARS = 8  # fewer: one section
_ALIKE_SHARE = 0.3  # of the way from a song's usual similarity to identity
_OVERLAP = 0.6  # of the shorter section that must align for two sections to be compared
_EDGE_SHARE = 0.6  # of a bar: a shorter rest at the song's start joins the first bar
_TAIL_SHARE = 0.3
_FREE_BAR_S = 2.0  # stands in for a bar where there is no beat


@dataclass(frozen=True)
class Span:
    """A section by its bars: from `first` to before `last` of the bar borders."""

    first: int
    last: int
    label: str
    confidence: float


@dataclass(frozen=True)
class Structure:
    """Bar borders (seconds, from 0 to the song's end) and the sections over them."""

    borders: _Numbers
    spans: tuple[Span, ...]


def find_structure(
    downbeats: _Numbers, onsets: Onsets, chroma: Chroma, *, duration: float
) -> Structure:
    """Find sections and their repetition letters.

    Args:
        downbeats: Seconds, rising; empty for a song without beats.
        onsets: The song's onset strengths with its log levels.
        chroma: The song's harmony.
        duration: Seconds of the song.

    Returns:
        Sections that tile the song. Inner borders are downbeats, or every two seconds when there
        are none.
    """
    borders = _bar_borders(downbeats, duration)
    bars = len(borders) - 1
    if bars < _FEWEST_BARS or float(onsets.log_levels.std()) < 1e-6:
        return Structure(borders, (Span(0, bars, "A", 0.0),))
    similarity = _compare_bars(borders, onsets.log_levels, chroma.melodic)
    cuts = segment_blocks(similarity, _length_prices(similarity), _BAND, _LONGEST)
    letters = _letters(similarity, cuts)
    confidence = _border_confidence(similarity, cuts)
    return Structure(
        borders,
        tuple(
            Span(int(a), int(b), letter, sure)
            for a, b, letter, sure in zip(cuts[:-1], cuts[1:], letters, confidence, strict=True)
        ),
    )


def _bar_borders(downbeats: _Numbers, duration: float) -> _Numbers:
    if len(downbeats) < 2:
        inner = np.arange(_FREE_BAR_S, duration, _FREE_BAR_S)
        bar = _FREE_BAR_S
    else:
        inner = np.asarray(downbeats, np.float64)
        bar = float(np.median(np.diff(inner)))
    start = _EDGE_SHARE * bar if len(downbeats) >= 2 else 0.0
    inner = inner[(inner > start) & (inner < duration - _TAIL_SHARE * bar)]
    return np.concatenate(([0.0], inner, [duration]))


def _compare_bars(borders: _Numbers, log_levels: FloatArray, melodic: FloatArray) -> _Numbers:
    """Similarity 0..1 of every bar with every other."""
    bars = len(borders) - 1
    share = np.arange(_SUBDIVISIONS) / _SUBDIVISIONS
    grid = (borders[:-1, None] + share * np.diff(borders)[:, None]).ravel()
    grid = np.append(grid, borders[-1])
    timbre = average_between(log_levels, grid * FRAME_RATE_HZ).reshape(bars, -1)
    harmony = average_between(melodic, grid * CHROMA_RATE_HZ).reshape(bars, _SUBDIVISIONS, 12)
    total = harmony.sum(axis=2).mean(axis=1)[:, None]
    harmony = np.sqrt(harmony.reshape(bars, -1) / (total + 1e-9))
    return _TIMBRE_SHARE * _affinity(timbre) + (1 - _TIMBRE_SHARE) * _affinity(harmony)


def _affinity(rows: FloatArray) -> _Numbers:
    wide = rows.astype(np.float64) - rows.mean(axis=0)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True) + 1e-9
    distance = np.clip(1.0 - wide @ wide.T, 0.0, 2.0)
    near = np.quantile(distance[np.triu_indices(len(rows), 1)], _NEIGHBOUR_QUANTILE)
    affinity: _Numbers = np.exp(-distance / (near + 1e-6))
    return affinity


def _length_prices(similarity: _Numbers) -> _Numbers:
    high = float(np.quantile(similarity[np.triu_indices(len(similarity), 1)], 0.9))
    prices = np.ones(_LONGEST + 1)
    prices[::2], prices[::4], prices[8] = 0.5, 0.25, 0.0
    return prices * _REGULARITY * high


def _letters(similarity: _Numbers, cuts: npt.NDArray[np.int64]) -> list[str]:
    """Repetition letters in order of appearance."""
    spans = list(pairwise(cuts))
    if len(spans) == 1:
        return ["A"]
    alike = np.eye(len(spans))
    for i, (a, b) in enumerate(spans):
        for j, (c, d) in enumerate(spans[:i]):
            alike[i, j] = alike[j, i] = _best_alignment(similarity[a:b, c:d])
    usual = float(np.median(similarity[np.triu_indices(len(similarity), 1)]))
    distance = np.clip(1.0 - alike, 0.0, 1.0)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average")
    threshold = 1.0 - (usual + _ALIKE_SHARE * (1.0 - usual))
    clusters = fcluster(tree, t=threshold, criterion="distance")
    order: dict[int, str] = {}
    for cluster in clusters:
        order.setdefault(int(cluster), _letter(len(order)))
    return [order[int(cluster)] for cluster in clusters]


def _letter(number: int) -> str:
    """A to Z, then AA, AB, …."""
    high, low = divmod(number, 26)
    return (chr(ord("A") + high - 1) if high else "") + chr(ord("A") + low)


def _best_alignment(block: _Numbers) -> float:
    """Greatest mean similarity along a diagonal that covers most of the shorter section."""
    rows, columns = block.shape
    enough = max(1.0, _OVERLAP * min(rows, columns))
    diagonals = (np.diagonal(block, shift) for shift in range(1 - rows, columns))
    return max((float(d.mean()) for d in diagonals if len(d) >= enough), default=0.0)


def _border_confidence(similarity: _Numbers, cuts: npt.NDArray[np.int64]) -> list[float]:
    """How much more alike a section is inside than with its neighbours, 0..1."""
    sure = []
    for i, (a, b) in enumerate(pairwise(cuts)):
        inner = float(similarity[a:b, a:b].mean())
        sides = [
            similarity[a:b, cuts[j] : cuts[j + 1]] for j in (i - 1, i + 1) if 0 <= j < len(cuts) - 1
        ]
        outer = float(np.mean([side.mean() for side in sides])) if sides else inner
        sure.append(float(np.clip((inner - outer) / max(inner, 1e-9), 0.0, 1.0)))
    return sure
