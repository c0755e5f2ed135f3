"""A finished film's best picture, and its time line for an editing program."""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from recipe_schema.artifacts import Clip, Export
from recipe_schema.farm import Production
from recipe_schema.vocabulary import ExportKind
from tasks.assembly.editors import write_edit
from tasks.assembly.enlargement import enlargement_note
from tasks.assembly.job import FilmJob
from tasks.assembly.poster import judge_frames, poster_frames, write_poster
from tasks.assembly.task.export import Desk, open_desk
from tasks.errors import BadInputError
from tasks.media import workers
from tasks.media.progress import report
from tasks.media.whole_file import whole_file
from tasks.storage.store import file_sha256

# Letters of a digest in the name of a file that is laid beside an edit.
_LETTERS = 8


@task(name="export-poster", cache_policy=NO_CACHE)
def export_poster(
    asked: Production, clips: tuple[Clip, ...], *, film_run: str, out: str | None
) -> Export:
    """Write the picture that stands for a film.

    Args:
        asked: The film in the poster's size, and the run that makes it.
        clips: One a shot.
        film_run: Run that made the film.
        out: Path of the poster; kept in the store when empty.
    """
    with open_desk(asked, clips, kind=ExportKind.POSTER, out=out) as desk:
        frame = _best_frame(desk.film)
        workers.run(write_poster, desk.film, frame, desk.out)
        return Export(
            kind=ExportKind.POSTER,
            film_run=film_run,
            size=desk.out.stat().st_size,
            path=desk.keep(film_run),
            width_px=desk.film.film.width_px,
            height_px=desk.film.film.height_px,
            start=float(frame / desk.film.timeline.fps),
            warnings=enlargement_note(clips, desk.film.film),
        )


@task(name="export-edit", cache_policy=NO_CACHE)
def export_edit(asked: Production, clips: tuple[Clip, ...], *, film_run: str, out: str) -> Export:
    """Write a film's time line for an editing program, its clips and its song beside it.

    Args:
        asked: The film, and the run that makes the edit.
        clips: One a shot.
        film_run: Run that made the film.
        out: Path of the edit.
    """
    assert asked.analysis is not None
    with (
        open_desk(asked, clips, kind=ExportKind.EDIT, out=out) as desk,
        _clips_folder(desk.out) as folder,
    ):
        files, song = _lay_clips(desk, folder)
        warnings = write_edit(
            desk.out,
            recipe=asked.recipe,
            timeline=desk.film.timeline,
            clips=files,
            song=song,
            analysis=asked.analysis,
            film=asked.film,
        )
        return Export(
            kind=ExportKind.EDIT,
            film_run=film_run,
            size=desk.out.stat().st_size,
            path=out,
            frames=desk.film.timeline.frames,
            fps=asked.film.fps,
            duration=asked.analysis.duration,
            warnings=warnings,
        )


def _best_frame(job: FilmJob) -> int:
    """Judge frames on all cores; the first of the best."""
    frames, cores = poster_frames(job), workers.pool_size()
    shares = [frames[core::cores] for core in range(min(cores, len(frames)))]
    report("stills", 0, len(frames))
    scores: dict[int, float] = {}
    with ThreadPoolExecutor(len(shares)) as threads:
        judged = threads.map(partial(_judge, job), shares)
        for share, (found, _) in zip(shares, judged, strict=True):
            scores |= dict(zip(share, found, strict=True))
            report("stills", len(scores), len(frames))
    return min(scores, key=lambda frame: (-scores[frame], frame))


def _judge(job: FilmJob, frames: Sequence[int]) -> tuple[tuple[float, ...], float]:
    return workers.run(judge_frames, job, frames)


@contextlib.contextmanager
def _clips_folder(out: Path) -> Iterator[Path]:
    """A folder beside the edit; what was laid there is gone again when the edit fails.

    Raises:
        BadInputError: A file of that name is there.
    """
    folder = out.with_name(f"{out.stem}.clips")
    new = not folder.exists()
    if not new and not folder.is_dir():
        raise BadInputError(f"{folder} is a file, and the edit's clips go there; move it away")
    before = set() if new else set(folder.iterdir())
    folder.mkdir(exist_ok=True)
    try:
        yield folder
    except BaseException:
        for laid in set(folder.iterdir()) - before:
            laid.unlink()
        if new:
            folder.rmdir()
        raise


def _lay_clips(desk: Desk, folder: Path) -> tuple[dict[str, Path], Path]:
    """Copy clips and song beside the edit, so that it can be taken along.

    Their names hold the digest of what they are: an older edit beside this one keeps its own.

    Raises:
        BadInputError: Something else lies under one of these names.
    """
    clips, heard = desk.film.clips, desk.analysis.song
    files = {shot: folder / f"{shot}-{clip.sha256[:_LETTERS]}.mp4" for shot, clip in clips.items()}
    song = folder / f"song-{heard.sha256[:_LETTERS]}{Path(heard.name).suffix.lower()}"
    copies = {files[shot]: (clip.path, clip.sha256) for shot, clip in clips.items()}
    copies[song] = (desk.song(), heard.sha256)
    there = {target for target in copies if target.exists()}
    for target in sorted(there):
        if not target.is_file() or file_sha256(target) != copies[target][1]:
            raise BadInputError(
                f"{target} is not what the edit lays there; move it away, or name another edit"
            )
    for done, (target, (source, _)) in enumerate(copies.items()):
        report("copies", done, len(copies))
        if target not in there:
            with whole_file(target) as part:
                shutil.copyfile(source, part)
    report("copies", len(copies), len(copies))
    return files, song
