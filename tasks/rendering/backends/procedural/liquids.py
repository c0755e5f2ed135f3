"""What all kinds of liquid share: where samples lie, a kick's ring, and what the song asks."""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import INLINE, KERNEL, F, I, dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import look_through
from tasks.rendering.renderer import FloatArray

# Places in what kernels are told of the moment.
FLOW, HUE, POWER, LIGHT_X, LIGHT_Y, KICK, RING, BASS = 0, 1, 2, 3, 4, 5, 6, 7
SPARKLE, TENSION, DROP, LAMP_X, LAMP_Y, OWN = 8, 9, 10, 11, 12, 13
MOOD_SIZE = 18
RING_PER_S = 1.9  # half-heights a second that a kick's ring runs outward
RING_PUSH = 0.15  # half-heights
ATTACK_S = 0.12  # soft things take this long to give way


class Pool:
    """One clip's liquid: its fields, coarse and wide, and its own throws."""

    def __init__(self, stage: Stage, *, step: int, fields: int) -> None:
        self.stage = stage
        self.step = step
        self.fields = scratch(fields, *coarse_shape(stage.height_px, stage.width_px, step))
        self.wide = scratch(fields, self.fields.shape[1], stage.width_px)
        self.seeds = np.array([seed32(stage.seed, k) for k in range(5)])
        self.hue = dice(stage.seed, 12)
        self.light_angle = 2.0 * math.pi * dice(stage.seed, 13)
        self.near = stage.wishes.closeness**0.45 * (0.85 + 0.3 * dice(stage.seed, 16))
        self.unit = np.float32(2.0 / stage.height_px)

    def view(self, moment: Moment) -> FloatArray:
        """The camera's affine map, nearer where the words ask for it."""
        stage = self.stage
        view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        return np.asarray(view / np.float32(self.near), np.float32)

    def mood(self, moment: Moment, *own: float) -> FloatArray:
        """What kernels are told; `own` are the kind's own numbers, from `OWN` on."""
        angle = self.light_angle + 0.15 * moment.flow
        wide = self.stage.width_px / self.stage.height_px
        mood = np.zeros(MOOD_SIZE, np.float32)
        mood[: OWN + len(own)] = [
            moment.flow, self.hue + 0.012 * moment.flow + 0.05 * moment.voice,
            (0.5 + 0.75 * moment.energy) * (1.0 + 0.12 * moment.kick + 0.5 * moment.drop),
            math.cos(angle), math.sin(angle), RING_PUSH * surge(moment),
            0.15 + RING_PER_S * min(moment.since_kick, 2.0), moment.bass,
            0.3 * moment.highs + moment.hats, moment.tension, moment.drop,
            0.7 * wide * math.sin(0.13 * moment.flow + 2.0 * self.light_angle),
            -0.55 + 0.3 * math.sin(0.17 * moment.flow + self.light_angle), *own,
        ]  # fmt: skip
        return mood

    def widen(self) -> None:
        """Stretch the fields' rows to the picture's width."""
        for k in range(self.fields.shape[0]):
            widen(self.fields[k], self.wide[k], self.step)


def surge(moment: Moment) -> float:
    """How far a kick has pushed what is soft: it gives way at once, but not in no time."""
    risen = min(moment.since_kick / ATTACK_S, 1.0)
    return moment.kick * risen * risen * (3.0 - 2.0 * risen)


@njit(**INLINE)
def aim_row(xs, ys, view, mood, r, step):  # type: ignore[no-untyped-def]
    """Scene places of the samples of row `r`, pushed outward where a kick's ring passes."""
    py = F(F(I(r - 1)) * F(step))
    x0 = F(view[1] * py + view[2])
    y0 = F(view[4] * py + view[5])
    for k in range(xs.shape[0]):
        px = F(F(I(k - 1)) * F(step))
        a = F(view[0] * px + x0)
        b = F(view[3] * px + y0)
        away = F(np.sqrt(F(a * a + b * b + F(0.04))))
        q = F(F(3.2) * F(away - mood[RING]))
        q = F(F(1) / F(F(1) + q * q))
        push = F(F(1) - mood[KICK] * q * q / away)
        xs[k] = F(a * push)
        ys[k] = F(b * push)


@njit(**KERNEL)
def slopes(fields, height, across, down, unit, step):  # type: ignore[no-untyped-def]
    """Central differences of field `height`, a half-height, into two others."""
    _, rows, columns = fields.shape
    scale = F(F(1) / F(unit * F(2 * step)))
    for r in range(rows):
        above = max(r - 1, 0)
        below = min(r + 1, rows - 1)
        for x in range(1, columns - 1):
            fields[across, r, x] = F(F(fields[height, r, x + 1] - fields[height, r, x - 1]) * scale)
        fields[across, r, 0] = fields[across, r, 1]
        fields[across, r, columns - 1] = fields[across, r, columns - 2]
        for x in range(columns):
            fields[down, r, x] = F(F(fields[height, below, x] - fields[height, above, x]) * scale)
