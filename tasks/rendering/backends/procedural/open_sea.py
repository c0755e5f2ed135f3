"""A sea, a lagoon, a shore or a lake under its own sky: what is where, and what moves it."""

import math
from dataclasses import dataclass, replace

import numpy as np

from tasks.rendering.backends.procedural.fields import coarse_shape, scratch
from tasks.rendering.backends.procedural.glow import shrink
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.landmarks import landmark_profile
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.ridges import draw_ridge, ridge_profile
from tasks.rendering.backends.procedural.sea import (
    ACROSS,
    LAYERS_HIGH,
    SKY_STEP,
    fill_sea,
    raise_sea,
)
from tasks.rendering.backends.procedural.sky_dome import CLOUD_STEP, paint_sky
from tasks.rendering.backends.procedural.spray import add_spray
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.stars import add_stars
from tasks.rendering.backends.procedural.view import look_through
from tasks.rendering.backends.procedural.words import says
from tasks.rendering.renderer import FloatArray

WAVES = 7
SHORTER = 0.62  # of a wave's length is the next one's
ROLL = 0.1  # radians: a horizon never leans farther
FOAM_SIZE = 1.9  # cells of foam a ripple
WALL_S = 9.0  # seconds of flow in which a wall of water comes and sinks back


@dataclass(frozen=True)
class Water:
    """What a kind of water is like.

    `steep` is the slope of its waves, `longest` the longest wave in units of the scene, `eye` the
    height that it is seen from; `foam`, `surf`, `deep`, `clear` are light of foam, of living
    light, through waves and from the bottom; `rough` the slope of ripples, `sharp` how peaked
    crests are, `clouds` how closed the sky is, `power` the light of the sun, `haze` how far one
    sees in units of the scene.
    """

    steep: float
    longest: float
    eye: float
    foam: float
    surf: float
    deep: float
    clear: float
    rough: float
    sharp: float
    clouds: float
    power: float
    haze: float


WATERS = {
    "evening": Water(0.20, 2.6, 0.50, 0.10, 0.0, 0.9, 0.0, 0.20, 0.7, -0.06, 1.0, 26.0),
    "storm": Water(0.27, 5.0, 0.62, 1.0, 0.0, 0.9, 0.0, 0.26, 0.95, 0.30, 0.5, 15.0),
    "glowing": Water(0.27, 2.8, 0.52, 0.0, 2.4, 0.34, 0.0, 0.16, 0.8, -0.10, 0.5, 22.0),
    "beach": Water(0.24, 2.2, 0.60, 0.75, 0.0, 0.9, 0.18, 0.16, 0.8, -0.04, 1.0, 24.0),
    "lagoon": Water(0.10, 1.6, 0.66, 0.0, 0.0, 0.6, 0.85, 0.13, 0.3, -0.08, 1.0, 26.0),
    "lake": Water(0.045, 1.3, 0.46, 0.0, 0.0, 0.35, 0.0, 0.055, 0.2, -0.06, 1.0, 60.0),
}
# What may stand on the horizon of a kind of water.
COASTS = {
    "evening": ("none", "ship", "rocks", "mountains", "tower", "pier"),
    "storm": ("none", "rocks", "tower", "ship", "none"),
    "glowing": ("rocks", "mountains", "none", "tower"),
    "beach": ("rocks", "island", "ship", "none"),
    "lagoon": ("island", "mountains", "rocks", "ship"),
    "lake": ("trees", "hills", "mountains"),
}
NAMED_COASTS = {
    "rocks": "rocky|rock*|cliff*",
    "ship": "ship*|boat*|sail*",
    "tower": "lighthouse*",
    "pier": "pier*|jetty",
    "island": "island*|palm*",
    "trees": "forest*|reeds|willows|trees",
    "none": "empty coast|as far as the eye|open sea",
}
RIDGES = ("trees", "hills", "mountains")


