"""Nested panes of glass that the eye falls through, polygons that turn into stars.

In their midst a body of four dimensions turns, drawn in light.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    atan2_f,
    cos_f,
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
from tasks.rendering.backends.procedural.palette import INK_COUNT, RAMP_STEPS
from tasks.rendering.backends.procedural.polytopes import regular_bodies
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot, add_line
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

RINGS = 8  # polygons in sight at once
BODY_SIZE = 2.0  # of the polytope, half-heights before projection
RATIO = 1.5  # size of a polygon against the one inside it
INNERMOST = 0.085  # half-heights at which a polygon appears
SIDES = (3, 4, 5, 6, 8)
MOTES = 110  # points of light that fly past
EYE_DISTANCE = 2.1  # of the body's projections from four to three and from three to two dimensions


class Panes:
    """Polygons, stars, a polytope."""

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        self.seed = seed32(seed, 0)
        self.sides = SIDES[int(dice(seed, 1) * len(SIDES))]
        self.corners, self.edges = regular_bodies()[int(dice(seed, 2) * 3)]
        self.way = 1.0 if dice(seed, 3) < 0.5 else -1.0
        self.hue = dice(seed, 4)
        self.phases = [2.0 * math.pi * dice(seed, 10 + k) for k in range(8)]
        self.twist = 0.25 + 0.5 * dice(seed, 5)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """The rings at every pixel, then the body's edges."""
        height, width = self.stage.height_px, self.stage.width_px
        view = look_through(moment, height_px=height, width_px=width)
        fall = 0.34 * moment.flow + 0.6 * self.phases[0]
        colors = self.stage.palette
        rings = self._rings(moment, fall)
        hues = np.stack([colors.inks[int(r[5])] for r in rings])
        pixel = np.float32(moment.scale * 2.0 / height)
        _rings(light, view, rings, hues, colors.night, np.int32(self.sides), pixel)
        back = to_pixels(view)
        _struts(light, back, rings, hues, np.int32(self.sides), np.float32(height / 480.0))
        places = self._body(moment, back)
        strength = np.float32(0.35 + 0.9 * moment.energy + 0.8 * moment.beat)
        _motes(light, back, colors.ramp, self.seed, np.float32(0.5 * fall), strength)
        _wires(
            light, places, self.edges, colors.ramp, colors.spark,
            np.float32(self.hue + 0.5), strength, np.float32(height / 480.0),
            np.float32(moment.highs),
        )  # fmt: skip

    def _rings(self, moment: Moment, fall: float) -> FloatArray:
        """Of each ring: radius, turn, star angle, line light, pane light, ink, line width."""
        whole = math.floor(fall)
        rows = []
        for k in range(RINGS):
            grown = k + fall - whole
            name = whole - k
            radius = INNERMOST * RATIO**grown * (1.0 + 0.05 * moment.bass)
            turn = self.way * (0.16 * moment.flow + self.twist * name) * (1 if name % 2 else -0.7)
            star = 0.5 + 0.5 * math.sin(0.31 * moment.flow + 1.9 * name + self.phases[1])
            fade = min(grown / 1.2, 1.0) * min((RINGS - grown) / 1.5, 1.0)
            line = fade * (0.22 + 0.55 * moment.energy + 0.55 * moment.beat * (name % 2))
            pane = fade * (0.05 + 0.07 * moment.energy + 0.05 * moment.bass)
            hue = (name + int(4 * self.hue)) % INK_COUNT
            rows.append([radius, turn, star, line, pane, hue, 0.7 + 0.35 * grown])
        return np.array(rows, np.float32)

    def _body(self, moment: Moment, back: FloatArray) -> FloatArray:
        """Corners of the turned body: pixel x, y and nearness."""
        a, b, c = (0.41 * moment.flow + p for p in self.phases[2:5])
        turned = _turned(self.corners, 0, 3, a)
        turned = _turned(turned, 1, 3, 0.73 * b)
        turned = _turned(turned, 0, 2, 0.61 * c)
        turned = _turned(turned, 1, 2, 0.31 * moment.flow)
        solid = turned[:, :3] * (1.0 / (EYE_DISTANCE - turned[:, 3:4]))
        near = 1.0 / (EYE_DISTANCE - solid[:, 2])
        size = BODY_SIZE * (1.0 + 0.10 * moment.bass)
        x, y = solid[:, 0] * near * size, solid[:, 1] * near * size
        pixels = [back[0] * x + back[1] * y + back[2], back[3] * x + back[4] * y + back[5]]
        return np.stack([*pixels, near * EYE_DISTANCE], axis=1).astype(np.float32)


