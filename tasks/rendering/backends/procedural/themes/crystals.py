"""Crystals: clusters, jewels, ice, prisms and chandeliers that bend and split the light of lamps.

Lamps wander round the bodies with the song and light wanders through them; hats make facets
glint, kicks light the inside, a drop throws all of them apart.
"""

import math

import numpy as np

from tasks.rendering.backends.procedural.crystal_scenes import FOCUS, SCENES, Piece
from tasks.rendering.backends.procedural.cut_glass import BODY_VALUES, lay_bodies
from tasks.rendering.backends.procedural.cuts import stacked
from tasks.rendering.backends.procedural.dark_mirror import mirror_ground
from tasks.rendering.backends.procedural.fields import scratch
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.showcase import lamps_of, rolled, rotation
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot, add_line, add_pool
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

STEMS = {
    "cluster": ("quartz", "cluster", "amethyst", "geode"),
    "jewels": ("jewel", "diamond", "gem", "crown", "bead", "polyhedr", "sphere", "ruby"),
    "wall": ("wall", "glacier"),  # before ice: a wall of ice is a wall
    "ice": ("ice", "splinter", "shard", "slab", "comet", "asteroid", "ring"),
    "prisms": ("prism", "cube", "rod", "glass"),
    "hanging": ("chandelier", "pendant", "lustre"),
    "icicles": ("icicle",),
    "frost": ("frost", "flower"),
    "mirrors": ("mirror", "station"),
}
APERTURE = (0.012, 0.06)  # half-heights of blur a unit of 1 / distance; and by wished blur
BURST_S = 0.16  # share of a drop's afterglow in which things fly apart
PITCH = 0.22  # how far down the eye looks on what turns about a root
SMALLEST_PX = 2.5  # bodies below this are left out
GLINTS = 26
Placed = tuple[float, int, Piece, list[float], list[list[float]]]


