"""Chromatic aberration: red is larger than blue, as behind a poor lens."""

from tasks.assembly.treatment import Moment, Treatment

# Red against blue as a share of the picture's size: 1 % parts them by 10 pixels at the side of a
# film of 1920. Green lies half-way. From 1.2 % on, red and green are smeared as well.
LIGHT = 0.005
PLAIN = 0.010
HEAVY = 0.020
EXTREME = 0.036


def apply_plain(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Part the colours visibly."""
    _part(treatment, PLAIN * strength)


def apply_light(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Part the colours by a hair."""
    _part(treatment, LIGHT * strength)


def apply_heavy(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Part the colours far."""
    _part(treatment, HEAVY * strength)


def apply_extreme(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Tear the colours apart."""
    _part(treatment, EXTREME * strength)


def _part(treatment: Treatment, amount: float) -> None:
    treatment.aberration = max(treatment.aberration, amount)
