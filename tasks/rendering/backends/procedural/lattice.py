"""A lattice of tubes that fills space: glass and steel rods between nodes that glow.

Rods are laid over each other from far to near and cover what is behind them, as bodies do. Their
number is that of a box of cells about the viewer, which moves with him.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    decay,
    floor_i,
    fract,
    mix,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.renderer import FloatArray

SIDE_CELLS, AHEAD_CELLS = 4, 6  # cells of the box to each side and ahead
NEAREST = 0.16  # depth at which rods are cut off, units
FARTHEST = 5.6
NODE_FIRST = 0.35  # a node lies upon the rods that end in it
HALO_REACH = 2.2  # radii of a rod to which it lights the air
# Places in the row of values.
(
    STEP,  # cells passed
    WITHIN,  # share of the present cell passed
    RADIUS,  # of a rod, cells
    LIT,  # share of rods that are lit
    HOT,  # light of a rod
    NODE,  # light of a node
    PULSE,  # light of what runs along the rods
    PULSE_AT,  # how far it has run, cells
    FRONT,  # distance that a kick has reached, cells
    KICK,
    HATS,
    TICK,
    LOOSE,  # how far nodes stray from their places, cells
    SPARSE,  # share of rods that are missing
    HUE,
    HALO,  # light of the air about a rod
    LATTICE_VALUES,
) = range(17)


@dataclass(frozen=True, eq=False)
class Lattice:
    """Places of rods about the viewer, from far to near, and how he looks at them."""

    cells: NDArray[np.int32]  # shape (n, 4): cell x, y, z; axis of the rod from there, 3: the node
    turn: FloatArray  # shape (3, 3): from the lattice to the viewer


def lay_lattice(yaw: float, pitch: float) -> Lattice:
    """Order the rods for a direction of view that does not change.

    Args:
        yaw: Angle to the right of the lattice's own axis, radians.
        pitch: Angle above it, radians.
    """
    x, y, z, axis = np.meshgrid(
        np.arange(-SIDE_CELLS, SIDE_CELLS + 1), np.arange(-SIDE_CELLS, SIDE_CELLS + 1),
        np.arange(-2, AHEAD_CELLS + 1), np.arange(4), indexing="ij",
    )  # fmt: skip
    cells = np.stack([x, y, z, axis], axis=-1).reshape(-1, 4).astype(np.int32)
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    turn = np.array([[cy, 0.0, -sy], [sp * sy, cp, sp * cy], [cp * sy, -sp, cp * cy]])
    middle = cells[:, :3] + 0.5 * np.eye(4)[cells[:, 3], :3]
    seen = (middle[:, None, :] * turn).sum(
        axis=2
    )  # no matrix library: the order is the same anywhere
    depth = np.sqrt((seen * seen).sum(axis=1))
    wide = 1.4 + 2.4 * np.maximum(seen[:, 2], 0.0)
    kept = (depth < FARTHEST) & (seen[:, 2] > -1.0)
    kept &= (np.abs(seen[:, 0]) < wide) & (np.abs(seen[:, 1]) < 0.4 + 0.75 * wide)
    depth = depth - NODE_FIRST * (cells[:, 3] == 3)
    order = np.argsort(-depth[kept], kind="stable")
    return Lattice(cells[kept][order], turn.astype(np.float32))


@njit(**INLINE)
def _node(out, x, y, z, seed, values, turn):  # type: ignore[no-untyped-def]
    """Place of a node as the viewer sees it; returns its hash."""
    sz = z + I(values[STEP])
    h = mix(U(U(x) * U(0x9E3779B1) ^ U(U(y) * U(0x85EBCA6B)) ^ U(U(sz) * U(0xC2B2AE35)) ^ seed))
    loose = values[LOOSE]
    px = F(F(x) + F(0.5) + loose * F(unit(mix(U(h + U(1)))) - F(0.5)))
    py = F(F(y) + F(0.5) + loose * F(unit(mix(U(h + U(2)))) - F(0.5)))
    pz = F(F(z) - values[WITHIN] + loose * F(unit(mix(U(h + U(3)))) - F(0.5)))
    for k in range(3):
        out[k] = F(turn[k, 0] * px + turn[k, 1] * py + turn[k, 2] * pz)
    return h


@njit(**KERNEL)
def paint_lattice(light, back, cells, turn, inks, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Lay rods and nodes over the picture, from far to near."""
    a = np.zeros(3, np.float32)
    b = np.zeros(3, np.float32)
    body = np.zeros(3, np.float32)
    glow = np.zeros(3, np.float32)
    unit_px = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    for n in range(cells.shape[0]):
        x, y, z, axis = cells[n, 0], cells[n, 1], cells[n, 2], cells[n, 3]
        h = _node(a, x, y, z, seed, values, turn)
        if axis == 3:
            _lay_node(light, back, a, h, ramp, spark, unit_px, values)
            continue
        _node(
            b, x + (1 if axis == 0 else 0), y + (1 if axis == 1 else 0),
            z + (1 if axis == 2 else 0), seed, values, turn,
        )  # fmt: skip
        own = mix(U(h + U(U(axis) + U(11)) * U(0x27D4EB2D)))
        if unit(own) < values[SPARSE]:
            continue
        if not _cut(a, b):
            continue
        far = F(np.sqrt(F(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])))
        air = decay(F(F(max(F(far - F(0.5)), F(0))) * F(0.45)))
        edge = smooth(F(FARTHEST), F(FARTHEST - 2.0), far)
        close = smooth(F(NEAREST), F(0.7), F(min(a[2], b[2]) + F(0.2)))
        lit = smooth(values[LIT], F(values[LIT] - F(0.1)), unit(mix(U(own + U(5)))))
        tick = mix(U(own + U(U(I(values[TICK])) * U(0x7FEB352D))))
        lit = F(lit * F(F(0.7) + F(0.6) * unit(mix(U(own + U(6))))))
        lit = F(lit + values[HATS] * F(unit(tick) < F(0.03)))
        wave = F(F(far - values[FRONT]) * F(0.9))
        lit = F(lit * F(F(1) + values[KICK] / F(F(1) + wave * wave)))
        lit = F(lit * values[HOT] * air * edge * close)
        hue = fract(F(values[HUE] + F(0.25) * F(I(axis)) + F(0.18) * unit(mix(U(own + U(7))))))
        c = ramp[I(hue * F(RAMP_STEPS - 1))]
        for k in range(3):
            body[k] = F(F(inks[2, k] * F(0.05) + inks[1, k] * F(0.03)) * air * edge)
            glow[k] = F(c[k] * lit)
        run = fract(F(values[PULSE_AT] * F(F(0.6) + F(0.8) * unit(mix(U(own + U(8)))))
                      + unit(mix(U(own + U(9))))))  # fmt: skip
        pulse = F(values[PULSE] * air * edge * close * F(unit(mix(U(own + U(10)))) < F(0.4)))
        _lay_rod(light, back, a, b, unit_px, body, glow, spark, run, pulse, values, edge)


