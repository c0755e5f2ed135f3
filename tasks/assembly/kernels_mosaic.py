"""Kernels of the mosaic: the light of each block's samples, and planes filled with blocks."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, I32, UInt8Array
from tasks.assembly.kernels_output import BLACK, GREY

BLOCK_SAMPLES = 4
"""A block is the mean of so many samples either way."""


@njit(**FAST)
def mean_light(samples: UInt8Array) -> None:
    """Give every sample of a block the block's mean light, in place; y, u, v of shape (3, h, w).

    It is squares of luma that are averaged, and chroma weighs as much as its luma: a bright
    strand colours its block as it would the eye, and nothing greys out.
    """
    _, h, w = samples.shape
    count = BLOCK_SAMPLES * BLOCK_SAMPLES
    for top in range(0, h, BLOCK_SAMPLES):
        for left in range(0, w, BLOCK_SAMPLES):
            block = samples[:, top : top + BLOCK_SAMPLES, left : left + BLOCK_SAMPLES]
            sums = _light_sums(block)
            light = np.sqrt(sums[0] / count)
            weight = max(light, 1.0) * count
            block[0] = np.uint8(np.rint(BLACK + light))
            block[1] = np.uint8(np.rint(GREY + sums[1] / weight))
            block[2] = np.uint8(np.rint(GREY + sums[2] / weight))


@njit(**FAST)
def _light_sums(block):  # type: ignore[no-untyped-def]
    """Sums of squared luma, and of both chroma values by their luma."""
    squares, u, v = 0, 0, 0
    for y in range(BLOCK_SAMPLES):
        for x in range(BLOCK_SAMPLES):
            luma = int(block[0, y, x]) - BLACK
            squares += luma * luma
            u += (int(block[1, y, x]) - GREY) * luma
            v += (int(block[2, y, x]) - GREY) * luma
    return squares, u, v


@njit(**FAST)
def fill_blocks(
    plane: UInt8Array,
    stride: int,
    width: int,
    height: int,
    samples: UInt8Array,
    block: int,
    start: tuple[int, int],
) -> None:
    """Fill a plane with blocks of one value each.

    Args:
        plane: Written; flat, rows `stride` apart.
        stride: Bytes from row to row.
        width: Pixels a row.
        height: Rows.
        samples: `BLOCK_SAMPLES` values either way of each block, shape (rows, columns).
        block: Side of a block.
        start: Column and row of the first block's corner, 0 or less.
    """
    rows, columns = samples.shape[0] // BLOCK_SAMPLES, samples.shape[1] // BLOCK_SAMPLES
    start_x, start_y = start
    for j in range(rows):
        y0, y1 = max(start_y + j * block, 0), min(start_y + (j + 1) * block, height)
        if y1 <= y0:
            continue
        first = plane[y0 * stride : y0 * stride + width]
        for i in range(columns):
            x0, x1 = max(start_x + i * block, 0), min(start_x + (i + 1) * block, width)
            mean = _block_mean(samples, j * BLOCK_SAMPLES, i * BLOCK_SAMPLES)
            for x in range(x0, x1):
                first[x] = mean
        for y in range(y0 + 1, y1):
            _copy_bytes(plane[y * stride : y * stride + width], first)


@njit(**FAST)
def _block_mean(samples, top, left):  # type: ignore[no-untyped-def]
    total = I32(BLOCK_SAMPLES * BLOCK_SAMPLES // 2)
    for y in range(top, top + BLOCK_SAMPLES):
        for x in range(left, left + BLOCK_SAMPLES):
            total += I32(samples[y, x])
    return np.uint8(total // I32(BLOCK_SAMPLES * BLOCK_SAMPLES))


@njit(**FAST)
def _copy_bytes(out: UInt8Array, line: UInt8Array) -> None:
    for x in range(out.shape[0]):
        out[x] = line[x]
