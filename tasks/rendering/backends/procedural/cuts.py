"""How crystals are cut: convex bodies as the half-spaces that they lie in, and their corners."""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tasks.rendering.backends.procedural.kit import dice
from tasks.rendering.renderer import FloatArray

FACES_MAX = 18
CORNERS_MAX = 40
EDGES_MAX = 64
Plane = tuple[float, float, float, float]  # outward normal, distance from the middle


@dataclass(frozen=True, eq=False)
class Cut:
    """A convex body about its middle.

    Attributes:
        planes: Shape (n, 4): unit normal and distance; the body is where normal . p <= distance.
        corners: Shape (m, 3).
        edges: Shape (e, 2): numbers of the corners that an edge joins.
    """

    planes: FloatArray
    corners: FloatArray
    edges: NDArray[np.int32]


def quartz(seed: int, *, length: float, width: float = 0.2) -> Cut:
    """A six-sided column along -y with a point at its end, no two sides alike."""
    planes = [(0.0, 1.0, 0.0, length)]
    for k in range(6):
        angle = math.tau * (k + 0.16 * (dice(seed, k) - 0.5)) / 6.0
        c, s = math.cos(angle), math.sin(angle)
        planes.append((c, 0.0, s, width * (0.82 + 0.36 * dice(seed, 10 + k))))
        slope = 0.62 + 0.35 * dice(seed, 20 + k)
        planes.append(_unit(c, -slope, s, slope * length * (1.0 - 0.10 * dice(seed, 30 + k))))
    return cut_of(planes)


def brilliant(seed: int, *, sides: int = 8) -> Cut:
    """A jewel: table, crown, pavilion; the table looks up (-y)."""
    planes = [(0.0, -1.0, 0.0, 0.36 + 0.06 * dice(seed, 0))]
    for k in range(sides):
        a, b = math.tau * k / sides, math.tau * (k + 0.5) / sides
        planes.append(_unit(math.cos(a), -1.15, math.sin(a), 0.98))
        planes.append(_unit(math.cos(b), 1.02, math.sin(b), 0.83))
    return cut_of(planes)


def bead(seed: int) -> Cut:
    """A body of sixteen facets, nearly round, longer one way."""
    stretch = 1.0 + 0.5 * dice(seed, 0)
    planes = []
    for tier, count in ((-0.82, 3), (-0.28, 5), (0.28, 5), (0.82, 3)):
        for k in range(count):
            a = math.tau * (k + 0.5 * (tier > 0.0) + 0.2 * dice(seed, 1 + k)) / count
            ring = math.sqrt(1.0 - tier * tier)
            planes.append(_unit(ring * math.cos(a), tier / stretch, ring * math.sin(a), 0.8))
    return cut_of(planes)


def prism(*, sides: int, length: float, width: float = 0.4) -> Cut:
    """A straight rod along y."""
    planes: list[Plane] = [(0.0, 1.0, 0.0, length), (0.0, -1.0, 0.0, length)]
    for k in range(sides):
        a = math.tau * k / sides
        planes.append((math.cos(a), 0.0, math.sin(a), width))
    return cut_of(planes)


def pendant(seed: int, *, length: float) -> Cut:
    """A drop of cut glass: short above, long and pointed below."""
    planes = []
    for k in range(7):
        a, b = math.tau * k / 7.0, math.tau * (k + 0.5) / 7.0
        planes.append(_unit(math.cos(a), -0.75 - 0.2 * dice(seed, 0), math.sin(a), 0.42))
        planes.append(_unit(math.cos(b), 0.46 / length, math.sin(b), 0.40))
    return cut_of(planes)


def icicle(seed: int, *, length: float) -> Cut:
    """A long spike that hangs, thinner downwards."""
    planes: list[Plane] = [(0.0, -1.0, 0.0, 0.1)]
    for k in range(6):
        a = math.tau * (k + 0.3 * dice(seed, k)) / 6.0
        slope = 0.13 / length * (0.8 + 0.4 * dice(seed, 10 + k))
        planes.append(_unit(math.cos(a), slope, math.sin(a), 0.13))
        if k % 2:
            planes.append(_unit(math.cos(a + 0.5), slope * 3.0, math.sin(a + 0.5), 0.3))
    return cut_of(planes)


