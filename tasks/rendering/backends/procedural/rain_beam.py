"""Rain, sleet or snow in a beam of light, over a wet floor on which it splashes."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.drifts import lay_ground
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    dice,
    fract,
    mix,
    seed32,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot, add_line
from tasks.rendering.backends.procedural.umbrella import paint_umbrella
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.renderer import FloatArray

DROPS = 1500
FLAKES = 1700
SPLASHES = 130
NEAR, FAR = 0.45, 5.5
FLOOR = 0.62  # the floor lies this far below the eye, at depth 1
LAMPS = 3
# Places in the row of values.
(FLOW, FALL, SLANT, SHARE, POWER, KICK, HATS, LENGTH, SNOW, LENS, GUST) = range(11)
# Places in a lamp's row: where it hangs in the scene, how it shines, its cone, its ink, and the
# half-length of an upright tube of neon (0: a lamp with a cone).
(LAMP_X, LAMP_Y, LAMP_Z, SHINE, AIM_X, AIM_Y, NARROW, INK, TUBE) = range(9)


def hang_lamps(stage: Stage) -> FloatArray:
    """Where the light comes from: a lamp above, headlights, or signs at both sides."""
    seed, subject = stage.seed, stage.subject
    throw = dice(seed, 50)
    side = 1.0 if dice(seed, 51) < 0.5 else -1.0
    x = 0.25 + 0.6 * dice(seed, 52)
    if "headlight" in subject or "beam" in subject or throw < 0.34:
        rows = [
            [side * x + k * 0.22, 0.16, 2.6, 0.75, -0.25 * side, 0.02, 2.6, 1, 0.0] for k in (0, 1)
        ] + [[-side * 1.3, -0.5, 3.4, 0.35, 0.2 * side, 0.9, 1.6, 2, 0.0]]
    elif "neon" in subject or throw < 0.67:
        rows = [
            [side * (0.9 + 0.3 * x), -0.38, 2.0, 0.70, 0.0, 1.0, 2.2, 0, 0.34],
            [-side * (0.5 + 0.6 * x), -0.30, 2.7, 0.70, 0.0, 1.0, 2.2, 1, 0.22],
            [side * (0.6 * x - 0.1), -0.20, 4.0, 0.45, 0.0, 1.0, 2.2, 2, 0.15],
        ]
    else:
        rows = [
            [side * x * 0.7, -0.72, 1.9, 1.05, -0.1 * side, 1.0, 2.2, 0, 0.0],
            [-side * 0.9, -0.42, 3.6, 0.40, 0.0, 1.0, 2.2, 1, 0.0],
            [side * 1.25, -0.30, 4.6, 0.30, 0.0, 1.0, 2.2, 2, 0.0],
        ]
    return np.array(rows, np.float32)


def pour(
    light: FloatArray, view: FloatArray, stage: Stage, lamps: FloatArray, moment: Moment
) -> None:
    """Add lamps, their beams and what falls through them to a dark picture."""
    subject, wishes = stage.subject, stage.wishes
    snow = 1.0 if any(word in subject for word in ("snow", "crystal", "flake", "powder")) else 0.0
    sleet = 0.6 if "sleet" in subject or "freezing" in subject else 1.0
    values = np.array(
        [
            moment.flow, (0.20 if snow else 0.95) * moment.flow,
            (0.10 + 0.18 * dice(stage.seed, 55)) * (1.0 if dice(stage.seed, 56) < 0.5 else -1.0),
            min((0.25 + 0.75 * moment.energy + 0.15 * moment.tension) * wishes.density, 1.0),
            0.75 + 0.45 * moment.energy + 0.2 * moment.bass + 0.6 * moment.drop,
            moment.kick, moment.hats,
            (0.12 + 0.10 * moment.energy + 0.06 * moment.kick) * (2.0 - sleet),
            snow, 0.4 + wishes.blur, 0.6 + moment.energy,
        ],
        np.float32,
    )  # fmt: skip
    back, seed, palette = to_pixels(view), seed32(stage.seed, 4), stage.palette
    _shine(light, view, lamps, palette.inks, palette.spark, seed, values)
    if snow:
        _flakes(light, back, lamps, palette.inks, palette.spark, seed, values)
    else:
        _streaks(light, back, lamps, palette.inks, palette.spark, seed, values)
        _splashes(light, back, lamps, palette.inks, palette.spark, seed, values)
    if "umbrella" in subject or (not snow and dice(stage.seed, 57) < 0.2):
        place = np.array([-0.35 * np.sign(lamps[0, LAMP_X]), 0.22], np.float32)
        rim = palette.inks[int(lamps[0, INK])] + np.float32(0.3) * palette.spark
        drum = values[[FLOW, POWER, KICK, SHARE]]
        paint_umbrella(light, view, back, place, rim, seed, drum)


@njit(**INLINE)
def _reach(lamps, k, x, y, z):  # type: ignore[no-untyped-def]
    """Light of lamp k at a point of space, halo and cone."""
    dx = F(x - lamps[k, LAMP_X] * lamps[k, LAMP_Z])
    dy = F(y - lamps[k, LAMP_Y] * lamps[k, LAMP_Z])
    tube = F(lamps[k, TUBE] * lamps[k, LAMP_Z])
    dy = F(dy - F(min(max(dy, F(-tube)), tube)))
    dz = F(F(z - lamps[k, LAMP_Z]) * F(0.7))
    square = F(dx * dx + dy * dy + dz * dz)
    away = F(np.sqrt(F(square + F(0.01))))
    aim = F(np.sqrt(F(lamps[k, AIM_X] * lamps[k, AIM_X] + lamps[k, AIM_Y] * lamps[k, AIM_Y])))
    along = F(F(dx * lamps[k, AIM_X] + dy * lamps[k, AIM_Y]) / F(away * aim))
    cone = F(0.5) if tube > F(0) else smooth(F(0.35), F(0.95), along)
    return F(lamps[k, SHINE] * F(F(0.07) + cone * cone) / F(F(0.30) + F(0.60) * square))


@njit(**KERNEL)
def _shine(light, view, lamps, inks, spark, seed, values):  # type: ignore[no-untyped-def]
    """Lamps, their cones in the wet air, and the floor: streaks on wet stone, or banks of snow."""
    _, height, width = light.shape
    ground = np.zeros((height, width), np.float32)
    snow = values[SNOW]
    lay_ground(ground, view, F(FLOOR), F(FAR), snow, seed)
    glow = np.empty(width, np.float32)
    core = np.empty(width, np.float32)
    horizon = F(FLOOR / FAR)
    for k in range(LAMPS):
        ink = I(lamps[k, INK])
        lx, ly, lz = lamps[k, LAMP_X], lamps[k, LAMP_Y], lamps[k, LAMP_Z]
        aim = F(np.sqrt(F(lamps[k, AIM_X] * lamps[k, AIM_X] + lamps[k, AIM_Y] * lamps[k, AIM_Y])))
        ax, ay = F(lamps[k, AIM_X] / aim), F(lamps[k, AIM_Y] / aim)
        tube = lamps[k, TUBE]
        size = F((F(0.024) if tube > F(0) else F(0.055)) / lz)
        foot = F(F(FLOOR) / lz)
        shaft = F(0.12) if tube > F(0) else F(1)
        narrow, power = lamps[k, NARROW], F(lamps[k, SHINE] * values[POWER])
        v0, v1, v2, v3, v4, v5 = view[0], view[1], view[2], view[3], view[4], view[5]
        for y in range(height):
            fy = F(I(y))
            for x in range(width):
                dx = F(v0 * F(I(x)) + v1 * fy + v2 - lx)
                sy = F(v3 * F(I(x)) + v4 * fy + v5)
                below = smooth(F(horizon - F(0.04)), F(horizon + F(0.22)), sy)
                dy = F(sy - ly)
                dy = F(dy - F(min(max(dy, F(-tube)), tube)))
                r = F(np.sqrt(F(dx * dx + dy * dy + F(1e-5))))
                along = F(F(dx * ax + dy * ay) / r)
                cone = smooth(F(F(1) - F(0.42) / narrow), F(1), along)
                cone = F(shaft * cone * cone * smooth(F(0), F(0.1), r) / F(F(1) + F(2.2) * r))
                halo = F(F(0.012) / F(F(0.02) + r * r))
                mirror = F(F(2) * foot - sy - ly)
                mirror = F(mirror - F(min(max(mirror, F(-tube)), tube)))
                streak = F(F(1) / F(F(1) + F(240) * dx * dx / F(F(0.3) + sy * sy)))
                streak = F(below * streak / F(F(1) + F(5.5) * mirror * mirror))
                streak = F(streak * F(F(1) - F(0.9) * snow))
                near = F(sy - foot)
                pool = F(F(1) + F(1.6) * dx * dx + F(5) * near * near)
                wet = F(below * ground[y, x] / pool)
                air = F(F(1) - F(0.85) * below)
                glow[x] = F(
                    power * F(F(F(0.20) * cone + F(0.16) * halo) * air + F(0.22) * streak + wet)
                )
                lamp = clamp01(F(F(size - r) / F(size * F(0.4)) + F(0.5)))
                core[x] = F(power * F(lamp * F(1.5) + F(0.12) * streak * streak))
            for c in range(3):
                tint, hot = inks[ink, c], F(spark[c] * F(0.7) + inks[ink, c] * F(0.8))
                for x in range(width):
                    light[c, y, x] += F(tint * glow[x] + hot * core[x])


@njit(**KERNEL)
def _lit(color, lamps, inks, spark, x, y, z, white):  # type: ignore[no-untyped-def]
    """Colour of a drop at a point of space."""
    for c in range(3):
        color[c] = F(0)
    for k in range(LAMPS):
        share = _reach(lamps, k, x, y, z)
        ink = I(lamps[k, INK])
        for c in range(3):
            color[c] += F(share * F(inks[ink, c] + spark[c] * white))


@njit(**KERNEL)
def _streaks(light, back, lamps, inks, spark, seed, values):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    color = np.empty(3, np.float32)
    unit_px = F(F(height) * F(0.5))
    sides = F(F(width) / F(height) + F(0.2))
    count = I(F(DROPS) * values[SHARE])
    for k in range(count):
        h = mix(U(U(U(k) * U(0x9E3779B1)) ^ seed))
        shy = unit(h)
        z = F(F(FAR) * F(NEAR) / F(F(NEAR) + F(FAR - NEAR) * shy * shy))
        pace = F(F(0.75) + F(0.4) * unit(mix(U(h + U(1)))))
        turn = F(values[FALL] * pace / F(F(0.5) + F(0.5) * z) + unit(mix(U(h + U(2)))))
        run = fract(turn)
        hn = mix(U(h + U(U(I(turn)) * U(0x85EBCA6B))))
        lane = F(F(unit(hn) * F(2) - F(1)) * sides)
        top, floor = F(-1.25), F(min(F(FLOOR) / z, F(1.3)))
        tall = F(floor - top)
        y0 = F(top + tall * run)
        long = F(values[LENGTH] * F(F(0.6) + F(0.8) / z))
        y1 = F(max(F(y0 - long), top))
        x0 = F(lane + values[SLANT] * F(y0 + F(0.2)))
        x1 = F(lane + values[SLANT] * F(y1 + F(0.2)))
        _lit(color, lamps, inks, spark, F(x0 * z), F(y0 * z), z, F(0.22))
        blur = F(F(max(F(F(1.0) / z - F(0.9)), F(0))) * values[LENS] * F(0.004))
        reach = F(max(F(F(F(0.0016) / z + blur) * unit_px), F(0.75)))
        thin = F(F(F(0.0016) / z * unit_px + F(0.25)) / reach)
        power = F(values[POWER] * thin * F(F(1) + F(0.5) * values[KICK]) * F(1.3))
        flash = F(F(1) + F(unit(mix(U(hn + U(3)))) < F(0.06)) * values[HATS] * F(2.5))
        power = F(power * flash)
        add_line(
            light,
            F(back[0] * x1 + back[1] * y1 + back[2]), F(back[3] * x1 + back[4] * y1 + back[5]),
            F(back[0] * x0 + back[1] * y0 + back[2]), F(back[3] * x0 + back[4] * y0 + back[5]),
            reach, reach, color[0], color[1], color[2], F(power * F(0.15)), power,
        )  # fmt: skip


@njit(**KERNEL)
def _splashes(light, back, lamps, inks, spark, seed, values):  # type: ignore[no-untyped-def]
    """Rings that widen on the floor, and the beads that a drop throws up."""
    _, height, width = light.shape
    color = np.empty(3, np.float32)
    unit_px = F(F(height) * F(0.5))
    sides = F(F(width) / F(height) + F(0.2))
    count = I(F(SPLASHES) * values[SHARE])
    for n in range(count):
        h = mix(U(U(U(n) * U(0x7FEB352D)) ^ seed))
        turn = F(values[FLOW] * F(F(1.0) + F(0.6) * unit(h)) + unit(mix(U(h + U(1)))))
        run = fract(turn)
        hn = mix(U(h + U(U(I(turn)) * U(0x85EBCA6B))))
        near = unit(hn)
        z = F(F(FAR) * F(0.62) / F(F(0.62) + F(FAR - 0.62) * near))
        sx = F(F(unit(mix(U(hn + U(1)))) * F(2) - F(1)) * sides)
        sy = F(F(FLOOR) / z)
        _lit(color, lamps, inks, spark, F(sx * z), F(FLOOR), z, F(0.3))
        fade = F(F(F(1) - run) * F(F(1) - run) * values[POWER] * F(F(0.7) + F(0.8) * values[KICK]))
        px = F(back[0] * sx + back[1] * sy + back[2])
        py = F(back[3] * sx + back[4] * sy + back[5])
        wide = F(F(F(0.015) + F(0.13) * run) / z * unit_px)
        for c in range(3):
            color[c] = F(color[c] * fade)
        if wide > F(1.2):
            _ring(light, px, py, wide, F(wide * F(0.22)), color)
        for bead in range(3):
            hb = mix(U(hn + U(10 + bead)))
            bx = F(px + F(unit(hb) - F(0.5)) * wide * F(1.6))
            hop = F(F(4) * run * F(F(1) - run) * F(F(0.03) + F(0.05) * unit(mix(U(hb + U(1))))))
            size = F(max(F(F(0.006) / z * unit_px), F(0.8)))
            by = F(py - hop / z * unit_px)
            add_dot(
                light,
                bx,
                by,
                size,
                F(color[0] * F(1.6)),
                F(color[1] * F(1.6)),
                F(color[2] * F(1.6)),
            )


@njit(**KERNEL)
def _ring(light, x0, y0, reach_x, reach_y, color):  # type: ignore[no-untyped-def]
    """Add a flat ring of light."""
    _, height, width = light.shape
    soft = F(F(0.14) + F(1.0) / reach_x)
    for y in range(max(I(F(y0 - reach_y)), 0), min(I(F(y0 + reach_y)) + 2, height)):
        v = F(F(F(I(y)) - y0) / reach_y)
        for x in range(max(I(F(x0 - reach_x)), 0), min(I(F(x0 + reach_x)) + 2, width)):
            u = F(F(F(I(x)) - x0) / reach_x)
            d = F(F(F(np.sqrt(F(u * u + v * v))) - F(0.8)) / soft)
            k = F(max(F(F(1) - d * d), F(0)))
            k = F(k * k * F(0.28))
            for c in range(3):
                light[c, y, x] += F(color[c] * k)


@njit(**KERNEL)
def _flakes(light, back, lamps, inks, spark, seed, values):  # type: ignore[no-untyped-def]
    """Snow: soft dots that sway; near ones are large and out of focus."""
    _, height, width = light.shape
    color = np.empty(3, np.float32)
    unit_px = F(F(height) * F(0.5))
    sides = F(F(width) / F(height) + F(0.3))
    count = I(F(FLAKES) * F(F(0.3) + F(0.7) * values[SHARE]))
    for k in range(count):
        h = mix(U(U(U(k) * U(0x9E3779B1)) ^ seed))
        shy = unit(h)
        z = F(F(FAR) * F(NEAR) / F(F(NEAR) + F(FAR - NEAR) * shy * shy))
        pace = F(F(0.7) + F(0.6) * unit(mix(U(h + U(1)))))
        turn = F(values[FALL] * pace * F(F(0.5) + F(0.9) / z) + unit(mix(U(h + U(2)))))
        run = fract(turn)
        hn = mix(U(h + U(U(I(turn)) * U(0x85EBCA6B))))
        floor = F(min(F(FLOOR) / z, F(1.25)))
        sy = F(F(-1.25) + F(floor + F(1.25)) * run)
        sway = sin_f(F(values[FLOW] * F(F(0.6) + unit(mix(U(hn + U(1))))) + F(6.28) * unit(h)))
        sx = F(F(unit(hn) * F(2) - F(1)) * sides + values[SLANT] * values[GUST] * sy)
        sx = F(sx + sway * F(0.05) * values[GUST] / F(F(0.5) + z))
        _lit(color, lamps, inks, spark, F(sx * z), F(sy * z), z, F(0.7))
        blur = F(F(max(F(F(1.1) / z - F(0.8)), F(0))) * values[LENS] * F(0.030))
        size = F(F(F(0.007) + F(0.006) * unit(mix(U(hn + U(2))))) / z)
        reach = F(max(F(F(size + blur) * unit_px), F(1.0)))
        thin = F(size * unit_px / reach)
        power = F(F(thin * thin * F(1.9) + F(0.05)) * values[POWER])
        power = F(power * F(F(1) + F(unit(mix(U(hn + U(3)))) < F(0.08)) * values[HATS] * F(3)))
        power = F(power * F(F(0.8) + F(0.5) * values[KICK]) * smooth(F(1), F(0.96), run))
        px = F(back[0] * sx + back[1] * sy + back[2])
        py = F(back[3] * sx + back[4] * sy + back[5])
        add_dot(light, px, py, reach, F(color[0] * power), F(color[1] * power), F(color[2] * power))
