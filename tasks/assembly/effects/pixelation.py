"""Pixelation: a mosaic whose blocks snap to larger ones on the beat."""

from tasks.assembly.treatment import Moment, Treatment

# Side of a block at full strength, of the film's height: 30 pixels at 1080.
BLOCK = 1.0 / 36.0
# On a shot, blocks rest at this share of full strength and swell with the beat.
REST = 0.4


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Replace blocks by their mean colour."""
    treatment.block = max(treatment.block, BLOCK * strength)


def on_shot(moment: Moment) -> float:
    """Half as large again on the beat, in thirds, so that blocks jump and do not creep."""
    return REST + (1.0 - REST) * round(3.0 * moment.beat * moment.beat) / 6.0
