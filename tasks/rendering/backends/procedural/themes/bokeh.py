"""Bokeh: small things that float before a lens: dust, embers, snow, petals, paper, bubbles, lamps.

Every thing has its own distance; one distance is in focus, nearer and farther ones are discs.
"""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.flakes import (
    BLUR,
    BREADTH,
    BUBBLE,
    COSINE,
    DISC,
    FAR,
    HUE,
    LIGHT,
    SHARPEST_PX,
    SINE,
    SIZE,
    STAR,
    X,
    Y,
    add_bubble,
    add_oval_disc,
    lay_shape,
)
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    cos_f,
    decay,
    dice,
    fract,
    mix,
    noise,
    seed32,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.matter import KINDS, STEMS
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS, Palette
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_line
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

NEAREST, FARTHEST = 0.3, 4.5  # distances; the lens is focused on 1 or so
APERTURE = 0.055  # half-heights of blur a unit of 1 / distance
LAMP_DISTANCE = 7.0
WARM = 0.15  # share of the ramp on either side of its warmest place that embers have
STREAKING = -0.3  # what rises as fast as this leaves a streak
BURST_S = 0.16  # share of a drop's afterglow in which things fly apart
BEAM_STEMS = (
    "beam",
    "sunbeam",
    "moonbeam",
    "shaft",
    "ray",
)  # the light behind it all comes in from one side
# Places in the row of values that the kernels are handed for a frame.
(
    FLOW, ASPECT, WIND, FALL, SWAY, TUMBLE, GRAIN, GLOW, FOCUS, LENS, ENERGY, KICK, HATS, BASS,
    TENSION, BURST, BAND, BEND, TINT, HUES, TICK,
) = range(21)  # fmt: skip


