"""A circuit board to the horizon: bundles of traces that bend by 45 degrees, vias, chips.

The board is laid out in lanes of plots. A plot holds a chip, to whose pins the traces lead, or a
bundle of traces that moves sideways. Everything is a hash of the plot's number, so that the board
goes on for ever; pulses of light run along the traces.
"""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    decay,
    floor_i,
    fract,
    mix,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.sculpture import Copy
from tasks.rendering.backends.procedural.strokes import add_dot
from tasks.rendering.renderer import FloatArray

LANE, PLOT = 1.5, 2.2  # width and length of a plot, units
TRACES, SPACING = 7, 0.15  # of a bundle, and their distance
HALF_WIDTH = 0.016  # of a trace, units
CHIP_HALF = 0.46
CHIPS = 0.36  # share of plots that hold one
PLOTS_AHEAD, LANES_ASIDE = 6, 8
IN_SIGHT = 0.92 * PLOT * PLOTS_AHEAD  # depth at which chips have faded
NEAREST = 0.22
FOG = 0.16
# Places in the row of values.
(
    EYE_X,
    EYE_Y,
    GROUND,  # height of the eye, units
    TRAVEL,
    DRIFT,  # sideways
    LINE,  # light of the traces
    PULSE,  # light of what runs along them
    PULSE_AT,  # how far it has run, units
    FRONT,  # depth that a kick has reached
    KICK,
    HATS,
    TICK,
    HUE,
    BOARD_VALUES,
) = range(14)


def plot_hash(lane: int, plot: int, seed: int) -> int:
    """The number that decides what a plot holds; the same as in the kernels."""
    return int(_plot_hash(np.int32(lane), np.int32(plot), np.uint32(seed)))


@njit(**KERNEL)
def _plot_hash(lane, plot, seed):  # type: ignore[no-untyped-def]
    return mix(U(U(lane) * U(0x9E3779B1)) ^ U(U(plot) * U(0x85EBCA6B)) ^ seed)


def chips_of(values: FloatArray, seed: int, *, rise: float, tall: float) -> list[Copy]:
    """Chips in sight, as boxes on the board.

    Args:
        values: The board's, shape (BOARD_VALUES,).
        seed: The board's.
        rise: How far kicks lift them, units.
        tall: Height of the highest, units; they differ more the higher they are.
    """
    travel, drift = float(values[TRAVEL]), float(values[DRIFT])
    first, middle = math.floor(travel / PLOT), math.floor(drift / LANE)
    copies = []
    for plot in range(first, first + PLOTS_AHEAD + 1):
        for lane in range(middle - LANES_ASIDE + 2, middle + LANES_ASIDE - 1):
            h = plot_hash(lane, plot, seed)
            if (h >> 8) / 2**24 >= CHIPS:
                continue
            x, z = (lane + 0.5) * LANE - drift, (plot + 0.5) * PLOT - travel
            near, far = max(z - CHIP_HALF, NEAREST + 0.1), z + CHIP_HALF
            if far < near + 0.05 or abs(x) > 2.2 + 1.4 * far:
                continue
            own = (h % 251) / 250.0
            high = 0.10 + 0.05 * own + max(tall - 0.15, 0.0) * own * own + rise * own
            copies.append(
                Copy((x, 0.5 * high, 0.5 * (near + far)), (2 * CHIP_HALF, high, far - near))
            )
            if own > 0.45 and z - CHIP_HALF >= near:
                copies.append(Copy((x, high + 0.03, z), (CHIP_HALF, 0.06, CHIP_HALF)))
    return copies


