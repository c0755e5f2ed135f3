"""Explosion: a breath inwards, then the cut bursts: light, a shock ring, and air that settles."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import (
    FAST,
    I32,
    F,
    FloatArray,
    U,
    UInt32Array,
    clamp,
)
from tasks.assembly.kernels_blur import expose
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan
from tasks.assembly.transitions.kernels import blur_radially, dim, zoom

# The breath: how far the old picture is drawn in, and how much darker it becomes.
_DRAWN_IN, _DARKER = 0.12, 0.35
# The burst: stops of light at the cut, reach of its smear, depth of the ring's refraction.
_STOPS = 3.2
_SMEAR = 0.22
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
    zoom(canvas.out, picture, F(1.0 + _DRAWN_IN * pull), F(1))
    dim(canvas.out, canvas.out, F(1.0 - _DARKER * pull))
    if pull <= 0.0:
        return canvas.out
    return blur_radially(canvas.out, canvas.spare, 0.5 * _SMEAR * pull, 2)


def burst(picture: FloatArray, canvas: Canvas, part: float, *, bright: bool) -> FloatArray:
    """Show a picture `part` (0..1) of the way from the blast to rest."""
    # Fast at first, as a blast is: the ring slows down as it grows.
    grown = 1.0 - (1.0 - part) ** 2
    left = (1.0 - part) ** 3
    glare = _RING_LIGHT * (1.0 - part) ** 2 if bright else 0.0
    ring = _RING * (1.0 - part)
    _refract(canvas.out, picture, F(grown * _RING_REACH), F(ring), F(_RING_WIDTH), F(glare))
    smeared = canvas.out
    if left > 0.004:
        smeared = blur_radially(canvas.out, canvas.spare, _SMEAR * left, 3)
    if bright and left > 0.0:
        expose(smeared, F(2.0 ** round(_STOPS * left, 5)))
    return smeared


@njit(**FAST)
def _refract(
    out: FloatArray, picture: FloatArray, radius: float, depth: float, width: float, light: float
) -> None:
    """Bend a picture at a ring about its middle and light the ring; lengths of the diagonal."""
    channels, h, w = out.shape
    index = np.empty(w, np.uint32)
    fx = np.empty(w, np.float32)
    fy = np.empty(w, np.float32)
    crest = np.empty(w, np.float32)
    taps = np.empty((4, w), np.float32)
    size = np.sqrt(F(w * w + h * h)) * F(0.5)
    for y in range(h):
        for c in range(channels):
            # Red bends less than blue: the ring has a coloured rim.
            bend = F(depth * (F(0.8) + F(0.2) * F(c)))
            _ring_row(index, fx, fy, crest, I32(y), I32(w), I32(h), size, radius, bend, width)
            _fetch(taps, picture[c].reshape(-1), index, U(w))
            _lit_row(out[c, y], taps[0], taps[1], taps[2], taps[3], fx, fy, crest, light)


@njit(**FAST)
def _ring_row(index, fx, fy, crest, y, w, h, size, radius, bend, width):  # type: ignore[no-untyped-def]
    middle_x, middle_y = F(F(w - I32(1)) * F(0.5)), F(F(h - I32(1)) * F(0.5))
    dy = F(F(y) - middle_y)
    per = F(F(1) / size)
    thin = F(F(1) / width)
    for x in range(index.shape[0]):
        dx = F(F(I32(x)) - middle_x)
        far = F(F(np.sqrt(F(dx * dx + dy * dy))) * per)
        off = F((far - radius) * thin)
        hill = F(max(F(F(1) - off * off), F(0)))
        hill = F(hill * hill)
        crest[x] = hill
        pull = F(F(1) - hill * bend)
        sx = clamp(F(middle_x + dx * pull), F(0), F(F(w) - F(1.001)))
        sy = clamp(F(middle_y + dy * pull), F(0), F(F(h) - F(1.001)))
        ix, iy = I32(sx), I32(sy)
        fx[x] = F(sx - F(ix))
        fy[x] = F(sy - F(iy))
        index[x] = U(I32(iy * w + ix))


@njit(**FAST)
def _fetch(taps: FloatArray, plane: FloatArray, index: UInt32Array, w: int) -> None:
    for x in range(index.shape[0]):
        i = index[x]
        taps[0, x] = plane[i]
        taps[1, x] = plane[U(i + U(1))]
        taps[2, x] = plane[U(i + w)]
        taps[3, x] = plane[U(U(i + w) + U(1))]


@njit(**FAST)
def _lit_row(out, a, b, c, d, fx, fy, crest, light):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        top = F(a[x] + (b[x] - a[x]) * fx[x])
        low = F(c[x] + (d[x] - c[x]) * fx[x])
        value = F(top + (low - top) * fy[x])
        lamp = F(crest[x] * light)
        out[x] = F(min(F(value * (F(1) + F(2) * lamp) + F(0.12) * lamp), F(1)))
