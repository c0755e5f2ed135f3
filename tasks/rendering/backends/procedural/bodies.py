"""Bodies of flat faces: cubes, pyramids, prisms, gears, rings, columns, arches, sheets.

A body is a list of corners and, for each face, which of them bound it, in an order that turns the
face outwards. Bodies are about one unit from end to end and stand about the origin.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tasks.rendering.renderer import FloatArray

Point = tuple[float, float, float]
TEETH = 12
ROUND = 24  # sides of what is round
SMOOTH = ("gear", "ring", "disc", "arch")  # bodies whose four-cornered faces continue each other


@dataclass(frozen=True, eq=False)
class Body:
    """Corners, shape (n, 3), and faces, shape (m, corners of the longest), -1 where they end."""

    corners: FloatArray
    faces: NDArray[np.int32]
    smooths: NDArray[np.int32]  # shape (m,): 1 where a face's odd edges are seams, not edges


@cache
def body(name: str) -> Body:
    """One of the bodies that `FORMS` names."""
    faces = FORMS[name]()
    round_ = [name in SMOOTH and len(face) == 4 for face in faces]
    corners = [p for face in faces for p in face]
    table = np.full((len(faces), max(len(face) for face in faces)), -1, np.int32)
    first = 0
    for row, face in zip(table, faces, strict=True):
        row[: len(face)] = np.arange(first, first + len(face))
        first += len(face)
    return Body(np.array(corners, np.float32), table, np.array(round_, np.int32))


def _outwards(face: list[Point], middle: tuple[float, ...]) -> list[Point]:
    """The same face, ordered so that it turns away from the middle of its body."""
    a, b, c = (np.array(p) for p in face[:3])
    normal = np.cross(b - a, c - b)
    away = np.mean(np.array(face), axis=0) - np.array(middle)
    return face if float((normal * away).sum()) > 0.0 else face[::-1]


def _hull(bottom: list[Point], top: list[Point], *, caps: bool = True) -> list[list[Point]]:
    """The faces between two polygons of as many corners, and the two themselves."""
    middle = tuple(float(v) for v in np.mean(np.array(bottom + top), axis=0))
    n = len(bottom)
    sides = [[bottom[k], bottom[(k + 1) % n], top[(k + 1) % n], top[k]] for k in range(n)]
    faces = [*sides, bottom, top] if caps else sides
    return [_outwards(face, middle) for face in faces]


def _box(x: float, y: float, z: float, at: Point = (0.0, 0.0, 0.0)) -> list[list[Point]]:
    """A box by its half-sizes and its middle."""
    ring = [(-x, -z), (x, -z), (x, z), (-x, z)]
    low, high = (
        [(at[0] + a, at[1] + side * y, at[2] + b) for a, b in ring] for side in (-1.0, 1.0)
    )
    return _hull(low, high)


def _circle(n: int, radius: float, *, start: float = 0.0) -> list[tuple[float, float]]:
    turns = [2.0 * math.pi * (k + start) / n for k in range(n)]
    return [(radius * math.cos(a), radius * math.sin(a)) for a in turns]


def _plate(outline: list[tuple[float, float]], thick: float) -> list[list[Point]]:
    """An upright plate of a convex outline."""
    front, behind = ([(x, y, z) for x, y in outline] for z in (-thick, thick))
    return _hull(front, behind)


def _pillar(
    n: int, radius: float, low: float, high: float, *, at: float = 0.0, top: float | None = None
) -> list[list[Point]]:
    """A pillar about a vertical line."""
    rings = [(low, radius), (high, radius if top is None else top)]
    below, above = ([(at + x, y, z) for x, z in _circle(n, r, start=0.5)] for y, r in rings)
    return _hull(below, above)


def _pyramid() -> list[list[Point]]:
    base: list[Point] = [(x, 0.0, z) for x, z in _circle(4, 0.7, start=0.5)]
    middle = (0.0, 0.3, 0.0)
    sides = [[base[k], base[(k + 1) % 4], (0.0, 0.9, 0.0)] for k in range(4)]
    return [_outwards(face, middle) for face in [*sides, base]]


def _band(n: int, inner: float, outer: float, thick: float) -> list[list[Point]]:
    """An upright ring of `n` straight pieces without the faces between them."""
    faces = []
    near, far = _circle(n, inner), _circle(n, outer)
    for k in range(n):
        quad = [near[k], near[(k + 1) % n], far[(k + 1) % n], far[k]]
        front, behind = ([(x, y, z) for x, y in quad] for z in (-thick, thick))
        piece = _hull(front, behind)
        faces += [piece[0], piece[2], piece[4], piece[5]]  # inner, outer, front, back
    return faces


def _gear() -> list[list[Point]]:
    faces = _band(TEETH * 2, 0.30, 0.42, 0.07) + _band(12, 0.07, 0.13, 0.10)
    for k in range(TEETH):
        a = 2.0 * math.pi * (k + 0.5) / TEETH
        half = math.pi / TEETH
        quad = [
            (r * math.cos(a + w * half), r * math.sin(a + w * half))
            for r, w in ((0.415, -0.5), (0.52, -0.26), (0.52, 0.26), (0.415, 0.5))
        ]
        tooth = _plate(quad, 0.07)
        faces += tooth[:3] + tooth[4:]
    for k in range(5):
        a = 2.0 * math.pi * k / 5
        c, s = math.cos(a), math.sin(a)
        quad = [
            (r * c - w * s, r * s + w * c)
            for r, w in ((0.12, -0.05), (0.31, -0.03), (0.31, 0.03), (0.12, 0.05))
        ]
        spoke = _plate(quad, 0.045)
        faces += [spoke[0], spoke[2], spoke[4], spoke[5]]
    return faces


def _frame() -> list[list[Point]]:
    """A square frame of four beams."""
    return [
        face
        for x, y, at in (
            (0.5, 0.05, (0.0, 0.45, 0.0)), (0.5, 0.05, (0.0, -0.45, 0.0)),
            (0.05, 0.40, (0.45, 0.0, 0.0)), (0.05, 0.40, (-0.45, 0.0, 0.0)),
        )
        for face in _box(x, y, 0.05, at)
    ]  # fmt: skip


def _arch() -> list[list[Point]]:
    """Two columns with base and capital that carry a round arch."""
    faces: list[list[Point]] = []
    for x in (-0.5, 0.5):
        faces += _box(0.11, 0.04, 0.11, (x, 0.04, 0.0)) + _pillar(10, 0.075, 0.08, 0.80, at=x)
        faces += _box(0.10, 0.04, 0.10, (x, 0.84, 0.0))
    near, far = (
        [(r * math.cos(math.pi * k / 9), 0.88 + r * math.sin(math.pi * k / 9)) for k in range(10)]
        for r in (0.41, 0.59)
    )
    for k in range(9):
        quad = [near[k], near[k + 1], far[k + 1], far[k]]
        front, behind = ([(x, y, z) for x, y in quad] for z in (-0.09, 0.09))
        faces += _hull(front, behind)
    return faces


def _petal() -> list[list[Point]]:
    """A cut leaf with a ridge, its root at the origin, upright and turned to the viewer."""
    rim: list[Point] = [(0.0, 0.0, 0.0), (0.2, 0.42, 0.0), (0.0, 1.0, 0.0), (-0.2, 0.42, 0.0)]
    tip = (0.0, 0.45, -0.16)
    sides = [[rim[k], rim[(k + 1) % 4], tip] for k in range(4)]
    return [_outwards(face, (0.0, 0.45, 0.05)) for face in sides]


def _fan() -> list[list[Point]]:
    """A folded sheet, spread out like a fan; both sides of it are seen."""
    folds = 13
    rim: list[Point] = []
    for k in range(folds + 1):
        a = math.pi * (0.08 + 0.84 * k / folds)
        rim.append((0.62 * math.cos(a), 0.62 * math.sin(a), 0.055 if k % 2 else -0.055))
    root: list[Point] = [(0.12 * x / 0.62, 0.12 * y / 0.62, 0.2 * z) for x, y, z in rim]
    return [[root[k], root[k + 1], rim[k + 1], rim[k]] for k in range(folds)]


FORMS = {
    "cube": lambda: _box(0.5, 0.5, 0.5),
    "block": lambda: _box(0.5, 0.5, 0.5),
    "panel": lambda: _box(0.46, 0.46, 0.03),
    "pyramid": _pyramid,
    "prism": lambda: _plate(_circle(3, 0.5, start=0.25), 0.55),
    "triangle": lambda: _plate(_circle(3, 0.58, start=0.75), 0.025),
    "shard": lambda: _plate([(-0.28, -0.5), (0.2, -0.36), (0.34, 0.12), (-0.02, 0.6)], 0.02),
    "hexagon": lambda: _plate(_circle(6, 0.52), 0.2),
    "disc": lambda: _plate(_circle(ROUND, 0.5), 0.03),
    "gear": _gear,
    "ring": lambda: _band(30, 0.42, 0.50, 0.06),
    "frame": _frame,
    "arch": _arch,
    "petal": _petal,
    "fan": _fan,
}
