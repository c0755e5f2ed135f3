"""The prompt bank: what every aesthetic is made of, read from `prompt_bank.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from recipe_schema.vocabulary import Effect

Texts = tuple[str, ...]
Oklch = tuple[float, float, float]

BANDS = ("low", "mid", "high")
# The user's thresholds: above the first an energy is high, above the second middling.
HIGH_ENERGY = 0.7
MID_ENERGY = 0.4


@dataclass(frozen=True)
class Fit:
    """Which songs an aesthetic is for: a point among songs, and words that name it."""

    bpm: float
    energy: float
    valence: float
    arousal: float
    words: Texts


@dataclass(frozen=True)
class Aesthetic:
    """One look: words, colours, subjects, light, effects."""

    name: str
    keywords: Texts
    style: str
    soft: bool  # no shaking, no glitches: for calm songs
    camera_style: str
    themes: Texts  # from the calmest to the wildest
    look: Effect  # one effect that runs through the film
    accents: Mapping[str, tuple[Effect, ...]]
    fit: Fit
    palettes: Mapping[str, tuple[Oklch, ...]]
    settings: Texts
    places: Mapping[str, Texts]  # settings of a theme that those of the aesthetic do not suit
    lights: Mapping[str, Texts]
    subjects: Mapping[str, Texts]


@dataclass(frozen=True)
class Bank:
    """All aesthetics, and the words that they share."""

    aesthetics: Mapping[str, Aesthetic]
    lenses: Texts
    quality: Texts
    cameras: Mapping[str, Texts]
    motions: Mapping[str, Texts]
    actions: Mapping[str, Texts]
    calm_actions: Mapping[str, Texts]  # of themes that are sudden otherwise


@cache
def load_bank() -> Bank:
    """Read the bank that comes with the package."""
    text = resources.files("tasks.planning").joinpath("prompt_bank.toml").read_text("utf-8")
    data = tomllib.loads(text)
    shared = data["shared"]
    return Bank(
        aesthetics={name: _aesthetic(name, a) for name, a in data["aesthetics"].items()},
        lenses=tuple(shared["lenses"]),
        quality=tuple(shared["quality"]),
        cameras=_texts(shared["cameras"]),
        motions=_texts(shared["motions"]),
        actions=_texts(shared["actions"]),
        calm_actions=_texts(shared["calm_actions"]),
    )


def energy_band(energy: float) -> str:
    """`low`, `mid` or `high`, by the thresholds that also set the pace."""
    return BANDS[(energy > MID_ENERGY) + (energy > HIGH_ENERGY)]


def _aesthetic(name: str, data: dict[str, object]) -> Aesthetic:
    table: dict[str, object] = dict(data)
    return Aesthetic(
        name=name,
        keywords=_words(table["keywords"]),
        style=str(table["style"]),
        soft=bool(table["soft"]),
        camera_style=str(table["camera_style"]),
        themes=_words(table["themes"]),
        look=Effect(str(table["look"])),
        accents={
            band: tuple(Effect(word) for word in words)
            for band, words in _texts(table["accents"]).items()
        },
        fit=_fit(table["fit"]),
        palettes=_colors(table["palettes"]),
        settings=_words(table["settings"]),
        places=_texts(table.get("places", {})),
        lights=_texts(table["lights"]),
        subjects=_texts(table["subjects"]),
    )


def _fit(data: object) -> Fit:
    assert isinstance(data, dict)
    numbers = {key: float(data[key]) for key in ("bpm", "energy", "valence", "arousal")}
    return Fit(**numbers, words=_words(data["words"]))


def _colors(data: object) -> dict[str, tuple[Oklch, ...]]:
    assert isinstance(data, dict)
    return {
        name: tuple((float(c[0]), float(c[1]), float(c[2])) for c in colors)
        for name, colors in data.items()
    }


def _texts(data: object) -> dict[str, Texts]:
    assert isinstance(data, dict)
    return {key: _words(value) for key, value in data.items()}


def _words(data: object) -> Texts:
    assert isinstance(data, list)
    return tuple(str(word) for word in data)
