"""What all kinds of cloud share: a sun, cards, a deck, silhouettes, and how the song moves them."""

import math

import numpy as np

from tasks.rendering.backends.procedural.air import (
    BEAMS,
    DISC,
    HALO,
    HORIZON,
    SUN,
    SUN_X,
    SUN_Y,
    Air,
)
from tasks.rendering.backends.procedural.cloud_cards import FLASHES, Card, CardWork, paint_card
from tasks.rendering.backends.procedural.cloud_slab import Slab, SlabWork, paint_slab
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.ridges import draw_ridge
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.stars import add_stars
from tasks.rendering.backends.procedural.view import look_through
from tasks.rendering.backends.procedural.water import add_glitter, lay_water
from tasks.rendering.renderer import FloatArray

FLASHES_PER_FLOW = 0.45  # lights within a thundercloud that come by themselves
SEEDS = 9


class CloudScene:
    """The air of a clip and the hands that put clouds into it.

    Attributes:
        side: -1 or 1: on which side the shot's sun is.
        aspect: Width over height of the picture.
        near: Factor on how large things are.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.air = Air(stage)
        self.slab_work, self.card_work = SlabWork(self.air), CardWork(self.air)
        self.seeds = [seed32(stage.seed, k) for k in range(SEEDS)]
        self.aspect = stage.width_px / stage.height_px
        self.side = 1.0 if dice(stage.seed, 21) < 0.5 else -1.0
        self.near = stage.wishes.closeness
        self.values = np.zeros(6, np.float32)
        self.flashes = np.zeros((FLASHES, 4), np.float32)
        self.view = np.zeros(6, np.float32)

    def throw(self, k: int, low: float, high: float) -> float:
        """One of the shot's throws between two bounds."""
        return low + (high - low) * dice(self.stage.seed, k)

    def open_sky(
        self, moment: Moment, *, sun: tuple[float, float], horizon: float, disc: float, beams: float
    ) -> None:
        """Begin a frame with its sky; the sun burns with the song.

        Args:
            moment: The frame.
            sun: Scene place.
            horizon: Scene height of the brightest sky.
            disc: Radius of the sun, half-heights; 0 hides it.
            beams: Strength of its rays.
        """
        stage = self.stage
        self.view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        power = 0.5 + 0.5 * moment.energy + 0.16 * moment.kick + 0.45 * moment.drop
        self.values[[SUN_X, SUN_Y]] = sun
        self.values[[HORIZON, DISC]] = horizon, disc
        self.values[HALO] = power
        self.values[BEAMS] = beams * (power + 0.4 * moment.voice)
        self.flashes[:] = 0.0
        self.air.open_sky(self.view, self.values)

    def swell(self, moment: Moment) -> float:
        """How much more cloud the song makes: bass breathes, kicks push, drops tear it open."""
        lift = 0.08 * moment.bass + 0.07 * moment.kick + 0.12 * moment.tension
        return 0.2 * (self.stage.wishes.density - 1.0) + lift - 0.2 * moment.drop

    def put_card(self, card: Card, k: int) -> None:
        """Lay a card with the shot's noise `k` over the air."""
        paint_card(
            self.air, self.card_work, self.view, self.values, card=card, flashes=self.flashes,
            seed=self.seeds[k],
        )  # fmt: skip

    def put_deck(
        self, moment: Moment, *, above: bool, size: float, cover: float, billow: float,
        stretch: float, gap: float,
    ) -> None:  # fmt: skip
        """Lay a deck over the air that we fly along.

        Args:
            moment: The frame.
            above: Whether it is seen from above.
            size: Clouds a height of the camera.
            cover: Share of it that is cloud.
            billow: 0 wisps to 1 round heads.
            stretch: How much longer clouds are away from us than across.
            gap: Half-heights at the horizon that it leaves free.
        """
        slab = Slab(
            x=40.0 + self.throw(25, 0.0, 60.0) + 0.06 * moment.flow,
            z=40.0 + 0.45 * moment.flow,
            size=size / self.near,
            cover=cover + self.swell(moment),
            billow=billow,
            way=1.0 if above else -1.0,
            lit=1.1 + 0.6 * moment.energy + 0.9 * moment.drop,
            deep=0.8,
            haze=0.07,
            stretch=stretch,
            boil=0.05 * moment.flow,
            gap=gap,
        )
        paint_slab(self.air, self.slab_work, self.view, self.values, slab=slab, seed=self.seeds[0])

    def put_ridge(
        self, planes: FloatArray, profile: FloatArray, ridge: tuple[float, float, float, float],
        top: FloatArray, foot: FloatArray,
    ) -> None:  # fmt: skip
        """Draw a silhouette: on the picture, or on the air, where it hides the sky as well."""
        in_air = planes is self.air.planes
        view = self.air.grid_view(self.view) if in_air else self.view
        pad = np.zeros(1 if in_air else 0, np.float32)
        draw_ridge(
            planes, profile, view, np.array(ridge, np.float32), np.concatenate([top, pad]),
            np.concatenate([foot, pad]),
        )  # fmt: skip

    def put_water(self, light: FloatArray, moment: Moment, *, shore: float) -> None:
        """Mirror the picture at the shore, and the sun in every ripple."""
        lay_water(
            light, self.view, self.stage.palette, shore=shore, mirror=0.7, flow=moment.flow,
            seed=self.seeds[3],
        )  # fmt: skip
        color = self.air.colors[SUN] * np.float32(2.6 * self.values[HALO])
        sun = float(self.values[SUN_X]), float(self.values[DISC])
        add_glitter(
            light, self.view, color, sun=sun, shore=shore, flow=moment.flow, seed=self.seeds[3]
        )

    def put_motes(self, light: FloatArray, moment: Moment, *, count: int) -> None:
        """Small lights that sparkle with the hats: stars, or dust in the sun."""
        palette = self.stage.palette
        add_stars(
            light, palette.spark, palette.inks, self.seeds[5], count,
            moment.pan_x + 0.4 * moment.flow, moment.flow, moment.hats,
        )  # fmt: skip

    def lighten_within(self, moment: Moment) -> None:
        """Where it lightens: one place a kick, one a drop, and some that come by themselves."""
        slot = math.floor(moment.flow * FLASHES_PER_FLOW)
        part = moment.flow * FLASHES_PER_FLOW - slot
        own = max(0.0, 1.0 - abs(part - 0.3) / 0.25) ** 2 * 0.35 * (0.4 + moment.energy)
        struck = round((moment.time - moment.since_kick) * 240.0)
        kick = moment.kick * (0.45 + 0.5 * moment.energy)
        lights = ((struck, kick), (slot + 77777, own), (99, 0.9 * moment.drop))
        for k, (key, strength) in enumerate(lights):
            x, y, reach = (dice(self.stage.seed ^ (key & 0xFFFFFF), 50 + n) for n in range(3))
            place = (2.0 * x - 1.0) * 0.8 * self.aspect, -0.7 + 0.8 * y
            self.flashes[k] = *place, 0.28 + 0.25 * reach, 1.6 * strength
