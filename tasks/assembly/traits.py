"""Measures what a clip looks like: light, contrast, colour, and where in it things happen.

The numbers follow from the clip's pixels alone. A few small pictures, evenly spread, are enough.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recipe_schema.artifacts import ClipTraits
from tasks.assembly import focus, oklab
from tasks.assembly.clip_errors import LEAST_PX
from tasks.assembly.focus import find_focus
from tasks.assembly.oklab import Float64Array
from tasks.media.ffmpeg import BadMediaError
from tasks.media.frames import ClipReader, Planes, UInt8Array
from tasks.media.picture_code import READING_CODE

# One picture in so many is looked at, within bounds: enough for motion and for fades, few enough to
# cost nothing.
_EVERY, _FEWEST, _MOST = 15, 6, 24
# Pixels across a picture that is looked at, about.
_ACROSS = 64
_LEVELS = 16
# Black and white are what this share of the pixels lies beyond.
_EXTREME = 0.01
_DIGITS = 4


def _version() -> str:
    """Digest of the code behind the numbers."""
    own = [Path(file) for file in (__file__, focus.__file__, oklab.__file__)]
    files = [*own, *READING_CODE]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


TRAITS_VERSION = _version()


def measure_traits(path: Path) -> ClipTraits:
    """Measure a clip.

    Args:
        path: Video file.

    Raises:
        BadMediaError: Not a readable video, one that breaks off, or one too small for a film.
    """
    small: list[Planes] = []
    luma: list[UInt8Array] = []
    reader = ClipReader(path)
    if min(reader.width_px, reader.height_px) < LEAST_PX:
        reader.close()
        raise BadMediaError(
            f"{path.name}: {reader.width_px}x{reader.height_px} pixels are too few; "
            f"at least {LEAST_PX} either way are needed"
        )
    for planes in _pictures(reader):
        small.append(_shrunk(planes))
        luma.append(_sparse(planes[0]))
    y, u, v = (np.stack(plane) for plane in zip(*small, strict=True))
    lab = _oklab(y, u, v)
    # A tiny clip's few pixels stand for several each.
    levels = np.repeat(np.sort(lab[:, 0]), -(-_LEVELS // len(lab)))
    ends = np.quantile(np.concatenate(luma), (_EXTREME, 1.0 - _EXTREME))
    black, white = oklab.lightness_of(np.clip((ends - 16.0) / 219.0, 0.0, 1.0))
    focus_x, focus_y = find_focus(y)
    numbers = {
        "lightness": lab[:, 0].mean(),
        "contrast": lab[:, 0].std(),
        "black": black,
        "white": white,
        "chroma_a": lab[:, 1].mean(),
        "chroma_b": lab[:, 2].mean(),
        "colourfulness": np.sqrt((lab[:, 1:] ** 2).sum(axis=1).mean()),
    }
    return ClipTraits(
        **{name: _rounded(value) for name, value in numbers.items()},
        levels=tuple(_rounded(part.mean()) for part in np.array_split(levels, _LEVELS)),
        focus_x=focus_x,
        focus_y=focus_y,
        warnings=reader.told,
    )


def _pictures(reader: ClipReader) -> Iterator[Planes]:
    """Planes of some pictures of a clip, evenly spread."""
    try:
        step = _EVERY * -(-reader.frames // (_EVERY * _MOST))
        step = max(1, min(step, reader.frames // _FEWEST))
        for index in range(0, reader.frames, step):
            yield reader.frame(index)
    finally:
        reader.close()


def _shrunk(planes: Planes) -> Planes:
    """Block means of a picture; all three planes come out at one size."""
    height, width = planes[1].shape
    block = max(1, min(round(width / _ACROSS), height))
    return (
        _block_means(planes[0], 2 * block),
        _block_means(planes[1], block),
        _block_means(planes[2], block),
    )


def _block_means(plane: UInt8Array, block: int) -> UInt8Array:
    height, width = (max(size // block, 1) for size in plane.shape)
    cut = plane[: height * block, : width * block]
    if cut.shape != (height * block, width * block):  # a plane of odd size, one block across
        lacking = [(0, height * block - cut.shape[0]), (0, width * block - cut.shape[1])]
        cut = np.pad(cut, lacking, "edge")
    sums = cut.reshape(height, block, width, block).sum(axis=(1, 3), dtype=np.int64)
    return np.asarray((2 * sums + block * block) // (2 * block * block), np.uint8)


def _sparse(luma: UInt8Array) -> UInt8Array:
    """Single pixels, evenly spread: means know no black and no white."""
    step = max(1, round(luma.shape[1] / (2 * _ACROSS)))
    return luma[::step, ::step].ravel()


def _oklab(y: UInt8Array, u: UInt8Array, v: UInt8Array) -> Float64Array:
    """OKLab of codes, shape (pixels, 3)."""
    luma = (y.ravel().astype(np.float64) - 16.0) / 219.0
    pair = (np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float64) - 128.0) / 224.0
    return oklab.rgb_to_oklab(np.clip(oklab.differences_to_rgb(luma, pair), 0.0, 1.0))


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)
