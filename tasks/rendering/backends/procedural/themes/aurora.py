"""Aurora: curtains of light over a land at night, round a planet's rim, or down through the sea."""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.curtains import SKY_STEP, Curtains, Sheet
from tasks.rendering.backends.procedural.fields import blend_row
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    clamp01,
    decay,
    dice,
    noise,
    seed32,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import INK_COUNT
from tasks.rendering.backends.procedural.ridges import draw_ridge, ridge_profile
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.stars import add_stars
from tasks.rendering.backends.procedural.strands import add_bell, add_strands
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.water import lay_water
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

# Words that ask for a kind; without any the seed throws one of `SKIES`.
KINDS = {
    "planet": ("planet", "atmosphere", "solar", "gas", "orbit", "ionised", "space"),
    "tentacles": ("tentacle", "jellyfish"),
    "kelp": ("kelp", "weed"),
    "beams": ("moonbeam", "sunbeam", "plankton", "underwater", "under water", "reef"),
    "arc": ("arc", "faint", "pale"),
    "corona": ("ray", "overhead", "corona", "zenith"),
    "bands": ("northern", "light", "curtain", "sky", "aurora", "veil"),
}
SKIES = ("bands", "corona", "arc", "bands")
LANDS = {
    "lake": ("lake", "fjord", "sea", "water", "lagoon", "shore"),
    "snow": ("snow", "field", "hill", "ice", "winter", "meadow"),
    "pines": ("pine", "forest", "wood", "tree"),
    "town": ("town", "city", "village", "roof"),
    "peaks": ("mountain", "peak", "alp"),
}
STARS = 620
BRIGHTEST = 0.62  # luminance at which an ink begins to be held back: white inks must not burn out
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


