"""Light becomes film: black is black, highlights roll off in their own hue, lenses melt."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tasks.rendering.backends.procedural.develop import Darkroom
from tasks.rendering.backends.procedural.lens import REACH, Lens, disc

RED = (1.0, 0.02, 0.02)
ORANGE = (1.0, 0.30, 0.02)


def developed(
    color: tuple[float, float, float], level: float, *, contrast: float = 1.0, exposure: float = 1.0
) -> NDArray[np.float64]:
    """Mean y, u, v of an even picture without glow, shape (3,)."""
    light = np.empty((3, 32, 32), np.float32)
    light[:] = (np.array(color, np.float32) * np.float32(level))[:, None, None]
    planes = Darkroom(32, 32).develop(
        light, frame=3, exposure=exposure, glow=0.0, vignette=0.0, contrast=contrast
    )
    return np.array([plane.astype(np.float64).mean() for plane in planes])


def luma(level: float, *, contrast: float = 1.0, exposure: float = 1.0) -> float:
    return float(developed((1.0, 1.0, 1.0), level, contrast=contrast, exposure=exposure)[0])


def hue(color: tuple[float, float, float], level: float) -> tuple[float, float]:
    """Angle and distance from grey."""
    _, u, v = developed(color, level) - 128.0
    return float(np.degrees(np.arctan2(v, u))), float(np.hypot(u, v))


def test_black_is_black_and_what_is_nearly_black_stays_deep() -> None:
    assert abs(luma(0.0) - 16.0) < 0.3
    assert luma(0.001) < 24.0
    assert 70.0 < luma(0.1) < 100.0


def test_more_light_is_always_brighter_and_white_is_reached_late() -> None:
    levels = np.geomspace(0.002, 8.0, 24)
    for contrast in (0.7, 1.0, 1.5):
        steps = np.diff([luma(float(level), contrast=contrast) for level in levels])
        assert steps.min() > -0.2
    assert luma(1.0) < 215.0
    assert luma(2.0) > luma(1.0) + 8.0
    assert luma(8.0) > 230.0


def test_exposure_is_a_factor_on_light() -> None:
    assert abs(luma(0.2, exposure=1.5) - luma(0.3)) < 0.3


def test_contrast_deepens_shadows_and_leaves_the_middle() -> None:
    assert luma(0.02, contrast=1.5) < luma(0.02) - 4.0
    assert luma(0.02, contrast=0.75) > luma(0.02) + 1.5
    assert abs(luma(0.35, contrast=1.5) - luma(0.35)) < 6.0


@pytest.mark.parametrize("color", [RED, ORANGE, (0.02, 0.3, 1.0), (0.1, 1.0, 0.2)])
def test_bright_colours_keep_their_hue_and_burn_out_to_white(color) -> None:  # type: ignore[no-untyped-def]
    middle, bright = hue(color, 0.4), hue(color, 1.2)
    turned = abs((bright[0] - middle[0] + 180.0) % 360.0 - 180.0)
    assert turned < 18.0
    assert bright[1] > 0.55 * middle[1]
    assert hue(color, 12.0)[1] < 0.7 * bright[1]


def test_dark_gradient_is_dithered_to_its_own_mean() -> None:
    ramp = np.linspace(0.002, 0.006, 256, dtype=np.float32)
    light = np.broadcast_to(ramp, (3, 64, 256)).copy()
    dark = Darkroom(64, 256)
    y = dark.develop(light, frame=1, exposure=1.0, glow=0.0, vignette=0.0)[0].astype(np.float64)
    means = y.reshape(64, 32, 8).mean((0, 2))
    assert np.diff(means).min() > 0.02  # a step of luma would be several equal blocks
    assert np.diff(means).max() < 0.5
    other = dark.develop(light, frame=2, exposure=1.0, glow=0.0, vignette=0.0)[0]
    assert (other != y).mean() > 0.1


@pytest.mark.parametrize("height", [120, 240])
def test_glow_reaches_as_far_at_every_size(height: int) -> None:
    light = np.zeros((3, height, 2 * height), np.float32)
    tenth = height // 10
    light[:, 4 * tenth : 6 * tenth, 8 * tenth : 10 * tenth] = 1.0
    y = Darkroom(height, 2 * height).develop(
        light, frame=1, exposure=1.0, glow=0.8, vignette=0.0
    )[0].astype(np.float64)  # fmt: skip
    row = y[5 * tenth - 1 : 5 * tenth + 1].mean(0)
    near, far = row[11 * tenth], row[23 * tenth // 2]
    assert abs(near - 40.5) < 4.0
    assert abs(far - 20.7) < 2.0


def detail(picture: NDArray[np.float32], places: NDArray[np.bool_]) -> float:
    """Mean squared step from pixel to pixel over some places."""
    return float((np.diff(picture, axis=1)[:, 1:][:-1] ** 2)[places[1:, 2:]].mean())


def lens_over_noise(blur: float, *, seed: int = 3) -> tuple[Lens, NDArray[np.float32]]:
    light = np.random.default_rng(5).random((3, 96, 160)).astype(np.float32)
    lens = Lens(96, 160, seed=seed, blur=blur, oval=0.0)
    lens.soften(light)
    return lens, light


def distance_from_focus(lens: Lens) -> NDArray[np.float64]:
    rows, columns = np.mgrid[0:96, 0:160]
    x, y = (columns - 80) / 48 - lens.at[0], (rows - 48) / 48 - lens.at[1]
    return np.asarray(np.hypot(0.55 * x, y))


@pytest.mark.parametrize("blur", [0.3, 0.95])
def test_detail_is_lost_far_from_the_focus_and_kept_in_it(blur: float) -> None:
    lens, light = lens_over_noise(blur)
    away = distance_from_focus(lens)
    before = np.random.default_rng(5).random((3, 96, 160)).astype(np.float32)
    np.testing.assert_array_equal(light[:, away < lens.sharp - 0.03],
                                  before[:, away < lens.sharp - 0.03])  # fmt: skip
    assert detail(light[0], away > 0.9 * lens.melted) < 0.05 * detail(before[0], away >= 0)


def test_shallower_lens_keeps_less_sharp() -> None:
    before = np.random.default_rng(5).random((3, 96, 160)).astype(np.float32)
    kept = [(lens_over_noise(blur)[1] == before).mean() for blur in (0.1, 0.5, 1.0)]
    assert kept[0] > 1.3 * kept[1] > 1.3 * kept[2] > 0.0


def test_two_seeds_are_sharp_in_two_places_that_are_not_the_middle() -> None:
    places = {Lens(96, 160, seed=seed, blur=1.0, oval=0.0).at for seed in range(12)}
    assert len(places) == 12
    assert min(abs(x) for x, _ in places) > 0.2
    assert {x > 0 for x, _ in places} == {True, False}


def test_highlight_out_of_focus_is_a_disc_and_oval_behind_an_anamorphic_lens() -> None:
    for oval, upright in ((0.0, 1.0), (1.0, 1.5)):
        lens = Lens(240, 480, seed=3, blur=1.0, oval=oval)
        light = np.zeros((3, 240, 480), np.float32)
        x, y = (20, 60) if lens.at[0] > 0 else (460, 60)
        light[:, y - 2 : y + 2, x - 2 : x + 2] = 6.0
        lens.soften(light)
        lit = light[0] > 0.4 * light[0].max()
        high, wide = np.ptp(np.flatnonzero(lit.any(1))), np.ptp(np.flatnonzero(lit.any(0)))
        assert high > 10
        assert abs(high / wide - upright) < 0.3
        assert light[0].max() < 2.0


def test_disc_weighs_one_and_fits_its_reach() -> None:
    for radius in (0.4, 1.4, 4.2):
        taps = disc(radius, 1.0)
        assert taps.shape == (2 * REACH + 1, 2 * REACH + 1)
        assert abs(float(taps.sum()) - 1.0) < 1e-5
        np.testing.assert_array_equal(taps, taps[::-1, ::-1])


@pytest.mark.parametrize(("height", "width"), [(16, 16), (18, 66), (96, 64), (130, 250)])
def test_lens_and_darkroom_take_any_even_size(height: int, width: int) -> None:
    light = np.full((3, height, width), 0.25, np.float32)
    Lens(height, width, seed=1, blur=1.0, oval=0.4).soften(light)
    np.testing.assert_allclose(light, 0.25, rtol=1e-4)
    y, u, v = Darkroom(height, width).develop(light, frame=0, exposure=1.0, glow=0.5, vignette=0.5)
    assert y.shape == (height, width)
    assert u.shape == v.shape == (height // 2, width // 2)
    assert y.std() > 1.0
