"""What every theme owes: colour, motion, the song, determinism, light in the dark, no flashes.

Pictures are small and few here, shared by all tests that look at them; `test_theme_laws_slow`
looks at more of them.
"""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from support.clip_requests import NEON, WARM, make_request, make_shot
from support.theme_looks import (
    KICK_FRAMES,
    banding,
    beat_likeness,
    coarse,
    kick_drive,
    kicked,
    light_curve,
    look_of,
    motion,
    painted,
    palette_share,
    pictures_of,
    request_of,
    shimmer,
)

from tasks.media.flash_meter import find_flashing
from tasks.rendering.backends.procedural.naming import STAND_IN, choose_theme
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.themes import THEMES

WANTED = {
    "liquid-abstract", "geometric-morph", "digital-rain", "particle-flow", "tunnel", "aurora",
    "impact-moment", "clouds", "gradient-waves", "neon-city", "laser-fog", "circuit", "crystals",
    "bokeh", "nebula", "ocean",
}  # fmt: skip
ENERGIES, SEEDS = (0.1, 0.5, 0.95), (7, 8, 9)
SIZE, LARGE = (320, 192), (640, 384)

all_themes = pytest.mark.parametrize("theme", THEMES)


def test_all_themes_of_the_plan_are_there() -> None:
    assert set(THEMES) == WANTED


@all_themes
def test_frame_is_the_same_whichever_others_are_painted(theme: str) -> None:
    in_a_row = painted(request_of(theme), range(18))
    for frame in (2, 17):
        (alone,) = painted(request_of(theme), range(frame, frame + 1))
        for plane, other in zip(alone, in_a_row[frame], strict=True):
            np.testing.assert_array_equal(plane, other)


@all_themes
def test_planes_keep_to_limited_range(theme: str) -> None:
    for y, u, v in pictures_of(theme):
        assert y.min() >= 15
        assert y.max() <= 236
        assert min(u.min(), v.min()) >= 15
        assert max(u.max(), v.max()) <= 241


@all_themes
def test_no_frame_is_dead(theme: str) -> None:
    for y, u, v in pictures_of(theme, energy=ENERGIES[0], bpm=None):
        assert np.percentile(y, 98) > 60
        assert y.std() > 6
        assert np.hypot(u - 128.0, v - 128.0).max() > 20


@all_themes
def test_dark_places_stay_dark_and_nothing_is_white_all_over(theme: str) -> None:
    for y, _, _ in pictures_of(theme)[1:]:
        assert np.percentile(y, 5) < 90
    for y, _, _ in pictures_of(theme, energy=ENERGIES[-1], bpm=None):
        assert np.percentile(y, 50) < 200
        assert (y > 225).mean() < 0.35


@all_themes
def test_seeds_differ_clearly(theme: str) -> None:
    for one, other in zip(pictures_of(theme), pictures_of(theme, seed=8), strict=True):
        assert np.abs(one[0].astype(float) - other[0]).mean() > 4


@all_themes
@pytest.mark.parametrize("palette", [NEON, WARM])
def test_colours_are_the_palettes_own(theme: str, palette: tuple[str, ...]) -> None:
    pictures = [*pictures_of(theme, palette=palette), *pictures_of(theme, palette=palette, seed=8)]
    near = palette_share(pictures, palette, within_deg=30.0)
    assert near > 0.65
    assert near > palette_share(pictures, WARM if palette is NEON else NEON, within_deg=30.0)


@cache
def stirred(theme: str, energy: float, seed: int) -> float:
    """Motion without a song: three pairs of neighbouring frames."""
    frames = (8, 9, 20, 21, 34, 35)
    pictures = pictures_of(theme, energy=energy, seed=seed, frames=frames, bpm=None)
    return float(motion(pictures)[::2].mean())


@all_themes
def test_energy_raises_motion(theme: str) -> None:
    """Over all kinds of a theme that three seeds throw: one may answer by its light alone."""
    calm, lively, wild = (
        np.mean([np.log(stirred(theme, energy, seed)) for seed in SEEDS]) for energy in ENERGIES
    )
    assert calm < lively < wild
    assert wild > calm + np.log(1.08)


@all_themes
def test_pictures_follow_the_kick(theme: str) -> None:
    kick = kick_drive().kick.astype(np.float64)
    followed = beat_likeness(kicked(theme), kick)
    shuffled = [beat_likeness(kicked(theme), np.roll(kick, by)) for by in (5, 11, 16, 29, 34, 52)]
    assert followed > 0.4
    assert followed > np.median(shuffled) + 0.2


