"""The song's curves as a file: npz of float32 arrays at 100 Hz."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recipe_schema.analysis import Excerpt
from tasks.media.whole_file import whole_file

FloatArray = npt.NDArray[np.float32]

CURVE_RATE_HZ = 100


def write_curves(path: Path, curves: Mapping[str, FloatArray]) -> None:
    """Write curves so that equal curves give equal bytes.

    Raises:
        NoSpaceError: The disk is full.
    """
    buffer = io.BytesIO()
    ordered: dict[str, Any] = {name: curves[name] for name in sorted(curves)}
    np.savez_compressed(buffer, **ordered)
    with whole_file(path) as part:
        part.write_bytes(buffer.getvalue())


def read_curves(path: Path, excerpt: Excerpt | None = None) -> dict[str, FloatArray]:
    """Read curves, counted from the excerpt's start when there is one.

    Returns:
        Name -> float32 array, shape (round(seconds * 100),).
    """
    with np.load(path, allow_pickle=False) as archive:
        curves = {name: archive[name].astype(np.float32) for name in archive.files}
    if excerpt is None:
        return curves
    first = round(excerpt.start * CURVE_RATE_HZ)
    last = first + round(excerpt.length * CURVE_RATE_HZ)
    return {name: curve[first:last] for name, curve in curves.items()}