@njit(**INLINE)
def _cut(a, b):  # type: ignore[no-untyped-def]
    """Cut a rod off in front of the viewer; false where nothing is left."""
    if a[2] < F(NEAREST) and b[2] < F(NEAREST):
        return False
    if a[2] < F(NEAREST):
        k = F(F(F(NEAREST) - a[2]) / F(b[2] - a[2]))
        for i in range(3):
            a[i] = F(a[i] + F(b[i] - a[i]) * k)
    elif b[2] < F(NEAREST):
        k = F(F(F(NEAREST) - b[2]) / F(a[2] - b[2]))
        for i in range(3):
            b[i] = F(b[i] + F(a[i] - b[i]) * k)
    return True


@njit(**INLINE)
def _lay_node(light, back, p, h, ramp, spark, unit_px, values):  # type: ignore[no-untyped-def]
    """A ball of light where rods meet."""
    if p[2] < F(0.3):
        return
    far = F(np.sqrt(F(p[0] * p[0] + p[1] * p[1] + p[2] * p[2])))
    k = F(values[NODE] * decay(F(far * F(0.45))) * smooth(F(FARTHEST), F(FARTHEST - 2.0), far))
    wave = F(F(far - values[FRONT]) * F(0.8))
    k = F(k * F(F(0.35) + F(1.3) * unit(mix(U(h + U(21))))))
    k = F(k * F(F(1) + F(2.0) * values[KICK] / F(F(1) + wave * wave)))
    k = F(k * smooth(F(0.3), F(0.9), p[2]))
    x0 = F(back[0] * p[0] / p[2] + back[1] * p[1] / p[2] + back[2])
    y0 = F(back[3] * p[0] / p[2] + back[4] * p[1] / p[2] + back[5])
    ball = F(values[RADIUS] * F(2.1) * unit_px / p[2])
    reach = F(max(ball, F(0.8)))
    k = F(k * F(ball / reach))
    hue = fract(F(values[HUE] + F(0.5) + F(0.25) * unit(mix(U(h + U(22))))))
    c = ramp[I(hue * F(RAMP_STEPS - 1))]
    halo = F(reach * F(3.2))
    _, height, width = light.shape
    for y in range(max(floor_i(F(y0 - halo)), 0), min(floor_i(F(y0 + halo)) + 2, height)):
        dy = F(F(I(y)) - y0)
        for x in range(max(floor_i(F(x0 - halo)), 0), min(floor_i(F(x0 + halo)) + 2, width)):
            dx = F(F(I(x)) - x0)
            q = F(F(dx * dx + dy * dy) / F(reach * reach))
            core = clamp01(F(F(F(1) - q) * F(1.5)))
            air = F(max(F(F(1) - q * F(0.098)), F(0)))
            air = F(air * air * air * F(0.22))
            for i in range(3):
                hot = F(c[i] + F(spark[i] - c[i]) * core * F(0.6))
                light[i, y, x] += F(k * F(hot * core * F(1.4) + c[i] * air))


