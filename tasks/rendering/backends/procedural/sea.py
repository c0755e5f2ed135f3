"""An open sea in perspective, in relief: waves stand before waves, crests stand against the sky.

The water is a field of heights in layers from near to far. Every layer is a line across the
picture; it is lifted by its waves, lit there, and the strips between layers are filled from the
front to the back, so that a crest hides what lies behind it. Waves finer than a layer's or a
pixel's foot are left out: the distance is calm instead of grainy. The sky that the water mirrors
is the painted one, with all that stands on the horizon.
Source of the waves: J. Tessendorf, Simulating Ocean Water, 2001 (a sum of few waves, not a
spectrum). Source of the layers: front-to-back height fields as in Comanche, NovaLogic, 1992.
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
    cos_f,
    floor_i,
    noise,
    sin_f,
    smooth,
)

FARTHEST = 46.0
ACROSS = 2  # pixels a sample of a layer
SKY_STEP = 4  # pixels a sample of the sky that the water mirrors
LAYERS_HIGH = 0.30  # layers a pixel of the picture's height
NEAR_SHARE = 1.5  # layers begin this far below the picture's foot, for waves that rise into it
RIPPLES = (3.1, 7.3, 17.0, 41.0, 90.0)  # ripples a unit, coarse to fine
# What a sample of a layer has: its place below the horizon, its light, how much it sprays.
(BELOW, RED, GREEN, BLUE, TORN) = range(5)
# What is worked out along a layer.
(WORLD_X, WANDER, SLOPE_X, SLOPE_Z, TALL, CREST, RIPPLE_X, RIPPLE_Z, FLECK, STRETCH, WEB) = range(
    11
)
# Places in the row of values that the kernels are handed for a frame.
(
    HORIZON, SUN_X, SUN_Y, FLOW, TALLEST, POWER, HIGHS, KICK, FOAM, SURF, SHELL, STRENGTH,
    PIXEL, EYE, DEEP, WALL, WALL_AT, SHORE, CLEAR, ROUGH, HAZE, FOAM_SIZE,
) = range(22)  # fmt: skip


@njit(**KERNEL)
def raise_sea(field, view, waves, air, sky, seed, values):  # type: ignore[no-untyped-def]
    """Work out all layers of the sea.

    Args:
        field: Result, shape (5, layers, samples), from near to far.
        view: Camera, as from `look_through`; its roll is taken as a shear.
        waves: A row a wave: heading x and z, waves a unit, size, pace, how far it is bent, how
            sharp its crest is 0..1; shape (waves, 7).
        air: Colours: water, surf, sand, sun, foam; shape (5, 3).
        sky: The painted sky, a sample every `SKY_STEP` pixels, shape (3, rows, columns).
        seed: Of ripples and foam.
        values: A frame's numbers, by the names above.
    """
    _, layers, columns = field.shape
    row = np.empty((11, columns), np.float32)
    most = F(F(view[4] / values[PIXEL]) * F(F(1.05) - values[HORIZON]) * F(NEAR_SHARE))
    for k in range(layers):
        s = F(F(1) - F(F(I(k)) + F(0.5)) / F(layers))
        root = F(np.sqrt(s))
        below = F(max(F(most * s * root), F(values[EYE] / F(FARTHEST))))
        z = F(values[EYE] / below)
        step = F(F(1.5) * most * root / F(layers))
        foot = F(z * F(max(values[PIXEL], F(F(0.6) * step / below))))
        _wave_layer(row, waves, view, z, foot, seed, values)
        _ripple_layer(row, z, foot, seed, values)
        if F(values[FOAM] + values[SURF] + values[SHORE]) > F(0):
            _foam_layer(row, z, foot, seed, values)
        if values[CLEAR] > F(0):
            _web_layer(row, z, foot, seed, values)
        _light_layer(field[:, k], row, view, air, sky, z, values)


@njit(**KERNEL)
def _wave_layer(row, waves, view, z, foot, seed, values):  # type: ignore[no-untyped-def]
    """Height, slopes and crests of one layer's long waves."""
    t = values[FLOW]
    middle = F(view[1] * F(0.5) * F(2) / values[PIXEL] + view[2])
    far = smooth(F(0.5), F(0.15), F(foot * F(0.42)))
    for x in range(row.shape[1]):
        wx = F(F(view[0] * F(I(x * ACROSS)) + middle) * z)
        row[WORLD_X, x] = wx
        u, v = F(wx * F(0.42) + F(60)), F(z * F(0.42) + t * F(0.05) + F(60))
        row[WANDER, x] = F(noise(u, v, seed) * far)
        row[SLOPE_X, x] = F(0)
        row[SLOPE_Z, x] = F(0)
        row[TALL, x] = F(0)
        row[CREST, x] = F(0)
    close = smooth(F(0.25), F(1.3), z)
    for k in range(waves.shape[0]):
        seen = F(smooth(F(0.5), F(0.2), F(foot * waves[k, 2])) * close)
        if seen <= F(0):
            break
        turn = F(F(6.2831853) * waves[k, 2])
        size = F(waves[k, 3] * seen)
        sharp = waves[k, 6]
        for x in range(row.shape[1]):
            along = F(waves[k, 0] * row[WORLD_X, x] + waves[k, 1] * z)
            along = F(along + waves[k, 5] * row[WANDER, x])
            phase = F(turn * along + waves[k, 4] * t)
            own = F(size * F(F(1) + F(0.8) * row[WANDER, x]))
            s = sin_f(phase)
            u = F(F(0.5) + F(0.5) * s)
            peak = F(u * u)
            lift = F(F(1) + sharp * F(peak * F(2) - F(1)))
            lean = F(own * turn * cos_f(phase) * F(F(0.5) + sharp * F(u * u * F(1.5) - F(0.25))))
            row[TALL, x] += F(own * F(u * lift - F(0.35)))
            row[SLOPE_X, x] += F(waves[k, 0] * lean)
            row[SLOPE_Z, x] += F(waves[k, 1] * lean)
            row[CREST, x] += F(own * peak * peak)
    if values[WALL] > F(0):
        _wall(row, z, values)


