"""The film's manifest: what was asked, what was made of it, and what stood in for what."""

import importlib.metadata
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pydantic import JsonValue

from recipe_schema.artifacts import (
    ArtifactRef,
    Clip,
    FilmOutput,
    SegmentRecord,
    ShotRecord,
    StageRecord,
    VideoManifest,
)
from recipe_schema.savings import savings_of

# Before the names of what was heard in the song, among a manifest's versions.
HEARD = "heard "
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
    walls: Mapping[str, float] = MappingProxyType({}),
    output: FilmOutput,
    warnings: tuple[str, ...],
    listeners: Mapping[str, str],
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
        walls: Seconds of each stage by the clock on the wall, as far as they are known.
        output: The film as probed.
        warnings: What earlier stages had to tell; stand-ins, and what clips tell, are added.
        listeners: Who heard what in the song, with versions: `beats`, and `stems` if any.

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
        stages=_stages(clips, segments, walls),
        output=output,
        warnings=(*warnings, *stand_ins, *others),
        versions={
            **{name: importlib.metadata.version(name) for name in _VERSIONED},
            **{f"{HEARD}{part}": listener for part, listener in listeners.items()},
        },
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


def _stages(
    clips: Sequence[Clip], segments: Sequence[SegmentRecord], walls: Mapping[str, float]
) -> tuple[StageRecord, ...]:
    """What each stage took, in the order of a film."""
    spared = savings_of(clips)
    made = [piece.seconds for piece in segments if piece.cache == "miss"]
    render = StageRecord(
        name="render",
        wall_s=walls.get("render"),
        machine_s=sum(clip.seconds for clip in clips),
        cost=sum(clip.cost for clip in clips),
        pieces=len(clips),
        reused=spared.hits,
        saved_s=spared.seconds,
        saved_usd=spared.usd,
    )
    compose = StageRecord(
        name="compose",
        wall_s=walls.get("compose"),
        machine_s=sum(made),
        pieces=len(segments),
        reused=len(segments) - len(made),
        saved_s=sum(piece.seconds for piece in segments) - sum(made),
    )
    return (
        StageRecord(name="analysis", wall_s=walls.get("analysis")),
        StageRecord(name="plan", wall_s=walls.get("plan")),
        render,
        compose,
        StageRecord(name="join", wall_s=walls.get("join")),
    )
