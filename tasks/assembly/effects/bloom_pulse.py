"""Bloom pulse: light spreads on every beat and draws back before the next."""

from tasks.assembly.treatment import Moment, Treatment

# As those of bloom, on the beat itself.
AMOUNT = 1.0
THRESHOLD = 0.4
SHORTEST_BEAT_S = 1.0 / 3.0


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Let bright parts spread with the beat."""
    # Above three beats a second it keeps to bars: faster pulses tire photosensitive eyes.
    beat = moment.beat if moment.beat_s >= SHORTEST_BEAT_S else moment.downbeat
    treatment.spread(AMOUNT * strength * beat, THRESHOLD)
