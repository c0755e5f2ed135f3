"""Tunnel: flights through shafts, halls, caverns and whirls, lit from within, fog at their end."""

import math

import numpy as np

from tasks.rendering.backends.procedural import cavern, hall, shaft, trails
from tasks.rendering.backends.procedural.bore import fly_specks
from tasks.rendering.backends.procedural.cavern import OPEN_AT, Cavern
from tasks.rendering.backends.procedural.hall import paint_hall
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment, usual_pace
from tasks.rendering.backends.procedural.passages import (
    CAVERN,
    HALL,
    SHAFT,
    WHIRL,
    find_passage,
)
from tasks.rendering.backends.procedural.shaft import paint_shaft
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.whirl import Whirl
from tasks.rendering.renderer import FloatArray

# At most so many rings, gates or folds of a cave pass a second: more would be seen as flashing.
PASSING_PER_S = 1.5
SPEED = {SHAFT: 2.0, HALL: 2.0, CAVERN: 1.7, WHIRL: 1.9}  # depth a second of flow
SPECKS = {SHAFT: 150, HALL: 70, CAVERN: 110, WHIRL: 60}
KICK_SPEED = 26.0  # depth a second that a kick's wave of light runs ahead
KICK_NEAR = 2.2  # depth where it begins
AIR_AT = {SHAFT: shaft.FOG, HALL: hall.FOG, CAVERN: cavern.FOG, WHIRL: trails.GAS}


class Tunnel:
    """A flight."""

    glow = 0.75
    vignette = 0.35

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        self.seed = seed32(seed, 0)
        self.passage = find_passage(stage.named, stage.subject, seed=seed)
        self.cavern = Cavern(stage) if self.passage.kind == CAVERN else None
        self.whirl = Whirl(stage) if self.passage.kind == WHIRL else None
        self.hue = int(dice(stage.family, 42) * stage.palette.stops) / stage.palette.stops
        self.hot = self.passage.built.get(shaft.HEAT, 0.0) > 0.0
        if self.hot:  # what burns has the palette's warmest colour
            warmth = stage.palette.ramp[:, 0] - stage.palette.ramp[:, 2]
            self.hue = float(np.argmax(warmth)) / len(warmth)
        pace = usual_pace(stage.energy) * stage.wishes.speed
        self.speed = min(SPEED[self.passage.kind], PASSING_PER_S * self.passage.gap / pace)
        self.phases = [2.0 * math.pi * dice(seed, 4 + k) for k in range(4)]
        self.way = 1.0 if dice(seed, 9) < 0.5 else -1.0
        self.aside = [0.5 * (dice(seed, 10 + k) - 0.5) for k in range(2)]
        self.twist = 0.04 * (dice(seed, 2) - 0.5)
        self.air = 0.75 + 0.5 * dice(stage.family, 40)  # how thick all the film's air is

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """The walls at every pixel, then what flies between them."""
        stage, colors = self.stage, self.stage.palette
        view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        back = to_pixels(view)
        values = self._values(moment)
        if self.cavern is not None:
            self.cavern.paint(light, view, stage=stage, seed=self.seed, values=values)
        elif self.whirl is not None:
            self.whirl.paint(light, (view, back), stage=stage, seed=self.seed, values=values)
        else:
            walls = paint_hall if self.passage.kind == HALL else paint_shaft
            walls(
                light, view, colors.inks, colors.ramp, colors.night, colors.spark, self.seed, values
            )
        fly_specks(light, back, colors.ramp, colors.spark, self.seed, values)

    def _values(self, moment: Moment) -> FloatArray:
        """The row of values of `bore`, then the passage's own."""
        kind, wishes = self.passage.kind, self.stage.wishes
        bends = self.passage.bends
        swing = math.sin(0.37 * moment.flow + self.phases[0])
        nod = math.sin(0.29 * moment.flow + self.phases[1])
        tight = 1.0 - 0.12 * moment.tension + 0.10 * moment.drop
        radius = self.passage.radius * (1.0 + 0.05 * moment.bass) * tight
        radius /= math.sqrt(wishes.closeness)
        roll = self.way * (0.03 if kind == HALL else 0.10) * moment.flow
        if kind == HALL:
            roll = 0.03 * math.sin(0.21 * moment.flow + self.phases[2])
        step = (0.0 if self.hot else 1.0) if kind in (SHAFT, WHIRL) else 0.5
        common = [
            self.speed * moment.flow, roll, self.twist, self.hue, step / self.stage.palette.stops,
            0.35 + 0.75 * moment.energy + 0.15 * moment.bass + 0.35 * moment.drop, moment.energy,
            moment.bass, max(moment.highs, moment.hats), moment.kick,
            KICK_NEAR + KICK_SPEED * moment.since_kick, bends * swing + self.aside[0],
            0.6 * bends * nod + self.aside[1] * 0.7, radius,
            moment.scale * 2.0 / self.stage.height_px, moment.drop,
            SPECKS[kind] * self.passage.specks * wishes.density * (0.5 + 0.5 * moment.energy),
        ]  # fmt: skip
        row = np.array(common + self.passage.values(), np.float32)
        row[AIR_AT[kind]] *= self.air
        if kind == CAVERN:
            row[OPEN_AT] = (-0.35 if self.way > 0 else math.pi + 0.35) + 0.1 * swing
        return row
