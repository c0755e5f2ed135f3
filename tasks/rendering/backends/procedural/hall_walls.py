"""What the walls and the floor of a hall are made of: slabs, doors, windows, dashes of a road."""

from numba import njit

from tasks.rendering.backends.procedural.kit import INLINE, F, U, floor_i, mix, smooth, unit

SLABS = 5.0  # slabs of a wall from gate to gate


@njit(**INLINE)
def slab_tone(a, b, foot, seed):  # type: ignore[no-untyped-def]
    """Tone of a wall of slabs with dark joints and a lit upper edge; finer than a pixel, even."""
    j = floor_i(b)
    a = F(a + F(0.5) * F(j % 2))
    i = floor_i(a)
    own = unit(mix(U(U(U(i) * U(0x9E3779B1)) ^ U(U(U(j) * U(0x85EBCA6B)) ^ U(seed + U(21))))))
    across = F(F(0.5) - F(abs(F(a - F(i) - F(0.5)))))
    up = F(b - F(j))
    joint = F(min(across, F(F(0.5) - F(abs(F(up - F(0.5)))))))
    tone = F(F(0.62) + F(0.5) * own)
    tone = F(tone * F(F(0.3) + F(0.7) * smooth(F(0.012), F(F(0.03) + foot), joint)))
    tone = F(tone + F(0.35) * smooth(F(0.12), F(0.03), F(abs(F(up - F(0.06))))) * own)
    fine = smooth(F(0.2), F(0.7), foot)
    return F(tone + F(F(0.8) - tone) * fine)


@njit(**INLINE)
def door_light(mid, y, foot, name, seed):  # type: ignore[no-untyped-def]
    """A door in the wall between two gates: light round it, or through its gap; its leaf."""
    own = unit(mix(U(U(name) * U(0x85EBCA6B) ^ U(seed + U(3)))))
    e = F(max(F(F(abs(mid)) - F(0.26)), F(F(-y) - F(0.34))))
    frame = F(smooth(F(F(0.03) + foot), F(0.008), F(abs(e))) * F(F(0.03) / F(F(0.03) + foot)))
    inner = smooth(foot, F(-foot), e)
    ajar = F(inner * smooth(F(0.6), F(0.7), own))
    a = F(F(mid + F(0.26)) * F(5.77))
    b = F(F(y + F(0.34)) * F(4.2))
    bar = F(min(F(F(0.5) - F(abs(F(a - F(floor_i(a)) - F(0.5))))) * F(0.17),
                F(F(0.5) - F(abs(F(b - F(floor_i(b)) - F(0.5))))) * F(0.24)))  # fmt: skip
    pane = smooth(F(0.006), F(F(0.012) + foot), bar)
    across = F(F(mid + F(0.26)) * F(1.923))
    gap = F(F(0.14) + F(0.5) * F(own - F(0.6)))
    slit = smooth(F(gap + foot * F(2)), F(gap - foot * F(2)), across)
    spill = F(F(0.30) / F(F(1) + F(across - gap) * F(across - gap) * F(40)))
    lit = F(ajar * F(slit * F(0.75) + F(F(1) - slit) * spill * F(F(0.3) + F(0.7) * pane)))
    return F(frame * F(0.35) + lit), F(inner * F(F(0.06) + F(0.10) * pane))


@njit(**INLINE)
def window_light(u, y, foot, seed):  # type: ignore[no-untyped-def]
    """Lit windows in rows; where they are finer than a pixel, their mean."""
    a = F(u * F(4.2))
    b = F(y * F(5.6) + F(60))
    i = floor_i(a)
    j = floor_i(b)
    own = unit(mix(U(U(U(i) * U(0x9E3779B1)) ^ U(U(U(j) * U(0x85EBCA6B)) ^ U(seed + U(9))))))
    edge = F(foot * F(4.2) + F(0.02))
    across = F(F(0.5) - F(abs(F(a - F(i) - F(0.5)))))
    up = F(F(0.5) - F(abs(F(b - F(j) - F(0.5)))))
    pane = F(smooth(F(0.16), F(F(0.16) + edge), across) * smooth(F(0.2), F(0.26), up))
    on = F(smooth(F(0.55), F(0.6), own) * F(F(0.15) + F(1.9) * F(own - F(0.5))))
    shade = smooth(F(0), F(0.12), F(F(0.75) - F(0.5) * own - F(b - F(j))))
    post = smooth(F(0.02), F(F(0.04) + edge), F(abs(F(a - F(i) - F(0.5)))))
    on = F(on * F(F(0.4) + F(0.6) * shade) * F(F(0.2) + F(0.8) * post))
    fine = smooth(F(0.25), F(0.9), edge)
    return F(F(F(pane * on) * F(F(1) - fine) + F(0.09) * fine) * F(0.6))


@njit(**INLINE)
def road_dash(here, floor_z, travel, pixel):  # type: ignore[no-untyped-def]
    """Dashes down the middle of a road."""
    w = F(F(F(min(floor_z, F(90))) + travel) * F(0.55))
    part = F(abs(F(w - F(floor_i(w)) - F(0.5))))
    foot = F(floor_z * pixel * F(1.5))
    soft = F(F(0.02) + F(floor_z * floor_z * pixel))
    on = smooth(F(F(0.25) + soft), F(F(0.25) - soft), part)
    line = smooth(F(F(0.018) + foot), F(0.010), F(abs(here)))
    return F(line * on * F(0.5) * F(F(0.02) / F(F(0.02) + foot)))
