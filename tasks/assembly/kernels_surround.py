"""Kernels that make pictures smaller by whole factors, and soft surrounds of them."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, I32, Int32Array, UInt8Array
from tasks.assembly.kernels_between import mix_blocks, ramp

CELL = 16
"""Side of a cell of a surround, in pixels of luma."""


@njit(**FAST)
def average_blocks(out: UInt8Array, plane: UInt8Array, factor: int) -> None:
    """Average blocks of factor x factor pixels."""
    height, width = out.shape
    area = factor * factor
    for y in range(height):
        for x in range(width):
            total = area // 2
            for j in range(factor):
                for i in range(factor):
                    total += plane[min(y * factor + j, plane.shape[0] - 1), x * factor + i]
            out[y, x] = np.uint8(total // area)


@njit(**FAST)
def mean_cells(cells: Int32Array, plane: UInt8Array) -> None:
    """Means of a plane on a coarser grid that covers it, times 256."""
    rows, columns = cells.shape
    h, w = plane.shape
    for j in range(rows):
        y0, y1 = j * h // rows, max((j + 1) * h // rows, j * h // rows + 1)
        for i in range(columns):
            x0, x1 = i * w // columns, max((i + 1) * w // columns, i * w // columns + 1)
            total = I32(0)
            for y in range(y0, y1):
                for x in range(x0, x1):
                    total += I32(plane[y, x])
            cells[j, i] = total * 256 // ((y1 - y0) * (x1 - x0))


@njit(**FAST)
def soften_cells(out: Int32Array, cells: Int32Array) -> None:
    """Mean of 3 x 3 cells, the middle ones counted twice either way; borders go on."""
    rows, columns = cells.shape
    for j in range(rows):
        above, here, below = cells[max(j - 1, 0)], cells[j], cells[min(j + 1, rows - 1)]
        for i in range(columns):
            left, right = max(i - 1, 0), min(i + 1, columns - 1)
            total = I32(above[left]) + I32(above[right]) + I32(below[left]) + I32(below[right])
            total += 2 * (I32(above[i]) + I32(below[i]) + I32(here[left]) + I32(here[right]))
            out[j, i] = (total + 4 * I32(here[i]) + 8) >> 4


@njit(**FAST)
def paint_surround(out: UInt8Array, cells: Int32Array, cell: int) -> None:
    """Enlarge cells bilinearly, with an ordered dither, so that dark slopes do not band.

    Args:
        out: Written, shape (h, w).
        cells: Values times 256 of cells of `cell` pixels, from the top left on.
        cell: Side of a cell in this plane, a power of two.

    Source: B. Bayer, An optimum method for two-level rendition of continuous-tone pictures, 1973.
    """
    h, w = out.shape
    rows, columns = cells.shape
    whole = I32(2 * cell)
    line = np.empty(columns + 2, np.int32)
    wide = np.empty((columns + 1) * cell, np.int32)
    noise = np.empty((8, w + 8), np.int32)
    for y in range(8):
        for x in range(w + 8):
            noise[y, x] = _bayer(x & 7, y) * 4 + 2
    shift = I32(0)
    while (I32(1) << shift) < whole * whole:
        shift += 1
    for y in range(h):
        at = 2 * y + 1 - cell
        above = at // whole
        upper, lower = min(max(above, 0), rows - 1), min(max(above + 1, 0), rows - 1)
        mix_blocks(line, cells[upper], cells[lower], I32(at - above * whole), whole)
        ramp(wide, line, cell)
        _dither_row(out[y], wide[cell // 2 :], noise[y & 7], shift)


@njit(**FAST)
def _bayer(x, y):  # type: ignore[no-untyped-def]
    """Place of a pixel in the 8 x 8 order, 0 to 63."""
    value = 0
    for bit in range(3):
        a, b = (x >> bit) & 1, (y >> bit) & 1
        value = value * 4 + ((a ^ b) * 2 + b)
    return value


@njit(**FAST)
def _dither_row(out, wide, noise, shift):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        out[x] = np.uint8(I32(I32(wide[x] >> shift) + noise[x]) >> 8)
