"""The place that a crop follows: where it moves and stands out, else the middle."""

import numpy as np
import pytest

from tasks.assembly.focus import FOLLOWED, find_focus

HEIGHT, WIDTH, PICTURES = 36, 64, 12


def paint(*subjects, noise=6, flicker=0):
    """Pictures of noise with bright squares, each wobbling around a share of width and height."""
    rng = np.random.default_rng(3)
    pictures = rng.integers(90 - noise, 91 + noise, (PICTURES, HEIGHT, WIDTH))
    for t, picture in enumerate(pictures):
        picture += flicker * (t % 2)
        for x, y in subjects:
            left = round(x * WIDTH - 4 + 2 * np.sin(t))
            top = round(y * HEIGHT - 4 + 2 * np.cos(t))
            picture[max(top, 0) : top + 8, max(left, 0) : left + 8] += 110
    return np.clip(pictures, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("x", [0.2, 0.35, 0.7, 0.85])
def test_crop_follows_a_moving_subject(x):
    focus_x, focus_y = find_focus(paint((x, 0.5)))

    assert focus_x == pytest.approx(0.5 + FOLLOWED * (x - 0.5), abs=0.03)
    assert focus_y == pytest.approx(0.5, abs=0.05)


def test_height_is_followed_too():
    focus_x, focus_y = find_focus(paint((0.5, 0.2)))

    assert focus_x == pytest.approx(0.5, abs=0.03)
    assert focus_y == pytest.approx(0.5 + FOLLOWED * (0.2 - 0.5), abs=0.05)


def test_one_of_two_subjects_is_kept_and_not_the_gap_between_them():
    focus_x, _ = find_focus(paint((0.15, 0.5), (0.85, 0.5)))

    assert abs(focus_x - 0.5) > 0.2


@pytest.mark.parametrize(
    "pictures",
    [
        np.full((5, HEIGHT, WIDTH), 80, np.uint8),
        paint(),
        paint((0.5, 0.5)),
        paint(flicker=60),
    ],
    ids=["flat", "noise", "in the middle", "flashing"],
)
def test_middle_is_kept_where_nothing_pulls_away_from_it(pictures):
    assert find_focus(pictures) == pytest.approx((0.5, 0.5), abs=0.03)


def test_rings_around_the_middle_keep_the_crop_there():
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    # A little more on the left, as turning figures have.
    radius = np.hypot(rows - HEIGHT / 2, columns - WIDTH / 2 - 1)
    waves = [np.sin(radius / 2 - t) * (1.2 - columns / WIDTH / 2) for t in range(PICTURES)]
    pictures = np.clip(np.stack([120 + 80 * wave for wave in waves]), 0, 255).astype(np.uint8)

    assert find_focus(pictures) == pytest.approx((0.5, 0.5), abs=0.05)


def test_flashes_of_the_whole_picture_hide_no_subject():
    focus_x, _ = find_focus(paint((0.25, 0.5), flicker=60))

    assert focus_x == pytest.approx(0.5 + FOLLOWED * -0.25, abs=0.04)


def test_one_picture_is_judged_by_what_stands_out():
    focus_x, _ = find_focus(paint((0.25, 0.5))[:1])

    assert focus_x < 0.4


def test_clip_and_its_mirror_image_have_mirrored_places():
    pictures = paint((0.3, 0.4))

    there, back = find_focus(pictures), find_focus(pictures[:, :, ::-1])

    assert there[0] == pytest.approx(1.0 - back[0], abs=0.02)
    assert there[1] == back[1]
