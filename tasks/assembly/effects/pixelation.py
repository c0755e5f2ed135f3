"""Pixelation: a mosaic that strikes on the beat and resolves into the clear picture."""

from tasks.assembly.treatment import Moment, Treatment

# Side of a block at full strength, of the film's height: 30 pixels at 1080.
BLOCK = 1.0 / 36.0
# The pulse of downbeats is higher while the first of three or four beats strikes.
_FIRST_BEAT = 0.6
# On a shot, blocks are so large on a beat that begins no bar.
OFFBEAT = 0.6
# Heights of the pulse above which blocks are whole, half and a quarter as large: a fifth of a
# beat each; then there are none.
_STEPS = ((0.64, 1.0), (0.36, 0.5), (0.16, 0.25))


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Replace blocks by their mean colour."""
    treatment.block = max(treatment.block, BLOCK * strength)


def on_shot(moment: Moment) -> float:
    """Largest on the beat, halved twice, then gone until the next: blocks jump and never creep.

    A mosaic that stayed would read as a broken file; what comes and goes with the song is seen to
    be meant.
    """
    size = next((size for above, size in _STEPS if moment.beat >= above), 0.0)
    return size if moment.downbeat >= _FIRST_BEAT else OFFBEAT * size
