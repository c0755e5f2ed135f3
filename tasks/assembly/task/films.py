"""Finished films in the store: their manifests, formats and addresses."""

import time
from pathlib import Path

from recipe_schema.artifacts import (
    VideoManifest,
)
from recipe_schema.assembly import FilmFormat
from tasks.assembly.export import check_output, container_for
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import BadKeyError, manifest_key
from tasks.storage.links import film_link
from tasks.storage.secret import link_secret
from tasks.storage.store import (
    NotFoundError,
    read_index,
)


def open_manifest(run_id: str, *, store: str | None) -> VideoManifest:
    """Read the manifest of a finished film.

    Raises:
        BadInputError: The store has no film of that run.
    """
    try:
        data = open_store(store).get_bytes(manifest_key(run_id))
    except (BadKeyError, NotFoundError) as error:
        raise BadInputError(
            f"the store has no finished film {run_id!r}; its name is the id of its flow run"
        ) from error
    return VideoManifest.model_validate_json(data)


def filmed_songs(*, store: str | None) -> dict[str, str]:
    """Songs that have a film in the store: their digests, and the run that made the last one.

    What is made of a film, such as a teaser or another shape, is no film of its song.
    """
    artifacts = open_store(store)
    films = sorted(artifacts.list("films"), key=lambda info: info.modified)
    found: dict[str, str] = {}
    for info in films:
        if manifest_key(Path(info.key).stem) == info.key:
            manifest = read_index(artifacts, info.key, VideoManifest)
            if manifest is not None and "export_of" not in manifest.settings:
                found[manifest.song.sha256] = manifest.run_id
    return found


def film_address(run_id: str) -> str:
    """A signed address of a film's page; it opens for as long as the settings say."""
    settings = Settings()
    return film_link(
        run_id,
        base_url=settings.studio_base_url,
        secret=link_secret(settings.home_path, settings.secret),
        expires=round(time.time() + settings.link_days * 86_400),
    )


def film_of(manifest: VideoManifest) -> FilmFormat:
    """The format that a film was asked for."""
    return FilmFormat.model_validate(manifest.settings["film"])


def film_suffix(film: FilmFormat) -> str:
    """How the name of a film in this format ends, where nobody chose."""
    return container_for(film.codec, audio=film.audio)


def check_film(out: str | None, film: FilmFormat) -> None:
    """Refuse a film's path before anything is rendered for it.

    Raises:
        BadInputError: The container does not fit, or the folder is not there.
    """
    if out is not None:
        check_output(Path(out), audio=film.audio, codec=film.codec)
    check_folder(out)


def check_folder(out: str | None) -> None:
    """Refuse a path whose folder is not there; what has no path is kept in the store.

    Raises:
        BadInputError: No such folder.
    """
    if out is not None and not Path(out).absolute().parent.is_dir():
        raise BadInputError(f"the folder of {out} is not there; make it, or choose another one")
