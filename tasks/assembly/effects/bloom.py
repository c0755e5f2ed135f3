"""Bloom: light above a level spreads over its surroundings."""

from tasks.assembly.treatment import Moment, Treatment

# Light that spreads at strength 1, as a share of what lies above the threshold (screen formula).
AMOUNT = 0.9
# Code value, 0..1. Only the brighter third of a picture spreads: a neon line, not a wall.
THRESHOLD = 0.47
# What passes a threshold is stretched, so that a neon line blooms fully.
STRETCH = 1.7
# Weight of each wider spread against all narrower ones together, of three.
NEAR, FAR = 0.55, 0.62
# What an even light gains by them.
EVEN = NEAR + FAR * (NEAR + FAR)


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Let bright parts spread."""
    treatment.spread(AMOUNT * strength, THRESHOLD)
