"""A finished film in a store, as a run of the dashboard leaves it there."""

from pathlib import Path

from recipe_schema.artifacts import (
    ArtifactRef,
    AudioReport,
    CutReport,
    FilmOutput,
    SegmentRecord,
    ShotRecord,
    SyncReport,
    VideoManifest,
)
from recipe_schema.recipe import Recipe
from recipe_schema.versions import load_recipe
from recipe_schema.vocabulary import CutOn
from support.analyses import make_analysis
from tasks.storage.keys import film_key, manifest_key
from tasks.storage.store import ArtifactStore, keep_file, keep_model, to_json

PLANNED = Path(__file__).parents[2] / "recipe_schema" / "examples" / "planned.json"
# Bytes that stand for a film: every range of them is told from every other.
PICTURE = bytes(range(256)) * 40
REPORT = "<!doctype html><html><style>p{color:red}</style><p>report</p></html>"


def store_film(
    store: ArtifactStore,
    run_id: str,
    folder: Path,
    *,
    film: Path | None = None,
    stand_in: str | None = None,
    name: str = "demo-song",
) -> VideoManifest:
    """Keep a film with everything beside it.

    Args:
        store: Where.
        run_id: Its name there.
        folder: For files on their way.
        film: The film's own file; a few bytes stand for it when none is given.
        stand_in: Why the first shot is a stand-in, or None.
        name: The film's file name without its ending.
    """
    recipe = load_recipe(PLANNED.read_text())
    analysis = make_analysis()
    analysis = analysis.model_copy(
        update={"song": analysis.song.model_copy(update={"name": "demo song.wav"})}
    )
    path = film or _write(folder / "film.mp4", PICTURE)
    clip = keep_file(store, _write(folder / "clip.mp4", b"clip"), "video/mp4")
    song = keep_file(store, _write(folder / "song.wav", b"song"), "audio/unknown")
    manifest = VideoManifest(
        run_id=run_id,
        status="degraded" if stand_in else "complete",
        song=song,
        analysis=keep_model(store, analysis),
        recipe=keep_model(store, recipe),
        settings={},
        shots=_shots(recipe, clip, stand_in),
        segments=(
            SegmentRecord(key="1" * 64, start_frame=0, end_frame=60, file=clip, cache="miss"),
        ),
        output=_output(recipe, film_key(run_id, f"{name}.mp4"), path),
        warnings=(f"{recipe.shot_list[0].id}: {stand_in}",) if stand_in else (),
        versions={},
    )
    beside = {
        "sync_report.json": to_json(_sync(recipe)),
        "manifest.json": to_json(manifest),
        "recipe.json": to_json(recipe),
        "report.html": REPORT,
    }
    for ending, text in beside.items():
        store.put_bytes(film_key(run_id, f"{name}.{ending}"), text.encode())
    store.put_file(film_key(run_id, f"{name}.mp4"), path)
    store.put_bytes(manifest_key(run_id), to_json(manifest).encode())
    return manifest


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _shots(recipe: Recipe, clip: ArtifactRef, stand_in: str | None) -> tuple[ShotRecord, ...]:
    return tuple(
        ShotRecord(
            id=shot.id,
            fingerprint="2" * 64,
            clip=clip,
            renderer="procedural",
            quality_class="procedural",
            cache="hit" if number % 3 == 2 else "miss",
            fallback=stand_in if number == 0 else None,
        )
        for number, shot in enumerate(recipe.shot_list)
    )


def _output(recipe: Recipe, key: str, path: Path) -> FilmOutput:
    return FilmOutput(
        path=key,
        sha256="3" * 64,
        size=path.stat().st_size,
        width_px=1920,
        height_px=1080,
        fps="60/1",
        frames=round(recipe.metadata.duration * 60),
        duration=recipe.metadata.duration,
        video_codec="h264",
        pixel_format="yuv420p",
        audio_codec="aac",
    )


def _sync(recipe: Recipe) -> SyncReport:
    cut = CutReport(
        shot_id="shot_001", frame=60, time=1.0, beat_time=1.0, error_ms=0.4, cut_on=CutOn.BEAT
    )
    audio = AudioReport(
        mode="encoded", source_pcm_sha256="4" * 64, output_pcm_sha256="5" * 64, lag_samples=0
    )
    return SyncReport(
        fps="60/1",
        frames=60,
        expected_frames=60,
        duration=recipe.metadata.duration,
        cuts=(cut,),
        max_error_ms=0.4,
        median_error_ms=0.2,
        audio=audio,
        av_offset_ms=(0.0, 0.0, 0.0),
    )
