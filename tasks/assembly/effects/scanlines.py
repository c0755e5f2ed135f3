"""Scan lines: every second pair of lines is darker, as on a tube."""

from tasks.assembly.treatment import Moment, Treatment

# Share of light that a dark line lacks at strength 1; 270 pairs of lines a picture at 1080 lines,
# whole lines at every other height, so that they do not shimmer.
DEPTH = 0.28


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Darken lines."""
    treatment.lines = max(treatment.lines, min(DEPTH * strength, 1.0))
