"""Laser fog: beams, fans, cones and sheets of light in haze, over a wet floor or a crowd."""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.beams import SOFT_STEP, add_cone, fan_beams
from tasks.rendering.backends.procedural.fog import Fog, add_shafts, add_sheet, wet_floor
from tasks.rendering.backends.procedural.gates import CROSS, LATTICE, PORTAL, light_gates
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
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
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot, add_pool
from tasks.rendering.backends.procedural.venue import crowd, darken_limb, girder, tower
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

KINDS = {
    "fans": ("laser", "fan", "crowd", "dust"),
    "gates": ("gate", "cross", "lattice", "tube", "frame", "grid", "corridor"),
    "sky": ("smoke", "ceiling", "sheet", "sky", "cloud", "liquid"),
    "spots": ("headlight", "spot", "haze", "glow", "cone", "searchlight", "lamp"),
    "shafts": ("sunbeam", "sunray", "moonbeam", "ray", "window", "underwater", "cathedral"),
}
SHARP_WORDS = ("gate", "cross", "lattice", "smoke", "ceiling", "sheet")  # say more than "laser"
WET_WORDS = ("water", "underwater", "sea", "ocean", "reef")
MORPH_S = 0.55  # a new bar's pattern is reached after this
UNHEARD_BAR = 2.2  # seconds of flow that stand for a bar where there is no song
STAGE_Z = 3.4  # depth of the stage's back
FLOOR = 0.62  # of the eye over the floor
MOTES = 150


