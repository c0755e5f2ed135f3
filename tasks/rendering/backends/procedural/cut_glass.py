"""Cut glass and ice: convex bodies whose facets mirror lamps, bend light and show their far side.

Seen from straight ahead every facet is one plane of depth, so what lies in front is the least of
a few linear functions; behind each front facet the bent ray leaves through the first of a few
linear functions too. Every pair of front and far facet has one colour and its slope, worked out
once a frame, for three wavelengths (`glass_rays`). Seams, edges and outlines know their distance
in pixels, so that they are smooth, and as soft as a lens out of focus makes them.
Source: the slab method for rays and boxes, T. Kay and J. Kajiya, Ray Tracing Complex Scenes, 1986.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.cuts import CORNERS_MAX, FACES_MAX
from tasks.rendering.backends.procedural.glass_rays import (
    BODY_VALUES,
    CLEAR,
    CRACK,
    EDGE,
    FAR,
    GLOW_R,
    GRAIN,
    INNER,
    MID_X,
    MID_Y,
    MIRROR,
    POWER,
    R00,
    R01,
    R02,
    R10,
    R11,
    R12,
    R21,
    SHAPE,
    SIZE,
    SOFT,
    TINT_R,
    aim_crack,
    aim_rays,
    measure_seams,
    turn_planes,
)
from tasks.rendering.backends.procedural.glass_runs import (
    RIM_ENDS,
    cracklight,
    innerlight,
    lay_stretch,
    rooted,
    stretch,
)
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    clamp01,
    floor_i,
)

__all__ = ["BODY_VALUES", "lay_bodies"]
HIDDEN = 0.06  # share of light that still comes through where nothing more is laid
SHORTEST = 8  # pixels from which a stretch is laid at once
PAUSE = 8  # pixels after which a stretch is looked for again
LARGE = 90.0  # size in pixels from which bodies have long stretches


@njit(**KERNEL)
def lay_bodies(light, laid, bodies, planes, corners, edges, counts, lamps):  # type: ignore[no-untyped-def]
    """Lay bodies over the picture, the farthest first.

    Args:
        light: Linear light, shape (3, height, width).
        laid: Work array, shape (height, 4, width).
        bodies: Shape (n, BODY_VALUES): middle and size in pixels, rotation, number of the cut,
            softness of edges in pixels, light of the facets, of the inside and of the edges,
            share of what lies behind that shines through, dispersion, colours of the glass and
            of its inside, share of light mirrored (0: glass, 1: metal), light of the cracks and
            a number of its own.
        planes: Of all cuts, as `cuts.Cuts` has them.
        corners: Likewise.
        edges: Likewise.
        counts: Likewise.
        lamps: Shape (n, LAMP_VALUES).
    """
    own = np.empty((FACES_MAX, 4), np.float32)
    seen = np.empty((FACES_MAX, 3), np.float32)
    ways = np.empty((FACES_MAX, FACES_MAX, 3), np.float32)
    opened = np.empty(FACES_MAX, np.int32)
    through = np.empty((FACES_MAX, FACES_MAX, 9), np.float32)
    mirrored = np.empty((FACES_MAX, 10), np.float32)
    rims = np.empty((FACES_MAX, FACES_MAX), np.float32)
    apart = np.empty((FACES_MAX, FACES_MAX), np.float32)
    meets = np.empty((FACES_MAX, FACES_MAX, FACES_MAX), np.float32)
    crack = np.empty(4, np.float32)
    places = np.empty((CORNERS_MAX, 2), np.float32)
    spans = np.empty((light.shape[1], 2), np.int32)
    near = np.empty((4, light.shape[2]), np.float32)  # depths of two in front, of two behind
    which = np.empty((4, light.shape[2]), np.int32)
    # What is laid, row by row, and the share that still shines through: nearest bodies first.
    for y in range(light.shape[1]):
        laid[y, :3] = F(0)
        laid[y, 3] = F(1)
    for b in range(bodies.shape[0] - 1, -1, -1):
        body = bodies[b]
        shape = I(body[SHAPE])
        top, bottom = _outline(
            spans, places, body, corners[shape], edges[shape], counts[shape], light
        )  # fmt: skip
        if not _uncovered(spans, laid, top, bottom):
            continue
        faces = counts[shape, 0]
        turn_planes(own, seen, planes[shape], faces, body)
        aim_rays(own, seen, ways, opened, through, mirrored, rims, faces, body, lamps)
        measure_seams(seen, ways, opened, apart, meets, faces, body[SIZE])
        aim_crack(crack, body)
        for y in range(top, bottom):
            if spans[y, 0] < spans[y, 1]:
                _fill_row(
                    laid[y], y, spans[y, 0], spans[y, 1], near, which, own, seen, ways, opened,
                    through, mirrored, rims, apart, meets, crack, faces, body,
                )  # fmt: skip
    _put_before(light, laid)


@njit(**KERNEL)
def _uncovered(spans, laid, top, bottom):  # type: ignore[no-untyped-def]
    """Shorten rows at both ends by what nearer bodies hide; whether anything is left."""
    left = False
    for y in range(top, bottom):
        first, last = spans[y, 0], spans[y, 1]
        still = laid[y, 3]
        while first < last and still[first] < F(HIDDEN):
            first += 1
        while first < last and still[last - 1] < F(HIDDEN):
            last -= 1
        spans[y, 0], spans[y, 1] = first, last
        left = left or first < last
    return left


@njit(**KERNEL)
def _put_before(light, laid):  # type: ignore[no-untyped-def]
    """Lay what was gathered over the picture."""
    for y in range(light.shape[1]):
        still = laid[y, 3]
        for c in range(3):
            row, more = light[c, y], laid[y, c]
            for x in range(light.shape[2]):
                row[x] = F(row[x] * still[x] + more[x])


@njit(**KERNEL)
def _outline(spans, places, body, corners, edges, counts, light):  # type: ignore[no-untyped-def]
    """Pixels that the body can touch, row by row."""
    _, height, width = light.shape
    pad = F(body[SOFT] * F(0.5) + F(1))
    y0, y1 = F(FAR), F(-FAR)
    for k in range(counts[1]):
        c = corners[k]
        x = F(body[R00] * c[0] + body[R01] * c[1] + body[R02] * c[2])
        y = F(body[R10] * c[0] + body[R11] * c[1] + body[R12] * c[2])
        places[k, 0] = F(body[MID_X] + x * body[SIZE])
        places[k, 1] = F(body[MID_Y] + y * body[SIZE])
        y0, y1 = F(min(y0, places[k, 1])), F(max(y1, places[k, 1]))
    top = max(floor_i(F(max(F(y0 - pad), F(-9)))), 0)
    bottom = min(floor_i(F(min(F(y1 + pad), F(99999)))) + 1, height)
    for y in range(top, bottom):
        low, high = F(FAR), F(-FAR)
        for e in range(counts[2]):
            x0, x1 = _crossing(
                places[edges[e, 0]], places[edges[e, 1]], F(F(I(y)) - pad), F(F(I(y)) + pad)
            )
            low, high = F(min(low, x0)), F(max(high, x1))
        spans[y, 0] = max(floor_i(F(max(F(low - pad), F(-9)))), 0)
        spans[y, 1] = min(floor_i(F(min(max(F(high + pad), F(-9)), F(99999)))) + 1, width)
    return top, bottom


@njit(**INLINE)
def _crossing(a, b, above, below):  # type: ignore[no-untyped-def]
    """From where to where an edge runs between two heights; nowhere: from far right to far left."""
    rise = F(b[1] - a[1])
    outside = max(a[1], b[1]) < above or min(a[1], b[1]) > below
    steady = F(rise + F(1e-3)) if rise >= F(0) else F(rise - F(1e-3))
    slope = F(F(b[0] - a[0]) / steady)
    x0 = F(a[0] + slope * F(min(max(a[1], above), below) - a[1]))
    x1 = F(b[0] + slope * F(min(max(b[1], above), below) - b[1]))
    return (F(FAR), F(-FAR)) if outside else (F(min(x0, x1)), F(max(x0, x1)))


@njit(**KERNEL)
def _fill_row(  # type: ignore[no-untyped-def]
    laid, y, left, right, near, which, own, seen, ways, opened, through, mirrored, rims, apart,
    meets, crack, faces, body,
):  # fmt: skip
    width = right - left
    colour = np.empty(3, np.float32)
    other = np.empty(3, np.float32)
    step = F(F(1) / body[SIZE])
    soft = F(F(1) / body[SOFT])
    line = F(F(0.5) + F(0.002) * body[SIZE] + F(0.35) * F(body[SOFT] - F(1)))
    v = F(F(F(I(y)) - body[MID_Y]) * step)
    start = F(F(F(I(left)) - body[MID_X]) * step)
    _depth_row(near, which, own, seen, faces, width, v, start, step)
    wide = body[MIRROR] <= F(0.9) and body[SIZE] > F(LARGE)
    n, again = 0, 0
    while n < width:
        at = left + n
        still = laid[3, at]
        if still < F(HIDDEN):
            n += 1
            continue
        i, j, k = which[0, n], which[1, n], which[2, n]
        front, rear = near[0, n], near[2, n]
        out = F(F(front - rear) * apart[i, k])
        # A side that stands edge-on is second where it ends: the outline lies where it crosses.
        out = F(min(out, F(F(near[1, n] - rear) * apart[j, k])))
        out = F(min(out, F(F(front - near[3, n]) * apart[i, which[3, n]])))
        cover = clamp01(F(out * soft + F(0.5)))
        if cover <= F(0):
            n += 1
            continue
        u = F(start + F(I(n)) * step)
        seam = F(F(near[1, n] - front) * apart[i, j])
        a = _shade(colour, i, u, v, ways, opened, through, mirrored, meets, body, soft)
        if wide and n >= again and min(seam, out) > F(F(RIM_ENDS) * line):
            count = stretch(
                own, seen, ways, opened, apart, meets, faces, i, a, u, v, step, line, body[SOFT]
            )  # fmt: skip
            count = min(count, I(width - n))
            if count >= I(SHORTEST):
                lay_stretch(
                    laid, at, count, u, v, step, near[0, n:], near[2, n:], i, a, ways, through,
                    mirrored, crack, body,
                )  # fmt: skip
                n += count
                continue
            again = n + max(count, I(PAUSE))
        share = clamp01(F(seam * soft + F(0.5)))
        if share < F(1):
            _shade(other, j, u, v, ways, opened, through, mirrored, meets, body, soft)
            for c in range(3):
                colour[c] = F(other[c] + F(colour[c] - other[c]) * share)
        rim = _rimlight(F(seam / line), F(out / line), rims[i, j], body[EDGE])
        along = F(body[R01] * u + body[R11] * v + body[R21] * F(front + rear) * F(0.5))
        inner = innerlight(F(max(F(front - rear), F(0))), along, body[INNER])
        if body[CRACK] > F(0):
            inner = F(inner + cracklight(
                crack[0], crack[1], crack[2], crack[3], u, v, front, rear, body[GRAIN]
            ))  # fmt: skip
        behind = F(body[CLEAR] * F(F(1) - mirrored[i, 9]))
        power = F(body[POWER] * rooted(along)) if body[MIRROR] <= F(0.9) else body[POWER]
        for c in range(3):
            glass = F(colour[c] * power)
            glass = F(glass + inner * body[GLOW_R + c] + rim * F(F(0.5) + body[TINT_R + c]))
            laid[c, at] += F(glass * cover * still)
        laid[3, at] = F(still * F(F(1) + F(behind - F(1)) * cover))
        n += 1


@njit(**INLINE)
def _rimlight(seam, out, caught, edge):  # type: ignore[no-untyped-def]
    """Light of bevels between facets, and of the outline."""
    bevel = F(max(F(F(1) - F(0.16) * seam * seam), F(0)))
    bevel = F(bevel * bevel * bevel)
    outline = F(max(F(F(1) - F(0.06) * out * out), F(0)))
    outline = F(outline * outline * outline)
    return F(edge * F(bevel * caught + F(0.15) * outline))


@njit(**KERNEL)
def _depth_row(near, which, own, seen, faces, width, v, start, step):  # type: ignore[no-untyped-def]
    """Along a row: the two nearest facets in front and behind, with their depths."""
    for n in range(width):
        near[0, n], near[1, n], near[2, n], near[3, n] = F(FAR), F(FAR), F(-FAR), F(-FAR)
        which[0, n], which[1, n], which[2, n], which[3, n] = I(0), I(0), I(0), I(0)
    for k in range(faces):
        base = F(seen[k, 0] + seen[k, 2] * v + seen[k, 1] * start)
        slope = F(seen[k, 1] * step)
        if own[k, 2] > F(0):
            _add_front(near[0], near[1], which[0], which[1], width, base, slope, I(k))
        else:
            _add_rear(near[2], near[3], which[2], which[3], width, base, slope, I(k))


@njit(**KERNEL)
def _add_front(first, second, one, two, width, base, slope, k):  # type: ignore[no-untyped-def]
    # In this order and with min and max: LLVM for AVX-512 got a wrong second facet from selects.
    for n in range(width):
        z = F(base + slope * F(I(n)))
        a, b = first[n], second[n]
        i, j = one[n], two[n]
        nearer = z < a
        next_one = z < b
        second[n] = max(a, min(z, b))
        first[n] = min(z, a)
        two[n] = i if nearer else (k if next_one else j)
        one[n] = k if nearer else i


@njit(**KERNEL)
def _add_rear(last, second, one, two, width, base, slope, k):  # type: ignore[no-untyped-def]
    for n in range(width):
        z = F(base + slope * F(I(n)))
        a, b = last[n], second[n]
        i, j = one[n], two[n]
        farther = z > a
        next_one = z > b
        second[n] = min(a, max(z, b))
        last[n] = max(z, a)
        two[n] = i if farther else (k if next_one else j)
        one[n] = k if farther else i


@njit(**INLINE)
def _shade(colour, i, u, v, ways, opened, through, mirrored, meets, body, soft):  # type: ignore[no-untyped-def]
    """Colour of a front facet at a place, and the way through it that is seen."""
    glance = mirrored[i, 9]
    if body[MIRROR] > F(0.9):
        for c in range(3):
            m = F(mirrored[i, c] + mirrored[i, 3 + c] * u + mirrored[i, 6 + c] * v)
            colour[c] = F(F(max(m, F(0))) * glance * body[TINT_R + c])
        return I(0)
    first, second = F(FAR), F(FAR)
    a, b = I(0), I(0)
    for k in range(opened[i]):
        t = F(ways[i, k, 0] + ways[i, k, 1] * u + ways[i, k, 2] * v)
        if t < first:
            second, b = first, a
            first, a = t, I(k)
        elif t < second:
            second, b = t, I(k)
    seam = F(F(second - first) * meets[i, a, b])
    share = clamp01(F(seam * soft * F(0.6) + F(0.5)))
    deep = F(min(max(first, F(0)), F(2)))
    for c in range(3):
        m = F(mirrored[i, c] + mirrored[i, 3 + c] * u + mirrored[i, 6 + c] * v)
        t = F(through[i, a, c] + through[i, a, 3 + c] * u + through[i, a, 6 + c] * v)
        s = F(through[i, b, c] + through[i, b, 3 + c] * u + through[i, b, 6 + c] * v)
        s = F(max(s, F(0)))
        t = F(s + F(F(max(t, F(0))) - s) * share)
        t = F(t * F(F(1) + F(body[TINT_R + c] - F(1)) * deep * F(0.5)))
        colour[c] = F(t + F(F(max(m, F(0))) - t) * glance)
    return a