class OpenSea:
    """Sky, coast, water, spray."""

    def __init__(self, stage: Stage, kind: str) -> None:
        seed, shape = stage.seed, (stage.height_px, stage.width_px)
        self.stage, self.kind, self.water = stage, kind, WATERS[kind]
        self.seed = seed32(seed, 0)
        self.horizon = (-0.38 if kind in ("lagoon", "beach") else -0.30) + 0.42 * dice(seed, 4)
        self.heading = 0.9 * (dice(seed, 5) - 0.5)
        self._set_sky()
        self._set_coast()
        self._set_colors()
        self.walled = says("wall of water|tsunami", stage.subject) or (
            kind == "storm" and dice(seed, 9) < 0.3
        )
        self.shore = 1.15 + 0.5 * dice(seed, 10) if kind == "beach" else 0.0
        layers = min(max(int(stage.height_px * LAYERS_HIGH), 40), 720)
        self.field = scratch(5, layers, -(-stage.width_px // ACROSS) + 1)
        self.sky = scratch(3, *coarse_shape(*shape, SKY_STEP))
        clouds = coarse_shape(*shape, CLOUD_STEP)
        self.clouds, self.wide = scratch(*clouds), scratch(clouds[0], stage.width_px)
        self.bottom, self.under = scratch(stage.width_px), scratch(3, stage.width_px)

    def _set_sky(self) -> None:
        """Sun or moon, where, how large; or none, and stars."""
        seed, text = self.stage.seed, self.stage.subject
        night = self.kind == "glowing" or says("night|moon*|stars", text)
        moonless = says("moonless", text)
        self.night = night
        self.disc = 0.0 if moonless else 1.0
        self.hidden = 1.0 if dice(seed, 6) < (0.7 if self.kind == "storm" else 0.22) else 0.0
        if says("sun|moon|huge sun|moonlit", text):
            self.hidden = 0.0
        if night and not says("moon|moonlit", text) and dice(seed, 7) < 0.3:
            self.disc = 0.0
        low = dice(seed, 3)
        self.radius = 0.05 + 0.10 * dice(seed, 8) ** 2
        height = 0.02 + 0.46 * low
        if says("huge", text):
            self.radius, height = 0.34, 0.16 + 0.16 * low
        if night:
            self.radius, height = 0.05 + 0.05 * dice(seed, 8), 0.22 + 0.36 * low
        side = 0.25 + 0.65 * dice(seed, 2)
        self.sun = (side if dice(seed, 11) < 0.5 else -side, height)
        if self.radius > 0.3:
            self.sun = (0.5 * self.sun[0], height)
        self.bank = 0.35 * dice(seed, 12)

    def _set_coast(self) -> None:
        """What stands on the horizon, on the side away from the sun or before it."""
        seed = self.stage.seed
        kinds = COASTS[self.kind]
        coast = kinds[int(dice(seed, 13) * len(kinds))]
        for name, words in NAMED_COASTS.items():
            if says(words, self.stage.subject):
                coast = name
        own, tall = seed32(seed, 14), 0.13 + 0.14 * dice(seed, 15)
        away = -1.0 if self.sun[0] > 0.0 else 1.0
        place = away * (0.25 + 0.5 * dice(seed, 16))
        self.ridges: list[tuple[FloatArray, float, float]] = []
        if coast in RIDGES:
            if coast == "trees":
                self.ridges.append((ridge_profile("hills", seed=own), 0.5 * tall, 0.45))
            scale = 1.5 * tall if coast == "trees" else tall
            self.ridges.append((ridge_profile(coast, seed=seed32(seed, 17)), scale, 0.2))
        elif coast != "none":
            size = 0.8 + 0.7 * dice(seed, 18)
            profile = landmark_profile(coast, at=place / size, seed=own)
            peak = max(float(profile.max()), 0.01)
            self.ridges.append((profile / np.float32(peak), size * peak, 0.15))

    def _set_colors(self) -> None:
        colors, order = self.stage.palette, int(2 * dice(self.stage.family, 3))
        first, second = colors.inks[order], colors.inks[order + 1]
        mix = np.float32
        zenith = colors.night * mix(0.8) + second * mix(0.10)
        low = first * mix(0.36) + second * mix(0.05)
        sun = first * mix(0.55) + colors.spark * mix(0.55)
        if self.night:
            zenith, low = colors.night * mix(0.7) + first * mix(0.03), low * mix(0.30)
            sun = first * mix(0.25) + colors.spark * mix(0.6)
        if self.kind == "storm":
            zenith, low = zenith * mix(0.6), low * mix(0.65) + colors.night * mix(0.3)
        if self.kind == "lagoon":
            zenith = zenith + second * mix(0.10)
        self.air = np.stack([zenith, low, sun]).astype(mix)
        surf = second * mix(0.85) + colors.spark * mix(0.12)
        sand = first * mix(0.45) + colors.spark * mix(0.35)
        foam = low * mix(0.5) + colors.spark * mix(0.62)
        self.sea_air = np.stack([second, surf, sand, sun, foam]).astype(mix)
        self.haze = low * mix(0.8)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Paint from the back to the front."""
        stage, water = self.stage, self.water
        roll = ROLL * math.tanh(moment.turn / ROLL)
        moment = replace(moment, turn=roll, pan_y=0.6 * moment.pan_y)
        view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        self._paint_sky(light, view, moment)
        for c in range(3):
            shrink(light[c], self.sky[c], SKY_STEP)
        values = self._values(moment)
        raise_sea(self.field, view, self._waves(moment), self.sea_air, self.sky, self.seed, values)
        horizon = np.float32(self.horizon)
        fill_sea(light, self.field, view, horizon, self.bottom, self.under)
        if water.foam > 0.5 and self.kind != "beach":
            gust = np.float32((0.5 + 0.7 * moment.energy + 0.6 * moment.kick) * water.foam)
            add_spray(
                light, self.field, view, self.sea_air[4], self.seed,
                np.array([horizon, gust, moment.flow], np.float32),
            )  # fmt: skip

    def _paint_sky(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        stage, colors, water = self.stage, self.stage.palette, self.water
        power = water.power * (0.62 + 0.36 * moment.energy + 0.10 * moment.voice)
        clouds = water.clouds + 0.25 * self.hidden + 0.10 * (dice(stage.seed, 19) - 0.5)
        disc = self.disc * (1.0 - 0.75 * self.hidden)
        halo = (1.0 if self.disc else 0.12) * (0.45 if self.night else 1.0)
        sky = np.array(
            [
                self.horizon, *self.sun, self.radius, power, moment.flow, clouds, disc, halo,
                0.4 if self.night else 0.0, self.bank,
            ],
            np.float32,
        )  # fmt: skip
        paint_sky(light, view, self.air, self.clouds, self.wide, self.seed, sky)
        if self.night:
            add_stars(
                light, colors.spark * np.float32(0.7), colors.inks, self.seed, np.int32(240),
                np.float32(0.0), np.float32(moment.flow), np.float32(moment.hats),
            )  # fmt: skip
        below = self.horizon + 0.06 - view[5] + abs(view[3]) * stage.width_px
        rows = min(max(math.ceil(below / view[4]), 0), stage.height_px)
        for profile, tall, haze in self.ridges:
            dark = colors.night * np.float32(0.22) + self.haze * np.float32(haze * 0.5)
            foot = dark + self.haze * np.float32(0.5 * haze)
            ridge = np.array([self.horizon, tall, 0.0, 1.0 / tall], np.float32)
            draw_ridge(light[:, :rows], profile, view, ridge, dark, foot)

    def _values(self, moment: Moment) -> FloatArray:
        stage, water = self.stage, self.water
        energy = 0.45 + 0.55 * moment.energy
        passed = 1.0 - math.sqrt(min(moment.drop, 1.0)) if moment.drop > 0.0 else 1.0
        ring = 5.0 * moment.drop * (1.0 - passed) * min(8.0 * passed, 1.0)
        turn = 2.0 * math.pi * (moment.flow / WALL_S + dice(stage.seed, 21))
        wall = (0.60 + 0.25 * moment.energy + 0.2 * moment.bass) * self.walled * water.eye
        shine = water.power * (0.5 + 0.5 * moment.energy) * (1.0 - 0.7 * self.hidden)
        shore = self.shore + 0.16 * math.sin(0.9 * moment.flow) + 0.05 * moment.bass
        return np.array(
            [
                self.horizon, *self.sun, moment.flow, water.steep * water.longest / math.pi,
                shine * self.disc, moment.hats, moment.kick,
                water.foam * energy * 1.15, water.surf * energy * energy,
                1.0 + 14.0 * passed, ring,
                moment.scale * 2.0 / stage.height_px, water.eye,
                water.deep * (0.6 + 0.5 * moment.energy), wall,
                3.0 + 0.9 * math.sin(turn), shore * (self.shore > 0.0),
                water.clear * (0.5 + 0.4 * moment.energy + 0.15 * moment.bass),
                water.rough * (0.7 + 0.5 * moment.energy + 0.25 * moment.highs), water.haze,
                FOAM_SIZE,
            ],
            np.float32,
        )  # fmt: skip

    def _waves(self, moment: Moment) -> FloatArray:
        stage, water, rows = self.stage, self.water, []
        swell = 0.6 + 0.5 * moment.energy + 0.3 * moment.bass + 0.25 * moment.tension
        for k in range(WAVES):
            heading = self.heading + (0.35 + 0.2 * k) * (dice(stage.seed, 20 + k) - 0.5) * 2.0
            length = water.longest * SHORTER**k * stage.wishes.closeness
            length *= 0.9 + 0.2 * dice(stage.seed, 40 + k)
            pace = 1.5 * math.sqrt(2.0 * math.pi / length)
            bend = 1.1 * (dice(stage.seed, 30 + k) - 0.5)
            size = water.steep * swell * length / math.pi * (0.95, 0.8, 0.66, 0.56)[min(k, 3)]
            rows.append(
                (math.sin(heading), math.cos(heading), 1.0 / length, size, pace, bend, water.sharp)
            )
        return np.array(rows, np.float32)
