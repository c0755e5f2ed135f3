"""Bloom pulse: light spreads on every beat and draws back before the next."""

from tasks.assembly.treatment import Moment, Treatment

AMOUNT = 1.0
THRESHOLD = 0.4


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Let bright parts spread with the beat."""
    pulse = strength * moment.beat
    if pulse > 0.0:
        treatment.bloom += AMOUNT * pulse
        treatment.bloom_threshold = min(treatment.bloom_threshold, THRESHOLD)
