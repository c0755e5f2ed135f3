"""The song's curves and its portrait as one file: npz, curves at 100 Hz.

A portrait is what a picture of the song needs beside the curves. Who only wants the curves does
not read it.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recipe_schema.analysis import Excerpt
from tasks.media.whole_file import whole_file

FloatArray = npt.NDArray[np.float32]

CURVE_RATE_HZ = 100
PORTRAIT_CHROMA_RATE_HZ = 10
_PORTRAIT = "portrait-"


@dataclass(frozen=True, eq=False)
class Portrait:
    """How a song looks, in whole numbers that take little room.

    Attributes:
        peaks: Lowest and highest sample of each hundredth of a second, full scale +-127; int8,
            shape (points, 2).
        level: Root mean square of each hundredth, full scale 255; uint8, shape (points,).
        chroma: Pitch classes from C to B, the strongest of an instant 255; uint8, shape
            (points, 12) at PORTRAIT_CHROMA_RATE_HZ.
    """

    peaks: npt.NDArray[np.int8]
    level: npt.NDArray[np.uint8]
    chroma: npt.NDArray[np.uint8]


def write_curves(
    path: Path, curves: Mapping[str, FloatArray], portrait: Portrait | None = None
) -> None:
    """Write curves so that equal curves give equal bytes.

    Raises:
        NoSpaceError: The disk is full.
    """
    buffer = io.BytesIO()
    ordered: dict[str, Any] = {name: curves[name] for name in sorted(curves)}
    if portrait is not None:
        ordered |= {f"{_PORTRAIT}{name}": array for name, array in vars(portrait).items()}
    np.savez_compressed(buffer, **ordered)
    with whole_file(path) as part:
        part.write_bytes(buffer.getvalue())


def read_curves(path: Path, excerpt: Excerpt | None = None) -> dict[str, FloatArray]:
    """Read curves, counted from the excerpt's start when there is one.

    Returns:
        Name -> float32 array, shape (round(seconds * 100),).
    """
    with np.load(path, allow_pickle=False) as archive:
        names = [name for name in archive.files if not name.startswith(_PORTRAIT)]
        curves = {name: archive[name].astype(np.float32) for name in names}
    if excerpt is None:
        return curves
    span = _span(excerpt, CURVE_RATE_HZ)
    return {name: curve[span] for name, curve in curves.items()}


def read_portrait(path: Path, excerpt: Excerpt | None = None) -> Portrait | None:
    """Read the portrait beside the curves, counted as they are; None in files of older songfilms.

    Args:
        path: The curves' file.
        excerpt: Part of the song; the whole when empty.
    """
    with np.load(path, allow_pickle=False) as archive:
        if f"{_PORTRAIT}peaks" not in archive.files:
            return None
        peaks, level, chroma = (
            archive[f"{_PORTRAIT}{name}"] for name in ("peaks", "level", "chroma")
        )
    if excerpt is not None:
        span = _span(excerpt, CURVE_RATE_HZ)
        peaks, level = peaks[span], level[span]
        chroma = chroma[_span(excerpt, PORTRAIT_CHROMA_RATE_HZ)]
    return Portrait(peaks, level, chroma)


def _span(excerpt: Excerpt, rate_hz: int) -> slice:
    first = round(excerpt.start * rate_hz)
    return slice(first, first + round(excerpt.length * rate_hz))
