"""Pictures in between lie on the way of what moves, and never show ghosts across a cut."""

import numpy as np
import pytest
from support.pictures import busy_picture

from recipe_schema.vocabulary import Retime
from tasks.assembly.kernels_difference import wide_difference, window_difference
from tasks.assembly.kernels_motion import search_all
from tasks.assembly.motion import Picture, find_motion, in_between

SIZE = (192, 128)
INNER = (slice(8, -8), slice(8, -8))


def texture(seed=1, *, size=(320, 240)):
    """Soft blobs of all sizes, without any repetition."""
    rng = np.random.default_rng(seed)
    width, height = size
    total = np.zeros((height, width))
    for side in (4, 9, 16, 40):
        cells = rng.uniform(-1, 1, (height // side + 2, width // side + 2))
        rows, columns = np.arange(height) / side, np.arange(width) / side
        j, i = rows.astype(int), columns.astype(int)
        p, q = (rows - j)[:, None], columns - i
        upper = cells[j][:, i] * (1 - q) + cells[j][:, i + 1] * q
        lower = cells[j + 1][:, i] * (1 - q) + cells[j + 1][:, i + 1] * q
        total += (upper * (1 - p) + lower * p) * side**0.5
    return (126 + total / np.abs(total).max() * 100).round().astype(np.uint8)


def seen(ground, x, y):
    """Planes of what a camera sees whose corner is at (x, y), whole numbers."""
    width, height = SIZE
    luma = ground[y : y + height, x : x + width]
    return luma, 255 - luma[::2, ::2], luma[1::2, 1::2] // 2 + 64


def psnr(a, b):
    return 10 * np.log10(255**2 / max(np.mean((a.astype(float) - b) ** 2), 1e-9))


def moved(a, b, share=128):
    before, after = Picture(a), Picture(b)
    motion = find_motion(before, after)
    return in_between(before, after, share=share, retime=Retime.MOTION, motion=motion)


@pytest.mark.parametrize("way", [(6, 0), (-4, 8), (12, -8), (0, 14)])
def test_a_pan_is_half_way_at_half_time(way):
    ground = texture()
    x, y = 60, 50
    a, b = seen(ground, x, y), seen(ground, x + way[0], y + way[1])
    want = seen(ground, x + way[0] // 2, y + way[1] // 2)
    made = moved(a, b)
    mixed = in_between(Picture(a), Picture(b), share=128, retime=Retime.BLEND)
    assert psnr(made[0], want[0]) > max(33, psnr(mixed[0], want[0]) + 8)
    assert psnr(made[1], want[1]) > psnr(mixed[1], want[1]) + 5
    # The border, of which one picture knows nothing, is no ghost either.
    assert psnr(made[0][:, :8], want[0][:, :8]) > psnr(mixed[0][:, :8], want[0][:, :8]) + 4


def test_time_in_between_is_kept():
    ground = texture(2)
    a, b = seen(ground, 60, 50), seen(ground, 70, 50)
    for share, x in ((51, 62), (102, 64), (154, 66), (205, 68)):
        assert psnr(moved(a, b, share)[0][INNER], seen(ground, x, 50)[0][INNER]) > 34


def test_a_thing_moves_over_a_still_ground():
    def scene(x):
        planes = tuple(plane.copy() for plane in seen(texture(3), 40, 40))
        planes[0][40:80, x : x + 40] = texture(4)[:40, :40]
        return planes

    made, want = moved(scene(60), scene(76)), scene(68)
    mixed = in_between(Picture(scene(60)), Picture(scene(76)), share=128, retime=Retime.BLEND)
    assert psnr(made[0], want[0]) > psnr(mixed[0], want[0]) + 4
    np.testing.assert_array_equal(made[0][:20], scene(60)[0][:20])
    np.testing.assert_allclose(made[0][45:75, 74:102], want[0][45:75, 74:102], atol=12)


def test_what_cannot_be_followed_is_mixed():
    rng = np.random.default_rng(5)
    a, b = (
        (rng.integers(100, 124, SIZE[::-1], np.uint8), *busy_picture(k, size=SIZE)[1:])
        for k in range(2)
    )
    mixed = in_between(Picture(a), Picture(b), share=128, retime=Retime.BLEND)
    for made, plain in zip(moved(a, b), mixed, strict=True):
        assert np.abs(made.astype(int) - plain).mean() < 0.5


def test_a_flash_is_mixed():
    a = seen(texture(), 60, 50)
    b = ((a[0] // 2 + 110).astype(np.uint8), *a[1:])
    mixed = in_between(Picture(a), Picture(b), share=100, retime=Retime.BLEND)
    np.testing.assert_array_equal(moved(a, b, 100)[0], mixed[0])


@pytest.mark.parametrize("retime", [Retime.BLEND, Retime.MOTION])
@pytest.mark.parametrize(("share", "nearer"), [(100, 0), (128, 1), (200, 1)])
def test_across_a_cut_the_nearer_picture_is_shown(retime, share, nearer):
    dark, bright = seen(texture(6) // 3, 10, 10), seen(texture(7) // 3 + 150, 90, 70)
    pictures = Picture(dark), Picture(bright)
    motion = find_motion(*pictures) if retime is Retime.MOTION else None
    made = in_between(*pictures, share=share, retime=retime, motion=motion)
    for plane, want in zip(made, (dark, bright)[nearer], strict=True):
        np.testing.assert_array_equal(plane, want)


def test_a_mix_is_rounded_exactly():
    a, b = busy_picture(1), busy_picture(2)
    for share in (1, 77, 128, 255):
        made = in_between(Picture(a), Picture(b), share=share, retime=Retime.BLEND)
        for plane, p, q in zip(made, a, b, strict=True):
            want = (p.astype(int) * (256 - share) + q.astype(int) * share + 128) // 256
            np.testing.assert_array_equal(plane, want)


def test_a_still_stays_as_it_is():
    a = seen(texture(), 60, 50)
    for plane, want in zip(moved(a, a, 90), a, strict=True):
        np.testing.assert_array_equal(plane, want)


@pytest.mark.parametrize(
    ("difference", "side", "step"), [(window_difference, 8, 1), (wide_difference, 16, 2)]
)
def test_differences_of_squares_are_those_of_their_pixels(difference, side, step):
    from numba import njit

    @njit
    def ask(a, b, at, to, stride):
        return difference(a, at, b, to, stride)

    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 256, (2, 40, 50), np.uint8)
    a[:20, :20], b[3:23, 5:25] = 0, 255
    for (y, x), (j, i) in (((0, 0), (3, 5)), ((7, 11), (20, 30)), ((24, 34), (1, 33))):
        p, q = (
            plane[r : r + side : step, c : c + side].astype(int)
            for plane, r, c in ((a, y, x), (b, j, i))
        )
        assert ask(a, b, y * 50 + x, j * 50 + i, 50) == np.abs(p - q).sum()


def test_a_block_that_no_window_fits_does_not_move():
    small = np.zeros((4, 4), np.uint8)
    field = np.full((1, 1, 2), 77, np.int32)
    search_all(field, small, small, 1, 0)
    assert not field.any()
