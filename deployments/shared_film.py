"""Find a film that is to be shared, and bring into the store what its link will show."""

from collections.abc import Callable
from pathlib import Path

from deployments.film_run import run_of
from deployments.preflight import read_manifest
from deployments.studio.stored_film import film_files, film_title
from recipe_schema.artifacts import VideoManifest
from tasks.errors import BadInputError
from tasks.storage.keys import BadKeyError, file_name, film_key, manifest_key
from tasks.storage.songs import local_path
from tasks.storage.store import ArtifactStore, file_sha256, holds, read_index


def share_parts(
    store: ArtifactStore,
    film: str,
    *,
    clip: str | None,
    report: bool,
    tell: Callable[[str], None],
) -> VideoManifest:
    """Make sure that the store has what is shared.

    Args:
        store: Where links look.
        film: Path of a film with its manifest beside it, or the id of its run, or its start.
        clip: Shot whose clip is shared; empty: the film or its report.
        report: Whether the report alone is shared.
        tell: Told when the film is copied into the store.

    Returns:
        What made the film.

    Raises:
        BadInputError: No such film, shot or report, or the film's file was changed.
    """
    manifest, file = _named(store, film)
    if clip is not None:
        _check_clip(store, manifest, clip)
    elif report:
        if "Report" not in film_files(store, manifest.run_id).beside:
            raise BadInputError(f"the store has no report of film {manifest.run_id}")
    elif film_files(store, manifest.run_id).player is None:
        _bring(store, manifest, file, tell)
    return manifest


def song_of(store: ArtifactStore, run_id: str) -> str | None:
    """The name of a film's song; None when the store has the film no more."""
    try:
        manifest = read_index(store, manifest_key(run_id), VideoManifest)
    except BadKeyError:
        manifest = None
    return film_title(store, manifest) if manifest else None


def _named(store: ArtifactStore, film: str) -> tuple[VideoManifest, Path | None]:
    """The film's manifest as the store knows it, and its file if one was named.

    Raises:
        BadInputError: Neither a film of songfilm's, nor a run that the store knows.
    """
    file = local_path(film)
    run_id = read_manifest(file).run_id if file is not None else run_of(store, film)
    try:
        manifest = read_index(store, manifest_key(run_id), VideoManifest)
    except BadKeyError:
        manifest = None
    if manifest is None and file is not None:
        raise BadInputError(
            f"the store does not know {film} (run {run_id}); say --store, and the store that it "
            "was made with"
        )
    if manifest is None:
        raise BadInputError(
            f"{film[:200]!r} is neither a film on this machine nor the id of a run whose film the "
            "store has; check the path"
        )
    return manifest, file


def _check_clip(store: ArtifactStore, manifest: VideoManifest, clip: str) -> None:
    found = next((shot for shot in manifest.shots if shot.id == clip), None)
    if found is None:
        known = ", ".join(shot.id for shot in manifest.shots)
        raise BadInputError(f"the film has no shot {clip[:80]!r}; it has {known}")
    if not holds(store, found.clip):
        raise BadInputError(
            f"the clip of {clip} is no longer in the store; make the film again, then share it"
        )


def _bring(
    store: ArtifactStore,
    manifest: VideoManifest,
    file: Path | None,
    tell: Callable[[str], None],
) -> None:
    """Copy a film that was written elsewhere into the store, once.

    Raises:
        BadInputError: It is not here, or not the file that was made.
    """
    output = manifest.output
    path = file or local_path(output.path)
    if path is None or not path.is_file():
        raise BadInputError(
            f"the film itself is not in the store, and not at {output.path} on this machine; give "
            "the path of the film"
        )
    if path.stat().st_size != output.size or file_sha256(path) != output.sha256:
        raise BadInputError(
            f"{path} is not the file that was made (it was changed, or it is another film); make "
            "the film again, or share it by its run's id if the store has it"
        )
    tell(f"copying {path.name} into the store, where links look: {output.size / 1e6:.1f} MB")
    key = film_key(manifest.run_id, f"{file_name(path.name)}{Path(output.path).suffix.lower()}")
    store.put_file(key, path)
