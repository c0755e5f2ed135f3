"""The output pass: packed pictures to the encoder's planes, with the frame's own treatment."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.assembly.conform import flat
from tasks.assembly.frame_plan import OutputPlan
from tasks.assembly.geometry import (
    Affine,
    View,
    affine,
    block_steps,
    chroma_steps,
    luma_steps,
    plain_steps,
)
from tasks.assembly.kernels import Int8Array, Int32Array, UInt8Array, UInt16Array, UInt32Array
from tasks.assembly.kernels_output import (
    BLOCK_SAMPLES,
    GAIN_BITS,
    NOISE_ROWS,
    darken_lines,
    fill_blocks,
    sample_chroma,
    sample_luma,
)

_UNIT = 1 << GAIN_BITS
# Half a code value of noise either way, so that gradients do not band; in the kernels' scale.
_DITHER = round(0.5 * (1 << 19) / 127)
# Deviation of full grain in white, code values, and its share in black.
_GRAIN, _GRAIN_IN_BLACK = 7.0, 0.3
# Deviation of the grain tile's values.
_TILE_DEVIATION = 42.0
# Frames start at another column of the noise, up to this.
_NOISE_SHIFT = 256
# Dark lines are two pixels of four at 1080 lines; never one of two, which no scaling survives.
_LINES_PER_HEIGHT = 270
# The vignette's share at the middle of a side, and how much of it comes late, near the edge.
_VIGNETTE, _LATE = 0.36, 0.4
# A smaller mosaic is not seen as one.
_LEAST_BLOCK = 4
_NOISE_SEED = 20240607
# Code values of black, and of no colour.
_BLACK, _GREY = 16, 128


Gains = NDArray[np.float64]


class Packed(NamedTuple):
    """A picture as pairs, see `tasks.assembly.kernels_planes`."""

    y: UInt16Array
    chroma: UInt32Array
    doubled: bool
    """Whether y has twice the size of the chroma."""

    @property
    def quads(self) -> UInt32Array:
        """Every pair of y with the one to its right: a view whose elements overlap."""
        return np.ndarray((self.y.size - 1,), np.uint32, self.y, strides=(2,))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of y."""
        height, row = self.y.shape
        return height, row - 1


