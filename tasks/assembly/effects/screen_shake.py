"""Screen shake: the camera is hit and trembles until it is still."""

import math

from tasks.assembly.treatment import Moment, Treatment

# At strength 1: a share of the film's height (19 pixels at 1080), and radians. Both are sampled
# between pixels, so that a shake that dies away does not end in steps.
REACH = 0.018
TURN = 0.006
# Two tones that never meet again, per second: a tremble, not an orbit.
_FAST_HZ, _SLOW_HZ = 13.0, 7.3


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Displace and turn the picture."""
    start = 0.37 * (moment.seed % 17)
    x, y = tremble(moment.time_s, start), tremble(moment.time_s, start + 5.1)
    treatment.shift_x += REACH * strength * x
    treatment.shift_y += REACH * strength * y
    treatment.reach += REACH * abs(strength)
    treatment.rotation += TURN * strength * tremble(moment.time_s, start + 9.7)


def tremble(time_s: float, start: float) -> float:
    """A smooth restless motion, -1..1."""
    fast = math.sin(2.0 * math.pi * _FAST_HZ * time_s + start * 11.0)
    slow = math.sin(2.0 * math.pi * _SLOW_HZ * time_s + start * 3.0)
    return 0.55 * fast + 0.45 * slow
