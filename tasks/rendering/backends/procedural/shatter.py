"""What a blow breaks: a pane, a block or a ball comes apart into pieces that fly and then hang.

The pieces fit each other until the blow falls; then they fly outwards from the point that was
hit, some of them towards the lens, fast at first and ever more slowly, and never stop turning.
"""

import math
from dataclasses import dataclass

import numpy as np

from tasks.rendering.backends.procedural.cut_glass import BODY_VALUES, lay_bodies
from tasks.rendering.backends.procedural.cuts import Cut, boulder, cut_of, shard, stacked
from tasks.rendering.backends.procedural.fields import scratch
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.showcase import lamps_of, rolled, rotation
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_line, add_pool
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

RINGS = ((0.0, 0.22, 5), (0.22, 0.55, 8), (0.55, 1.05, 10), (1.05, 1.9, 11))  # of a broken pane
SPLINTERS = 14
NEAREST = 0.45  # distance at which what flies towards the lens hangs
APERTURE = 0.012  # half-heights of blur a unit of 1 / distance
SMALLEST_PX = 1.5
PANES = ("pane", "wall", "sheet", "mirror", "glass", "window", "swarm", "shard")
LUMPS = ("sphere", "ball", "block", "moon", "column", "branch", "chandelier", "crystal")
METAL = ("chrome", "mirror", "steel", "silver")
STONE = ("marble", "stone", "column", "rock", "snow", "moon", "branch")
ICY = ("ice", "icy", "frozen", "lake", "frost")


@dataclass(frozen=True)
class Fragment:
    """A piece: where it belongs, and how it leaves (half-heights, radians)."""

    cut: int
    home: tuple[float, float, float]
    size: float
    away: tuple[float, float]
    depth: float
    spin: tuple[float, float]


