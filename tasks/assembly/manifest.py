"""The film's manifest: what was asked, what was made of it, and what stood in for what."""

import importlib.metadata
from collections.abc import Sequence

from pydantic import JsonValue

from recipe_schema.artifacts import (
    ArtifactRef,
    Clip,
    FilmOutput,
    SegmentRecord,
    ShotRecord,
    VideoManifest,
)

_VERSIONED = ("songfilm", "prefect", "numba", "av", "numpy")


def write_manifest(
    *,
    run_id: str,
    song: ArtifactRef,
    analysis: ArtifactRef,
    recipe: ArtifactRef,
    settings: dict[str, JsonValue],
    clips: Sequence[Clip],
    segments: tuple[SegmentRecord, ...],
    output: FilmOutput,
    warnings: tuple[str, ...],
) -> VideoManifest:
    """Put together everything that made one film.

    Args:
        run_id: Name of the film in the store.
        song: The song's own file.
        analysis: The analysis that cuts are held against.
        recipe: The plan as rendered.
        settings: What the run was asked for.
        clips: One a shot.
        segments: The pieces of the picture.
        output: The film as probed.
        warnings: What earlier stages had to tell; stand-ins are added.
    """
    stand_ins = tuple(f"{clip.shot_id}: {clip.fallback}" for clip in clips if clip.fallback)
    return VideoManifest(
        run_id=run_id,
        status="degraded" if stand_ins else "complete",
        song=song,
        analysis=analysis,
        recipe=recipe,
        settings=settings,
        shots=tuple(_shot_record(clip) for clip in clips),
        segments=segments,
        output=output,
        warnings=(*warnings, *stand_ins),
        versions={name: importlib.metadata.version(name) for name in _VERSIONED},
    )


def _shot_record(clip: Clip) -> ShotRecord:
    return ShotRecord(
        id=clip.shot_id,
        fingerprint=clip.fingerprint,
        clip=clip.file,
        renderer=clip.renderer,
        quality_class=clip.quality_class,
        cache=clip.cache,
        fallback=clip.fallback,
        seconds=clip.seconds,
        cost=clip.cost,
    )
