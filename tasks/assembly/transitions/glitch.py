"""Glitch: the signal tears; bands slip, colours part, blocks of the other picture break in.

Parameters: tears a transition, share of foreign bands, greatest height of a band (of the
picture's), share of cells that are broken. All grow towards the cut and are gone at either end.
"""

from numba import njit

from tasks.assembly.kernels import FAST, I32, F, FloatArray, hash_unit
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan, ease
from tasks.assembly.transitions.kernels import shift_bands

# The tear holds for a few frames and then jumps: so many different tears in a transition.
TEARS = 9
# Part of the bands that show the other picture just before and just after the cut.
_FOREIGN = 0.3
_BAND = 0.22
_BLOCKS = 0.10


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Tear both pictures."""
    near = ease(1.0 - abs(2.0 * at.progress - 1.0))
    tear(before, after, canvas.out, at, amount=near)
    return canvas.out


def tear(
    before: FloatArray, after: FloatArray, out: FloatArray, at: TransitionPlan, *, amount: float
) -> None:
    """Write torn pictures: `amount` 0 gives the one on this side of the cut whole."""
    seed = (at.seed + int(at.progress * TEARS) * 7919) % 2147483647
    share = _FOREIGN * amount if at.progress < 0.5 else 1.0 - _FOREIGN * amount
    band_px = max(4, round(_BAND * out.shape[1]))
    shift_bands(out, before, after, seed, F(amount), F(share), band_px)
    own, other = (before, after) if at.progress < 0.5 else (after, before)
    cell_px = max(4, out.shape[1] // 30)
    _break_in(out, own, other, seed, F(_BLOCKS * amount), cell_px)


@njit(**FAST)
def _break_in(
    out: FloatArray, own: FloatArray, other: FloatArray, seed: int, share: float, cell_px: int
) -> None:
    """Fill runs of cells with a displaced piece of the other picture or an over-driven own one."""
    channels, h, w = out.shape
    for row in range((h + cell_px - 1) // cell_px):
        # A whole run is decided at its first cell: blocks are wider than high, as macroblocks.
        cell = 0
        while cell * cell_px < w:
            run = 1 + I32(hash_unit(row, cell, seed + 3) * F(7))
            if hash_unit(row, cell, seed) < share:
                foreign = hash_unit(row, cell, seed + 1) < F(0.6)
                source = other if foreign else own
                by = I32((hash_unit(row, cell, seed + 2) - F(0.5)) * F(w) * F(0.2))
                drive = F(1.0) if foreign else F(1.6)
                x0, x1 = cell * cell_px, min((cell + run) * cell_px, w)
                for y in range(row * cell_px, min((row + 1) * cell_px, h)):
                    for c in range(channels):
                        for x in range(x0, x1):
                            value = source[c, y, (x + by) % w]
                            out[c, y, x] = F(min(F(value * drive), F(1)))
            cell += run
