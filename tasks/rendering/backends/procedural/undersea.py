"""Under the sea: the roof of the water and its web of light, shafts, a reef, what lives there."""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural import swarm
from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.flakes import add_bubble
from tasks.rendering.backends.procedural.grains import add_grains
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    dice,
    fract,
    mix,
    noise,
    seed32,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.ridges import draw_ridge, ridge_profile
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strands import add_bell, add_strands
from tasks.rendering.backends.procedural.strokes import add_dot
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.words import says
from tasks.rendering.renderer import FloatArray

STEP = 2  # pixels a sample of the light in the water
MOTES, BUBBLES, FISH = 130, 34, 1500
# Places in the row of values that the kernels are handed for a frame.
(FLOW, SUN_X, POWER, BASS, KICK, HATS, ENERGY, SHOCK, TICK, ROOF, VENT) = range(11)


class Undersea:
    """Light that falls into water, and what it falls upon."""

    def __init__(self, stage: Stage) -> None:
        seed, colors = stage.seed, stage.palette
        self.stage, self.seed = stage, seed32(seed, 0)
        self.sun_x = 2.0 * (dice(seed, 2) - 0.5)
        self.roof = 0.1 - 0.5 * dice(seed, 3)  # how far down the roof of the water is seen
        if says("surface|underside", stage.subject):
            self.roof = 0.45
        self.night = says("night|moon*|deep sea|black water", stage.subject)
        self.kind = stage.variant(
            {
                "fish": ("fish", "school", "shoal"),
                "reef": ("reef", "coral", "kelp", "cliff", "rock"),
                "jelly": ("jellyfish", "living"),
            },
            throw=22,
        )
        first, second = colors.inks[int(2 * dice(stage.family, 3)) :][:2]
        self.water = second
        self.sky = second * np.float32(0.4) + colors.spark * np.float32(0.6)
        if self.night:
            self.sky = second * np.float32(0.4) + colors.spark * np.float32(0.3)
        self.life = first
        shape = coarse_shape(stage.height_px, stage.width_px, STEP)
        self.lit, self.wide = scratch(3, *shape), scratch(3, shape[0], stage.width_px)
        kind = "mountains" if self.kind == "reef" else "hills"
        self.fish = scratch(FISH if self.kind == "fish" else 1, 8)
        self.ridges = [
            (ridge_profile(kind, seed=seed32(seed, 30 + k)), 0.70 + 0.22 * k, 0.95 - 0.18 * k)
            for k in range(3)
        ]

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Paint water, reef, life, bubbles."""
        stage = self.stage
        view = look_through(moment, height_px=stage.height_px, width_px=stage.width_px)
        self.paint_water(light, view, moment)
        back = to_pixels(view)
        self._let_live(light, back, moment)
        _bubbles(
            light, back, self.water, self.sky, stage.palette.spark, self.seed, self._values(moment)
        )

    def paint_water(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        """Replace the picture by water with its reef and its specks."""
        colors, values = self.stage.palette, self._values(moment)
        coarse = view * np.array([STEP, STEP, 1, STEP, STEP, 1], np.float32)
        _light_water(self.lit, coarse, self.water, self.sky, colors.night, self.seed, values)
        for c in range(3):
            widen(self.lit[c], self.wide[c], STEP)
        _fill(light, self.wide)
        self._build_reef(light, view, moment)
        _drift(light, to_pixels(view), colors.inks, colors.spark, self.seed, values)

    def _values(self, moment: Moment) -> FloatArray:
        power = (0.45 + 0.55 * moment.energy) * (0.6 if self.night else 1.0)
        vent = 1.6 * (dice(self.stage.seed, 24) - 0.5)
        return np.array(
            [
                moment.flow, self.sun_x, power, moment.bass, moment.kick, moment.hats,
                moment.energy, moment.drop, math.floor(3.0 * moment.flow), self.roof, vent,
            ],
            np.float32,
        )  # fmt: skip

    def _build_reef(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        night = self.stage.palette.night
        for k, (profile, foot, tall) in enumerate(self.ridges):
            haze = np.float32((0.040, 0.014, 0.003)[k] * (0.6 + 0.4 * moment.energy))
            top = night * np.float32(0.3) + self.water * haze
            shift = (0.3 + 0.25 * k) * moment.pan_x + 0.012 * (k + 1) * moment.flow + 2.0 * k
            ridge = np.array([foot + 0.30, tall, shift, 1.6], np.float32)
            draw_ridge(light, profile, view, ridge, top, top * np.float32(0.35))

    def _let_live(self, light: FloatArray, back: FloatArray, moment: Moment) -> None:
        """Kelp on the reef, or jellyfish in open water."""
        stage = self.stage
        pixel, seed = stage.height_px / 480.0, stage.seed
        power = 0.35 + 0.55 * moment.energy
        colors = np.stack([self.life, self.water])
        if self.kind == "fish":
            self._let_swim(light, back, moment)
            return
        if self.kind == "reef":
            for k in range(4):
                x = 3.4 * (dice(seed, 50 + k) - 0.5)
                near = 0.5 + 0.5 * dice(seed, 60 + k)
                values = np.array(
                    [
                        x, 1.15, 0.16 + 0.1 * near, 0.7 + 0.7 * near, -1.0, moment.flow, 0.22,
                        7.0 * pixel * near, 0.09 * power, 1.2 * moment.kick,
                    ],
                    np.float32,
                )  # fmt: skip
                add_strands(light, back, values, colors, seed32(seed, 70 + k), 6)
            return
        for k in range(4):
            near = 0.35 + 0.65 * dice(seed, 50 + k) ** 2
            x = 2.9 * ((k + dice(seed, 60 + k)) / 4.0 - 0.5)
            x += 0.12 * math.sin(0.3 * moment.flow + 6.3 * dice(seed, 64 + k))
            y = 0.55 - 0.9 * dice(seed, 80 + k) + 0.1 * math.sin(0.4 * moment.flow + k)
            pump = 0.5 + 0.5 * math.sin(1.6 * moment.flow + 2.0 * k)
            values = np.array(
                [
                    x, y, 0.11 * near * (1.0 + 0.15 * moment.bass), 0.75 * near, 1.0, moment.flow,
                    0.10, 1.7 * pixel * near, 0.42 * power * near,
                    min(0.5 * pump + 0.7 * moment.kick, 1.0),
                ],
                np.float32,
            )  # fmt: skip
            add_strands(light, back, values, colors, seed32(seed, 70 + k), 7)
            add_bell(light, back, values, self.life, self.sky)

    def _let_swim(self, light: FloatArray, back: FloatArray, moment: Moment) -> None:
        """A school of fish that turns as one."""
        stage, colors = self.stage, self.stage.palette
        way = 1.0 if dice(stage.seed, 90) < 0.5 else -1.0
        values = np.zeros(swarm.BEND + 1, np.float32)
        named = {
            swarm.FLOW: moment.flow, swarm.BASS: moment.bass, swarm.KICK: moment.kick,
            swarm.HATS: moment.hats, swarm.ENERGY: moment.energy, swarm.TENSION: moment.tension,
            swarm.BURST: 0.6 * moment.drop, swarm.WAY: way, swarm.SPEED: 1.0, swarm.SPREAD: 0.8,
            swarm.START_X: 0.6 * way * (dice(stage.seed, 91) - 0.2), swarm.START_Y: 0.15,
            swarm.TINT: dice(stage.family, 5), swarm.TICK: math.floor(3.0 * moment.flow),
            swarm.SIZE: 0.0075 * stage.wishes.closeness, swarm.LENS: 0.006, swarm.FOCUS: 1.0,
            swarm.TRAIL: 0.075, swarm.POWER: 0.28 + 0.36 * moment.energy,
            swarm.BEND: 6.2832 * dice(stage.seed, 92),
        }  # fmt: skip
        for place, value in named.items():
            values[place] = value
        swarm.place_grains(self.fish, swarm.FLOCK, back, self.seed, values)
        add_grains(
            light, self.fish, colors.ramp, self.sky, np.float32(0.7), np.float32(0.0), values
        )


@njit(**KERNEL)
def _light_water(out, view, water, sky, night, seed, values):  # type: ignore[no-untyped-def]
    """The roof of the water from below, shafts that fall through it, the dark of the deep."""
    _, rows, columns = out.shape
    web = np.empty(columns, np.float32)
    t = F(values[FLOW])
    slow = F(t * F(0.16))
    beat = F(F(1) + F(0.4) * values[KICK] + F(0.25) * values[BASS] + F(0.8) * values[SHOCK])
    roof = values[ROOF]
    for r in range(rows):
        py = F(I(r - 1))
        middle = F(view[4] * py + view[5])
        if F(middle - roof) < F(0.6):
            _find_web(web, view, py, seed, values)
        else:
            for x in range(columns):
                web[x] = F(0)
        for x in range(columns):
            px = F(I(x - 1))
            a = F(view[0] * px + view[1] * py + view[2])
            b = F(view[3] * px + view[4] * py + view[5])
            fan = F(F(a - values[SUN_X]) / F(max(F(b + F(1.9)), F(0.35))))
            wide = noise(F(fan * F(4.3) + slow + F(30)), F(slow * F(0.7) + F(30)), seed)
            thin = noise(F(fan * F(12) - slow * F(1.4) + F(30)), F(slow + F(9)), U(seed + U(7)))
            ray = clamp01(F(F(0.14) + F(1.2) * wide + F(0.6) * thin))
            down = F(max(F(b + F(1.25)), F(0)))
            dx = F(a - values[SUN_X])
            sun = F(F(0.34) / F(F(0.34) + dx * dx + down * down * F(0.45)))
            up = smooth(F(roof + F(0.25)), F(roof - F(1.1)), b)
            fall = F(F(1) / F(F(1) + down * down * F(0.5)))
            deep = F(F(1) / F(F(1) + down * down * F(0.8)))
            own = F(F(F(0.03) + F(0.30) * deep) * F(F(0.30) + F(0.70) * sun))
            beam = F(ray * ray * fall * F(F(0.10) + F(0.90) * sun) * beat)
            disc = F(max(F(sun - F(0.80)), F(0)))
            top = F(up * F(F(0.05) + F(0.35) * up * sun + web[x] * F(1.5)))
            top = F(top * F(F(0.18) + F(0.82) * sun) + F(5) * disc * disc * F(F(1) + web[x]))
            for c in range(3):
                lit = F(water[c] * F(own + F(0.5) * beam + F(0.35) * top))
                lit = F(lit + sky[c] * F(F(0.30) * beam + F(0.65) * top))
                out[c, r, x] = F(night[c] * F(0.25) + lit * values[POWER])


@njit(**KERNEL)
def _find_web(web, view, py, seed, values):  # type: ignore[no-untyped-def]
    """Light that waves gather on their way, on the roof of the water."""
    pixel = F(np.sqrt(F(view[0] * view[0] + view[3] * view[3])))
    t = values[FLOW]
    for x in range(web.shape[0]):
        px = F(I(x - 1))
        a = F(view[0] * px + view[1] * py + view[2])
        b = F(view[3] * px + view[4] * py + view[5])
        z = F(F(0.9) / F(max(F(F(0.45) + values[ROOF] - b), F(0.06))))
        seen = smooth(F(0.4), F(0.1), F(z * z * pixel * F(3)))
        u = F(F(a - values[SUN_X]) * z * F(2.2) + F(60))
        v = F(z * F(3) + F(60))
        bend = F(F(0.7) * noise(F(u * F(0.5)), F(v * F(0.5) + t * F(0.1)), U(seed + U(11))))
        u, v = F(u + bend), F(v + bend)
        one = noise(F(u + t * F(0.22)), F(v - t * F(0.13)), seed)
        other = noise(F(u * F(1.37) - t * F(0.19)), F(v * F(1.37) + t * F(0.16)), U(seed + U(3)))
        k = F(F(1) - F(min(F(F(2.3) * F(F(abs(one)) + F(0.6) * F(abs(other)))), F(1))))
        web[x] = F(k * k * k * seen)


@njit(**KERNEL)
def _fill(light, wide):  # type: ignore[no-untyped-def]
    for c in range(3):
        for y in range(light.shape[1]):
            blend_row(wide[c], y, I(STEP), light[c, y])


@njit(**KERNEL)
def _drift(light, back, inks, spark, seed, values):  # type: ignore[no-untyped-def]
    """Specks in the water, rising and swaying."""
    _, height, width = light.shape
    pixel = F(F(height) * F(1.0 / 480.0))
    wide = F(F(width) / F(height) + F(0.3))
    for k in range(MOTES):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(21))))
        near = unit(mix(U(h + U(1))))
        run = F(values[FLOW] * F(0.03) * F(F(0.4) + near))
        sway = F(F(0.05) * sin_f(F(values[FLOW] * F(F(0.4) + near) + F(6.2831853) * unit(h))))
        sx = F(F(F(2) * unit(mix(U(h + U(2)))) - F(1)) * wide + sway)
        sy = F(F(F(2) * fract(F(unit(mix(U(h + U(3)))) - run)) - F(1)) * F(1.2))
        picked = unit(mix(U(h + U(U(I(values[TICK])) * U(0x27D4EB2D)))))
        power = F(F(0.05) + F(0.30) * near * near + values[HATS] * smooth(F(0.75), F(1), picked))
        power = F(power * values[POWER] * F(F(0.5) + F(0.5) * smooth(F(1), F(-1), sy)))
        size = F(pixel * F(F(1.2) + F(4.5) * near * near * near))
        ink = inks[I(U(h >> U(5)) % U(4))]
        add_dot(
            light,
            F(back[0] * sx + back[1] * sy + back[2]), F(back[3] * sx + back[4] * sy + back[5]),
            size, F(F(spark[0] + ink[0]) * power), F(F(spark[1] + ink[1]) * power),
            F(F(spark[2] + ink[2]) * power),
        )  # fmt: skip


@njit(**KERNEL)
def _bubbles(light, back, water, sky, spark, seed, values):  # type: ignore[no-untyped-def]
    """A column of bubbles that widens and grows as it rises, wobbling."""
    per_unit = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    for k in range(BUBBLES):
        h = mix(U(U(k) * U(0x85EBCA6B) ^ U(seed + U(57))))
        own = unit(mix(U(h + U(1))))
        age = fract(F(values[FLOW] * F(F(0.07) + F(0.05) * own) + unit(h)))
        sy = F(F(1.25) - F(2.4) * age)
        spread = F(F(unit(mix(U(h + U(2)))) - F(0.5)) * F(F(0.12) + F(0.5) * age))
        wobble = F(F(0.02) * sin_f(F(values[FLOW] * F(3) + F(6.28) * own + age * F(9))))
        sx = F(values[VENT] + spread + wobble)
        size = F(F(0.006) + F(0.034) * own * own * own) * F(F(0.6) + F(0.6) * age)
        fade = F(smooth(F(0), F(0.1), age) * smooth(F(1), F(0.85), age))
        fade = F(fade * values[POWER] * F(F(0.45) + F(0.5) * values[KICK]))
        add_bubble(
            light, F(back[0] * sx + back[1] * sy + back[2]),
            F(back[3] * sx + back[4] * sy + back[5]), F(max(F(size * per_unit), F(1.5))), F(0.9),
            sky, water, spark, fade,
        )  # fmt: skip
