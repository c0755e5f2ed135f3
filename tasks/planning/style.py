"""Chooses the film's look from tempo, energy, mood and genre.

The user's thresholds come first (fast and loud is a cyberpunk-rave, slow and quiet is
dreamy-abstract, a cyberpunk mood is neon-cyberpunk-abstract); else the aesthetic whose `fit` in the
bank lies nearest to the song, words of mood and genre weighing most.
"""

import math
import re
from dataclasses import dataclass

from recipe_schema.analysis import SongAnalysis
from recipe_schema.recipe import VisualStyle
from recipe_schema.vocabulary import MotionIntensity
from tasks.errors import BadInputError
from tasks.planning.bank import HIGH_ENERGY, MID_ENERGY, Aesthetic, load_bank
from tasks.planning.calm import calmed
from tasks.planning.palette import choose_palette

FAST_BPM = 120.0  # from here a song is fast
SLOW_BPM = 90.0  # below, slow
DOUBLE_BPM = 80.0  # below, a loud song is felt in double time …
DOUBLE_AROUSAL = 0.15  # … unless it is a ballad: loud, but not lively
SADNESS = -0.35  # valence from which down slow and quiet is melancholy, not a dream
# Words of songs that are never a rave, however fast and loud; the last pair is a dark band's.
NO_RAVE_WORDS = tuple(
    frozenset(words.split())
    for words in (
        *("acoustic", "folk", "piano", "classical", "jazz", "orchestral"),
        *("organic", "noir", "ambient", "metal", "rock", "punk", "driving dark"),
    )
)

# How far two songs may lie apart in each measure before it counts as one unit of distance.
BPM_SCALE = 0.35  # octaves
ENERGY_SCALE = 0.3
VALENCE_SCALE = 0.5
AROUSAL_SCALE = 0.4
WORD_BONUS = 1.5  # units of distance that one fitting word is worth
WORDS_COUNTED = 2  # more words of the same kind prove no more

# Lowest mean energy of a song for each amount of motion.
MOTION_STEPS = (
    (0.8, MotionIntensity.EXTREME),
    (0.55, MotionIntensity.HIGH),
    (0.35, MotionIntensity.MEDIUM),
    (0.0, MotionIntensity.LOW),
)


class UnknownStyleError(BadInputError):
    """A style that the prompt bank does not have."""


@dataclass(frozen=True)
class Look:
    """The film's aesthetic and the style that the recipe publishes."""

    aesthetic: Aesthetic
    visual_style: VisualStyle


def choose_look(
    analysis: SongAnalysis, *, seed: int, style: str | None = None, calm: bool = False
) -> Look:
    """Choose aesthetic, palette, motion and camera style for a song.

    Args:
        analysis: The song.
        seed: Decides between the palettes of an aesthetic.
        style: Name of an aesthetic that is taken whatever the song is like.
        calm: Without what flashes, pulses or shakes.

    Raises:
        UnknownStyleError: `style` is not in the bank; the message lists what is.
    """
    aesthetic = find_aesthetic(style) if style else choose_aesthetic(analysis)
    if calm:
        aesthetic = calmed(aesthetic)
    energy = mean_energy(analysis)
    palette = choose_palette(aesthetic, mood=analysis.mood, seed=seed)
    calmer = 0.15 if aesthetic.soft or calm else 0.0
    motion = next(word for least, word in MOTION_STEPS if max(energy - calmer, 0.0) >= least)
    return Look(
        aesthetic=aesthetic,
        visual_style=VisualStyle(
            aesthetic=aesthetic.name,
            color_palette=palette.colors,
            motion_intensity=motion,
            camera_style=aesthetic.camera_style,
            calm=calm,
        ),
    )


def find_aesthetic(name: str) -> Aesthetic:
    """The aesthetic of that name."""
    known = load_bank().aesthetics
    if name not in known:
        raise UnknownStyleError(f"style {name!r} is not known; known: {', '.join(sorted(known))}")
    return known[name]


def choose_aesthetic(analysis: SongAnalysis) -> Aesthetic:
    """The aesthetic that suits the song."""
    known = load_bank().aesthetics
    words, energy, bpm = _song_words(analysis), mean_energy(analysis), felt_bpm(analysis)
    no_rave = any(told <= words for told in NO_RAVE_WORDS)
    if bpm >= FAST_BPM and energy >= HIGH_ENERGY and not no_rave:
        return known["cyberpunk-rave"]
    if 0 < bpm < SLOW_BPM and energy < MID_ENERGY and analysis.mood.valence > SADNESS:
        return known["dreamy-abstract"]
    if "cyberpunk" in words:
        return known["neon-cyberpunk-abstract"]
    return min(
        known.values(), key=lambda aesthetic: (_distance(aesthetic, analysis), aesthetic.name)
    )


def mean_energy(analysis: SongAnalysis) -> float:
    """Energy of the sections, 0..1, longer ones weighing more."""
    length = sum(section.end - section.start for section in analysis.sections)
    total = sum((s.end - s.start) * s.energy for s in analysis.sections)
    return total / length


def felt_bpm(analysis: SongAnalysis) -> float:
    """Tempo that a listener moves to: a lively one at a very slow count is felt twice as fast."""
    lively = analysis.mood.arousal >= DOUBLE_AROUSAL and mean_energy(analysis) >= HIGH_ENERGY
    doubled = 0 < analysis.tempo_bpm < DOUBLE_BPM and lively
    return analysis.tempo_bpm * (2.0 if doubled else 1.0)


def _distance(aesthetic: Aesthetic, analysis: SongAnalysis) -> float:
    """How badly an aesthetic suits a song: distance of measures less fitting words."""
    fit, mood = aesthetic.fit, analysis.mood
    bpm = felt_bpm(analysis)
    octaves = math.log2(bpm / fit.bpm) if bpm > 0 else 0.0
    far = math.hypot(
        octaves / BPM_SCALE,
        (mean_energy(analysis) - fit.energy) / ENERGY_SCALE,
        (mood.valence - fit.valence) / VALENCE_SCALE,
        (mood.arousal - fit.arousal) / AROUSAL_SCALE,
    )
    words = _song_words(analysis)
    told = sum(set(_split(word)) <= words for word in {*fit.words, *aesthetic.keywords})
    return far - WORD_BONUS * min(told, WORDS_COUNTED)


def _song_words(analysis: SongAnalysis) -> frozenset[str]:
    """Every word that mood and genre use."""
    mood = analysis.mood
    return frozenset(_split(" ".join((mood.style, *mood.tags, analysis.genre or ""))))


def _split(text: str) -> list[str]:
    return re.findall(r"[a-z0-9&]+", text.lower())
