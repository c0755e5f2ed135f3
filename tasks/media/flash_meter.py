"""Counts the flashes of a film, for photosensitive eyes.

A flash is a pair of opposing changes of relative luminance by a tenth of white or more, the
darker side below 0.80; or a pair of changes to or from saturated red. It counts where it covers a
quarter of the picture, and more than three within any second are too many. The places of that
quarter need not flash in step: bright rings or beams that sweep over it five times a second count
as five, as their flicker does where they pass.

Source: WCAG 2.2, success criterion 2.3.1 and its definition of general and red flash
thresholds; Rec. ITU-R BT.1702-3.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tasks.media.light_grid import LightCurve

IntArray = NDArray[np.int32]

FLASHES_A_SECOND = 3
"""More than these within any second are too many."""
# In 255ths. Red beyond green and blue changes by 20 of 320; red is saturated from 0.8 of all light.
_CHANGE, _DARKER = 25, 204
_RED_CHANGE, _SATURATED = 16, 204
# A mean that changes by so much has changed over a quarter of the picture at least, also where
# what flashes moves from place to place.
_MEAN_CHANGE = 64
# One of so many parts of the picture is enough.
_PARTS = 4
# Changes within a second above this are all the same.
_MOST = 120


class Flashing(NamedTuple):
    """A stretch of a film that flashes too often."""

    start_frame: int
    end_frame: int
    """One past its last."""
    flashes: int
    """The most within any second of it; one that has begun counts."""
    red: bool
    """Whether saturated red comes and goes, rather than light."""


def find_flashing(curve: LightCurve, *, fps: float) -> tuple[Flashing, ...]:
    """Find where a film flashes more than three times within a second.

    Args:
        curve: As `LightMeter` measures it.
        fps: Frames a second.

    Returns:
        Stretches in order; those less than a second apart are one.
    """
    found = []
    for red in (False, True):
        counts = count_flashes(curve, fps=fps, red=red)
        for start, end in _stretches(counts > FLASHES_A_SECOND, gap=fps):
            found.append(Flashing(start, end, int(counts[start:end].max()), red))
    return tuple(sorted(found))


def count_flashes(curve: LightCurve, *, fps: float, red: bool = False) -> IntArray:
    """Count how often the picture flashes within the second around each frame.

    Args:
        curve: As `LightMeter` measures it.
        fps: Frames a second.
        red: Count those of saturated red.

    Returns:
        For every frame the most flashes within any one second that spans it and that a quarter of
        the picture has at once; shape (frames,).
    """
    frames, _, rows, columns = curve.shape
    cells = np.ascontiguousarray(curve.reshape(frames, 3, rows * columns).transpose(1, 2, 0))
    changes = np.zeros((_MOST + 1, frames), np.int32)
    if red:
        for values, shares in zip(cells[1], cells[2], strict=True):
            _count(changes, values, shares, fps, _RED_CHANGE, 256, 1)
    else:
        always = np.full(frames, 255, np.uint8)
        for values in cells[0]:
            _count(changes, values, always, fps, _CHANGE, _DARKER, 1)
        mean = np.round(cells[0].mean(axis=0)).astype(np.uint8)
        _count(changes, mean, always, fps, _MEAN_CHANGE, _DARKER, cells.shape[1])
    area = np.cumsum(changes[::-1], axis=0)[::-1]
    enough = _PARTS * area[1:] >= cells.shape[1]
    most = np.asarray(enough.sum(axis=0), np.int32)
    return np.where(most > 1, (most + 1) // 2, 0).astype(np.int32)


def _stretches(marked: NDArray[np.bool_], *, gap: float) -> Sequence[tuple[int, int]]:
    """Half-open spans of marked frames, those nearer than a gap joined."""
    spans: list[tuple[int, int]] = []
    for frame in np.flatnonzero(marked).tolist():
        if spans and frame - spans[-1][1] < gap:
            spans[-1] = (spans[-1][0], frame + 1)
        else:
            spans.append((frame, frame + 1))
    return spans


@njit(boundscheck=False, error_model="numpy", nogil=True, cache=True)
def _count(changes, values, shares, fps, least, dark, weight):  # type: ignore[no-untyped-def]
    """Add a cell to every frame, at the number of changes within a second that spans the frame."""
    frames = values.shape[0]
    if frames == 0:
        return
    at = np.empty(frames, np.int32)
    marks = np.zeros(frames, np.int32)
    known, first = 0, 0
    low = high = int(values[0])
    low_red = high_red = shares[0] >= _SATURATED
    way = 0
    for n in range(frames):
        value, saturated = int(values[n]), shares[n] >= _SATURATED
        if value < low:
            low, low_red = value, saturated
        if value > high:
            high, high_red = value, saturated
        up = way <= 0 and value - low >= least and low < dark and (saturated or low_red)
        down = way >= 0 and high - value >= least and value < dark and (saturated or high_red)
        if not (up or down):
            continue
        way = 1 if up else -1
        low = high = value
        low_red = high_red = saturated
        at[known] = n
        known += 1
        while n - at[first] >= fps:
            first += 1
        within = min(known - first, _MOST)
        for m in range(at[first], n + 1):
            marks[m] = max(marks[m], within)
    for n in range(frames):
        changes[marks[n], n] += weight