class Bokeh:
    """A still lens in moving air."""

    glow = 0.85
    vignette = 0.55
    lens_share = 0.0  # each mote has its own blur

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        self.matter = KINDS[stage.variant(STEMS, throw=1)]
        self.count = max(int(self.matter.count * stage.wishes.density), 8)
        self.seed = seed32(seed, 0)
        self.haze = Haze(stage, seed=seed32(seed, 2))
        self.way = 1.0 if dice(seed, 3) < 0.5 else -1.0
        self.key = (2.2 * (dice(seed, 4) - 0.5), self.matter.key + 0.3 * (dice(seed, 5) - 0.5))
        self.row = -0.3 + 0.5 * dice(seed, 6)  # height at which the lamps stand
        self.band, self.bend = 0.75 * dice(seed, 7), dice(seed, 8)
        self.tint, self.hues = dice(stage.family, 1), 0.55
        if self.matter.hot:
            self.tint, self.hues = _warmest(stage.palette) - WARM, 2.0 * WARM
        self.fall = self.matter.fall
        if any(has_stem(stem, stage.subject) for stem in ("falling", "raining")):
            self.fall = abs(self.fall)
        self.beam = any(has_stem(stem, stage.subject) for stem in BEAM_STEMS)
        self.places = np.zeros((self.count, 10), np.float32)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Air, lamps far away, the ground, then the things from far to near."""
        height, width, colors = self.stage.height_px, self.stage.width_px, self.stage.palette
        view = look_through(moment, height_px=height, width_px=width)
        values, back = self._values(moment), to_pixels(view)
        self.haze.fill(
            light, view, drift=0.04 * moment.flow, inks=(0, 2),
            strength=0.035 + 0.05 * moment.energy + 0.02 * moment.bass,
        )  # fmt: skip
        _light_key(light, view, self._key_color(moment), self._key_shape())
        _light_lamps(
            light, back, colors.ramp, self.seed, self.matter.lamps,
            np.array([self.row, self.matter.lamp_size], np.float32), values,
        )  # fmt: skip
        if self.matter.ground:
            _raise_ground(light, view, self.seed, np.float32(0.62 + 0.2 * self.bend))
        _place(self.places, back, self.seed, values)
        order = np.argsort(-self.places[:, FAR], kind="stable")
        _draw(
            light, self.places[order], np.int32(self.matter.shape), colors.ramp, colors.spark,
            colors.night, values,
        )  # fmt: skip

    def _key_color(self, moment: Moment) -> FloatArray:
        colors, matter = self.stage.palette, self.matter
        hot = colors.ramp[int((self.tint + WARM) % 1.0 * (RAMP_STEPS - 1))]
        power = 0.07 + 0.09 * moment.energy + 0.07 * moment.bass
        power *= matter.key_light * (2.2 if self.beam else 1.0)
        return np.asarray((hot if matter.hot else colors.inks[1]) * np.float32(power), np.float32)

    def _key_shape(self) -> FloatArray:
        """Place, way, length, width and widening of the light behind it all, half-heights."""
        x, y = self.key
        if self.beam:
            side = 1.0 if x > 0.0 else -1.0
            aspect = self.stage.width_px / self.stage.height_px
            shape = (side * (aspect + 0.1), -1.0, -0.84 * side, 0.54, 2.4, 0.13, 0.16)
        elif self.matter.hot:
            shape = (x, y, 1.0, 0.0, 2.0, 0.5, 0.0)
        else:
            shape = (x, y, 1.0, 0.0, 1.35, 0.9, 0.0)
        return np.array(shape, np.float32)

    def _values(self, moment: Moment) -> FloatArray:
        matter, wishes = self.matter, self.stage.wishes
        age = 1.0 - math.sqrt(min(moment.drop, 1.0)) if moment.drop > 0.0 else 1.0
        burst = min(age / BURST_S, 1.0) * (1.0 - age) ** 2
        return np.array(
            [
                moment.flow, self.stage.width_px / self.stage.height_px, self.way * matter.wind,
                self.fall, matter.sway, matter.tumble, matter.size * wishes.closeness,
                matter.glow * (0.55 + 0.75 * moment.energy), 1.0 + 0.15 * moment.voice,
                APERTURE * (1.0 + 1.3 * wishes.blur) * wishes.closeness, moment.energy, moment.kick,
                moment.hats, moment.bass, moment.tension, burst, self.band, 6.2832 * self.bend,
                self.tint, self.hues, math.floor(3.0 * moment.flow),
            ],
            np.float32,
        )  # fmt: skip


def _warmest(palette: Palette) -> float:
    """Place in the ramp of the recipe's colour that is most like fire."""
    places = [k / palette.stops for k in range(palette.stops)]
    inks = [palette.ramp[int(place * RAMP_STEPS)] for place in places]
    warmth = [float(ink[0] - ink[2]) for ink in inks]
    return places[warmth.index(max(warmth))]


@njit(**KERNEL)
def _light_key(light, view, color, key):  # type: ignore[no-untyped-def]
    """Add a light that falls off without an end: round, or a beam that widens on its way."""
    _, height, width = light.shape
    row = np.empty(width, np.float32)
    for y in range(height):
        a0 = F(view[1] * F(I(y)) + view[2] - key[0])
        b0 = F(view[4] * F(I(y)) + view[5] - key[1])
        for x in range(width):
            a = F(view[0] * F(I(x)) + a0)
            b = F(view[3] * F(I(x)) + b0)
            u = F(a * key[2] + b * key[3])
            v = F(b * key[2] - a * key[3])
            wide = F(key[5] + key[6] * F(max(u, F(0))))
            q = F(u / key[4])
            w = F(v / wide)
            k = F(F(1) / F(F(F(1) + q * q) * F(F(1) + w * w)))
            row[x] = F(k * F(F(0.06) + F(0.94) * k))
        for c in range(3):
            for x in range(width):
                light[c, y, x] += F(color[c] * row[x])


