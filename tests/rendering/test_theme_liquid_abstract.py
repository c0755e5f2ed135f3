"""Liquid: every subject of the prompt bank is answered by its own kind of picture."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import WARM, make_drive, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.drops import Drops
from tasks.rendering.backends.procedural.fluid import Film, Folds
from tasks.rendering.backends.procedural.giant import Giant
from tasks.rendering.backends.procedural.molten import Molten
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.plumes import Plumes
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.themes.liquid_abstract import LiquidAbstract
from tasks.rendering.backends.procedural.waters import Waters
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import RenderRequest

FRAMES = 32
KINDS = ["mercury", "molten steel", "ink in water", "oil", "a gas giant", "a pond", "swirls"]


def request_of(subject: str, *, seed: int = 7, energy: float = 0.6) -> RenderRequest:
    prompt = ShotPrompt(subject=subject)
    shot = make_shot("liquid-abstract", energy=energy, prompt=prompt)
    return make_request(
        shot, make_style(WARM), seed=seed, frames=FRAMES, drive=make_drive(frames=FRAMES)
    )


def luma(request: RenderRequest, frame: int = 17) -> NDArray[np.float64]:
    ((_, planes),) = paint_frames(request, frames=range(frame, frame + 1))
    return planes[0].astype(np.float64)


def kind_of(subject: str, *, seed: int = 7) -> type:
    """The class that paints a subject."""
    request = request_of(subject, seed=seed)
    stage = Stage(
        height_px=96, width_px=160, palette=mix_palette(WARM), seed=seed, family=1, energy=0.6,
        subject=subject, named=subject, wishes=read_wishes(request.shot, request.style),
    )  # fmt: skip
    return type(LiquidAbstract(stage).picture)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("molten chrome and neon ink", Drops), ("silver mercury", Drops), ("honey", Drops),
        ("liquid gold in dark water", Drops), ("molten steel", Molten),
        ("glowing slag and black crust", Molten), ("molten gold over black marble", Molten),
        ("milk and pastel ink in water", Plumes), ("thick smoke coloured by laser light", Plumes),
        ("soft clouds of dye", Plumes), ("iridescent oil on rainwater", Film),
        ("opal liquid", Film), ("the skin of a glowing jellyfish", Film),
        ("swirling storms of a gas giant", Giant), ("reflections on a quiet pond", Waters),
        ("coloured water and caustics", Waters), ("liquid neon light and dark water", Waters),
        ("glossy swirls of pastel paint", Folds),
    ],
)  # fmt: skip
def test_subject_chooses_the_kind_of_liquid(subject: str, kind: type) -> None:
    assert kind_of(subject) is kind


def test_seeds_throw_every_kind_where_no_word_tells() -> None:
    assert len({kind_of("abstract light", seed=seed) for seed in range(40)}) == 7


def test_ink_in_milk_is_on_bright_ground_and_ink_on_dark() -> None:
    dark, bright = luma(request_of("ink in water")), luma(request_of("milk and ink in water"))
    assert np.median(bright) > np.median(dark) + 40


def test_crust_opens_with_the_songs_energy() -> None:
    cool, hot = (luma(request_of("molten steel", energy=e)) for e in (0.1, 0.95))
    assert (hot > 150).mean() > 1.5 * (cool > 150).mean()


def changed(request: RenderRequest, frame: int, **rows: float) -> NDArray[np.float64]:
    """A frame with some of the song's rows held at a value."""
    assert request.drive is not None
    held = {
        name: np.full_like(request.drive.kick, np.float32(value)) for name, value in rows.items()
    }
    return luma(replace(request, drive=replace(request.drive, **held)), frame)


@pytest.mark.slow
@pytest.mark.parametrize("subject", KINDS)
def test_kick_moves_the_liquid_and_flashes_nothing(subject: str) -> None:
    request = request_of(subject)
    hit, calm = luma(request), changed(request, 17, kick=0.0)
    assert np.abs(hit - calm).mean() > 1.0
    assert abs(hit.mean() - calm.mean()) < 0.08 * 219


@pytest.mark.slow
@pytest.mark.parametrize("subject", KINDS)
def test_tension_and_drop_change_the_picture(subject: str) -> None:
    request = request_of(subject)
    rest = changed(request, 17, tension=0.0, drop=0.0)
    assert np.abs(changed(request, 17, tension=1.0, drop=0.0) - rest).mean() > 1.0
    assert np.abs(changed(request, 17, tension=0.0, drop=1.0) - rest).mean() > 3.0


@pytest.mark.slow
@pytest.mark.parametrize("subject", KINDS)
@pytest.mark.parametrize("energy", [0.1, 1.0])
def test_every_kind_keeps_blacks_and_spares_whites(subject: str, energy: float) -> None:
    for seed in (3, 4):
        picture = luma(request_of(subject, seed=seed, energy=energy))
        assert np.percentile(picture, 5) < 90
        assert np.percentile(picture, 98) > 60
        assert (picture > 228).mean() < 0.08