@njit(**KERNEL)
def _wall(row, z, values):  # type: ignore[no-untyped-def]
    """One long wall of water, hollow in front, its back a slow slope."""
    for x in range(row.shape[1]):
        wx = row[WORLD_X, x]
        line = F(values[WALL_AT] + F(0.5) * row[WANDER, x] + F(0.03) * wx * wx / z)
        d = F(z - line)
        wide = F(0.75) if d < F(0) else F(1.8)
        q = F(d / wide)
        bell = F(F(1) / F(F(1) + q * q))
        own = F(values[WALL] * F(F(1) + F(0.3) * row[WANDER, x]))
        row[TALL, x] += F(own * bell * bell)
        row[SLOPE_Z, x] -= F(own * F(4) * q / wide * bell * bell * bell)
        row[CREST, x] += F(F(0.5) * own * bell * bell * bell * bell)


@njit(**KERNEL)
def _ripple_layer(row, z, foot, seed, values):  # type: ignore[no-untyped-def]
    """Ripples on the waves, and what tears the foam, each as fine as the foot allows."""
    t = values[FLOW]
    for x in range(row.shape[1]):
        row[RIPPLE_X, x] = F(0)
        row[RIPPLE_Z, x] = F(0)
        row[FLECK, x] = F(0)
        row[WEB, x] = F(0)
        row[STRETCH, x] = F(F(1) + F(1.5) * F(abs(row[SLOPE_Z, x])) * z / values[EYE])
    for k in range(5):
        fine = F(RIPPLES[k])
        if F(foot * fine) >= F(0.5):
            break
        pace = F(t * F(F(0.5) + F(0.13) * fine))
        size = F(F(1) / F(F(1) + F(0.10) * F(I(k))))
        own = U(seed + U(29 * (k + 1)))
        for x in range(row.shape[1]):
            bend = row[WANDER, x]
            u = F(row[WORLD_X, x] * fine + F(0.9) * bend * fine + F(90 + 30 * k))
            run = F(z + F(0.5) * row[TALL, x])
            v = F(run * fine * F(1.5) + pace + F(0.5) * bend * fine + F(90))
            kept = F(size * smooth(F(0.5), F(0.12), F(foot * fine * row[STRETCH, x])))
            row[RIPPLE_X, x] += F(kept * noise(u, v, own))
            row[RIPPLE_Z, x] += F(kept * noise(F(u * F(0.8)), F(v * F(1.2) + F(33)), U(own + U(5))))


