"""Names inside the store: an allow-list, and one function a kind of artifact."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from tasks.errors import PermanentError

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=+-]{0,127}")
_LONGEST = 512
# Letters of a digest that tell songs apart, and that a person can still read.
SONG_LETTERS = 16
_SONG = re.compile(rf"songs/([0-9a-f]{{{SONG_LETTERS}}})/")
# Folder of a film's loops, GIFs and posters.
EXPORTS = "exports"
# How a recipe names the analysis that it was planned over.
_FILED = "analysis:"
_TRAITS = re.compile(r"traits/([0-9a-f]{64})\.")
_BLOB = re.compile(r"blobs/[0-9a-f]{2}/([0-9a-f]{64})")


class BadKeyError(PermanentError):
    """A key that could leave the store or surprise a file system."""


def check_key(key: str) -> str:
    """Return the key when every segment is plain ASCII without tricks.

    Raises:
        BadKeyError: Empty, too long, or a segment outside the allow-list.
    """
    if not 1 <= len(key) <= _LONGEST:
        raise BadKeyError(f"store key of {len(key)} characters; 1 to {_LONGEST} are allowed")
    for segment in key.split("/"):
        if not _SEGMENT.fullmatch(segment) or segment.endswith("."):
            raise BadKeyError(f"store key {key!r}: segment {segment!r} is not allowed")
    return key


def is_key(text: str) -> bool:
    """Whether something can be a key; other programs may leave files of other names in a store."""
    try:
        check_key(text)
    except BadKeyError:
        return False
    return True


def blob_key(sha256: str) -> str:
    """Where the file with this digest lives."""
    return f"blobs/{sha256[:2]}/{sha256}"


def blob_digest(key: str) -> str | None:
    """The digest that a blob's key promises; None for other keys."""
    found = _BLOB.fullmatch(key)
    return found[1] if found else None


def analysis_key(song_sha256: str, code_version: str, *, listeners: Mapping[str, str]) -> str:
    """Where a song's analysis is listed.

    Args:
        song_sha256: Digest of the file.
        code_version: Of the analysis.
        listeners: Name and version of each that another one may stand in for.
    """
    told = json.dumps(dict(listeners), sort_keys=True).encode()
    return f"analyses/{song_sha256}/{code_version}-{hashlib.sha256(told).hexdigest()[:16]}.json"


def analysis_name(sha256: str) -> str:
    """How a recipe names the analysis of a digest that it was planned over."""
    return f"{_FILED}{sha256}"


def named_analysis(source: str | None) -> str | None:
    """Where the analysis lies that a recipe names; None when it names none."""
    named = (source or "").startswith(_FILED)
    return blob_key((source or "").removeprefix(_FILED)) if named else None


def stems_key(song_sha256: str, code_version: str, *, separator: str) -> str:
    """Where the powers of a song's stems are listed: whoever finds the beats, they stay.

    Args:
        song_sha256: Digest of the file.
        code_version: Of the stems.
        separator: Its version.
    """
    told = hashlib.sha256(separator.encode()).hexdigest()[:16]
    return f"analyses/{song_sha256}/stems-{code_version}-{told}.json"


def clip_key(fingerprint: str, *, tenant: str = "shared") -> str:
    """Where the clip of a fingerprint is listed for films of a tenant."""
    return f"clips/{tenant}/{fingerprint[:2]}/{fingerprint}.json"


def near_key(kinship: str, fingerprint: str | None = None, *, tenant: str = "shared") -> str:
    """Where the clips that may stand in for each other are listed, or one of them."""
    folder = f"near/{tenant}/{kinship}"
    return folder if fingerprint is None else f"{folder}/{fingerprint}.json"


def near_clip(key: str) -> str | None:
    """Where the clip is listed that may stand in, by its `near_key`; None for other keys."""
    parts = key.removesuffix(".json").split("/")
    return clip_key(parts[3], tenant=parts[1]) if parts[0] == "near" and len(parts) == 4 else None


def segment_key(content: str) -> str:
    """Where the segment of a content key is listed."""
    return f"segments/{content[:2]}/{content}.json"


def traits_key(sha256: str, code_version: str) -> str:
    """Where it is listed what the clip of a digest looks like."""
    return f"traits/{sha256}.{code_version}.json"


def traits_digest(key: str) -> str | None:
    """The digest of the clip, by its `traits_key`; None for other keys."""
    found = _TRAITS.match(key)
    return found[1] if found else None


def song_key(sha256: str, name: str) -> str:
    """Where a song that somebody added is kept under its own name."""
    ending = re.sub(r"[^a-z0-9]", "", Path(name).suffix.lower())[:8]
    return f"songs/{sha256[:SONG_LETTERS]}/{file_name(name)}{ending and f'.{ending}'}"


def song_name_key(key: str) -> str:
    """Where the name of an added song is kept when its key cannot say it."""
    return f"{key}.name"


def song_letters(key: str) -> str | None:
    """The first letters of the digest that an added song's key promises; None for other keys."""
    found = _SONG.match(key)
    return found[1] if found else None


def share_key(share_id: str) -> str:
    """Where a link that can be revoked is written down."""
    return f"shares/{share_id}.json"


def manifest_key(run_id: str) -> str:
    """Where a film's manifest is kept."""
    return f"films/{run_id}.json"


def film_key(run_id: str, name: str) -> str:
    """Where a file of a film that lives in the store is kept."""
    return f"films/{run_id}/{name}"


def export_key(run_id: str, export_run: str, name: str) -> str:
    """Where a loop, GIF or poster of a film is kept: with the film, for as long as it is."""
    return film_key(run_id, f"{EXPORTS}/{export_run}/{name}")


def review_key(run_id: str, name: str) -> str:
    """Where a recipe that a person is asked about, or approved, is kept."""
    return film_key(run_id, f"review/{name}.recipe.json")


def file_name(song: str) -> str:
    """A song's name, without its ending, in letters that every store and file system takes."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(song).stem).strip("-._")
    return plain[:80].rstrip("-._") or "film"
