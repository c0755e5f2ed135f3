"""Key moments: a drop, build-up or break opens with a short shot of its own.

The moment is split off the start of its section, so nothing overlaps and the length is kept.
"""

import math

from recipe_schema.vocabulary import SectionType
from tasks.planning.grid import Grid, Piece

MOMENT_SECTIONS = frozenset({SectionType.DROP, SectionType.BUILDUP, SectionType.BREAK})
MOMENT_S = 2.0

SHORTEST_S, LONGEST_S = 1.2, 3.0  # what still counts as a moment of about two seconds
REST_S = 1.2  # what must be left of the section for another shot
OPENING_S = 1.0  # a film never opens with a moment: there is nothing yet to break
OFF_BAR = 0.35  # octaves of length that ending on a downbeat is worth


def moment_end(piece: Piece, grid: Grid, *, limit_s: float = math.inf) -> float | None:
    """Where the key moment at the start of a section ends; None when the section has none.

    Args:
        piece: The section.
        grid: Times at which the film may be cut.
        limit_s: Longest shot that the renderer makes, seconds.

    Returns:
        The grid time nearest to two seconds in (whole bars are preferred), or the section's own
        end when it is too short to be split.
    """
    if piece.type not in MOMENT_SECTIONS or not piece.fresh or piece.start < OPENING_S:
        return None
    longest = min(LONGEST_S, limit_s)
    ends = [
        float(time)
        for time in grid.times
        if SHORTEST_S <= time - piece.start <= longest and piece.end - time >= REST_S
    ]
    if ends:
        return min(ends, key=lambda end: _unfitness(end, piece.start, grid))
    return piece.end if piece.length <= longest else None


def moment_id(piece: Piece, taken: set[str]) -> str:
    """An id that says what and when, such as `special_drop_40`, and is not `taken`."""
    base = f"special_{piece.type}_{round(piece.start)}"
    names = (base, *(f"{base}_{k}" for k in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _unfitness(end: float, start: float, grid: Grid) -> float:
    """Octaves by which a moment's length misses two seconds, more when it ends off the bar."""
    octaves = abs(math.log2((end - start) / MOMENT_S))
    return octaves + (0.0 if grid.on_downbeat[grid.index(end)] else OFF_BAR)
