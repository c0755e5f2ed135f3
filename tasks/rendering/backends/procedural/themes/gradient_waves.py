"""Gradient waves: large smooth folds of luminous material under a light that travels.

The calmest of the themes. Five kinds: overlapping sheets of silk, hanging curtains, dunes of
light that recede into haze, ribbons that twist in space, and rippling light on a wall.
"""

import math

import numpy as np

from tasks.rendering.backends.procedural import sheets as sh
from tasks.rendering.backends.procedural.cloths import BUILD
from tasks.rendering.backends.procedural.kit import (
    dice,
    seed32,
)
from tasks.rendering.backends.procedural.liquids import surge
from tasks.rendering.backends.procedural.lit_rooms import light_glow, light_sun, light_wall
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.sheets import Sheets
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import look_through
from tasks.rendering.renderer import FloatArray

KINDS = {
    "curtain": ("curtain", "linen", "velvet", "drape", "theatre", "stage"),
    "dunes": (
        "dune",
        "hill",
        "desert",
        "sand",
        "wave",
        "field",
        "valley",
        "grass",
        "horizon",
        "atmosphere",
    ),
    "ribbons": (
        "ribbon",
        "band",
        "streak",
        "banner",
        "swirl",
        "strand",
        "curl",
        "ring",
        "current",
        "vein",
    ),
    "wall": ("caustic", "wall", "sunbeam", "reflection", "window", "room", "water"),
    "silk": ("silk", "veil", "sheer", "satin", "pearl", "cloth", "fabric", "fold", "sheet"),
}
SHEER = ("sheer", "veil", "translucent", "transparent", "mist", "gauze", "thin")
HEAVY = ("velvet", "heavy", "wool", "linen")
HIDE_S = 0.55  # a swell from a kick has crossed a half-height after this many seconds
LAMP_RATE = 0.16  # radians of the lamp's path a second of flow


