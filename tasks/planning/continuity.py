"""Which theme each shot has, and when two neighbours are too unlike for a plain cut.

A film keeps to the three or four themes of its aesthetic. Every section label has a family of two:
a leading theme by its energy and a partner; shots of a section take turns, so that neighbours
differ and every chorus is known again.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from recipe_schema.recipe import IMPACT_THEME
from recipe_schema.vocabulary import SectionType, Transition
from tasks.planning.bank import Aesthetic
from tasks.planning.grid import Piece
from tasks.planning.shots import Span

# What a theme looks like, each 0..1: organic against built, depth of space, density of the
# picture, speed.
TRAITS = {
    "liquid-abstract": (1.0, 0.2, 0.9, 0.3),
    "geometric-morph": (0.0, 0.5, 0.5, 0.5),
    "digital-rain": (0.1, 0.4, 0.7, 0.8),
    "particle-flow": (0.7, 0.6, 0.4, 0.6),
    "tunnel": (0.1, 1.0, 0.6, 0.9),
    "aurora": (0.9, 0.3, 0.3, 0.1),
    IMPACT_THEME: (0.4, 0.9, 1.0, 1.0),
}
UNLIKE_DISTANCE = 1.4  # distance of traits at which two themes have nothing in common
STRANGER_SIMILARITY = 0.5  # of a theme that a person wrote and the table does not know

UNLIKE = 0.3  # the user's rule: less similar than this
ENERGY_JUMP = 0.3  # over a jump, up or down, larger than this
USED_STEPS = 0.8  # steps on the ladder of themes that a new label goes to lead with an unused one
SEEN_COST = 0.3  # similarity that a partner may lack to be one that is seen less

SOFTENER = Transition.GLITCH_DISSOLVE

Family = tuple[str, ...]
FAMILY_SIZE = 3  # themes that the shots of a section take in turn: two alone are seen as a loop


def similarity(a: str, b: str) -> float:
    """How alike two themes look: 1 the same, 0 nothing in common.

    One minus the Euclidean distance of their traits over `UNLIKE_DISTANCE`.
    """
    if a == b:
        return 1.0
    if a not in TRAITS or b not in TRAITS:
        return STRANGER_SIMILARITY
    return max(0.0, 1.0 - math.dist(TRAITS[a], TRAITS[b]) / UNLIKE_DISTANCE)


def needs_softening(themes: tuple[str, str], energies: tuple[float, float]) -> bool:
    """Whether two neighbouring shots are too unlike over too great a jump of energy."""
    return similarity(*themes) < UNLIKE and abs(energies[1] - energies[0]) > ENERGY_JUMP


def choose_families(pieces: Sequence[Piece], aesthetic: Aesthetic) -> dict[str, Family]:
    """Leading theme and partner of every section label.

    Args:
        pieces: The song's sections.
        aesthetic: Its themes run from the calmest to the wildest.

    Returns:
        Family by label. Labels that follow each other lead with different themes.
    """
    themes = aesthetic.themes
    energies = [piece.energy for piece in pieces]
    least, spread = min(energies), max(max(energies) - min(energies), ENERGY_JUMP)
    leads: dict[str, str] = {}
    for piece in pieces:
        if piece.label in leads:
            continue
        beside = {leads[other] for other in _neighbours(piece.label, pieces) if other in leads}
        free = [theme for theme in themes if theme not in beside] or list(themes)
        if piece.type is SectionType.BRIDGE:
            free = [theme for theme in free if theme not in leads.values()] or free
        wanted = (piece.energy - least) / spread * (len(themes) - 1)
        used = list(leads.values())
        leads[piece.label] = min(
            free, key=lambda t: abs(themes.index(t) - wanted) + USED_STEPS * used.count(t)
        )
    return _with_partners(leads, themes)


def assign_themes(
    spans: Sequence[Span], families: dict[str, Family], *, before: str | None = None
) -> list[str]:
    """The theme of every shot: its family's in turn, and never the one before.

    Args:
        spans: Shots in order.
        families: Lead and partners by label.
        before: Theme of a shot that lies before the first.
    """
    themes: list[str] = []
    last = before
    piece: Piece | None = None
    turn = 0
    for span in spans:
        family = families[span.piece.label]
        if span.is_moment:
            themes.append(IMPACT_THEME)
            continue
        turn = 0 if span.piece is not piece else turn + 1
        if family[turn % len(family)] == last and themes[-1:] != [IMPACT_THEME]:
            turn += 1
        theme = family[turn % len(family)]
        piece, last = span.piece, theme
        themes.append(theme)
    return themes


def _neighbours(label: str, pieces: Sequence[Piece]) -> set[str]:
    """Labels that come directly before or after this one anywhere in the song."""
    pairs = [(a.label, b.label) for a, b in pairwise(pieces)]
    return {b for a, b in pairs if a == label} | {a for a, b in pairs if b == label}


def _with_partners(leads: dict[str, str], themes: Sequence[str]) -> dict[str, Family]:
    """Give every leading theme others that are like it and are not seen much yet."""
    seen = list(leads.values())
    families: dict[str, Family] = {}
    for label, lead in leads.items():
        family = [lead]
        while len(family) < min(FAMILY_SIZE, len(set(themes))):
            others = [theme for theme in themes if theme not in family]
            family.append(
                max(others, key=lambda t: similarity(lead, t) - SEEN_COST * seen.count(t))
            )
        families[label] = tuple(family)
        seen += family[1:]
    return families