class Shatter:
    """One thing that breaks, before dark air with a light behind it."""

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        self.named = stage.named
        side = 1.0 if dice(seed, 1) < 0.5 else -1.0
        self.heart = (side * (0.15 + 0.35 * dice(seed, 2)), 0.3 * dice(seed, 3) - 0.2)
        flat = self._is(PANES) or dice(seed, 4) < 0.5
        self.sheet = flat and not self._is(LUMPS)
        self.metal, self.stone, self.icy = self._is(METAL), self._is(STONE), self._is(ICY)
        cuts, self.pieces = _pane(seed) if self.sheet else _lump(seed)
        self.cuts = stacked(cuts)
        self.laid = scratch(stage.height_px, 4, stage.width_px)
        self.haze = Haze(stage, seed=seed32(seed, 5))
        self.first = int(4 * dice(seed, 6))
        self.turned = 0.55 + 0.5 * dice(seed, 7)  # no bare lamp straight behind a pane

    def paint(self, light: FloatArray, moment: Moment, *, blow: float) -> None:
        """Air, the light behind, cracks, pieces from far to near."""
        height, width = light.shape[1:]
        view = look_through(moment, height_px=height, width_px=width)
        view[2] -= np.float32(self.heart[0])
        view[5] -= np.float32(self.heart[1])
        back = to_pixels(view)
        colors = self.stage.palette
        self.haze.fill(
            light, view, drift=0.06 * moment.flow, strength=0.10 + 0.12 * moment.energy,
            inks=(self.first, (self.first + 1) % 4),
        )  # fmt: skip
        reach = np.float32((0.9 + 0.35 * (1.0 - blow)) * math.hypot(back[0], back[3]))
        behind = colors.inks[(self.first + 1) % 4]
        gain = np.float32(0.14 + 0.14 * moment.energy + 0.30 * blow + 0.16 * moment.kick)
        add_pool(light, back[2], back[5], reach, reach, behind * gain)
        lamps = lamps_of(
            colors, first=self.first, swing=self.turned + 0.12 * moment.flow,
            power=0.6 + 0.5 * moment.energy + 0.15 * moment.voice,
        )  # fmt: skip
        cuts, bodies = self.cuts, self._bodies(back, moment, blow)
        lay_bodies(
            light, self.laid, bodies, cuts.planes, cuts.corners, cuts.edges, cuts.counts, lamps
        )  # fmt: skip
        self._cracks(light, back, moment)

    def _is(self, words: tuple[str, ...]) -> bool:
        return any(has_stem(word, self.named) for word in words)

    def _thrown(self, moment: Moment) -> float:
        """Share of their way that the pieces have gone: fast at first, then ever more slowly."""
        since = max(moment.time, 0.0)
        rush = 1.0 - math.exp(-(2.2 if self.stage.calm else 4.5) * since)
        again = moment.drop * moment.drop * min((1.0 - moment.drop) / 0.12, 1.0)
        slow = 0.05 * max(moment.flow, 0.0) / (1.0 + 0.05 * max(moment.flow, 0.0))
        pushed = 0.62 * rush + 0.55 * slow + 0.22 * again * (since > 1.0)
        return pushed + 0.10 * moment.kick * min(4.0 * since, 1.0)

    def _bodies(self, back: FloatArray, moment: Moment, blow: float) -> FloatArray:
        unit_px = math.hypot(float(back[0]), float(back[3]))
        gone, flow = self._thrown(moment), moment.flow
        near = self.stage.wishes.closeness**0.5
        found = []
        for k, piece in enumerate(self.pieces):
            x = piece.home[0] + gone * piece.away[0]
            y = piece.home[1] + gone * piece.away[1] + 0.012 * flow
            depth = max(1.0 + gone * (piece.depth - 1.0) - 0.25 * piece.home[2], NEAREST)
            size = piece.size * unit_px * near / depth
            if size < SMALLEST_PX:
                continue
            free = min(gone * 2.5, 1.0)
            yaw = free * (piece.spin[0] * (0.6 + gone) + 0.22 * piece.spin[1] * flow)
            tilt = free * (piece.spin[1] * gone + 0.16 * piece.spin[0] * flow)
            turned = rolled(rotation(yaw, tilt, 0.6 * yaw), back)
            at = (x * near / depth, y * near / depth)
            px = float(back[0]) * at[0] + float(back[1]) * at[1] + float(back[2])
            py = float(back[3]) * at[0] + float(back[4]) * at[1] + float(back[5])
            soft = 1.0 + (APERTURE + 0.05 * self.stage.wishes.blur) * unit_px * abs(1 / depth - 1)
            air = 1.0 / (0.5 + 0.5 * max(depth, 1.0) ** 1.4)
            found.append((-depth, k, [px, py, size, *turned, piece.cut, soft, air]))
        found.sort(key=lambda item: (item[0], item[1]))
        rows = [
            [*row[:14], *self._glass(row[14], moment, blow), *self._tints(k), float(self.metal),
             0.55 * self.icy * row[14], 1.7 * k]
            for _, k, row in found
        ]  # fmt: skip
        return np.array(rows, np.float32).reshape(-1, BODY_VALUES)

    def _glass(self, air: float, moment: Moment, blow: float) -> list[float]:
        """Light of facets, inside and edges, share that shines through, dispersion."""
        inner = 0.10 + 0.35 * blow + 0.45 * moment.kick + 0.10 * moment.energy
        inner *= 0.3 if self.stone else (1.3 if self.icy else 0.8)
        clear = 0.0 if self.stone or self.metal else (0.5 if self.sheet else 0.22)
        edge = (0.7 + 0.5 * moment.hats + 0.4 * blow + 0.8 * moment.kick) * (
            0.4 if self.stone else 1.0
        )
        power = 0.7 if self.stone else (0.5 if self.sheet and not self.metal else 1.0)
        return [power * air, inner * air, edge * air, clear, 0.0 if self.stone else 0.045]

    def _tints(self, k: int) -> list[float]:
        inks = self.stage.palette.inks
        share = 0.75 if self.stone or self.sheet else 0.5
        tint = (1.0 - share) + share * 1.2 * inks[(self.first + k % 2) % 4]
        return [*tint, *inks[(self.first + 1 + k % 3) % 4]]

    def _cracks(self, light: FloatArray, back: FloatArray, moment: Moment) -> None:
        """Bright lines that run outwards in the first moment, gone with the pieces."""
        fade = math.exp(-6.0 * max(moment.time, 0.0)) if moment.time > -0.2 else 0.0
        if fade < 0.02:
            return
        spark = self.stage.palette.spark
        size = np.float32(max(light.shape[1] / 480.0, 0.8))
        for k in range(14):
            a = math.tau * (k + 0.6 * dice(self.stage.seed, 30 + k)) / 14.0
            x, y = float(back[2]), float(back[5])
            for leg in range(4):
                a += 0.5 * (dice(self.stage.seed, 50 + 4 * k + leg) - 0.5)
                step = 0.32 * (0.5 + dice(self.stage.seed, 120 + 4 * k + leg)) * float(back[0])
                to = (x + step * math.cos(a), y + step * math.sin(a))
                g = np.float32(0.5 * fade * (1.0 - 0.22 * leg))
                leg_px = np.array([x, y, *to], np.float32)
                add_line(light, *leg_px, size, size, *spark, g, g)
                x, y = to


