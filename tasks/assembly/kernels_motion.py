"""Kernels that find how a picture moves until the next one: block search on a pyramid.

All arithmetic is in whole numbers, so that an in-between picture is bit-identical everywhere. A
vector is the way from the earlier picture to the later one; it belongs to a block of the picture
half-way, and each of its two ends is half of it away.
"""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, I32, INLINE, Int32Array, UInt8Array
from tasks.assembly.kernels_difference import WIDE, WINDOW, wide_difference, window_difference

SUBPIXEL = 8
"""Steps of a vector's unit: an eighth of a pixel."""
WEIGHT = 256
"""A whole, of weights and of the time between two pictures."""
BLOCK = 8
"""Side of the block that has a vector of its own, in pixels of the full picture."""
_CELL = 4
"""The same on the levels below, where the search goes on."""
_WINDOW, _WIDE = WINDOW, WIDE
"""Sides of the squares that are compared, on those levels and in the full picture."""
PER_VALUE = _WIDE * _WIDE // 2
"""Difference of a block whose pixels differ by one code value."""
_FAR = 1 << 28


@njit(**FAST)
def halve_luma(out: UInt8Array, plane: UInt8Array) -> None:
    """Average 2 x 2 pixels; out is (h // 2, w // 2)."""
    h, w = out.shape
    for y in range(h):
        line, a, b = out[y], plane[2 * y], plane[2 * y + 1]
        for x in range(w):
            total = I32(a[2 * x]) + I32(a[2 * x + 1]) + I32(b[2 * x]) + I32(b[2 * x + 1])
            line[x] = np.uint8(I32(total + 2) >> 2)


@njit(**INLINE)
def _held(a, x, y, vx, vy, side):  # type: ignore[no-untyped-def]
    """Where in both pictures the windows of a vector begin, half of it either way of (x, y).

    Near the border the windows move inwards until both lie in their pictures. Below 0 where that
    is not possible.
    """
    h, w = a.shape
    ax, ay = vx >> 1, vy >> 1
    bx, by = vx - ax, vy - ay
    left, right = max(ax, -bx, 0), w - side + min(ax, -bx, 0)
    top, low = max(ay, -by, 0), h - side + min(ay, -by, 0)
    if left > right or top > low:
        return -1, -1
    x0, y0 = min(max(x, left), right), min(max(y, top), low)
    return (y0 - ay) * w + x0 - ax, (y0 + by) * w + x0 + bx


@njit(**INLINE)
def _cost(a, b, x, y, vx, vy):  # type: ignore[no-untyped-def]
    at, to = _held(a, x, y, vx, vy, _WINDOW)
    return I32(_FAR) if at < 0 else window_difference(a, at, b, to, a.shape[1])


@njit(**INLINE)
def _wide_cost(a, b, x, y, vx, vy):  # type: ignore[no-untyped-def]
    at, to = _held(a, x, y, vx, vy, _WIDE)
    return I32(_FAR) if at < 0 else wide_difference(a, at, b, to, a.shape[1])


@njit(**FAST)
def search_all(field: Int32Array, a: UInt8Array, b: UInt8Array, reach: int, slope: int) -> None:
    """Try every vector of a small picture.

    Args:
        field: Written, shape (rows, columns, 2): x and y of the best vector, in pixels.
        a: The earlier picture.
        b: The later one.
        reach: Longest vector either way.
        slope: Cost of a pixel of length.
    """
    rows, columns, _ = field.shape
    for j in range(rows):
        for i in range(columns):
            x, y = i * _CELL - (_WINDOW - _CELL) // 2, j * _CELL - (_WINDOW - _CELL) // 2
            best = I32(_FAR)
            field[j, i, 0], field[j, i, 1] = 0, 0
            for vy in range(-reach, reach + 1):
                for vx in range(-reach, reach + 1):
                    cost = I32(_cost(a, b, x, y, vx, vy))
                    cost += I32(slope * (abs(vx) + abs(vy)))
                    if cost < best:
                        best = cost
                        field[j, i, 0], field[j, i, 1] = vx, vy


