"""Bodies of flat faces in perspective: chrome, glass, iron, stone, lit by a studio's lamps.

Faces are convex and are laid over each other from far to near. Their edges are soft by a pixel, or
by more where they lie out of focus; a bevel catches the light along them. Every face reaches half a
pixel beyond its outline, so that no seam shows between two.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.bodies import body
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    floor_i,
    noise,
    smooth,
)
from tasks.rendering.backends.procedural.sculpture import Copy, turns_of
from tasks.rendering.backends.procedural.studio import (
    EYE_X,
    EYE_Y,
    FOCAL,
    KEY_X,
    SOFT,
    Lamps,
    mirrored,
)
from tasks.rendering.renderer import FloatArray

MOTTLE_STEP = 8  # pixels between two samples of the grain
GRAIN_FROM_PX = 14.0  # smaller faces show no grain
NEAREST = 0.25  # depth at which a face is left out
# Places in the row of what a face is made of.
(
    RED,
    GREEN,
    BLUE,
    MIRROR,  # share of light mirrored at a right angle
    MATTE,  # share of light scattered
    CLEAR,  # share of what is behind that shines through, tinted
    GLOW,  # light of its own
    BEVEL,  # light of the edges
    BEVEL_WIDE,  # units
    GRAIN,  # how far the material is mottled
    BLUR,  # softness of the edges beyond a pixel, pixels
    SHARE,  # of the face that is seen: below 1 in mirror images and haze
    BACKS,  # 1: faces are seen from behind as well
    KNOBS,
) = range(14)


def lay_bodies(
    light: FloatArray, view: FloatArray, back: FloatArray, form: str, copies: list[Copy],
    looks: FloatArray, inks: FloatArray, spark: FloatArray, lamps: Lamps, seed: np.uint32, *,
    eye: float, flip: float = 1.0, mixed: bool = False,
) -> None:  # fmt: skip
    """Place copies of a body, sort their faces by distance, and paint them.

    Args:
        light: Linear light, shape (3, height, width).
        view: Camera, as from `look_through`.
        back: The way back, as from `to_pixels`.
        form: One of the bodies' names.
        copies: Where they are.
        looks: What each is made of, shape (copies, KNOBS).
        inks: Colours of the air, of the strip light and of the bevels, shape (3, 3).
        spark: Colour of the key light.
        lamps: The studio's.
        seed: Of the grain.
        eye: Height of the eye above the floor.
        flip: -1 paints their images in the floor.
        mixed: Whether copies reach into each other: then faces are sorted one by one.
    """
    shape = body(form)
    count = len(copies) * len(shape.faces)
    corners = np.zeros((count, shape.faces.shape[1], 3), np.float32)
    normals, far = np.zeros((count, 3), np.float32), np.zeros((2, count), np.float32)
    places = np.array([copy.place for copy in copies], np.float32)
    sizes = np.array([copy.size for copy in copies], np.float32)
    place_bodies(
        shape.corners, shape.faces, turns_of(copies), places, sizes, np.float32(flip),
        np.float32(eye), corners, normals, far,
    )  # fmt: skip
    order = np.argsort(-far[1], kind="stable") if mixed else np.lexsort((-far[1], -far[0]))
    paint_faces(
        light, view, back, corners, shape.faces, shape.smooths, normals,
        np.repeat(looks, len(shape.faces), axis=0), order.astype(np.int32), inks, spark, lamps,
        seed,
    )  # fmt: skip


@njit(**KERNEL)
def place_bodies(corners, faces, turns, places, sizes, flip, height, out, normals, far):  # type: ignore[no-untyped-def]
    """Put copies of a body into the viewer's space: x right, y down, z away.

    `flip` of -1 mirrors them in the floor at height 0; the eye is at `height`. `out` takes
    corners, shape (bodies * faces, corners of a face, 3); `far` the distances of the bodies and
    of their faces.
    """
    most = faces.shape[1]
    for b in range(places.shape[0]):
        dx, dy, dz = places[b, 0], F(height - flip * places[b, 1]), places[b, 2]
        whole = F(np.sqrt(F(dx * dx + dy * dy + dz * dz)))
        for f in range(faces.shape[0]):
            n = b * faces.shape[0] + f
            cx, cy, cz, count = F(0), F(0), F(0), F(0)
            for m in range(most):
                i = faces[f, m]
                if i < 0:
                    break
                px, py, pz = (
                    F(corners[i, 0] * sizes[b, 0]), F(corners[i, 1] * sizes[b, 1]),
                    F(corners[i, 2] * sizes[b, 2]),
                )  # fmt: skip
                for k in range(3):
                    v = F(turns[b, k, 0] * px + turns[b, k, 1] * py + turns[b, k, 2] * pz)
                    out[n, m, k] = F(v + places[b, k])
                out[n, m, 1] = F(height - flip * out[n, m, 1])
                cx, cy, cz, count = (
                    F(cx + out[n, m, 0]), F(cy + out[n, m, 1]), F(cz + out[n, m, 2]),
                    F(count + F(1)),
                )  # fmt: skip
            ax, ay, az = (
                F(out[n, 1, 0] - out[n, 0, 0]), F(out[n, 1, 1] - out[n, 0, 1]),
                F(out[n, 1, 2] - out[n, 0, 2]),
            )  # fmt: skip
            bx, by, bz = (
                F(out[n, 2, 0] - out[n, 1, 0]), F(out[n, 2, 1] - out[n, 1, 1]),
                F(out[n, 2, 2] - out[n, 1, 2]),
            )  # fmt: skip
            nx, ny, nz = F(ay * bz - az * by), F(az * bx - ax * bz), F(ax * by - ay * bx)
            size = F(F(1) / F(F(np.sqrt(F(nx * nx + ny * ny + nz * nz))) + F(1e-12)))
            size = F(-size * flip)  # mirroring turns a body inside out
            normals[n, 0], normals[n, 1], normals[n, 2] = F(nx * size), F(ny * size), F(nz * size)
            far[0, n] = whole
            far[1, n] = F(np.sqrt(F(cx * cx + cy * cy + cz * cz)) / count)


@njit(**KERNEL)
def paint_faces(  # type: ignore[no-untyped-def]
    light, view, back, corners, faces, smooths, normals, looks, order, inks, spark, lamps, seed
):
    """Lay faces over the picture.

    Args:
        light: Linear light, shape (3, height, width).
        view: Camera, as from `look_through`.
        back: The way back, as from `to_pixels`.
        corners: From `place_bodies`.
        faces: Corners of a body's faces; -1 ends a face.
        smooths: 1 for each face of a body whose odd edges are no edges but seams.
        normals: From `place_bodies`; pointing out of the bodies.
        looks: What each face is made of, shape (faces, KNOBS).
        order: Faces from far to near; those not named are not drawn.
        inks: Colours of the air, of the strip light and of the bevels, shape (3, 3).
        spark: Colour of the key light.
        lamps: The studio's, a tuple of LAMPS numbers: held by value, so that rows vectorise.
        seed: Of the grain.
    """
    most = corners.shape[1]
    px = np.empty(most, np.float32)
    py = np.empty(most, np.float32)
    edges = np.empty((most, 3), np.float32)
    rows = np.empty((3, light.shape[2] + 8), np.float32)
    unit_px = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    for n in order:
        body = faces[n % faces.shape[0]]
        count = 0
        near = False
        deep = F(0)
        while count < most and body[count] >= 0:
            z = corners[n, count, 2]
            if z < F(NEAREST):
                near = True
                break
            deep = F(deep + z)
            sx = F(lamps[EYE_X] + lamps[FOCAL] * corners[n, count, 0] / z)
            sy = F(lamps[EYE_Y] + lamps[FOCAL] * corners[n, count, 1] / z)
            px[count] = F(back[0] * sx + back[1] * sy + back[2])
            py[count] = F(back[3] * sx + back[4] * sy + back[5])
            count += 1
        if near or not _edge_lines(px, py, edges, count):
            continue
        scale = F(unit_px * lamps[FOCAL] * F(I(count)) / deep)
        _fill(
            light, view, px, py, edges, count, smooths[n % faces.shape[0]], rows, corners[n],
            normals[n], looks[n], scale, inks, spark, lamps, seed,
        )  # fmt: skip


@njit(**INLINE)
def _edge_lines(px, py, edges, count):  # type: ignore[no-untyped-def]
    """Distances from the edges as linear functions, positive inside; false for no area."""
    area = F(0)
    for i in range(count):
        j = i + 1 if i + 1 < count else 0
        area = F(area + F(px[i] * py[j] - px[j] * py[i]))
    if F(abs(area)) < F(0.3):
        return False
    way = F(1) if area > F(0) else F(-1)
    for i in range(count):
        j = i + 1 if i + 1 < count else 0
        dx, dy = F(px[j] - px[i]), F(py[j] - py[i])
        k = F(way / F(F(np.sqrt(F(dx * dx + dy * dy))) + F(1e-6)))
        edges[i, 0] = F(-dy * k)
        edges[i, 1] = F(dx * k)
        edges[i, 2] = F(-F(edges[i, 0] * px[i] + edges[i, 1] * py[i]))
    return True


@njit(**KERNEL)
def _fill(light, view, px, py, edges, count, seams, rows, corners, normal, look, scale, inks, spark, lamps, seed):  # type: ignore[no-untyped-def]  # fmt: skip  # noqa: E501 - as above
    """One face, row by row."""
    _, height, width = light.shape
    soft = F(F(1) + look[BLUR])
    left, right, low, high = _box(px, py, count)
    if right < -soft or left > F(width) + soft:
        return
    nx, ny, nz = normal[0], normal[1], normal[2]
    plane = F(nx * corners[0, 0] + ny * corners[0, 1] + nz * corners[0, 2])
    if plane > F(0):
        if look[BACKS] < F(0.5):
            return
        nx, ny, nz, plane = F(-nx), F(-ny), F(-nz), F(-plane)
    bevel_px = F(look[BEVEL_WIDE] * scale)
    rim = F(look[BEVEL] * F(min(bevel_px * F(0.7), F(1))))
    per_bevel = F(F(1) / F(max(bevel_px, F(1))))
    f = F(F(1) / lamps[FOCAL])
    mottled = look[GRAIN] > F(0) and F(right - left) > F(GRAIN_FROM_PX)
    for y in range(max(floor_i(F(low - soft)), 0), min(floor_i(F(high + soft)) + 2, height)):
        first = F(max(F(left - soft), F(0)))
        last = F(min(F(right + soft), F(width - 1)))
        x0, wide = _edge_row(rows, edges, count, seams, y, first, last, soft, width)
        if wide <= 0:
            continue
        fx, fy = F(I(x0)), F(I(y))
        dx0 = F(F(view[0] * fx + view[1] * fy + view[2] - lamps[EYE_X]) * f)
        dy0 = F(F(view[3] * fx + view[4] * fy + view[5] - lamps[EYE_Y]) * f)
        vx, vy = F(view[0] * f), F(view[3] * f)
        if mottled:
            _mottle(
                rows[2], x0, wide, dx0, dy0, vx, vy, corners, plane, nx, ny, nz, look[GRAIN], seed
            )
        _shade_row(
            light[0, y, x0 : x0 + wide], light[1, y, x0 : x0 + wide], light[2, y, x0 : x0 + wide],
            rows[0], rows[1], rows[2], dx0, dy0, vx, vy, nx, ny, nz, look, rim, per_bevel,
            F(F(1) / soft), inks, spark, lamps,
        )  # fmt: skip


@njit(**INLINE)
def _box(px, py, count):  # type: ignore[no-untyped-def]
    """Left, right, top and bottom of a face."""
    left, right, low, high = px[0], px[0], py[0], py[0]
    for i in range(1, count):
        low, high = F(min(low, py[i])), F(max(high, py[i]))
        left, right = F(min(left, px[i])), F(max(right, px[i]))
    return left, right, low, high


@njit(**INLINE)
def _edge_row(rows, edges, count, seams, y, first, last, soft, width):  # type: ignore[no-untyped-def]
    """Where a row meets the face, and how far each pixel is inside its outline and its bevels."""
    fy = F(I(y))
    for i in range(count):
        room = F(edges[i, 1] * fy + edges[i, 2] + soft)
        k = edges[i, 0]
        if k > F(1e-5):
            first = F(max(first, F(-room / k)))
        elif k < F(-1e-5):
            last = F(min(last, F(-room / k)))
        elif room < F(0):
            last = F(-1)
    x0 = max(floor_i(first), 0)
    wide = min(floor_i(last) + 2, width) - x0 if last >= first else 0
    for x in range(wide):
        rows[0, x] = F(1e6)
        rows[1, x] = F(1e6)
        rows[2, x] = F(1)
    for i in range(count):
        e = F(edges[i, 0] * F(I(x0)) + edges[i, 1] * fy + edges[i, 2])
        _nearer(rows[0], wide, e, edges[i, 0])
        if seams == 0 or i % 2 == 0:
            _nearer(rows[1], wide, e, edges[i, 0])
    return x0, wide


@njit(**INLINE)
def _nearer(row, wide, e, k):  # type: ignore[no-untyped-def]
    for x in range(wide):
        row[x] = F(min(row[x], F(e + k * F(I(x)))))


@njit(**KERNEL)
def _shade_row(row0, row1, row2, dist, inner, spots, dx0, dy0, vx, vy, nx, ny, nz, look, rim, per_bevel, per_soft, inks, spark, lamps):  # type: ignore[no-untyped-def]  # fmt: skip  # noqa: E501 - values, so that rows vectorise
    """What the face mirrors, scatters, lets through and sends out along a row."""
    lit = F(nx * lamps[KEY_X] + ny * lamps[KEY_X + 1] + nz * lamps[KEY_X + 2])
    matte = F(look[MATTE] * F(lamps[SOFT] * F(F(0.6) - F(0.4) * ny) + F(max(lit, F(0)))))
    scatter = F(matte + look[GLOW])
    mirror, clear, share = look[MIRROR], look[CLEAR], look[SHARE]
    t0, t1, t2 = look[RED], look[GREEN], look[BLUE]
    w0, w1, w2 = F(F(0.3) + F(0.7) * t0), F(F(0.3) + F(0.7) * t1), F(F(0.3) + F(0.7) * t2)
    a0, a1, a2 = inks[0, 0], inks[0, 1], inks[0, 2]
    b0, b1, b2 = inks[1, 0], inks[1, 1], inks[1, 2]
    r0, r1, r2 = inks[2, 0], inks[2, 1], inks[2, 2]
    k0, k1, k2 = spark[0], spark[1], spark[2]
    hide0 = F(F(1) - clear + clear * F(F(1) - w0) * F(0.7))
    hide1 = F(F(1) - clear + clear * F(F(1) - w1) * F(0.7))
    hide2 = F(F(1) - clear + clear * F(F(1) - w2) * F(0.7))
    for x in range(row0.shape[0]):
        d = dist[x]
        cover = F(clamp01(F(d * per_soft + F(0.5) + F(0.5) * per_soft)) * share)
        dx = F(dx0 + vx * F(I(x)))
        dy = F(dy0 + vy * F(I(x)))
        inv = F(F(1) / F(np.sqrt(F(F(1) + dx * dx + dy * dy))))
        dn = F(F(dx * nx + dy * ny + nz) * inv)
        rx, ry, rz = (
            F(dx * inv - F(2) * dn * nx), F(dy * inv - F(2) * dn * ny), F(inv - F(2) * dn * nz)
        )  # fmt: skip
        key, strip, air = mirrored(rx, ry, rz, lamps)
        glance = F(F(1) - clamp01(F(-dn)))
        glance = F(glance * glance)
        fresnel = F(mirror * spots[x] + F(F(1) - mirror) * F(0.8) * glance * glance)
        edge = clamp01(F(F(1) - inner[x] * per_bevel))
        edge = F(rim * edge * edge)
        sheen = F(fresnel * F(F(1) + F(0.6) * edge))
        s = F(scatter * spots[x])
        c0 = F(t0 * s + sheen * w0 * F(k0 * key + b0 * strip + a0 * air) + r0 * edge)
        c1 = F(t1 * s + sheen * w1 * F(k1 * key + b1 * strip + a1 * air) + r1 * edge)
        c2 = F(t2 * s + sheen * w2 * F(k2 * key + b2 * strip + a2 * air) + r2 * edge)
        row0[x] = F(row0[x] + cover * F(c0 - row0[x] * hide0))
        row1[x] = F(row1[x] + cover * F(c1 - row1[x] * hide1))
        row2[x] = F(row2[x] + cover * F(c2 - row2[x] * hide2))


@njit(**KERNEL)
def _mottle(spots, first, wide, dx0, dy0, vx, vy, corners, plane, nx, ny, nz, grain, seed):  # type: ignore[no-untyped-def]
    """Cloudy spots and thin veins of a material along a row, fixed to the face."""
    ex, ey, ez = (
        F(corners[1, 0] - corners[0, 0]), F(corners[1, 1] - corners[0, 1]),
        F(corners[1, 2] - corners[0, 2]),
    )  # fmt: skip
    k = F(F(1) / F(F(np.sqrt(F(ex * ex + ey * ey + ez * ez))) + F(1e-9)))
    ex, ey, ez = F(ex * k), F(ey * k), F(ez * k)
    gx, gy, gz = F(ny * ez - nz * ey), F(nz * ex - nx * ez), F(nx * ey - ny * ex)
    start = -(first % MOTTLE_STEP)
    before = F(1)
    for at in range(start, wide + MOTTLE_STEP, MOTTLE_STEP):
        dx, dy = F(dx0 + vx * F(I(at))), F(dy0 + vy * F(I(at)))
        t = F(plane / F(min(F(dx * nx + dy * ny + nz), F(-1e-3))))
        px, py, pz = (
            F(dx * t - corners[0, 0]), F(dy * t - corners[0, 1]), F(t - corners[0, 2])
        )  # fmt: skip
        u = F(F(px * ex + py * ey + pz * ez) * F(4))
        v = F(F(px * gx + py * gy + pz * gz) * F(4))
        a = noise(u, v, seed)
        b = noise(F(u * F(1.7) + F(1.5) * a), F(v * F(1.7) - a), U(seed + U(7)))
        vein = smooth(F(0.12), F(0.0), F(abs(b)))
        spot = F(max(F(F(1) + grain * F(F(0.7) * a + F(0.4) * b - F(0.55) * vein)), F(0.1)))
        for m in range(MOTTLE_STEP):
            x = at - MOTTLE_STEP + m
            if at > start and x >= 0 and x < wide:
                spots[x] = F(before + F(spot - before) * F(F(I(m)) * F(1.0 / MOTTLE_STEP)))
        before = spot
