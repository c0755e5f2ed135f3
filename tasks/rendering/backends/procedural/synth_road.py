"""A road of light to a striped sun: low mountains, chrome pyramids, a floor grid that mirrors."""

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
    dice,
    floor_i,
    fract,
    mix,
    noise,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.renderer import FloatArray

RIDGE_STEPS = 1024
RIDGE_SPAN = 8.0  # half-heights that the table of ridges covers, the vanishing point in its middle
RIDGE_MAX = 0.42  # highest a mountain or pyramid may be, half-heights
SUN_STRIPES = 7.0
FLOOR_FOG = 0.12
CHUNK = 512  # pixels that are shaded together
# Rows of a strip of shaded pixels, in one array so that the loops over it vectorise.
(
    SUN,  # light of the sun
    AT,  # where in the sun, 0 low to 1 high
    AIR,  # glow on the horizon
    LAND,  # light of the mountains' faces
    RIM,  # light of their edges
    STAR,
    OPEN,  # sky that no mountain hides
    MESH,  # lines of the grid
    TILE,  # lit tiles
    TRAIL,  # light trails
    BACK,  # share of the sky that the floor mirrors
    HILL,  # height of the mountains behind a pixel
    HILL_SLOPE,
    BLOCK,  # height of the pyramids
    BLOCK_SLOPE,
    PARTS,
) = range(16)
LANES = 3  # each side of the middle
# Places in the row of values.
(
    EYE_X,
    EYE_Y,
    GROUND,  # the eye's height above the floor
    TRAVEL,
    BEND,  # how far the road leaves its line, units per depth squared
    SUN_X,
    SUN_Y,
    SUN_SIZE,
    SUN_LIGHT,
    GRID,  # light of the grid
    TILES,  # share of tiles that are lit
    FRONT,  # depth that a kick has reached
    KICK,
    TRAILS,  # light of the trails
    TRAIL_RUN,
    GLOW,  # light on the horizon
    MIRROR,
    ROAD,  # half-width of the road; 0: the grid is everywhere
    HUE,
    STARS,
) = range(20)


def draw_ridges(seed: int, *, pyramids: bool) -> FloatArray:
    """Heights of mountains (0) and of pyramids (1) along the horizon, shape (2, RIDGE_STEPS).

    Mountains are straight pieces between points, so that their slopes are facets.
    """
    at = np.linspace(-RIDGE_SPAN / 2, RIDGE_SPAN / 2, RIDGE_STEPS)
    points = np.arange(-30, 31) * 0.17
    valley = np.minimum(np.abs(points) / 1.6, 1.0)
    rough = np.array([dice(seed, 300 + k) for k in range(len(points))])
    high = (0.02 + 0.20 * rough * (0.25 + 0.75 * valley)) * (1.0 + 0.25 * (np.arange(61) % 2))
    shift = np.array([0.13 * (dice(seed, 400 + k) - 0.5) for k in range(len(points))])
    heights = np.zeros((2, RIDGE_STEPS))
    heights[0] = np.interp(at, points + shift, high)
    for k in range(5 if pyramids else 0):
        middle = 0.85 * (k - 2) + 0.5 * (dice(seed, 500 + k) - 0.5)
        size = 0.14 + 0.24 * dice(seed, 510 + k)
        heights[1] = np.maximum(heights[1], size - 0.95 * np.abs(at - middle))
    return heights.astype(np.float32)


@njit(**KERNEL)
def paint_land(light, view, ridges, inks, night, spark, ramp, seed, values):  # type: ignore[no-untyped-def]
    """Turn the clouds in `light` into a sky with a sun, and the floor that mirrors it."""
    _, height, width = light.shape
    strip = np.zeros(PARTS * CHUNK, np.float32)
    place = np.zeros(CHUNK, np.int32)
    for y in range(height):
        left = F(view[4] * F(I(y)) + view[5] - values[EYE_Y])
        floor_in_sight = max(left, F(left + view[3] * F(width))) > F(0)
        for first in range(0, width, CHUNK):
            count = min(CHUNK, width - first)
            _look_up_ridges(strip, view, ridges, y, first, count, values)
            _far_row(strip, view, y, first, count, seed, values)
            if floor_in_sight:
                _floor_row(strip, place, view, y, first, count, seed, values)
            for c in range(3):
                _mix_sky(light[c, y, first : first + count], strip, inks[:, c], night[c], spark[c])
                if floor_in_sight:
                    row = light[c, y, first : first + count]
                    _mix_floor(row, strip, place, inks[:, c], spark[c], ramp[:, c])