class Aurora:
    """Night, curtains, and what lies below them."""

    glow = 0.42
    vignette = 0.35

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        told = any(has_stem(stem, stage.subject) for stems in KINDS.values() for stem in stems)
        thrown = SKIES[int(dice(seed, 10) * len(SKIES))]
        self.kind = stage.variant(KINDS, throw=10) if told else thrown
        self.land = stage.variant(LANDS, throw=11)
        self.seeds = [seed32(seed, k) for k in range(5)]
        self.haze = Haze(stage, seed=self.seeds[1])
        self.sheet = Sheet(stage)
        inks = stage.palette.inks
        dim = np.minimum(BRIGHTEST / np.maximum(inks @ LUMA, 1e-3), 1.0).astype(np.float32)
        first = int(dice(seed, 2) * INK_COUNT)
        self.colors = np.stack([(inks * dim[:, None])[(first + k) % INK_COUNT] for k in range(3)])
        self.deep = self.kind in ("tentacles", "kelp", "beams")
        self.foot = self._throw(12, 0.42, 0.88)
        near = {"lake": "hills", "snow": "trees", "pines": "trees", "town": "town"}
        names = ("mountains" if dice(seed, 13) < 0.6 else "hills", near.get(self.land, "mountains"))
        self.chains = [ridge_profile(name, seed=self.seeds[3 + k]) for k, name in enumerate(names)]

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """From the farthest to the nearest."""
        stage, colors = self.stage, self.stage.palette
        view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        level = view.copy()
        level[2] -= np.float32(moment.pan_x)
        drift = 0.03 * moment.flow
        strength = 0.04 + 0.03 * moment.energy
        self.haze.fill(light, view, drift=drift, strength=strength, inks=(2, 0))
        count = int(STARS * (0.25 if self.deep else 1.0))
        add_stars(
            light, colors.spark, colors.inks, self.seeds[0], count,
            moment.pan_x + (3.0 * moment.flow if self.deep else 0.0), moment.flow, moment.hats,
        )  # fmt: skip
        self.sheet.paint(level, self._curtains(moment), self.colors, seed=self.seeds[0])
        _add_wide(light, self.sheet.wide)
        if self.kind == "planet":
            disc = np.array([*self._planet(), 0.10 + 0.05 * moment.bass], np.float32)
            _planet(
                light, view, disc, self.colors[0] * np.float32(self._power(moment)), colors.night
            )
        elif self.deep:
            self._strands(light, view, moment)
        else:
            self._below(light, view, moment)

    def _throw(self, k: int, low: float, high: float) -> float:
        return low + (high - low) * dice(self.stage.seed, k)

    @staticmethod
    def _power(moment: Moment) -> float:
        song = 0.22 * moment.bass + 0.12 * moment.kick + 0.35 * moment.drop
        return 0.55 + 0.5 * moment.energy + song

    def _planet(self) -> tuple[float, float, float]:
        """Middle and radius of a planet whose rim crosses the picture."""
        radius = self._throw(14, 1.6, 3.2)
        return self._throw(15, -0.9, 0.9), self._throw(16, 0.25, 0.6) + radius, radius

    def _curtains(self, moment: Moment) -> Curtains:
        kind = self.kind
        away = {"corona": self._throw(17, -3.8, -2.2), "bands": self._throw(17, -8.0, -3.0)}
        away_x, away_y = self._throw(18, -0.7, 0.7), away.get(kind, -5.0)
        radius, inward = -away_y, 1.0
        hem = self.foot - self._throw(19, 0.25, 0.6)
        if kind == "planet":
            away_x, away_y, radius = self._planet()
            inward, hem = -1.0, away_y - radius + 0.02
        arc = kind == "arc"
        count = 1.0 if arc else self._throw(20, 1.6, 2.4 if self.deep else 3.9)
        return Curtains(
            flow=moment.flow,
            pan=moment.pan_x + 0.05 * moment.flow,
            count=round(min(max(count * self.stage.wishes.density, 1.0), 4.0)),
            hem=1.0 if self.deep else hem,
            step=0.06 if kind == "planet" else 0.20,
            lean=0.0 if kind == "planet" else self._throw(3, -0.16, 0.16),
            arch=self._throw(21, 0.35, 0.7) if arc else 0.0,
            fold={"arc": 0.35, "planet": 0.35, "corona": 1.8, "beams": 0.6}.get(kind, 1.0),
            length=(0.8 + 0.3 * moment.energy + 0.3 * moment.bass + 0.5 * moment.drop)
            * {"arc": 1.3, "planet": 0.75, "beams": 2.2, "kelp": 1.9}.get(kind, 1.0),
            hair=0.8 + 0.5 * moment.energy + 0.5 * moment.tension,
            wave=0.5,
            pulse=1.5 * moment.beat + 0.9 * moment.kick,
            power=self._power(moment) * {"tentacles": 0.28, "kelp": 0.5}.get(kind, 1.0),
            away_x=away_x,
            away_y=away_y,
            radius=radius,
            inward=inward,
            hanging=0.6 if self.deep else 0.0,
        )

    def _below(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        """A land: two chains, then snow, water, or darkness."""
        stage = self.stage
        night, inks = stage.palette.night, stage.palette.inks
        lit = self.colors[0] * np.float32(0.022 * self._power(moment))
        far_top = night * np.float32(0.55) + inks[0] * np.float32(0.012)
        near = night * np.float32(0.30)
        low = self.land in ("pines", "town")
        far = np.array([self.foot - 0.02, 0.5 * self._throw(22, 0.5, 1.1), 0.0, 1.6], np.float32)
        far[2] = 0.4 * moment.pan_x
        draw_ridge(light, self.chains[0], view, far, far_top, far_top + lit)
        tall = {"pines": 0.85, "town": 0.55, "peaks": 0.4, "snow": 0.3}.get(self.land, 0.22)
        foot = max(self.foot + 0.03, 0.9) if low else self.foot + 0.03
        front = np.array([foot, tall, 0.6 * moment.pan_x + 2.0, 1.5], np.float32)
        draw_ridge(light, self.chains[1], view, front, near, near * np.float32(0.6))
        if self.land in ("lake", "peaks"):
            lay_water(
                light, view, stage.palette, shore=self.foot + 0.03, mirror=0.66, flow=moment.flow,
                seed=self.seeds[2],
            )  # fmt: skip
        elif self.land == "snow":
            shore = np.float32(self.foot + 0.02)
            _snow(light, view, shore, lit * np.float32(10.0), night, self.seeds[2])

    def _strands(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        """What lives in the light under water."""
        if self.kind == "beams":
            return
        back = to_pixels(view)
        unit = self.stage.height_px / 480.0
        hanging = self.kind == "tentacles"
        power = self._power(moment)
        jellies = 3 if hanging else 1
        for k in range(jellies):
            size = (1.0, 0.45, 0.28)[k]
            x = self._throw(30 + k, -1.1, 1.1) + 0.08 * math.sin(0.3 * moment.flow + 2 * k)
            y = self._throw(33 + k, -0.55, -0.15) - 0.05 * math.sin(0.5 * moment.flow + k)
            if not hanging:
                x, y = 0.0, 1.25
            values = np.array(
                [
                    x, y, (0.27 if hanging else 1.9) * size, (1.5 if hanging else 2.1) * size,
                    1.0 if hanging else -1.0, moment.flow, (0.5 if hanging else 0.7) * size,
                    (2.2 if hanging else 5.0) * unit * size * self.stage.wishes.closeness,
                    (0.8 if hanging else 0.7) * power * (0.45 + 0.55 * size),
                    0.4 * moment.kick + 0.3 * moment.beat,
                ],
                np.float32,
            )  # fmt: skip
            count = int((38 if hanging else 64) * (0.4 + 0.6 * size) * self.stage.wishes.density)
            add_strands(light, back, values, self.colors, self.seeds[3], count)
            if hanging:
                add_bell(light, back, values, self.colors[1], self.colors[0])


@njit(**KERNEL)
def _add_wide(light, wide):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    row = np.empty(width, np.float32)
    for y in range(height):
        for c in range(3):
            blend_row(wide[c], y, I(SKY_STEP), row)
            for x in range(width):
                light[c, y, x] += row[x]


@njit(**KERNEL)
def _planet(light, view, disc, glow, night):  # type: ignore[no-untyped-def]
    """A dark globe with a thin rim of lit air; `disc`: middle, radius, height of the air."""
    _, height, width = light.shape
    pixel = F(np.sqrt(F(view[0] * view[0] + view[3] * view[3])))
    cover = np.empty(width, np.float32)
    air = np.empty(width, np.float32)
    for y in range(height):
        py = F(I(y))
        for x in range(width):
            px = F(I(x))
            dx = F(view[0] * px + view[1] * py + view[2] - disc[0])
            dy = F(view[3] * px + view[4] * py + view[5] - disc[1])
            out = F(F(np.sqrt(F(dx * dx + dy * dy))) - disc[2])
            cover[x] = clamp01(F(F(0.5) - out / pixel))
            halo = decay(F(F(max(out, F(0))) / disc[3] * F(3)))
            inner = decay(F(F(max(F(-out), F(0))) / disc[3] * F(2.2)))
            air[x] = F(F(0.34) * halo * F(F(1) - cover[x]) + F(0.30) * inner * cover[x])
        for c in range(3):
            own = F(night[c] * F(0.22))
            for x in range(width):
                k = light[c, y, x]
                light[c, y, x] = F(k + F(own - k) * cover[x] + glow[c] * air[x])


@njit(**KERNEL)
def _snow(light, view, foot, lit, night, seed):  # type: ignore[no-untyped-def]
    """A field of snow that the sky lights: drifts in perspective, dark towards us."""
    _, height, width = light.shape
    shade = np.empty(width, np.float32)
    cover = np.empty(width, np.float32)
    pixel = F(np.sqrt(F(view[0] * view[0] + view[3] * view[3])))
    for y in range(height):
        py = F(I(y))
        left = F(view[4] * py + view[5])
        if F(max(left, F(left + view[3] * F(width)))) < F(foot - F(0.1)):
            continue
        for x in range(width):
            px = F(I(x))
            sx = F(view[0] * px + view[1] * py + view[2])
            down = F(F(view[3] * px + left) - foot)
            far = F(F(0.3) / F(max(down, F(0)) + F(0.12)))
            a = noise(F(sx * far * F(0.8) + F(20)), F(far * F(3.0) + F(9)), seed)
            b = noise(F(sx * far * F(2.6) + F(50)), F(far * F(9.0) + F(5)), seed)
            cover[x] = clamp01(F(F(down + a * F(0.03)) / pixel + F(0.5)))
            k = F(F(0.75) + F(0.9) * a + F(0.35) * b * clamp01(F(down * F(4))))
            shade[x] = F(max(k, F(0.1)) / F(F(1) + F(1.4) * max(down, F(0))))
        for c in range(3):
            for x in range(width):
                own = F(night[c] * F(0.6) + lit[c] * shade[x])
                light[c, y, x] = F(light[c, y, x] + F(own - light[c, y, x]) * cover[x])
