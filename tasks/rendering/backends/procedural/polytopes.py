"""Regular bodies of four dimensions: corners on the unit sphere, and the edges between them."""

from functools import cache
from itertools import combinations, permutations, product

import numpy as np
from numpy.typing import NDArray

from tasks.rendering.renderer import FloatArray

Body = tuple[FloatArray, NDArray[np.int32]]


@cache
def regular_bodies() -> tuple[Body, ...]:
    """The 8-cell, the 16-cell and the 24-cell: corners (n, 4) and edges (m, 2)."""
    eight = [np.array(corner) / 2 for corner in product((-1.0, 1.0), repeat=4)]
    sixteen = [sign * np.eye(4)[axis] for axis in range(4) for sign in (-1.0, 1.0)]
    pairs = sorted(set(permutations((1.0, 1.0, 0.0, 0.0))))
    signed = {
        tuple(a * b for a, b in zip(corner, signs, strict=True))
        for corner in pairs
        for signs in product((-1.0, 1.0), repeat=4)
    }
    twenty_four = [np.array(corner) / np.sqrt(2.0) for corner in sorted(signed)]
    return tuple(_with_edges(np.array(body)) for body in (eight, sixteen, twenty_four))


def _with_edges(corners: NDArray[np.float64]) -> Body:
    """Edges join the corners that lie nearest to each other."""
    gaps = {
        (i, j): np.linalg.norm(corners[i] - corners[j])
        for i, j in combinations(range(len(corners)), 2)
    }
    shortest = min(gaps.values())
    edges = [pair for pair, gap in gaps.items() if gap < shortest * 1.001]
    return corners.astype(np.float32), np.array(edges, np.int32)
