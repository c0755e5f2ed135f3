"""Clouds: seas and ceilings of cloud, towers, thunder, fog, smoke and dye, in one sun's light."""

import numpy as np

from tasks.rendering.backends.procedural.air import GLOW, LOW, SHADE, SUN
from tasks.rendering.backends.procedural.cloud_cards import Card
from tasks.rendering.backends.procedural.cloud_scene import CloudScene
from tasks.rendering.backends.procedural.cloud_veils import Veil, VeilWork, paint_veil
from tasks.rendering.backends.procedural.kit import dice
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.ridges import ridge_profile
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

# Words that ask for a kind; where two are asked for alike, the first.
KINDS = {
    "storm": ("thunder", "storm", "rain", "torn", "lightning", "raging"),
    "mist": ("mist", "fog", "field", "valley", "meadow", "forest", "morning", "hill"),
    "deck": ("band", "sunset", "streak", "evening", "dusk", "horizon"),
    "sea": ("sea of", "low clouds", "low winter", "aerial", "endless"),
    "plume": ("furnace", "steam", "plume", "black smoke", "from below", "geyser", "ash"),
    "bloom": ("dye", "powder", "gas", "nebula", "cosmic", "ink", "puff", "burst", "milk"),
    "smoke": ("smoke", "cigarette", "veil", "silk", "wisp", "incense"),
    "tower": ("cumulus", "heap", "summer", "tower", "vapour"),
}
SKIES = ("sea", "deck", "tower", "mist", "storm")  # one of them where no word asks
COLUMN_STEMS = ("cigarette", "incense", "column", "chimney", "candle")  # smoke that rises in one
SPACE_STEMS = ("gas", "nebula", "cosmic", "space", "star")  # what stars stand behind
RIDGES = 4  # chains of hills in the mist


