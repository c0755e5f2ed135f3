"""A wet window before the blurred lights of a city: drops that refract and run down."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    dice,
    floor_i,
    fract,
    mix,
    seed32,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.renderer import FloatArray

STEP = 4  # pixels a sample of what is behind the glass: it is out of focus
LIGHTS = 96
BEADS = 950  # drops that hang
RUNNERS = 22  # drops that run
TRAIL = 30  # places along a runner's way where it may leave a bead
LENS = 0.75  # how much of the scene a drop turns upside down, in half-heights a radius
# Places in the row of values.
(FLOW, POWER, HATS, KICK, BASS, HUE, DRIFT, SHARE, SIZE, SLOW) = range(10)


class WetGlass:
    """Work arrays of the blurred city, made once a clip."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        shape = coarse_shape(stage.height_px, stage.width_px, STEP)
        self.city = scratch(3, *shape)
        self.wide = scratch(3, shape[0], stage.width_px)
        self.seed = seed32(stage.seed, 5)
        self.hue = int(dice(stage.seed, 60) * stage.palette.stops) / stage.palette.stops

    def paint(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        """Fill `light` with the city, then lay the drops over it."""
        wishes, palette = self.stage.wishes, self.stage.palette
        values = np.array(
            [
                moment.flow, 0.55 + 0.65 * moment.energy + 0.15 * moment.bass + 0.5 * moment.drop,
                moment.hats, moment.kick, moment.bass, self.hue, 0.05 * moment.flow,
                min((0.35 + 0.65 * moment.energy) * wishes.density + 0.2 * moment.tension, 1.0),
                min(max(wishes.closeness, 0.6), 1.7), 0.10,
            ],
            np.float32,
        )  # fmt: skip
        back = to_pixels(view)
        _city(self.city, back, palette.ramp, palette.inks, palette.night, self.seed, values)
        for c in range(3):
            widen(self.city[c], self.wide[c], STEP)
        _lay(light, self.wide)
        _beads(light, self.city, back, palette.spark, self.seed, values)
        _runners(light, self.city, back, palette.spark, self.seed, values)


@njit(**KERNEL)
def _city(city, back, ramp, inks, night, seed, values):  # type: ignore[no-untyped-def]
    """Discs of light, as a lens draws them, thick on the level of the street."""
    _, rows, columns = city.shape
    half = F(F(rows) * F(0.5))
    for r in range(rows):
        v = F(F(F(r) - half * F(1.15)) / half)
        haze = F(values[POWER] * F(0.055) / F(F(1) + F(7) * v * v))
        for c in range(3):
            tone = F(night[c] * F(0.30) + F(inks[0, c] * F(0.6) + inks[2, c] * F(0.6)) * haze)
            for x in range(columns):
                city[c, r, x] = tone
    for k in range(LIGHTS):
        h = mix(U(U(U(k) * U(0x9E3779B1)) ^ seed))
        deep = unit(h)
        level = F(unit(mix(U(h + U(1)))) - F(0.5))
        moving = unit(mix(U(h + U(2)))) < F(0.3)
        speed = F(F(unit(mix(U(h + U(3)))) - F(0.5)) * F(2.2)) if moving else F(0.12)
        place = fract(F(unit(mix(U(h + U(4)))) + values[DRIFT] * speed))
        sx = F(F(place * F(2) - F(1)) * F(2.3))
        sy = (
            F(F(0.34) + level * F(0.12))
            if moving
            else F(F(0.05) + level * F(1.7) * F(F(0.35) + F(0.65) * deep))
        )
        size = F(F(0.045) + F(0.11) * deep * deep + F(0.012) * values[BASS])
        lively = unit(mix(U(h + U(5))))
        power = F(values[POWER] * F(F(0.16) + F(0.60) * lively * lively))
        power = F(power * F(F(1) + values[HATS] * F(1.2) * F(lively > F(0.8))))
        power = F(power * F(F(1) + values[KICK] * F(0.7) * F(lively < F(0.3))))
        power = F(power * smooth(F(0), F(0.08), place) * smooth(F(1), F(0.92), place))
        slot = I(fract(F(values[HUE] + F(0.62) * unit(mix(U(h + U(6)))))) * F(RAMP_STEPS - 1))
        px = F(F(back[0] * sx + back[1] * sy + back[2]) / F(STEP) + F(1))
        py = F(F(back[3] * sx + back[4] * sy + back[5]) / F(STEP) + F(1))
        reach = F(size * back[4] / F(STEP))
        for y in range(max(floor_i(F(py - reach)), 0), min(floor_i(F(py + reach)) + 2, rows)):
            for x in range(
                max(floor_i(F(px - reach)), 0), min(floor_i(F(px + reach)) + 2, columns)
            ):
                dx, dy = F(F(x) - px), F(F(y) - py)
                q = F(F(np.sqrt(F(dx * dx + dy * dy))) / reach)
                edge = clamp01(F(F(F(1) - q) * reach * F(0.6)))
                disc = F(power * edge * F(F(0.62) + F(0.5) * q * q))
                for c in range(3):
                    city[c, y, x] += F(ramp[slot, c] * disc)


@njit(**KERNEL)
def _lay(light, wide):  # type: ignore[no-untyped-def]
    for c in range(3):
        for y in range(light.shape[1]):
            blend_row(wide[c], y, I(STEP), light[c, y])


@njit(**INLINE)
def _behind(city, c, x, y):  # type: ignore[no-untyped-def]
    """The city at a pixel's place, between its samples."""
    u = F(min(max(F(x / F(STEP) + F(1)), F(0)), F(city.shape[2] - 2)))
    v = F(min(max(F(y / F(STEP) + F(1)), F(0)), F(city.shape[1] - 2)))
    i, j = I(u), I(v)
    a, b = F(u - F(i)), F(v - F(j))
    upper = F(city[c, j, i] + F(city[c, j, i + 1] - city[c, j, i]) * a)
    lower = F(city[c, j + 1, i] + F(city[c, j + 1, i + 1] - city[c, j + 1, i]) * a)
    return F(upper + F(lower - upper) * b)


@njit(**KERNEL)
def lay_drop(light, city, x0, y0, reach, tall, unit_px, spark, shown, hats):  # type: ignore[no-untyped-def]
    """Lay a drop over the picture: a lens with a dark rim and a small highlight.

    `reach` is its half-width in pixels, `tall` how much longer it is upwards than downwards.
    """
    _, height, width = light.shape
    lens = F(F(LENS) * unit_px)
    up = F(reach * tall)
    for y in range(max(floor_i(F(y0 - up)), 0), min(floor_i(F(y0 + reach)) + 2, height)):
        dy = F(F(I(y)) - y0)
        v = F(dy / up) if dy < F(0) else F(dy / reach)
        slim = F(F(1) + F(0.45) * F(min(v, F(0))) * F(tall > F(1.2)))
        for x in range(max(floor_i(F(x0 - reach)), 0), min(floor_i(F(x0 + reach)) + 2, width)):
            u = F(F(F(I(x)) - x0) / F(reach * slim))
            q = F(u * u + v * v)
            if q >= F(1.3):
                continue
            r = F(np.sqrt(q))
            cover = F(clamp01(F(F(F(1) - r) * reach + F(0.5))) * shown)
            bend = F(F(0.35) + F(0.65) * q)
            sx = F(x0 - u * lens * bend)
            sy = F(y0 - v * lens * bend)
            rim = F(F(1) - F(0.75) * smooth(F(0.7), F(1.0), r))
            hx, hy = F(u + F(0.36)), F(v + F(0.42))
            spot = F(max(F(F(1) - F(hx * hx + hy * hy) * F(22)), F(0)))
            foot = F(max(F(F(1) - F(u * u * F(3) + F(v - F(0.62)) * F(v - F(0.62)) * F(14))), F(0)))
            gain = F(F(1.7) * rim + F(1.3) * foot)
            shine = F(spot * F(F(0.30) + F(0.8) * hats))
            for c in range(3):
                seen = F(_behind(city, c, sx, sy) * gain + spark[c] * shine * F(0.5))
                light[c, y, x] = F(light[c, y, x] + F(seen - light[c, y, x]) * cover)


@njit(**KERNEL)
def _beads(light, city, back, spark, seed, values):  # type: ignore[no-untyped-def]
    """Drops that hang: they grow, and some let go."""
    unit_px = back[4]
    count = I(F(BEADS) * values[SHARE])
    for k in range(count):
        h = mix(U(U(U(k) * U(0x85EBCA6B)) ^ seed))
        life = fract(F(values[FLOW] * F(0.045) + unit(h)))
        turn = floor_i(F(values[FLOW] * F(0.045) + unit(h)))
        hn = mix(U(h + U(U(turn) * U(0x9E3779B1))))
        big = unit(mix(U(hn + U(1))))
        size = F(F(0.008) + F(0.046) * big * big * big)
        size = F(size * values[SIZE] * smooth(F(0), F(0.35), life))
        sx = F(F(unit(mix(U(hn + U(2)))) * F(2) - F(1)) * F(1.9))
        sy = F(F(unit(mix(U(hn + U(3)))) * F(2) - F(1)) * F(1.15))
        reach = F(size * unit_px)
        shown = F(smooth(F(1), F(0.94), life) * smooth(F(0.5), F(1.2), reach))
        if shown <= F(0):
            continue
        px = F(back[0] * sx + back[1] * sy + back[2])
        py = F(back[3] * sx + back[4] * sy + back[5])
        flash = F(F(unit(mix(U(hn + U(4)))) < F(0.25)) * values[HATS])
        lay_drop(
            light, city, px, py, reach, F(F(1.05) + F(0.4) * big), unit_px, spark, shown, flash
        )


@njit(**KERNEL)
def _runners(light, city, back, spark, seed, values):  # type: ignore[no-untyped-def]
    """Drops that run down in fits and starts, and the beads that they leave."""
    unit_px = back[4]
    count = I(F(RUNNERS) * F(F(0.3) + F(0.7) * values[SHARE]))
    for k in range(count):
        h = mix(U(U(U(k) * U(0x7FEB352D)) ^ seed))
        rate = F(values[SLOW] * F(F(0.6) + F(0.9) * unit(h)))
        phase = F(values[FLOW] * rate + unit(mix(U(h + U(1)))))
        run = fract(phase)
        hn = mix(U(h + U(U(floor_i(phase)) * U(0x9E3779B1))))
        lane = F(F(unit(hn) * F(2) - F(1)) * F(1.85))
        size = F(F(F(0.030) + F(0.026) * unit(mix(U(hn + U(2))))) * values[SIZE])
        fits = F(F(5) + F(6) * unit(mix(U(hn + U(3)))))
        step = F(run * fits)
        whole = F(floor_i(step))
        go = F(F(whole + smooth(F(0.35), F(1), F(step - whole))) / fits)
        head = F(F(-1.25) + F(2.7) * go)
        for bead in range(TRAIL):
            hb = mix(U(hn + U(U(100 + bead))))
            at = F(F(-1.25) + F(2.7) * F(F(bead) + unit(hb)) / F(TRAIL))
            behind = F(head - at)
            if behind < size * F(1.4) or behind > F(1.5):
                continue
            left = F(size * F(F(0.14) + F(0.30) * unit(mix(U(hb + U(1))))))
            left = F(left * F(F(1) - behind * F(0.66)) * unit_px)
            shown = smooth(F(0.6), F(1.3), left)
            if shown <= F(0):
                continue
            bx = F(_way(lane, at, hn) + F(unit(mix(U(hb + U(2)))) - F(0.5)) * size * F(0.5))
            px = F(back[0] * bx + back[1] * at + back[2])
            py = F(back[3] * bx + back[4] * at + back[5])
            lay_drop(light, city, px, py, left, F(1.3), unit_px, spark, shown, F(0))
        sx = _way(lane, head, hn)
        px = F(back[0] * sx + back[1] * head + back[2])
        py = F(back[3] * sx + back[4] * head + back[5])
        tall = F(F(1.5) + F(0.5) * smooth(F(0.35), F(0.8), F(step - whole)))
        lay_drop(light, city, px, py, F(size * unit_px), tall, unit_px, spark, F(1), values[HATS])


@njit(**INLINE)
def _way(lane, at, h):  # type: ignore[no-untyped-def]
    """Where a runner's crooked way passes a height."""
    bend = F(unit(mix(U(h + U(7)))) * F(6.28))
    return F(
        lane + F(0.028) * sin_f(F(at * F(5.1) + bend)) + F(0.010) * sin_f(F(at * F(17) + bend))
    )
