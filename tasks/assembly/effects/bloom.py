"""Bloom: light above a level spreads over its surroundings."""

from tasks.assembly.treatment import Moment, Treatment

# Light that spreads at strength 1, as a share of what lies above the threshold (screen formula).
AMOUNT = 0.9
# Code value, 0..1. Only the brighter third of a picture spreads: a neon line, not a wall.
THRESHOLD = 0.47


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Let bright parts spread."""
    treatment.bloom += AMOUNT * strength
    treatment.bloom_threshold = min(treatment.bloom_threshold, THRESHOLD)
