"""Explosion: a breath inwards, then the cut bursts: light, a shock ring, and air that settles.

Parameters: draw and darkness of the breath (shares), light of the blast (stops), reach of the
smear (share of the distance from the middle), depth, width and light of the ring (shares of half
the diagonal; factor).
"""

import numpy as np
from numba import njit

from tasks.assembly.kernels import (
    FAST,
    I32,
    F,
    FloatArray,
    U,
    clamp,
)
from tasks.assembly.kernels_blur import expose
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan
from tasks.assembly.transitions.kernels import copy_row, dim, zoom
from tasks.assembly.transitions.kernels_smear import (
    from_light,
    halve_light,
    lay_smear,
    middle_span,
    sharp_radius,
    to_light,
    zoom_light,
    zoom_middle,
)

# The breath: how far the old picture is drawn in, and how much darker it becomes.
_DRAWN_IN, _DARKER = 0.12, 0.35
# The burst: stops of light at the cut, reach of its smear, depth of the ring's refraction.
_STOPS = 3.2
_SMEAR = 0.22
# Above this share of the smear, eight samples of it would be seen as dots.
_FAR = 0.3
# A smear that reaches less is not seen.
_LEAST = 0.0044
_RING = 0.16
_RING_WIDTH = 0.13
_RING_LIGHT = 0.9
# The ring has left the corners at this progress of the burst.
_RING_REACH = 0.85


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Draw in before the cut, burst after it."""
    if at.progress < 0.5:
        return _breathe_in(before, canvas, 2.0 * at.progress)
    return burst(after, canvas, 2.0 * at.progress - 1.0, bright=at.bright)


def _breathe_in(picture: FloatArray, canvas: Canvas, part: float) -> FloatArray:
    pull = part * part
    step, reach = F(1.0 + _DRAWN_IN * pull), 0.5 * _SMEAR * pull
    if reach > _LEAST:
        zoom_middle(canvas.out, picture, step, sharp_radius(reach))
        zoom_light(canvas.half, picture, canvas.half_too, step)
        lay_smear(canvas.out, canvas.half, canvas.half_too, reach, 3)
    else:
        zoom(canvas.out, picture, step, F(1))
    dim(canvas.out, canvas.out, F(1.0 - _DARKER * pull))
    return canvas.out


def burst(picture: FloatArray, canvas: Canvas, part: float, *, bright: bool) -> FloatArray:
    """Show a picture `part` (0..1) of the way from the blast to rest."""
    # Fast at first, as a blast is: the ring slows down as it grows.
    grown = 1.0 - (1.0 - part) ** 2
    left = (1.0 - part) ** 3
    glare = _RING_LIGHT * (1.0 - part) ** 2 if bright else 0.0
    ring = _RING * (1.0 - part)
    told = (F(grown * _RING_REACH), F(ring), F(_RING_WIDTH), F(glare))
    reach = _SMEAR * left
    within = sharp_radius(reach) if reach > _LEAST else F(max(picture.shape))
    _refract(canvas.out, picture, within, *told)
    if reach > _LEAST:
        # What the smear covers is bent at its own half size.
        halve_light(canvas.half, picture)
        from_light(canvas.half)
        _refract(canvas.half_too, canvas.half, F(max(picture.shape)), *told)
        to_light(canvas.half_too)
        steps = 4 if left > _FAR else 3
        lay_smear(canvas.out, canvas.half_too, canvas.half, reach, steps)
    if bright and left > 0.0:
        expose(canvas.out, F(round(2.0 ** (_STOPS * left), 5)))
    return canvas.out


@njit(**FAST)
def _refract(
    out: FloatArray,
    picture: FloatArray,
    within: float,
    radius: float,
    depth: float,
    width: float,
    light: float,
) -> None:
    """Bend a picture at a ring about its middle and light the ring; lengths of the diagonal.

    Written is what lies at most `within` pixels from the middle. Only what the ring covers is
    worked on: a piece of each row, or two where it is hollow.
    """
    channels, h, w = out.shape
    top, bottom = middle_span(h, within)
    first, last = middle_span(w, within)
    size = F(np.sqrt(F(w * w + h * h)) * F(0.5))
    inner = F(max(F(radius - width), F(0)) * size)
    outer = F((radius + width) * size)
    scratch = np.empty((8, w), np.float32)
    index = np.empty(w, np.uint32)
    middle = F(F(w - 1) * F(0.5))
    for y in range(top, bottom):
        for c in range(channels):
            copy_row(out[c, y, first:last], picture[c, y, first:last])
        dy = F(F(I32(y)) - F(F(h - 1) * F(0.5)))
        if F(abs(dy)) >= outer:
            continue
        far = I32(np.sqrt(F(outer * outer - dy * dy)))
        near = I32(0) if F(abs(dy)) >= inner else I32(np.sqrt(F(inner * inner - dy * dy)))
        low, high = max(I32(middle) - far, I32(first)), min(I32(middle) + far + I32(2), I32(last))
        if near < I32(8):
            _ring_piece(out, picture, y, low, high, scratch, index, radius, depth, width, light)
        else:
            left, right = I32(middle) - near + I32(1), I32(middle) + near
            _ring_piece(out, picture, y, low, left, scratch, index, radius, depth, width, light)
            _ring_piece(out, picture, y, right, high, scratch, index, radius, depth, width, light)


@njit(**FAST)
def _ring_piece(out, picture, y, low, high, scratch, index, radius, depth, width, light):  # type: ignore[no-untyped-def]
    channels, h, w = picture.shape
    if high <= low:
        return
    pieces = scratch[:, low:high]
    crest, fx, fy = pieces[0], pieces[1], pieces[2]
    piece = index[low:high]
    _crest_row(crest, I32(low), I32(y), I32(w), I32(h), radius, width)
    for c in range(channels):
        # Red bends less than blue: the ring has a coloured rim.
        bend = F(depth * (F(0.8) + F(0.2) * F(c)))
        _bent_row(piece, fx, fy, crest, I32(low), I32(y), I32(w), I32(h), bend)
        _fetch(pieces[3], pieces[4], pieces[5], pieces[6], picture[c].reshape(-1), piece, U(w))
        line = out[c, y, low:high]
        _lit_row(line, pieces[3], pieces[4], pieces[5], pieces[6], fx, fy, crest, light)


@njit(**FAST)
def _crest_row(crest, low, y, w, h, radius, width):  # type: ignore[no-untyped-def]
    """How much of the ring each pixel has, 0..1."""
    middle_x, middle_y = F(F(w - I32(1)) * F(0.5)), F(F(h - I32(1)) * F(0.5))
    dy = F(F(y) - middle_y)
    per = F(F(2) / F(np.sqrt(F(w * w + h * h))))
    thin = F(F(1) / width)
    # A ring that is smaller than it is wide is filled: the heart of the blast, not a hole in it.
    filled = F(thin * min(F(radius * thin), F(1)))
    for x in range(crest.shape[0]):
        dx = F(F(I32(x) + low) - middle_x)
        far = F(F(np.sqrt(F(dx * dx + dy * dy))) * per)
        off = F((far - radius) * (thin if far > radius else filled))
        hill = F(max(F(F(1) - off * off), F(0)))
        crest[x] = F(hill * hill)


@njit(**FAST)
def _bent_row(index, fx, fy, crest, low, y, w, h, bend):  # type: ignore[no-untyped-def]
    middle_x, middle_y = F(F(w - I32(1)) * F(0.5)), F(F(h - I32(1)) * F(0.5))
    dy = F(F(y) - middle_y)
    top_x, top_y = F(F(w) - F(1.001)), F(F(h) - F(1.001))
    for x in range(index.shape[0]):
        pull = F(F(1) - crest[x] * bend)
        dx = F(F(I32(x) + low) - middle_x)
        sx = clamp(F(middle_x + dx * pull), F(0), top_x)
        sy = clamp(F(middle_y + dy * pull), F(0), top_y)
        ix, iy = I32(sx), I32(sy)
        fx[x] = F(sx - F(ix))
        fy[x] = F(sy - F(iy))
        index[x] = U(I32(iy * w + ix))


@njit(**FAST)
def _fetch(a, b, c, d, plane, index, w):  # type: ignore[no-untyped-def]
    for x in range(index.shape[0]):
        i = index[x]
        a[x] = plane[i]
        b[x] = plane[U(i + U(1))]
        c[x] = plane[U(i + w)]
        d[x] = plane[U(U(i + w) + U(1))]


@njit(**FAST)
def _lit_row(out, a, b, c, d, fx, fy, crest, light):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        top = F(a[x] + (b[x] - a[x]) * fx[x])
        low = F(c[x] + (d[x] - c[x]) * fx[x])
        value = F(top + (low - top) * fy[x])
        lamp = F(crest[x] * light)
        out[x] = F(min(F(value * (F(1) + F(2) * lamp) + F(0.12) * lamp), F(1)))
