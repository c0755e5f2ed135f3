"""What stands on a horizon: mountains, hills, trees, a town, as silhouettes before the light.

A profile is drawn once a clip, as heights along a long line; a frame only looks it up, so that it
may be rolled, panned and scaled like everything else in the scene.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    floor_i,
    lerp,
    mix,
    noise,
    row_fbm,
    unit,
)
from tasks.rendering.renderer import FloatArray

STEPS_A_UNIT = 512  # samples of a profile a half-height
REACH = 8.0  # half-heights that a profile goes either way, then it begins again, mirrored
STEPS = int(2 * REACH * STEPS_A_UNIT)
MOUNTAINS, HILLS, TREES, TOWN, PLAIN = range(5)
KIND_NAMES = {"mountains": MOUNTAINS, "hills": HILLS, "trees": TREES, "town": TOWN, "plain": PLAIN}
# Values of a ridge: height of its foot (downwards), its own height, shift sideways, how fast it
# fades into the haze downwards.
(FOOT, TALL, SHIFT, FADE) = range(4)


def ridge_profile(kind: str, *, seed: np.uint32) -> FloatArray:
    """Heights of a sky line, about 0..1, shape (STEPS,).

    Args:
        kind: One of `KIND_NAMES`.
        seed: Of this ridge.
    """
    out = np.zeros(STEPS, np.float32)
    _ground(out, KIND_NAMES[kind], seed)
    if kind == "trees":
        _plant(out, seed)
    if kind == "town":
        _build(out, seed)
    return out


@njit(**KERNEL)
def _ground(out, kind, seed):  # type: ignore[no-untyped-def]
    xs = np.empty(out.shape[0], np.float32)
    ys = np.empty(out.shape[0], np.float32)
    pace = F(1.45) if kind == MOUNTAINS else F(0.8)
    for x in range(out.shape[0]):
        xs[x] = F(F(I(x)) * pace / F(STEPS_A_UNIT) + F(40))
        ys[x] = F(7.3)
    row_fbm(out, xs, ys, seed, I(7 if kind == MOUNTAINS else 3), F(0.8))
    for x in range(out.shape[0]):
        if kind == MOUNTAINS:
            peak = F(max(F(F(0.42) + out[x] * F(1.25)), F(0)))
            out[x] = F(peak * F(F(0.35) + F(0.65) * peak))
        elif kind == PLAIN:
            out[x] = F(F(0.04) + F(0.05) * out[x])
        else:
            out[x] = F(max(F(F(0.34) + F(0.55) * out[x]), F(0.02)))


@njit(**KERNEL)
def _plant(out, seed):  # type: ignore[no-untyped-def]
    """Firs and round crowns along the line, in groves."""
    place = 0
    k = 0
    while place < out.shape[0]:
        h = mix(U(U(k) * U(0x9E3779B1) ^ seed))
        tall = F(F(0.14) + F(0.32) * unit(h) * unit(mix(U(h + U(5)))))
        fir = unit(mix(U(h + U(1)))) < F(0.86)
        half = I(tall * F(STEPS_A_UNIT) * (F(0.16) if fir else F(0.24))) + I(2)
        base = out[place] * F(0.55)
        for m in range(-half, half + 1):
            x = place + m
            if x < 0 or x >= out.shape[0]:
                continue
            u = F(F(I(abs(m))) / F(half))
            tiers = F(F(u * F(4)) - F(floor_i(F(u * F(4)))))
            leaf = noise(F(F(I(x)) * F(0.07)), F(F(I(k)) * F(3.3)), seed)
            leaf = F(F(0.72) + F(0.45) * leaf + F(0.3) * noise(F(F(I(x)) * F(0.2)), F(5), seed))
            crown = F(np.sqrt(F(F(1) - u * u)) * leaf)
            crown = F(F(1) - u - F(0.10) * tiers) if fir else crown
            out[x] = F(max(out[x] * F(0.999), F(base + tall * crown)))
        gap = F(F(0.3) + F(1.5) * unit(mix(U(h + U(2)))) * unit(mix(U(h + U(3)))))
        place += I(F(half) * gap) + I(2)
        k += 1
    for x in range(out.shape[0]):
        out[x] = F(out[x] * F(0.8))


@njit(**KERNEL)
def _build(out, seed):  # type: ignore[no-untyped-def]
    """Blocks, some stepped, some with a mast."""
    place = 0
    k = 0
    while place < out.shape[0]:
        h = mix(U(U(k) * U(0x9E3779B1) ^ seed))
        r = unit(h)
        wide = I(F(STEPS_A_UNIT) * F(F(0.03) + F(0.09) * unit(mix(U(h + U(1))))))
        near = F(F(0.35) + max(out[place], F(0)))
        tall = F(F(0.08) + F(0.75) * r * r * near)
        step = unit(mix(U(h + U(2)))) < F(0.4)
        mast = unit(mix(U(h + U(3)))) < F(0.25)
        for m in range(min(wide, out.shape[0] - place)):
            u = F(F(I(m)) / F(wide))
            inner = u > F(0.2) and u < F(0.8)
            top = F(tall * F(1.18)) if step and inner else tall
            if mast and abs(m - wide // 2) < 3:
                top = F(top + F(0.16) * near)
            out[place + m] = top
        place += wide
        k += 1


@njit(**INLINE)
def _height(profile, at):  # type: ignore[no-untyped-def]
    """Height at a place of the line, mirrored beyond its ends."""
    s = F(F(at + F(REACH)) * F(STEPS_A_UNIT))
    s = F(abs(s))
    turns = F(s * F(0.5 / STEPS))
    s = F(s - F(F(floor_i(turns)) * F(2 * STEPS)))
    s = F(min(s, F(F(2 * STEPS) - s)))
    s = F(min(s, F(STEPS - 2)))
    j = I(s)
    a = profile[j]
    return F(a + F(profile[j + 1] - a) * F(s - F(j)))


@njit(**KERNEL)
def draw_ridge(planes, profile, view, ridge, top, foot):  # type: ignore[no-untyped-def]
    """Put a ridge before what is there.

    Args:
        planes: Picture of any grid, shape (n, rows, columns).
        profile: From `ridge_profile`.
        view: From the grid's columns and rows to the scene.
        ridge: FOOT, TALL, SHIFT, FADE; lengths in half-heights.
        top: Colour at the sky line, shape (n,).
        foot: Colour far below it, shape (n,): the haze that it stands in.
    """
    count, rows, columns = planes.shape
    pixel = F(np.sqrt(F(view[0] * view[0] + view[3] * view[3])))
    cover = np.empty(columns, np.float32)
    deep = np.empty(columns, np.float32)
    peak = F(ridge[FOOT] - F(1.3) * ridge[TALL])
    for r in range(rows):
        y = F(I(r))
        left = F(view[4] * y + view[5])
        right = F(left + view[3] * F(columns))
        if F(max(left, right)) < F(peak - F(2) * pixel):
            continue
        if F(min(left, right)) > F(ridge[FOOT] + F(2) * pixel + F(0.2) * ridge[TALL]):
            for x in range(columns):
                cover[x] = F(1)
        else:
            _cover_row(cover, profile, view, ridge, y, pixel)
        for x in range(columns):
            deep[x] = clamp01(F(F(left + view[3] * F(I(x)) - peak) * ridge[FADE]))
        for c in range(count):
            high = top[c]
            low = foot[c]
            for x in range(columns):
                planes[c, r, x] = lerp(planes[c, r, x], lerp(high, low, deep[x]), cover[x])


@njit(**KERNEL)
def _cover_row(cover, profile, view, ridge, y, pixel):  # type: ignore[no-untyped-def]
    """Share of every pixel of a row that lies below the sky line."""
    sharp = F(F(1) / pixel)
    for x in range(cover.shape[0]):
        sx = F(view[0] * F(F(I(x)) - F(0.5)) + view[1] * y + view[2] + ridge[SHIFT])
        cover[x] = _height(profile, sx)
    last = cover.shape[0] - 1
    for x in range(cover.shape[0]):
        sy = F(view[3] * F(I(x)) + view[4] * y + view[5])
        a = cover[x]
        b = cover[min(x + 1, last)]
        line = F(ridge[FOOT] - ridge[TALL] * F(F(a + b) * F(0.5)))
        steep = F(F(1) + ridge[TALL] * F(abs(F(a - b))) * sharp)
        cover[x] = clamp01(F(F(sy - line) * sharp / steep + F(0.5)))
