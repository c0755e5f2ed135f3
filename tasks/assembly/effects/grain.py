"""Grain: film's living noise, stronger in light tones than in black, another in every frame.

At strength 1, its deviation is 7 code values in white and 2 in black: seen on a still, and at
crf 18 still coded. Its grains are two pixels wide. More than 1 is held at 1.
"""

from tasks.assembly.treatment import Moment, Treatment


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Add grain."""
    treatment.grain = max(treatment.grain, min(strength, 1.0))
