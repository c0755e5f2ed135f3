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
        warnings: What earlier stages had to tell; stand-ins, and what clips tell, are added.

    Returns:
        The manifest. A clip of similar words, which somebody has allowed, is told in the warnings
        but does not make the film a degraded one.
    """
    stand_ins = tuple(f"{clip.shot_id}: {clip.fallback}" for clip in clips if clip.fallback)
    degraded = any(clip.fallback and clip.near_of is None for clip in clips)
    others = dict.fromkeys(
        told for clip in clips for told in clip.warnings if told not in (clip.fallback or "")
    )
    return VideoManifest(
        run_id=run_id,
        status="degraded" if degraded else "complete",
        song=song,
        analysis=analysis,
        recipe=recipe,
        settings=settings,
        shots=tuple(_shot_record(clip) for clip in clips),
        segments=segments,
        output=output,
        warnings=(*warnings, *stand_ins, *others),
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
        saved_usd=clip.saved_usd,
        saved_s=clip.saved_s,
        near_of=clip.near_of,
    )
