"""The last step: segments and song become the film, with its proof and its side files."""

import logging
from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import (
    ArtifactRef,
    Clip,
    FilmOutput,
    SegmentRecord,
    SyncReport,
    VideoManifest,
)
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from recipe_schema.versions import dump, load_recipe
from tasks.assembly import FilmResult, assemble
from tasks.assembly.beside import SIDE_FILES
from tasks.assembly.captions import Captions
from tasks.assembly.clip_lengths import check_lengths
from tasks.assembly.enlargement import enlargement_note
from tasks.assembly.job import FilmJob
from tasks.assembly.manifest import write_manifest
from tasks.assembly.report import film_poster, storyboard_stills, title_of_film, write_report
from tasks.assembly.segments import Segment
from tasks.assembly.task.films import film_suffix
from tasks.assembly.task.looks import told_of_clips
from tasks.assembly.task.segments import film_job, told_of_flashes
from tasks.assembly.task.words_beside import lay_lyrics_beside, lyrics_track
from tasks.media.curves import read_curves, read_portrait
from tasks.media.progress import report
from tasks.media.stages import stage, take_walls
from tasks.media.whole_file import set_aside
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import blob_key, file_name, film_key, manifest_key
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import (
    ArtifactStore,
    keep_model,
    to_json,
    write_whole,
)

log = logging.getLogger(__name__)


@task(name="assemble-video", cache_policy=NO_CACHE)
def assemble_video(
    recipe: Recipe,
    *,
    analysis: SongAnalysis,
    clips: tuple[Clip, ...],
    segments: tuple[SegmentRecord, ...],
    film: FilmFormat,
    out: str | None,
    store: str | None,
    run_id: str,
    settings: dict[str, JsonValue],
    warnings: tuple[str, ...] = (),
) -> tuple[VideoManifest, SyncReport]:
    """Join the segments with the song, and write the side files.

    Args:
        recipe: The plan that the clips follow.
        analysis: The song's beats and curves.
        clips: One a shot.
        segments: All pieces of the picture, as `compose_segments` made them.
        film: Size, rate, quality and audio of the film.
        out: Path of the film; empty: it is kept in the store, under the run's name.
        store: Address of the artifact store.
        run_id: Name of this film in the store.
        settings: What the run was asked for, for the manifest.
        warnings: What earlier stages had to tell.

    Returns:
        What made the film, and the proof of its cuts.
    """
    artifacts = open_store(store)
    with scratch_folder(Settings().scratch_path) as folder:
        path = Path(out) if out else folder / f"{file_name(analysis.song.name)}{film_suffix(film)}"
        report("join", 0, 1)
        job = film_job(recipe, analysis, (), film, artifacts, folder)
        song_ref = song_ref_of(analysis, artifacts)
        with stage("join", run=run_id):
            files = [artifacts.local_file(segment.file, folder) for segment in segments]
            result = assemble(
                job,
                song=artifacts.local_file(song_ref, folder),
                segments=files,
                out=path,
                excerpt=analysis.excerpt,
                work=folder,
                duration_s=analysis.duration,
                subtitles=lyrics_track(recipe, folder),
            )
        kept = _keep_edits(path.with_name(f"{path.stem}.recipe.json"), recipe)
        kept += lay_lyrics_beside(path, recipe, run_id=run_id, artifacts=artifacts, whole=not out)
        output = result.output if out else in_store(result, run_id)
        manifest = write_manifest(
            run_id=run_id,
            song=song_ref,
            analysis=keep_model(artifacts, analysis),
            recipe=keep_model(artifacts, recipe),
            settings=settings,
            clips=clips,
            segments=segments,
            walls=take_walls(run_id),
            output=output,
            warnings=(
                *warnings,
                *check_lengths(clips, job.timeline, film),
                *enlargement_note(clips, film),
                *told_of_clips(clips, artifacts),
                *told_of_flashes(job, segments, artifacts),
                *kept,
                *result.warnings,
            ),
            listeners=analysis.backends,
        )
        poster = film_poster(path, words=_with_words(job))
        _lay_beside(
            path,
            manifest,
            result.sync,
            job,
            files,
            title=title_of_film(recipe, song=analysis.song.name),
            poster=poster,
            portrait=song_picture(analysis, artifacts, folder),
        )
        keep_film(path, run_id, artifacts, poster=poster, whole=not out)
        artifacts.put_bytes(manifest_key(run_id), to_json(manifest).encode())
    report("join", 1, 1)
    return manifest, result.sync


