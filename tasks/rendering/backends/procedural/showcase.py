"""How cut bodies are shown: soft boxes round them, and the turn of a body."""

import math

import numpy as np

from tasks.rendering.backends.procedural.palette import Palette
from tasks.rendering.renderer import FloatArray


def lamps_of(
    palette: Palette, *, first: int, swing: float, power: float, tight: float = 0.0
) -> FloatArray:
    """Lamps before and behind, and the dim light of the room, as `cut_glass` takes them.

    Args:
        palette: Whose inks colour them.
        first: Number of the ink that leads.
        swing: How far they have wandered round, radians.
        power: Factor on their light.
        tight: How much smaller they are, as a cosine.
    """
    inks = [palette.inks[(first + k) % 4] for k in range(4)]
    spark = palette.spark
    boxes = (
        (0.0, -0.55, 0.80, 0.99, inks[0] * 1.1 + spark * 0.2),
        (2.0, -0.25, 0.86, 0.985, inks[1] * 1.5),
        (3.0, 0.10, 0.93, 0.998, inks[1] * 1.0 + spark * 0.25),
        (3.9, 0.35, 0.84, 0.985, inks[2] * 1.9),
        (4.7, -0.40, 0.89, 0.99, inks[0] * 1.8),
        (5.5, 0.05, 0.96, 0.99, inks[2] * 0.8 + spark * 0.8),
        (1.1, -0.80, 0.93, 0.99, inks[3] * 1.5 + spark * 0.3),
    )
    rows = []
    for k, (angle, lift, outer, whole, colour) in enumerate(boxes):
        a = angle + swing * (1.0 if k % 2 else -0.6)
        flat = math.sqrt(1.0 - lift * lift)
        aim = [flat * math.sin(a), lift, flat * math.cos(a)]
        rows.append([*aim, outer + tight, 1.0 / (whole - outer - 0.5 * tight), *(colour * power)])
    rows.append([0.0, -1.0, 0.0, -0.7, 1.0 / 1.7, *(inks[1] * 0.10 * power)])
    rows.append([0.3, 0.0, -0.95, -0.1, 1.0 / 1.1, *(inks[0] * 0.12 * power)])
    return np.array(rows, np.float32)


def rotation(yaw: float, tilt: float, pitch: float) -> list[list[float]]:
    """Tilt about z, then turn about the upright axis, then look down on it."""
    cy, sy = math.cos(yaw), math.sin(yaw)
    ct, st = math.cos(tilt), math.sin(tilt)
    rows = [[cy * ct, -cy * st, sy], [st, ct, 0.0], [-sy * ct, sy * st, cy]]
    cp, sp = math.cos(pitch), math.sin(pitch)
    return [
        rows[0],
        [cp * a + sp * b for a, b in zip(rows[1], rows[2], strict=True)],
        [cp * b - sp * a for a, b in zip(rows[1], rows[2], strict=True)],
    ]


def rolled(turned: list[list[float]], back: FloatArray) -> list[float]:
    """A rotation as a body's row has it, with the camera's own roll upon it."""
    scale = math.hypot(float(back[0]), float(back[3]))
    c, s = float(back[0]) / scale, float(back[3]) / scale
    across, down, deep = turned
    return [
        *(c * a - s * b for a, b in zip(across, down, strict=True)),
        *(s * a + c * b for a, b in zip(across, down, strict=True)),
        *deep,
    ]
