"""A crown of liquid: a wall with fingers thrown up round a blow, drops, rings on the ground."""

import math

import numpy as np

from tasks.rendering.backends.procedural.dark_mirror import mirror_ground
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot, add_line, add_piece, add_pool
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

FINGERS = 34
PIECES = 7  # of each finger
DROPS = 110
PULL = 1.5  # half-heights a second squared, of slow time
HOT = ("molten", "ladle", "iron", "lava")
FLAT = 0.26  # how flat rings on the ground look


class Splash:
    """Liquid in slow motion over a dark mirror."""

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        side = 1.0 if dice(seed, 1) < 0.5 else -1.0
        self.heart = (side * (0.12 + 0.34 * dice(seed, 2)), 0.46 + 0.14 * dice(seed, 3))
        self.haze = Haze(stage, seed=seed32(seed, 5))
        self.first = int(4 * dice(seed, 6))
        self.hot = any(has_stem(word, stage.named) for word in HOT)
        self.size = (0.8 + 0.35 * dice(seed, 7)) * stage.wishes.closeness**0.5

    def paint(self, light: FloatArray, moment: Moment, *, blow: float) -> None:
        """Air, the far half of the crown, drops, the near half, the mirror, rings."""
        height, width = light.shape[1:]
        view = look_through(moment, height_px=height, width_px=width)
        view[2] -= np.float32(self.heart[0])
        view[5] -= np.float32(self.heart[1])
        back = to_pixels(view)
        inks = self.stage.palette.inks
        self.haze.fill(
            light, view, drift=0.06 * moment.flow, strength=0.09 + 0.12 * moment.energy,
            inks=(self.first, (self.first + 1) % 4),
        )  # fmt: skip
        unit_px = math.hypot(float(back[0]), float(back[3]))
        reach = np.float32(unit_px)
        gain = np.float32(0.10 + 0.12 * moment.energy + 0.22 * blow + 0.08 * moment.kick)
        px, py = _pixel(back, 0.0, -0.45)
        add_pool(light, px, py, reach, reach, inks[(self.first + 1) % 4] * gain)
        slow = self._slow_time(moment)
        for near in (False, True):
            self._crown(light, back, moment, slow, near=near)
        self._drops(light, back, moment, slow)
        x0, y0 = _pixel(back, 0.0, 0.0)
        slope = float(back[3]) / float(back[0]) if abs(float(back[0])) > 1e-3 else 0.0
        floor = inks[self.first] * np.float32(0.03 + 0.05 * moment.energy + 0.05 * blow)
        mirror_ground(
            light, np.float32(y0 - slope * x0), np.float32(slope), reach, np.float32(0.6), floor
        )
        self._rings(light, back, moment, slow)

    def _slow_time(self, moment: Moment) -> float:
        """Seconds of flight: quick at first, then ever slower, so that the crown hangs."""
        since = max(moment.time, 0.0)
        rush = 0.62 * (1.0 - math.exp(-(1.6 if self.stage.calm else 3.2) * since))
        hang = 0.045 * max(moment.flow, 0.0)
        return rush + 0.5 * hang / (1.0 + hang) + 0.03 * moment.kick + 0.12 * moment.drop

    def _flight(self, angle: float, speed: float, lean: float, t: float) -> tuple[float, float]:
        """Place of what was thrown up from the rim, as seen from a little above."""
        out = 0.20 + 0.30 * t + lean * t
        height = max(speed * t - 0.5 * PULL * t * t, 0.0)
        x = out * math.cos(angle)
        return self.size * x, self.size * (FLAT * out * math.sin(angle) - height)

    def _crown(
        self, light: FloatArray, back: FloatArray, moment: Moment, slow: float, *, near: bool
    ) -> None:
        """Fingers, each a thread that thins upwards with a bead at its end."""
        seed, palette = self.stage.seed, self.stage.palette
        unit_px = math.hypot(float(back[0]), float(back[3]))
        power = 0.30 + 0.40 * moment.energy + 0.25 * moment.kick
        for k in range(FINGERS):
            angle = math.tau * (k + 0.5 * dice(seed, 20 + k)) / FINGERS + 0.03 * moment.flow
            if (math.sin(angle) > 0.0) != near:
                continue
            speed = 1.15 + 1.25 * dice(seed, 60 + k) ** 1.5
            lean = 0.35 + 0.75 * dice(seed, 100 + k)
            shade = palette.ramp[int((0.5 * k / FINGERS + 0.11 * moment.flow) % 1.0 * 1023)]
            side = 0.45 + 0.55 * math.sin(angle + 2.2)
            colour = shade * np.float32(power * (0.5 + 0.8 * side * side) * (1.0 if near else 0.5))
            path = [
                _pixel(
                    back, *self._flight(angle, speed * m / PIECES, lean * (m / PIECES) ** 2, slow)
                )
                for m in range(PIECES + 1)
            ]
            for m in range(PIECES):
                up = m / PIECES
                reach = np.float32(unit_px * (0.018 + 0.11 * (1.0 - up) ** 1.6))
                g = np.float32(0.22 + 0.8 * up)
                add_piece(light, *path[m], *path[m + 1], reach, *colour, g, g)
                thin = np.float32(max(0.006 * unit_px, 0.9))
                shine = np.float32((0.4 + 0.5 * self.hot) * power * side * up)
                add_line(
                    light, path[m][0] - thin, path[m][1], path[m + 1][0] - thin, path[m + 1][1],
                    thin, thin, *palette.spark, shine, shine,
                )  # fmt: skip
            self._bead(light, path[-1], 0.030 * unit_px, colour, power * (1.0 if near else 0.5))

    def _bead(
        self, light: FloatArray, at: tuple[np.float32, np.float32], size: float,
        colour: FloatArray, power: float,
    ) -> None:  # fmt: skip
        """A drop: body, and a highlight up and to the left."""
        add_dot(light, *at, np.float32(size), *(colour * np.float32(1.6)))
        spark = self.stage.palette.spark * np.float32((1.6 + self.hot) * power)
        r = np.float32(0.28 * size)
        add_dot(light, at[0] - r, at[1] - r, np.float32(max(0.38 * size, 1.0)), *spark)

    def _drops(self, light: FloatArray, back: FloatArray, moment: Moment, slow: float) -> None:
        """Drops that left the crown; those near the lens are large and soft."""
        seed, palette = self.stage.seed, self.stage.palette
        unit_px = math.hypot(float(back[0]), float(back[3]))
        power = 0.30 + 0.40 * moment.energy
        count = int(DROPS * (0.45 + 0.55 * self.stage.energy))
        for k in range(count):
            angle = math.tau * dice(seed, 200 + k) + 0.05 * moment.flow
            speed = 0.8 + 2.4 * dice(seed, 400 + k)
            lean = 0.2 + 2.2 * dice(seed, 600 + k)
            x, y = self._flight(angle, speed, lean, slow)
            if y >= 0.0:
                continue
            size = 0.006 + 0.020 * dice(seed, 800 + k) ** 3 + 0.06 * (k % 29 == 28)
            twinkle = 0.6 + 0.4 * math.sin(3.0 * moment.flow + 2.1 * k) + 0.8 * moment.hats
            dim = 0.25 if k % 29 == 28 else 1.0
            shade = palette.ramp[int(dice(seed, 1000 + k) * 1023)]
            at = _pixel(back, x, y)
            self._bead(
                light, at, max(size * unit_px, 1.4), shade * np.float32(power * dim * 0.8),
                power * dim * twinkle,
            )  # fmt: skip

    def _rings(self, light: FloatArray, back: FloatArray, moment: Moment, slow: float) -> None:
        """Waves that run outwards over the mirror."""
        ink = self.stage.palette.inks[(self.first + 1) % 4]
        unit_px = math.hypot(float(back[0]), float(back[3]))
        for ring in range(5):
            radius = 0.22 + (0.55 + 0.42 * ring) * slow + 0.03 * moment.flow % 0.2
            gain = np.float32((0.20 + 0.25 * moment.energy) / (1.0 + 1.2 * ring))
            reach = np.float32(max(0.012 * unit_px, 1.2))
            last = _pixel(back, radius, 0.0)
            for k in range(1, 29):
                a = math.pi * k / 28.0
                to = _pixel(back, radius * math.cos(a), FLAT * radius * math.sin(a))
                add_piece(light, *last, *to, reach, *ink, gain, gain)
                last = to


def _pixel(back: FloatArray, x: float, y: float) -> tuple[np.float32, np.float32]:
    return (
        np.float32(back[0] * x + back[1] * y + back[2]),
        np.float32(back[3] * x + back[4] * y + back[5]),
    )
