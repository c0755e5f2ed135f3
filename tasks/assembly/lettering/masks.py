"""Letters and shade as small 8-bit masks, the same bytes on every machine.

A mask has two layers, laid over the picture in one pass: shade in a dark colour, letters in a
light one. The shade is made of the letters' own blurred shapes: a close one that gives them an
edge, a wide one that takes the picture back around them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tasks.assembly.kernels import UInt8Array
from tasks.assembly.lettering.accents import draw_marked
from tasks.assembly.lettering.fonts import Typeface, clusters
from tasks.assembly.lettering.joined import LARGER, draw_joined

# Deviation of the noise that keeps a wide shade from banding, steps of the mask.
_NOISE = 0.5
_NOISE_SEED = 7


class Run(NamedTuple):
    """One line of letters on a canvas."""

    text: str
    x: float
    """Left end, pixels."""
    y: float
    """Base line, pixels."""
    size_px: int
    tracking: float
    """Ems."""
    level: int = 255
    """How light it is."""


class Shade(NamedTuple):
    """How dark it gets around letters; amounts 0..1, reaches in pixels."""

    near: float
    near_px: float
    wide: float
    wide_px: float


class Cover(NamedTuple):
    """How much of each pixel of a rectangle is covered, for luma and at half the size."""

    x: int
    """Even pixels right of the caption's corner."""
    y: int
    full: UInt8Array
    """Shape (height, width), both even."""
    half: UInt8Array


@dataclass(frozen=True)
class Mask:
    """A caption's shade, and its letters over that."""

    shade: Cover
    letters: Cover

    @cached_property
    def digest(self) -> str:
        """Names the bytes."""
        told = hashlib.sha256()
        for x, y, full, _ in (self.shade, self.letters):
            told.update(repr((x, y, full.shape)).encode())
            told.update(full.tobytes())
        return told.hexdigest()


def cover_of(layer: UInt8Array) -> Cover:
    """The part of a layer that is not empty; sides and corner stay even."""
    rows, columns = np.flatnonzero(layer.any(axis=1)), np.flatnonzero(layer.any(axis=0))
    if not len(rows):
        return Cover(0, 0, np.zeros((0, 0), np.uint8), np.zeros((0, 0), np.uint8))
    y, x = (int(places[0]) // 2 * 2 for places in (rows, columns))
    bottom, right = (-(-(int(places[-1]) + 1) // 2) * 2 for places in (rows, columns))
    full = np.ascontiguousarray(layer[y:bottom, x:right])
    return Cover(x, y, full, _halved(full))


def draw_runs(runs: Sequence[Run], *, face: Typeface, width: int, height: int) -> UInt8Array:
    """Draw lines of letters on a canvas; positions may be fractions of a pixel."""
    canvas = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(canvas)
    for run in runs:
        font = face.at(run.size_px)
        places = face.advances(run.text, tracking=run.tracking)
        for letter, place in zip(clusters(run.text), places, strict=False):
            x, y = round(run.x + place * run.size_px, 2), round(run.y, 2)
            if face.is_marked(letter):
                picture, left, down = draw_marked(font, letter)
                canvas.paste(run.level, (round(x - left), round(y - down)), picture)
            elif face.is_joined(letter):
                picture, left, down = draw_joined(face.at(LARGER * run.size_px), letter)
                canvas.paste(run.level, (round(x - left), round(y - down)), picture)
            elif not letter.isspace():
                pen.text((x, y), letter, fill=run.level, font=font, anchor="ls")
    return np.array(canvas, np.uint8)


def soften(letters: UInt8Array, radius_px: float) -> UInt8Array:
    """Letters out of focus."""
    if radius_px <= 0.0:
        return letters
    blurred = Image.fromarray(letters).filter(ImageFilter.GaussianBlur(radius_px))
    return np.array(blurred, np.uint8)


def shade_of(letters: UInt8Array, shade: Shade) -> UInt8Array:
    """The shade around letters."""
    near = _thickened(letters, shade.near_px) * shade.near
    wide = _thickened(letters, shade.wide_px) * shade.wide
    return _quantised(1.0 - (1.0 - near) * (1.0 - wide))


def with_pool(
    shade: UInt8Array, *, depth: float, middle: tuple[float, float], radii: tuple[float, float]
) -> UInt8Array:
    """Let a soft pool of dark lie under the shade: full in the middle, nothing at its rim.

    Args:
        shade: Shape (height, width).
        depth: Darkness in the middle, 0..1.
        middle: Where that is, pixels from the left and from the top.
        radii: From there to the rim, pixels across and down.
    """
    height, width = shade.shape
    across = (np.arange(width) + 0.5 - middle[0]) / radii[0]
    down = (np.arange(height) + 0.5 - middle[1]) / radii[1]
    t = np.clip(1.0 - np.sqrt(down[:, None] ** 2 + across[None, :] ** 2), 0.0, 1.0)
    pool = depth * t * t * (3.0 - 2.0 * t)
    return _quantised(1.0 - (1.0 - shade / 255.0) * (1.0 - pool))


def with_bed(
    shade: UInt8Array, *, depth: float, edges: tuple[float, float, float, float], rim_px: float
) -> UInt8Array:
    """Let an even bed of dark lie under the shade, soft at its rim.

    Args:
        shade: Shape (height, width).
        depth: Darkness of the bed, 0..1.
        edges: Left, top, right, bottom inside which it is even, pixels.
        rim_px: From there to where nothing of it is left.
    """
    height, width = shade.shape
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    across = np.maximum(np.maximum(edges[0] - x, x - edges[2]), 0.0) / rim_px
    down = np.maximum(np.maximum(edges[1] - y, y - edges[3]), 0.0) / rim_px
    t = np.clip(1.0 - np.sqrt(down[:, None] ** 2 + across[None, :] ** 2), 0.0, 1.0)
    bed = depth * t * t * (3.0 - 2.0 * t)
    return _quantised(1.0 - (1.0 - shade / 255.0) * (1.0 - bed))


def embolden(letters: UInt8Array, radius_px: float) -> UInt8Array:
    """Letters with stems that are a little wider."""
    wider = 1.8 * soften(letters, radius_px).astype(np.float64)
    return np.asarray(np.floor(np.clip(wider, letters, 255.0) + 0.5), np.uint8)


def _thickened(letters: UInt8Array, radius_px: float) -> np.ndarray:
    """Blurred letters, made fuller, 0..1."""
    blurred = soften(letters, max(radius_px, 0.5)).astype(np.float64) / 255.0
    return np.asarray(np.minimum(1.0, 2.2 * blurred))


def _quantised(values: np.ndarray) -> UInt8Array:
    """Shares as bytes, with noise where a gradient would show steps; what is 0 stays 0."""
    noise = np.random.default_rng(_NOISE_SEED).integers(-128, 129, values.shape) / 256.0
    scaled = np.where(values > 0.0, values * 255.0 + 2.0 * _NOISE * noise, 0.0)
    return np.asarray(np.clip(np.floor(scaled + 0.5), 0, 255), np.uint8)


def _halved(mask: UInt8Array) -> UInt8Array:
    h, w = mask.shape
    total = mask.reshape(h // 2, 2, w // 2, 2).astype(np.uint16).sum(axis=(1, 3))
    return np.asarray((total + 2) // 4, np.uint8)
