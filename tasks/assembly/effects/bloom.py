"""Bloom: light above a level spreads over its surroundings."""

from tasks.assembly.treatment import Moment, Treatment

AMOUNT = 0.8
# Only the brighter third of a picture spreads: a neon line, not a wall.
THRESHOLD = 0.5


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Let bright parts spread."""
    treatment.bloom += AMOUNT * strength
    treatment.bloom_threshold = min(treatment.bloom_threshold, THRESHOLD)