class Clouds(CloudScene):
    """One kind of cloud in one light."""

    glow = 0.45
    vignette = 0.35

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        told = any(has_stem(stem, stage.subject) for stems in KINDS.values() for stem in stems)
        thrown = SKIES[int(dice(stage.seed, 20) * len(SKIES))]
        self.kind = stage.variant(KINDS, throw=20) if told else thrown
        self.painter = {
            "sea": self._sea,
            "deck": self._deck,
            "tower": self._tower,
            "storm": self._storm,
            "mist": self._mist,
            "plume": self._plume,
            "bloom": self._bloom,
            "smoke": self._smoke,
        }[self.kind]
        self.veil_work = VeilWork(self.air)
        self.column = any(has_stem(stem, stage.subject) for stem in COLUMN_STEMS)
        self.rain = 1.0 if has_stem("rain", stage.subject) else 0.0
        self.stars = any(has_stem(stem, stage.subject) for stem in SPACE_STEMS)
        far = "hills" if dice(stage.seed, 30) < 0.55 else "mountains"
        chains = (far, far, "hills", "trees") if self.kind == "mist" else ("hills",)
        self.chains = [ridge_profile(name, seed=self.seeds[k]) for k, name in enumerate(chains)]

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Sky, clouds from far to near, rays."""
        self.painter(light, moment)

    def _sea(self, light: FloatArray, moment: Moment) -> None:
        horizon = self.throw(22, -0.6, -0.15)
        side = self.side * self.throw(23, 0.1, 0.75) * self.aspect
        sun = side, horizon - self.throw(24, 0.02, 0.28)
        self.open_sky(moment, sun=sun, horizon=horizon, disc=0.075, beams=0.26)
        high = Card(
            size=0.9 / self.near, stretch=3.2, off_x=40 + 0.03 * moment.flow, billow=0.1, warp=0.8,
            level=0.12 + 0.1 * moment.voice, base=horizon - 0.3, base_width=0.3, base_loss=0.8,
            soft=0.9, deep=0.0, lit=0.7, dim=0.5, rim=0.5, octaves=4,
        )  # fmt: skip
        self.put_card(high, 1)
        self.put_deck(moment, above=True, size=0.85, cover=0.60, billow=0.85, stretch=1.0, gap=0.02)
        self.air.fill(light, self.view, self.values)

    def _deck(self, light: FloatArray, moment: Moment) -> None:
        horizon = self.throw(22, 0.3, 0.62)
        side = self.side * self.throw(23, 0.05, 0.6) * self.aspect
        sun = side, horizon - self.throw(24, -0.02, 0.06)
        self.open_sky(moment, sun=sun, horizon=horizon, disc=0.13, beams=0.16)
        bands = self.throw(26, 0.2, 0.7)
        self.put_deck(
            moment, above=False, size=0.7, cover=0.34, billow=0.4, stretch=bands, gap=0.13
        )
        colors = self.air.colors
        dark, foot = colors[SHADE] * np.float32(0.5), colors[LOW] * np.float32(0.3)
        shore = horizon + 0.01
        self.put_ridge(self.air.planes, self.chains[0], (shore, 0.16, 3.0, 4.0), dark, foot)
        self.air.fill(light, self.view, self.values)
        self.put_water(light, moment, shore=shore)

    def _tower(self, light: FloatArray, moment: Moment) -> None:
        sun = self.side * self.throw(23, 0.25, 0.9) * self.aspect, self.throw(24, -0.7, 0.0)
        self.open_sky(moment, sun=sun, horizon=1.2, disc=0.08, beams=0.34)
        lean = -self.side * self.throw(27, 0.0, 0.8)
        high = Card(
            size=1.1 / self.near, stretch=3.4, off_x=20 + 0.02 * moment.flow, billow=0.1, warp=0.9,
            level=0.16 + 0.1 * moment.voice, base=-0.1, base_width=0.9, base_loss=0.9,
            lean=0.5 * self.side, soft=0.9, deep=0.0, lit=0.8, dim=0.6, rim=0.5, octaves=4,
        )  # fmt: skip
        self.put_card(high, 4)
        for k in range(3):
            card = Card(
                size=(1.5 - 0.42 * k) / self.near,
                off_x=40 + 13 * k + (0.03 + 0.06 * k) * moment.flow, boil=0.09 * moment.flow,
                level=0.42 + self.swell(moment), top=self.throw(26, -0.1, 0.35) + 0.38 * k,
                top_width=1.1, top_loss=1.15, round=0.22, round_tall=0.0,
                round_x=lean * self.aspect * (1.0 - 0.6 * k), deep=2.3, veil=0.26 - 0.13 * k,
                lit=1.25 + 0.4 * moment.energy, dim=0.7, rim=1.3,
            )  # fmt: skip
            self.put_card(card, k)
        self.air.fill(light, self.view, self.values)

    def _storm(self, light: FloatArray, moment: Moment) -> None:
        sun = self.side * self.throw(23, 0.3, 0.85) * self.aspect, self.throw(24, 0.0, 0.5)
        self.open_sky(moment, sun=sun, horizon=0.55, disc=0.0, beams=0.3)
        self.air.rgb *= np.float32(0.6)
        self.lighten_within(moment)
        drift = 0.07 * moment.flow
        swell = self.swell(moment)
        alone = 1.0 if dice(self.stage.seed, 29) < 0.4 else 0.0
        x = -0.4 * self.side * self.aspect
        towers = Card(
            size=(1.15 - 0.25 * alone) / self.near, off_x=40 + drift,
            boil=0.12 * moment.flow, billow=0.9, level=0.40 + swell, top_width=1.3,
            top=self.throw(26, -0.2, 0.2) - 0.4 * alone,
            top_loss=0.9 + 0.3 * alone, round=0.35 * alone, round_x=x, round_tall=0.0,
            base=self.throw(27, 0.15, 0.5), base_width=0.45, base_loss=1.5, deep=2.4, veil=0.1,
            lit=1.1, dim=0.6, rim=1.2,
        )  # fmt: skip
        self.put_card(towers, 0)
        rain = Card(
            size=0.5, stretch=0.16, off_x=40 + 0.5 * drift, off_y=40 - 0.8 * moment.flow,
            billow=0.0, level=0.5 + 0.3 * self.rain, top=0.15, top_width=0.5,
            top_loss=1.2, round=0.9, round_tall=0.0, round_x=x,
            lean=0.3 * self.side, soft=0.9, deep=0.0,
            lit=0.6 + 0.3 * self.rain, dim=0.9, rim=0.4, octaves=4,
        )  # fmt: skip
        self.put_card(rain, 1)
        roof = Card(
            size=1.0 / self.near, stretch=1.8, off_x=60 + 1.7 * drift, boil=0.15 * moment.flow,
            billow=0.75, warp=0.5, level=0.5 + swell, base=-0.6, base_width=0.6, base_loss=1.5,
            soft=0.22, deep=2.6, lit=0.9, dim=0.25, rim=1.0,
        )  # fmt: skip
        self.flashes[:, 3] *= np.float32(0.25)
        if not alone:
            self.put_card(roof, 2)
        dark = self.air.colors[SHADE] * np.float32(0.3)
        self.air.fill(light, self.view, self.values)
        foot = self.throw(28, 0.8, 0.95)
        self.put_ridge(light, self.chains[0], (foot, 0.3, 0.0, 1.5), dark, dark * np.float32(0.3))

    def _mist(self, light: FloatArray, moment: Moment) -> None:
        base = self.throw(22, -0.3, 0.15)
        side = self.side * self.throw(23, 0.1, 0.7) * self.aspect
        sun = side, base - self.throw(24, 0.08, 0.4)
        self.open_sky(moment, sun=sun, horizon=base + 0.2, disc=0.08, beams=0.34)
        colors = self.air.colors
        for k in range(RIDGES):
            near = k / (RIDGES - 1)
            dark = colors[LOW] * np.float32(0.45 * (1 - near) ** 2)
            dark = dark + colors[SHADE] * np.float32(0.55 - 0.3 * near)
            foot = base + 0.12 + (0.97 - base) * near * (0.8 + 0.2 * near)
            ridge = (
                foot,
                0.5 - 0.08 * k + (0.5 if k == RIDGES - 1 else 0.0),
                1.7 * k + 0.02 * k * moment.flow,
                1.2,
            )
            if k == RIDGES - 1:
                self.air.fill(light, self.view, self.values)
                self.put_ridge(light, self.chains[k], ridge, dark, dark * np.float32(0.4))
                return
            self.put_ridge(self.air.planes, self.chains[k], ridge, dark, dark * np.float32(0.5))
            fog = Card(
                size=(0.8 + 0.2 * k) / self.near, stretch=2.4,
                off_x=40 + (0.05 + 0.05 * k) * moment.flow, boil=0.12 * moment.flow, billow=0.25,
                warp=0.7, level=0.5 + self.swell(moment), top=foot + 0.06, top_width=0.42,
                top_loss=1.3, base=foot + 0.5, base_width=0.4, base_loss=0.5, soft=1.0, deep=0.0,
                veil=0.2 - 0.1 * k, lit=1.0 + 0.3 * moment.energy, dim=1.0, rim=0.4, octaves=4,
            )  # fmt: skip
            self.put_card(fog, 4 + k)

    def _plume(self, light: FloatArray, moment: Moment) -> None:
        x = self.side * self.throw(23, 0.1, 0.5) * self.aspect
        self.open_sky(moment, sun=(x, 1.25), horizon=4.0, disc=0.0, beams=0.2)
        fire = 0.35 + 0.3 * moment.energy + 0.5 * moment.kick + 0.5 * moment.drop
        self.flashes[0] = x, 0.95, 0.75, fire
        lean = self.throw(26, -0.5, 0.5)
        for k in range(3):
            card = Card(
                size=(1.35 - 0.3 * k) / self.near, off_x=40 + 13 * k,
                off_y=40 + (0.22 + 0.12 * k) * moment.flow, boil=0.15 * moment.flow, billow=0.6,
                warp=0.5, level=0.52 + self.swell(moment), round=(0.9, 0.6, 1.6)[k], round_tall=0.0,
                round_x=x + 0.5 * (k - 1) * self.aspect * self.side, round_y=0.9, lean=lean,
                top=-0.2 + 0.45 * k, top_width=1.4, top_loss=0.7, deep=2.4,
                lit=1.2 + 0.5 * moment.energy, dim=0.6, rim=0.8, dye=0.35 * (k == 1),
            )  # fmt: skip
            self.put_card(card, k)
        self.air.fill(light, self.view, self.values)
        self.put_motes(light, moment, count=36)

    def _bloom(self, light: FloatArray, moment: Moment) -> None:
        x, y = self.side * self.throw(23, 0.0, 0.3) * self.aspect, self.throw(24, -0.2, 0.2)
        sun = x - self.side * 0.5 * self.aspect, y - 0.8
        self.open_sky(moment, sun=sun, horizon=4.0, disc=0.0, beams=0.06)
        self.air.rgb *= np.float32(0.45)
        pulse = 0.2 + 0.7 * moment.kick * (0.3 + 0.7 * moment.energy) + 0.5 * moment.drop
        self.flashes[0] = x, y, 0.55, pulse
        spread = 1.0 + 0.25 * moment.bass + 1.2 * moment.drop
        turn = self.throw(25, -0.5, 0.5)
        for k in range(3):
            out = 0.62 * (k - 1)
            card = Card(
                size=(0.95 + 0.2 * k) / self.near, off_x=40 + 11 * k - 0.04 * moment.flow,
                off_y=40 + (0.05 + 0.05 * k) * moment.flow, boil=0.2 * moment.flow, billow=0.65,
                warp=0.8, level=0.62 + self.swell(moment), round=(0.5 + 0.35 * k) / spread,
                round_x=x + out * self.side, round_y=y + turn * out, round_tall=1.25, soft=0.5,
                deep=1.3, lit=1.2 + 0.3 * moment.energy, dim=1.0, rim=0.5, dye=0.5 * k,
            )  # fmt: skip
            self.put_card(card, k)
        self.air.fill(light, self.view, self.values)
        self.put_motes(light, moment, count=420 if self.stars else 60)

    def _smoke(self, light: FloatArray, moment: Moment) -> None:
        x = self.side * self.throw(23, 0.05, 0.4) * self.aspect
        sun = -self.side * self.throw(24, 0.4, 1.0) * self.aspect, self.throw(26, -0.9, -0.4)
        self.open_sky(moment, sun=sun, horizon=4.0, disc=0.0, beams=0.16)
        self.air.rgb *= np.float32(0.6)
        if self.column:
            self._rising_smoke(x, moment)
        else:
            self._drifting_smoke(moment)
        self.air.fill(light, self.view, self.values)
        self.put_motes(light, moment, count=50)

    def _rising_smoke(self, x: float, moment: Moment) -> None:
        """Sheets that rise from one place, curl and spread."""
        colors = self.air.colors
        for k, color in enumerate((colors[GLOW], colors[SUN], colors[LOW] * np.float32(2.4))):
            power = 0.5 + 0.45 * moment.energy + 0.3 * moment.kick
            veil = Veil(
                size=(0.8 + 0.25 * k) / self.near, tall=2.6, flow=0.16 * moment.flow,
                rise=0.35 * moment.flow, folds=3.4 + 1.2 * k, warp=1.1 + 0.3 * moment.bass,
                lit=power * (1.15 - 0.2 * k), body=0.03, x=x + 0.1 * (k - 1), base=1.0,
                width=0.09 * (1.0 + 0.3 * moment.bass), spread=0.30, sway=0.45, patch=0.6,
            )  # fmt: skip
            paint_veil(
                self.air, self.veil_work, self.view, veil=veil, color=color, seed=self.seeds[k]
            )

    def _drifting_smoke(self, moment: Moment) -> None:
        """Three torn layers of their own colours that pass through one another."""
        lean = self.throw(27, -0.6, 0.6)
        for k in range(3):
            card = Card(
                size=(0.7 + 0.3 * k) / self.near, stretch=1.8,
                off_x=40 + 17 * k + self.side * (0.10 + 0.05 * k) * moment.flow,
                off_y=40 + 0.06 * moment.flow, boil=0.16 * moment.flow, billow=0.3, warp=0.9,
                rough=0.5, level=0.30 + self.swell(moment), round=0.10, round_tall=1.6,
                round_x=lean * self.aspect * (k - 1), round_y=0.55 * (k - 1), soft=0.75,
                deep=1.1 * (k > 0),
                lit=1.5 + 0.5 * moment.energy + 0.3 * moment.kick, dim=1.0, rim=0.7,
                dye=(0.0, 0.9, 0.4)[k], octaves=3 + (k == 2),
            )  # fmt: skip
            self.put_card(card, k)
