"""Sculptures: many copies of one body in an order that turns, opens, climbs or falls apart.

An order gives each copy a place, a size and a direction, from the shot's seed and its moment.
Bodies turn as mechanisms do: they move, rest, and move on.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tasks.rendering.backends.procedural.kit import dice
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.renderer import FloatArray

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Copy:
    """Where one copy of a body is: place, size, and angles about y, x and z, radians."""

    place: Triple
    size: Triple
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


def stepped(phase: float, *, rest: float = 0.45) -> float:
    """A phase that stands still for a share of every unit and then moves on softly."""
    whole = math.floor(phase)
    k = min(max((phase - whole - rest) / (1.0 - rest), 0.0), 1.0)
    return whole + k * k * k * (k * (6.0 * k - 15.0) + 10.0)


def turns_of(copies: list[Copy]) -> FloatArray:
    """Rotations of all copies, shape (copies, 3, 3)."""
    rows = []
    for copy in copies:
        cy, sy = math.cos(copy.yaw), math.sin(copy.yaw)
        cp, sp = math.cos(copy.pitch), math.sin(copy.pitch)
        cr, sr = math.cos(copy.roll), math.sin(copy.roll)
        rows.append(
            [
                [cy * cr + sy * sp * sr, sy * sp * cr - cy * sr, sy * cp],
                [cp * sr, cp * cr, -sp],
                [cy * sp * sr - sy * cr, sy * sr + cy * sp * cr, cy * cp],
            ]
        )
    return np.array(rows, np.float32)


def _burst(moment: Moment) -> float:
    """How far a sculpture has come apart: kicks and drops open it, tension shuts it."""
    return 1.0 + 0.10 * moment.kick + 0.9 * moment.drop + 0.05 * moment.bass - 0.1 * moment.tension


def stack(seed: int, moment: Moment) -> list[Copy]:
    """Towers of blocks on the floor, each block turned a little further."""
    copies = []
    towers = 5 + int(3 * dice(seed, 1))
    for t in range(towers):
        x = (t - 0.5 * (towers - 1)) * 0.85 + 0.4 * (dice(seed, 100 + t) - 0.5)
        z = 3.4 + 2.6 * dice(seed, 120 + t)
        wide = 0.42 + 0.3 * dice(seed, 140 + t)
        y = 0.0
        for k in range(1 + int(4 * dice(seed, 160 + t))):
            size = wide * (1.0 - 0.09 * k)
            lift = (0.05 * moment.kick + 0.8 * moment.drop + 0.03 * moment.bass) * (k + 0.3)
            turn = stepped(0.22 * moment.flow + dice(seed, 180 + 9 * t + k)) * math.pi / 2
            copies.append(
                Copy(
                    (x, y + 0.5 * size + lift, z), (size, size, size),
                    yaw=turn * (1 if (t + k) % 2 else -1) + 0.5 + 0.2 * k,
                )
            )  # fmt: skip
            y += size * 1.01
    return copies


def balls(seed: int, moment: Moment) -> list[Copy]:
    """Round bodies that lie on the floor about a large one, and bounce."""
    copies = []
    for k in range(13):
        a, b = dice(seed, 560 + 2 * k), dice(seed, 561 + 2 * k)
        size = 1.5 if k == 0 else 0.3 + 0.65 * b * b
        x = 0.4 * (a - 0.5) if k == 0 else (2.6 * a - 1.3) * (1.0 + 0.25 * k)
        z = 4.2 if k == 0 else 2.4 + 0.36 * k + 0.5 * b
        if k > 0 and abs(x) < 0.9:
            x += 0.95 if a > 0.5 else -0.95
        own = 0.5 + dice(seed, 600 + k)
        hop = 0.16 * moment.kick * own + 0.9 * moment.drop * own + 0.05 * moment.bass
        rise = 0.5 * size + hop * (0.5 if k == 0 else 1.0)
        drift = 0.3 * math.sin(0.3 * moment.flow * own + 6.0 * a)
        copies.append(Copy((x + drift, rise, z), (size, size, size)))
    return copies


def stairs(seed: int, moment: Moment) -> list[Copy]:
    """Steps that climb in a spiral."""
    way = 1.0 if dice(seed, 2) < 0.5 else -1.0
    burst = _burst(moment)
    copies = []
    for k in range(22):
        a = way * (0.42 * k + 0.16 * moment.flow)
        lift = 0.06 * math.sin(0.9 * k - 2.2 * moment.flow) * (0.4 + moment.bass)
        copies.append(
            Copy(
                (1.15 * burst * math.sin(a), 0.08 + 0.115 * k * burst + lift,
                 4.6 - 1.15 * burst * math.cos(a)),
                (0.85, 0.10, 0.42), yaw=-a + math.pi / 2,
            )
        )  # fmt: skip
    return copies


def grid(seed: int, moment: Moment) -> list[Copy]:
    """Rows on the floor that rise and fall in waves towards the horizon."""
    copies = []
    skew = 0.35 * (dice(seed, 3) - 0.5)
    for row in range(7):
        for k in range(-4, 5):
            z = 2.2 + 1.15 * row
            x = 1.15 * (k + 0.5 * (row % 2)) + skew * z
            own = dice(seed, 200 + 16 * row + k)
            wave = math.sin(0.8 * k + 1.1 * row - 1.6 * moment.flow)
            ring = max(1.0 - abs(math.hypot(x, z) - 6.0 * moment.since_kick), 0.0) * moment.kick
            high = 0.45 + 0.4 * own + 0.22 * wave + 0.35 * ring + 0.5 * moment.drop * own
            copies.append(
                Copy(
                    (x, 0.25 * max(wave, 0.0) * moment.bass, z), (0.98, 1.15 * high, 0.98),
                    yaw=0.78 + stepped(0.2 * moment.flow + 0.12 * row) * math.pi / 2,
                )
            )  # fmt: skip
    return copies


def float_(seed: int, moment: Moment) -> list[Copy]:
    """A loose swarm in the air, large and near, small and far; each piece tumbles slowly."""
    copies = []
    burst = _burst(moment)
    for k in range(26):
        a, b, c = (dice(seed, 300 + 3 * k + m) for m in range(3))
        z = 1.5 + 4.6 * b
        x = (2.2 * a - 1.1) * (0.75 + 0.5 * z) * burst
        y = 1.0 + (c - 0.5) * (0.5 + 0.62 * z) * burst + 0.05 * math.sin(0.7 * moment.flow + 9 * a)
        size = 0.45 + 0.75 * dice(seed, 400 + k)
        spin = 0.25 + 0.3 * c
        copies.append(
            Copy(
                (x, y, z), (size, size, size),
                yaw=6.0 * a + spin * moment.flow, pitch=6.0 * b + 0.7 * spin * moment.flow,
                roll=6.0 * c + 0.3 * math.sin(0.5 * moment.flow),
            )
        )  # fmt: skip
    return copies


def mobile(seed: int, moment: Moment) -> list[Copy]:
    """Plates in depth that hang about an axis, turn past each other and overlap."""
    copies = []
    burst = _burst(moment)
    lean = 0.8 * (dice(seed, 4) - 0.5)
    for k in range(15):
        a = 2.4 * k + 0.22 * moment.flow * (1 if k % 2 else -0.8)
        far = (0.3 + 0.17 * k) * burst
        size = 0.9 + 1.1 * dice(seed, 420 + k)
        copies.append(
            Copy(
                (far * math.cos(a), 1.0 + 0.62 * far * math.sin(a) + lean * 0.2 * k,
                 3.0 + 0.22 * k + 0.35 * math.sin(a)),
                (size, size, size),
                yaw=0.55 * math.sin(0.5 * moment.flow + 1.7 * k), pitch=0.4 * math.sin(a),
                roll=2.0 * dice(seed, 440 + k) + 0.15 * moment.flow,
            )
        )  # fmt: skip
    return copies


def nested(seed: int, moment: Moment) -> list[Copy]:
    """Each inside the other, about axes that turn against each other."""
    burst = _burst(moment)
    tip = 0.5 + 0.5 * dice(seed, 5)
    return [
        Copy(
            (0.0, 1.3, 3.6),
            (size, size, size),
            yaw=tip + way * 0.9 * stepped(0.25 * moment.flow + 0.21 * k) + 0.2 * moment.flow * way,
            pitch=0.5 * way * stepped(0.17 * moment.flow + 0.37 * k) + 0.35 * k + 0.3,
            roll=0.2 * k,
        )
        for k in range(6)
        for size in [2.5 * 0.72**k * (1.0 + (burst - 1.0) * (1.2 - 0.15 * k))]
        for way in [1.0 if k % 2 else -1.0]
    ]


def wall(seed: int, moment: Moment) -> list[Copy]:
    """Panels side by side that tilt in waves, so that each catches the light in its turn."""
    copies = []
    yaw = 0.75 * (dice(seed, 6) - 0.5)
    for row in range(-2, 5):
        for k in range(-5, 6):
            x, y = 0.72 * k, 0.25 + 0.72 * row
            shift = 0.36 * (row % 2)
            wave = 0.55 * k + 0.8 * row * (1 if dice(seed, 7) < 0.5 else -1) - 1.5 * moment.flow
            far = math.hypot(x, y - 1.0)
            ring = max(1.0 - 1.5 * abs(far - 5.0 * moment.since_kick), 0.0) * moment.kick
            tilt = 0.32 * math.sin(wave) + 0.5 * ring
            out = (
                0.22 * math.sin(0.7 * wave + row)
                + 0.35 * ring
                + 0.9 * moment.drop * dice(seed, 500 + 16 * row + k)
            )
            px = x + shift
            copies.append(
                Copy(
                    (px * math.cos(yaw), y, 4.0 - out + px * math.sin(yaw)), (0.76, 0.76, 0.76),
                    yaw=-yaw + tilt, pitch=0.5 * tilt + 0.2 * math.sin(0.8 * wave),
                )
            )  # fmt: skip
    return copies


def gearwork(seed: int, moment: Moment) -> list[Copy]:
    """Wheels that mesh: each turns the next, in two planes."""
    copies = []
    turn = stepped(1.1 * moment.flow, rest=0.3) * 0.45
    x, y, way, size, spin = -0.9, 0.95, 1.0, 2.1, turn
    for k in range(8):
        z = 3.3 + (0.9 if k > 5 else 0.0) + 0.25 * moment.drop * k
        copies.append(Copy((x, y, z), (size, size, size), yaw=0.12, roll=spin))
        after = 0.75 + 1.1 * dice(seed, 520 + k)
        a = (-0.5 + 1.7 * dice(seed, 540 + k)) * (1.0 if k % 2 else -1.0)
        if k == 5:
            x, y = 1.6, 1.9
            continue
        reach = 0.468 * (size + after) * (1.0 + 0.02 * moment.kick)
        step = 1.0 if k < 5 else -1.0
        x, y = x + step * reach * math.cos(a) * (1 if k < 3 else -1), y + reach * math.sin(a)
        spin, way, size = -spin * size / after, -way, after
    return copies


def colonnade(seed: int, moment: Moment) -> list[Copy]:
    """Arches in rows, one behind the other, that the eye drifts past."""
    side = 1.0 if dice(seed, 8) < 0.5 else -1.0
    run = 0.35 * moment.flow
    within = run - math.floor(run)
    copies = [
        Copy(
            (side * (0.95 + 0.04 * k), 0.0, 1.1 + 1.18 * (k - within)),
            (1.18, 1.15 + 0.06 * moment.bass, 1.2), yaw=math.pi / 2,
        )
        for k in range(6)
    ]  # fmt: skip
    copies += [
        Copy((-side * (1.15 + 0.2 * k), 0.0, 4.2 + 1.1 * k), (1.5, 1.4 + 0.5 * moment.drop, 1.4))
        for k in range(3)
    ]
    return copies


def dome(seed: int, moment: Moment) -> list[Copy]:
    """Rings about one axis, each turned from the next, like the ribs of a dome."""
    burst = _burst(moment)
    tip = 0.5 * dice(seed, 9)
    return [
        Copy(
            (0.0, 1.1, 3.7),
            (size, size, size),
            yaw=math.pi * k / 9 + 0.18 * moment.flow,
            pitch=tip + 0.12 * math.sin(0.4 * moment.flow + k),
        )
        for k in range(9)
        for size in [2.6 * burst * (1.0 - 0.03 * k)]
    ]


def rosette(seed: int, moment: Moment) -> list[Copy]:
    """Leaves in rings about a heart, each ring mirrored in itself; they open and close."""
    fold = (5, 6, 8, 9)[int(4 * dice(seed, 10))]
    x0, y0 = 0.9 * (dice(seed, 11) - 0.5), 1.0 + 0.3 * (dice(seed, 12) - 0.5)
    burst = _burst(moment)
    copies = []
    for ring in range(6):
        count = fold * (1 if ring < 2 else 2)
        way = 1.0 if ring % 2 else -1.0
        far = (0.05 + 0.27 * ring) * burst
        wave = math.sin(1.3 * ring - 1.4 * moment.flow)
        size = (0.42 + 0.13 * ring) * (1.0 + 0.10 * wave + 0.08 * moment.kick)
        spin = way * (0.08 * moment.flow + 0.5 * stepped(0.16 * moment.flow + 0.2 * ring))
        for k in range(count):
            a = 2.0 * math.pi * (k + 0.5 * (ring % 2)) / count + spin
            copies.append(
                Copy(
                    (x0 + far * math.sin(a), y0 + far * math.cos(a),
                     3.1 + 0.10 * ring - 0.12 * wave),
                    (size * (1.3 if ring < 2 else 1.0), size, size * (1.0 + 0.6 * wave)), roll=-a,
                )
            )  # fmt: skip
    return copies


ORDERS: dict[str, Callable[[int, Moment], list[Copy]]] = {
    "balls": balls, "stack": stack, "stairs": stairs, "grid": grid, "float": float_,
    "mobile": mobile, "nested": nested, "wall": wall, "gearwork": gearwork,
    "rosette": rosette, "colonnade": colonnade, "dome": dome,
}  # fmt: skip
