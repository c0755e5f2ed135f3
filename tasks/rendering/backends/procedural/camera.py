"""Where the camera is, frame by frame: moved by words, carried by a hand, thrown by the song.

Every place is a function of the time since the shot's own start and of the song there, so that
neither the frame rate nor the clip's handles change it. Moves begin and end softly: their speed
breathes, as an operator's does, and long moves come to rest before the picture is used up.
"""

import math

import numpy as np

from tasks.rendering.backends.procedural.curves import Column, smoothed
from tasks.rendering.backends.procedural.kit import dice
from tasks.rendering.backends.procedural.words import Wishes

PUSH_PER_S = 0.06  # camera's approach, log of the scale, at push 1
PUSH_SPAN = 0.55  # a push never exceeds this log scale: long shots slow down
TURN_PER_S = 0.11  # radians a second at turn 1
PAN_PER_S = 0.13  # half-heights a second at pan 1
RISE_PER_S = 0.10  # half-heights a second at rise 1
PAN_SPAN = 0.8  # no pan or rise goes farther, in half-heights
PASSING_S = 1.6  # a pan passes the middle then, so that the picture lies about its path
SWAY_TURN = 0.035  # radians to which a camera sways that nobody moves
SWAY_PAN = 0.02  # the same, half-heights
SWAY_SCALE = 0.012  # the same, share of the scale
SHAKE_PAN = 0.013  # half-heights at shake 1
SHAKE_TURN = 0.007  # radians at shake 1
KICK_SHAKE = 0.7  # how much more a hand shakes under a kick
KICK_PUSH = 0.024  # log scale that the camera leans into a full kick
KICK_EASE_S = 0.035
TENSION_PUSH = 0.10  # log scale by which the camera has closed in when a drop comes
DROP_PULL = 0.07  # log scale by which it is thrown back there
DROP_EASE_S = 0.10
CLOSENESS_POWER = 0.4  # how far a near or wide lens itself enlarges the picture
THROW = 901  # first of the seed's throws that are the camera's


def plan_camera(
    seed: int, wishes: Wishes, *, time: Column, song: dict[str, Column], fps: float, calm: bool
) -> dict[str, Column]:
    """Scale, turn and pan of every frame.

    Args:
        seed: The shot's own: which way the camera goes, and how it sways.
        wishes: What the words ask.
        time: Seconds since the shot's own start, shape (frames,).
        song: The drive's rows, shape (frames,) each.
        fps: Frames a second.
        calm: Whether the song may only nudge the camera.
    """
    way = 1.0 if dice(seed, THROW) < 0.5 else -1.0
    at = [2 * math.pi * dice(seed, THROW + 1 + k) for k in range(10)]
    ridden = time + _waves(time, (0.45, 0.5, at[6]), (0.16, 1.3, at[7])) - _start(at)
    passing = ridden - PASSING_S
    shake = wishes.shake * (1.0 + KICK_SHAKE * smoothed(song["kick"], 0.05 * fps))
    sway = wishes.sway
    closer = _soft(wishes.push * PUSH_PER_S * ridden, PUSH_SPAN)
    closer = closer + _thrown(wishes, song, fps, calm=calm)
    closer = closer + CLOSENESS_POWER * math.log(wishes.closeness)
    return {
        "scale": _exp(-closer) * (1.0 + SWAY_SCALE * sway * _waves(time, (1.0, 0.41, at[1]))),
        "turn": SWAY_TURN * sway * _waves(time, (1.0, 0.29, at[0]), (0.3, 0.83, at[5]))
        + way * wishes.turn * TURN_PER_S * ridden
        + SHAKE_TURN * shake * _hand(time, at[8], at[2]),
        "pan_x": way * _soft(wishes.pan * PAN_PER_S * passing, PAN_SPAN)
        + SWAY_PAN * sway * _waves(time, (1.0, 0.37, at[9]))
        + SHAKE_PAN * shake * _hand(time, at[2], at[3]),
        "pan_y": -_soft(wishes.rise * RISE_PER_S * passing, PAN_SPAN)
        + SWAY_PAN * sway * _waves(time, (0.6, 0.53, at[8]))
        + SHAKE_PAN * shake * _hand(time, at[4], at[5]),
    }


def _thrown(wishes: Wishes, song: dict[str, Column], fps: float, *, calm: bool) -> Column:
    """What the song does to the camera: in on a kick, closer with tension, back at a drop."""
    kick = KICK_PUSH * wishes.lean * smoothed(song["kick"], KICK_EASE_S * fps)
    gentle, ease_s = (0.3, 0.6) if calm else (1.0, DROP_EASE_S)
    tension = smoothed(song["tension"] * song["tension"], ease_s * fps)
    drop = smoothed(song["drop"], ease_s * fps)
    thrown: Column = kick + gentle * (TENSION_PUSH * tension - DROP_PULL * drop)
    return thrown


def _start(at: list[float]) -> float:
    """What the breathing of the speed adds at the shot's own start."""
    return 0.45 * math.sin(at[6]) + 0.16 * math.sin(at[7])


def _waves(time: Column, *waves: tuple[float, float, float]) -> Column:
    """Sum of sines: size, radians a second, radians at the start."""
    return np.array([sum(a * math.sin(w * t + p) for a, w, p in waves) for t in time])


def _hand(time: Column, a: float, b: float) -> Column:
    """A hand's unrest: slow weight, breath, a heart's tremble; they wax and wane."""
    held = _waves(time, (1.0, 2.3, a), (0.6, 4.7, b), (0.28, 9.1, a + b), (0.1, 21.0, a - b))
    return held * (0.8 + 0.35 * _waves(time, (1.0, 0.9, b)))


def _soft(way: Column, span: float) -> Column:
    """The way itself at first, never farther than the span."""
    return np.array([span * math.tanh(w / span) for w in way])


def _exp(column: Column) -> Column:
    return np.array([math.exp(v) for v in column])
