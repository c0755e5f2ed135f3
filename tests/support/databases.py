"""Databases for tests of the catalogue: a PostgreSQL of one's own on loopback, one base a test."""

import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from deployments.farm import postgres
from deployments.farm.services import Folder


@contextlib.contextmanager
def open_postgres() -> Iterator[str]:
    """Start a server and give its address with a password; skip where there is none."""
    obstacle = postgres.obstacle()
    if obstacle:
        pytest.skip(obstacle)
    place = Path(tempfile.mkdtemp(prefix="songfilm-catalogue-"))
    # PostgreSQL's own account must be able to pass.
    place.chmod(0o711)
    folder = Folder(place / "server")
    try:
        yield postgres.start(folder).replace("+asyncpg", "")
    finally:
        postgres.stop(folder)
        shutil.rmtree(place)


@contextlib.contextmanager
def new_database(server: str) -> Iterator[SecretStr]:
    """An empty database of a server, dropped at the end."""
    import psycopg

    name = f"songfilm_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield SecretStr(server.rpartition("/")[0] + f"/{name}")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
