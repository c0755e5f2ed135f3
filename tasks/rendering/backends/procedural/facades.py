"""Towers: boxes in perspective whose faces have lit windows, neon edges and a mirror image.

A face is painted through one projective map from pixel to window column and floor, so that far,
near, frontal and receding walls are the same few lines. Floors below the ground are the mirror
image of those above: water and wet asphalt need no second drawing. What is finer than a pixel
fades to its mean.
"""

from numba import njit

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    decay,
    floor_i,
    mix,
    unit,
)

CHUNK = 512  # pixels that are shaded together
HIDDEN = 0.004  # share of a pixel below which nothing behind is seen
WORK = 18 + 6 * CHUNK  # scratch: corners, a map, and a strip of colours, ripples and shares
NEAREST = 0.14  # depth at which walls are cut off, half-heights
SOFT_NEAR = 1.2  # depth at which a window shows half its light: a near one fills the picture
# Places in a face's row of looks.
(
    LIT,  # share of windows with a light
    HOT,  # light of a window
    HATS,  # twinkling of single windows
    HALF_U,  # half-width of a window, in columns
    HALF_V,  # half-height of a window, in floors
    FOG,  # share of light lost a unit of depth
    STREET,  # light that the street throws on the wall's foot
    EDGE,  # light of neon along the upright edges
    CROWN,  # light of neon along the roof
    LEVEL,  # floors below this are lit, as on an equaliser; negative: none
    BANDS,  # 1: whole floors are lit together
    FRONT,  # floor that a kick has reached
    KICK,  # strength of that kick
    TICK,  # which windows twinkle
    LOOKS,
) = range(15)
# Rows of a face's colours.
BODY, WARM, COOL, NEON, AIR = range(5)


@njit(**INLINE)
def _span(quad, y, low, high):  # type: ignore[no-untyped-def]
    """Widen low..high to where a level line cuts the quadrangle."""
    for k in range(4):
        n = (k + 1) % 4
        y0 = quad[1, k]
        y1 = quad[1, n]
        if y >= min(y0, y1) and y <= max(y0, y1):
            d = F(y1 - y0)
            t = F(0) if d == F(0) else clamp01(F(F(y - y0) / d))
            x = F(quad[0, k] + F(quad[0, n] - quad[0, k]) * t)
            low = F(min(low, x))
            high = F(max(high, x))
            if d == F(0):
                low = F(min(low, quad[0, n]))
                high = F(max(high, quad[0, n]))
    return low, high


@njit(**KERNEL)
def paint_face(light, free, water, quad, m, columns, floors, look, cols, seed, strip):  # type: ignore[no-untyped-def]
    """Paint a face and its mirror image behind what is there.

    `free` is what earlier, nearer faces leave of each pixel; `quad` holds the corners in pixels,
    shape (2, 4); `m` ten numbers: window column is (m0 x + m1 y + m2) / w, floor
    (m3 x + m4 y + m5) / w, w = m6 x + m7 y + m8, depth m9 / w. `water` holds the ripple in
    pixels and the share of light mirrored, shape (2, height, width); `strip` is scratch.
    """
    _, height, width = light.shape
    top = F(min(min(quad[1, 0], quad[1, 1]), min(quad[1, 2], quad[1, 3])))
    bottom = F(max(max(quad[1, 0], quad[1, 1]), max(quad[1, 2], quad[1, 3])))
    top = F(max(top, F(-1)))
    bottom = F(min(bottom, F(height)))
    for y in range(max(floor_i(top), 0), min(floor_i(bottom) + 2, height)):
        low, high = F(1e9), F(-1e9)
        for k in range(2):
            level = F(min(max(F(F(I(y)) + F(1.4) * F(k) - F(0.7)), top), bottom))
            low, high = _span(quad, level, low, high)
        first = max(floor_i(F(max(low, F(-4)))) - 1, 0)
        last = min(floor_i(F(min(high, F(width + 4)))) + 2, width)
        while first < last and free[y, first] < F(HIDDEN):
            first += 1
        while first < last and free[y, last - 1] < F(HIDDEN):
            last -= 1
        while first < last:
            count = min(last - first, CHUNK)
            _shade(strip, water, m, columns, floors, look, cols, seed, y, first, count)
            _lay(light, free, strip, y, first, count)
            first += count


@njit(**KERNEL)
def _lay(light, free, strip, y, first, count):  # type: ignore[no-untyped-def]
    """Put a shaded strip behind what is there."""
    left = free[y, first : first + count]
    for c in range(3):
        row = light[c, y, first : first + count]
        for i in range(count):
            row[i] += F(left[i] * strip[c * CHUNK + i])
    for i in range(count):
        left[i] = F(left[i] * strip[3 * CHUNK + i])


@njit(**INLINE)
def _fade(foot):  # type: ignore[no-untyped-def]
    """How far a cell as fine as this, in cells a pixel, has faded to its mean."""
    k = clamp01(F(F(foot - F(0.28)) * F(2.1)))
    return F(k * k * F(F(3) - F(2) * k))


