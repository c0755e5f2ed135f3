"""Flash: a moment of over-exposure; hues stay, highlights roll off, black stays black.

How often it may come is settled in `tasks.assembly.cues`, for the safety of photosensitive eyes.
"""

from tasks.assembly.treatment import Moment, Treatment

# Stops at strength 1: four times the light.
STOPS = 2.0


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Open the lens."""
    treatment.exposure = max(treatment.exposure, STOPS * strength)
