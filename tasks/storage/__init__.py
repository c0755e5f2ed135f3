"""The artifact store: files under their digest, small indexes beside them."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage.local import LocalStore
from tasks.storage.store import ArtifactStore

__all__ = ["open_store"]


def open_store(url: str | None = None) -> ArtifactStore:
    """Open a store by its address.

    Args:
        url: A folder, or ``file:///folder``; the settings' own when empty.

    Returns:
        The store; its folder is made when missing.

    Raises:
        BadInputError: The address names a host or no kind of store that this version knows, or
            the folder cannot be made.
        NoSpaceError: The disk is full.
    """
    url = url or Settings().store_url
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise BadInputError(
                f"store {url!r} names no folder of this machine from its root; "
                "write file:///folder (three slashes), or a plain path"
            )
        return LocalStore(Path(unquote(parts.path)))
    if parts.scheme and len(parts.scheme) > 1:
        raise BadInputError(
            f"store {url!r}: this version keeps artifacts in a folder; give a path or file:// URL"
        )
    return LocalStore(Path(url).expanduser())