def _lay_beside(
    path: Path,
    manifest: VideoManifest,
    sync: SyncReport,
    job: FilmJob,
    segments: Sequence[Path],
    *,
    title: str,
    poster: bytes,
    portrait: bytes,
) -> None:
    """Write the film's proof, its manifest and its report under its own name."""
    pieces = [
        (Segment(piece.start_frame, piece.end_frame, piece.key), file)
        for piece, file in zip(manifest.segments, segments, strict=True)
    ]
    stills = storyboard_stills(job.recipe, pieces, fps=float(job.film.rate))
    page = write_report(
        manifest,
        sync,
        job.recipe,
        title=title,
        curves=job.curves,
        stills=stills,
        poster=poster,
        portrait=portrait,
    )
    write_whole(path.with_name(f"{path.stem}.sync_report.json"), to_json(sync))
    write_whole(path.with_name(f"{path.stem}.manifest.json"), to_json(manifest))
    write_whole(path.with_name(f"{path.stem}.report.html"), page)


def song_picture(analysis: SongAnalysis, artifacts: ArtifactStore, folder: Path) -> bytes:
    """All that was heard in the song as one picture, a WebP."""
    # Takes half a second to load, which only who finishes a film pays.
    from tasks.media.portrait import draw_song, picture_bytes

    file = artifacts.local_file(analysis.curves, folder)
    curves = read_curves(file, analysis.excerpt)
    picture = draw_song(analysis, curves, read_portrait(file, analysis.excerpt))
    for note in picture.notes:
        log.warning("the report's picture of the song: %s", note)
    return picture_bytes(picture, "webp")


def _with_words(job: FilmJob) -> tuple[tuple[float, float], ...]:
    """Spans of the film with words over the picture, shares of its length."""
    frames = job.timeline.frames
    return tuple((start / frames, end / frames) for start, end in Captions(job).cards())


def in_store(result: FilmResult, run_id: str) -> FilmOutput:
    """The film as probed, named by its key in the store."""
    key = film_key(run_id, Path(result.output.path).name)
    return result.output.model_copy(update={"path": key})


def keep_film(
    path: Path,
    run_id: str,
    artifacts: ArtifactStore,
    *,
    poster: bytes,
    whole: bool,
    side_files: Sequence[str] = SIDE_FILES,
) -> None:
    """Keep what the film's page shows: its side files, and the film itself if it has no path."""
    beside = [path.with_name(f"{path.stem}.{name}") for name in side_files]
    kept = [file for file in beside if file.exists()]
    name = file_name(path.name)
    artifacts.put_bytes(film_key(run_id, f"{name}.poster.jpg"), poster)
    for file in [path, *kept] if whole else kept:
        artifacts.put_file(film_key(run_id, name + file.name[len(path.stem) :]), file, move=whole)


def _keep_edits(path: Path, recipe: Recipe) -> tuple[str, ...]:
    """Write the recipe beside the film; what a person wrote there is not lost.

    Returns:
        What was moved out of the way.
    """
    told: tuple[str, ...] = ()
    if path.exists():
        try:
            if load_recipe(path.read_text(encoding="utf-8")) == recipe:
                return ()
        except ValueError:
            log.info("%s is not a recipe of this version", path)
        told = (f"another recipe lay beside the film; it is now {set_aside(path).name}",)
    write_whole(path, dump(recipe))
    return told


def song_ref_of(analysis: SongAnalysis, artifacts: ArtifactStore) -> ArtifactRef:
    """The song's own file, as the analysis door stored it."""
    key = blob_key(analysis.song.sha256)
    size = artifacts.stat(key).size
    return ArtifactRef(key=key, sha256=analysis.song.sha256, size=size, media_type="audio/unknown")