@njit(**KERNEL)
def _light_lamps(light, back, ramp, seed, count, stand, values):  # type: ignore[no-untyped-def]
    """Lamps far behind: large even discs, most of them about one height."""
    half = F(F(light.shape[1]) * F(0.5))
    blur = F(values[LENS] * F(F(F(1) / values[FOCUS]) - F(1.0 / LAMP_DISTANCE)) * stand[1])
    for k in range(count):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(77))))
        spread = F(unit(mix(U(h + U(2)))) - F(0.5))
        x = F(F(F(2) * unit(h) - F(1)) * F(values[ASPECT] + F(0.2)))
        x = F(x + F(0.015) * sin_f(F(values[FLOW] * F(0.4) + F(6.2831853) * unit(mix(h)))))
        y = F(stand[0] + spread * spread * spread * F(6.0))
        px = F(back[0] * x + back[1] * y + back[2])
        py = F(back[3] * x + back[4] * y + back[5])
        own = unit(mix(U(h + U(3))))
        radius = F(F(max(F(blur * half), F(1.5))) * F(F(0.55) + F(0.75) * own))
        radius = F(radius * F(F(1) + F(0.12) * values[BASS]))
        power = F(F(0.06) + F(0.34) * own * unit(mix(U(h + U(4)))))
        beat = F(F(1) + F(1.3) * values[KICK] * F(I(k % 4 == 0)))
        power = F(power * F(APERTURE) / values[LENS] * beat * F(F(0.5) + F(0.8) * values[ENERGY]))
        hue = fract(F(values[TINT] + values[HUES] * unit(mix(U(h + U(5))))))
        slot = I(hue * F(RAMP_STEPS - 1))
        add_oval_disc(light, px, py, radius, F(radius * F(0.10)), power, ramp[slot])


@njit(**KERNEL)
def _raise_ground(light, view, seed, level):  # type: ignore[no-untyped-def]
    """Darken the foot of the picture: a bank of grass or snow, far out of focus."""
    _, height, width = light.shape
    for x in range(width):
        a = F(view[0] * F(I(x)) + view[1] * F(height) + view[2])
        crest = F(level + F(0.22) * noise(F(a * F(1.3) + F(60)), F(3.5), U(seed + U(5))))
        for y in range(height):
            b = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5])
            keep = F(F(1) - F(0.8) * smooth(F(crest - F(0.16)), F(crest + F(0.2)), b))
            for c in range(3):
                light[c, y, x] = F(light[c, y, x] * keep)


@njit(**KERNEL)
def _place(places, back, seed, values):  # type: ignore[no-untyped-def]
    """Where everything is."""
    per_unit = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    wide = F(values[ASPECT] + F(0.35))
    for k in range(places.shape[0]):
        h = mix(U(U(k) * U(0x85EBCA6B) ^ U(seed + U(13))))
        own = unit(mix(U(h + U(1))))
        depth = F(F(1) - F(F(1) - own) * unit(mix(U(h + U(2)))))
        z = F(F(NEAREST) + F(FARTHEST - NEAREST) * depth * depth * F(F(0.35) + F(0.65) * own))
        run = F(values[FLOW] * F(F(0.7) + F(0.6) * unit(mix(U(h + U(3))))) / F(z + F(0.35)))
        phase = F(F(6.2831853) * unit(mix(U(h + U(4)))))
        swing = F(values[FLOW] * F(F(0.7) + F(0.8) * own) + phase)
        x = F(fract(F(unit(h) + run * values[WIND] * F(0.5) / wide)) * F(2) - F(1))
        y = F(fract(F(unit(mix(U(h + U(5)))) + run * values[FALL] * F(0.36))) * F(2) - F(1))
        x = F(x * wide + values[SWAY] * sin_f(swing))
        y = F(y * F(1.35) + values[SWAY] * F(0.5) * cos_f(F(swing * F(0.73))))
        curve = F(F(0.35) * sin_f(F(x * F(1.4) + values[BEND] + values[FLOW] * F(0.05))))
        y = F(y + F(F(curve + y * F(0.3)) - y) * values[BAND] * smooth(F(0.2), F(0.5), own))
        r = F(np.sqrt(F(x * x + y * y)))
        turn = F(F(1.1) * values[TENSION] * decay(F(r * F(1.5))))
        cosine = cos_f(turn)
        sine = sin_f(turn)
        out = F(F(1) + F(0.7) * values[BURST] / F(z + F(0.3)) - F(0.18) * values[TENSION])
        sx = F(F(x * cosine - y * sine) * out)
        sy = F(F(x * sine + y * cosine) * out)
        spin = F(values[FLOW] * values[TUMBLE] * F(F(0.6) + F(0.9) * own) + phase)
        places[k, X] = F(back[0] * sx + back[1] * sy + back[2])
        places[k, Y] = F(back[3] * sx + back[4] * sy + back[5])
        places[k, FAR] = z
        grain = F(values[GRAIN] * F(F(0.55) + F(0.75) * unit(mix(U(h + U(6))))))
        places[k, SIZE] = F(grain * per_unit / z)
        places[k, BLUR] = F(values[LENS] * per_unit * F(abs(F(F(1) / z - F(1) / values[FOCUS]))))
        places[k, COSINE] = cos_f(F(spin * F(0.6) + phase))
        places[k, SINE] = sin_f(F(spin * F(0.6) + phase))
        places[k, BREADTH] = F(abs(cos_f(F(spin + phase))))
        places[k, HUE] = fract(F(values[TINT] + values[HUES] * unit(mix(U(h + U(7))))))
        lit = F(F(1) + F(0.9) * values[KICK] * F(I(k % 3 == 0)))
        picked = unit(mix(U(h + U(U(I(values[TICK])) * U(0x27D4EB2D)))))
        places[k, LIGHT] = F(lit + F(3.0) * values[HATS] * smooth(F(0.78), F(0.95), picked))