@njit(**KERNEL)
def _foam_layer(row, z, foot, seed, values):  # type: ignore[no-untyped-def]
    """Threads and holes of the foam."""
    for k in range(3):
        fine = F(F(RIPPLES[k]) * values[FOAM_SIZE])
        size = F(F(1) / F(F(1) + F(0.4) * F(I(k))))
        if F(foot * fine) >= F(0.5):
            break
        for x in range(row.shape[1]):
            u = F(row[WORLD_X, x] * fine + F(40 + 7 * k) + F(1.2) * row[WANDER, x] * fine)
            v = F(F(z + F(0.4) * row[TALL, x]) * fine + values[FLOW] * F(0.5) + F(40))
            n = F(abs(noise(u, v, U(seed + U(311 + k)))))
            kept = F(size * smooth(F(0.5), F(0.12), F(foot * fine * row[STRETCH, x])))
            row[FLECK, x] += F(kept * F(F(0.36) - F(1.9) * n))


@njit(**KERNEL)
def _web_layer(row, z, foot, seed, values):  # type: ignore[no-untyped-def]
    """Light that waves gather on the bottom of clear water."""
    t = values[FLOW]
    seen = smooth(F(0.4), F(0.12), F(foot * F(4)))
    for x in range(row.shape[1]):
        u = F(row[WORLD_X, x] * F(2.3) + F(70) + row[RIPPLE_X, x] * F(0.35))
        v = F(z * F(2.3) + F(70) + row[RIPPLE_Z, x] * F(0.35))
        a = noise(F(u + t * F(0.2)), F(v - t * F(0.11)), U(seed + U(401)))
        b = noise(F(u * F(1.31) - t * F(0.17)), F(v * F(1.31)), U(seed + U(403)))
        q = F(F(1) - F(min(F(F(2.4) * F(F(abs(a)) + F(0.5) * F(abs(b)))), F(1))))
        row[WEB, x] = F(q * q * seen)


@njit(**INLINE)
def _mirrored(plane, px, py):  # type: ignore[no-untyped-def]
    """The sky at a place between its samples."""
    x = F(min(max(px, F(0)), F(F(plane.shape[1]) - F(1.01))))
    y = F(min(max(py, F(0)), F(F(plane.shape[0]) - F(1.01))))
    i, j = I(x), I(y)
    u, v = F(x - F(i)), F(y - F(j))
    a = F(plane[j, i] + F(plane[j, i + 1] - plane[j, i]) * u)
    b = F(plane[j + 1, i] + F(plane[j + 1, i + 1] - plane[j + 1, i]) * u)
    return F(a + F(b - a) * v)


