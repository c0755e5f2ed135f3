"""What a film's file tells of itself: chapters by section, and the song's own tags.

Chapters lie at film time, as the recipe's sections do. Tags come from the song's file, which is
not trusted: control characters go, and length is bounded.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from recipe_schema.recipe import Recipe
from tasks.media.probe import SongInfo

# What every container of ours holds, and players show.
_FROM_SONG = ("title", "artist", "album", "date")
_COMMENT = "made with songfilm"
# Longer than any name of a song; a container counts bytes, of which a letter has four at most.
_LONGEST_TAG = 200


@dataclass(frozen=True)
class Chapter:
    """A named span of the film, half-open, seconds."""

    title: str
    start_s: float
    end_s: float


def section_chapters(recipe: Recipe, *, duration_s: float) -> tuple[Chapter, ...]:
    """A chapter for every section of the recipe: "Intro", or "Verse 2" where there are more.

    Args:
        recipe: Its sections, in seconds of the film.
        duration_s: Length of the film; what lies beyond is left out.

    Returns:
        In order, without overlaps; empty for a recipe without sections.
    """
    sections = sorted(recipe.metadata.structure, key=lambda section: section.start)
    starts = [*(section.start for section in sections), duration_s]
    placed = [
        (section.type, section.start, min(section.end, end, duration_s))
        for section, end in zip(sections, starts[1:], strict=True)
    ]
    placed = [(kind, start, end) for kind, start, end in placed if end > start]
    often = Counter(kind for kind, _, _ in placed)
    seen: Counter[str] = Counter()
    chapters = []
    for kind, start, end in placed:
        seen[kind] += 1
        number = f" {seen[kind]}" if often[kind] > 1 else ""
        chapters.append(Chapter(f"{kind.capitalize()}{number}", start, end))
    return tuple(chapters)


def film_tags(recipe: Recipe, info: SongInfo) -> Mapping[str, str]:
    """Tags of the film: those of the song, its title and artist as the title card spells them.

    Args:
        recipe: Its lettering may name the song.
        info: The song as probed.
    """
    told = {name: _clean(text) for name, text in info.tags if name in _FROM_SONG}
    titles = recipe.assembly_instructions.lettering.titles
    if titles is not None:
        told |= {
            name: _clean(text)
            for name, text in (("title", titles.title), ("artist", titles.artist))
            if text.strip()
        }
    return {name: text for name, text in told.items() if text} | {"comment": _COMMENT}


def _clean(text: str) -> str:
    """One line without control characters, of bounded length."""
    shown = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
        for letter in unicodedata.normalize("NFC", text)
        if unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(shown.split())[:_LONGEST_TAG].strip()
