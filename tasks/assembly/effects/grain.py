"""Grain: film's living noise, stronger in light tones than in black, new thirty times a second.

At strength 1, its deviation is 4.5 code values in white and 1.4 in black: seen at full size, at
two and a half times the bits. Its grains are two pixels wide. More than 1 is held at 1.
"""

from tasks.assembly.treatment import Moment, Treatment


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Add grain."""
    treatment.grain = max(treatment.grain, min(strength, 1.0))
