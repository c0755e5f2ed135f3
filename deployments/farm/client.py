"""Talking to the farm's Prefect server, with errors that say what to do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from deployments.farm.server import SERVER_AUTH
from deployments.local_server import keep_loopback_direct
from tasks.errors import MissingDependencyError
from tasks.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

_REFUSED = (401, 403)


def auth_of(settings: Settings) -> str | None:
    """user:password for the server: as a client is told, else as the server itself is."""
    secret = settings.prefect_api_auth_string
    return secret.get_secret_value() if secret else os.environ.get(SERVER_AUTH)


@contextmanager
def open_client(api_url: str, auth: str | None) -> Iterator["SyncPrefectClient"]:
    """A client of one server, whatever the environment says about others.

    Args:
        api_url: Address that ends in /api.
        auth: user:password, if the server wants it.

    Raises:
        MissingDependencyError: The server is away, or refuses us.
    """
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    keep_loopback_direct()
    # Prefect's own helpers (blocks) open clients of their own.
    told = {PREFECT_API_URL: api_url, PREFECT_API_AUTH_STRING: auth}
    try:
        with temporary_settings(told), SyncPrefectClient(api_url, auth_string=auth) as client:
            yield client
    except httpx.HTTPStatusError as error:
        if error.response.status_code in _REFUSED:
            raise MissingDependencyError(
                f"the Prefect server {api_url} refuses us ({error.response.status_code}); set "
                "PREFECT_API_AUTH_STRING=user:password as the server has it"
            ) from error
        raise MissingDependencyError(
            f"the Prefect server {api_url} answered {error.response.status_code} to "
            f"{error.request.method} {error.request.url.path}: {error.response.text[:500]}"
        ) from error
    except httpx.TransportError as error:
        raise MissingDependencyError(
            f"the Prefect server {api_url} does not answer ({error!r}); songfilm status tells "
            "what runs, songfilm up starts what is missing"
        ) from error