@njit(**KERNEL)
def _mix_sky(out, strip, ink, night, spark):  # type: ignore[no-untyped-def]
    low, rim = ink[0], F(ink[2] * F(0.8) + ink[0] * F(0.3))
    high = F(ink[1] * F(0.85) + spark * F(0.12))
    rock = F(ink[2] * F(0.10) + night * F(0.25))
    for i in range(out.shape[0]):
        sun = F(low + F(high - low) * strip[AT * CHUNK + i])
        sky = F(out[i] + sun * strip[SUN * CHUNK + i] + spark * strip[STAR * CHUNK + i])
        sky = F(F(sky + low * strip[AIR * CHUNK + i]) * strip[OPEN * CHUNK + i])
        out[i] = F(sky + F(rock * strip[LAND * CHUNK + i] + rim * strip[RIM * CHUNK + i]))


@njit(**KERNEL)
def _mix_floor(out, strip, place, ink, spark, ramp):  # type: ignore[no-untyped-def]
    line, trail = F(ink[3] + spark * F(0.15)), F(ink[1] + spark * F(0.4))
    for i in range(out.shape[0]):
        lit = F(line * strip[MESH * CHUNK + i] + trail * strip[TRAIL * CHUNK + i])
        lit = F(lit + ramp[place[i]] * strip[TILE * CHUNK + i])
        out[i] = F(F(out[i] * strip[BACK * CHUNK + i]) + lit)


@njit(**KERNEL)
def _look_up_ridges(strip, view, ridges, y, first, count, values):  # type: ignore[no-untyped-def]
    """Heights and slopes of what stands behind each pixel of a strip."""
    steps = F(RIDGE_STEPS / RIDGE_SPAN)
    x0 = F(view[1] * F(I(y)) + view[2] - values[EYE_X] + view[0] * F(first))
    for n in range(count):
        sx = F(view[0] * F(I(n)) + x0)
        at = F(min(max(F(F(sx + F(RIDGE_SPAN * 0.5)) * steps), F(1)), F(RIDGE_STEPS - 3)))
        i = I(at)
        k = F(at - F(i))
        m0, m1 = ridges[0, i], ridges[0, i + 1]
        p0, p1 = ridges[1, i], ridges[1, i + 1]
        strip[HILL * CHUNK + n] = F(m0 + F(m1 - m0) * k)
        strip[HILL_SLOPE * CHUNK + n] = F(F(m1 - m0) * steps)
        strip[BLOCK * CHUNK + n] = F(p0 + F(p1 - p0) * k)
        strip[BLOCK_SLOPE * CHUNK + n] = F(p1 - p0)


