"""Addresses of objects that an S3 server gives to anybody for a while."""

from datetime import timedelta
from urllib.parse import quote

from minio import Minio

from tasks.errors import BadInputError

# The longest that S3 signs an address for, seconds.
_LONGEST_S = 7 * 24 * 3600


def presigned(
    client: Minio,
    bucket: str,
    name: str,
    *,
    expires_s: float,
    filename: str | None,
    media_type: str | None,
    download: bool,
) -> str:
    """Sign an address; nothing is asked.

    Args:
        client: Signs for the host that readers reach.
        bucket: Where the object lies.
        name: Its full name there.
        expires_s: How long the address opens.
        filename: Name that a browser saves it under.
        media_type: What a browser should take it for.
        download: Save rather than show.

    Raises:
        BadInputError: S3 signs no address for that long.
    """
    if not 1 <= expires_s <= _LONGEST_S:
        raise BadInputError(f"a link of {expires_s:g} s: an S3 server signs 1 s to 7 days")
    answer: dict[str, str | list[str] | tuple[str]] = {}
    if filename or download:
        answer["response-content-disposition"] = disposition(filename, download=download)
    if media_type:
        answer["response-content-type"] = media_type
    return client.get_presigned_url(
        "GET", bucket, name, expires=timedelta(seconds=int(expires_s)), response_headers=answer
    )


def disposition(filename: str | None, *, download: bool) -> str:
    """A Content-Disposition header: a plain name for old readers, the real one for the rest.

    Source:
        RFC 6266 section 4.3, RFC 8187 section 3.2.
    """
    kind = "attachment" if download else "inline"
    if not filename:
        return kind
    name = "".join(letter for letter in filename if letter.isprintable()).replace("/", "-")
    plain = name.encode("ascii", "replace").decode().replace("\\", "_").replace('"', "'")
    told = f'{kind}; filename="{plain.replace("?", "_").replace("%", "_")}"'
    if plain == name:
        return told
    return f"{told}; filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"
