"""Vignette: the corners are darker, the eye goes to the middle."""

import numpy as np

from tasks.assembly.treatment import Moment, Treatment

# At strength 1 the corners keep about half of their light, the middles of the sides three
# quarters; the middle of the picture keeps all.
AMOUNT = 0.8
# What it takes in full at the middle of a side, and how much of that comes late, near the edge.
_SIDE, _LATE = 0.36, 0.4


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Darken the corners."""
    treatment.vignette = max(treatment.vignette, min(AMOUNT * strength, 1.0))


def edge(at: np.ndarray) -> np.ndarray:
    """What a full vignette takes at -1..1 from the middle; both directions multiply."""
    squared = at * at
    return np.asarray(_SIDE * squared * (1.0 - _LATE + _LATE * squared))
