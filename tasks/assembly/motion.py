"""Pictures between two pictures of a clip: a mix of both, or both moved along the motion.

Motion is found block by block on a pyramid of luma, symmetrically about the middle between two
pictures, and made smooth; one motion field serves all pictures between the two. Where the two
moved pictures disagree (something comes into view, or chaos), and where motion explains little,
the plain mix takes over; across a cut it is the nearer picture, never a ghost of both.

Source: symmetric block search on a pyramid with candidates of the neighbours, after G. de Haan et
    al., True-motion estimation with 3-D recursive search block matching, IEEE Trans. CSVT 3(5),
    1993; the median of moved and unmoved pictures, after O. Ojo and G. de Haan, Robust
    motion-compensated video upconversion, IEEE Trans. Consumer Electronics 43(4), 1997.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from recipe_schema.vocabulary import Retime
from tasks.assembly.kernels import Int32Array, UInt8Array, UInt32Array
from tasks.assembly.kernels_between import blend_planes, move_planes, pack_quads
from tasks.assembly.kernels_difference import WIDE
from tasks.assembly.kernels_motion import (
    BLOCK,
    PER_VALUE,
    WEIGHT,
    halve_luma,
    mean_difference,
    refine_full,
    search_all,
    search_near,
    smooth_vectors,
    trust_blocks,
)
from tasks.media.frames import Planes

# The search begins where the picture has fewer rows than twice this, and reaches so many pixels
# there: about 64 of a picture of 480 rows, a twelfth of its width.
_LEAST_ROWS, _REACH = 45, 8
# Cost of a pixel that a vector lies off what it began from: an eighth of a code value.
_SLOPE = 8
# A vector is trusted where it leaves a mean difference up to 8 code values, not above 24; and
# where it leaves less than 9/16 of what stays without motion, not above 13/16; 3 code values are
# noise, in which a mix shows no ghost. On procedural clips of seven themes these give the most of
# what motion can gain without losing to the mix anywhere.
_TRUST = (8 * PER_VALUE, 24 * PER_VALUE, 9, 13, 3 * PER_VALUE)
# Two pictures differ by so many code values across a cut, with and without motion. Between cuts of
# procedural clips and within them at 10 pictures a second: 35 and 8.8 at least, 32 and 2 at most.
_CUT, _CUT_MOVED = 24 * PER_VALUE, 7 * PER_VALUE
# The same where motion is not looked for.
_CUT_PLAIN = 34
# Brightness that jumps is taken for motion: up to 4 code values from picture to picture matter not,
# from 7 on (a flash) the mix shows it best.
_STEADY, _FLASH = 4, 7
# Where so little of all that moves (5 code values) is followed, what is followed is chance: falling
# glyphs that change reach a quarter, orderly themes nearly a half and more; of `WEIGHT`.
_MOVING, _CHAOS, _ORDER = 5 * PER_VALUE, 64, 115


class Picture:
    """A picture of a clip, and what motion search needs of it, worked out when asked for."""

    def __init__(self, planes: Planes) -> None:
        self.planes = tuple(np.ascontiguousarray(plane) for plane in planes)

    @cached_property
    def levels(self) -> list[UInt8Array]:
        """Luma, halved again and again."""
        levels = [self.planes[0]]
        while len(levels) < 2 or levels[-1].shape[0] >= 2 * _LEAST_ROWS:
            height, width = levels[-1].shape
            levels.append(np.empty((height // 2, width // 2), np.uint8))
            halve_luma(levels[-1], levels[-2])
        return levels

    @cached_property
    def quads(self) -> list[UInt32Array]:
        """All planes, each pixel with its neighbours."""
        packed = [np.empty(plane.shape, np.uint32) for plane in self.planes]
        for out, plane in zip(packed, self.planes, strict=True):
            pack_quads(out, plane)
        return packed


class Motion(NamedTuple):
    """How a clip moves from one picture to the next."""

    field: Int32Array
    """Vector of each block in eighths of a pixel, shape (rows, columns, 2)."""
    trust: Int32Array
    """Weight of each block's vector, of `WEIGHT`."""
    cut: bool
    """Whether the two pictures have nothing to do with each other."""


