"""Dust in the air: specks that drift and twinkle; near ones are larger and softer."""

from numba import njit

from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    floor_i,
    fract,
    mix,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.strokes import add_dot

# Places in the row of values: flow; light; what the hats add to some; pixels a half-height;
# width over height; how many; lens blur 0..1; how fast they sink (rise: negative).
FLOW, POWER, TWINKLE, SIZE, ASPECT, COUNT, BLUR, SINK = range(8)


@njit(**KERNEL)
def add_motes(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Add specks of dust; `values` are as named above."""
    flow, size = values[FLOW], values[SIZE]
    for k in range(floor_i(values[COUNT])):
        h = mix(U(U(k) * U(0xC2B2AE35) ^ seed))
        z = F(F(0.5) + F(2.2) * unit(mix(U(h + U(1)))))
        run = F(flow * F(0.07) / z)
        u = F(fract(F(unit(mix(U(h + U(2)))) + run)) * F(2) - F(1))
        v = F(fract(F(unit(mix(U(h + U(3)))) + run * values[SINK])) * F(2) - F(1))
        x = F(u * F(values[ASPECT] * F(1.15)) + F(0.03) * sin_f(F(flow * F(0.7) + F(I(k)))))
        y = F(v * F(1.15) + F(0.03) * sin_f(F(flow * F(0.9) + F(I(k)) * F(2.1))))
        edge = F(smooth(F(1), F(0.85), F(abs(u))) * smooth(F(1), F(0.85), F(abs(v))))
        own = unit(mix(U(h + U(4))))
        shine = F(F(0.5) + F(0.5) * sin_f(F(flow * F(F(1) + F(2) * own) + own * F(40))))
        shine = F(
            values[POWER] * shine * F(F(0.08) + F(0.3) * own)
            + values[TWINKLE] * own * own * own * F(1.2)
        )
        own_px = F(size * F(F(0.0026) + F(0.004) * own + F(0.012) * values[BLUR]) / z)
        reach = F(max(own_px, F(1.3)))
        faint = F(F(min(F(own_px * own_px / F(reach * reach) + F(0.25)), F(1))) * edge * shine)
        faint = F(faint / F(F(1) + F(5) * values[BLUR]))
        slot = I(unit(mix(U(h + U(5)))) * F(RAMP_STEPS - 1))
        c0 = F(F(ramp[slot, 0] + F(0.4) * spark[0]) * faint)
        c1 = F(F(ramp[slot, 1] + F(0.4) * spark[1]) * faint)
        c2 = F(F(ramp[slot, 2] + F(0.4) * spark[2]) * faint)
        px = F(back[0] * x + back[1] * y + back[2])
        py = F(back[3] * x + back[4] * y + back[5])
        add_dot(light, px, py, F(reach + F(0.6)), c0, c1, c2)
