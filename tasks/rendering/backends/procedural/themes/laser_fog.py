"""Laser fog: beams, fans, cones and sheets of light in haze, over a wet floor or a crowd."""

import math

import numpy as np

from tasks.rendering.backends.procedural.beams import fan_beams
from tasks.rendering.backends.procedural.fog import Fog, add_shafts, add_sheet, wet_floor
from tasks.rendering.backends.procedural.gates import CROSS, LATTICE, PORTAL, light_gates
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.lamps import Lamps
from tasks.rendering.backends.procedural.motes import add_motes
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.venue import build_truss, crowd, stand_trunks
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

KINDS = {
    "fans": ("laser", "fan", "crowd", "dust"),
    "gates": ("gate", "cross", "lattice", "tube", "frame", "grid", "corridor"),
    "spots": ("headlight", "spot", "haze", "glow", "cone", "searchlight", "lamp"),
    "shafts": (
        "sunbeam",
        "sunray",
        "moonbeam",
        "ray",
        "shaft",
        "window",
        "underwater",
        "cathedral",
    ),
    "sky": ("smoke", "ceiling", "sheet", "sky", "cloud", "liquid"),
}
SHARP_WORDS = ("gate", "cross", "lattice", "smoke", "ceiling", "sheet")  # say more than "laser"
BUILT_WORDS = ("truss", "steel", "iron", "grate", "furnace", "scaffold")  # no trees stand there
WET_WORDS = ("water", "underwater", "sea", "ocean", "reef")
MORPH_S = 0.55  # a new bar's pattern is reached after this
UNHEARD_BAR = 2.2  # seconds of flow that stand for a bar where there is no song
STAGE_Z = 3.4  # depth of the stage's back
FLOOR = 0.62  # of the eye over the floor
MOTES = 150
FEW_BEAMS = 14.0  # more laser lines than these share their light