@njit(**KERNEL)
def _far_row(strip, view, y, first, count, seed, values):  # type: ignore[no-untyped-def]
    """Sky, sun, stars and land."""
    x0 = F(view[1] * F(I(y)) + view[2] - values[EYE_X] + view[0] * F(first))
    y0 = F(view[4] * F(I(y)) + view[5] - values[EYE_Y] + view[3] * F(first))
    ax, ay = view[0], view[3]
    pixel = F(np.sqrt(F(ax * ax + ay * ay)))
    sun_x, sun_y, sun_size, sun_light = (
        values[SUN_X],
        values[SUN_Y],
        values[SUN_SIZE],
        values[SUN_LIGHT],
    )
    glow, stars = values[GLOW], values[STARS]
    for n in range(count):
        sx = F(ax * F(I(n)) + x0)
        d = F(ay * F(I(n)) + y0)
        up = F(abs(d))
        ex = F(sx - sun_x)
        ey = F(up - sun_y)
        r = F(np.sqrt(F(ex * ex + ey * ey)))
        disc = clamp01(F(F(sun_size - r) / pixel + F(0.5)))
        v = F(F(ey / sun_size) * F(0.5) + F(0.5))
        stripe = F(v * F(SUN_STRIPES))
        lit = F(F(0.15) + F(0.85) * v)
        off = F(stripe - F(floor_i(stripe)) - lit * F(0.5))
        off = F(min(F(abs(off)), F(F(1) - off)))
        soft = F(pixel * F(SUN_STRIPES * 0.5) / sun_size)
        bar = clamp01(F(F(lit * F(0.5) - off) / soft + F(0.5)))
        bar = F(bar + F(F(1) - bar) * smooth(F(0.62), F(0.7), v))
        halo = F(F(0.16) / F(F(1) + F(7) * r * r))
        strip[SUN * CHUNK + n] = F(sun_light * F(disc * bar + halo))
        strip[AT * CHUNK + n] = clamp01(v)
        strip[AIR * CHUNK + n] = F(glow / F(F(1) + F(9) * up))
        hill = F(strip[HILL * CHUNK + n] - up)
        block = F(strip[BLOCK * CHUNK + n] - up)
        slope, side = strip[HILL_SLOPE * CHUNK + n], strip[BLOCK_SLOPE * CHUNK + n]
        stands = clamp01(F(hill / pixel + F(0.5)))
        solid = clamp01(F(block / pixel + F(0.5)))
        facet = F(F(0.6) + F(0.55) * F(slope if ex < F(0) else F(-slope)))
        edge = F(F(0.006) + pixel)
        rim = F(F(0.006) / F(edge + F(12) * F(abs(hill))))
        body = F(stands * F(max(facet, F(0.1)) * F(F(1) + F(3) / F(F(1) + F(25) * up))))
        face = F(1) if side * sun_x < F(0) else F(0.3)
        bands = F(smooth(F(0.02), F(0.10), up) * smooth(F(0.30), F(0.12), up))
        chrome = F(face * F(F(0.3) + F(5.0) * bands * bands))
        strip[LAND * CHUNK + n] = F(body * F(F(1) - solid) + solid * chrome)
        stood = F(strip[BLOCK * CHUNK + n] > F(0))
        edge = F(stood * F(0.005) / F(edge + F(14) * F(abs(block))))
        strip[RIM * CHUNK + n] = F(F(rim * F(F(1) - solid) * F(0.8)) + edge)
        dark = F(F(1) - max(stands, solid))
        strip[OPEN * CHUNK + n] = dark
        cx, cy = F(sx * F(26)), F(up * F(26))
        h = mix(U(U(U(floor_i(cx)) * U(0x9E3779B1)) ^ U(U(floor_i(cy)) * U(0x85EBCA6B)) ^ seed))
        ux = F(fract(cx) - F(0.25) - F(0.5) * unit(h))
        uy = F(fract(cy) - F(0.25) - F(0.5) * unit(U(h * U(0x2C1B3C6D))))
        point = F(F(1) / F(F(1) + F(ux * ux + uy * uy) * F(900)))
        few = smooth(F(0.75), F(1), unit(U(h * U(0x7FEB352D))))
        high = smooth(F(0.25), F(0.8), up)
        strip[STAR * CHUNK + n] = F(stars * point * point * few * high * F(F(1) - disc))


@njit(**INLINE)
def _line(place, thick, foot):  # type: ignore[no-untyped-def]
    """Light of a line at the whole numbers of `place`, never finer than a pixel."""
    d = F(abs(F(place - F(floor_i(F(place + F(0.5)))))))
    core = F(thick + foot)
    k = F(F(1) / F(F(1) + F(d * d) / F(core * core)))
    fade = smooth(F(0.6), F(0.15), foot)
    return F(F(k * k * F(thick / core)) * fade + F(thick * F(1.5)) * F(F(1) - fade))


