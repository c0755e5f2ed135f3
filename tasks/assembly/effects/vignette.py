"""Vignette: the corners are darker, the eye goes to the middle."""

from tasks.assembly.treatment import Moment, Treatment

# At strength 1 the corners keep about half of their light, the middles of the sides three
# quarters; the middle of the picture keeps all.
AMOUNT = 0.8


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Darken the corners."""
    treatment.vignette = max(treatment.vignette, min(AMOUNT * strength, 1.0))