@njit(**FAST)
def search_near(
    field: Int32Array, parent: Int32Array, a: UInt8Array, b: UInt8Array, slope: int
) -> None:
    """Refine the vectors of the level above: try its neighbours', this level's, and around.

    Args:
        field: Written, shape (rows, columns, 2).
        parent: Vectors of half the size.
        a: The earlier picture.
        b: The later one.
        slope: Cost of a pixel away from the parent's vector.
    """
    rows, columns, _ = field.shape
    p_rows, p_columns, _ = parent.shape
    tried = np.empty((10, 2), np.int32)
    for j in range(rows):
        for i in range(columns):
            pj, pi = min(j >> 1, p_rows - 1), min(i >> 1, p_columns - 1)
            beside = min(max(pi + 2 * (i & 1) - 1, 0), p_columns - 1)
            over = min(max(pj + 2 * (j & 1) - 1, 0), p_rows - 1)
            tried[0] = 2 * parent[pj, pi]
            tried[1] = 2 * parent[pj, beside]
            tried[2] = 2 * parent[over, pi]
            tried[3] = 2 * parent[over, beside]
            tried[4] = 0
            count = 5
            if i > 0:
                tried[count] = field[j, i - 1]
                count += 1
            if j > 0:
                tried[count] = field[j - 1, i]
                count += 1
                if i + 1 < columns:
                    tried[count] = field[j - 1, i + 1]
                    count += 1
            _best_of(field[j, i], tried, count, a, b, i, j, slope)


@njit(**FAST)
def _best_of(out, tried, count, a, b, i, j, slope):  # type: ignore[no-untyped-def]
    """Best of some vectors, then downhill from there."""
    x, y = i * _CELL - (_WINDOW - _CELL) // 2, j * _CELL - (_WINDOW - _CELL) // 2
    home_x, home_y = tried[0, 0], tried[0, 1]
    best, best_x, best_y = I32(_FAR), I32(0), I32(0)
    for k in range(count):
        vx, vy = tried[k, 0], tried[k, 1]
        if not _is_known(tried, k):
            cost = I32(_cost(a, b, x, y, vx, vy))
            cost += I32(slope * (abs(vx - home_x) + abs(vy - home_y)))
            if cost < best:
                best, best_x, best_y = cost, vx, vy
    for _ in range(2):
        from_x, from_y = best_x, best_y
        for k in range(9):
            vx, vy = from_x + k % 3 - 1, from_y + k // 3 - 1
            cost = I32(_cost(a, b, x, y, vx, vy))
            cost += I32(slope * (abs(vx - home_x) + abs(vy - home_y)))
            if cost < best:
                best, best_x, best_y = cost, I32(vx), I32(vy)
        if best_x == from_x and best_y == from_y:
            break
    out[0], out[1] = best_x, best_y


@njit(**INLINE)
def _is_known(tried, k):  # type: ignore[no-untyped-def]
    """Whether a vector has been tried before."""
    known = False
    for m in range(k):
        known = known or (tried[m, 0] == tried[k, 0] and tried[m, 1] == tried[k, 1])
    return known


