"""Words of a recipe find their theme: names, synonyms, and no word inside another."""

import pytest

from tasks.planning.bank import load_bank
from tasks.planning.continuity import TRAITS
from tasks.rendering.backends.procedural.naming import STAND_IN, choose_theme
from tasks.rendering.backends.procedural.themes import THEMES

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
KIN = {
    "neon-city": "digital-rain",
    "laser-fog": "tunnel",
    "circuit": "geometric-morph",
    "crystals": "geometric-morph",
    "nebula": "aurora",
    "ocean": "liquid-abstract",
    "bokeh": "particle-flow",
    "gradient-waves": "liquid-abstract",
    "clouds": "aurora",
}


def painted_as(theme: str) -> str:
    return theme if theme in THEMES else KIN[theme]


@pytest.mark.parametrize("theme", PLANNED)
def test_what_the_planner_chooses_is_painted_without_a_word(theme: str) -> None:
    assert choose_theme(theme) == (painted_as(theme), ())


def test_every_theme_of_the_bank_is_one_that_the_renderer_is_told_of() -> None:
    for aesthetic in load_bank().aesthetics.values():
        assert set(aesthetic.themes) <= set(PLANNED)
    assert set(THEMES) <= set(PLANNED)


@pytest.mark.parametrize(("word", "theme"), WORDS)
def test_a_synonym_finds_its_theme(word: str, theme: str) -> None:
    assert choose_theme(word) == (painted_as(theme), ())


@pytest.mark.parametrize(
    "word", ["season", "device", "brain", "decline", "pink", "start", "raven", "window", "gemini"]
)
def test_a_stem_inside_another_word_is_no_hit(word: str) -> None:
    theme, warnings = choose_theme(word)
    assert theme == STAND_IN
    assert warnings


def test_the_theme_that_most_words_tell_of_wins() -> None:
    assert choose_theme("rain of code on city windows")[0] == "digital-rain"
    assert choose_theme("city streets in the rain")[0] == painted_as("neon-city")
    assert choose_theme("snow and petals over the sea")[0] == painted_as("bokeh")
