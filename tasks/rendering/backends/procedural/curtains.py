"""Curtains of light: a folded path that sends up a ray at every place, seen in any perspective.

Where the path folds, the rays lie close and the light gathers by itself. The rays are drawn side
by side on a sheet, column by column, and the sheet is then looked up round a vanishing point: far
above for tall straight rays, near for a corona overhead, below for a planet's rim.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    atan2_f,
    clamp01,
    decay,
    floor_i,
    fract,
    noise,
    smooth,
)
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

SKY_STEP = 2  # pixels a sample of the curtains
ACROSS = 2.5  # half-heights that the sheet goes either way, then it is mirrored
TOP, TALL = -1.9, 3.1  # upper edge and height of the sheet, half-heights
REACH = 3.3  # half the length of a curtain: its ends must stay out of sight
SHEET_ROWS = 0.8  # of the picture's own: light is soft along a ray
RAYS_A_COLUMN = 2.8  # rays a curtain for each column of samples: folds must not show gaps
BANDS = 3  # colours of a ray: hem, middle, crown
WHITE = 0.42  # how soon gathered light stops growing: rays keep their colour
# Places in a row of values.
(FLOW, PAN, COUNT, HEM, STEP, LEAN, ARCH, FOLD, LENGTH, HAIR, WAVE, PULSE, POWER) = range(13)
(AWAY_X, AWAY_Y, RADIUS, INWARD, HANGING) = range(13, 18)


@dataclass(frozen=True)
class Curtains:
    """What a frame's curtains look like; lengths in half-heights, y downwards.

    Attributes:
        flow: How far they have moved.
        pan: How far we have looked sideways.
        count: Curtains, one behind another.
        hem: Height of the nearest one's hem.
        step: How much higher each farther one hangs.
        lean: How much lower the hem is to one side.
        arch: How much higher it is in the middle.
        fold: How deep they are folded.
        length: Of the rays.
        hair: Contrast of single rays.
        wave: Strength of the brightness that runs along them.
        pulse: How much of it a beat adds.
        power: Light.
        away_x: Vanishing point of the rays.
        away_y: Vanishing point of the rays.
        radius: From there to where the sheet is seen as it is.
        inward: 1 where rays run to a point above, -1 where they run from one below.
        hanging: Above 0 where the light hangs from above, rays upside down: how much higher.
    """

    flow: float
    pan: float
    count: float
    hem: float
    step: float
    lean: float
    arch: float
    fold: float
    length: float
    hair: float
    wave: float
    pulse: float
    power: float
    away_x: float
    away_y: float
    radius: float
    inward: float
    hanging: float


class Sheet:
    """Work arrays of the curtains, made once a clip.

    Attributes:
        wide: Light for `blend_row` with `SKY_STEP`, shape (3, rows, width).
        light: The same, coarse.
    """

    def __init__(self, stage: Stage) -> None:
        shape = coarse_shape(stage.height_px, stage.width_px, SKY_STEP)
        tall = max(int(shape[0] * SHEET_ROWS), 8)
        self.rays = scratch(BANDS, shape[1], tall)  # turned: a ray is one run of memory
        self.light = scratch(3, *shape)
        self.wide = scratch(3, shape[0], stage.width_px)

    def paint(
        self, view: FloatArray, curtains: Curtains, colors: FloatArray, *, seed: np.uint32
    ) -> None:
        """Draw a frame's curtains.

        Args:
            view: Camera, as from `look_through`, without its pan, which is in `curtains`.
            curtains: What they look like.
            colors: Hem, middle and crown, linear light, shape (3, 3).
            seed: Of their folds.
        """
        values = np.array(astuple(curtains), np.float32)
        deepest = _draw(self.rays, seed, values)
        _look_up(self.light, self.rays, view, colors, values, deepest)
        for c in range(3):
            widen(self.light[c], self.wide[c], SKY_STEP)


@njit(**KERNEL)
def _draw(rays, seed, values):  # type: ignore[no-untyped-def]
    """Light of all rays in three bands of colour, column by column; returns the last lit row."""
    deepest = 0
    _, across, tall = rays.shape
    for band in range(BANDS):
        for x in range(across):
            for y in range(tall):
                rays[band, x, y] = F(0)
    count = I(F(across) * F(RAYS_A_COLUMN))
    t = values[FLOW]
    share = F(F(across) / F(count) * F(REACH / ACROSS) * F(1.45))
    for curtain in range(I(values[COUNT])):
        own = U(seed + U(211 * curtain + 5))
        k = F(I(curtain))
        depth = F(F(1) / F(F(1) + F(0.26) * k))
        for ray in range(count):
            u = F(F(F(I(ray)) / F(count)) * F(2 * REACH) - F(REACH))
            s = F(u + values[PAN] * depth)
            fold = noise(F(s * F(0.9) + t * F(0.07) + F(30)), F(k * F(5) + t * F(0.05)), own)
            fine = noise(
                F(s * F(2.3) - t * F(0.11) + F(60)), F(k * F(3) + t * F(0.09)), U(own + U(3))
            )
            x = F(u + F(fold * F(1.0) + fine * F(0.26)) * values[FOLD])
            at = F(F(F(0.5) + x * F(0.5 / ACROSS)) * F(across))
            column = floor_i(at)
            if column < 0 or column + 1 >= across:
                continue
            hem = F(values[HEM] - values[STEP] * k + values[LEAN] * x)
            hem = F(hem + values[ARCH] * F(x * x * F(0.5) - F(0.5)))
            hem = F(hem + F(fold * F(0.32) + fine * F(0.20)) * values[FOLD])
            glow = noise(
                F(s * F(1.6) + t * F(0.16) + F(9)), F(k * F(7) - t * F(0.13)), U(own + U(9))
            )
            thin = noise(F(s * F(17) - t * F(0.55) + F(80)), F(t * F(0.35) + F(20)), U(own + U(13)))
            hair = noise(F(s * F(43) + t * F(0.8) + F(90)), F(t * F(0.7) + F(30)), U(own + U(17)))
            lit = clamp01(F(F(0.42) + glow * F(1.5)))
            comb = clamp01(F(F(0.45) + F(thin * F(0.9) + hair * F(0.5)) * values[HAIR]))
            lit = F(lit * F(F(0.5) + F(1.0) * comb))
            wave = fract(F(s * F(0.25) - t * F(0.21) + F(0.3) * k))
            wave = F(wave * wave * wave * smooth(F(1), F(0.93), wave))
            lit = F(lit * F(F(1) + wave * F(values[WAVE] + values[PULSE])) * depth * share)
            reach = F(F(0.30) + F(0.34) * clamp01(F(F(0.5) + thin * F(0.5) + glow * F(0.9))))
            deepest = max(deepest, I(F(F(hem + F(0.04) - F(TOP)) * F(F(tall) / F(TALL)))) + 2)
            _ray(rays, column, F(at - F(column)), hem, F(reach * values[LENGTH]), lit)
    return deepest


@njit(**KERNEL)
def _ray(rays, column, part, hem, reach, lit):  # type: ignore[no-untyped-def]
    """One ray, shared between two columns: a sharp hem below, a long fall-off above."""
    tall = rays.shape[2]
    unit = F(F(tall) * F(1.0 / TALL))
    foot = F(F(hem - F(TOP)) * unit)
    last = min(floor_i(F(foot + F(0.04) * unit)), tall - 1)
    first = max(floor_i(F(foot - reach * F(3.8) * unit)), 0)
    scale = F(F(0.5) / F(reach * unit))
    left = F(lit * F(F(1) - part))
    right = F(lit * part)
    for y in range(first, last):
        v = F(F(foot - F(I(y))) * scale)
        k = F(decay(F(v * F(3.1))) * smooth(F(-0.03), F(0.05), v) * smooth(F(1.9), F(0.9), v))
        hem_k = F(k * smooth(F(0.42), F(0.02), v))
        crown_k = F(k * smooth(F(0.35), F(1.0), v) * F(1.5))
        middle_k = F(max(F(k - hem_k - crown_k), F(0)))
        rays[0, column, y] += F(left * hem_k)
        rays[0, column + 1, y] += F(right * hem_k)
        rays[1, column, y] += F(left * middle_k)
        rays[1, column + 1, y] += F(right * middle_k)
        rays[2, column, y] += F(left * crown_k)
        rays[2, column + 1, y] += F(right * crown_k)


@njit(**KERNEL)
def _look_up(light, rays, view, colors, values, deepest):  # type: ignore[no-untyped-def]
    """The sheet in perspective, in colour; light that gathers is held back evenly in all three."""
    _, rows, columns = light.shape
    _, across, tall = rays.shape
    way = values[INWARD]
    flip = F(-1) if values[HANGING] > F(0) else F(1)
    for r in range(rows):
        py = F(I(r - 1) * I(SKY_STEP))
        for x in range(columns):
            px = F(I(x - 1) * I(SKY_STEP))
            dx = F(view[0] * px + view[1] * py + view[2] - values[AWAY_X])
            dy = F(F(view[3] * px + view[4] * py + view[5] - values[AWAY_Y]) * way)
            away = F(np.sqrt(F(dx * dx + dy * dy)))
            v = F(F(values[AWAY_Y] + way * away) * flip - values[HANGING])
            u = F(F(atan2_f(dx, dy) * values[RADIUS] + values[AWAY_X]) * F(0.5 / ACROSS))
            u = F(u + F(0.5))
            u = F(abs(u))
            u = F(min(u, F(F(2) - u)))
            at = F(min(max(F(u * F(across)), F(0)), F(F(across) - F(1.01))))
            down = F(F(v - F(TOP)) * F(F(tall) * F(1.0 / TALL)))
            if down > F(deepest):
                light[0, r, x] = F(0)
                light[1, r, x] = F(0)
                light[2, r, x] = F(0)
                continue
            down = F(min(max(down, F(0)), F(F(tall) - F(1.01))))
            i = I(at)
            j = I(down)
            fx = F(at - F(i))
            fy = F(down - F(j))
            w0 = F(F(F(1) - fx) * F(F(1) - fy))
            w1 = F(fx * F(F(1) - fy))
            w2 = F(F(F(1) - fx) * fy)
            w3 = F(fx * fy)
            near = F(smooth(F(0.02), F(0.55), away) * values[POWER])
            total0 = F(0)
            total1 = F(0)
            total2 = F(0)
            for band in range(BANDS):
                k = F(rays[band, i, j] * w0 + rays[band, i + 1, j] * w1)
                k = F(F(k + rays[band, i, j + 1] * w2 + rays[band, i + 1, j + 1] * w3) * near)
                total0 = F(total0 + colors[band, 0] * k)
                total1 = F(total1 + colors[band, 1] * k)
                total2 = F(total2 + colors[band, 2] * k)
            most = F(max(max(total0, total1), total2))
            hold = F(F(1.2) / F(F(1) + F(WHITE) * most))
            light[0, r, x] = F(total0 * hold)
            light[1, r, x] = F(total1 * hold)
            light[2, r, x] = F(total2 * hold)