@njit(**KERNEL)
def paint_board(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Add the light of all traces in sight, from far to near."""
    first = floor_i(F(values[TRAVEL] / F(PLOT)))
    middle = floor_i(F(values[DRIFT] / F(LANE)))
    for ahead in range(PLOTS_AHEAD, -2, -1):
        plot = first + ahead
        for lane in range(middle - LANES_ASIDE, middle + LANES_ASIDE + 1):
            h = _plot_hash(lane, plot, seed)
            next_ = _plot_hash(lane, plot + 1, seed)
            chip = unit(h) < F(CHIPS)
            hue = fract(F(values[HUE] + F(0.3) * unit(_plot_hash(lane, 0, U(seed + U(5))))))
            color = ramp[I(hue * F(RAMP_STEPS - 1))]
            x0 = F(F(F(lane) + F(0.5)) * F(LANE) - values[DRIFT])
            z0 = F(F(plot) * F(PLOT) - values[TRAVEL])
            here, there = _shift(h), _shift(next_)
            for k in range(TRACES):
                own = mix(U(h + U(U(k + 1) * U(0xC2B2AE35))))
                run = unit(mix(U(_plot_hash(lane, k, U(seed + U(9))))))
                a = F(x0 + F(F(k - 3) + here) * F(SPACING))
                b = F(x0 + F(F(k - 3) + there) * F(SPACING))
                if chip:
                    _chip_traces(light, back, run, a, b, x0, z0, k, color, spark, values)
                elif unit(own) < F(0.22):
                    stop = F(F(0.25) + F(0.5) * unit(mix(U(own + U(3)))))
                    _trace(light, back, run, a, z0, a, F(z0 + stop * F(PLOT)), color, values)
                    _via(light, back, a, F(z0 + stop * F(PLOT)), own, color, spark, values)
                else:
                    _bend(light, back, run, a, b, z0, F(PLOT), k, color, values)


@njit(**INLINE)
def _shift(h):  # type: ignore[no-untyped-def]
    """Traces by which a bundle is moved at the near end of a plot."""
    return F(F(floor_i(F(unit(mix(U(h + U(77)))) * F(4)))) - F(1.5))


@njit(**KERNEL)
def _bend(light, back, run, a, b, z0, long, k, color, values):  # type: ignore[no-untyped-def]
    """A trace that leaves its line by 45 degrees; neighbours keep their distance."""
    step = F(abs(F(b - a)))
    lean = F(0.414) if b < a else F(-0.414)
    start = F(z0 + F(0.5) * F(long - step) + lean * F(k - 3) * F(SPACING))
    _trace(light, back, run, a, z0, a, start, color, values)
    _trace(light, back, run, a, start, b, F(start + step), color, values)
    _trace(light, back, run, b, F(start + step), b, F(z0 + long), color, values)


@njit(**KERNEL)
def _chip_traces(light, back, run, a, b, x0, z0, k, color, spark, values):  # type: ignore[no-untyped-def]
    """Traces to the pins at both ends of a chip, and from its sides to vias."""
    pin = F(x0 + F(k - 3) * F(SPACING * 0.8))
    near, far = F(z0 + F(0.5 * PLOT - CHIP_HALF)), F(z0 + F(0.5 * PLOT + CHIP_HALF))
    _bend(light, back, run, a, pin, z0, F(near - z0), k, color, values)
    _bend(light, back, run, pin, b, far, F(F(z0 + F(PLOT)) - far), k, color, values)
    if k >= 5:
        return
    side = F(1) if k % 2 == 0 else F(-1)
    z = F(z0 + F(0.5 * PLOT) + F(k - 2) * F(0.16))
    edge = F(x0 + side * F(CHIP_HALF))
    bend, out = F(edge + side * F(0.08 + 0.03 * k)), F(0.16 + 0.05 * k)
    _trace(light, back, run, edge, z, bend, z, color, values)
    _trace(light, back, run, bend, z, F(bend + side * out), F(z + out), color, values)
    h = mix(U(U(U(k) * U(0x27D4EB2D)) + U(I(run * F(1e6)))))
    _via(light, back, F(bend + side * out), F(z + out), h, color, spark, values)


@njit(**INLINE)
def _strength(z, run, values):  # type: ignore[no-untyped-def]
    """Light of a trace at a depth: its own, the pulse that passes, the kick's front."""
    place = fract(F(F(z + values[TRAVEL]) * F(0.22) - values[PULSE_AT] * F(0.22)
                    * F(F(0.7) + F(0.6) * run) + run * F(7)))  # fmt: skip
    tail = F(place * place)
    tail = F(tail * tail * smooth(F(1.0), F(0.97), place))
    wave = F(F(z - values[FRONT]) * F(1.1))
    thrust = F(values[KICK] / F(F(1) + wave * wave))
    k = F(values[LINE] * F(F(0.25) + F(0.5) * run + thrust) + values[PULSE] * tail)
    k = F(k * smooth(F(PLOT * PLOTS_AHEAD), F(0.7 * PLOT * PLOTS_AHEAD), z))
    return F(k * decay(F(F(max(F(z - F(0.6)), F(0))) * F(FOG))))


@njit(**KERNEL)
def _trace(light, back, run, xa, za, xb, zb, color, values):  # type: ignore[no-untyped-def]
    """A straight piece of a trace on the board, cut off before the viewer."""
    if max(za, zb) <= F(NEAREST):
        return
    if za < F(NEAREST):
        k = F(F(F(NEAREST) - za) / F(zb - za))
        xa, za = F(xa + F(xb - xa) * k), F(NEAREST)
    length = F(abs(F(zb - za)))
    pieces = 1 + min(I(F(length / F(0.22) / F(max(F(0.5), F(za * F(0.35)))))), 9)
    unit_px = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    wide_px = F(F(2.4 * HALF_WIDTH) * unit_px)
    for n in range(pieces):
        k0, k1 = F(F(I(n)) / F(I(pieces))), F(F(I(n + 1)) / F(I(pieces)))
        z0, z1 = F(za + F(zb - za) * k0), F(za + F(zb - za) * k1)
        s0, s1 = F(xa + F(xb - xa) * k0), F(xa + F(xb - xa) * k1)
        s0, s1 = F(values[EYE_X] + s0 / z0), F(values[EYE_X] + s1 / z1)
        t0, t1 = F(values[EYE_Y] + values[GROUND] / z0), F(values[EYE_Y] + values[GROUND] / z1)
        x0, y0 = F(back[0] * s0 + back[1] * t0 + back[2]), F(back[3] * s0 + back[4] * t0 + back[5])
        x1, y1 = F(back[0] * s1 + back[1] * t1 + back[2]), F(back[3] * s1 + back[4] * t1 + back[5])
        # A line that runs away is seen at its full width, one that crosses is foreshortened.
        dx, dy = F(abs(F(x1 - x0))), F(abs(F(y1 - y0)))
        flat = F(min(F(values[GROUND] / z0), F(1)))
        seen = F(F(dy + dx * flat) / F(dx + dy + F(1e-3)))
        p0, p1 = F(seen * wide_px / z0), F(seen * wide_px / z1)
        r0, r1 = F(max(p0, F(1.1))), F(max(p1, F(1.1)))
        a, b = F(p0 / r0 * _strength(z0, run, values)), F(p1 / r1 * _strength(z1, run, values))
        _piece(light, x0, y0, x1, y1, r0, r1, color[0], color[1], color[2], a, b)


@njit(**KERNEL)
def _piece(light, x0, y0, x1, y1, r0, r1, c0, c1, c2, k0, k1):  # type: ignore[no-untyped-def]
    """Add a tapered piece of a line; it fades into the next within a pixel."""
    _, height, width = light.shape
    dx, dy = F(x1 - x0), F(y1 - y0)
    square = F(max(F(dx * dx + dy * dy), F(1e-6)))
    inverse = F(F(1) / square)
    long = F(np.sqrt(square))
    reach = F(F(max(r0, r1)) + F(1))
    level = F(abs(dy)) < F(abs(dx)) * F(0.02)
    slope = F(0) if level else F(dx / dy)
    spread = F(reach * F(np.sqrt(F(F(1) + slope * slope))))
    low, high = F(min(x0, x1) - reach), F(max(x0, x1) + reach)
    if high < F(0) or low > F(width):
        return
    top, bottom = F(min(y0, y1) - reach), F(max(y0, y1) + reach)
    for y in range(max(floor_i(top) + 1, 0), min(floor_i(bottom) + 1, height)):
        py = F(F(I(y)) - y0)
        left, right = low, high
        if not level:
            middle = F(x0 + slope * py)
            left, right = F(max(left, F(middle - spread))), F(min(right, F(middle + spread)))
        first, last = max(floor_i(left) + 1, 0), min(floor_i(right) + 1, width)
        if last <= first:
            continue
        row0, row1, row2 = (
            light[0, y, first:last], light[1, y, first:last], light[2, y, first:last]
        )  # fmt: skip
        px0 = F(F(I(first)) - x0)
        for x in range(last - first):
            px = F(px0 + F(I(x)))
            t = F(F(px * dx + py * dy) * inverse)
            joint = F(clamp01(F(t * long + F(0.5))) * clamp01(F(F(F(1) - t) * long + F(0.5))))
            held = clamp01(t)
            across = F(F(px * dy - py * dx) * F(F(1) / long))
            r = F(r0 + F(r1 - r0) * held)
            q = F(max(F(F(1) - across * across / F(r * r)), F(0)))
            k = F(q * q * q * joint * F(k0 + F(k1 - k0) * held))
            row0[x] += F(c0 * k)
            row1[x] += F(c1 * k)
            row2[x] += F(c2 * k)


@njit(**KERNEL)
def _via(light, back, x, z, h, color, spark, values):  # type: ignore[no-untyped-def]
    """A bright ring where a trace ends; hats make some flash."""
    if z < F(NEAREST):
        return
    sx, sy = F(values[EYE_X] + x / z), F(values[EYE_Y] + values[GROUND] / z)
    px, py = F(back[0] * sx + back[1] * sy + back[2]), F(back[3] * sx + back[4] * sy + back[5])
    unit_px = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    wide = F(F(0.055) * unit_px / z)
    reach = F(max(wide, F(1.2)))
    tick = mix(U(h + U(U(I(values[TICK])) * U(0x7FEB352D))))
    flash = F(values[HATS] * F(unit(tick) < F(0.25)))
    k = F(_strength(z, unit(h), values) + flash * decay(F(z * F(FOG))))
    k = F(k * clamp01(F(wide / reach)))
    hot = F(F(0.3) + F(0.5) * clamp01(flash))
    add_dot(
        light, px, py, reach, F(k * F(color[0] + spark[0] * hot)),
        F(k * F(color[1] + spark[1] * hot)), F(k * F(color[2] + spark[2] * hot)),
    )  # fmt: skip
