"""What a person changed by hand in an analysis: what cannot be is refused, what is odd is told."""

import numpy as np

from recipe_schema.analysis import SongAnalysis
from tasks.errors import BadInputError

_SAME_S = 0.002  # times written by hand may be rounded by so much
_MOST_TOLD = 3


def check_edits(analysis: SongAnalysis) -> SongAnalysis:
    """Look through an analysis that may have been edited.

    Args:
        analysis: As it was read; the schema's rules hold.

    Returns:
        The same, with a warning for sections that begin off the bars: films begin them on the
        nearest downbeat.

    Raises:
        BadInputError: Downbeats that are no beats.
    """
    beats, downbeats = np.array(analysis.beats), np.array(analysis.downbeats)
    lost = downbeats[_away(downbeats, beats) > _SAME_S]
    if len(lost):
        raise BadInputError(
            f"{len(lost)} downbeats of the analysis are no beats, the first at {lost[0]:.3f} s; "
            "delete them from `downbeats`, or write them among the `beats`, too"
        )
    begins = np.array([section.start for section in analysis.sections[1:]])
    bar_s = float(np.median(np.diff(downbeats))) if len(downbeats) > 1 else 0.0
    away = _away(begins, downbeats)
    odd = [
        f"{section.type} at {section.start:.2f} s"
        for section, gap in zip(analysis.sections[1:], away, strict=True)
        if _SAME_S < gap < bar_s
    ]
    if not odd:
        return analysis
    more = f" and {len(odd) - _MOST_TOLD} more" if len(odd) > _MOST_TOLD else ""
    told = f"sections begin off the bars: {', '.join(odd[:_MOST_TOLD])}{more}"
    warnings = tuple(dict.fromkeys((*analysis.warnings, told)))
    return analysis.model_copy(update={"warnings": warnings})


def _away(times: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Seconds from each time to the nearest of the others; without end where there is none."""
    if len(others) == 0 or len(times) == 0:
        return np.full(len(times), np.inf)
    place = np.clip(np.searchsorted(others, times), 1, max(1, len(others) - 1))
    after = others[np.minimum(place, len(others) - 1)]
    return np.asarray(np.minimum(np.abs(times - after), np.abs(times - others[place - 1])))
