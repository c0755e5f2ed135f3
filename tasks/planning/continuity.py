"""Which theme each shot has, and when two neighbours are too unlike for a plain cut.

A film keeps to the five to seven themes of its aesthetic. Every section label has a family of a
few: a leading theme by its energy, and partners that are like it. Sections open with their lead, so
that every chorus is known again; then comes whichever theme of the family has rested longest.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from recipe_schema.recipe import IMPACT_THEME
from recipe_schema.vocabulary import SectionType
from tasks.planning.bank import Aesthetic
from tasks.planning.grid import Piece
from tasks.planning.shots import Span

# What a theme looks like, each 0..1: organic against built, depth of space, density of the
# picture, speed.
TRAITS = {
    "gradient-waves": (0.9, 0.1, 0.2, 0.1),
    "clouds": (1.0, 0.5, 0.4, 0.2),
    "aurora": (0.9, 0.4, 0.3, 0.1),
    "nebula": (0.9, 0.8, 0.5, 0.2),
    "bokeh": (0.8, 0.6, 0.2, 0.3),
    "ocean": (1.0, 0.4, 0.6, 0.4),
    "liquid-abstract": (1.0, 0.2, 0.9, 0.3),
    "crystals": (0.3, 0.5, 0.5, 0.3),
    "particle-flow": (0.7, 0.6, 0.4, 0.6),
    "geometric-morph": (0.0, 0.5, 0.5, 0.5),
    "circuit": (0.0, 0.4, 0.8, 0.6),
    "digital-rain": (0.1, 0.4, 0.7, 0.8),
    "neon-city": (0.1, 0.9, 0.8, 0.6),
    "laser-fog": (0.2, 0.8, 0.4, 0.8),
    "tunnel": (0.1, 1.0, 0.6, 0.9),
    IMPACT_THEME: (0.4, 0.9, 1.0, 1.0),
}
UNLIKE_DISTANCE = 1.4  # distance of traits at which two themes have nothing in common
STRANGER_SIMILARITY = 0.5  # of a theme that a person wrote and the table does not know

UNLIKE = 0.3  # the user's rule: less similar than this
ENERGY_JUMP = 0.3  # over a jump, up or down, larger than this
USED_STEPS = 0.8  # steps on the ladder of themes that a new label goes to lead with an unused one
SEEN_COST = 0.15  # similarity that a partner may lack to be one that is seen less
STEP_COST = 0.6  # and to be as wild as the section, not at the other end of the ladder
NEAR_COST = 0.15  # and not to be of the section before or after

Family = tuple[str, ...]
FAMILY_SIZE = 4  # themes of a section: fewer are seen as a loop, more are no place


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
    """Leading theme and partners of every section label.

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
    rungs: dict[str, float] = {}
    for piece in pieces:
        if piece.label in leads:
            continue
        beside = {leads[other] for other in _neighbours(piece.label, pieces) if other in leads}
        free = [theme for theme in themes if theme not in beside] or list(themes)
        if piece.type is SectionType.BRIDGE:
            free = [theme for theme in free if theme not in leads.values()] or free
        wanted = (piece.energy - least) / spread * (len(themes) - 1)
        used = list(leads.values())
        rungs[piece.label] = wanted
        leads[piece.label] = min(
            free, key=lambda t: abs(themes.index(t) - wanted) + USED_STEPS * used.count(t)
        )
    return _with_partners(leads, rungs, themes, pieces)


def assign_themes(
    spans: Sequence[Span], families: dict[str, Family], *, before: str | None = None
) -> list[str]:
    """The theme of every shot: sections open with their lead, then whichever rested longest.

    Args:
        spans: Shots in order.
        families: Lead and partners by label.
        before: Theme of a shot that lies before the first.
    """
    themes = [] if before is None else [before]
    piece: Piece | None = None
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        if span.is_moment:
            themes.append(IMPACT_THEME)
            continue
        family, last = families[span.piece.label], themes[-1] if themes else None
        if span.piece is not piece and family[0] != last:
            themes.append(family[0])
        else:
            new = following is not None and following.piece is not span.piece
            kept = families[following.piece.label][0] if following is not None and new else None
            free = [theme for theme in family if theme not in (last, kept)]
            free = free or [theme for theme in family if theme != last] or list(family)
            themes.append(min(free, key=lambda theme: _last_seen(theme, themes)))
        piece = span.piece
    return themes if before is None else themes[1:]


def _last_seen(theme: str, themes: Sequence[str]) -> int:
    """Place of a theme's last shot; -1 when there is none."""
    return max((k for k, other in enumerate(themes) if other == theme), default=-1)


def _neighbours(label: str, pieces: Sequence[Piece]) -> set[str]:
    """Labels that come directly before or after this one anywhere in the song."""
    pairs = [(a.label, b.label) for a, b in pairwise(pieces)]
    return {b for a, b in pairs if a == label} | {a for a, b in pairs if b == label}


def _with_partners(
    leads: dict[str, str],
    rungs: dict[str, float],
    themes: Sequence[str],
    pieces: Sequence[Piece],
) -> dict[str, Family]:
    """Give every leading theme others that are like it, as wild, and not seen much yet."""
    seen = list(leads.values())
    families: dict[str, Family] = {}
    for label, lead in leads.items():
        near = {t for other in _neighbours(label, pieces) for t in families.get(other, ())}
        worth = {
            theme: similarity(lead, theme)
            - STEP_COST * abs(k - rungs[label]) / (len(themes) - 1)
            - SEEN_COST * seen.count(theme)
            - NEAR_COST * (theme in near)
            for k, theme in enumerate(themes)
            if theme != lead
        }
        partners = sorted(worth, key=lambda theme: -worth[theme])[: FAMILY_SIZE - 1]
        families[label] = (lead, *partners)
        seen += partners
    return families