class Crystals:
    """Cut bodies before dark air."""

    glow = 0.8
    vignette = 0.45
    lens_share = 0.0  # each body has its own blur

    def __init__(self, stage: Stage) -> None:
        seed, wishes = stage.seed, stage.wishes
        self.stage = stage
        self.kind = stage.variant(STEMS, throw=1)
        crowd = (0.55 + 0.45 * wishes.density) * (0.85 + 0.3 * stage.energy)
        self.scene = SCENES[self.kind](seed % 1000003, crowd)
        self.cuts = stacked(self.scene.cuts)
        self.laid = scratch(stage.height_px, 4, stage.width_px)
        number = list(STEMS).index(self.kind)  # each kind has air and colours of its own
        self.haze = Haze(stage, seed=seed32(seed, 200 + number))
        self.way = 1.0 if dice(seed, 3) < 0.5 else -1.0
        self.turned = math.tau * dice(seed, 4)
        self.first = (int(4 * dice(seed, 5)) + number) % 4
        self.near = wishes.closeness**0.6
        self.lens = APERTURE[0] + APERTURE[1] * wishes.blur
        self.deep = 0.35 + 0.5 * dice(stage.family, 6)  # how much the film's glass is coloured

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Air and a light behind, bodies from far to near, the ground, glints."""
        height, width = light.shape[1:]
        view = look_through(moment, height_px=height, width_px=width)
        back = to_pixels(view)
        self._air(light, view, back, moment)
        lamps = self._lamps(moment)
        bodies = self._bodies(self._places(moment), back, moment)
        if self.scene.beam:
            self._beam(light, back, moment)
        if self.scene.threads:
            self._threads(light, bodies, moment)
        cuts = self.cuts
        lay_bodies(
            light, self.laid, bodies, cuts.planes, cuts.corners, cuts.edges, cuts.counts, lamps
        )  # fmt: skip
        if self.scene.ground is not None:
            self._ground(light, back, moment)
        self._glints(light, bodies, moment)

    def _ink(self, k: int) -> FloatArray:
        ink: FloatArray = self.stage.palette.inks[(self.first + k) % 4]
        return ink

    def _air(self, light: FloatArray, view: FloatArray, back: FloatArray, moment: Moment) -> None:
        """Dark air, and a wide soft light behind the largest body."""
        drift = 0.05 * moment.flow
        strength = 0.07 + 0.10 * moment.energy + 0.03 * moment.bass
        first = self.first
        self.haze.fill(light, view, drift=drift, strength=strength, inks=(first, (first + 1) % 4))
        x, y = self._heart()
        reach = np.float32(1.15 * _unit_px(back))
        glow = self._ink(1) * np.float32(0.05 + 0.08 * moment.energy + 0.05 * moment.kick)
        px, py = _pixel(back, x, y - 0.1)
        add_pool(light, px, py, np.float32(1.25 * reach), reach, glow)

    def _heart(self) -> tuple[float, float]:
        """Where the largest piece stands."""
        hero = self.scene.pieces[0]
        return hero.x, hero.y - (0.4 if hero.arm else 0.0)

    def _lamps(self, moment: Moment) -> FloatArray:
        """Soft boxes before and behind; they wander with the song."""
        return lamps_of(
            self.stage.palette,
            first=self.first,
            swing=self.turned + 0.22 * self.way * moment.flow,
            power=0.55 + 0.55 * moment.energy + 0.2 * moment.voice,
            tight=0.012 * moment.tension,
        )

    def _places(self, moment: Moment) -> list[Placed]:
        """Pieces from far to near: depth, number, piece, middle and rotation."""
        spread = 1.1 * self._burst(moment) + 0.05 * moment.kick
        found = []
        for k, piece in enumerate(self.scene.pieces):
            yaw = piece.yaw + piece.spin * moment.flow * (1.0 - 0.5 * moment.tension)
            tilt = piece.tilt + piece.tumble * moment.flow + 0.5 * spread * (piece.arm == 0.0)
            turned = rotation(yaw, tilt, PITCH if piece.arm or piece.ring else 0.0)
            if piece.arm:
                offset = [-piece.arm * (1.0 + 0.9 * spread) * row[1] for row in turned]
            elif piece.ring:
                ring = piece.ring * (1.0 + 0.5 * spread + 0.02 * moment.bass)
                offset = [ring * row[0] for row in turned]
            else:
                hover = 0.02 * math.sin(0.7 * moment.flow + 2.4 * k)
                x, y = self._heart()
                offset = [spread * (piece.x - x), spread * (piece.y - y) + hover, 0.0]
            depth = max(piece.depth - 0.35 * offset[2], 0.25)
            place = [piece.x + offset[0], piece.y + offset[1], depth]
            found.append((depth, k, piece, place, turned))
        found.sort(key=lambda item: (-item[0], item[1]))
        return found

    def _burst(self, moment: Moment) -> float:
        """How far a drop has thrown things apart: out fast, back slowly."""
        since = 1.0 - moment.drop
        return moment.drop * moment.drop * min(since / BURST_S, 1.0)

    def _bodies(self, placed: list[Placed], back: FloatArray, moment: Moment) -> FloatArray:
        """Rows for the kernel, the farthest first."""
        scene, unit_px = self.scene, _unit_px(back)
        colours = [
            (1.0 - scene.tint * self.deep) + scene.tint * self.deep * 1.4 * self._ink(k)
            for k in range(4)
        ]
        swell = 1.0 + 0.025 * moment.bass
        rows = []
        for k, (_, _, piece, (x, y, depth), turned) in enumerate(placed):
            near = self.near / depth
            size = piece.size * near * swell * unit_px
            if size < SMALLEST_PX:
                continue
            px, py = _pixel(back, x * (near if not (piece.arm or piece.ring) else self.near), y)
            soft = 1.0 + self.lens * unit_px * abs(1.0 / depth - 1.0 / FOCUS)
            wave = 0.5 + 0.5 * math.sin(2.2 * x + 1.3 * y - 1.7 * moment.flow)
            air = 1.0 / (0.55 + 0.45 * max(depth, 1.0) ** 1.3)
            inner = scene.inner * (0.18 + 0.5 * wave * wave * moment.energy + 0.9 * moment.kick)
            rows.append(
                [px, py, size, *rolled(turned, back), piece.cut, soft, 1.15 * air,
                 inner * air, (0.75 + 0.5 * moment.highs) * air, scene.clear, scene.split,
                 *colours[piece.cut % 4], *self._ink(2 + k % 2), float(scene.metal),
                 scene.crack * (0.5 + 0.5 * moment.energy + 0.5 * moment.kick) * air,
                 piece.yaw + 3.0 * piece.x]
            )  # fmt: skip
        return np.array(rows, np.float32).reshape(-1, BODY_VALUES)

    def _ground(self, light: FloatArray, back: FloatArray, moment: Moment) -> None:
        ground = self.scene.ground or 0.0
        x0, y0 = _pixel(back, 0.0, ground)
        x1, y1 = _pixel(back, 1.0, ground)
        slope = (y1 - y0) / (x1 - x0) if abs(x1 - x0) > 1e-3 else 0.0
        floor = self._ink(0) * np.float32(0.03 + 0.05 * moment.energy)
        mirror_ground(
            light, np.float32(y0 - slope * x0), np.float32(slope), np.float32(_unit_px(back)),
            np.float32(0.55), floor,
        )  # fmt: skip

    def _beam(self, light: FloatArray, back: FloatArray, moment: Moment) -> None:
        """One beam comes in white and leaves as a fan of the palette."""
        x, y = self._heart()
        unit_px = _unit_px(back)
        px, py = _pixel(back, x, y)
        side = self.way
        far_x, far_y = _pixel(back, x - 3.0 * side, y + 0.55)
        power = 0.30 + 0.35 * moment.energy + 0.35 * moment.kick
        spark = self.stage.palette.spark
        for reach, gain in ((0.016, 0.9), (0.09, 0.12)):
            r = np.float32(reach * unit_px)
            near = np.float32(power * gain)
            add_line(light, far_x, far_y, px, py, r, r, *spark, np.float32(0.6) * near, near)
        ramp = self.stage.palette.ramp
        for k in range(14):
            angle = 0.10 + 0.42 * (k / 13.0) + 0.02 * math.sin(0.8 * moment.flow + k)
            end = _pixel(back, x + 3.0 * side * math.cos(angle), y + 3.0 * math.sin(angle))
            colour = ramp[int(k / 13.0 * 511)]
            shine = np.float32(power * (0.40 + 0.25 * math.sin(1.9 * moment.flow - 0.8 * k)))
            add_line(
                light, px, py, *end, np.float32(0.012 * unit_px), np.float32(0.11 * unit_px),
                *colour, shine, np.float32(0.35) * shine,
            )  # fmt: skip

    def _threads(self, light: FloatArray, bodies: FloatArray, moment: Moment) -> None:
        """Thin wires upwards."""
        ink = self._ink(1)
        thin = np.float32(max(light.shape[1] / 480.0, 0.8))
        gain = np.float32(0.10 + 0.08 * moment.energy)
        for body in bodies:
            top = body[1] - np.float32(0.4) * body[2]
            add_line(light, body[0], top, body[0], np.float32(-2.0), thin, thin, *ink, gain,
                     np.float32(0.3) * gain)  # fmt: skip

    def _glints(self, light: FloatArray, bodies: FloatArray, moment: Moment) -> None:
        """Corners that catch a lamp: small stars, as fast as the hats."""
        spark = self.stage.palette.spark
        size = light.shape[1] / 480.0
        # The nearest bodies come last; each has two corners that may catch a lamp.
        for k in range(min(GLINTS, 2 * len(bodies))):
            body = bodies[-1 - k % len(bodies)]
            shape = int(body[12])
            corner = self.cuts.corners[
                shape, int(dice(self.stage.seed, 80 + k) * self.cuts.counts[shape, 1])
            ]
            turned = [
                sum(float(body[3 + 3 * m + n]) * float(corner[n]) for n in range(3))
                for m in range(3)
            ]
            catch = math.sin(5.0 * turned[0] + 3.0 * turned[1] + 1.3 * k)
            if turned[2] < 0.0 or catch < 0.3 or body[13] > 4.0:
                continue
            px = body[0] + body[2] * np.float32(turned[0])
            py = body[1] + body[2] * np.float32(turned[1])
            level = 0.15 + 0.35 * moment.energy + 1.3 * moment.hats * dice(self.stage.seed, 120 + k)
            gain = (catch - 0.3) * level * min(float(body[2]) / (70.0 * size), 1.5)
            long = np.float32(size * (5.0 + 16.0 * gain))
            thin = np.float32(max(1.1 * size, 0.9))
            g, none = np.float32(0.9 * gain), np.float32(0.0)
            for dx, dy in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
                add_line(light, px, py, px + np.float32(dx) * long, py + np.float32(dy) * long,
                         thin, thin, *spark, g, none)  # fmt: skip
            add_dot(light, px, py, np.float32(3.2 * size), *(spark * np.float32(1.6) * g))


def _unit_px(back: FloatArray) -> float:
    return math.hypot(float(back[0]), float(back[3]))


def _pixel(back: FloatArray, x: float, y: float) -> tuple[np.float32, np.float32]:
    return (
        np.float32(back[0] * x + back[1] * y + back[2]),
        np.float32(back[3] * x + back[4] * y + back[5]),
    )