class OutputPass:
    """Samples packed pictures to one film size."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self.dither, self._grain = _noise_tiles(width + _NOISE_SHIFT + 16)
        across = (np.arange(width) - 0.5 * (width - 1)) / (0.5 * width)
        down = (np.arange(height) - 0.5 * (height - 1)) / (0.5 * height)
        self._across, self._down = _edge(across), _edge(down)
        period = max(4, 2 * round(height / _LINES_PER_HEIGHT / 2))
        self._dark = np.arange(height) % period >= period // 2

    def paint(
        self,
        plan: OutputPlan,
        packed: Packed,
        planes: tuple[UInt8Array, UInt8Array, UInt8Array],
        *,
        frame: int,
    ) -> None:
        """Write one frame's planes."""
        view = View(
            zoom=plan.zoom,
            rotation=plan.rotation,
            shift_x=plan.shift_x * self._height,
            shift_y=plan.shift_y * self._height,
            reach=plan.reach * self._height,
        )
        source = (packed.chroma.shape[1] - 1, packed.chroma.shape[0])
        at = affine(view, film=(self._width, self._height), source=source)
        columns = 1.0 - plan.vignette * self._across
        rows = plan.gain * (1.0 - plan.vignette * self._down)
        lines = np.where(self._dark, 1.0 - plan.lines, 1.0)
        block = round(plan.block * self._height / 2) * 2
        turn = _turn(plan.hue)
        if block >= _LEAST_BLOCK:
            self._paint_blocks(at, packed, planes, columns, rows, turn, block)
            if plan.lines > 0.0:
                stride = planes[0].strides[0]
                darken_lines(flat(planes[0]), stride, _gains(lines), self._width)
        else:
            grit, tile = self._grit(plan, frame)
            self._paint_pixels(at, packed, planes, columns, (rows, lines), turn, grit, tile)

    def _paint_pixels(
        self,
        at: Affine,
        packed: Packed,
        planes: tuple[UInt8Array, UInt8Array, UInt8Array],
        columns: Gains,
        rows_and_lines: tuple[Gains, Gains],
        turn: Int32Array,
        grit: Int32Array,
        tile: Int8Array,
    ) -> None:
        y, u, v = (flat(plane) for plane in planes)
        rows, lines = rows_and_lines
        sample_luma(
            y,
            planes[0].strides[0],
            packed.quads,
            packed.size,
            luma_steps(at, doubled=packed.doubled),
            _gains(columns),
            _gains(rows * lines),
            tile,
            grit,
        )
        sample_chroma(
            u,
            v,
            planes[1].strides[0],
            packed.chroma,
            chroma_steps(at),
            _gains(columns[::2]),
            _gains(rows[::2]),
            turn,
            self.dither,
            grit,
        )

    def _paint_blocks(
        self,
        at: Affine,
        packed: Packed,
        planes: tuple[UInt8Array, UInt8Array, UInt8Array],
        columns: Gains,
        rows: Gains,
        turn: Int32Array,
        block: int,
    ) -> None:
        """A mosaic, whose corners meet in the picture's middle; it hides grain and noise."""
        # Even starts, so that a chroma block lies under its luma block.
        start = (self._width // 4 * 2 % block - block, self._height // 4 * 2 % block - block)
        across = _sample_places(start[0], block, self._width)
        down = _sample_places(start[1], block, self._height)
        moved = block_steps(at, block=block, start=start, samples=BLOCK_SAMPLES)
        column_gains, row_gains = _gains(columns[across]), _gains(rows[down])
        small = np.empty((3, len(down), len(across)), np.uint8)
        y, u, v = (plane.reshape(-1) for plane in small)
        grit, width = np.zeros(4, np.int32), len(across)
        noise = np.zeros((NOISE_ROWS, width + 16), np.int8)
        steps = luma_steps(moved, doubled=packed.doubled)
        sample_luma(
            y, width, packed.quads, packed.size, steps, column_gains, row_gains, noise, grit
        )
        sample_chroma(
            u,
            v,
            width,
            packed.chroma,
            plain_steps(moved),
            column_gains,
            row_gains,
            turn,
            noise,
            grit,
        )
        _mix_light(small)
        for part, plane, share in zip(small, planes, (1, 2, 2), strict=True):
            fill_blocks(
                flat(plane),
                plane.strides[0],
                self._width // share,
                self._height // share,
                part,
                block // share,
                (start[0] // share, start[1] // share),
            )

    def _grit(self, plan: OutputPlan, frame: int) -> tuple[Int32Array, Int8Array]:
        """Where a frame's noise starts and how strong it is, and the tile that it is of."""
        row, column = (frame * 97) % NOISE_ROWS, (frame * 151) % _NOISE_SHIFT
        if plan.grain <= 0.0:
            return np.array([row, column, _DITHER, 0], np.int32), self.dither
        white = plan.grain * _GRAIN / _TILE_DEVIATION * (1 << 19)
        floor = max(_GRAIN_IN_BLACK * white, _DITHER)
        # The kernel's slope is per 1/128 code value, times 256.
        slope = (white - floor) * 256 / (219 * 128)
        return np.array([row, column, round(floor), round(slope)], np.int32), self._grain


def _edge(at: np.ndarray) -> np.ndarray:
    """What the vignette takes at -1..1 from the middle."""
    squared = at * at
    return np.asarray(_VIGNETTE * squared * (1.0 - _LATE + _LATE * squared))


def _sample_places(start: int, block: int, length: int) -> NDArray[np.intp]:
    """Pixel under each sample of a row of blocks, held inside the picture."""
    count = -(-(length - start) // block) * BLOCK_SAMPLES
    places = start + (np.arange(count) * 2 + 1) * block // (2 * BLOCK_SAMPLES)
    return np.clip(places, 0, length - 1)


def _mix_light(samples: UInt8Array) -> None:
    """Give every sample of a block the block's mean light, in place; y, u, v of shape (3, h, w).

    It is squares of luma that are averaged, and chroma weighs as much as its luma: a bright
    strand colours its block as it would the eye, and nothing greys out.
    """
    side = BLOCK_SAMPLES
    blocks = samples.reshape(3, samples.shape[1] // side, side, -1, side)
    luma = blocks[0].astype(np.int64) - _BLACK
    light = np.sqrt(np.mean(luma * luma, axis=(1, 3)))
    weight = np.maximum(light, 1.0)
    for plane in blocks[1:]:
        colour = np.mean((plane.astype(np.int64) - _GREY) * luma, axis=(1, 3)) / weight
        plane[:] = np.round(_GREY + colour)[:, None, :, None]
    blocks[0][:] = np.round(_BLACK + light)[:, None, :, None]


def _gains(values: np.ndarray) -> Int32Array:
    return np.asarray(np.floor(values * _UNIT + 0.5), np.int32)


def _turn(hue: float) -> Int32Array:
    cos, sin = math.cos(hue), math.sin(hue)
    return _gains(np.array([cos, -sin, sin, cos]))


def _noise_tiles(width: int) -> tuple[Int8Array, Int8Array]:
    """Even noise for dither, and soft two-pixel noise for grain."""
    rng = np.random.default_rng(_NOISE_SEED)
    even = rng.integers(-127, 128, (NOISE_ROWS, width), dtype=np.int8)
    wide = rng.integers(-127, 128, (NOISE_ROWS, width), dtype=np.int16)
    soft = wide + np.roll(wide, 1, 0) + np.roll(wide, 1, 1) + np.roll(wide, (1, 1), (0, 1))
    grain = np.clip(soft * 2 // 7, -127, 127)
    return even, np.ascontiguousarray(grain, np.int8)
