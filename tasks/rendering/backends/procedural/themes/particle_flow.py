"""Particle flow: what moves in swarms: birds, fish, sparks, powder, leaves, threads, rubble."""

import math
from dataclasses import dataclass

import numpy as np

from tasks.rendering.backends.procedural.backdrop import Backdrop
from tasks.rendering.backends.procedural.grains import add_grains, lay_leaves, lay_wings
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.ribbons import add_ribbons
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_pool
from tasks.rendering.backends.procedural.swarm import FAR, PLACES, place_grains
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.words import says
from tasks.rendering.renderer import FloatArray

STEMS = {
    "birds": ("bird", "starling", "flock", "murmuration", "flight of", "crow", "swallow"),
    "butterflies": ("butterfl", "moth", "dragonfl"),
    "fish": ("fish", "school", "krill", "shoal", "bubble", "plankton", "wake", "whale"),
    "sparks": ("spark", "fire", "weld", "grind", "white-hot", "ember", "ash", "burning"),
    "powder": (
        "powder", "snow", "dust", "pollen", "chaff", "haze", "frost", "bead", "crystal", "spray",
        "mist", "sand", "smoke", "glitter",
    ),
    "leaves": ("lea", "feather", "gold leaf", "petal", "paper", "confetti"),
    "threads": ("thread", "gossamer", "silk", "ribbon", "vapour", "spun", "strand", "streams of"),
    "ring": ("ring", "rubble", "star", "galaxy", "orbit", "whirl", "spiral", "asteroid"),
    "comet": ("comet", "solar wind", "meteor", "tail"),
}  # fmt: skip
POINTS, WINGS, LEAVES, RIBBONS = range(4)
PUFFS = {"powder": 0.045, "sparks": 0.010, "comet": 0.03, "ring": 0.02}  # light of their haze


@dataclass(frozen=True)
class Matter:
    """What a swarm consists of and where it moves.

    `place` is a key of `PLACES`, `look` POINTS, WINGS, LEAVES or RIBBONS, `back` a kind of
    backdrop. Sizes are half-heights at distance 1, `speed` a factor, `trail` seconds of flow.
    `spread`, `lift`, `cone` and `pull` are the place's own measures; `hot` is how white a grain
    is, `power` its light.
    """

    place: str
    look: int
    back: str
    count: int
    size: float
    speed: float
    trail: float
    spread: float
    lift: float
    cone: float
    pull: float
    hot: float
    power: float


KINDS = {
    "birds": Matter("flock", WINGS, "dusk", 4800, 0.0185, 1.0, 0.05, 1.0, 0, 0, 0, 0, 1.0),
    "butterflies": Matter("flock", WINGS, "day", 210, 0.075, 0.8, 0.06, 1.35, 0, 0, 0, 0, 1.0),
    "fish": Matter("flock", POINTS, "water", 2400, 0.0075, 1.1, 0.075, 1.0, 0, 0, 0, 0.6, 0.75),
    "sparks": Matter("source", POINTS, "forge", 1500, 0.0055, 1.5, 0.055, 1.7, 0.5, 0.9, 0.9, 1.0,
                     2.6),
    "powder": Matter("wind", POINTS, "night", 8200, 0.0048, 0.55, 0.03, 0.13, 0.75, 0.7, 0, 0.5,
                     0.62),
    "leaves": Matter("wind", LEAVES, "dusk", 230, 0.066, 0.75, 0.05, 0.55, 0.5, 1.1, 0, 0, 1.5),
    "threads": Matter("wind", RIBBONS, "dark", 420, 0.006, 0.5, 0.03, 0.9, 0.3, 1.2, 0, 0.6, 0.7),
    "ring": Matter("ring", POINTS, "space", 7000, 0.0070, 0.42, 0.05, 1.0, 0.035, 0.34, 0, 0.25,
                   1.0),
    "comet": Matter("source", POINTS, "space", 4200, 0.0050, 0.9, 0.10, 2.6, 0.16, 0.16, 0, 0.5,
                    0.9),
}  # fmt: skip