@njit(**KERNEL)
def _light_layer(out, row, view, air, sky, z, values):  # type: ignore[no-untyped-def]
    """What a layer shows: sky and sun in its mirror, light through it, foam, living light, sand."""
    # One pass, though long: what one line works out, the next ones need, sample by sample.
    steep, eye = values[ROUGH], values[EYE]
    inverse = F(F(1) / z)
    per_x, per_y = F(F(1) / F(view[0] * F(SKY_STEP))), F(F(1) / F(view[4] * F(SKY_STEP)))
    far = F(z / F(z + values[HAZE]))
    far = F(far * far)
    beach = F(1) if values[SHORE] > F(0) else F(0)
    shore_foam = F(max(F(F(1.1) - F(0.8) * values[SURF]), F(0)))
    for x in range(row.shape[1]):
        tall = row[TALL, x]
        side = F(row[WORLD_X, x] * inverse)
        edge = F(F(z - values[SHORE]) - F(0.35) * row[WANDER, x] + F(0.8) * tall)
        under = F(smooth(F(0.03), F(-0.06), edge) * beach)
        sea = F(F(1) - under)
        tall = F(tall * sea)
        sx = F(F(row[SLOPE_X, x] + steep * row[RIPPLE_X, x]) * F(sea + F(0.12)))
        sz = F(F(row[SLOPE_Z, x] + steep * row[RIPPLE_Z, x]) * F(sea + F(0.12)))
        below = F(F(eye - tall) * inverse)
        flat = F(max(F(eye * inverse), F(0)))
        look = F(flat / F(np.sqrt(F(F(1) + flat * flat + F(0.3) * side * side))))
        facing = F(min(max(F(look + sz), F(0)), F(1)))
        mirror = F(F(1) - facing)
        mirror = F(mirror * mirror)
        mirror = F(F(0.03) + F(0.97) * mirror * mirror * F(F(0.4) + F(0.6) * F(F(1) - facing)))
        rise = F(abs(F(look + F(1.7) * sz)))
        to = F(side - F(1.3) * sx * F(F(0.35) + facing))
        px = F(F(to - view[2]) * per_x + F(1))
        ground = F(values[HORIZON] - rise - view[3] * F(I(x * ACROSS)) - view[5])
        py = F(F(ground * per_y) + F(1))
        dx = F(to - values[SUN_X])
        dy = F(F(rise - values[SUN_Y]) * F(0.5))
        q = F(dx * dx + dy * dy)
        glint = F(F(0.0032) / F(F(0.0036) + q))
        glint = F(glint * glint * glint * F(F(2.6) + F(2.6) * values[HIGHS]) * values[POWER])
        shine = F(F(0.06) / F(F(0.06) + dx * dx + dy * dy * F(0.3)))
        lift = clamp01(F(F(0.24) + tall * F(1.5) / F(eye + F(0.15)) + F(0.45) * row[SLOPE_Z, x]))
        lit = F(F(0.30) + F(0.7) * shine)
        own = F(lift * lift * values[DEEP] * lit)
        own = F(own + values[CLEAR] * F(F(0.30) + F(0.9) * row[WEB, x]) * F(F(1) - far))
        torn = clamp01(F(F(0.30) + F(1.1) * row[FLECK, x]))
        crest = F(row[CREST, x] / values[TALLEST])
        top = smooth(F(0.26), F(0.88), F(crest + F(0.26) * row[FLECK, x]))
        veil = smooth(F(0.0), F(0.78), F(crest + F(0.65) * row[FLECK, x] + F(0.05)))
        lace = F(torn * torn * F(F(0.9) * top + F(0.35) * veil * torn) * sea)
        beyond = F(z - values[SHELL])
        ring = F(values[STRENGTH] / F(F(1) + beyond * beyond * F(1.2)))
        foam = F(values[FOAM] * lace * F(F(0.35) + F(0.65) * lit))
        stirred = F(
            lace * F(F(0.15) + top) * F(F(0.5) + F(1.0) * values[KICK]) + ring * torn * torn
        )
        stirred = F(stirred * values[SURF])
        lap = F(F(1) / F(F(1) + edge * edge * F(160)))
        trail = F(F(1) / F(F(1) + F(max(edge, F(0))) * F(4)))
        trail = F(F(max(trail * torn, lap)) * F(F(0.25) + torn))
        rim = F(trail * F(F(1) - smooth(F(0.0), F(-0.30), edge)) * beach)
        foam = F(foam + shore_foam * rim * F(F(0.35) + F(0.65) * lit))
        stirred = F(stirred + values[SURF] * rim * F(F(0.6) + values[KICK]))
        dry = F(smooth(F(-0.30), F(-1.25), F(edge + F(0.25) * row[WANDER, x])) * under)
        kept = F(F(1) - mirror)
        sand = F(under * F(F(0.05) + F(0.18) * lit + F(0.20) * dry))
        marks = sin_f(F(F(30) * z + F(16) * row[WANDER, x] + F(2.2) * row[RIPPLE_Z, x]))
        sand = F(sand * F(F(1) + F(0.22) * row[RIPPLE_Z, x] + F(0.24) * marks * under))
        sz = F(sz + F(0.03) * marks * under)
        mirror = F(mirror * F(F(1) - dry * F(0.9)))
        dip = F(F(1) - clamp01(foam))
        out[BELOW, x] = below
        out[TORN, x] = F(top * torn)
        for c in range(3):
            seen = _mirrored(sky[c], px, py)
            body = F(air[0, c] * own * kept * sea + air[2, c] * sand)
            lit_c = F(F(seen + air[3, c] * glint) * mirror + body)
            if far > F(0.003):
                edge_sky = _mirrored(sky[c], px, F(py + rise * per_y))
                lit_c = F(lit_c + F(edge_sky * F(0.8) - lit_c) * far)
            out[RED + c, x] = F(lit_c * dip + air[1, c] * stirred + air[4, c] * foam)


