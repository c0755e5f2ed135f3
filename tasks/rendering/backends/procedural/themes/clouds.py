"""Clouds: seas and ceilings of cloud, towers, thunder, fog, smoke and dye, in one sun's light."""

import numpy as np

from tasks.rendering.backends.procedural.air import (
    BEAMS,
    DISC,
    GLOW,
    HALO,
    HORIZON,
    LOW,
    SHADE,
    SUN,
    SUN_X,
    SUN_Y,
    Air,
)
from tasks.rendering.backends.procedural.cloud_cards import FLASHES, Card, CardWork, paint_card
from tasks.rendering.backends.procedural.cloud_slab import Slab, SlabWork, paint_slab
from tasks.rendering.backends.procedural.cloud_veils import Veil, VeilWork, paint_veil
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.ridges import draw_ridge, ridge_profile
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.stars import add_stars
from tasks.rendering.backends.procedural.view import look_through
from tasks.rendering.backends.procedural.water import lay_water
from tasks.rendering.renderer import FloatArray

# Words that ask for a kind; where two are asked for alike, the first.
KINDS = {
    "storm": ("thunder", "storm", "rain", "torn", "lightning", "raging"),
    "mist": ("mist", "fog", "field", "valley", "meadow", "forest", "morning", "hill"),
    "deck": ("band", "sunset", "streak", "evening", "dusk", "horizon"),
    "sea": ("sea of", "low clouds", "aerial", "endless"),
    "bloom": ("dye", "powder", "gas", "nebula", "cosmic", "ink", "puff", "burst", "milk"),
    "smoke": ("smoke", "cigarette", "veil", "silk", "wisp", "incense"),
    "tower": ("cumulus", "heap", "summer", "tower"),
}
FLASHES_PER_FLOW = 0.45  # lights within a thundercloud that come by themselves
RIDGES = 4  # chains of hills in the mist