class GradientWaves:
    """A few sheets, large and slow."""

    glow = 0.5
    vignette = 0.4
    lens_share = 0.4  # hindmost and nearest edges are soft of their own

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.name = stage.variant(KINDS, throw=20)
        self.kind = BUILD[self.name]
        seed, wishes = stage.seed, stage.wishes
        crowd = self.kind.count * (0.55 + 0.45 * wishes.density) + 1.2 * (stage.energy - 0.4)
        most = self.kind.count + 2 if self.kind.count > 1 else 1
        self.count = min(max(round(crowd), 1), most)
        self.first = 1 if self.name == "dunes" else 0  # layers that are no sheets: the sun
        self.sheets = Sheets(
            stage.height_px,
            stage.width_px,
            count=self.count + 1 + self.first,
            palette=stage.palette,
        )
        low, high = self.kind.tilt
        self.tilt = low + (high - low) * dice(seed, 21)
        self.near = wishes.closeness**0.45 * (0.85 + 0.3 * dice(seed, 22))
        self.hue = dice(seed, 23)
        self.lamp_at = 6.2832 * dice(seed, 24)
        self.heavy = any(stem in stage.named for stem in HEAVY)
        self.sheer = any(stem in stage.named for stem in SHEER) and not self.heavy
        self.silken = 0.7 + 0.6 * dice(stage.family, 25)
        self.window = (0.8 + 0.7 * dice(seed, 27), 0.9 * (dice(seed, 28) - 0.5))
        self.sides = [k % 2 if self.name == "curtain" else 0 for k in range(self.count + 1)]
        if self.name == "wall" and dice(seed, 29) < 0.5:
            self.sides[1] = 1
        self.seeds = [seed32(seed, 30 + k) for k in range(self.count + 1)]
        self.throws = [[dice(seed, 40 + 12 * k + m) for m in range(12)] for k in range(12)]

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Light the back, lay sheet after sheet, stack them."""
        stage, kind = self.stage, self.kind
        height, width = stage.height_px, stage.width_px
        view = look_through(moment, height_px=height, width_px=width) / np.float32(self.near)
        lamp = self._lamp(moment)
        haze = self._haze(moment)
        self._back(view, lamp, haze, moment)
        ways = (_turned(view, self.tilt), _turned(view, self.tilt + math.pi))
        for k in range(1, self.count + 1):
            depth = (k - 1) / max(self.count - 1, 1)  # 0 hindmost, 1 nearest
            self.sheets.lay(
                k + self.first, ways[self.sides[k]], shape=self._shape(k, depth, moment),
                cloth=self._cloth(k, depth, moment), lamp=lamp, haze=haze, seed=self.seeds[k],
            )  # fmt: skip
            blur = stage.wishes.blur * 0.10 * abs(depth - 0.6)
            rim = (0.5 * stage.palette.spark + 0.5 * self._ink(k)) * (0.6 + 0.5 * moment.tension)
            self.sheets.joins[k + self.first] = [
                0.5 * blur, kind.opacity - 0.25 * self.sheer, kind.shadow, kind.reach,
                kind.edge + 0.2 * blur, *rim,
            ]  # fmt: skip
        self.sheets.stack(light)

    def _lamp(self, moment: Moment) -> FloatArray:
        """The light travels along a slow, flat path and comes nearer with the bass."""
        phase = self.lamp_at + LAMP_RATE * moment.flow
        wide = self.stage.width_px / self.stage.height_px
        x, y = 0.75 * wide * math.sin(phase), -0.35 + 0.4 * math.sin(1.37 * phase + 1.0)
        if self.name == "dunes":
            y = -0.52 + 0.13 * math.sin(1.37 * phase + 1.0)
        fall = self.kind.lamp_fall * (1.0 - 0.25 * moment.bass) / (1.0 + 0.8 * moment.drop)
        return np.array([x, y, self.kind.lamp_z, fall], np.float32)

    def _haze(self, moment: Moment) -> FloatArray:
        """Air in front of far sheets: the colour of the light, held back."""
        colour = self._tint(self.hue + 0.03 * moment.voice)
        amount = np.float32(0.26 + 0.2 * moment.energy)
        return np.asarray(colour * amount + self.stage.palette.night, np.float32)

    def _ink(self, k: int) -> FloatArray:
        inks = self.stage.palette.inks
        return np.asarray(inks[k % len(inks)], np.float32)

    def _tint(self, hue: float) -> FloatArray:
        ramp = self.stage.palette.ramp
        return np.asarray(ramp[int(hue % 1.0 * (RAMP_STEPS - 1))], np.float32)

    def _shape(self, k: int, depth: float, moment: Moment) -> FloatArray:
        """Where the edge runs now."""
        kind, throws = self.kind, self.throws[k % 12]
        shape = np.zeros(sh.SHAPE_SIZE, np.float32)
        grown = 0.55 + 0.9 * depth if self.name == "dunes" else 1.0
        swell = (0.7 + 0.45 * moment.energy + 0.25 * moment.bass) * grown
        gap = kind.gap * (0.45 + 0.75 * depth if self.name == "dunes" else 1.0)
        if self.name == "curtain":  # hung from both sides, the nearest drawn furthest back
            aside = (2 * self.sides[k] - 1) * 1.1 * (dice(self.stage.seed, 26) - 0.5)
            rest = -4.0 if k == 1 else 0.02 + 0.62 * ((k - 2) // 2) + aside
        else:
            rest = kind.first + gap * (k - 1) * (kind.count + 0.5) / (self.count + 0.5)
        rest += 0.3 * kind.gap * (throws[0] - 0.5)
        rest *= 1.0 - 0.3 * moment.tension
        opened = moment.drop * 0.6 * (depth - 0.45)
        shape[sh.OFFSET] = rest + (0.0 if self.name == "dunes" else opened)
        way = 1.0 if throws[1] < 0.5 else -1.0
        for m, (size, rate) in enumerate(kind.waves):
            phase = 6.2832 * throws[2 + m] + way * moment.flow * (0.23 + 0.11 * m)
            rate *= (0.8 + 0.4 * throws[5 + m]) * (1.25 - 0.4 * depth)
            size *= 0.7 + 0.6 * throws[8 + m]
            shape[sh.WAVE + 3 * m : sh.WAVE + 3 * m + 3] = size * swell, rate, phase
        shape[sh.THRUST] = 0.2 * surge(moment) * grown
        shape[sh.THRUST_AT] = 2.6 * (throws[11] - 0.5) + min(moment.since_kick, 1.0) / HIDE_S
        if self.name == "ribbons":
            shape[sh.WIDTH] = (0.17 + 0.17 * throws[7]) * (1.0 + 0.25 * moment.bass)
            shape[sh.TWIST] = (0.75 + 0.6 * throws[6]) * (1.0 + 0.3 * moment.tension)
            shape[sh.TWIST_PHASE] = 6.2832 * throws[5] + 0.33 * moment.flow
        return shape

    def _cloth(self, k: int, depth: float, moment: Moment) -> FloatArray:
        """What the sheet is made of, and how it is lit now."""
        cloth = np.zeros(sh.CLOTH_SIZE, np.float32)
        for place, value in self.kind.cloth.items():
            cloth[place] = value
        power = (0.55 + 0.75 * moment.energy) * (1.0 + 0.18 * moment.kick + 0.5 * moment.drop)
        cloth[[sh.BODY, sh.THROUGH, sh.VELVET]] *= power
        cloth[sh.SHEEN] *= power * self.silken
        if self.heavy:
            cloth[sh.SHEEN] *= 0.3
            cloth[sh.VELVET] *= 2.5
            cloth[sh.THROUGH] *= 0.3
        if self.sheer:
            cloth[sh.THROUGH] *= 1.9
        cloth[sh.ACROSS] *= (1.0 + 0.25 * moment.tension) * (
            0.85 + 0.15 * self.stage.wishes.density
        )
        cloth[sh.DRIFT] = 0.10 * moment.flow + 3.7 * k
        cloth[sh.HUE] = self.hue + 0.37 * k / 2.0 + 0.012 * moment.flow + 0.06 * moment.voice
        if self.name == "curtain":
            cloth[sh.HUE] = self.hue + 0.3 * (k // 2) + 0.012 * moment.flow + 0.06 * moment.voice
            cloth[sh.FADE] = 0.0 if k == 1 else cloth[sh.FADE]
        cloth[sh.RIM] *= 0.55 + 0.6 * moment.energy
        cloth[sh.GLINT] = 1.6 * moment.hats
        if self.name == "dunes":
            cloth[sh.HUE] = self.hue + 0.32 * depth + 0.012 * moment.flow + 0.06 * moment.voice
            cloth[sh.HAZE] = 0.85 * (1.0 - depth) ** 1.3
            cloth[sh.ALONG] *= 1.5 - 0.7 * depth
            cloth[sh.ACROSS] *= 1.8 - 0.9 * depth
        return cloth

    def _back(self, view: FloatArray, lamp: FloatArray, haze: FloatArray, moment: Moment) -> None:
        """What is seen where no sheet is."""
        palette, unit = self.stage.palette, np.float32(self.sheets.unit)
        power = np.float32(self.kind.sky * (0.5 + 0.6 * moment.energy + 0.5 * moment.drop))
        if self.name == "wall":
            moves = np.array(
                [moment.flow, self.hue + 0.05 * moment.voice, power, *self.window], np.float32
            )
            light_wall(self.sheets.layers[0], view, lamp, palette.ramp, palette.night, moves, unit,
                  self.seeds[0])  # fmt: skip
            self.sheets.soften(0)
            return
        sun = 0.0
        if self.name == "dunes":
            sun = 0.13 + 0.1 * dice(self.stage.seed, 27)
            disc = 0.6 * self._tint(self.hue + 0.2) + 0.4 * palette.spark
            light_sun(
                self.sheets.layers[1], lamp, disc * power * np.float32(2.0), np.float32(sun), unit
            )
            self.sheets.joins[1] = [0.006, 1.0, 0.0, 0.02, 0.01, 0.0, 0.0, 0.0]
        colours = np.stack([self._tint(self.hue + 0.2), haze, palette.night])
        light_glow(
            self.sheets.layers[0], lamp, colours.astype(np.float32), power, np.float32(sun), unit
        )


def _turned(view: FloatArray, angle: float) -> FloatArray:
    """The same camera for a scene turned by an angle."""
    cosine, sine = math.cos(angle), math.sin(angle)
    along, across = cosine * view[:3] + sine * view[3:], cosine * view[3:] - sine * view[:3]
    return np.concatenate([along, across]).astype(np.float32)
