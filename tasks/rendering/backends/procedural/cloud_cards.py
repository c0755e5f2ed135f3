"""Clouds as seen from the side: depth fields on cards, one behind the other, lit by the sun.

A card's depth is noise and an envelope. Its light is found on the depth itself: the field a
little, and a lot, nearer to the sun is what shades a place; thin edges before the sun shine.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.air import (
    AIR_STEP,
    GLOW,
    HALO,
    LOW,
    SHADE,
    SUN,
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

NO_CLOUD = -0.85  # of an envelope: noise cannot lift it above nothing
FLASHES = 3  # places of light within the clouds
# Places in a card's row of values.
(SIZE, STRETCH, OFF_X, OFF_Y, BOIL, BILLOW, WARP, ROUGH) = range(8)
(LEVEL, TOP, TOP_WIDTH, TOP_LOSS, BASE, BASE_WIDTH, BASE_LOSS) = range(8, 15)
(ROUND, ROUND_X, ROUND_Y, ROUND_TALL, LEAN) = range(15, 20)
(SOFT, DEEP, VEIL, LIT, DIM, RIM, DYE, OCTAVES) = range(20, 28)


@dataclass(frozen=True)
class Card:
    """One card of cloud; lengths in half-heights, y downwards.

    Attributes:
        size: Clouds a half-height.
        stretch: How much wider than high they are.
        off_x: Place in the noise, which drifts.
        off_y: Likewise.
        boil: How far the clouds have changed.
        billow: 0 wisps to 1 round heads.
        warp: How far the noise is folded.
        rough: Weight of each octave against the one before.
        level: Depth everywhere, about -0.5 (hardly any cloud) to 0.6 (overcast).
        top: Where the depth begins to fall towards the sky.
        top_width: Over what length.
        top_loss: By how much.
        base: The same towards the ground.
        base_width: Over what length.
        base_loss: By how much.
        round: Depth lost a square half-height off the centre.
        round_x: The centre.
        round_y: The centre.
        round_tall: How much faster it is lost up and down.
        lean: Sideways a length downwards.
        soft: Depth at which a cloud is opaque.
        deep: How dark depth toward the sun makes it; 0 for mist, which is lit all through.
        veil: Share of haze before it.
        lit: Sunlight.
        dim: Light of the sky.
        rim: Silver lining.
        dye: 0 the sun's colour to 1 the glow's.
        octaves: Of the noise.
    """

    size: float = 1.0
    stretch: float = 1.0
    off_x: float = 40.0
    off_y: float = 40.0
    boil: float = 0.0
    billow: float = 0.8
    warp: float = 0.0
    rough: float = 0.5
    level: float = 0.3
    top: float = -9.0
    top_width: float = 1.0
    top_loss: float = 0.0
    base: float = 9.0
    base_width: float = 1.0
    base_loss: float = 0.0
    round: float = 0.0
    round_x: float = 0.0
    round_y: float = 0.0
    round_tall: float = 1.0
    lean: float = 0.0
    soft: float = 0.16
    deep: float = 1.6
    veil: float = 0.0
    lit: float = 1.0
    dim: float = 1.0
    rim: float = 0.8
    dye: float = 0.0
    octaves: int = 5


class CardWork:
    """Work arrays of the cards, made once a clip."""

    def __init__(self, air: Air) -> None:
        _, rows, columns = air.rgb.shape
        self.depth = scratch(rows, columns)
        self.rows = scratch(7, columns)


def paint_card(
    air: Air,
    work: CardWork,
    view: FloatArray,
    sun: FloatArray,
    *,
    card: Card,
    flashes: FloatArray,
    seed: np.uint32,
) -> None:
    """Lay one card over the air.

    Args:
        air: The picture so far; the card covers it and dims `clear`.
        work: Arrays to work in.
        view: Camera, as from `look_through`.
        sun: Values of the air.
        card: What is on it.
        flashes: Lights within the card: scene x, y, reach and strength, shape (3, 4).
        seed: Of the card's noise.
    """
    values = np.array(astuple(card), np.float32)
    _deepen(work.depth, work.rows, view, values, seed)
    column, row = air.sun_sample(view, sun)
    _lay_card(
        air.rgb, air.clear, work.depth, work.rows, view, sun, values, flashes, air.colors,
        np.float32(column), np.float32(row),
    )  # fmt: skip


@njit(**KERNEL)
def _deepen(depth, work, view, card, seed):  # type: ignore[no-untyped-def]
    """Depth of the cloud at every sample; far below zero where none can be."""
    rows, columns = depth.shape
    for r in range(rows):
        py = F(I(r - 1) * I(AIR_STEP))
        for x in range(columns):
            px = F(I(x - 1) * I(AIR_STEP))
            sx = F(view[0] * px + view[1] * py + view[2])
            sy = F(view[3] * px + view[4] * py + view[5])
            work[0, x] = F(F(sx * card[SIZE] / card[STRETCH]) + card[OFF_X])
            work[1, x] = F(sy * card[SIZE] + card[OFF_Y])
            dx = F(sx - card[ROUND_X] - card[LEAN] * F(sy - card[ROUND_Y]))
            dy = F(F(sy - card[ROUND_Y]) * card[ROUND_TALL])
            e = F(card[LEVEL] - card[ROUND] * F(dx * dx + dy * dy))
            e = F(e - card[TOP_LOSS] * smooth(card[TOP], F(card[TOP] - card[TOP_WIDTH]), sy))
            e = F(e - card[BASE_LOSS] * smooth(card[BASE], F(card[BASE] + card[BASE_WIDTH]), sy))
            depth[r, x] = e
        first = 0
        last = columns
        while first < last and depth[r, first] <= F(NO_CLOUD):
            first += 1
        while first < last and depth[r, last - 1] <= F(NO_CLOUD):
            last -= 1
        if first < last:
            _roughen(
                depth[r, first:last], work[0, first:last], work[1, first:last],
                work[2, first:last], work[3, first:last], card, seed,
            )  # fmt: skip


@njit(**KERNEL)
def _roughen(out, xs, ys, us, vs, card, seed):  # type: ignore[no-untyped-def]
    """Add warped noise to a row of depth: round heads, or wisps, or between."""
    boil = card[BOIL]
    billow = card[BILLOW]
    if card[WARP] > F(0):
        for x in range(out.shape[0]):
            a = F(xs[x] * F(0.7))
            b = F(ys[x] * F(0.7))
            us[x] = noise(F(a + F(90) + boil), F(b + F(70)), U(seed + U(71)))
            vs[x] = noise(F(a + F(50)), F(b + F(60) - boil), U(seed + U(72)))
        for x in range(out.shape[0]):
            xs[x] += F(card[WARP] * us[x])
            ys[x] += F(card[WARP] * vs[x])
    amount = F(0.8)
    for k in range(I(card[OCTAVES])):
        own = U(seed + U(k * 1013))
        shift = F(boil * F(F(0.6) + F(0.5) * F(I(k))))
        for x in range(out.shape[0]):
            n = noise(xs[x], F(ys[x] + shift), own)
            out[x] += F(amount * F(n + F(F(abs(n)) * F(2.1) - F(0.40) - n) * billow))
        for x in range(out.shape[0]):
            a = xs[x]
            b = ys[x]
            xs[x] = F(F(1.6) * a + F(1.2) * b + F(31.7))
            ys[x] = F(F(1.6) * b - F(1.2) * a + F(17.3))
        amount = F(amount * card[ROUGH])


@njit(**INLINE)
def _look(depth, row, column):  # type: ignore[no-untyped-def]
    """Depth between samples; edges repeat."""
    y = F(min(max(row, F(0)), F(F(depth.shape[0]) - F(1.01))))
    x = F(min(max(column, F(0)), F(F(depth.shape[1]) - F(1.01))))
    j = I(y)
    i = I(x)
    v = F(y - F(j))
    u = F(x - F(i))
    a = F(depth[j, i] + F(depth[j, i + 1] - depth[j, i]) * u)
    b = F(depth[j + 1, i] + F(depth[j + 1, i + 1] - depth[j + 1, i]) * u)
    return F(a + F(b - a) * v)


@njit(**INLINE)
def _glance(depth, row, column):  # type: ignore[no-untyped-def]
    """Depth on the nearest row, between its samples: enough for what is far."""
    y = F(min(max(F(row + F(0.5)), F(0)), F(F(depth.shape[0]) - F(0.51))))
    x = F(min(max(column, F(0)), F(F(depth.shape[1]) - F(1.01))))
    j = I(y)
    i = I(x)
    a = depth[j, i]
    return F(a + F(depth[j, i + 1] - a) * F(x - F(i)))


@njit(**KERNEL)
def _lay_card(rgb, clear, depth, work, view, sun, card, flashes, colors, sun_c, sun_r):  # type: ignore[no-untyped-def]
    rows, columns = depth.shape
    for r in range(rows):
        first = 0
        last = columns
        while first < last and depth[r, first] <= F(0):
            first += 1
        while first < last and depth[r, last - 1] <= F(0):
            last -= 1
        if first == last:
            continue
        own = depth[r, first:last]
        cover = work[0, first:last]
        sunny = work[1, first:last]
        sky = work[2, first:last]
        edge = work[3, first:last]
        within = work[4, first:last]
        if card[DEEP] > F(0):
            _light_row(depth, own, cover, sunny, sky, edge, sun, card, sun_c, sun_r, r, first)
        else:
            above = depth[max(r - rows // 24, 0), first:last]
            _thin_row(own, above, cover, sunny, sky, edge, sun, card, sun_c, sun_r, r, first, rows)
        _flash_row(own, sky, within, view, flashes, r, first)
        _dim_row(clear[r, first:last], cover)
        for c in range(3):
            lit = F(lerp(colors[SUN, c], colors[GLOW, c], card[DYE]) * card[LIT])
            rim = F(colors[SUN, c] * card[RIM])
            dim = F(colors[SHADE, c] * card[DIM])
            low = F(colors[LOW, c] * F(0.8))
            glow = F(colors[GLOW, c] * F(0.8) + colors[SUN, c] * F(0.2))
            out = rgb[c, r, first:last]
            for x in range(out.shape[0]):
                k = F(lit * sunny[x] + dim * sky[x] + rim * edge[x])
                k = F(lerp(k, low, card[VEIL]) + glow * within[x])
                out[x] = lerp(out[x], k, cover[x])


@njit(**KERNEL)
def _dim_row(clear, cover):  # type: ignore[no-untyped-def]
    for x in range(clear.shape[0]):
        clear[x] = F(clear[x] * F(F(1) - cover[x]))


@njit(**KERNEL)
def _light_row(depth, own, cover, sunny, sky, edge, sun, card, sun_c, sun_r, r, first):  # type: ignore[no-untyped-def]
    """Cover, sunlight, sky light and silver rim of a row; `first` is its column of the grid."""
    unit = F(F(depth.shape[0]) * F(0.5))
    row = F(I(r))
    dy = F(sun_r - row)
    for x in range(own.shape[0]):
        d = own[x]
        full = smooth(F(0), card[SOFT], d)
        dx = F(sun_c - F(I(x + first)))
        far = F(np.sqrt(F(dx * dx + dy * dy)) + F(0.5))
        inverse = F(unit / F(far + unit * F(0.12)))
        ux = F(dx / unit * inverse)
        uy = F(dy / unit * inverse)
        col = F(I(x + first))
        s0 = F(unit * F(0.035))
        s1 = F(unit * F(0.10))
        s2 = F(unit * F(0.24))
        near = _look(depth, F(row + uy * s0), F(col + ux * s0))
        mid = _glance(depth, F(row + uy * s1), F(col + ux * s1))
        wide = _glance(depth, F(row + uy * s2), F(col + ux * s2))
        over = F(max(mid, F(0)) * F(0.65) + max(wide, F(0)) * F(0.75) + max(d, F(0)) * F(0.3))
        relief = clamp01(F(F(0.42) + F(1.7) * F(d - near) + F(0.55) * F(d - mid)))
        q = F(far / unit)
        front = F(F(1) / F(F(1) + F(1.1) * q * q))
        cover[x] = full
        sunny[x] = F(relief * decay(F(card[DEEP] * over)) * F(F(0.5) + F(1.1) * front))
        sky[x] = F(F(0.35) + F(0.9) * relief)
        thin = F(full * F(F(1) - smooth(F(0), F(card[SOFT] * F(2.2)), d)))
        edge[x] = F(thin * front * front * sun[HALO])


@njit(**KERNEL)
def _thin_row(own, above, cover, sunny, sky, edge, sun, card, sun_c, sun_r, r, first, rows):  # type: ignore[no-untyped-def]
    """The same for mist: lit from above, brighter before the sun, without a look around."""
    unit = F(F(rows) * F(0.5))
    dy = F(F(sun_r - F(I(r))) / unit)
    for x in range(own.shape[0]):
        d = own[x]
        dx = F(F(sun_c - F(I(x + first))) / unit)
        front = F(F(1) / F(F(1) + F(1.1) * F(dx * dx + dy * dy)))
        relief = clamp01(F(F(0.42) + F(0.9) * F(d - above[x])))
        full = smooth(F(0), card[SOFT], d)
        cover[x] = full
        sunny[x] = F(relief * F(F(0.25) + F(1.15) * front))
        sky[x] = F(F(0.35) + F(0.9) * relief)
        edge[x] = F(full * F(F(1) - full) * front * front * sun[HALO])


@njit(**KERNEL)
def _flash_row(own, sky, within, view, flashes, r, first):  # type: ignore[no-untyped-def]
    """The light of flashes within: it fills what is round them, not what is deep."""
    py = F(I(r - 1) * I(AIR_STEP))
    for x in range(own.shape[0]):
        within[x] = F(0)
    for k in range(FLASHES):
        strength = flashes[k, 3]
        if strength <= F(0):
            continue
        tight = F(F(1) / F(flashes[k, 2] * flashes[k, 2]))
        for x in range(own.shape[0]):
            px = F(I(x + first - 1) * I(AIR_STEP))
            dx = F(F(view[0] * px + view[1] * py + view[2]) - flashes[k, 0])
            dy = F(F(view[3] * px + view[4] * py + view[5]) - flashes[k, 1])
            q = F(F(dx * dx + dy * dy) * tight)
            veil = F(F(0.15) + F(0.85) * decay(F(F(2.2) * max(F(own[x] - F(0.2)), F(0)))))
            veil = F(veil * sky[x] * sky[x] * F(1.3))
            within[x] += F(strength * veil * decay(F(F(2.2) * q)))