def _turned(corners: NDArray[np.floating], i: int, j: int, angle: float) -> NDArray[np.floating]:
    """Rotate in the plane of axes i and j."""
    turned = corners.copy()
    cosine, sine = math.cos(angle), math.sin(angle)
    turned[:, i] = cosine * corners[:, i] - sine * corners[:, j]
    turned[:, j] = sine * corners[:, i] + cosine * corners[:, j]
    return turned


@njit(**KERNEL)
def _rings(light, view, rings, hues, night, sides, pixel):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    rays = np.empty((2, width), np.float32)
    lit = np.empty((RINGS, width), np.float32)
    for y in range(height):
        for x in range(width):
            px = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
            py = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5])
            rays[0, x] = F(np.sqrt(F(px * px + py * py)))
            rays[1, x] = F(atan2_f(py, px) * F(0.15915494))
        for k in range(RINGS):
            _ring_row(lit[k], rays, rings[k], sides, pixel)
        for c in range(3):
            for x in range(width):
                total = F(night[c] * F(0.8))
                for k in range(RINGS):
                    total = F(total + lit[k, x] * hues[k, c])
                light[c, y, x] = total


@njit(**KERNEL)
def _ring_row(lit, rays, ring, sides, pixel):  # type: ignore[no-untyped-def]
    """Light of one polygon or star along a row: its outline, and the glass inside."""
    radius, turn, star, line, pane = ring[0], ring[1], ring[2], ring[3], ring[4]
    sector = F(F(6.2831853) / F(sides))
    # The edge's normal leans from the middle of a side (polygon) towards a corner (star).
    lean = F(star * F(0.55) * sector)
    nx = _cos_small(lean)
    ny = _sin_small(lean)
    soft = F(pixel * F(1.1) * ring[6])
    core = F(soft * soft)
    turns = F(turn * F(0.15915494))
    for x in range(lit.shape[0]):
        r = rays[0, x]
        a = F(F(rays[1, x] + turns) * F(sides))
        a = F(F(a - F(floor_i(a))) - F(0.5))
        a = F(F(abs(a)) * sector)
        d = F(r * F(_cos_small(a) * nx + _sin_small(a) * ny) - radius)
        glow = F(core / F(d * d + core))
        e = F(d + radius * F(0.075))
        echo = F(core * F(0.35) / F(e * e + core * F(0.35)))
        inside = F(max(F(-d), F(0)))
        rim = F(F(1) / F(F(1) + F(5) * inside / radius))
        glass = F(pane * rim * rim * smooth(soft, F(-soft), d))
        lit[x] = F(line * F(glow * F(F(0.35) + F(1.3) * glow) + F(0.4) * echo * echo) + glass)


@njit(**INLINE)
def _cos_small(a):  # type: ignore[no-untyped-def]
    """Cosine for |a| below 1.3."""
    q = F(a * a)
    return F(F(1) - q * F(F(0.5) - q * F(F(0.0416667) - q * F(0.0013889))))


@njit(**INLINE)
def _sin_small(a):  # type: ignore[no-untyped-def]
    """Sine for |a| below 1.3."""
    q = F(a * a)
    return F(a * F(F(1) - q * F(F(0.1666667) - q * F(F(0.0083333) - q * F(0.0001984)))))