@njit(**KERNEL)
def _floor_row(strip, place, view, y, first, count, seed, values):  # type: ignore[no-untyped-def]
    """Grid (0), lit tiles (1), trails (2), what is left of the mirrored sky (3)."""
    x0 = F(view[1] * F(I(y)) + view[2] - values[EYE_X] + view[0] * F(first))
    y0 = F(view[4] * F(I(y)) + view[5] - values[EYE_Y] + view[3] * F(first))
    ax, ay = view[0], view[3]
    pixel = F(np.sqrt(F(ax * ax + ay * ay)))
    ground, road, bend, travel = values[GROUND], values[ROAD], values[BEND], values[TRAVEL]
    front, thrust, power, tiles = values[FRONT], values[KICK], values[GRID], values[TILES]
    tint, trails, trail_run, mirror = (
        values[HUE],
        values[TRAILS],
        values[TRAIL_RUN],
        values[MIRROR],
    )
    kerbs = F(road > F(0))
    for n in range(count):
        sx = F(ax * F(I(n)) + x0)
        d = F(ay * F(I(n)) + y0)
        below = clamp01(F(d / pixel))
        z = F(ground / F(max(d, F(0.012))))
        across = F(sx * z - bend * z * z)
        along = F(z + travel)
        foot_x = F(pixel * z)
        foot_z = F(z * z * pixel / ground)
        clear = F(decay(F(z * F(FLOOR_FOG))) * below)
        kick = F(F(z - front) * F(0.5))
        wave = F(thrust / F(F(1) + kick * kick))
        on_road = smooth(F(road + foot_x), F(road - foot_x), F(abs(across)))
        grid = F(_line(F(across * F(1.6)), F(0.016), F(foot_x * F(1.6))))
        grid = F(max(grid, _line(F(along * F(1.6)), F(0.016), F(foot_z * F(1.6)))))
        kerb = F(F(abs(F(F(abs(across)) - road))))
        slim = F(F(0.02) + foot_x)
        kerb = F(F(0.02) / F(slim + F(24) * kerb * kerb)) * kerbs
        dash = F(smooth(F(0.6), F(0.5), F(abs(F(fract(F(along * F(0.8))) - F(0.5)) * F(2)))))
        dash = F(dash * F(F(0.02) / F(F(0.02) + foot_x + F(60) * across * across)) * on_road)
        grid = F(grid * F(F(1) - on_road) + kerb * F(0.7) + dash * F(0.5))
        strip[MESH * CHUNK + n] = F(grid * power * clear * F(F(1) + F(2.2) * wave))
        ix = floor_i(F(across * F(1.6)))
        iz = floor_i(F(along * F(1.6)))
        h = mix(U(U(U(ix) * U(0x9E3779B1)) ^ U(U(iz) * U(0x85EBCA6B)) ^ seed))
        own = unit(h)
        lit = smooth(own, F(own + F(0.15)), F(tiles + F(0.4) * wave))
        blur = smooth(F(1.0), F(0.25), foot_z)
        lit = F(lit * F(F(1) - on_road) * F(own < F(0.5)) * F(0.22) * blur)
        strip[TILE * CHUNK + n] = F(lit * clear * F(F(0.4) + wave))
        hue = fract(F(tint + unit(U(h * U(0x2C1B3C6D)))))
        place[n] = I(hue * F(RAMP_STEPS - 1))
        lane = F(across / F(max(road, F(0.2))) * F(LANES))
        which = floor_i(lane)
        off = F(F(lane - F(which) - F(0.5)) * road / F(LANES))
        way = F(1) if which >= 0 else F(-1)
        run = F(F(z + way * trail_run * F(F(1) + F(0.13) * F(which))) * F(0.09))
        car = floor_i(run)
        hc = mix(U(U(U(car) * U(0x7FEB352D)) ^ U(U(which) * U(0x9E3779B1)) ^ seed))
        tail = F(run - F(car))
        tail = F(tail if way > F(0) else F(F(1) - tail))
        long = F(smooth(F(0), F(0.03), tail) * smooth(F(F(0.25) + F(0.7) * unit(hc)), F(0), tail))
        thin = F(F(0.022) + foot_x * F(0.7))
        streak = F(F(1) / F(F(1) + off * off / F(thin * thin)))
        streak = F(
            streak
            * streak
            * F(F(0.022) / thin)
            * long
            * on_road
            * F(unit(U(hc * U(0x2C1B3C6D))) < F(0.7))
        )
        strip[TRAIL * CHUNK + n] = F(streak * trails * F(clear + F(0.15) * below))
        haze = noise(F(across * F(0.9)), F(along * F(0.25)), seed)
        wet = F(mirror * F(F(0.75) + F(0.6) * haze) * F(F(1) - F(0.45) * on_road))
        strip[BACK * CHUNK + n] = F(F(1) + below * F(wet * F(F(1) - F(0.4) * clamp01(d)) - F(1)))