class ParticleFlow:
    """One swarm before its backdrop."""

    glow = 0.8
    vignette = 0.45
    lens_share = 0.3  # each grain has its own blur; the backdrop has the lens's

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage, self.kind = stage, stage.variant(STEMS, throw=1)
        self.matter = KINDS[self.kind]
        self.seed = seed32(seed, 0)
        self.backdrop = Backdrop(stage, self.matter.back)
        count = int(self.matter.count * min(stage.wishes.density, 1.5))
        self.places = np.zeros((max(count, 16), 8), np.float32)
        self.way = 1.0 if dice(seed, 3) < 0.5 else -1.0
        self.bend, self.tint = 6.2832 * dice(seed, 4), dice(stage.family, 5)
        self.heading = 2.0 * math.pi * dice(seed, 2)
        self.start = self._start()

    def _start(self) -> tuple[float, float, float, float]:
        """Where a swarm is centred or begins, and which way it aims."""
        seed = self.stage.seed
        side = self.way * (0.15 + 0.5 * dice(seed, 6))
        if self.kind == "sparks":
            if says("welding|grinding|stream", self.stage.subject):
                return -1.1 * self.way, 0.25, 0.94 * self.way, -0.34
            return 0.7 * side, 1.0, 0.0, -1.0
        if self.kind == "comet":
            tilt = 0.25 + 0.4 * dice(seed, 7)
            return -0.75 * self.way, 0.45, self.way * math.cos(tilt), -math.sin(tilt)
        if self.kind == "ring":
            return 0.55 * side, -0.10 + 0.25 * dice(seed, 7), 0.0, 0.0
        if self.kind in ("birds", "butterflies", "fish"):
            return 0.5 * side, -0.22 + 0.2 * dice(seed, 7), 0.0, 0.0
        return 0.0, (0.42 if self.kind == "powder" else 0.0), 0.0, 0.0

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Paint the backdrop, then the swarm."""
        stage, matter, colors = self.stage, self.matter, self.stage.palette
        view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        self.backdrop.paint(light, view, moment)
        back, values = to_pixels(view), self._values(moment)
        if self.kind == "ring":
            self._light_core(light, back, moment)
        if matter.look == RIBBONS:
            add_ribbons(light, back, colors.ramp, colors.spark, self.seed, self._threads(moment))
        place_grains(self.places, PLACES[matter.place], back, self.seed, values)
        if matter.look == WINGS:
            body = colors.night * np.float32(0.15)
            tint = 0.85 if self.kind == "butterflies" else 0.06
            if says("white|silver|pale|night", stage.subject) and self.kind == "birds":
                body, tint = colors.spark * np.float32(0.34 + 0.3 * moment.energy), 0.15
            lay_wings(light, self.places, colors.ramp, body, np.float32(tint), values)
        elif matter.look == LEAVES:
            order = np.argsort(-self.places[:, FAR], kind="stable")
            thin = says("paper|gold leaf|confetti|slips", stage.subject)
            lay_leaves(
                light, self.places, order, np.float32(thin), colors.ramp, colors.spark,
                colors.night, values,
            )  # fmt: skip
        else:
            add_grains(
                light, self.places, colors.ramp, colors.spark, np.float32(matter.hot),
                np.float32(PUFFS.get(self.kind, 0.0)), values,
            )  # fmt: skip

    def _light_core(self, light: FloatArray, back: FloatArray, moment: Moment) -> None:
        """The far body that a ring turns about."""
        x, y, half = *self.start[:2], 0.5 * self.stage.height_px
        px, py = back[0] * x + back[1] * y + back[2], back[3] * x + back[4] * y + back[5]
        power = 0.5 + 0.6 * moment.energy + 0.3 * moment.bass
        colors = self.stage.palette
        for size, color in ((0.75, colors.inks[1] * np.float32(0.22)), (0.16, colors.spark)):
            pool = np.array([px, py, size * half, 0.6 * size * half], np.float32)
            add_pool(light, *pool, color * np.float32(power))

    def _values(self, moment: Moment) -> FloatArray:
        matter, wishes, stage = self.matter, self.stage.wishes, self.stage
        return np.array(
            [
                moment.flow, stage.width_px / stage.height_px, moment.bass, moment.kick,
                moment.hats, moment.energy, moment.tension, _burst(moment), self.way, matter.speed,
                matter.spread, matter.lift, *self.start, matter.cone, matter.pull, self.tint,
                math.floor(3.0 * moment.flow), matter.size * wishes.closeness,
                (0.006 + 0.05 * wishes.blur) * wishes.closeness, 0.95 + 0.25 * moment.voice,
                matter.trail, matter.power * (0.55 + 0.65 * moment.energy), self.bend,
            ],
            np.float32,
        )  # fmt: skip

    def _threads(self, moment: Moment) -> FloatArray:
        heading, wishes = self.heading + 0.02 * moment.flow, self.stage.wishes
        return np.array(
            [
                moment.flow, math.cos(heading), math.sin(heading),
                0.7 + 0.2 * moment.energy + 0.1 * moment.bass, self.tint + 0.05 * moment.voice,
                0.35 + 0.55 * moment.energy, moment.kick, moment.hats, moment.bass,
                moment.tension, 0.8 * _burst(moment), 1.4 * wishes.closeness,
                0.010 + 0.05 * wishes.blur,
            ],
            np.float32,
        )  # fmt: skip


def _burst(moment: Moment) -> float:
    """How far a drop has thrown things apart: up at once, back in four seconds."""
    if moment.drop <= 0.0:
        return 0.0
    age = 1.0 - math.sqrt(min(moment.drop, 1.0))
    return min(age / 0.12, 1.0) * (1.0 - age) ** 2
