"""Files that a person names by path or by key."""

from pathlib import Path, PurePath

from tasks.errors import BadInputError
from tasks.storage.keys import BadKeyError
from tasks.storage.minio.address import is_s3
from tasks.storage.songs import local_path
from tasks.storage.store import ArtifactStore, NotFoundError

# Fonts have at most 50 MB, colour tables 32, lyrics 2.
LARGEST_NAMED_BYTES = 50_000_000


def paths_are_shared(address: str) -> bool:
    """Whether workers see this machine's files: where they share a bucket, they see only that."""
    return not is_s3(address)


def files_here(*sources: str | None) -> list[Path]:
    """Those of named files that lie on this machine."""
    return [path for source in sources if source and (path := local_path(source))]


def open_named(source: str, *, what: str, store: ArtifactStore, folder: Path) -> Path:
    """A file by its path, or by its key in the store.

    Args:
        source: The path or the key.
        what: What it should be, for messages.
        store: Where keys are looked up.
        folder: Where a file of the store goes.

    Raises:
        BadInputError: Neither, or something in the store that is far too large to be fetched.
    """
    path = local_path(source)
    if path is not None and path.is_file():
        return path
    try:
        size = store.stat(source).size
        if size > LARGEST_NAMED_BYTES:
            raise BadInputError(f"{what} {source[:200]!r} has {size / 1e6:.0f} MB; check the key")
        target = folder / (PurePath(source).name or "file")
        store.get_file(source, target)
    except (BadKeyError, NotFoundError) as error:
        raise BadInputError(
            f"{what} {source[:200]!r} is neither a file that this machine can read nor a key of "
            "the store; check the path"
        ) from error
    return target
