"""What a film's manifest, and the index entries of its clips, tell the catalogue."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import Clip, ShotRecord, VideoManifest
from tasks.storage.catalogue.accounts import micro
from tasks.storage.keys import BadKeyError, clip_key
from tasks.storage.store import (
    ArtifactStore,
    IntegrityError,
    NotFoundError,
    ObjectInfo,
    read_index,
)

Row = dict[str, Any]

_DEFAULT_PROJECT, _SHARED = "default", "shared"


@dataclass(frozen=True)
class FilmReading:
    """Rows of one film, but for what depends on other films."""

    film: Row
    generations: tuple[Row, ...]
    clips: tuple[Row, ...] = field(default=())


@dataclass(frozen=True)
class Unreadable:
    """A manifest that tells nothing."""

    key: str
    reason: str


def read_film(
    store: ArtifactStore, info: ObjectInfo, *, address: str, known_clips: Collection[str]
) -> FilmReading | Unreadable | None:
    """Read a film.

    Args:
        store: Where it is.
        info: Its manifest, as listed.
        address: The store's name in the catalogue.
        known_clips: Fingerprints whose index entries need not be read.

    Returns:
        Its rows; or why it cannot be read; None when it went away meanwhile.
    """
    try:
        manifest = VideoManifest.model_validate_json(store.get_bytes(info.key))
    except NotFoundError:
        return None
    except IntegrityError as error:
        return Unreadable(info.key, str(error))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        reason = f"not a manifest that this version reads ({where}: {fault['msg']})"
        return Unreadable(info.key, reason)
    film = _film(manifest, info, address=address, title=_title(store, manifest))
    new = {shot.fingerprint: shot for shot in manifest.shots if shot.fingerprint not in known_clips}
    return FilmReading(
        film=film,
        generations=tuple(
            _generation(shot, place, address=address, run_id=film["run_id"])
            for place, shot in enumerate(manifest.shots)
        ),
        clips=tuple(_clip(store, shot, film) for shot in new.values()),
    )


def _film(manifest: VideoManifest, info: ObjectInfo, *, address: str, title: str) -> Row:
    shots = manifest.shots
    makers = Counter(shot.renderer for shot in shots)
    return {
        "store": address,
        "run_id": PurePosixPath(info.key).stem,
        "project": _said(manifest, "project", _DEFAULT_PROJECT),
        "song": manifest.song.sha256,
        "recipe": manifest.recipe.sha256,
        "tenant": _said(manifest, "tenant", _SHARED),
        "title": title,
        "status": manifest.status,
        "renderer": _said(manifest, "renderer", max(makers, key=makers.__getitem__, default="")),
        "made_at": datetime.fromtimestamp(info.modified, UTC),
        "duration_s": manifest.output.duration,
        "cost_micro": sum(micro(shot.cost) for shot in shots),
        "saved_micro": sum(micro(shot.saved_usd) for shot in shots),
        "seconds": sum(shot.seconds for shot in shots),
        "saved_s": sum(shot.saved_s for shot in shots),
        "manifest": info.key,
        "manifest_modified": info.modified,
        "manifest_size": info.size,
        "gone": False,
        "export": _said(manifest, "part", "film") if "export_of" in manifest.settings else None,
    }


def _said(manifest: VideoManifest, name: str, otherwise: str) -> str:
    """A word of the manifest's settings; films of older versions lack some."""
    value = manifest.settings.get(name)
    return _plain(value) if isinstance(value, str) and value else otherwise


def _title(store: ArtifactStore, manifest: VideoManifest) -> str:
    """The song's own name, else the film's."""
    try:
        analysis = read_index(store, manifest.analysis.key, SongAnalysis)
    except BadKeyError:
        analysis = None
    name = analysis.song.name if analysis is not None else manifest.output.path
    return _plain(PurePosixPath(name.replace("\\", "/")).stem)


def _generation(shot: ShotRecord, place: int, *, address: str, run_id: str) -> Row:
    return {
        "store": address,
        "run_id": run_id,
        "place": place,
        "shot": _plain(shot.id),
        "fingerprint": shot.fingerprint,
        "renderer": _plain(shot.renderer),
        "cache": shot.cache,
        "near_of": shot.near_of,
        "fallback": _plain(shot.fallback) if shot.fallback else None,
        "cost_micro": micro(shot.cost),
        "saved_micro": micro(shot.saved_usd),
        "seconds": shot.seconds,
    }


def _clip(store: ArtifactStore, shot: ShotRecord, film: Row) -> Row:
    """A clip by its index entry; without one, what films say is gathered later."""
    try:
        entry = read_index(store, clip_key(shot.fingerprint, tenant=film["tenant"]), Clip)
    except BadKeyError:
        entry = None
    return {
        "store": film["store"],
        "fingerprint": shot.fingerprint,
        "renderer": _plain(shot.renderer),
        "frames": entry.frames if entry else None,
        "cost_micro": micro(entry.cost) if entry else 0,
        "seconds": entry.seconds if entry else 0.0,
        "prompt": _plain(entry.prompt) if entry else "",
    }


def _plain(text: str) -> str:
    """Text without the one letter that PostgreSQL does not take."""
    return text.replace("\x00", "")
