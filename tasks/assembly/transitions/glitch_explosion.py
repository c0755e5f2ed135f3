"""Glitch explosion: the signal breaks down ever faster, and on the cut it bursts.

Parameters: how long (share of the burst) and how deep (1 is a whole glitch) it trembles after.
"""

from tasks.assembly.kernels import F, FloatArray
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan, ease
from tasks.assembly.transitions.explosion import burst
from tasks.assembly.transitions.glitch import tear
from tasks.assembly.transitions.kernels import shift_bands

# After the cut the signal trembles for this part of the burst.
_TREMBLE = 0.5
_TREMBLE_DEPTH = 0.5


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Tear before the cut, burst after it."""
    if at.progress < 0.5:
        amount = (2.0 * at.progress) ** 1.5
        tear(before, after, canvas.out, at, amount=amount)
        return canvas.out
    part = 2.0 * at.progress - 1.0
    shown = burst(after, canvas, part, bright=at.bright)
    left = _TREMBLE_DEPTH * ease(1.0 - part / _TREMBLE)
    if left <= 0.0:
        return shown
    target = canvas.spare
    seed = (at.seed + int(part * 24) * 7919) % 2147483647
    shift_bands(target, shown, shown, seed, F(left), F(0), max(4, shown.shape[1] // 6))
    return target