def in_between(
    before: Picture, after: Picture, *, share: int, retime: Retime, motion: Motion | None = None
) -> Planes:
    """Make the picture between two pictures of a clip.

    Args:
        before: The earlier picture.
        after: The later one, of the same size.
        share: Time after the earlier one, of `WEIGHT`.
        retime: `blend` or `motion`.
        motion: From the one to the other, as `find_motion` tells.

    Returns:
        Planes y, u, v; the nearer picture itself across a cut.
    """
    cut = motion.cut if motion is not None else is_cut(before, after)
    if cut:
        y, u, v = (before if 2 * share < WEIGHT else after).planes
        return y, u, v
    made = [np.empty(plane.shape, np.uint8) for plane in before.planes]
    if retime is Retime.MOTION and motion is not None and motion.trust.any():
        sides = (BLOCK, BLOCK // 2, BLOCK // 2)
        for out, a, b, side in zip(made, before.quads, after.quads, sides, strict=True):
            move_planes(out, a, b, motion.field, motion.trust, share, side)
    else:
        for out, p, q in zip(made, before.planes, after.planes, strict=True):
            blend_planes(out, p, q, share)
    return made[0], made[1], made[2]


def is_cut(before: Picture, after: Picture) -> bool:
    """Whether two pictures differ as those on either side of a cut do."""
    return bool(mean_difference(before.levels[-1], after.levels[-1]) >= _CUT_PLAIN)


def can_move(height: int, width: int) -> bool:
    """Whether pictures are large enough for motion search."""
    return min(height, width) >= 4 * WIDE


def find_motion(before: Picture, after: Picture) -> Motion:
    """Find how each block of a picture moves until the next one.

    Args:
        before: The earlier picture, at least 64 pixels either way.
        after: The later one.
    """
    field = _coarse_field(before.levels, after.levels)
    exact, moved = np.empty_like(field), np.empty_like(field)
    errors = np.empty(field.shape[:2], np.int32)
    stills, trust = np.empty_like(errors), np.empty_like(errors)
    refine_full(exact, errors, stills, field, before.levels[0], after.levels[0])
    smooth_vectors(moved, exact)
    trust_blocks(trust, errors, stills, _TRUST)
    steady = _steadiness(before.levels[-1], after.levels[-1])
    trust = trust * min(steady, _order(trust, stills)) // WEIGHT
    blocks = errors.size
    cut = int(stills.sum()) >= _CUT * blocks and int(errors.sum()) >= _CUT_MOVED * blocks
    return Motion(moved, trust, cut)


def _steadiness(before: UInt8Array, after: UInt8Array) -> int:
    """How far motion may be believed for all that the brightness changes, of `WEIGHT`."""
    jump = abs(int(before.sum(dtype=np.int64)) - int(after.sum(dtype=np.int64)))
    left = max(_FLASH * before.size - jump, 0) * WEIGHT // ((_FLASH - _STEADY) * before.size)
    return min(left, WEIGHT)


def _order(trust: Int32Array, stills: Int32Array) -> int:
    """How far motion may be believed for what share of all that moves it explains, of `WEIGHT`."""
    moving = stills > _MOVING
    count = int(np.count_nonzero(moving))
    if count == 0:
        return WEIGHT
    followed = int(trust[moving].sum(dtype=np.int64)) // count
    return min(max(followed - _CHAOS, 0) * WEIGHT // (_ORDER - _CHAOS), WEIGHT)


def _coarse_field(before: list[UInt8Array], after: list[UInt8Array]) -> Int32Array:
    """Vectors at half the size, from the smallest picture of the pyramid up."""
    height, width = before[0].shape
    found: Int32Array | None = None
    for level in range(len(before) - 1, 0, -1):
        side = BLOCK << (level - 1)
        field = np.empty((-(-height // side), -(-width // side), 2), np.int32)
        if found is None:
            search_all(field, before[level], after[level], _REACH, _SLOPE)
        else:
            search_near(field, found, before[level], after[level], _SLOPE)
        found = np.empty_like(field)
        smooth_vectors(found, field)
    assert found is not None
    return found