def shard(seed: int, *, thickness: float, corners: int = 6) -> Cut:
    """A splinter of a sheet: two broad faces, broken edges that lean."""
    lean = 0.18 * thickness
    planes = [
        _unit(lean * (dice(seed, 0) - 0.5), 0.06, 1.0, thickness),
        _unit(lean * (dice(seed, 1) - 0.5), -0.05, -1.0, thickness),
    ]
    for k in range(corners):
        a = math.tau * (k + 0.75 * (dice(seed, 2 + k) - 0.5)) / corners
        tilt = 0.9 * (dice(seed, 20 + k) - 0.5)
        far = 0.42 + 0.55 * dice(seed, 40 + k)
        planes.append(_unit(math.cos(a), math.sin(a), tilt, far))
    return cut_of(planes)


def boulder(seed: int, *, faces: int = 13) -> Cut:
    """A lump broken off at random, its planes spread evenly over the ball."""
    planes = []
    for k in range(faces):
        y = 1.0 - 2.0 * (k + 0.5) / faces
        a = 2.399963 * k + 0.8 * dice(seed, k)
        ring = math.sqrt(1.0 - y * y)
        far = 0.52 + 0.36 * dice(seed, 30 + k)
        planes.append(_unit(ring * math.cos(a), y, ring * math.sin(a), far))
    return cut_of(planes)


def cut_of(planes: list[Plane]) -> Cut:
    """Find the corners: where three planes meet inside all others."""
    array = np.array(planes, np.float64)
    triples = np.array(list(combinations(range(len(array)), 3)))
    normals, far = array[triples, :3], array[triples, 3]
    square = np.abs(np.linalg.det(normals)) > 1e-3
    points = np.linalg.solve(normals[square], far[square][..., None])[..., 0]
    inside = (points @ array[:, :3].T <= array[:, 3] + 1e-6).all(axis=1)
    # Rounded: the last bits of a solver are not the same on every machine.
    corners = np.unique(np.round(points[inside], 4), axis=0)
    lies_on = np.abs(corners @ array[:, :3].T - array[:, 3]) < 1e-3
    edges = [
        pair
        for pair in combinations(range(len(corners)), 2)
        if lies_on[list(pair)].all(0).sum() > 1
    ]
    return Cut(array.astype(np.float32), corners.astype(np.float32), np.array(edges, np.int32))


@dataclass(frozen=True, eq=False)
class Cuts:
    """Several cuts as arrays for kernels; `counts` says how many of each row are used.

    Attributes:
        planes: Shape (n, FACES_MAX, 4).
        corners: Shape (n, CORNERS_MAX, 3).
        edges: Shape (n, EDGES_MAX, 2).
        counts: Shape (n, 3): planes, corners, edges.
    """

    planes: FloatArray
    corners: FloatArray
    edges: NDArray[np.int32]
    counts: NDArray[np.int32]


def stacked(cuts: list[Cut]) -> Cuts:
    """Put cuts side by side."""
    planes = np.zeros((len(cuts), FACES_MAX, 4), np.float32)
    corners = np.zeros((len(cuts), CORNERS_MAX, 3), np.float32)
    edges = np.zeros((len(cuts), EDGES_MAX, 2), np.int32)
    counts = np.array([[len(c.planes), len(c.corners), len(c.edges)] for c in cuts], np.int32)
    for k, cut in enumerate(cuts):
        planes[k, : len(cut.planes)] = cut.planes
        corners[k, : len(cut.corners)] = cut.corners
        edges[k, : len(cut.edges)] = cut.edges
    return Cuts(planes, corners, edges, counts)


def _unit(x: float, y: float, z: float, far: float) -> Plane:
    size = math.sqrt(x * x + y * y + z * z)
    return x / size, y / size, z / size, far / size
