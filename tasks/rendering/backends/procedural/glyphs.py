"""An alphabet that nobody reads: stroke glyphs, drawn once, in three sizes."""

from functools import cache

import numpy as np

from tasks.rendering.backends.procedural.kit import dice
from tasks.rendering.renderer import FloatArray

GLYPH_COUNT = 56
GLYPH_HEIGHT, GLYPH_WIDTH = 36, 24  # pixels of the largest size; each further one halves them
SIZES = 3
ALPHABET_SEED = 20  # the alphabet is the same in every film
_STROKE = 1.25  # half-width of a stroke, pixels
_SOFT = 1.3  # width of a stroke's edge, pixels
_NODES_X = (0.24, 0.5, 0.76)  # strokes run between the nodes of a lattice of three by four
_NODES_Y = (0.16, 0.38, 0.62, 0.84)


@cache
def draw_glyphs() -> tuple[FloatArray, ...]:
    """Coverage 0..1 of every glyph, shapes (GLYPH_COUNT, height, width), largest first."""
    sizes = [np.stack([_glyph(index) for index in range(GLYPH_COUNT)])]
    for _ in range(SIZES - 1):
        fine = sizes[-1]
        count, height, width = fine.shape
        blocks = fine.reshape(count, height // 2, 2, width // 2, 2)
        sizes.append(((blocks[:, :, 0] + blocks[:, :, 1]).sum(axis=-1) / 4).astype(np.float32))
    return tuple(sizes)


def _glyph(index: int) -> FloatArray:
    """A few strokes, mostly upright and level, that share nodes."""
    throws = iter(dice(ALPHABET_SEED, 64 * index + k) for k in range(64))
    picture = np.zeros((GLYPH_HEIGHT, GLYPH_WIDTH))
    row, column = int(next(throws) * 4), int(next(throws) * 3)
    for _ in range(3 + int(next(throws) * 3)):
        way = next(throws)
        to_row, to_column = row, column
        if way < 0.4:
            to_column = (column + 1 + int(next(throws) * 2)) % 3
        elif way < 0.8:
            to_row = (row + 1 + int(next(throws) * 3)) % 4
        else:
            to_row, to_column = (row + 1) % 4, (column + 1) % 3
        picture = np.maximum(picture, _stroke((row, column), (to_row, to_column)))
        jump = next(throws) < 0.3
        row, column = (int(next(throws) * 4), to_column) if jump else (to_row, to_column)
    return picture.astype(np.float32)


def _stroke(start: tuple[int, int], end: tuple[int, int]) -> FloatArray:
    """Coverage of a round-ended line between two nodes."""
    ys, xs = np.mgrid[0:GLYPH_HEIGHT, 0:GLYPH_WIDTH] + 0.5
    y0, x0 = _NODES_Y[start[0]] * GLYPH_HEIGHT, _NODES_X[start[1]] * GLYPH_WIDTH
    dy = _NODES_Y[end[0]] * GLYPH_HEIGHT - y0
    dx = _NODES_X[end[1]] * GLYPH_WIDTH - x0
    along = np.clip(((ys - y0) * dy + (xs - x0) * dx) / max(dy * dy + dx * dx, 1e-6), 0, 1)
    squared = (ys - y0 - along * dy) ** 2 + (xs - x0 - along * dx) ** 2
    inside = (_STROKE + _SOFT - np.sqrt(squared)) / _SOFT
    coverage: FloatArray = np.clip(inside, 0.0, 1.0).astype(np.float32)
    return coverage
