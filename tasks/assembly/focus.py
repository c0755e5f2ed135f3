"""Where in a clip it happens, so that a crop to another shape keeps it.

What moves against the picture as a whole, and what stands out from its surroundings, is laid over
all pictures of the clip; its centre of gravity is where it happens. Where that is a gap, the
liveliest window as wide as an upright crop is taken instead, so that two subjects do not pull a
crop between them. A clip that is busy everywhere, or all around, stays in the middle. Whole
numbers throughout, so that any machine finds the same place.
Source: a plain form of motion and centre-surround saliency (L. Itti, C. Koch, E. Niebur, A model
of saliency-based visual attention, IEEE PAMI 20(11), 1998).
"""

import numpy as np
from numpy.typing import NDArray

UInt8Array = NDArray[np.uint8]
Int64Array = NDArray[np.int64]

# The window: an upright crop (9:16) of a wide clip (16:9) keeps this share of its width.
WINDOW = 0.32
# The place that was found is taken this far from the middle: a crop that hugs the rim looks wrong.
FOLLOWED = 0.85
# A window that holds less than this share more than the middle one is no reason to leave it; from
# the second share on it is followed fully.
UNSURE, SURE = 0.04, 0.12
# Background, and not subject: the calmest pixels (share of all), and whatever is not this much
# livelier than the picture's mean (eighths): noise and even texture are not.
_BACKGROUND, _LIVELY_EIGHTHS = 0.7, 10
# A surrounding is this share of the picture's width, to each side.
_SURROUND = 0.12
# Around a centre, this share of the side is looked at to find a better one, so many times.
_AROUND, _STEPS = 0.6, 4
# A place is a gap where the liveliest window holds more than so many times as much.
_GAP = 3
# Shares of all that is lively by which something stands out: not at all, and beyond doubt.
_STANDS_OUT = (0.02, 0.06)
# Pixels to each side over which what stands out is averaged: noise is no subject.
_SPECK = 2
_SCALE = 1 << 12


def find_focus(pictures: UInt8Array) -> tuple[float, float]:
    """Find where a clip's subject is, for as long as the clip lasts.

    Args:
        pictures: Small lumas in order of time, shape (pictures, height, width); 64 pixels across
            are enough. One picture is judged without motion.

    Returns:
        Share of the width and of the height, each 0..1 and rounded to thousandths; 0.5, 0.5 when
        nothing stands out.
    """
    lumas = pictures.astype(np.int64)
    strength = _evened(_motion(lumas)) + _evened(_contrast(lumas))
    salient = _foreground(_mean(strength, _SPECK))
    seen = _ramp(int(salient.sum()) / max(int(strength.sum()), 1), *_STANDS_OUT)
    return _place(salient.sum(axis=0), seen), _place(salient.sum(axis=1), seen)


def _motion(lumas: Int64Array) -> Int64Array:
    """Change of each pixel over the clip, less what changes everywhere (flashes, fades)."""
    change: Int64Array = np.diff(lumas, axis=0)
    if len(change) == 0:
        return np.zeros(lumas.shape[1:], np.int64)
    common = np.sort(change.reshape(len(change), -1), axis=1)[:, change[0].size // 2]
    moved: Int64Array = np.abs(change - common[:, None, None]).sum(axis=0)
    return moved


def _contrast(lumas: Int64Array) -> Int64Array:
    """How far each pixel is from the mean of its surroundings, summed over the clip."""
    reach = max(1, round(lumas.shape[2] * _SURROUND))
    told = np.zeros(lumas.shape[1:], np.int64)
    for luma in lumas:
        told += np.abs(luma - _mean(luma, reach))
    return told


def _mean(luma: Int64Array, reach: int) -> Int64Array:
    """Mean of the box around each pixel; the rim is repeated outwards."""
    side = 2 * reach + 1
    total = np.pad(luma, reach, mode="edge")
    for axis in (0, 1):
        sums = np.cumsum(total, axis=axis)
        before = np.zeros_like(np.take(sums, [0], axis=axis))
        sums = np.concatenate([before, sums], axis=axis)
        length = sums.shape[axis] - side
        upper = np.take(sums, range(side, side + length), axis=axis)
        total = upper - np.take(sums, range(length), axis=axis)
    return total // (side * side)


def _evened(strength: Int64Array) -> Int64Array:
    """Brought to one mean, so that neither measure outweighs the other."""
    return strength * _SCALE * strength.size // max(int(strength.sum()), 1)


def _foreground(strength: Int64Array) -> Int64Array:
    """What stands out from the background."""
    ranked = np.sort(strength, axis=None)
    lively = int(ranked.sum()) * _LIVELY_EIGHTHS // (8 * ranked.size)
    floor = max(int(ranked[int(ranked.size * _BACKGROUND)]), lively)
    above: Int64Array = np.maximum(strength - floor, 0)
    return above


def _place(profile: Int64Array, seen: float) -> float:
    """Where along one side it happens, damped towards the middle."""
    size, total = profile.size, int(profile.sum())
    width = max(1, round(size * WINDOW))
    if total == 0 or size <= width:
        return 0.5
    sums = np.concatenate([[0], np.cumsum(profile)])
    held = sums[width:] - sums[:-width]
    middle = (size - width) // 2
    centre = _settled(profile)
    at = min(max(round(centre - width / 2), 0), size - width)
    if int(held[at]) * _GAP < int(held.max()):
        at = min(np.flatnonzero(held == held.max()).tolist(), key=lambda k: abs(k - middle))
        centre = _centre(profile, at, at + width)
    gain = (int(held[at]) - int(held[middle])) / total
    trust = seen * _ramp(gain, UNSURE, SURE)
    return round(0.5 + (centre / size - 0.5) * FOLLOWED * trust, 3)


def _ramp(value: float, none: float, full: float) -> float:
    """0 up to one bound, 1 from the other on."""
    return min(max((value - none) / (full - none), 0.0), 1.0)


def _settled(profile: Int64Array) -> float:
    """Centre of what stands out, then of what of it lies around that, until it stays."""
    size = profile.size
    centre = _centre(profile, 0, size)
    for _ in range(_STEPS):
        first = max(0, round(centre - size * _AROUND / 2))
        last = min(size, round(centre + size * _AROUND / 2))
        if int(profile[first:last].sum()) > 0:
            centre = _centre(profile, first, last)
    return centre


def _centre(profile: Int64Array, first: int, last: int) -> float:
    """Centre of gravity of a part of a profile that is not empty, in its units."""
    part = profile[first:last]
    return first + int((part * np.arange(part.size)).sum()) / int(part.sum()) + 0.5