def _pane(seed: int) -> tuple[list[Cut], list[Fragment]]:
    """Cells of a web of cracks about the point that was hit, and splinters between them."""
    cuts, pieces = [], []
    for ring, (inner, outer, count) in enumerate(RINGS):
        for k in range(count):
            throw = 40 * ring + 3 * k
            a0 = math.tau * (k + 0.45 * dice(seed, 200 + 40 * ring + k)) / count
            a1 = math.tau * (k + 1 + 0.45 * dice(seed, 200 + 40 * ring + (k + 1) % count)) / count
            middle, half = 0.5 * (a0 + a1), 0.5 * (a1 - a0)
            r = 0.5 * (inner + outer)
            home = (r * math.cos(middle), r * math.sin(middle))
            cuts.append(_cell(home, (a0, a1), inner, outer * math.cos(half)))
            push = 0.25 + 0.8 * dice(seed, 400 + throw) + 0.12 / (r + 0.25)
            toward = dice(seed, 401 + throw)
            depth = 0.55 + 0.5 * toward if toward < 0.10 else 1.0 + 1.6 * toward
            spin = (4.4 * dice(seed, 600 + throw) - 2.2, 4.4 * dice(seed, 601 + throw) - 2.2)
            away = (push * math.cos(middle), push * math.sin(middle))
            pieces.append(Fragment(len(cuts) - 1, (*home, 0.0), 1.0, away, depth, spin))
    first = len(cuts)
    cuts += [shard(seed + k, thickness=0.12, corners=4 + k) for k in range(3)]
    return cuts, pieces + _splinters(seed, first)


def _lump(seed: int) -> tuple[list[Cut], list[Fragment]]:
    """Chunks packed into a ball, and splinters between them."""
    cuts = [boulder(seed + k, faces=9 + k) for k in range(5)]
    pieces = []
    for k in range(22):
        shell = 0.0 if k == 0 else (0.26 if k < 9 else 0.46)
        y = 1.0 - 2.0 * (k + 0.5) / 22.0
        a = 2.399963 * k
        flat = math.sqrt(max(1.0 - y * y, 0.0))
        way = (flat * math.cos(a), y, flat * math.sin(a))
        home = (shell * way[0], shell * way[1], shell * way[2])
        size = 0.15 + 0.12 * dice(seed, 700 + k)
        push = 0.35 + 1.1 * dice(seed, 730 + k)
        depth = 1.0 - 0.5 * way[2] if way[2] > 0.55 else 1.0 - 0.9 * way[2]
        spin = (3.0 * dice(seed, 760 + k) - 1.5, 3.0 * dice(seed, 790 + k) - 1.5)
        away = (push * way[0], push * way[1])
        pieces.append(Fragment(k % 5, home, size, away, depth, spin))
    first = len(cuts)
    cuts += [shard(seed + k, thickness=0.12, corners=4 + k) for k in range(3)]
    return cuts, pieces + _splinters(seed, first)


def _splinters(seed: int, first: int) -> list[Fragment]:
    pieces = []
    for k in range(SPLINTERS):
        a = math.tau * dice(seed, 820 + k)
        push = 0.5 + 2.0 * dice(seed, 850 + k)
        depth = 0.6 + 1.6 * dice(seed, 880 + k)
        size = 0.02 + 0.05 * dice(seed, 910 + k) ** 2
        spin = (6.0 * dice(seed, 940 + k) - 3.0, 6.0 * dice(seed, 970 + k) - 3.0)
        home = (0.08 * math.cos(a), 0.08 * math.sin(a), 0.0)
        away = (push * math.cos(a), push * math.sin(a))
        pieces.append(Fragment(first + k % 3, home, size, away, depth, spin))
    return pieces


def _cell(
    home: tuple[float, float], between: tuple[float, float], inner: float, outer: float
) -> Cut:
    """A piece of a pane between two directions and two rings, about its own middle."""
    a0, a1 = between
    a = 0.5 * (a0 + a1)
    planes = [(0.0, 0.0, 1.0, 0.022), (0.0, 0.0, -1.0, 0.022)]
    for x, y, far in (
        (math.sin(a0), -math.cos(a0), 0.0),
        (-math.sin(a1), math.cos(a1), 0.0),
        (math.cos(a), math.sin(a), outer),
        (-math.cos(a), -math.sin(a), -inner * math.cos(0.5 * (a1 - a0))),
    ):
        planes.append((x, y, 0.0, far - x * home[0] - y * home[1]))
    return cut_of(planes)