@njit(**KERNEL)
def _struts(light, back, rings, hues, sides, size):  # type: ignore[no-untyped-def]
    """Thin lines from the corners of each polygon to those of the next: a cage in depth."""
    sector = F(F(6.2831853) / F(sides))
    for k in range(RINGS - 1):
        bright = F(F(min(rings[k, 3], rings[k + 1, 3])) * F(0.55))
        for m in range(sides):
            ax, ay = _corner(rings[k], F(F(I(m)) * sector), sector)
            bx, by = _corner(rings[k + 1], F(F(I(m)) * sector), sector)
            w = F(size * F(0.75) * rings[k, 6])
            c0 = F(F(hues[k, 0] + hues[k + 1, 0]) * F(0.5))
            c1 = F(F(hues[k, 1] + hues[k + 1, 1]) * F(0.5))
            c2 = F(F(hues[k, 2] + hues[k + 1, 2]) * F(0.5))
            add_line(
                light,
                F(back[0] * ax + back[1] * ay + back[2]), F(back[3] * ax + back[4] * ay + back[5]),
                F(back[0] * bx + back[1] * by + back[2]), F(back[3] * bx + back[4] * by + back[5]),
                w, F(w * F(1.3)), c0, c1, c2, bright, bright,
            )  # fmt: skip


@njit(**INLINE)
def _corner(ring, angle, sector):  # type: ignore[no-untyped-def]
    """Scene place of a corner of a polygon or star."""
    r = F(ring[0] / _cos_small(F(sector * F(F(0.5) - F(0.55) * ring[2]))))
    a = F(angle - ring[1])
    return F(cos_f(a) * r), F(sin_f(a) * r)


@njit(**KERNEL)
def _wires(light, places, edges, ramp, spark, hue, strength, size, sparkle):  # type: ignore[no-untyped-def]
    for e in range(edges.shape[0]):
        i = edges[e, 0]
        j = edges[e, 1]
        near = F(F(places[i, 2] + places[j, 2]) * F(0.5))
        bright = F(strength * near * near * F(0.55))
        w = F(size * F(F(1.2) + F(1.1) * near * near))
        slot = I(F(fract(F(hue + F(near - F(1)) * F(0.7)))) * F(RAMP_STEPS - 1))
        add_line(
            light, places[i, 0], places[i, 1], places[j, 0], places[j, 1],
            w, w, ramp[slot, 0], ramp[slot, 1], ramp[slot, 2], bright, bright,
        )  # fmt: skip
    for i in range(places.shape[0]):
        near = places[i, 2]
        k = F(strength * near * near * F(F(0.9) + F(1.2) * sparkle))
        add_dot(
            light, places[i, 0], places[i, 1], F(size * F(3.4) * near),
            F(spark[0] * k), F(spark[1] * k), F(spark[2] * k),
        )  # fmt: skip


@njit(**KERNEL)
def _motes(light, back, ramp, seed, fall, strength):  # type: ignore[no-untyped-def]
    """Points that rush past on all sides: they tell how deep the picture is."""
    height = light.shape[1]
    for k in range(MOTES):
        h = mix(U(U(k) * U(0x9E3779B1) ^ seed))
        near = fract(F(unit(h) + fall))
        z = F(F(1.02) - near)
        x = F(F(unit(mix(U(h + U(1)))) * F(2) - F(1)) * F(0.9) / z)
        y = F(F(unit(mix(U(h + U(2)))) * F(2) - F(1)) * F(0.9) / z)
        slot = I(F(unit(mix(U(h + U(3))))) * F(RAMP_STEPS - 1))
        fade = F(near * near * strength * F(0.9) * smooth(F(1), F(0.9), near))
        reach = F(F(F(0.9) + F(1.8) * near * near) * F(height) * F(1.0 / 480.0) + F(0.6))
        px = F(back[0] * x + back[1] * y + back[2])
        py = F(back[3] * x + back[4] * y + back[5])
        c = ramp[slot]
        add_dot(light, px, py, reach, F(c[0] * fade), F(c[1] * fade), F(c[2] * fade))
