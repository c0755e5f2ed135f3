"""The output pass: packed pictures to the encoder's planes, with the frame's own treatment."""

import hashlib
import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.assembly.conform import flat
from tasks.assembly.effects.vignette import edge
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
from tasks.assembly.kernels_mosaic import BLOCK_SAMPLES, fill_blocks, mean_light
from tasks.assembly.kernels_output import (
    GAIN_BITS,
    NOISE_ROWS,
    darken_lines,
    edge_gains,
    sample_chroma,
    sample_luma,
)

_UNIT = 1 << GAIN_BITS
# Half a code value of noise either way, so that gradients do not band; in the kernels' scale.
_DITHER = round(0.5 * (1 << 19) / 127)
# Deviation of full grain in white, code values, and its share in black.
_GRAIN, _GRAIN_IN_BLACK = 4.5, 0.3
# Deviation of the grain tile's values.
_TILE_DEVIATION = 42.0
# Frames start at another column of the noise, up to this.
_NOISE_SHIFT = 256
# Dark lines are two pixels of four at 1080 lines; never one of two, which no scaling survives.
_LINES_PER_HEIGHT = 270
# A smaller mosaic is not seen as one.
_LEAST_BLOCK = 4
_NOISE_SEED = 20240607


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
        self._across, self._down = edge(across), edge(down)
        period = max(4, 2 * round(height / _LINES_PER_HEIGHT / 2))
        self._dark = np.asarray(np.arange(height) % period >= period // 2, np.float64)
        self._no_lines = np.zeros(width)

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
        block = round(plan.block * self._height / 2) * 2
        turn = _turn(plan.hue)
        if block >= _LEAST_BLOCK:
            self._paint_blocks(plan, at, packed, planes, turn, block)
        else:
            self._paint_pixels(plan, at, packed, planes, turn, frame)

    def _paint_pixels(
        self,
        plan: OutputPlan,
        at: Affine,
        packed: Packed,
        planes: tuple[UInt8Array, UInt8Array, UInt8Array],
        turn: Int32Array,
        frame: int,
    ) -> None:
        y, u, v = (flat(plane) for plane in planes)
        grit, tile = self._grit(plan, frame)
        columns = edge_gains(self._across, self._no_lines, (1.0, plan.vignette, 0.0))
        rows = edge_gains(self._down, self._dark, (plan.gain, plan.vignette, 0.0))
        lined = rows
        if plan.lines > 0.0:
            lined = edge_gains(self._down, self._dark, (plan.gain, plan.vignette, plan.lines))
        sample_luma(
            y,
            planes[0].strides[0],
            packed.quads,
            packed.size,
            luma_steps(at, doubled=packed.doubled),
            columns,
            lined,
            tile,
            grit,
        )
        sample_chroma(
            u,
            v,
            planes[1].strides[0],
            packed.chroma,
            chroma_steps(at),
            np.ascontiguousarray(columns[::2]),
            np.ascontiguousarray(rows[::2]),
            turn,
            self.dither,
            grit,
        )

    def _paint_blocks(
        self,
        plan: OutputPlan,
        at: Affine,
        packed: Packed,
        planes: tuple[UInt8Array, UInt8Array, UInt8Array],
        turn: Int32Array,
        block: int,
    ) -> None:
        """A mosaic, whose corners meet in the picture's middle; it hides grain and noise."""
        # Even starts, so that a chroma block lies under its luma block.
        start = (self._width // 4 * 2 % block - block, self._height // 4 * 2 % block - block)
        across = _sample_places(start[0], block, self._width)
        down = _sample_places(start[1], block, self._height)
        moved = block_steps(at, block=block, start=start, samples=BLOCK_SAMPLES)
        plain = np.zeros(max(len(across), len(down)))
        column_gains = edge_gains(self._across[across], plain, (1.0, plan.vignette, 0.0))
        row_gains = edge_gains(self._down[down], plain, (plan.gain, plan.vignette, 0.0))
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
        blocks = np.empty((3, len(down) // BLOCK_SAMPLES, width // BLOCK_SAMPLES), np.uint8)
        mean_light(blocks, small)
        for part, plane, share in zip(blocks, planes, (1, 2, 2), strict=True):
            fill_blocks(
                flat(plane),
                plane.strides[0],
                self._width // share,
                self._height // share,
                part,
                block // share,
                (start[0] // share, start[1] // share),
            )
        if plan.lines > 0.0:
            lines = edge_gains(np.zeros(self._height), self._dark, (1.0, 0.0, plan.lines))
            darken_lines(flat(planes[0]), planes[0].strides[0], lines, self._width)

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


def _sample_places(start: int, block: int, length: int) -> NDArray[np.intp]:
    """Pixel under each sample of a row of blocks, held inside the picture."""
    count = -(-(length - start) // block) * BLOCK_SAMPLES
    places = start + (np.arange(count) * 2 + 1) * block // (2 * BLOCK_SAMPLES)
    return np.clip(places, 0, length - 1)


def _gains(values: np.ndarray) -> Int32Array:
    return np.asarray(np.floor(values * _UNIT + 0.5), np.int32)


def _turn(hue: float) -> Int32Array:
    cos, sin = math.cos(hue), math.sin(hue)
    return _gains(np.array([cos, -sin, sin, cos]))


@cache
def noise_digest() -> str:
    """Digest of a piece of noise: NumPy may draw another one in another version."""
    return hashlib.sha256(b"".join(tile.tobytes() for tile in _noise_tiles(16))).hexdigest()[:16]


def _noise_tiles(width: int) -> tuple[Int8Array, Int8Array]:
    """Even noise for dither, and soft two-pixel noise for grain."""
    rng = np.random.default_rng(_NOISE_SEED)
    even = rng.integers(-127, 128, (NOISE_ROWS, width), dtype=np.int8)
    wide = rng.integers(-127, 128, (NOISE_ROWS, width), dtype=np.int16)
    soft = wide + np.roll(wide, 1, 0) + np.roll(wide, 1, 1) + np.roll(wide, (1, 1), (0, 1))
    grain = np.clip(soft * 2 // 7, -127, 127)
    return even, np.ascontiguousarray(grain, np.int8)
