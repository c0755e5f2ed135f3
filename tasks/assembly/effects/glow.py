"""Glow: middle tones spread too, and the picture looks lit from within."""

from tasks.assembly.treatment import Moment, Treatment

# As those of bloom: less light of more of the picture.
AMOUNT = 0.5
THRESHOLD = 0.22


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Let everything but the shadows spread softly."""
    treatment.glow += AMOUNT * strength