@njit(**KERNEL)
def _lay_rod(light, back, a, b, unit_px, body, glow, spark, run, pulse, values, edge):  # type: ignore[no-untyped-def]
    """One rod: a round body that covers what is behind, a core of light, a halo of lit air."""
    _, height, width = light.shape
    xa, ya = F(a[0] / a[2]), F(a[1] / a[2])
    xb, yb = F(b[0] / b[2]), F(b[1] / b[2])
    x0, y0 = F(back[0] * xa + back[1] * ya + back[2]), F(back[3] * xa + back[4] * ya + back[5])
    x1, y1 = F(back[0] * xb + back[1] * yb + back[2]), F(back[3] * xb + back[4] * yb + back[5])
    w0, w1 = F(values[RADIUS] * unit_px / a[2]), F(values[RADIUS] * unit_px / b[2])
    r0, r1 = F(max(w0, F(0.75))), F(max(w1, F(0.75)))
    bright = F(max(max(glow[0], glow[1]), glow[2]))
    lit = bright > F(0.05) or pulse > F(0.05)
    far = F(F(max(r0, r1)) * (F(HALO_REACH) if lit else F(1)) + F(1))
    if max(x0, x1) + far < F(0) or min(x0, x1) - far > F(width):
        return
    dx, dy = F(x1 - x0), F(y1 - y0)
    square = F(max(F(dx * dx + dy * dy), F(1e-4)))
    inverse = F(F(1) / square)
    length = F(np.sqrt(square))
    per_length = F(F(1) / length)
    level = F(abs(dy)) < F(abs(dx)) * F(0.02)
    slope = F(0) if level else F(dx / dy)
    spread = F(far * F(np.sqrt(F(F(1) + slope * slope))))
    low, high = F(min(x0, x1) - far), F(max(x0, x1) + far)
    at = F(run * b[2] / F(a[2] + run * F(b[2] - a[2])))
    long = F(F(0.14) * F(a[2] * b[2]) / F(F(a[2] + at * F(b[2] - a[2])) * F(max(a[2], b[2]))))
    tail = F(F(1) / F(max(long, F(F(1.5) * per_length))))
    haze = F(values[HALO] if lit else F(0))
    b0, b1, b2 = body[0], body[1], body[2]
    g0, g1, g2 = glow[0], glow[1], glow[2]
    s0, s1, s2 = (
        F(spark[0] * F(0.7) * pulse), F(spark[1] * F(0.7) * pulse), F(spark[2] * F(0.7) * pulse)
    )  # fmt: skip
    for y in range(
        max(floor_i(F(min(y0, y1) - far)), 0), min(floor_i(F(max(y0, y1) + far)) + 2, height)
    ):
        py = F(F(I(y)) - y0)
        left, right = low, high
        if not level:
            middle = F(x0 + slope * py)
            left, right = F(max(left, F(middle - spread))), F(min(right, F(middle + spread)))
        first = max(floor_i(left), 0)
        last = min(floor_i(right) + 2, width)
        if first >= last:
            continue
        row0, row1, row2 = (
            light[0, y, first:last], light[1, y, first:last], light[2, y, first:last]
        )  # fmt: skip
        px0 = F(F(I(first)) - x0)
        for x in range(last - first):
            px = F(px0 + F(I(x)))
            s = F(F(px * dx + py * dy) * inverse)
            t = clamp01(s)
            off = F(F(px * dy - py * dx) * per_length)
            past = F(F(s - t) * length)
            r = F(r0 + F(r1 - r0) * t)
            inner = F(F(1) / r)
            thin = F(F(w0 + F(w1 - w0) * t) * inner)
            d = F(np.sqrt(F(off * off + past * past)))
            cover = F(clamp01(F(r - d + F(0.5))) * thin * edge)
            q = F(d * inner)
            q2 = F(q * q)
            shape = F(max(F(F(1) - q2), F(0)))
            core = F(max(F(F(1) - F(2.6) * q2), F(0)))
            air = F(max(F(F(1) - q * F(1.0 / HALO_REACH)), F(0)))
            air = F(air * air * haze * thin * F(F(1) - cover))
            bead = F(max(F(F(1) - F(abs(F(t - at))) * tail), F(0)))
            bead = F(bead * bead)
            across = F(F(0.6) - F(0.9) * off * inner)
            fall = F(across - F(0.9))
            sheen = F(max(F(across * F(F(1) - fall * fall * F(4))), F(0)))
            solid = F(F(0.25) + F(2.2) * sheen * shape)
            shine = F(F(0.30) * shape + F(1.1) * core * core)
            spot = F(bead * shape)
            glows = F(shine + spot)
            hazes = F(air * F(F(0.5) + F(0.3) * bead))
            c0 = F(b0 * solid + g0 * glows + s0 * spot)
            c1 = F(b1 * solid + g1 * glows + s1 * spot)
            c2 = F(b2 * solid + g2 * glows + s2 * spot)
            row0[x] = F(row0[x] + F(c0 - row0[x]) * cover + g0 * hazes)
            row1[x] = F(row1[x] + F(c1 - row1[x]) * cover + g1 * hazes)
            row2[x] = F(row2[x] + F(c2 - row2[x]) * cover + g2 * hazes)