@njit(**KERNEL)
def fill_sea(light, field, view, horizon, bottom, under):  # type: ignore[no-untyped-def]
    """Put the layers into the picture, from near to far, each strip by the share it covers.

    Args:
        light: Linear light with the sky in it, shape (3, height, width).
        field: From `raise_sea`.
        view: The same camera.
        horizon: Height of the horizon in the scene.
        bottom: Work array, shape (width,).
        under: Work array, shape (3, width).
    """
    _, height, width = light.shape
    layers = field.shape[1]
    per_y = F(F(1) / view[4])
    for x in range(width):
        bottom[x] = F(height)
    for k in range(layers):
        before = max(k - 1, 0)
        for x in range(width):
            j = x // ACROSS
            u = F(F(I(x - j * ACROSS)) * F(1.0 / ACROSS))
            here = F(field[BELOW, k, j] + F(field[BELOW, k, j + 1] - field[BELOW, k, j]) * u)
            base = F(horizon - view[3] * F(I(x)) - view[5])
            y1 = F(F(here + base) * per_y)
            low = bottom[x]
            if y1 >= low or low <= F(0):
                continue
            last = field[BELOW, before, j]
            last = F(last + F(field[BELOW, before, j + 1] - last) * u)
            y0 = F(F(last + base) * per_y)
            slope = F(F(1) / F(max(F(y0 - y1), F(1e-3))))
            top = F(max(y1, F(0)))
            for y in range(min(floor_i(low), height - 1), floor_i(top) - 1, -1):
                ends = F(min(low, F(I(y + 1))))
                starts = F(max(top, F(I(y))))
                share = F(ends - starts)
                if share <= F(0):
                    continue
                t = clamp01(F(F(y0 - F(0.5) * F(ends + starts)) * slope))
                first = ends >= F(I(y + 1))
                for c in range(3):
                    a = field[RED + c, before, j]
                    a = F(a + F(field[RED + c, before, j + 1] - a) * u)
                    b = field[RED + c, k, j]
                    b = F(b + F(field[RED + c, k, j + 1] - b) * u)
                    if first:
                        under[c, x] = light[c, y, x]
                    light[c, y, x] += F(F(F(a + F(b - a) * t) - under[c, x]) * share)
            bottom[x] = top