@njit(**FAST)
def smooth_vectors(out: Int32Array, field: Int32Array) -> None:
    """Give each block the vector of its 3 x 3 that is nearest to all nine: the vector median."""
    rows, columns, _ = field.shape
    xs, ys = np.empty(9, np.int32), np.empty(9, np.int32)
    for j in range(rows):
        for i in range(columns):
            for k in range(9):
                near = field[
                    min(max(j + k // 3 - 1, 0), rows - 1), min(max(i + k % 3 - 1, 0), columns - 1)
                ]
                xs[k], ys[k] = near[0], near[1]
            least, chosen = I32(_FAR), 4
            for k in range(9):
                total = I32(0)
                for m in range(9):
                    total += abs(xs[k] - xs[m]) + abs(ys[k] - ys[m])
                # The block's own vector stays where another is not really better.
                if k == 4:
                    total -= total >> 3
                if total < least:
                    least, chosen = total, k
            out[j, i, 0], out[j, i, 1] = xs[chosen], ys[chosen]


@njit(**FAST)
def refine_full(
    field: Int32Array,
    errors: Int32Array,
    stills: Int32Array,
    coarse: Int32Array,
    a: UInt8Array,
    b: UInt8Array,
) -> None:
    """Find vectors in the full picture, to an eighth of a pixel.

    Args:
        field: Written, shape (rows, columns, 2), in `SUBPIXEL` steps.
        errors: Written, shape (rows, columns): difference that the vector leaves, `PER_VALUE` for
            a mean of one code value.
        stills: Written, the same without motion.
        coarse: Vectors at half the size, same shape as `field`.
        a: The earlier picture.
        b: The later one.
    """
    rows, columns, _ = field.shape
    for j in range(rows):
        for i in range(columns):
            x, y = i * BLOCK - (_WIDE - BLOCK) // 2, j * BLOCK - (_WIDE - BLOCK) // 2
            vx, vy = 2 * coarse[j, i, 0], 2 * coarse[j, i, 1]
            here = I32(_wide_cost(a, b, x, y, vx, vy))
            left = right = above = below = here
            for _ in range(3):
                left = I32(_wide_cost(a, b, x, y, vx - 1, vy))
                right = I32(_wide_cost(a, b, x, y, vx + 1, vy))
                above = I32(_wide_cost(a, b, x, y, vx, vy - 1))
                below = I32(_wide_cost(a, b, x, y, vx, vy + 1))
                least = min(min(left, right), min(above, below))
                if least >= here:
                    break
                if least == left:
                    vx -= 1
                elif least == right:
                    vx += 1
                elif least == above:
                    vy -= 1
                else:
                    vy += 1
                here = least
            field[j, i, 0] = SUBPIXEL * vx + _valley(left, here, right)
            field[j, i, 1] = SUBPIXEL * vy + _valley(above, here, below)
            errors[j, i] = here
            stills[j, i] = _wide_cost(a, b, x, y, 0, 0)


@njit(**INLINE)
def _valley(before, here, after):  # type: ignore[no-untyped-def]
    """Where between three costs the lowest lies, in `SUBPIXEL` steps from the middle one."""
    depth = I32(2 * (max(before, after) - here))
    if depth <= 0 or before >= _FAR or after >= _FAR or here > before or here > after:
        return 0
    return (2 * SUBPIXEL * (before - after) + depth) // (2 * depth)


@njit(**FAST)
def trust_blocks(
    trust: Int32Array,
    errors: Int32Array,
    stills: Int32Array,
    bounds: tuple[int, int, int, int, int],
) -> None:
    """Weigh each block's motion from 0 to `WEIGHT`.

    Args:
        trust: Written, shape (rows, columns).
        errors: Differences that the vectors leave.
        stills: Differences without motion.
        bounds: Differences up to which a vector is wholly trusted, and from which not at all;
            the same two as sixteenths of the difference without motion: motion that gains little
            is none; and what is taken off that difference first, as noise.
    """
    sure, lost, gains, vain, noise = bounds
    rows, columns = errors.shape
    for j in range(rows):
        for i in range(columns):
            left, still = errors[j, i], max(stills[j, i] - noise, 0)
            small = (lost - min(max(left, sure), lost)) * WEIGHT // (lost - sure)
            low, high = gains * still, vain * still
            held = min(max(16 * left, low), high)
            better = (high - held) * WEIGHT // max(high - low, 1)
            trust[j, i] = small * better // WEIGHT


@njit(**FAST)
def mean_difference(a: UInt8Array, b: UInt8Array) -> int:
    """Mean of the differences of two planes, rounded down."""
    total = np.int64(0)
    h, w = a.shape
    for y in range(h):
        for x in range(w):
            total += abs(I32(a[y, x]) - I32(b[y, x]))
    return int(total // (h * w))
