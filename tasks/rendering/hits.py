"""Hits in a band: where its level jumps, and how hard."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.rendering.renderer import FloatArray

JUMP_S = 0.04  # a hit rises within this time
HARD_SHARE = 0.98  # of all jumps: a hit as hard as this counts 1
LEAST = 0.3  # of a hard hit: what is softer is no hit
QUIET = 0.04  # a band whose hard jumps are below this has no hits


class Hits(NamedTuple):
    """Times in seconds, rising, and strengths, 0..1; shape (hits,) each."""

    times: NDArray[np.float64]
    strengths: NDArray[np.float64]


def find_hits(curve: FloatArray | None, *, rate_hz: float, gap_s: float) -> Hits:
    """Find where the level of a band jumps.

    Args:
        curve: Level, 0..1; None when the band is not known.
        rate_hz: Values a second.
        gap_s: Hits nearer than this are one, the harder.
    """
    nothing = Hits(np.zeros(0), np.zeros(0))
    reach = max(round(JUMP_S * rate_hz), 1)
    if curve is None or len(curve) <= reach:
        return nothing
    level = curve.astype(np.float64)
    before = np.concatenate([np.full(reach, level[0]), level[:-reach]])
    jump = np.maximum(level - before, 0.0)
    rising = jump[jump > QUIET]
    if len(rising) == 0:
        return nothing
    hard = float(np.sort(rising)[int(HARD_SHARE * (len(rising) - 1))])
    strength = np.minimum(jump / hard, 1.0)
    peaks = np.flatnonzero(
        (strength >= LEAST)
        & (strength >= np.append(strength[1:], 0.0))
        & (strength > np.append(0.0, strength[:-1]))
    )
    kept: list[int] = []
    for peak in peaks:
        if not kept or peak - kept[-1] >= gap_s * rate_hz:
            kept.append(int(peak))
        elif strength[peak] > strength[kept[-1]]:
            kept[-1] = int(peak)
    at = np.array(kept, np.int64)
    front = np.maximum(at - reach // 2, 0)  # the jump is widest after the front has passed
    return Hits(front / rate_hz, strength[at])
