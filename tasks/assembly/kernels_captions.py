"""Lays a caption's masks on planes for the encoder, in whole numbers."""

from numba import njit

from tasks.assembly.kernels import FAST, I32, UInt8Array

_BITS = 16


@njit(**FAST)
def lay_cover(
    plane: UInt8Array,
    stride: int,
    cover: UInt8Array,
    place: tuple[int, int],
    opacity: int,
    ink: int,
) -> None:
    """Blend one ink over a rectangle of a plane of bytes.

    Args:
        plane: Written; flat, rows `stride` apart.
        stride: Bytes from row to row.
        cover: How much of each pixel is covered, shape (height, width).
        place: Column and row of the rectangle, which lies inside the plane.
        opacity: 0 to 256; at 0 nothing changes.
        ink: Value of the ink.
    """
    h, w = cover.shape
    for r in range(h):
        start = (place[1] + r) * stride + place[0]
        _lay_row(plane[start : start + w], cover[r], opacity, ink)


@njit(**FAST)
def _lay_row(line, cover, opacity, ink):  # type: ignore[no-untyped-def]
    half, full = I32(1 << (_BITS - 1)), I32(1 << _BITS)
    for x in range(line.shape[0]):
        share = I32(I32(cover[x]) * I32(opacity))
        # 255 x 256 counts as all.
        share = I32(share + I32(share >> I32(8)))
        value = I32(I32(I32(line[x]) * I32(full - share)) + I32(I32(ink) * share))
        line[x] = I32(I32(value + half) >> I32(_BITS))
