"""What every theme owes: colour, motion, determinism, light in the dark."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from coloraide import Color
from numpy.typing import NDArray
from support.clip_requests import NEON, WARM, make_drive, make_request, make_shot, make_style

from tasks.rendering.backends.procedural.naming import STAND_IN, choose_theme
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.themes import THEMES
from tasks.rendering.renderer import RenderRequest

Planes = list[NDArray[np.int64]]
FRAMES = (2, 17, 31)
WANTED = {
    "liquid-abstract", "geometric-morph", "digital-rain", "particle-flow", "tunnel", "aurora",
    "impact-moment", "gradient-waves", "laser-fog", "clouds", "neon-city",
}  # fmt: skip

all_themes = pytest.mark.parametrize("theme", THEMES)


@cache
def request_of(
    theme: str, *, energy: float = 0.6, seed: int = 7, palette: tuple[str, ...] = NEON
) -> RenderRequest:
    shot = make_shot(theme, energy=energy)
    return make_request(
        shot, make_style(palette), seed=seed, frames=32, drive=make_drive(frames=32)
    )


def painted(request: RenderRequest, frames: tuple[int, ...]) -> list[Planes]:
    pictures = []
    for frame in frames:
        ((_, planes),) = paint_frames(request, frames=range(frame, frame + 1))
        pictures.append([plane.astype(np.int64) for plane in planes])
    return pictures


@cache
def pictures_of(
    theme: str, energy: float = 0.6, seed: int = 7, palette: tuple[str, ...] = NEON
) -> list[Planes]:
    return painted(request_of(theme, energy=energy, seed=seed, palette=palette), FRAMES)


def test_all_themes_of_the_plan_are_there() -> None:
    assert set(THEMES) == WANTED


@all_themes
def test_frame_is_the_same_whichever_others_are_painted(theme: str) -> None:
    in_a_row = [
        [plane.astype(np.int64) for plane in planes]
        for _, planes in paint_frames(request_of(theme), frames=range(FRAMES[-1] + 1))
    ]
    for frame, alone in zip(FRAMES, pictures_of(theme), strict=True):
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
    for y, u, v in pictures_of(theme, energy=0.2):
        assert np.percentile(y, 98) > 60
        assert y.std() > 6
        assert np.hypot(u - 128, v - 128).max() > 20


@all_themes
def test_dark_places_stay_dark(theme: str) -> None:
    for y, _, _ in pictures_of(theme)[1:]:
        assert np.percentile(y, 5) < 90


@all_themes
def test_seeds_differ_clearly(theme: str) -> None:
    for one, other in zip(pictures_of(theme), pictures_of(theme, seed=8), strict=True):
        assert np.abs(one[0] - other[0]).mean() > 4


def hues(planes: Planes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hue in radians and chroma of every chroma sample, in the Cb Cr plane."""
    _, u, v = planes
    return np.arctan2(v - 128.0, u - 128.0), np.hypot(u - 128.0, v - 128.0)


def palette_hues(palette: tuple[str, ...]) -> NDArray[np.float64]:
    found = []
    for text in palette:
        r, g, b = Color(text).convert("srgb")[:3]
        luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        found.append(np.arctan2((r - luma) / 1.5748, (b - luma) / 1.8556))
    return np.array(found)


@all_themes
@pytest.mark.parametrize("palette", [NEON, WARM])
def test_colours_are_the_palettes_own(theme: str, palette: tuple[str, ...]) -> None:
    near = everything = 0.0
    for planes in pictures_of(theme, palette=palette):
        hue, chroma = hues(planes)
        gap = np.abs((hue[..., None] - palette_hues(palette) + np.pi) % (2 * np.pi) - np.pi).min(-1)
        near += chroma[gap < np.radians(35)].sum()
        everything += chroma.sum()
    assert near > 0.6 * everything


@all_themes
def test_energy_raises_motion(theme: str) -> None:
    def motion(energy: float) -> float:
        request = replace(request_of(theme, energy=energy), drive=None)
        moves = []
        for first in (8, 24):
            (y0, _, _), (y1, _, _) = painted(request, (first, first + 3))
            moves.append(np.abs(y1 - y0).mean())
        return float(np.mean(moves))

    assert motion(0.95) > 1.2 * motion(0.1)


@all_themes
def test_song_moves_the_picture(theme: str) -> None:
    request = request_of(theme)
    (with_song,), (without,) = (
        painted(request, (16,)),
        painted(replace(request, drive=None), (16,)),
    )
    assert np.abs(with_song[0] - without[0]).mean() > 1.5


@pytest.mark.parametrize("theme", ["impact-moment", "tunnel"])
def test_whole_picture_flashes_at_most_three_times_a_second(theme: str) -> None:
    frames = 60
    drive = make_drive(frames=frames, bpm=280.0)
    request = make_request(make_shot(theme, energy=0.95), frames=frames, drive=drive)
    means = [float(planes[0].mean()) for _, planes in paint_frames(request, frames=range(frames))]
    jumps = np.diff(np.array(means) - 16.0) / 219.0 > 0.05
    assert jumps.sum() <= 3 * frames / 30


@pytest.mark.parametrize("size", [(64, 64), (96, 160), (162, 90), (16, 16)])
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
        return float(painted(request, (0,))[0][0].mean())

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