@njit(**KERNEL)
def _shade(strip, water, m, columns, floors, look, cols, seed, y, first, count):  # type: ignore[no-untyped-def]
    """Light of a strip's pixels and what they leave free, in one array so that it vectorises."""
    fy = F(I(y))
    for k in range(2):
        row = water[k, y, first : first + count]
        for i in range(count):
            strip[(4 + k) * CHUNK + i] = row[i]
    m0, m1, m3, m4, m6, m7, deep = m[0], m[1], m[3], m[4], m[6], m[7], m[9]
    u0 = F(m1 * fy + m[2] + m0 * F(first))
    v0 = F(m4 * fy + m[5] + m3 * F(first))
    w0 = F(m7 * fy + m[8] + m6 * F(first))
    lit, hot, hats, half_u, half_v = look[LIT], look[HOT], look[HATS], look[HALF_U], look[HALF_V]
    haze, street, side_neon, crown = look[FOG], look[STREET], look[EDGE], look[CROWN]
    level, front, kick = look[LEVEL], look[FRONT], look[KICK]
    stripe = U(0) if look[BANDS] > F(0) else U(0x9E3779B1)
    tick = U(U(I(look[TICK])) * U(0x27D4EB2D))
    r0, g0, b0 = cols[BODY, 0], cols[BODY, 1], cols[BODY, 2]
    r1, g1, b1 = cols[WARM, 0], cols[WARM, 1], cols[WARM, 2]
    r2, g2, b2 = cols[COOL, 0], cols[COOL, 1], cols[COOL, 2]
    r3, g3, b3 = cols[NEON, 0], cols[NEON, 1], cols[NEON, 2]
    r4, g4, b4 = cols[AIR, 0], cols[AIR, 1], cols[AIR, 2]
    for i in range(count):
        fx = F(I(i))
        iw = F(F(1) / F(max(F(m6 * fx + w0), F(1e-4))))
        u = F(F(m0 * fx + u0) * iw)
        v = F(F(m3 * fx + v0) * iw)
        below = F(1) if v < F(0) else F(0)
        fu = F(F(F(abs(F(m0 - u * m6))) + F(abs(F(m1 - u * m7)))) * iw + F(1e-4))
        fv = F(F(F(abs(F(m3 - v * m6))) + F(abs(F(m4 - v * m7)))) * iw + F(1e-4))
        u = F(u + below * strip[4 * CHUNK + i] * fu * F(0.45))
        moved = F(abs(F(v + below * strip[4 * CHUNK + i] * fv)))
        cover = clamp01(F(F(min(u, F(columns - u))) / fu + F(0.5)))
        edge_v = F(floors - F(abs(F(v + below * F(moved + v)))))
        cover = F(cover * clamp01(F(edge_v / fv + F(0.5))))
        rough = F(fv + below * F(F(0.25) + F(0.06) * moved))
        iu = floor_i(u)
        iv = floor_i(moved)
        blur_u = _fade(fu)
        blur_v = _fade(rough)
        pane_u = F(half_u - F(abs(F(u - F(iu) - F(0.5)))))
        pane_v = F(half_v - F(abs(F(moved - F(iv) - F(0.5)))))
        pane_u = clamp01(F(pane_u / fu + F(0.5)))
        pane_v = clamp01(F(pane_v / rough + F(0.5)))
        pane_u = F(pane_u + F(F(2) * half_u - pane_u) * blur_u)
        pane_v = F(pane_v + F(F(2) * half_v - pane_v) * blur_v)
        h = mix(U(U(U(iu) * stripe) ^ U(U(iv) * U(0x85EBCA6B)) ^ seed))
        other = unit(U(h * U(0x2C1B3C6D)))
        on = clamp01(F(F(lit - unit(h)) * F(14)))
        on = F(on * F(F(0.25) + F(0.75) * other))
        blur = F(max(blur_u, blur_v))
        on = F(on + F(F(lit * F(0.6)) - on) * blur)
        flash = hats if unit(U(U(h ^ tick) * U(0x7FEB352D))) < F(0.05) else F(0)
        on = F(on + flash * F(F(1) - blur) + clamp01(F(level - moved)) * F(0.4))
        k = F(F(moved - front) * F(0.3))
        on = F(on * F(F(1) + kick * F(1.1) / F(F(1) + k * k)))
        up = F(moved - F(iv))
        lamp = F(F(0.62) + F(0.76) * up * F(F(1) - blur_v) + F(0.38) * blur_v)
        blind = clamp01(F(F(up + F(0.55) * other - F(0.85)) / rough + F(0.5)))
        post = clamp01(F(F(F(0.022) - F(abs(F(u - F(iu) - F(0.5))))) / fu + F(0.5)))
        shut = F(F(F(1) - F(0.6) * blind) * F(F(1) - F(0.8) * post))
        lamp = F(lamp * F(shut + F(F(0.85) - shut) * blur))
        away = F(deep * iw)
        glass = F(pane_u * pane_v * on * hot * lamp * F(away / F(away + F(SOFT_NEAR))))
        near_u = F(min(u, F(columns - u)))
        line_u = F(F(0.10) + fu)
        edge = F(F(F(0.10)) / F(line_u + F(30) * near_u * near_u))
        roof = F(floors - moved)
        line_v = F(F(0.14) + fv)
        roof = F(F(F(0.14)) / F(line_v + F(30) * roof * roof))
        neon = F(edge * side_neon + roof * crown)
        foot = F(street / F(F(1) + F(0.045) * moved * moved))
        wall = F(F(F(0.35) + foot) * F(F(1) - F(0.5) * pane_u * pane_v))
        clear = decay(F(away * haze))
        fog = F(F(F(1) - clear) / F(F(1) + F(0.5) * F(moved / F(floors + F(1)))))
        shown = F(cover * F(F(1) + below * F(strip[5 * CHUNK + i] - F(1))))
        tone = F(other * other)
        clear = F(clear * shown)
        fog = F(fog * shown)
        warm = F(glass * F(F(1) - tone) * clear)
        cool = F(glass * tone * clear)
        neon = F(neon * clear)
        wall = F(wall * clear)
        strip[i] = F(F(warm * r1 + cool * r2) + F(neon * r3 + wall * r0) + fog * r4)
        strip[CHUNK + i] = F(F(warm * g1 + cool * g2) + F(neon * g3 + wall * g0) + fog * g4)
        strip[2 * CHUNK + i] = F(F(warm * b1 + cool * b2) + F(neon * b3 + wall * b0) + fog * b4)
        strip[3 * CHUNK + i] = F(F(1) - cover)


