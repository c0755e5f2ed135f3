"""The laws of themes over more pictures: more seeds, palettes, sizes, rates and minutes."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support.clip_requests import CALM, NEON, WARM, make_drive, make_request, make_shot, make_style
from support.theme_looks import (
    beat_likeness,
    coarse,
    kick_drive,
    light_curve,
    motion,
    painted,
    palette_share,
    pictures_of,
    request_of,
    shimmer,
)

from tasks.media.flash_meter import find_flashing
from tasks.rendering.backends.procedural.themes import THEMES

pytestmark = pytest.mark.slow
all_themes = pytest.mark.parametrize("theme", THEMES)


@all_themes
def test_no_picture_of_a_minute_returns_at_any_half_second(theme: str) -> None:
    request = request_of(theme, frames=1800, seed=9)
    seen = np.stack([coarse(picture) for picture in painted(request, range(0, 1800, 15))])
    apart = np.abs(seen[:, None] - seen).mean(axis=(2, 3))
    lag = np.abs(np.subtract.outer(np.arange(len(seen)), np.arange(len(seen))))
    # Pictures near in time may be alike; later ones may not be more so.
    assert apart[lag >= 10].min() > 1.0
    assert apart[lag >= 10].min() > 0.3 * apart[lag == 1].min()


@all_themes
@pytest.mark.parametrize(("fps", "palette"), [(24, NEON), (60, WARM), (24, CALM)])
def test_no_calm_clip_flashes_at_any_rate(theme: str, fps: int, palette: tuple[str, ...]) -> None:
    for seed, energy, bpm in ((7, 1.0, 280.0), (8, 1.0, 190.0), (9, 0.6, 174.0)):
        frames = 2 * fps
        request = make_request(
            make_shot(theme, energy=energy),
            make_style(palette, motion="extreme").model_copy(update={"calm": True}),
            seed=seed,
            frames=frames,
            fps=Fraction(fps),
            drive=make_drive(frames=frames, fps=Fraction(fps), bpm=bpm),
        )
        assert find_flashing(light_curve(painted(request, range(frames))), fps=fps) == ()


@all_themes
def test_every_kind_follows_the_kick(theme: str) -> None:
    drive = kick_drive()
    kick = drive.kick.astype(np.float64)
    for seed in (8, 9, 10):
        request = replace(request_of(theme, seed=seed, frames=len(kick)), drive=drive)
        pictures = painted(request, range(len(kick)))
        shuffled = [beat_likeness(pictures, np.roll(kick, by)) for by in (5, 11, 16, 29, 34, 52)]
        assert beat_likeness(pictures, kick) > np.median(shuffled) + 0.15


@all_themes
def test_every_palette_is_known_again(theme: str) -> None:
    for palette in (NEON, WARM, CALM):
        pictures = [
            picture for seed in (7, 8, 9, 10) for picture in pictures_of(
                theme, palette=palette, seed=seed
            )
        ]  # fmt: skip
        assert palette_share(pictures, palette, within_deg=30.0) > 0.6


@all_themes
def test_larger_pictures_show_the_same_and_sharper(theme: str) -> None:
    small = pictures_of(theme, frames=(5, 40), size=(424, 240))
    large = pictures_of(theme, frames=(5, 40), size=(848, 480))
    for one, other in zip(small, large, strict=True):
        assert shimmer(one, other) < 0.5
        assert np.abs(coarse(one) - _halved(other)).mean() < 4


@all_themes
def test_nothing_trembles_from_picture_to_picture_where_time_is_slow(theme: str) -> None:
    """Two pictures a 60th of a second apart differ less than two a tenth of a second apart."""
    shot = make_shot(theme, energy=0.1, text="slow gentle light")
    request = make_request(shot, width_px=424, height_px=240, fps=Fraction(60), frames=12, seed=7)
    pictures = painted(request, range(12))
    one, six = motion(pictures).mean(), motion(pictures[::6])[0]
    dither = 0.45 / np.stack([picture[0] for picture in pictures]).std(axis=(1, 2)).mean()
    assert one < 0.6 * six + dither


def _halved(picture: tuple[np.ndarray, ...]) -> np.ndarray:
    luma = picture[0].astype(np.float64)
    height, width = (side // 16 for side in luma.shape)
    return luma[: height * 16, : width * 16].reshape(height, 16, width, 16).mean(axis=(1, 3))
