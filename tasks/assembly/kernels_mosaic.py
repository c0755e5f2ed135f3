"""Kernels of the mosaic: the light of each block's samples, and planes filled with blocks."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, I32, Int32Array, UInt8Array
from tasks.assembly.kernels_output import BLACK, GREY

BLOCK_SAMPLES = 4
"""A block is the mean of so many samples either way."""


@njit(**FAST)
def mean_light(blocks: UInt8Array, samples: UInt8Array) -> None:
    """Give every block the mean light of its samples.

    It is squares of luma that are averaged, and chroma weighs as much as its luma: a bright
    strand colours its block as it would the eye, and nothing greys out.

    Args:
        blocks: Written; y, u, v of shape (3, rows, columns).
        samples: y, u, v of shape (3, rows * `BLOCK_SAMPLES`, columns * `BLOCK_SAMPLES`).
    """
    _, rows, columns = blocks.shape
    count = BLOCK_SAMPLES * BLOCK_SAMPLES
    sums = np.empty((3, samples.shape[2]), np.int32)
    for j in range(rows):
        sums[:] = 0
        for y in range(j * BLOCK_SAMPLES, (j + 1) * BLOCK_SAMPLES):
            _add_light(sums, samples[0, y], samples[1, y], samples[2, y])
        for i in range(columns):
            squares, u, v = 0, 0, 0
            for x in range(i * BLOCK_SAMPLES, (i + 1) * BLOCK_SAMPLES):
                squares, u, v = squares + sums[0, x], u + sums[1, x], v + sums[2, x]
            light = np.sqrt(squares / count)
            weight = max(light, 1.0) * count
            blocks[0, j, i] = np.uint8(np.rint(BLACK + light))
            blocks[1, j, i] = np.uint8(np.rint(GREY + u / weight))
            blocks[2, j, i] = np.uint8(np.rint(GREY + v / weight))


@njit(**FAST)
def _add_light(sums: Int32Array, y: UInt8Array, u: UInt8Array, v: UInt8Array) -> None:
    """Add squared luma, and both chroma values by their luma."""
    squares, us, vs = sums[0], sums[1], sums[2]
    for x in range(y.shape[0]):
        luma = I32(I32(y[x]) - I32(BLACK))
        squares[x] += I32(luma * luma)
        us[x] += I32(I32(I32(u[x]) - I32(GREY)) * luma)
        vs[x] += I32(I32(I32(v[x]) - I32(GREY)) * luma)


@njit(**FAST)
def fill_blocks(
    plane: UInt8Array,
    stride: int,
    width: int,
    height: int,
    values: UInt8Array,
    block: int,
    start: tuple[int, int],
) -> None:
    """Fill a plane with blocks of one value each.

    Args:
        plane: Written; flat, rows `stride` apart.
        stride: Bytes from row to row.
        width: Pixels a row.
        height: Rows.
        values: One a block, shape (rows, columns).
        block: Side of a block.
        start: Column and row of the first block's corner, 0 or less.
    """
    rows, columns = values.shape
    start_x, start_y = start
    for j in range(rows):
        y0, y1 = max(start_y + j * block, 0), min(start_y + (j + 1) * block, height)
        if y1 <= y0:
            continue
        first = plane[y0 * stride : y0 * stride + width]
        for i in range(columns):
            x0, x1 = max(start_x + i * block, 0), min(start_x + (i + 1) * block, width)
            for x in range(x0, x1):
                first[x] = values[j, i]
        for y in range(y0 + 1, y1):
            _copy_bytes(plane[y * stride : y * stride + width], first)


@njit(**FAST)
def _copy_bytes(out: UInt8Array, line: UInt8Array) -> None:
    for x in range(out.shape[0]):
        out[x] = line[x]
