"""What rays through a cut body meet: its planes as they lie, and the lamps that each way shows."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import INLINE, KERNEL, F, I, U, clamp01, noise

BEND = 1.0 / 1.5  # of the wave in the middle
STEEPEST = 0.006  # least slant of a facet, so that none stands edge-on
PARALLAX = 0.55  # how far the lamps move from one end of a body to the other
FAR = 1e8
# Places in a body's row.
(
    MID_X, MID_Y, SIZE, R00, R01, R02, R10, R11, R12, R20, R21, R22, SHAPE, SOFT, POWER, INNER,
    EDGE, CLEAR, SPLIT, TINT_R, TINT_G, TINT_B, GLOW_R, GLOW_G, GLOW_B, MIRROR, CRACK, GRAIN,
) = range(28)  # fmt: skip
BODY_VALUES = 28
LAMP_VALUES = 8  # direction, cosine where its disc begins, 1 / cosines to where it is whole, colour


@njit(**KERNEL)
def turn_planes(own, seen, planes, faces, body):  # type: ignore[no-untyped-def]
    """Normals as they lie now, and depth as a linear function of the place: at 0, by x, by y."""
    for k in range(faces):
        p = planes[k]
        nx = F(body[R00] * p[0] + body[R01] * p[1] + body[R02] * p[2])
        ny = F(body[R10] * p[0] + body[R11] * p[1] + body[R12] * p[2])
        nz = F(body[R20] * p[0] + body[R21] * p[1] + body[R22] * p[2])
        if F(abs(nz)) < F(STEEPEST):
            nz = F(STEEPEST) if nz >= F(0) else F(-STEEPEST)
        own[k, 0], own[k, 1], own[k, 2], own[k, 3] = nx, ny, nz, p[3]
        seen[k, 0] = F(p[3] / nz)
        seen[k, 1] = F(-F(nx / nz))
        seen[k, 2] = F(-F(ny / nz))


@njit(**KERNEL)
def aim_rays(own, seen, ways, opened, through, mirrored, rims, faces, body, lamps):  # type: ignore[no-untyped-def]
    """Colours of all front facets and of every way through the body."""
    for i in range(faces):
        opened[i] = I(0)
        if own[i, 2] < F(0):
            continue
        nx, ny, nz = own[i, 0], own[i, 1], own[i, 2]
        k = F(F(2) * nz)
        for c in range(3):
            _shine(mirrored[i], c, F(k * nx), F(k * ny), F(k * nz - F(1)), lamps)
        dark = F(F(1) - nz)
        mirrored[i, 9] = F(F(0.05) + F(0.95) * dark * dark * dark * dark)
        mirrored[i, 9] = F(mirrored[i, 9] + F(body[MIRROR] * F(F(1) - mirrored[i, 9])))
        _aim_bevels(rims, own, i, faces, lamps)
        bent = F(F(BEND) * nz - F(np.sqrt(F(F(1) - F(BEND * BEND) * F(F(1) - nz * nz)))))
        rx, ry, rz = F(bent * nx), F(bent * ny), F(bent * nz - F(BEND))
        n = I(0)
        for j in range(faces):
            leaves = F(own[j, 0] * rx + own[j, 1] * ry + own[j, 2] * rz)
            if leaves < F(0.02):
                continue
            k = F(F(1) / leaves)
            ways[i, n, 0] = F(F(own[j, 3] - own[j, 2] * seen[i, 0]) * k)
            ways[i, n, 1] = F(F(-own[j, 0] - own[j, 2] * seen[i, 1]) * k)
            ways[i, n, 2] = F(F(-own[j, 1] - own[j, 2] * seen[i, 2]) * k)
            _leave(through[i, n], own[j], rx, ry, rz, leaves, body[SPLIT], lamps)
            n += I(1)
        opened[i] = n


@njit(**KERNEL)
def measure_seams(seen, ways, opened, apart, meets, faces, size):  # type: ignore[no-untyped-def]
    """Pixels to where two planes meet, a unit of the depth between them."""
    for i in range(faces):
        for j in range(faces):
            a = F(seen[i, 1] - seen[j, 1])
            b = F(seen[i, 2] - seen[j, 2])
            apart[i, j] = F(size / F(np.sqrt(F(a * a + b * b + F(1e-12)))))
        for j in range(opened[i]):
            for k in range(opened[i]):
                a = F(ways[i, j, 1] - ways[i, k, 1])
                b = F(ways[i, j, 2] - ways[i, k, 2])
                meets[i, j, k] = F(size / F(np.sqrt(F(a * a + b * b + F(1e-9)))))


@njit(**KERNEL)
def aim_crack(crack, body):  # type: ignore[no-untyped-def]
    """A plane through the body: depth at 0, by x and by y, and how much light it throws."""
    a = F(body[GRAIN] * F(3.7))
    nx = noise(a, F(0.5), U(11))
    ny = F(noise(F(a + F(7)), F(0.5), U(12)) + F(0.2))
    nz = F(noise(F(a + F(3)), F(0.5), U(13)) - F(0.3))
    x = F(body[R00] * nx + body[R01] * ny + body[R02] * nz)
    y = F(body[R10] * nx + body[R11] * ny + body[R12] * nz)
    z = F(body[R20] * nx + body[R21] * ny + body[R22] * nz)
    size = F(np.sqrt(F(x * x + y * y + z * z + F(1e-6))))
    face = F(F(abs(z)) / size)
    z = F(z + F(0.08) * size) if z >= F(0) else F(z - F(0.08) * size)
    crack[0] = F(0)
    crack[1], crack[2] = F(-F(x / z)), F(-F(y / z))
    crack[3] = F(body[CRACK] * F(F(1.25) - face) * F(min(F(face * F(6)), F(1))))


@njit(**INLINE)
def _lamplight(x, y, z, lamps, c):  # type: ignore[no-untyped-def]
    """Light of one channel that comes from a direction."""
    total = F(0)
    for m in range(lamps.shape[0]):
        lamp = lamps[m]
        near = F(x * lamp[0] + y * lamp[1] + z * lamp[2])
        k = clamp01(F(F(near - lamp[3]) * lamp[4]))
        total = F(total + F(k * k * F(F(3) - F(2) * k)) * lamp[5 + c])
    return total


@njit(**KERNEL)
def _shine(colour, c, x, y, z, lamps):  # type: ignore[no-untyped-def]
    """Light that comes from a direction, and how it changes by x and by y, in one channel."""
    v = _lamplight(x, y, z, lamps, c)
    colour[c] = v
    colour[3 + c] = F(_lamplight(F(x + F(PARALLAX)), y, z, lamps, c) - v)
    colour[6 + c] = F(_lamplight(x, F(y + F(PARALLAX)), z, lamps, c) - v)


@njit(**KERNEL)
def _aim_bevels(rims, own, i, faces, lamps):  # type: ignore[no-untyped-def]
    """What the rounded edges between a facet and its neighbours mirror."""
    for j in range(faces):
        if own[j, 2] >= F(0) and j != i:
            ex = F(own[i, 0] + own[j, 0])
            ey = F(own[i, 1] + own[j, 1])
            ez = F(own[i, 2] + own[j, 2])
            turn = F(F(2) * ez / F(ex * ex + ey * ey + ez * ez))
            rims[i, j] = _lamplight(F(turn * ex), F(turn * ey), F(turn * ez - F(1)), lamps, 1)
        else:
            rims[i, j] = F(0)


@njit(**KERNEL)
def _leave(colour, face, rx, ry, rz, leaves, split, lamps):  # type: ignore[no-untyped-def]
    """Light that a ray sees which leaves through a facet, or is thrown back by it."""
    for c in range(3):
        index = F(F(1.5) + split * F(F(I(c)) - F(1)))
        rest = F(F(1) - index * index * F(F(1) - leaves * leaves))
        if rest > F(0):
            scale = index
            push = F(F(np.sqrt(rest)) - index * leaves)
        else:
            scale = F(1)
            push = F(F(-2) * leaves * F(F(1) + split * F(F(I(c)) - F(1))))
        _shine(
            colour, c, F(scale * rx + push * face[0]), F(scale * ry + push * face[1]),
            F(scale * rz + push * face[2]), lamps,
        )  # fmt: skip