@all_themes
def test_kick_does_not_light_the_whole_picture(theme: str) -> None:
    means = np.array([picture[0].mean() for picture in kicked(theme)])
    for frame in KICK_FRAMES:
        assert means[frame : frame + 3].max() - means[frame - 1] < 0.1 * 219


@all_themes
def test_no_clip_flashes_more_than_three_times_a_second(theme: str) -> None:
    request = request_of(theme, energy=0.95, frames=50, bpm=280.0)
    assert find_flashing(light_curve(painted(request, range(50))), fps=30.0) == ()


@all_themes
def test_shots_of_one_film_are_nearer_in_look_than_those_of_two(theme: str) -> None:
    one = [look_of(pictures_of(theme, seed=seed)) for seed in (7, 8)]
    other = [look_of(pictures_of(theme, seed=seed, palette=WARM)) for seed in (7, 8)]
    within = [np.abs(a - b).sum() for a, b in (one, other)]
    across = [np.abs(a - b).sum() for a in one for b in other]
    assert np.mean(within) < 0.95 * np.mean(across)


@all_themes
def test_no_picture_of_a_minute_returns(theme: str) -> None:
    request = request_of(theme, frames=1800)
    seen = np.stack([coarse(picture) for picture in painted(request, range(0, 1800, 120))])
    apart = np.abs(seen[:, None] - seen).mean(axis=(2, 3))
    assert apart[np.triu_indices(len(seen), 1)].min() > 1.5


@all_themes
def test_pictures_neither_shimmer_nor_band(theme: str) -> None:
    (small,) = pictures_of(theme, frames=(20,), size=SIZE)
    (large,) = pictures_of(theme, frames=(20,), size=LARGE)
    assert shimmer(small, large) < 0.6
    assert banding(small) < 0.1


def test_measures_of_shimmer_and_banding_tell_good_from_bad() -> None:
    ramp = np.linspace(30.0, 42.0, SIZE[0]) + np.zeros((SIZE[1], 1))
    noise = np.random.default_rng(2).triangular(-0.55, 0.0, 0.55, ramp.shape)
    grey = np.full((96, 160), 128, np.uint8)
    stepped, dithered = ((np.floor(v + 0.5).astype(np.uint8)) for v in (ramp, ramp + noise))
    assert banding((stepped, grey, grey)) > 0.5 > 0.15 > banding((dithered, grey, grey))
    lines = (100.0 + 60.0 * (np.arange(SIZE[0]) % 3 == 0) + 0.0 * ramp).astype(np.uint8)
    fine = (lines, grey, grey)
    means = np.round(lines.reshape(96, 2, 160, 2).mean(axis=(1, 3))).astype(np.uint8)
    assert shimmer((lines[::2, ::2], grey, grey), fine) > 0.7
    assert shimmer((means, grey, grey), fine) < 0.1


@pytest.mark.parametrize("size", [(64, 64), (162, 90), (90, 162), (16, 16)])
@all_themes
def test_any_even_size_is_painted(theme: str, size: tuple[int, int]) -> None:
    request = make_request(
        make_shot(theme), width_px=size[0], height_px=size[1], fps=Fraction(24), frames=2
    )
    for _, (y, u, v) in paint_frames(request, frames=range(2)):
        assert y.shape == (size[1], size[0])
        assert u.shape == v.shape == (size[1] // 2, size[0] // 2)
        assert y.max() > 30


def test_dark_and_bright_words_are_seen() -> None:
    def brightness(text: str) -> float:
        request = make_request(make_shot(text=text), frames=1)
        return float(painted(request, range(1))[0][0].mean())

    assert brightness("bright radiant light") > 1.15 * brightness("dark shadows at night")


def test_known_words_and_synonyms_find_their_theme_silently() -> None:
    for theme in THEMES:
        assert choose_theme(theme) == (theme, ())
    assert choose_theme("Matrix code") == ("digital-rain", ())
    assert choose_theme("hyperspace_corridor") == ("tunnel", ())
    assert choose_theme("sacred geometry") == ("geometric-morph", ())


def test_unknown_word_is_stood_in_for_and_said() -> None:
    theme, warnings = choose_theme("quixotic")
    assert theme == STAND_IN
    assert len(warnings) == 1
    assert "'quixotic'" in warnings[0]
    assert STAND_IN in warnings[0]
