"""What a film is made from: the recipe, its time line, the clips and the song's curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recipe_schema.artifacts import ClipTraits
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from tasks.assembly.lut import Lut
from tasks.assembly.timeline import Timeline

FloatArray = NDArray[np.float32]

CURVE_RATE_HZ = 100.0
"""Samples a second of every curve, as `SongAnalysis.curves` stores them."""


@dataclass(frozen=True)
class ClipFile:
    """A rendered clip on disk."""

    path: Path
    sha256: str
    start_frame: int
    """Film frame that the clip's frame 0 stands for."""
    traits: ClipTraits | None = None
    """What it looks like; none leaves its exposure and colours as they are, crops in the middle."""


@dataclass(frozen=True)
class FilmJob:
    """Everything that the pictures of a film depend on; travels to worker processes."""

    recipe: Recipe
    timeline: Timeline
    clips: Mapping[str, ClipFile]
    """By shot id."""
    curves: Mapping[str, FloatArray]
    """By name (energy, bass, mids, highs, …), 0..1 at `CURVE_RATE_HZ` from the film's start."""
    beats: tuple[float, ...]
    """Seconds from the film's start."""
    downbeats: tuple[float, ...]
    film: FilmFormat
    font: Path | None = None
    """Type of all that is written; songfilm's own if empty."""
    lut: Lut | None = None
    """Laid over the look."""