class LaserFog:
    """A dark hall full of smoke."""

    glow = 0.7
    vignette = 0.4

    def __init__(self, stage: Stage) -> None:
        seed, family = stage.seed, stage.family
        self.stage = stage
        self.kind = stage.variant(_telling(stage.subject), throw=20)
        self.wet = any(has_stem(word, stage.subject) for word in WET_WORDS)
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
            self._backlight(back, moment)
        inks = stage.palette.inks
        air = inks[self.ink] * np.float32(0.05 + 0.07 * moment.energy + 0.04 * moment.bass)
        _motes(
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
        values = np.array(
            [
                0.8 * moment.flow, morph, bar, self._open(moment), min(count, 15.0),
                0.42 + 0.55 * moment.energy, moment.kick, self.horizon, FLOOR,
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
            power = (0.16 + 0.22 * moment.energy) * (1.0 + 0.5 * moment.kick * (1 - k))
            pair = np.stack([inks[(self.ink + k) % 3], inks[(self.ink + k + 1) % 3]])
            add_sheet(self.fog.soft, view, self.seeds[1 + k], plane, lines, pair, np.float32(power))
        self._source(back, moment, self.mid_x * 4.0 / 4.2, self.horizon - 0.13, 0.16)

    def _backlight(self, back: FloatArray, moment: Moment) -> None:
        """Smoke behind the stage, lit from below and beyond."""
        step = 1.0 / SOFT_STEP
        size = self._unit_px(moment) * step
        inks = self.stage.palette.inks
        power = 0.05 + 0.10 * moment.energy + 0.05 * moment.bass
        for k, (x, wide, tall) in enumerate(((0.5, 1.5, 0.75), (-0.7, 1.1, 1.0))):
            u, v = self.mid_x + x, self.horizon - 0.1
            add_pool(
                self.fog.soft,
                np.float32((back[0] * u + back[1] * v + back[2]) * step + 1.0),
                np.float32((back[3] * u + back[4] * v + back[5]) * step + 1.0),
                np.float32(wide * size), np.float32(tall * size),
                inks[(self.ink + 1 + k) % 3] * np.float32(power),
            )  # fmt: skip

    def _source(self, back: FloatArray, moment: Moment, x: float, y: float, reach: float) -> None:
        """The glare of a lamp that looks at us."""
        step = 1.0 / SOFT_STEP
        px = (back[0] * x + back[1] * y + back[2]) * step + 1.0
        py = (back[3] * x + back[4] * y + back[5]) * step + 1.0
        size = self._unit_px(moment) * step * reach * (1.0 + 0.3 * moment.kick)
        color = self.stage.palette.inks[self.ink] + self.stage.palette.spark * np.float32(0.5)
        for share, k in ((0.25, 1.4), (1.0, 0.5), (3.5, 0.10)):
            c = color * np.float32(k * (0.5 + 0.6 * moment.energy))
            reach_px = np.float32(size * share + 1.0)
            add_dot(self.fog.soft, np.float32(px), np.float32(py), reach_px, c[0], c[1], c[2])

    def _spots(self, light: FloatArray, view: FloatArray, back: FloatArray, moment: Moment) -> None:
        if self.road:
            self._headlights(back, moment)
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
            self._cone(
                back, moment, (x / z, -0.92), (tx / aim[1], FLOOR / aim[1] + self.horizon),
                reach=0.30 / float(aim[1]) * (1.0 + 0.25 * moment.kick * ((k + int(bar)) % 2)),
                ink=k, power=1.0,
            )  # fmt: skip

    def _headlights(self, back: FloatArray, moment: Moment) -> None:
        """Two lamps that look at us through fog."""
        for side in (-1.0, 1.0):
            x, y = self.mid_x + 0.20 * side, self.horizon + 0.06
            for lean in (-1.0, -0.3, 0.4, 1.0):
                turn = lean + 0.1 * math.sin(0.6 * moment.flow + side)
                end = (x + 2.2 * turn + 0.5 * side, y + 0.9 - 0.8 * abs(lean))
                self._cone(
                    back, moment, (x, y), end, reach=0.5 + 0.1 * moment.kick, ink=0, power=2.0
                )
            self._source(back, moment, x, y, 0.2)

    def _cone(
        self,
        back: FloatArray,
        moment: Moment,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        reach: float,
        ink: int,
        power: float,
    ) -> None:
        """One cone between scene places, with its pool of light where it ends."""
        step = 1.0 / SOFT_STEP
        ends = [
            (back[3 * a] * x + back[3 * a + 1] * y + back[3 * a + 2]) * step + 1.0
            for x, y in (start, end)
            for a in (0, 1)
        ]
        size = self._unit_px(moment) * step
        color = self.stage.palette.inks[(self.ink + ink) % 3]
        k0 = power * (0.65 + 0.75 * moment.energy)
        add_cone(
            self.fog.soft, *(np.float32(v) for v in ends), np.float32(0.018 * size),
            np.float32(reach * size), color, np.float32(k0), np.float32(5.5),
            np.float32(0.9 * moment.flow + ink), np.float32(0.75),
        )  # fmt: skip
        add_pool(
            self.fog.soft, np.float32(ends[2]), np.float32(ends[3]), np.float32(1.2 * reach * size),
            np.float32(0.32 * reach * size), color * np.float32(0.28 * k0),
        )  # fmt: skip
        spark = (color + self.stage.palette.spark) * np.float32(0.5 * k0)
        add_dot(
            self.fog.soft, np.float32(ends[0]), np.float32(ends[1]), np.float32(0.05 * size + 1.0),
            spark[0], spark[1], spark[2],
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
        near = inks[self.ink] + spark * np.float32(0.25)
        pair = np.stack([near, inks[(self.ink + 1) % 3]]).astype(np.float32)
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

    def _trunks(self, light: FloatArray, back: FloatArray, size: np.float32, foot: float) -> None:
        """Stems or columns between us and the light, the nearer the darker."""
        seed = self.stage.seed
        for k in range(7):
            near = (k + 0.5) / 7.0
            x = -2.0 + 4.0 * ((k * 0.618 + dice(seed, 60)) % 1.0) + 0.2 * dice(seed, 61 + k)
            half = (0.020 + 0.085 * near * near) * (0.7 + 0.6 * dice(seed, 70 + k))
            low = foot + 0.9 * near * near
            lean = 0.10 * (dice(seed, 80 + k) - 0.5)
            ends = [
                np.float32(back[3 * a] * u + back[3 * a + 1] * v + back[3 * a + 2])
                for u, v in ((x + lean, -1.6), (x, low))
                for a in (0, 1)
            ]
            darken_limb(
                light, *ends, np.float32(half * 0.75) * size, np.float32(half) * size,
                np.float32(0.45 + 0.5 * near),
            )  # fmt: skip

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
        size = np.float32(self._unit_px(moment))
        foot = self.horizon + FLOOR / STAGE_Z
        if self.stands:
            self._build(light, back, size, foot)
        if self.kind == "shafts" and not self.wet:
            self._trunks(light, back, size, foot)
        if self.kind != "shafts" or not self.wet:
            wet_floor(
                light, view, back, self.seeds[2], np.float32(foot), np.float32(0.15 * moment.flow),
                np.float32(0.8),
            )  # fmt: skip
        if self.crowded:
            aspect = self.stage.width_px / self.stage.height_px
            crowd(
                light, back, self.seeds[3], np.float32(0.66), np.float32(1.15 * aspect + 0.3), size,
                np.float32(0.9 * moment.flow), np.float32(0.5 * moment.beat + 0.5 * moment.kick),
                np.float32(0.08 + 0.5 * moment.energy),
            )  # fmt: skip

    def _build(self, light: FloatArray, back: FloatArray, size: np.float32, foot: float) -> None:
        dark = np.float32(0.8)
        if self.kind == "spots" or self.towers < 0.6:
            y = np.float32(-0.95 if self.kind == "spots" else -0.70)
            wide = np.float32(2.4)
            girder(light, back, y, -wide, wide, np.float32(0.045), size, dark)
        if self.towers > 0.25:
            for side in (-1.0, 1.0):
                x = np.float32(side * (0.95 + 0.3 * self.towers) + 0.3 * self.mid_x)
                tower(
                    light, back, x, np.float32(-0.80), np.float32(foot + 0.03), np.float32(0.075),
                    size, dark,
                )  # fmt: skip


def _telling(subject: str) -> dict[str, tuple[str, ...]]:
    """The kinds' words; "laser" alone tells little where a sharper word stands beside it."""
    if any(has_stem(word, subject) for word in SHARP_WORDS):
        return {**KINDS, "fans": ("fan",)}
    return KINDS


def _aim(seed: int, bar: int, head: int, heads: int) -> FloatArray:
    """Where a spot looks in a bar: sideways, and how far off."""
    style = int(dice(seed, 300 + 7 * bar) * 3)
    place = (head + 0.5) / heads * 2.0 - 1.0
    x = (place * 1.2, -place * 0.9, 0.5 * (dice(seed, 301 + 7 * bar) - 0.5))[style]
    z = 1.25 + 0.9 * dice(seed, 302 + 7 * bar + (head % 2))
    return np.array([x, z], np.float32)


@njit(**KERNEL)
def _motes(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Specks of dust that drift and twinkle; a few near ones are large and soft."""
    flow, power, twinkle, size = values[0], values[1], values[2], values[3]
    aspect = values[4]
    for k in range(floor_i(values[5])):
        h = mix(U(U(k) * U(0xC2B2AE35) ^ seed))
        z = F(F(0.5) + F(2.2) * unit(mix(U(h + U(1)))))
        run = F(flow * F(0.07) / z)
        u = F(fract(F(unit(mix(U(h + U(2)))) + run)) * F(2) - F(1))
        v = F(fract(F(unit(mix(U(h + U(3)))) + run * values[7])) * F(2) - F(1))
        x = F(u * F(aspect * F(1.15)) + F(0.03) * sin_f(F(flow * F(0.7) + F(I(k)))))
        y = F(v * F(1.15) + F(0.03) * sin_f(F(flow * F(0.9) + F(I(k)) * F(2.1))))
        edge = F(smooth(F(1), F(0.85), F(abs(u))) * smooth(F(1), F(0.85), F(abs(v))))
        own = unit(mix(U(h + U(4))))
        shine = F(F(0.5) + F(0.5) * sin_f(F(flow * F(F(1) + F(2) * own) + own * F(40))))
        shine = F(power * shine * F(F(0.08) + F(0.3) * own) + twinkle * own * own * own * F(1.2))
        own_px = F(size * F(F(0.0026) + F(0.004) * own + F(0.012) * values[6]) / z)
        reach = F(max(own_px, F(1.3)))
        faint = F(F(min(F(own_px * own_px / F(reach * reach) + F(0.25)), F(1))) * edge * shine)
        faint = F(faint / F(F(1) + F(5) * values[6]))
        slot = I(unit(mix(U(h + U(5)))) * F(RAMP_STEPS - 1))
        c0 = F(F(ramp[slot, 0] + F(0.4) * spark[0]) * faint)
        c1 = F(F(ramp[slot, 1] + F(0.4) * spark[1]) * faint)
        c2 = F(F(ramp[slot, 2] + F(0.4) * spark[2]) * faint)
        px = F(back[0] * x + back[1] * y + back[2])
        py = F(back[3] * x + back[4] * y + back[5])
        add_dot(light, px, py, F(reach + F(0.6)), c0, c1, c2)
