"""Repetition letters: which sections sound alike."""

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from tasks.analysis.repetition import Bars, Likeness, align_spans

_Numbers = npt.NDArray[np.float64]

_OVERLAP = 0.6  # of the shorter section that must align for two sections to be compared
_SHORT_BARS = 3
_SAME = 0.3  # chance of being one, on average, from which sections share a letter: from train


def compare_spans(likeness: Likeness, spans: Bars) -> _Numbers:
    """What speaks for two sections being one played twice.

    Args:
        likeness: Bars against bars.
        spans: First bar and the bar after the last of each, shape (spans, 2), none empty.

    Returns:
        Shape (pairs, features); pairs in the order of `numpy.triu_indices(spans, 1)`.
    """
    one, other = np.triu_indices(len(spans), 1)
    fits = [align_spans(alike, spans, _OVERLAP)[one, other] for alike in likeness]
    bars = max(len(likeness.timbre), 2)
    usual = [float((alike.sum() - bars) / (bars * (bars - 1))) for alike in likeness]
    sizes = spans[:, 1] - spans[:, 0]
    shorter = np.minimum(sizes[one], sizes[other])
    return np.column_stack(
        (
            *fits,
            *(np.full(len(one), mean) for mean in usual),
            np.abs(np.log(sizes[one] / sizes[other])),
            sizes[one] == sizes[other],
            other - one == 1,
            np.log(shorter),
            shorter < _SHORT_BARS,
            one == 0,
            other == len(spans) - 1,
        )
    )


def give_letters(chances: _Numbers, spans: int) -> list[str]:
    """Letters in order of appearance.

    Args:
        chances: For each pair of spans, how likely they are one, about 0..1.
        spans: Number of spans.

    Returns:
        A, B, … for every span.
    """
    if spans == 1:
        return ["A"]
    distance = squareform(np.clip(1.0 - chances, 0.0, 2.0))
    tree = linkage(squareform(distance, checks=False), "average")
    order: dict[int, str] = {}
    clusters = [int(c) for c in fcluster(tree, t=1.0 - _SAME, criterion="distance")]
    for cluster in clusters:
        order.setdefault(cluster, _letter(len(order)))
    return [order[cluster] for cluster in clusters]


def _letter(number: int) -> str:
    """A to Z, then AA, AB, …."""
    high, low = divmod(number, 26)
    return (chr(ord("A") + high - 1) if high else "") + chr(ord("A") + low)