class LaserFog:
    """A dark hall full of smoke."""

    glow = 0.7
    vignette = 0.4
    lens_share = 0.4  # laser light is sharp: blurred, its lines are bars

    def __init__(self, stage: Stage) -> None:
        seed, family = stage.seed, stage.family
        self.stage = stage
        self.kind = stage.variant(_telling(stage.named), throw=20)
        self.wet = any(has_stem(word, stage.subject) for word in WET_WORDS)
        self.built = any(has_stem(word, stage.subject) for word in BUILT_WORDS)
        self.seeds = [seed32(seed, k) for k in range(4)]
        self.fog = Fog(stage, seed=self.seeds[0], wisps=1.0 + 0.7 * dice(family, 40))
        self.hue = int(dice(seed, 3) * stage.palette.stops) / stage.palette.stops
        self.horizon = 0.08 + 0.20 * dice(seed, 4)
        self.mid_x = 0.75 * (dice(seed, 5) - 0.5)
        self.road = has_stem("headlight", stage.subject)
        self.stands = self.kind in ("fans", "sky", "spots") and not (self.wet or self.road)
        self.crowded = self.stands and (dice(seed, 6) < 0.5 or "crowd" in stage.subject)
        self.towers = dice(seed, 7)
        self.heads = self._hang()
        self.ink = self._main_ink()
        self.lamps = Lamps(stage, soft=self.fog.soft, ink=self.ink)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Air, then light in it, then what stands before it, then the floor."""
        stage = self.stage
        view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        back = to_pixels(view)
        wishes = stage.wishes
        thick = 0.40 + 0.10 * moment.bass + 0.06 * moment.voice + 0.05 * (wishes.density - 1.0)
        self.fog.clear(light, view, drift=0.35 * moment.flow, thick=thick)
        getattr(self, f"_{self.kind}")(light, view, back, moment)
        if self.kind != "shafts":
            self.lamps.backlight(back, moment, middle=(self.mid_x, self.horizon - 0.1))
        inks = stage.palette.inks
        other = self.ink + (self.kind == "shafts")
        air = inks[other % 3] * np.float32(0.05 + 0.07 * moment.energy + 0.04 * moment.bass)
        add_motes(
            light, back, stage.palette.ramp, stage.palette.spark, self.seeds[3],
            self._mote_values(moment),
        )  # fmt: skip
        self.fog.blend(light, air=air, depth=0.5 if self.kind == "shafts" else 0.85)
        self._stand_before(light, view, back, moment)

    def _main_ink(self) -> int:
        """Which ink lights the hall: the coldest under the moon, the warmest in the sun."""
        inks = self.stage.palette.inks
        warmth = inks[:, 0] - inks[:, 2]
        if self.wet or has_stem("moon", self.stage.subject) or has_stem("cold", self.stage.subject):
            return int(np.argmin(warmth))
        if has_stem("sun", self.stage.subject):
            return int(np.argmax(warmth))
        return int(dice(self.stage.seed, 8) * 3)

    def _hang(self) -> FloatArray:
        """Where the heads of the fans hang: mirrored pairs in a row, an arc, towers or low."""
        seed = self.stage.seed
        pairs = 2 + int(dice(seed, 10) * 2.99)
        layout = int(dice(seed, 11) * 4)
        heads = []
        for k in range(pairs):
            out = (0.28 + 1.15 * k / max(pairs - 1, 1)) * (0.8 + 0.4 * dice(seed, 12))
            high = (-0.62, -0.30 - 0.28 * out, -0.75 + 0.24 * k, self.horizon + 0.10)[layout]
            out = 0.62 + 0.18 * dice(seed, 13) if layout == 2 else out
            z = STAGE_Z - 0.35 * (k % 2)
            for side in (-1.0, 1.0):
                heads.append(((side * out + self.mid_x * 0.5) * z, (high - self.horizon) * z, z))
        return np.array(heads, np.float32)

    def _bar(self, moment: Moment) -> tuple[float, float]:
        """Number of the bar's pattern, and how far the beams have moved to it, 0..1."""
        if moment.since_downbeat < moment.since_beat + 30.0 and moment.since_downbeat < 30.0:
            share = min(moment.since_downbeat / MORPH_S, 1.0)
            bar = moment.bars
        else:
            place = moment.flow / UNHEARD_BAR
            bar, share = math.floor(place), min((place % 1.0) * 1.8, 1.0)
        return bar, share * share * (3.0 - 2.0 * share)

    def _unit_px(self, moment: Moment) -> float:
        """Pixels of a scene half-height."""
        return self.stage.height_px / (2.0 * moment.scale)

    def _open(self, moment: Moment) -> float:
        """How wide fans stand: the drop throws them open, tension draws them together."""
        breath = 0.9 + 0.25 * moment.bass
        return breath * (1.0 + 0.9 * moment.drop) * (1.0 - 0.5 * moment.tension)

    def _fans(self, light: FloatArray, view: FloatArray, back: FloatArray, moment: Moment) -> None:
        colors, wishes = self.stage.palette, self.stage.wishes
        bar, morph = self._bar(moment)
        count = (3.0 + 9.0 * moment.energy + 3.0 * moment.drop) * math.sqrt(wishes.density)
        count = min(count, 15.0)
        shared = (FEW_BEAMS / max(len(self.heads) * count, FEW_BEAMS)) ** 0.5
        values = np.array(
            [
                0.55 * moment.flow, morph, bar, self._open(moment), count,
                (0.55 + 0.75 * moment.energy) * shared, moment.kick, self.horizon, FLOOR,
                self._unit_px(moment), self.hue + 0.03 * moment.voice, 1.0 / colors.stops,
            ],
            np.float32,
        )  # fmt: skip
        fan_beams(
            light, self.fog.soft, back, self.heads, colors.ramp, colors.spark, self.seeds[1], values
        )

    def _gates(self, light: FloatArray, view: FloatArray, back: FloatArray, moment: Moment) -> None:
        stage, colors = self.stage, self.stage.palette
        named = {PORTAL: ("gate", "frame"), CROSS: ("cross",), LATTICE: ("lattice", "tube", "grid")}
        style = int(stage.variant({str(k): stems for k, stems in named.items()}, throw=21))
        corners = (4, 4, 3, 6)[int(dice(stage.seed, 22) * 4)]
        gap = 0.75 / math.sqrt(stage.wishes.density)
        values = np.array(
            [
                0.9 * moment.flow / gap, gap, style, corners, 0.62 + 0.06 * moment.bass, FLOOR,
                self.horizon - 0.1, self.mid_x, self._unit_px(moment),
                0.45 + 0.65 * moment.energy + 0.4 * moment.drop, moment.kick,
                0.3 + 9.0 * moment.since_kick, 0.9 * moment.flow, self.hue, 1.0 / colors.stops,
                0.34,
            ],
            np.float32,
        )  # fmt: skip
        light_gates(light, self.fog.soft, back, colors.ramp, colors.spark, self.seeds[1], values)

    def _sky(self, light: FloatArray, view: FloatArray, back: FloatArray, moment: Moment) -> None:
        inks, seed = self.stage.palette.inks, self.stage.seed
        bar, morph = self._bar(moment)
        for k in range(2):
            old, new = (dice(seed, 200 + 2 * int(bar + b) + k) - 0.5 for b in (-1, 0))
            tilt = 0.55 * (old + (new - old) * morph) * self._open(moment)
            plane = np.array(
                [
                    0.55 + 0.40 * k, tilt, self.mid_x * 4.0, 4.2, self.horizon - 0.02,
                    0.75 * moment.flow + 7.0 * k,
                ],
                np.float32,
            )  # fmt: skip
            lines = np.array([26.0 - 9.0 * k, 1.4 * moment.flow, 0.55], np.float32)
            power = (0.12 + 0.16 * moment.energy) * (1.0 + 0.4 * moment.kick * (1 - k))
            pair = np.stack([inks[(self.ink + k) % 3], inks[(self.ink + k + 1) % 3]])
            add_sheet(self.fog.soft, view, self.seeds[1 + k], plane, lines, pair, np.float32(power))
        place = (self.mid_x * 4.0 / 4.2, self.horizon - 0.13)
        self.lamps.glare(back, moment, place=place, reach=0.16)

    def _spots(self, light: FloatArray, view: FloatArray, back: FloatArray, moment: Moment) -> None:
        if self.road:
            self.lamps.headlights(back, moment, middle=(self.mid_x, self.horizon + 0.06))
            return
        seed = self.stage.seed
        heads = 4 + int(dice(seed, 30) * 3.99)
        bar, morph = self._bar(moment)
        for k in range(heads):
            z = 2.3
            x = ((k + 0.5) / heads * 3.0 - 1.5) * z
            old, new = (_aim(seed, int(bar + b), k, heads) for b in (-1, 0))
            aim = old + (new - old) * morph
            sway = 0.22 * math.sin(0.7 * moment.flow + 0.8 * k)
            tx = self.mid_x * 2.0 + (aim[0] + sway) * self._open(moment) * 1.6
            end = (tx / aim[1], FLOOR / aim[1] + self.horizon)
            self.lamps.cone(
                back, moment, ends=((x / z, -0.92), end),
                reach=0.30 / float(aim[1]) * (1.0 + 0.25 * moment.kick * ((k + int(bar)) % 2)),
                ink=k, power=1.0,
            )  # fmt: skip

    def _shafts(
        self, light: FloatArray, view: FloatArray, back: FloatArray, moment: Moment
    ) -> None:
        inks, spark = self.stage.palette.inks, self.stage.palette.spark
        side = 1.0 if dice(self.stage.seed, 31) < 0.5 else -1.0
        lamp = np.array(
            [
                side * (0.3 + 1.2 * dice(self.stage.seed, 32)), -1.9 - 0.5 * moment.bass * 0.2,
                (5.0 + 3.0 * moment.tension) * math.sqrt(self.stage.wishes.density),
                0.5 * moment.flow, 0.25, 3.3 + 0.5 * moment.drop,
            ],
            np.float32,
        )  # fmt: skip
        own = inks[self.ink]
        pair = np.stack([own + spark * np.float32(0.10), own]).astype(np.float32)
        if self.wet:
            self._water_surface(view, moment, pair)
        power = (0.75 + 0.75 * moment.energy) * (1.0 + 0.22 * moment.kick) * (1 + 0.3 * moment.drop)
        add_shafts(self.fog.soft, view, self.seeds[1], lamp, pair, np.float32(power))

    def _water_surface(self, view: FloatArray, moment: Moment, inks: FloatArray) -> None:
        """Waves seen from below, lit through."""
        plane = np.array([0.6, 0.0, 0.0, 12.0, -0.30, 0.6 * moment.flow], np.float32)
        lines = np.array([0.0, 0.0, 0.0], np.float32)
        power = np.float32(0.16 + 0.20 * moment.energy + 0.08 * moment.bass)
        add_sheet(self.fog.soft, view, self.seeds[2], plane, lines, inks[[0, 0]], power)

    def _mote_values(self, moment: Moment) -> FloatArray:
        wishes = self.stage.wishes
        return np.array(
            [
                moment.flow, 0.25 + 0.75 * moment.energy, 0.7 * moment.hats + 0.5 * moment.highs,
                self._unit_px(moment), self.stage.width_px / self.stage.height_px,
                min(MOTES * wishes.density * (0.45 + 0.55 * moment.energy), 1.5 * MOTES),
                wishes.blur, -1.0 if self.wet else 0.25,
            ],
            np.float32,
        )  # fmt: skip

    def _stand_before(
        self, light: FloatArray, view: FloatArray, back: FloatArray, moment: Moment
    ) -> None:
        """Truss and towers, the floor, the crowd."""
        size = self._unit_px(moment)
        foot = self.horizon + FLOOR / STAGE_Z
        if self.stands:
            out = 0.95 + 0.3 * self.towers
            girder_y = -0.95 if self.kind == "spots" else -0.70
            build_truss(
                light, back, size=size, foot=foot,
                girder_y=girder_y if self.kind == "spots" or self.towers < 0.6 else None,
                towers=tuple(w * out + 0.3 * self.mid_x for w in (-1.0, 1.0))
                if self.towers > 0.25 else (),
            )  # fmt: skip
        if self.kind == "shafts" and self.built:
            build_truss(
                light, back, size=size, foot=foot, girder_y=-0.55,
                towers=tuple(self.mid_x + 0.75 * (k - 1.5 + self.towers) for k in range(4)),
            )  # fmt: skip
        elif self.kind == "shafts" and not self.wet:
            stand_trunks(light, back, seed=self.stage.seed, size=size, foot=foot)
        if self.kind != "shafts" or not self.wet:
            wet_floor(
                light, view, back, self.seeds[2], np.float32(foot), np.float32(0.15 * moment.flow),
                np.float32(0.8),
            )  # fmt: skip
        if self.crowded:
            aspect = self.stage.width_px / self.stage.height_px
            crowd(
                light, back, self.seeds[3], np.float32(0.66),
                np.float32(1.15 * aspect + 0.3), np.float32(size),
                np.float32(0.9 * moment.flow), np.float32(0.5 * moment.beat + 0.5 * moment.kick),
                np.float32(0.08 + 0.5 * moment.energy),
            )  # fmt: skip


def _telling(subject: str) -> dict[str, tuple[str, ...]]:
    """The kinds' words; "laser" alone tells little where a sharper word stands beside it."""
    if any(has_stem(word, subject) for word in SHARP_WORDS):
        return {**KINDS, "fans": ("fan",)}
    if not any(has_stem(word, subject) for word in KINDS["shafts"]):
        # Natural light is never thrown: a hall of lasers is what the theme's name promises.
        return {kind: KINDS[kind] for kind in KINDS if kind != "shafts"}
    return KINDS


def _aim(seed: int, bar: int, head: int, heads: int) -> FloatArray:
    """Where a spot looks in a bar: sideways, and how far off."""
    style = int(dice(seed, 300 + 7 * bar) * 3)
    place = (head + 0.5) / heads * 2.0 - 1.0
    x = (place * 1.2, -place * 0.9, 0.5 * (dice(seed, 301 + 7 * bar) - 0.5))[style]
    z = 1.25 + 0.9 * dice(seed, 302 + 7 * bar + (head % 2))
    return np.array([x, z], np.float32)
