"""A deck of cloud in perspective: a sea seen from above, or a ceiling seen from below.

The slab is cut into level planes; a ray gathers cover from the nearest to the farthest, where the
height of the cloud there exceeds the plane. Light is one second look at the height field toward
the sun. Detail fades where it is finer than a sample.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.air import (
    AIR_STEP,
    HORIZON,
    LOW,
    SHADE,
    SUN,
    SUN_X,
    SUN_Y,
    Air,
)
from tasks.rendering.backends.procedural.fields import scratch
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    decay,
    lerp,
    noise,
    smooth,
)
from tasks.rendering.renderer import FloatArray

PLANES = 8
FOCAL = 1.25  # half-heights: a lens of about 75 degrees across a wide picture
THICK = 0.30  # of the slab, in heights of the camera above its top
FAR = 26.0  # heights of the camera; beyond lies haze
# Places in a slab's row of values.
(X, Z, SIZE, COVER, BILLOW, WAY, LIT, DEEP, HAZE, STRETCH, BOIL, GAP) = range(12)


@dataclass(frozen=True)
class Slab:
    """A deck as a frame has it; lengths in heights of the camera above (below) it.

    Attributes:
        x: Place of the camera, sideways.
        z: Place of the camera, forward.
        size: Clouds a length.
        cover: Share of the deck that is cloud, about 0..1.
        billow: 0 wisps to 1 round heads.
        way: 1 seen from above, -1 seen from below.
        lit: Sunlight.
        deep: Light in the shade.
        haze: Share of light lost a length.
        stretch: How much longer clouds are away from us than across.
        boil: How far the clouds have changed.
        gap: Half-heights at the horizon that the deck leaves free.
    """

    x: float
    z: float
    size: float
    cover: float
    billow: float
    way: float
    lit: float
    deep: float
    haze: float
    stretch: float
    boil: float
    gap: float


class SlabWork:
    """Work rows of the slab, made once a clip."""

    def __init__(self, air: Air) -> None:
        self.rows = scratch(9, air.rgb.shape[2])


def paint_slab(
    air: Air,
    work: SlabWork,
    view: FloatArray,
    sun: FloatArray,
    *,
    slab: Slab,
    seed: np.uint32,
) -> None:
    """Lay the deck over the air.

    Args:
        air: The sky so far; cloud covers it and dims `clear`.
        work: Rows to work in.
        view: Camera, as from `look_through`.
        sun: Values of the air.
        slab: The deck.
        seed: Of the clouds.
    """
    values = np.array(astuple(slab), np.float32)
    _slab(air.rgb, air.clear, work.rows, view, sun, values, air.colors, seed)


@njit(**INLINE)
def _puff(n, billow):  # type: ignore[no-untyped-def]
    """Noise, or round heads with creases between, or what lies between the two."""
    return F(n + F(F(abs(n)) * F(2.2) - F(0.42) - n) * billow)


@njit(**KERNEL)
def _heights(out, xs, zs, foot, size, stretch, billow, boil, seed, first, octaves):  # type: ignore[no-untyped-def]
    """Height of the cloud along a row: octaves that fade where `foot` swallows them."""
    for x in range(out.shape[0]):
        out[x] = F(0)
    scale = size
    amount = F(0.62)
    for k in range(octaves):
        if k >= first:
            own = U(seed + U(k * 1013))
            shift = F(F(31.7) * F(I(k)) + F(40) + boil * F(F(1) + F(0.7) * F(I(k))))
            narrow = F(scale / stretch)
            for x in range(out.shape[0]):
                a = F(xs[x] * scale)
                b = F(zs[x] * narrow)
                n = noise(
                    F(F(0.8) * a + F(0.6) * b + shift), F(F(0.8) * b - F(0.6) * a + shift), own
                )
                keep = clamp01(F(F(1.6) - F(2.6) * foot[x] * narrow))
                out[x] += F(amount * keep * _puff(n, billow))
        scale = F(scale * F(2.03))
        amount = F(amount * F(0.5))


@njit(**KERNEL)
def _slab(rgb, clear, work, view, sun, slab, colors, seed):  # type: ignore[no-untyped-def]
    pixel = F(F(FOCAL * AIR_STEP) * F(np.sqrt(F(view[0] * view[0] + view[3] * view[3]))))
    for r in range(rgb.shape[1]):
        if _aim_row(work, view, sun, slab, r):
            _march(work, slab, pixel, seed)
            _light_row(work, sun, slab, pixel, seed)
            _lay_row(rgb, clear, work, slab, colors, r)


@njit(**KERNEL)
def _aim_row(work, view, sun, slab, r):  # type: ignore[no-untyped-def]
    """Slope of every ray toward the slab and its sideways part; whether any meets it."""
    py = F(I(r - 1) * I(AIR_STEP))
    meets = False
    for x in range(work.shape[1]):
        px = F(I(x - 1) * I(AIR_STEP))
        sx = F(view[0] * px + view[1] * py + view[2])
        sy = F(view[3] * px + view[4] * py + view[5])
        down = F(F(sy - sun[HORIZON]) * slab[WAY])
        work[0, x] = sx
        work[1, x] = down
        dx = F(sx - sun[SUN_X])
        dy = F(sy - sun[SUN_Y])
        work[8, x] = F(F(1) / F(F(1) + F(1.8) * F(dx * dx + F(0.5) * dy * dy)))
        meets |= down > F(1.0 / FAR)
    return meets


@njit(**KERNEL)
def _march(work, slab, pixel, seed):  # type: ignore[no-untyped-def]
    """Through the planes: rows 2..4 become light let through, mean height, mean distance."""
    columns = work.shape[1]
    xs = np.empty(columns, np.float32)
    zs = np.empty(columns, np.float32)
    foot = np.empty(columns, np.float32)
    height = np.empty(columns, np.float32)
    for x in range(columns):
        work[2, x] = F(1)
        work[3, x] = F(0)
        work[4, x] = F(0)
    soft = F(F(0.16) + F(1.3) / F(PLANES))
    for k in range(PLANES):
        level = F(F(1) - F(I(k)) / F(PLANES - 1))
        above = F(F(1) + F(THICK) * F(F(1) - level))
        for x in range(columns):
            t = F(above / F(max(work[1, x], F(0.6 / FAR))))
            xs[x] = F(work[0, x] * t + slab[X])
            zs[x] = F(F(FOCAL) * t + slab[Z])
            foot[x] = F(pixel * t * t / above)
            work[5, x] = t
        _heights(
            height,
            xs,
            zs,
            foot,
            slab[SIZE],
            slab[STRETCH],
            slab[BILLOW],
            slab[BOIL],
            seed,
            I(0),
            I(3),
        )
        for x in range(columns):
            h = F(height[x] + slab[COVER])
            cover = smooth(F(0), soft, F(h - level))
            part = F(work[2, x] * cover)
            work[3, x] += F(part * level)
            work[4, x] += F(part * work[5, x])
            work[2, x] = F(work[2, x] - part)
    for x in range(columns):
        inverse = F(F(1) / F(max(F(F(1) - work[2, x]), F(1e-3))))
        work[3, x] = F(work[3, x] * inverse)
        work[4, x] = F(work[4, x] * inverse)


@njit(**KERNEL)
def _light_row(work, sun, slab, pixel, seed):  # type: ignore[no-untyped-def]
    """Rows 5 and 6 become sunlight and fine relief where the ray ended."""
    columns = work.shape[1]
    xs = np.empty(columns, np.float32)
    zs = np.empty(columns, np.float32)
    foot = np.empty(columns, np.float32)
    toward = np.empty(columns, np.float32)
    fine = np.empty(columns, np.float32)
    for x in range(columns):
        t = work[4, x]
        xs[x] = F(work[0, x] * t + slab[X])
        zs[x] = F(F(FOCAL) * t + slab[Z])
        foot[x] = F(pixel * t * t)
    _heights(
        fine, xs, zs, foot, slab[SIZE], slab[STRETCH], slab[BILLOW], slab[BOIL], seed, I(3), I(6)
    )
    reach = F(F(0.34) / slab[SIZE])
    for x in range(columns):
        side = F(sun[SUN_X] - work[0, x])
        inverse = F(reach / F(np.sqrt(F(side * side + F(1)))))
        xs[x] += F(side * inverse)
        zs[x] += inverse
    _heights(
        toward, xs, zs, foot, slab[SIZE], slab[STRETCH], slab[BILLOW], slab[BOIL], seed, I(0), I(3)
    )
    for x in range(columns):
        block = F(max(F(toward[x] + slab[COVER] - work[3, x] + F(0.12)), F(0)))
        work[5, x] = decay(F(F(3.2) * block))
        work[6, x] = fine[x]


@njit(**KERNEL)
def _lay_row(rgb, clear, work, slab, colors, r):  # type: ignore[no-untyped-def]
    """Colour the deck and put it over the sky, into the haze of the horizon."""
    for x in range(work.shape[1]):
        t = work[4, x]
        cover = F(F(1) - work[2, x])
        cover = F(cover * smooth(slab[GAP], F(slab[GAP] * F(3) + F(0.03)), work[1, x]))
        level = clamp01(F(work[3, x] + F(2.2) * work[6, x]))
        lit = F(work[5, x] * F(F(0.25) + F(0.75) * level) + F(2.2) * work[6, x] * work[5, x])
        work[5, x] = F(max(lit, F(0)) * slab[LIT] * F(F(0.22) + F(1.1) * work[8, x]))
        work[6, x] = F(slab[DEEP] * F(F(0.15) + F(0.95) * level * level))
        work[7, x] = F(F(1) - decay(F(slab[HAZE] * F(max(F(t - F(1)), F(0))))))
        work[3, x] = cover
        clear[r, x] = F(clear[r, x] * F(F(1) - cover))
    for c in range(3):
        sun = colors[SUN, c]
        shade = colors[SHADE, c]
        low = colors[LOW, c]
        for x in range(work.shape[1]):
            cloud = F(sun * work[5, x] + shade * work[6, x])
            far = F(low * F(0.75) + sun * F(0.45) * work[8, x])
            cloud = lerp(cloud, far, work[7, x])
            rgb[c, r, x] = lerp(rgb[c, r, x], cloud, work[3, x])
