"""Words of a recipe find their theme: names, synonyms, and no word inside another."""

import pytest
from support.clip_requests import make_shot, make_style

from recipe_schema.recipe import Shot, ShotPrompt
from tasks.planning.bank import load_bank
from tasks.planning.continuity import TRAITS
from tasks.rendering.backends.procedural.naming import STAND_IN, choose_theme
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.themes import THEMES
from tasks.rendering.backends.procedural.words import named_of, read_wishes, scene_of

PLANNED = sorted(TRAITS)
WORDS = [
    ("ethereal", "clouds"), ("cloudscape", "clouds"), ("drifting_mist", "clouds"),
    ("thunderstorm", "clouds"), ("night skyline", "neon-city"), ("Neon City", "neon-city"),
    ("wet streets", "neon-city"), ("lattice", "circuit"), ("Circuit Board", "circuit"),
    ("neural network", "circuit"), ("ice", "crystals"), ("crystal cave", "crystals"),
    ("diamonds", "crystals"), ("laser show", "laser-fog"), ("stage beams", "laser-fog"),
    ("cherry petals", "bokeh"), ("falling snow", "bokeh"), ("embers", "bokeh"),
    ("golden dust", "bokeh"), ("confetti", "bokeh"), ("fireflies", "bokeh"),
    ("starfield", "nebula"), ("galaxies", "nebula"), ("deep space", "nebula"), ("sea", "ocean"),
    ("stormy seas", "ocean"), ("underwater", "ocean"), ("waves", "ocean"),
    ("silk", "gradient-waves"), ("smooth gradients", "gradient-waves"),
    ("sand dunes", "gradient-waves"), ("northern lights", "aurora"), ("mountains", "aurora"),
    ("rain", "digital-rain"), ("hacker terminal", "digital-rain"), ("ribbons", "particle-flow"),
    ("wormhole", "tunnel"), ("spiral staircase", "tunnel"), ("kaleidoscope", "geometric-morph"),
    ("molten chrome", "liquid-abstract"), ("ink in water", "liquid-abstract"),
    ("supernova explosion", "impact-moment"),
]  # fmt: skip


@pytest.mark.parametrize("theme", PLANNED)
def test_what_the_planner_chooses_is_painted_without_a_word(theme: str) -> None:
    assert choose_theme(theme) == (theme, ())


def test_every_theme_of_the_bank_is_one_that_the_renderer_is_told_of() -> None:
    for aesthetic in load_bank().aesthetics.values():
        assert set(aesthetic.themes) <= set(PLANNED)
    assert set(THEMES) == set(PLANNED)


@pytest.mark.parametrize(("word", "theme"), WORDS)
def test_a_synonym_finds_its_theme(word: str, theme: str) -> None:
    assert choose_theme(word) == (theme, ())


@pytest.mark.parametrize(
    "word", ["season", "device", "brain", "decline", "pink", "start", "raven", "window", "gemini"]
)
def test_a_stem_inside_another_word_is_no_hit(word: str) -> None:
    theme, warnings = choose_theme(word)
    assert theme == STAND_IN
    assert warnings


def test_the_theme_that_most_words_tell_of_wins() -> None:
    assert choose_theme("rain of code on city windows")[0] == "digital-rain"
    assert choose_theme("city streets in the rain")[0] == "neon-city"
    assert choose_theme("snow and petals over the sea")[0] == "bokeh"


def stage_of(shot: Shot, *, seed: int = 3) -> Stage:
    style = make_style()
    return Stage(
        height_px=96,
        width_px=160,
        palette=mix_palette(style.color_palette),
        seed=seed,
        family=1,
        energy=0.5,
        subject=scene_of(shot),
        named=named_of(shot),
        wishes=read_wishes(shot, style),
    )


KINDS = {"waves": ("wave", "swell"), "steel": ("steel",), "stone": ("stone", "cliff")}


@pytest.mark.parametrize(
    ("subject", "action", "setting", "kind"),
    [
        ("molten steel", "rolling in long waves", "on a swell", "steel"),
        ("glowing matter", "rolling in long waves", "", "waves"),
        ("glowing matter", "", "below a stone cliff", "stone"),
        ("steel waves", "", "below a cliff", "waves"),
        ("stone and steel", "", "in a steel hall", "steel"),
    ],
)
def test_what_is_shown_counts_before_what_it_does_and_where(
    subject: str, action: str, setting: str, kind: str
) -> None:
    shot = make_shot(prompt=ShotPrompt(subject=subject, action=action, setting=setting))
    assert stage_of(shot).variant(KINDS, throw=1) == kind


def test_the_first_clause_of_a_sentence_is_what_it_shows_and_no_word_leaves_it_to_the_seed() -> (
    None
):
    shot = make_shot(text="A hall of steel, waves and a swell on stone below a cliff")
    assert stage_of(shot).variant(KINDS, throw=1) == "steel"
    nothing = make_shot(text="something bright")
    assert {stage_of(nothing, seed=k).variant(KINDS, throw=1) for k in range(20)} == set(KINDS)