class Clouds:
    """One kind of cloud in one light."""

    glow = 0.45
    vignette = 0.35

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.air = Air(stage)
        self.slab_work, self.card_work = SlabWork(self.air), CardWork(self.air)
        self.veil_work = VeilWork(self.air)
        self.seeds = [seed32(stage.seed, k) for k in range(9)]
        self.aspect = stage.width_px / stage.height_px
        self.side = 1.0 if dice(stage.seed, 21) < 0.5 else -1.0
        self.near = stage.wishes.closeness
        self.dense = 0.2 * (stage.wishes.density - 1.0)
        self.values = np.zeros(6, np.float32)
        self.flashes = np.zeros((FLASHES, 4), np.float32)
        self.kind = stage.variant(KINDS, throw=20)
        self.painter = {
            "sea": self._sea,
            "deck": self._deck,
            "tower": self._tower,
            "storm": self._storm,
            "mist": self._mist,
            "bloom": self._bloom,
            "smoke": self._smoke,
        }[self.kind]
        hills = ("hills", "hills", "trees") if dice(stage.seed, 30) < 0.6 else ("mountains",) * 3
        self.hills = [
            ridge_profile((*hills, "trees")[k], seed=self.seeds[k])
            for k in range(RIDGES if self.kind == "mist" else 0)
        ]
        ground = "plain" if dice(stage.seed, 31) < 0.5 else "hills"
        self.ground = ridge_profile(ground, seed=self.seeds[8])

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Sky, clouds from far to near, rays."""
        stage = self.stage
        view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        self.painter(light, view, moment)

    def _throw(self, k: int, low: float, high: float) -> float:
        """One of the shot's throws between two bounds."""
        return low + (high - low) * dice(self.stage.seed, k)

    def _open(
        self, view: FloatArray, moment: Moment, *, sun: tuple[float, float], horizon: float,
        disc: float, beams: float,
    ) -> None:  # fmt: skip
        """The sky of a frame; the sun burns with the song."""
        power = 0.5 + 0.5 * moment.energy + 0.16 * moment.kick + 0.45 * moment.drop
        self.values[[SUN_X, SUN_Y]] = sun
        self.values[[HORIZON, DISC]] = horizon, disc
        self.values[HALO] = power
        self.values[BEAMS] = beams * (power + 0.4 * moment.voice)
        self.air.open_sky(view, self.values)

    def _swell(self, moment: Moment) -> float:
        """How much more cloud the song makes: bass breathes, kicks push, drops tear it open."""
        lift = 0.08 * moment.bass + 0.07 * moment.kick + 0.12 * moment.tension
        return self.dense + lift - 0.2 * moment.drop

    def _sea(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        horizon = self._throw(22, -0.6, -0.15)
        sun = (
            self.side * self._throw(23, 0.1, 0.75) * self.aspect,
            horizon - self._throw(24, 0.05, 0.3),
        )
        self._open(view, moment, sun=sun, horizon=horizon, disc=0.075, beams=0.16)
        high = Card(
            size=0.9 / self.near, stretch=3.2, off_x=40 + 0.03 * moment.flow, billow=0.1, warp=0.8,
            level=0.05 + 0.1 * moment.voice, base=horizon - 0.35, base_width=0.3, base_loss=0.8,
            soft=0.9, lit=0.6, dim=0.5, rim=0.3,
        )  # fmt: skip
        self._card(view, high, 1)
        self._slab(view, moment, way=1.0, size=0.6, cover=0.66, billow=0.85, stretch=1.0, gap=0.02)
        self.air.fill(light, view, self.values)

    def _deck(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        horizon = self._throw(22, 0.3, 0.62)
        sun = (
            self.side * self._throw(23, 0.05, 0.6) * self.aspect,
            horizon - self._throw(24, 0.0, 0.16),
        )
        self._open(view, moment, sun=sun, horizon=horizon, disc=0.14, beams=0.12)
        bands = self._throw(26, 0.22, 0.7)
        self._slab(
            view, moment, way=-1.0, size=0.62, cover=0.42, billow=0.35, stretch=bands, gap=0.10
        )  # fmt: skip
        grid = self.air.grid_view(view)
        colors = self.air.colors
        dark, foot = colors[SHADE] * np.float32(0.5), colors[LOW] * np.float32(0.3)
        self._ridge(
            self.air.planes, self.ground, grid, (horizon + 0.01, 0.10, 3.0, 4.0), dark, foot
        )
        self.air.fill(light, view, self.values)
        lay_water(
            light, view, self.stage.palette, shore=horizon + 0.01, mirror=0.7, flow=moment.flow,
            seed=self.seeds[3],
        )  # fmt: skip

    def _slab(
        self, view: FloatArray, moment: Moment, *, way: float, size: float, cover: float,
        billow: float, stretch: float, gap: float,
    ) -> None:  # fmt: skip
        slab = Slab(
            x=40.0 + self._throw(25, 0.0, 60.0) + 0.06 * moment.flow,
            z=40.0 + 0.45 * moment.flow,
            size=size / self.near,
            cover=cover + self._swell(moment),
            billow=billow,
            way=way,
            lit=0.95 + 0.55 * moment.energy,
            deep=1.0,
            haze=0.09,
            stretch=stretch,
            boil=0.05 * moment.flow,
            gap=gap,
        )
        paint_slab(self.air, self.slab_work, view, self.values, slab=slab, seed=self.seeds[0])

    def _card(self, view: FloatArray, card: Card, k: int) -> None:
        paint_card(
            self.air, self.card_work, view, self.values, card=card, flashes=self.flashes,
            seed=self.seeds[k],
        )  # fmt: skip

    @staticmethod
    def _ridge(
        planes: FloatArray, profile: FloatArray, view: FloatArray,
        ridge: tuple[float, float, float, float], top: FloatArray, foot: FloatArray,
    ) -> None:  # fmt: skip
        """A silhouette; where there is a fourth plane, it hides the sky."""
        pad = np.zeros(len(planes) - 3, np.float32)
        draw_ridge(
            planes, profile, view, np.array(ridge, np.float32), np.concatenate([top, pad]),
            np.concatenate([foot, pad]),
        )  # fmt: skip

    def _tower(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        sun = (self.side * self._throw(23, 0.25, 0.9) * self.aspect, self._throw(24, -0.7, 0.0))
        self._open(view, moment, sun=sun, horizon=1.0, disc=0.10, beams=0.22)
        lean = -self.side * self._throw(27, 0.0, 0.8)
        for k in range(3):
            self._card(
                view,
                Card(
                    size=(1.5 - 0.42 * k) / self.near,
                    off_x=40 + 13 * k + (0.03 + 0.06 * k) * moment.flow,
                    boil=0.09 * moment.flow,
                    level=0.42 + self._swell(moment),
                    top=self._throw(26, -0.1, 0.35) + 0.38 * k,
                    top_width=1.1, top_loss=1.15,
                    round=0.22, round_x=lean * self.aspect * (1.0 - 0.6 * k), round_tall=0.0,
                    deep=1.9, veil=0.4 - 0.2 * k, lit=0.95 + 0.35 * moment.energy, dim=0.8,
                ),
                k,
            )  # fmt: skip
        self.air.fill(light, view, self.values)

    def _storm(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        sun = (self.side * self._throw(23, 0.4, 0.85) * self.aspect, self._throw(24, -0.1, 0.45))
        self._open(view, moment, sun=sun, horizon=0.75, disc=0.0, beams=0.25)
        self.air.rgb *= np.float32(0.7)
        self._light_within(moment)
        drift = 0.07 * moment.flow
        towers = Card(
            size=1.15 / self.near, off_x=40 + drift, boil=0.12 * moment.flow, billow=0.9,
            level=0.36 + self._swell(moment), top=0.1, top_width=1.3, top_loss=0.9,
            base=0.3, base_width=0.35, base_loss=1.4, deep=2.6, veil=0.12, lit=1.0, dim=0.7,
        )  # fmt: skip
        self._card(view, towers, 0)
        rain = Card(
            size=0.55, stretch=0.09, off_x=40 + 0.5 * drift, off_y=40 - 0.9 * moment.flow,
            billow=0.0, rough=0.7, level=0.22, top=0.05, top_width=0.25, top_loss=1.0, round=0.5,
            round_x=-0.3 * self.side * self.aspect, round_tall=0.0, lean=0.25 * self.side,
            soft=1.5, deep=0.3, lit=0.55, dim=1.0, rim=0.0,
        )  # fmt: skip
        self._card(view, rain, 1)
        roof = Card(
            size=1.0 / self.near, stretch=1.8, off_x=60 + 1.7 * drift, boil=0.15 * moment.flow,
            billow=0.75, warp=0.5, level=0.5 + self._swell(moment), base=-0.55, base_width=0.6,
            base_loss=1.5, soft=0.22, deep=2.6, lit=0.8, dim=0.35, rim=0.6,
        )  # fmt: skip
        self._card(view, roof, 2)
        colors = self.air.colors
        dark = colors[SHADE] * np.float32(0.3)
        self.air.fill(light, view, self.values)
        self._ridge(light, self.ground, view, (0.8, 0.16, 0.0, 1.5), dark, dark * np.float32(0.4))

    def _light_within(self, moment: Moment) -> None:
        """Where it lightens: one place a kick, one a drop, and some that come by themselves."""
        slot = np.floor(moment.flow * FLASHES_PER_FLOW)
        part = moment.flow * FLASHES_PER_FLOW - slot
        own = max(0.0, 1.0 - abs(part - 0.3) / 0.25) ** 2 * 0.35 * (0.4 + moment.energy)
        struck = round((moment.time - moment.since_kick) * 240.0)
        kick = moment.kick * (0.45 + 0.5 * moment.energy)
        lights = ((struck, kick), (int(slot) + 77777, own), (99, 0.9 * moment.drop))
        for k, (key, strength) in enumerate(lights):
            x, y, reach = (dice(self.stage.seed ^ (key & 0xFFFFFF), 50 + n) for n in range(3))
            place = (2.0 * x - 1.0) * 0.8 * self.aspect, -0.6 + 0.8 * y
            self.flashes[k] = *place, 0.28 + 0.25 * reach, 1.6 * strength

    def _mist(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        base = self._throw(22, -0.25, 0.2)
        sun = (
            self.side * self._throw(23, 0.1, 0.7) * self.aspect,
            base - self._throw(24, 0.1, 0.45),
        )
        self._open(view, moment, sun=sun, horizon=base + 0.2, disc=0.09, beams=0.3)
        colors, grid = self.air.colors, self.air.grid_view(view)
        for k in range(RIDGES):
            near = k / (RIDGES - 1)
            dark = colors[LOW] * np.float32(0.6 * (1 - near) ** 2) + colors[SHADE] * np.float32(0.6)
            foot = base + 0.12 + 0.34 * k * (0.7 + 0.3 * near)
            ridge = (foot, 0.42 - 0.05 * k, 1.7 * k + 0.02 * k * moment.flow, 1.2)
            last = k == RIDGES - 1
            if last:
                self.air.fill(light, view, self.values)
            planes, aim = (light, view) if last else (self.air.planes, grid)
            self._ridge(planes, self.hills[k], aim, ridge, dark, dark * np.float32(0.5))
            if last:
                return
            fog = Card(
                size=(0.8 + 0.2 * k) / self.near, stretch=2.6,
                off_x=40 + (0.05 + 0.05 * k) * moment.flow,
                boil=0.12 * moment.flow, billow=0.2, warp=0.7, level=0.42 + self._swell(moment),
                top=foot + 0.02, top_width=0.5, top_loss=1.1, soft=1.1, deep=0.5,
                veil=0.35 - 0.1 * k, lit=0.75 + 0.3 * moment.energy, dim=1.0, rim=0.35,
            )  # fmt: skip
            self._card(view, fog, 4 + k)

    def _bloom(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        x = self.side * self._throw(23, 0.0, 0.35) * self.aspect
        y = self._throw(24, -0.2, 0.2)
        sun = (x - self.side * 0.5 * self.aspect, y - 0.7)
        self._open(view, moment, sun=sun, horizon=-0.9, disc=0.0, beams=0.1)
        self.air.rgb *= np.float32(0.35)
        self.flashes[0] = x, y, 0.5, 0.25 + 0.6 * moment.kick * moment.energy + 0.5 * moment.drop
        spread = 1.0 + 0.2 * moment.bass + 0.9 * moment.drop
        for k in range(3):
            self._card(
                view,
                Card(
                    size=(1.1 + 0.25 * k) / self.near,
                    off_x=40 + 11 * k - 0.04 * moment.flow,
                    off_y=40 + (0.05 + 0.05 * k) * moment.flow,
                    boil=0.2 * moment.flow, billow=0.55, warp=0.9, rough=0.52,
                    level=0.42 + self._swell(moment),
                    round=(0.75 + 0.5 * k) / spread,
                    round_x=x + 0.35 * (k - 1) * self.aspect * self.side, round_y=y + 0.2 * (k - 1),
                    round_tall=1.2, soft=0.5, deep=1.5, lit=1.0 + 0.3 * moment.energy, dim=1.0,
                    rim=0.5, dye=0.5 * k,
                ),
                k,
            )  # fmt: skip
        self.air.fill(light, view, self.values)
        palette = self.stage.palette
        add_stars(
            light, palette.spark, palette.inks, self.seeds[5], 160, moment.pan_x, moment.flow,
            moment.hats,
        )  # fmt: skip

    def _smoke(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        column = any(word in self.stage.subject for word in ("cigarette", "incense", "column"))
        x = self.side * self._throw(23, 0.05, 0.4) * self.aspect
        sun = (-self.side * self._throw(24, 0.5, 1.1) * self.aspect, self._throw(26, -0.9, -0.4))
        self._open(view, moment, sun=sun, horizon=-0.6, disc=0.0, beams=0.3)
        self.air.rgb *= np.float32(0.4)
        colors = self.air.colors
        for k, color in enumerate((colors[GLOW], colors[SUN], colors[LOW] * np.float32(2.0))):
            veil = Veil(
                size=(0.8 + 0.25 * k) / self.near, tall=1.9 if column else 0.8,
                flow=0.16 * moment.flow, rise=(0.35 if column else 0.08) * moment.flow,
                folds=1.6 + 0.6 * k, warp=1.3 + 0.3 * moment.bass,
                lit=(0.55 + 0.4 * moment.energy + 0.3 * moment.kick) * (1.0 - 0.2 * k), body=0.02,
                x=x + 0.1 * (k - 1), base=1.0 if column else 0.0,
                width=(0.10 if column else 3.0) * (1.0 + 0.3 * moment.bass),
                spread=0.34 if column else 0.0, sway=0.5 if column else 0.0,
                patch=0.2 if column else 0.9,
            )  # fmt: skip
            paint_veil(self.air, self.veil_work, view, veil=veil, color=color, seed=self.seeds[k])
        self.air.fill(light, view, self.values)
