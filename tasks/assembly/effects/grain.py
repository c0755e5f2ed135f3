"""Grain: film's living noise, stronger in the middle tones than in black."""

from tasks.assembly.treatment import Moment, Treatment


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Add grain."""
    treatment.grain = max(treatment.grain, min(strength, 1.0))
