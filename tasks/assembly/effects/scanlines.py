"""Scan lines: every second pair of lines is darker, as on a tube."""

from tasks.assembly.treatment import Moment, Treatment

DEPTH = 0.28


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Darken lines."""
    treatment.lines = max(treatment.lines, min(DEPTH * strength, 1.0))
