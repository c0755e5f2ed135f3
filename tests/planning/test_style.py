"""The look follows tempo, energy, mood and genre, by the user's thresholds first."""

from typing import Any

import pytest
from support.analyses import SONG_SECTIONS, make_analysis

from recipe_schema.vocabulary import MotionIntensity
from tasks.errors import BadInputError
from tasks.planning.bank import load_bank
from tasks.planning.style import choose_aesthetic, choose_look


def chosen(energy: float = 0.5, **more: Any) -> str:
    """Aesthetic of an even song of this energy."""
    fields: dict[str, Any] = {"mood": "plain", "valence": 0.0, "arousal": 0.0, **more}
    return choose_aesthetic(make_analysis((("verse", "A", 32, energy),), **fields)).name


def test_fast_and_loud_is_a_cyberpunk_rave() -> None:
    assert chosen(0.8, bpm=128, arousal=0.7) == "cyberpunk-rave"
    assert chosen(0.8, bpm=119, arousal=0.7) != "cyberpunk-rave"
    assert chosen(0.6, bpm=128, arousal=0.0) != "cyberpunk-rave"
    assert chosen(0.8, bpm=128, genre="piano") != "cyberpunk-rave"


def test_a_loud_song_counted_at_half_its_tempo_is_fast() -> None:
    assert chosen(0.8, bpm=64, arousal=0.2) == "cyberpunk-rave"
    assert chosen(0.6, bpm=64, arousal=0.2) != "cyberpunk-rave"
    assert chosen(0.8, bpm=64, arousal=0.1) != "cyberpunk-rave"  # a ballad of a loud band


def test_a_loud_band_is_no_rave_however_fast() -> None:
    assert chosen(0.8, bpm=160, mood="driving-dark", valence=-0.4, arousal=0.5) == (
        "molten-industrial"
    )
    assert chosen(0.8, bpm=125, mood="warm-organic", valence=0.3) == "golden-hour-organic"
    assert chosen(0.8, bpm=125, mood="moody-noir", valence=-0.4) == "monochrome-noir"
    assert chosen(0.8, bpm=160, mood="driving-intense", arousal=0.5) == "cyberpunk-rave"


def test_slow_and_quiet_is_a_dream() -> None:
    assert chosen(0.3, bpm=75) == "dreamy-abstract"
    assert chosen(0.3, bpm=75, valence=-0.7, arousal=-0.4) == "aurora-nocturne"


def test_the_users_own_song_gets_the_users_own_aesthetic() -> None:
    sections = (
        ("intro", "A", 4, 0.3),
        ("verse", "B", 13, 0.5),
        ("buildup", "C", 4, 0.7),
        ("drop", "D", 8, 0.95),
        ("chorus", "E", 8, 0.85),
    )
    analysis = make_analysis(sections, mood="energetic-cyberpunk")
    look = choose_look(analysis, seed=0)
    assert look.visual_style.aesthetic == "neon-cyberpunk-abstract"
    assert look.visual_style.camera_style == "dynamic-handheld"
    assert look.visual_style.motion_intensity is MotionIntensity.HIGH


@pytest.mark.parametrize(
    ("genre", "bpm", "energy", "valence", "arousal", "name"),
    [
        ("metal", 160, 0.6, -0.6, 0.8, "molten-industrial"),
        ("synthwave", 105, 0.55, 0.3, 0.2, "synthwave-sunset"),
        ("happy pop", 118, 0.6, 0.8, 0.5, "tropical-prism"),
        ("minimal techno", 124, 0.5, 0.0, 0.1, "crystalline-minimal"),
        ("cinematic ambient space", 95, 0.45, -0.1, -0.1, "deep-space-odyssey"),
        ("sad piano", 95, 0.4, -0.6, -0.4, "aurora-nocturne"),
        ("downtempo soul", 98, 0.5, 0.2, 0.0, "bioluminescent-ocean"),
        ("acoustic folk", 100, 0.45, 0.6, -0.1, "golden-hour-organic"),
        ("jazz", 92, 0.5, -0.3, 0.0, "monochrome-noir"),
        ("symphonic game battle", 140, 0.6, -0.2, 0.5, "storm-baroque"),
    ],
)
def test_every_other_aesthetic_has_its_songs(
    genre: str, bpm: float, energy: float, valence: float, arousal: float, name: str
) -> None:
    assert chosen(energy, bpm=bpm, valence=valence, arousal=arousal, genre=genre) == name


@pytest.mark.parametrize(
    ("mood", "bpm", "energy", "valence", "arousal", "names"),
    [
        ("euphoric-neon", 128, 0.6, 0.4, 0.6, {"tropical-prism", "neon-cyberpunk-abstract"}),
        ("driving-dark", 140, 0.65, -0.5, 0.4, {"molten-industrial"}),
        ("uplifting-bright", 115, 0.6, 0.5, 0.3, {"tropical-prism"}),
        ("driving-intense", 140, 0.65, 0.0, 0.5, {"storm-baroque", "molten-industrial"}),
        ("melancholic-ambient", 100, 0.4, -0.5, -0.4, {"aurora-nocturne"}),
        ("dreamy-ambient", 100, 0.4, 0.2, -0.4, {"dreamy-abstract"}),
        ("moody-noir", 95, 0.5, -0.3, 0.0, {"monochrome-noir"}),
        ("warm-organic", 100, 0.5, 0.3, 0.0, {"golden-hour-organic"}),
        ("steady-neutral", 110, 0.6, 0.0, 0.0, {"crystalline-minimal"}),
        ("retro-synthwave", 110, 0.5, 0.2, 0.1, {"synthwave-sunset"}),
        ("silent-minimal", 0.001, 0.5, 0.0, -1.0, {"crystalline-minimal", "dreamy-abstract"}),
    ],
)
def test_every_style_word_of_the_analysis_finds_its_look(
    mood: str, bpm: float, energy: float, valence: float, arousal: float, names: set[str]
) -> None:
    song = {"bpm": bpm, "beats": True} if bpm > 1 else {"beats": False}
    tags = ("dark", "minor", "slow")
    assert chosen(energy, mood=mood, valence=valence, arousal=arousal, tags=tags, **song) in names


def test_every_aesthetic_can_be_asked_for_and_unknown_ones_list_them() -> None:
    analysis = make_analysis(SONG_SECTIONS)
    assert len(load_bank().aesthetics) >= 10
    for name in load_bank().aesthetics:
        assert choose_look(analysis, seed=0, style=name).visual_style.aesthetic == name
    with pytest.raises(BadInputError, match="style 'baroque-pop' is not known; known: aurora-"):
        choose_look(analysis, seed=0, style="baroque-pop")


def test_a_song_without_beats_gets_a_look() -> None:
    assert chosen(0.2, beats=False, valence=0.1, arousal=-0.6) in load_bank().aesthetics


def test_motion_grows_with_energy() -> None:
    order = list(MotionIntensity)
    found = [
        choose_look(make_analysis((("verse", "A", 32, e),)), seed=0).visual_style.motion_intensity
        for e in (0.1, 0.4, 0.6, 0.9)
    ]
    assert [order.index(word) for word in found] == sorted(order.index(w) for w in found)
    assert len(set(found)) >= 3
