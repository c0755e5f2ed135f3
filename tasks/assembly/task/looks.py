"""What the grade needs to know: how each clip looks, measured once, and the film's LUT."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recipe_schema.artifacts import Clip, ClipTraits
from recipe_schema.assembly import Grading
from tasks.assembly.clip_errors import shots_named
from tasks.assembly.lut import Lut, read_cube
from tasks.assembly.task.dress import stored_file
from tasks.assembly.traits import TRAITS_VERSION, measure_traits
from tasks.media import workers
from tasks.storage.keys import traits_key
from tasks.storage.store import ArtifactStore, read_index, to_json


def clip_traits(
    clips: Sequence[Clip], paths: Mapping[str, Path], artifacts: ArtifactStore
) -> dict[str, ClipTraits]:
    """What clips look like, by the digests of their files: recalled, or measured and kept.

    Args:
        clips: Those of the film.
        paths: Their files, by shot.
        artifacts: Where it is listed.

    Raises:
        BadMediaError: A clip cannot be read.
    """
    files = {clip.file.sha256: paths[clip.shot_id] for clip in clips}

    def find(digest: str) -> ClipTraits:
        key = traits_key(digest, TRAITS_VERSION)
        known = read_index(artifacts, key, ClipTraits)
        if known is not None:
            return known
        with shots_named(paths):
            measured, _ = workers.run(measure_traits, files[digest])
        artifacts.put_bytes(key, to_json(measured).encode())
        return measured

    with ThreadPoolExecutor(workers.pool_size()) as threads:
        return dict(zip(files, threads.map(find, files), strict=True))


def told_of_clips(clips: Sequence[Clip], artifacts: ArtifactStore) -> tuple[str, ...]:
    """What had to be guessed of the files of clips, as `clip_traits` found."""
    told = []
    for clip in clips:
        known = read_index(artifacts, traits_key(clip.file.sha256, TRAITS_VERSION), ClipTraits)
        told += [f"{clip.shot_id}: its clip {words}" for words in known.warnings] if known else []
    return tuple(told)


def stored_lut(grading: Grading, artifacts: ArtifactStore, folder: Path) -> Lut | None:
    """The colour table of a dressed recipe; None when it names none.

    Raises:
        BadInputError: The store has it not, or it is no .cube table.
    """
    path = stored_file(grading.lut, "colour table", artifacts, folder)
    return read_cube(path) if path else None