@njit(**INLINE)
def _corner(quad, k, back, sx, sy):  # type: ignore[no-untyped-def]
    quad[0, k] = F(back[0] * sx + back[1] * sy + back[2])
    quad[1, k] = F(back[3] * sx + back[4] * sy + back[5])


@njit(**INLINE)
def _through(m, k, view, a, b, c):  # type: ignore[no-untyped-def]
    """Linear form a sx + b sy + c of the scene as one of pixels."""
    m[k] = F(a * view[0] + b * view[3])
    m[k + 1] = F(a * view[1] + b * view[4])
    m[k + 2] = F(a * view[2] + b * view[5] + c)


@njit(**KERNEL)
def paint_box(light, free, water, view, back, eye, box, cell, work, look, cols, seed):  # type: ignore[no-untyped-def]
    """Paint a tower: the wall that looks at the eye, then the one that looks at the street.

    `eye` is the vanishing point in the scene (x, y) and the eye's height above the ground;
    `box` the tower's left, right, near and far ends and its height, as seen from the eye;
    `cell` the width and height of a window's cell; `work` scratch of `WORK` numbers.
    """
    quad = work[:8].reshape((2, 4))
    m = work[8:18]
    strip = work[18:]
    vx, vy, ground = eye[0], eye[1], eye[2]
    left, right, near, far, tall = box[0], box[1], box[2], box[3], box[4]
    floors = F(tall / cell[1])
    if near > F(NEAREST):
        for k in range(4):
            x = left if (k == 0 or k == 3) else right
            rise = F(ground - tall) if k < 2 else F(ground + tall)
            _corner(quad, k, back, F(vx + x / near), F(vy + rise / near))
        _through(m, I(0), view, F(near / cell[0]), F(0), F(F(-near * vx - left) / cell[0]))
        _through(m, I(3), view, F(0), F(-near / cell[1]), F(F(near * vy + ground) / cell[1]))
        _through(m, I(6), view, F(0), F(0), F(1))
        m[9] = near
        columns = F(F(right - left) / cell[0])
        paint_face(light, free, water, quad, m, columns, floors, look, cols, U(seed + U(77)), strip)
    side = left if left > F(0) else (right if right < F(0) else F(0))
    if side != F(0) and far > F(NEAREST):
        way = F(1) if side > F(0) else F(-1)
        close = F(max(near, F(NEAREST)))
        for k in range(4):
            z = close if (k == 0 or k == 3) else far
            rise = F(ground - tall) if k < 2 else F(ground + tall)
            _corner(quad, k, back, F(vx + side / z), F(vy + rise / z))
        _through(m, I(0), view, F(-way * near / cell[0]), F(0),
                 F(F(way * side + way * near * vx) / cell[0]))  # fmt: skip
        _through(m, I(3), view, F(way * ground / cell[1]), F(-way * side / cell[1]),
                 F(F(way * F(side * vy - ground * vx)) / cell[1]))  # fmt: skip
        _through(m, I(6), view, way, F(0), F(-way * vx))
        m[9] = F(way * side)
        columns = F(F(far - near) / cell[0])
        paint_face(light, free, water, quad, m, columns, floors, look, cols, seed, strip)