@njit(**KERNEL)
def _draw(light, places, shape, ramp, spark, night, values):  # type: ignore[no-untyped-def]
    """Everything, in the order given."""
    near = np.empty(3, np.float32)
    far = np.empty(3, np.float32)
    for k in range(places.shape[0]):
        at = places[k]
        size, blur = at[SIZE], at[BLUR]
        color = ramp[I(at[HUE] * F(RAMP_STEPS - 1))]
        large = F(max(size, blur))
        small = F(max(F(min(size, blur)), F(SHARPEST_PX)))
        share = F(size / F(large + F(0.3)))
        share = F(share * share)
        face = F(F(0.25) + F(0.75) * at[BREADTH])
        if shape == DISC:
            hot = F(F(0.25) * share)
            for c in range(3):
                near[c] = F(color[c] + spark[c] * hot)
            power = F(values[GLOW] * at[LIGHT] * F(np.sqrt(F(size / large))) * F(size / large))
            radius = F(max(large, F(1.2)))
            add_oval_disc(light, at[X], at[Y], radius, small, power, near)
            if values[FALL] < F(STREAKING) and share > F(0.1):
                run = F(size * F(F(9) + F(14) * values[ENERGY]))
                tail_x = F(at[X] - run * values[WIND])
                tail_y = F(at[Y] - run * values[FALL])
                add_line(
                    light, at[X], at[Y], tail_x, tail_y, F(radius * F(1.6)), F(radius * F(0.8)),
                    near[0], near[1], near[2], F(power * F(0.5)), F(0),
                )  # fmt: skip
        elif shape == BUBBLE:
            other = ramp[I(fract(F(at[HUE] + F(0.28))) * F(RAMP_STEPS - 1))]
            fade = F(at[LIGHT] * F(F(0.35) + F(0.65) * share) * values[GLOW])
            soft = F(max(F(blur * F(0.7)), F(SHARPEST_PX)))
            add_bubble(light, at[X], at[Y], F(size + soft), soft, color, other, spark, fade)
        elif blur > size:
            power = F(values[GLOW] * at[LIGHT] * share * F(F(0.25) + F(0.6) * face))
            add_oval_disc(light, at[X], at[Y], large, small, power, color)
        else:
            glint = smooth(F(0.9), F(0.995), at[BREADTH])
            shade = F(values[GLOW] * F(F(0.12) + F(0.6) * face * face))
            for c in range(3):
                lit = F(color[c] * shade * F(F(0.7) + F(0.3) * at[LIGHT]))
                pale = F(F(0.55) if shape == STAR else F(0.04))
                near[c] = F(lit + spark[c] * F(F(pale + F(0.9) * glint) * shade))
                far[c] = F(near[c] * F(0.4) + night[c])
            cover = F(F(0.92) * F(min(F(1), F(share + F(0.25)))))
            lay_shape(light, shape, at, small, cover, near, far)
