"""Vignette: the corners are darker, the eye goes to the middle."""

from tasks.assembly.treatment import Moment, Treatment

AMOUNT = 0.8


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Darken the corners."""
    treatment.vignette = max(treatment.vignette, min(AMOUNT * strength, 1.0))
