"""The artifact store: files under their digest, small indexes beside them."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage.local import LocalStore
from tasks.storage.minio.address import is_s3, open_s3, without_user
from tasks.storage.store import ArtifactStore

__all__ = ["open_store"]


def open_store(url: str | None = None) -> ArtifactStore:
    """Open a store by its address.

    Args:
        url: A folder, ``file:///folder`` or ``s3://bucket/prefix``; the settings' own when empty.

    Returns:
        The store; its folder is made when missing, its bucket has to be there.

    Raises:
        BadInputError: The address names no kind of store that this version knows, the folder
            cannot be made, the bucket is not there, or settings of the S3 server are missing.
        NoSpaceError: The disk is full.
        UnreachableError: The S3 server does not answer.
    """
    settings = Settings()
    url = url or settings.store_url
    parts = urlsplit(url)
    if is_s3(url):
        return open_s3(url, settings)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise BadInputError(
                f"store {url!r} names no folder of this machine from its root; "
                "write file:///folder (three slashes), or a plain path"
            )
        return LocalStore(Path(unquote(parts.path)))
    if parts.scheme and len(parts.scheme) > 1:
        raise BadInputError(
            f"store {without_user(parts)!r} is of no known kind; give a folder, file:///folder or "
            "s3://bucket/prefix"
        )
    return LocalStore(Path(url).expanduser())
