"""What a renderer is, what it is asked for, and how one is found by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from recipe_schema.artifacts import RendererLimits
from recipe_schema.recipe import Shot, VisualStyle
from tasks.errors import BadInputError

FloatArray = NDArray[np.float32]
Progress = Callable[[int, int], None]

RENDERERS: dict[str, str] = {
    "procedural": "tasks.rendering.backends.procedural.renderer:ProceduralRenderer",
}
ENTRY_POINT_GROUP = "songfilm.renderers"  # where other packages announce theirs


@dataclass(frozen=True, eq=False)
class Drive:
    """The song, resampled to the clip's frames: arrays of shape (frames,), 0..1.

    Attributes:
        energy: Loudness as it is felt.
        bass: Level of the bass where stems are known, else of the low band.
        mids: Level of the middle band.
        highs: Level of the high band.
        voice: Level of the singing where stems are known, else of the middle band.
        beat: Pulses, 1 on a beat, falling to nothing before the next.
        downbeat: Pulses on the first beat of every bar.
        kick: Pulses as strong as the hits that were heard in the low band, only those of the drums
            where stems are known.
        hats: Short pulses as strong as the hits that were heard in the high band.
        tension: Rises to 1 while the song builds up to a drop.
        drop: 1 where a drop begins, 0.6 where a chorus does, gone after some seconds.
        place: Share of the song that has passed.
    """

    energy: FloatArray
    bass: FloatArray
    mids: FloatArray
    highs: FloatArray
    voice: FloatArray
    beat: FloatArray
    downbeat: FloatArray
    kick: FloatArray
    hats: FloatArray
    tension: FloatArray
    drop: FloatArray
    place: FloatArray


@dataclass(frozen=True, eq=False)
class RenderRequest:
    """Everything that shapes a clip's pixels."""

    shot: Shot
    style: VisualStyle
    width_px: int
    height_px: int
    fps: Fraction
    frames: int
    start_s: float  # song time of frame 0; slightly negative when a handle reaches before the song
    seed: int
    drive: Drive | None = None

    @property
    def lead_frames(self) -> int:
        """Frames of the clip before the shot's own start: the handle of its transition in."""
        return round((self.shot.timestamp - self.start_s) * float(self.fps))


@dataclass(frozen=True)
class Told:
    """What a person should know of a clip that was made.

    Attributes:
        warnings: What is not as it should be.
        fallback: What stood in for what was asked, and why; its film is a degraded one.
    """

    warnings: tuple[str, ...] = ()
    fallback: str | None = None


class Renderer(Protocol):
    """Makes clips from shots."""

    name: str
    quality_class: str

    def limits(self) -> RendererLimits:
        """What the renderer can make."""
        ...

    def version(self, request: RenderRequest) -> str:
        """A word that changes whenever the code behind the pixels of this request does."""
        ...

    def reads(self, request: RenderRequest) -> Mapping[str, JsonValue]:
        """What of the request shapes pixels, beside size, rate, length and seed.

        `tasks.rendering.reading` has what painters and prompted models read. A clip is used again
        wherever these values are equal: leave nothing out that is read, name nothing that is not.
        """
        ...

    def render(self, request: RenderRequest, path: Path, *, progress: Progress) -> Told:
        """Write the clip, and say what a person should know of it."""
        ...


def load_renderer(name: str) -> Renderer:
    """Find a renderer among ours and those that other packages announce.

    Raises:
        BadInputError: Nobody offers a renderer of that name.
    """
    if name in RENDERERS:
        module, _, attribute = RENDERERS[name].partition(":")
        return cast(Renderer, getattr(import_module(module), attribute)())
    announced = _announced()
    if name not in announced:
        known = ", ".join(known_renderers())
        raise BadInputError(f"renderer {name!r} is unknown; choose one of {known}")
    return cast(Renderer, announced[name].load()())


def known_renderers() -> tuple[str, ...]:
    """Names of our renderers and of those that other packages announce."""
    return tuple(sorted({*RENDERERS, *_announced()}))


@lru_cache(maxsize=1)  # reading what is installed takes milliseconds, and a shot asks thrice
def _announced() -> dict[str, EntryPoint]:
    """Renderers of other packages."""
    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
