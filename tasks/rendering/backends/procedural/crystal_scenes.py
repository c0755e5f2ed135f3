"""Where crystals stand, float or hang, and how each of them turns."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from tasks.rendering.backends.procedural.cuts import (
    Cut,
    bead,
    boulder,
    brilliant,
    icicle,
    pendant,
    prism,
    quartz,
    shard,
)
from tasks.rendering.backends.procedural.kit import dice

FOCUS = 1.0  # distance at which the lens is sharp; sizes are half-heights there


@dataclass(frozen=True)
class Piece:
    """One crystal, or one of those that turn together about a root.

    Attributes:
        cut: Number of its cut.
        x: Sideways, half-heights, as seen.
        y: Downwards.
        depth: Distance from the lens.
        size: Half-heights at distance 1.
        yaw: Turn about the upright axis.
        tilt: Then away from upright.
        spin: Radians of yaw a second of flow.
        tumble: Radians of tilt a second of flow.
        arm: How far from its root along its own axis, half-heights; 0: its root is its middle.
        ring: Radius of a circle about its root on which it hangs.
    """

    cut: int
    x: float
    y: float
    depth: float
    size: float
    yaw: float
    tilt: float
    spin: float = 0.0
    tumble: float = 0.0
    arm: float = 0.0
    ring: float = 0.0


@dataclass(frozen=True)
class Scene:
    """All pieces of a picture, what they are made of, and what lies under them.

    Attributes:
        cuts: Shapes by number.
        pieces: Crystals.
        ground: Height of a mirror they stand on; none where they float.
        clear: Share of what lies behind that shines through.
        split: Dispersion.
        inner: Light inside.
        crack: Light of the cracks inside.
        tint: How strongly the glass is coloured.
        metal: Whether they mirror all light.
        threads: Whether each hangs on a thread.
        beam: Whether a beam of light falls through them.
    """

    cuts: list[Cut]
    pieces: list[Piece]
    ground: float | None = None
    clear: float = 0.12
    split: float = 0.02
    inner: float = 0.35
    crack: float = 0.0
    tint: float = 0.5
    metal: bool = False
    threads: bool = False
    beam: bool = False


def cluster(seed: int, crowd: float) -> Scene:
    """Quartz grown from the ground: one large cluster, a far one, a blurred point near by."""
    cuts = [quartz(seed + k, length=1.0, width=0.17 + 0.03 * k) for k in range(4)]
    side = _side(seed)
    pieces: list[Piece] = []
    groups = ((0.30 * side, 0.74, 1.0, 1.0, round(7 * crowd)), (-0.95 * side, 0.74, 2.1, 1.0, 4),
              (1.5 * side, 0.74, 1.35, 0.75, 3), (-1.75 * side, 1.35, 0.55, 0.55, 2))  # fmt: skip
    for group, (x, y, depth, size, count) in enumerate(groups):
        for k in range(count):
            throw = 50 * group + 5 * k
            lean = 0.0 if k == 0 else 0.25 + 0.75 * dice(seed, throw)
            long = size * (0.62 if k == 0 else 0.28 + 0.26 * dice(seed, throw + 1))
            pieces.append(
                Piece(
                    int(4 * dice(seed, throw + 2)), x, y, depth, long,
                    math.tau * (k + 0.5 * dice(seed, throw + 3)) / max(count - 1, 1),
                    lean, spin=0.10 * side, arm=long * 0.8,
                )
            )  # fmt: skip
    return Scene(cuts, pieces, ground=0.70, clear=0.16, inner=0.34, crack=0.35, tint=0.9)


def jewels(seed: int, crowd: float) -> Scene:
    """One large cut stone off the middle, others that lie and float about it."""
    cuts = [brilliant(seed), bead(seed + 1), brilliant(seed + 2, sides=6), bead(seed + 3)]
    side = _side(seed)
    hero = Piece(0, 0.42 * side, -0.02, 1.0, 0.56, 0.3, 0.35, spin=0.24, tumble=0.04)
    spread = _scattered(seed, round(12 * crowd), cuts=4, size=(0.13, 0.3), side=side, low=0.62)
    return Scene(cuts, [hero, *spread], ground=0.68, clear=0.05, split=0.05, inner=0.16, tint=0.35)


def ice(seed: int, crowd: float) -> Scene:
    """Slabs and splinters that float at all distances."""
    cuts = [shard(seed, thickness=0.16), shard(seed + 1, thickness=0.28, corners=7),
            boulder(seed + 2), shard(seed + 3, thickness=0.09, corners=5)]  # fmt: skip
    side = _side(seed)
    hero = Piece(1, 0.40 * side, 0.04, 1.0, 0.62, 0.5, 0.5, spin=0.11, tumble=0.07)
    spread = _scattered(seed, round(16 * crowd), cuts=4, size=(0.12, 0.36), side=side, low=1.0)
    return Scene(cuts, [hero, *spread], clear=0.2, split=0.012, inner=0.3, crack=0.7, tint=0.5)


def prisms(seed: int, crowd: float) -> Scene:
    """Glass cubes and three-sided rods that float in a beam and split it."""
    cuts = [
        prism(sides=3, length=0.85, width=0.26),
        prism(sides=4, length=0.5, width=0.5),
        prism(sides=3, length=0.5, width=0.32),
        prism(sides=6, length=0.9, width=0.2),
    ]
    side = _side(seed)
    hero = Piece(0, 0.12 * side, -0.04, 1.0, 0.66, 0.1, 0.35 * side, spin=0.20, tumble=0.03)
    spread = _scattered(seed, round(13 * crowd), cuts=4, size=(0.14, 0.34), side=side, low=0.75)
    return Scene(
        cuts, [hero, *spread], ground=0.84, clear=0.14, split=0.07, inner=0.12, tint=0.2, beam=True
    )


def hanging(seed: int, crowd: float) -> Scene:
    """A chandelier: rings of pendants that turn about one axis."""
    cuts = [pendant(seed, length=1.0), pendant(seed + 1, length=1.5), bead(seed + 2)]
    x = 0.30 * _side(seed)
    pieces = []
    for tier, (y, ring, count) in enumerate(
        ((-0.66, 0.34, 7), (-0.40, 0.74, 12), (0.02, 0.56, 9), (0.40, 0.34, 6), (0.70, 0.0, 1))
    ):
        number = max(round(count * min(crowd, 1.2)), 1)
        for k in range(number):
            size = (0.16, 0.20, 0.19, 0.17, 0.24)[tier] + 0.03 * dice(seed, 9 * tier + k)
            pieces.append(
                Piece((k + tier) % 2, x, y, 1.0, size, math.tau * k / number, 0.0,
                      spin=0.16 if tier % 2 else -0.11, ring=ring)
            )  # fmt: skip
    pieces += [
        Piece(2, 1.5 * (2 * dice(seed, 90 + k) - 1), 1.2 * (2 * dice(seed, 95 + k) - 1) - 0.2, 0.5,
              0.12, k, 0.3, spin=0.3)
        for k in range(4)
    ]  # fmt: skip
    return Scene(cuts, pieces, clear=0.08, split=0.05, inner=0.22, tint=0.5, threads=True)


def icicles(seed: int, crowd: float) -> Scene:
    """Ice that hangs from above, in rows behind each other."""
    cuts = [icicle(seed + k, length=1.0 + 0.4 * k) for k in range(3)]
    pieces = []
    for row, (depth, count) in enumerate(((2.3, 7), (1.4, 5), (1.0, 4), (0.6, 1))):
        number = max(round(count * crowd), 2)
        for k in range(number):
            x = 2.1 * (2.0 * (k + dice(seed, 20 * row + k)) / number - 1.0)
            size = depth**0.6 * (0.55 + 0.85 * dice(seed, 100 + 20 * row + k) ** 2)
            pieces.append(
                Piece(k % 3, x, -1.22 + 0.1 * row * (row < 3), depth, size,
                      6.0 * dice(seed, 200 + k), 0.05 * (dice(seed, 240 + k) - 0.5), spin=0.05)
            )  # fmt: skip
    return Scene(
        cuts, pieces, ground=0.86, clear=0.2, split=0.015, inner=0.24, crack=0.5, tint=0.75
    )


def wall(seed: int, crowd: float) -> Scene:
    """A face of glacier ice: great blocks, light deep inside."""
    cuts = [boulder(seed + k, faces=11) for k in range(4)]
    side = _side(seed)
    pieces = []
    for row in range(2):
        for k in range(3):
            throw = 10 * row + 2 * k
            x = 1.25 * (k - 1.25 + 0.5 * row) + 0.3 * dice(seed, throw)
            near = 1.0 + 0.16 * side * x + 0.2 * dice(seed, throw + 1)
            pieces.append(
                Piece((k + row) % 4, x, 1.05 * row - 0.55, max(near, 0.6),
                      (0.60 + 0.12 * dice(seed, 60 + throw)) * min(crowd, 1.1) ** 0.5,
                      3.0 * dice(seed, throw + 31), 1.5 * dice(seed, throw + 32), spin=0.012)
            )  # fmt: skip
    return Scene(cuts, pieces, clear=0.06, split=0.008, inner=0.5, crack=0.7, tint=0.75)


def frost(seed: int, crowd: float) -> Scene:
    """Flowers of thin blades that grow from dark ground."""
    cuts = [quartz(seed + k, length=1.0, width=0.055 + 0.02 * k) for k in range(3)]
    side = _side(seed)
    pieces = []
    spots = ((0.36 * side, 0.5, 1.0, 0.40, 15), (-0.75 * side, 0.62, 1.25, 0.32, 10),
             (1.35 * side, 0.60, 1.8, 0.5, 8), (-1.5 * side, 0.5, 2.2, 0.5, 8),
             (-0.15 * side, 0.42, 2.6, 0.5, 8))  # fmt: skip
    for spot, (x, y, depth, size, count) in enumerate(spots):
        number = max(round(count * crowd), 4)
        for k in range(number):
            lean = 0.15 + 1.35 * dice(seed, 40 * spot + k)
            long = size * (0.5 + 0.5 * dice(seed, 300 + 40 * spot + k))
            pieces.append(
                Piece(k % 3, x, y, depth, long, math.tau * k * 0.381966, lean,
                      spin=0.08 * side, arm=long * 0.95)
            )  # fmt: skip
    return Scene(cuts, pieces, ground=0.64, clear=0.3, split=0.02, inner=0.5, tint=0.4)


def mirrors(seed: int, crowd: float) -> Scene:
    """Plates of a wreck that drift and flash."""
    cuts = [prism(sides=4, length=0.03, width=0.62), shard(seed, thickness=0.03, corners=5),
            prism(sides=4, length=0.04, width=0.4)]  # fmt: skip
    side = _side(seed)
    hero = Piece(0, 0.42 * side, 0.02, 1.0, 0.62, 0.6, 1.0, spin=0.14, tumble=0.09)
    spread = _scattered(seed, round(17 * crowd), cuts=3, size=(0.12, 0.36), side=side, low=1.0)
    return Scene(cuts, [hero, *spread], clear=0.0, split=0.0, inner=0.0, tint=0.35, metal=True)


SCENES: dict[str, Callable[[int, float], Scene]] = {
    "cluster": cluster, "jewels": jewels, "ice": ice, "prisms": prisms, "hanging": hanging,
    "icicles": icicles, "wall": wall, "frost": frost, "mirrors": mirrors,
}  # fmt: skip


def _side(seed: int) -> float:
    return 1.0 if dice(seed, 900) < 0.5 else -1.0


def _scattered(
    seed: int, count: int, *, cuts: int, size: tuple[float, float], side: float, low: float
) -> list[Piece]:
    """Smaller pieces all over the picture, fewer where the large one is, none lower than `low`."""
    pieces = []
    for k in range(count):
        near = dice(seed, 400 + k)
        depth = 0.5 + 0.12 * near if k % 9 == 8 else 1.15 + 2.4 * near * near
        x = 1.9 * (2.0 * ((k * 0.618034 + dice(seed, 450)) % 1.0) - 1.0)
        y = -0.95 + (0.95 + low - 0.1) * dice(seed, 500 + k)
        if math.hypot(x - 0.4 * side, y) < 0.5:
            x -= 1.1 * side
        large = size[0] + (size[1] - size[0]) * dice(seed, 550 + k) ** 2
        pieces.append(
            Piece(
                k % cuts, x, y, depth, large * (0.75 + 0.35 * depth),
                6.3 * dice(seed, 600 + k), 3.0 * dice(seed, 650 + k),
                spin=0.5 * (dice(seed, 700 + k) - 0.5), tumble=0.4 * (dice(seed, 750 + k) - 0.5),
            )
        )  # fmt: skip
    return pieces
