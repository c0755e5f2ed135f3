"""The secret behind signed links: set by a person, or made once and kept in the home folder."""

import os
import secrets
import uuid
from pathlib import Path

from pydantic import SecretStr

from tasks.errors import BadInputError

# Shorter ones could be guessed from a link by trying.
_SHORTEST = 16


def link_secret(home: Path, configured: SecretStr | None) -> bytes:
    """The configured secret, else the one in ``home/secret``, which is made when missing.

    Args:
        home: The settings' home folder.
        configured: The setting ``SONGFILM_SECRET``.

    Raises:
        BadInputError: It is too short, or the file cannot be read or made.
    """
    if configured is not None and configured.get_secret_value():
        return _long_enough(configured.get_secret_value().encode(), "SONGFILM_SECRET")
    path = home / "secret"
    try:
        if not path.exists():
            _make(path)
        return _long_enough(path.read_bytes().strip(), str(path))
    except OSError as error:
        raise BadInputError(
            f"the secret for links cannot be kept in {path} ({error.strerror}); set "
            "SONGFILM_SECRET, or SONGFILM_HOME to a folder that you may write to"
        ) from error


def _make(path: Path) -> None:
    """Write a random secret, for its owner only; of two processes the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".secret-{uuid.uuid4().hex}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _long_enough(secret: bytes, source: str) -> bytes:
    if len(secret) < _SHORTEST:
        raise BadInputError(
            f"{source} has {len(secret)} characters; use {_SHORTEST} or more that nobody can "
            "guess, such as what `openssl rand -hex 32` prints"
        )
    return secret
