"""Palettes are in gamut, have light and shade, and no two colours alike; colours have names."""

import pytest
from coloraide import Color

from recipe_schema.analysis import Mood
from tasks.planning.bank import load_bank
from tasks.planning.palette import choose_palette, color_word, color_words, faults

MOODS = [Mood(style="m", valence=v, arousal=a) for v, a in ((0, 0), (-1, -1), (1, 1), (-1, 1))]


@pytest.mark.parametrize("name", sorted(load_bank().aesthetics))
def test_every_palette_serves_in_every_mood(name: str) -> None:
    aesthetic = load_bank().aesthetics[name]
    assert len(aesthetic.palettes) >= 2
    met = set()
    for mood in MOODS:
        for seed in range(6):
            palette = choose_palette(aesthetic, mood=mood, seed=seed)
            if palette.name in met and mood is MOODS[0]:
                continue
            met.add(palette.name)
            assert faults(palette.colors) == ()
            assert len(palette.colors) == 4
            assert all(color == color.lower() and len(color) == 7 for color in palette.colors)
    assert met == set(aesthetic.palettes)


def test_moods_tint_the_colours() -> None:
    aesthetic = load_bank().aesthetics["bioluminescent-ocean"]
    sad, glad = (
        choose_palette(aesthetic, mood=Mood(style="m", valence=v, arousal=v), seed=1).colors
        for v in (-1.0, 1.0)
    )
    for dark, light in zip(sad, glad, strict=True):
        assert Color(dark).convert("oklch")["l"] < Color(light).convert("oklch")["l"]


def test_a_flat_palette_and_twins_are_faulted() -> None:
    assert "contrast is 1." in faults(("#808080", "#909090"))[0]
    assert "nearly alike" in faults(("#000000", "#ff0000", "#ff0505"))[0]


@pytest.mark.parametrize(
    ("color", "word"),
    [
        ("#ff006e", "hot pink"),
        ("#00f5ff", "icy cyan"),
        ("#7209b7", "violet"),
        ("#ffcc00", "golden yellow"),
        ("#8b0000", "deep red"),
        ("#0b5d1e", "forest green"),
        ("#f0f0f0", "silver white"),
        ("#202020", "charcoal"),
    ],
)
def test_colours_are_called_what_people_call_them(color: str, word: str) -> None:
    assert color_word(color) == word


def test_every_hue_has_a_word_and_doubles_are_said_once() -> None:
    for hue in range(0, 360, 3):
        for lightness, chroma in ((0.45, 0.1), (0.8, 0.1), (0.7, 0.25)):
            shade = Color("oklch", [lightness, chroma, hue]).fit("srgb", method="oklch-chroma")
            assert color_word(shade.convert("srgb").to_string(hex=True))
    assert color_words(("#ff006e", "#ff0070", "#00f5ff")) == ("hot pink", "icy cyan")
