"""Particle flow: ribbons of light, each a sheaf of threads that follow one invisible wind.

A thread is a stream line of a curl field, traced anew for every frame from its own fixed root:
the field changes slowly, so the thread sways; pulses of light run along it. Nothing is carried
over from one frame to the next.
Source of the wind: R. Bridson et al., Curl-Noise for Procedural Fluid Flow, 2007.
"""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    dice,
    fract,
    mix,
    noise,
    seed32,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot, add_piece
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

RIBBONS = 8
THREADS = 34  # a ribbon
STEPS = 92  # a thread
STEP = 0.045  # scene units a step
MOTES = 240
MOTE_STEPS = 10
WIND_SIZE = 0.62  # eddies a scene unit
WIND_DELTA = 0.03  # scene units between the two readings of a slope
# Places in the row of values that the kernels are handed for a frame.
(FLOW, EAST, SOUTH, CURL, HUE, POWER, BEAT, HIGHS, BASS, ASPECT) = range(10)


class ParticleFlow:
    """Ribbons and motes in the wind."""

    glow = 0.9
    vignette = 0.5

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.seed = seed32(stage.seed, 0)
        self.haze = Haze(stage, seed=seed32(stage.seed, 1))
        self.heading = 2.0 * math.pi * dice(stage.seed, 2)
        self.hue = dice(stage.seed, 3)
        self.curl = 0.75 + 0.4 * dice(stage.seed, 4)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Haze, ribbons, motes."""
        height, width, colors = self.stage.height_px, self.stage.width_px, self.stage.palette
        view = look_through(moment, height_px=height, width_px=width)
        strength = 0.05 + 0.06 * moment.energy + 0.03 * moment.bass
        self.haze.fill(light, view, drift=0.06 * moment.flow, strength=strength, inks=(2, 0))
        heading = self.heading + 0.02 * moment.flow
        values = np.array(
            [
                moment.flow, math.cos(heading), math.sin(heading),
                self.curl * (0.75 + 0.2 * moment.energy + 0.12 * moment.bass),
                self.hue, 0.5 + 0.75 * moment.energy, moment.beat, moment.highs, moment.bass,
                width / height,
            ],
            np.float32,
        )  # fmt: skip
        back = to_pixels(view)
        _ribbons(light, back, colors.ramp, colors.spark, self.seed, values)
        _motes(light, back, colors.ramp, colors.spark, self.seed, values)


@njit(**INLINE)
def _height(x, y, t, seed):  # type: ignore[no-untyped-def]
    """The hill that the wind runs round."""
    a = noise(F(x * F(WIND_SIZE) + t * F(0.05) + F(40)), F(y * F(WIND_SIZE) + F(40)), seed)
    b = noise(
        F(x * F(WIND_SIZE * 2.1) - t * F(0.06) + F(70)),
        F(y * F(WIND_SIZE * 2.1) + t * F(0.08) + F(70)),
        U(seed + U(7)),
    )
    return F(a + b * F(0.28))


@njit(**INLINE)
def _wind(x, y, seed, values):  # type: ignore[no-untyped-def]
    """Direction of the wind, of length one."""
    here = _height(x, y, values[FLOW], seed)
    slope_x = F(
        F(_height(F(x + F(WIND_DELTA)), y, values[FLOW], seed) - here) * F(1.0 / WIND_DELTA)
    )
    slope_y = F(
        F(_height(x, F(y + F(WIND_DELTA)), values[FLOW], seed) - here) * F(1.0 / WIND_DELTA)
    )
    u = F(values[EAST] + values[CURL] * slope_y * F(1.6))
    v = F(values[SOUTH] - values[CURL] * slope_x * F(1.6))
    k = F(F(1) / F(np.sqrt(F(u * u + v * v + F(0.02)))))
    return F(u * k), F(v * k)


@njit(**KERNEL)
def _ribbons(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    size = F(F(light.shape[1]) * F(1.0 / 480.0))
    for ribbon in range(RIBBONS):
        h = mix(U(U(ribbon) * U(0x9E3779B1) ^ seed))
        near = F(F(0.45) + F(0.55) * unit(mix(U(h + U(1)))))
        across = F(F(F(I(ribbon)) + F(0.2) + F(0.6) * unit(h)) * F(2.0 / RIBBONS) - F(1))
        across = F(across * F(1.5))
        broad = F(F(0.10) + F(0.30) * unit(mix(U(h + U(2)))) + F(0.04) * values[BASS])
        back_from = F(F(-2.1) + F(1.1) * unit(mix(U(h + U(3)))))
        hue = F(values[HUE] + F(0.137) * F(I(ribbon)))
        for thread in range(THREADS):
            u = F(F(F(I(thread)) + F(0.5)) * F(2.0 / THREADS) - F(1))
            ht = mix(U(h + U(thread * 131 + 17)))
            side = F(across + broad * u)
            x = F(back_from * values[EAST] - values[SOUTH] * side)
            y = F(back_from * values[SOUTH] + values[EAST] * side)
            bright = F(near * near * values[POWER] * F(F(0.25) + F(0.75) * F(F(1) - u * u)))
            bright = F(bright * F(F(0.4) + F(0.9) * unit(ht)))
            _thread(light, back, ramp, spark, seed, values, x, y, u, ht, hue, bright, size, near)


@njit(**KERNEL)
def _thread(light, back, ramp, spark, seed, values, x, y, u, ht, hue, bright, size, near):  # type: ignore[no-untyped-def]
    """One stream line from its root, with pulses that run along it."""
    width = F(light.shape[2])
    height = F(light.shape[1])
    reach = F(size * F(F(0.85) + F(0.75) * near))
    px = F(back[0] * x + back[1] * y + back[2])
    py = F(back[3] * x + back[4] * y + back[5])
    lit = F(0)
    run = F(values[FLOW] * F(0.34) + F(0.35) * unit(ht) + F(0.25) * u)
    for step in range(STEPS):
        dx, dy = _wind(x, y, seed, values)
        x = F(x + dx * F(STEP))
        y = F(y + dy * F(STEP))
        qx = F(back[0] * x + back[1] * y + back[2])
        qy = F(back[3] * x + back[4] * y + back[5])
        s = F(F(I(step)) * F(1.0 / STEPS))
        wave = fract(F(s * F(1.6) - run))
        pulse = F(wave * wave)
        pulse = F(pulse * pulse * pulse * smooth(F(1), F(0.97), wave))
        ends = F(smooth(F(0), F(0.12), s) * smooth(F(1), F(0.75), s))
        now = F(bright * ends * F(F(0.34) + pulse * F(F(1.5) + F(2.2) * values[BEAT])))
        inside = max(px, qx) > F(-9) and max(py, qy) > F(-9)
        if inside and min(px, qx) < width + F(9) and min(py, qy) < height + F(9):
            slot = I(F(fract(F(hue + F(0.16) * s + F(0.06) * u))) * F(RAMP_STEPS - 1))
            hot = F(pulse * F(0.35))
            add_piece(
                light, px, py, qx, qy, reach,
                F(ramp[slot, 0] + spark[0] * hot), F(ramp[slot, 1] + spark[1] * hot),
                F(ramp[slot, 2] + spark[2] * hot), lit, now,
            )  # fmt: skip
        px = qx
        py = qy
        lit = now


@njit(**KERNEL)
def _motes(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Specks that the wind carries from a root of their own for the length of their life."""
    size = F(F(light.shape[1]) * F(1.0 / 480.0))
    for k in range(MOTES):
        h = mix(U(U(k) * U(0xC2B2AE35) ^ U(seed + U(91))))
        x = F(F(unit(h) * F(2) - F(1)) * F(values[ASPECT] + F(0.3)))
        y = F(F(unit(mix(U(h + U(1)))) * F(2) - F(1)) * F(1.3))
        near = F(unit(mix(U(h + U(2)))))
        age = fract(F(values[FLOW] * F(F(0.10) + F(0.12) * near) + unit(mix(U(h + U(3))))))
        far = F(age * F(0.11))
        for _ in range(MOTE_STEPS):
            dx, dy = _wind(x, y, seed, values)
            x = F(x + dx * far)
            y = F(y + dy * far)
        twinkle = unit(mix(U(h + U(4))))
        fade = F(smooth(F(0), F(0.2), age) * smooth(F(1), F(0.7), age))
        fade = F(fade * values[POWER] * F(F(0.35) + F(1.6) * values[HIGHS] * twinkle))
        soft = F(near * near * near)
        reach = F(size * F(F(1.5) + F(7) * soft * soft))
        fade = F(fade * F(F(1.1) - soft))
        slot = I(F(fract(F(values[HUE] + F(0.6) * unit(mix(U(h + U(5)))))) * F(RAMP_STEPS - 1)))
        c = ramp[slot]
        add_dot(
            light, F(back[0] * x + back[1] * y + back[2]), F(back[3] * x + back[4] * y + back[5]),
            reach, F(F(c[0] + spark[0] * F(0.3)) * fade), F(F(c[1] + spark[1] * F(0.3)) * fade),
            F(F(c[2] + spark[2] * F(0.3)) * fade),
        )  # fmt: skip
