"""Events that nobody brought: while the studio was down, Prefect tried its webhook once and left.

Prefect keeps events for days, so that the studio asks for those since its last look. Only events of
automations that are switched on are taken: who switches one off in the dashboard is not told.
"""

import base64
import datetime as dt
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
from anyio import to_thread

from deployments.studio.delivery import is_loopback
from deployments.studio.notice import EVENTS
from deployments.studio.notify import take
from deployments.studio.outbox import Outbox
from deployments.studio.shelf import Shelf
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage.store import write_whole

log = logging.getLogger(__name__)

EVERY_S = 60.0
# Events may be written down a little later than they happened.
_OVERLAP_S = 600.0
# Prefect forgets events after seven days unless it is told otherwise.
_LONGEST_S = 7 * 86400.0
_PAGE = 50


def automation_name(event: str) -> str:
    """Name of the automation that brings an event here."""
    return f"songfilm: tell about films that {event.rpartition('.')[2]}"


class CatchUp:
    """Asks a Prefect server for events since the last look."""

    def __init__(self, settings: Settings, shelf: Shelf, outbox: Outbox) -> None:
        """Remember where to ask; the first look ever begins now.

        Args:
            settings: Address of the server, and its password if it has one.
            shelf: Store and secret.
            outbox: Where notices go, and beside which the last look is noted.
        """
        assert settings.prefect_api_url is not None
        url = settings.prefect_api_url.rstrip("/")
        password = settings.prefect_api_auth_string
        headers = {}
        if password is not None and password.get_secret_value():
            coded = base64.b64encode(password.get_secret_value().encode()).decode()
            headers["authorization"] = f"Basic {coded}"
        self._client = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=15.0,
            trust_env=not is_loopback(httpx.URL(url).host),
        )
        self._shelf, self._outbox = shelf, outbox
        self._noted = outbox.folder / "caught-up"
        self._answered = True
        if not self._noted.exists():
            now = time.time()
            write_whole(self._noted, f"{now} {now}")

    async def look_forever(self) -> None:
        """Look now and every minute until cancelled; a server that is away is told once."""
        try:
            while True:
                await to_thread.run_sync(self._look_safely)
                self._outbox.wake()
                await anyio.sleep(EVERY_S)
        finally:
            self._client.close()

    def look(self) -> int:
        """Take what happened since the last look.

        Returns:
            How many notices were new.

        Raises:
            httpx.HTTPError: The server did not answer, or refused.
            NoSpaceError: The disk is full.
        """
        began = time.time()
        first, last = _looks(self._noted, began)
        since = max(first, last - _OVERLAP_S, began - _LONGEST_S)
        new, wanted = 0, self._switched_on()
        for event in self._events(wanted, since) if wanted else ():
            try:
                new += take(json.dumps(event).encode(), self._shelf, self._outbox)
            except BadInputError as error:
                log.debug("an event was not understood: %s", error)
        write_whole(self._noted, f"{first} {began}")
        return new

    def _look_safely(self) -> None:
        try:
            new = self.look()
        # Whatever the server answers, films are still served and notices still sent.
        except Exception as error:  # noqa: BLE001
            if self._answered:
                log.warning("missed events cannot be asked for: %s", type(error).__name__)
            self._answered = False
            return
        self._answered = True
        if new:
            log.info("%d notifications were found by asking the server", new)

    def _switched_on(self) -> list[str]:
        """Events whose automation exists and is switched on."""
        names = {automation_name(event): event for event in EVENTS}
        found = self._post("/automations/filter", {"automations": {"name": {"any_": [*names]}}})
        return [names[one["name"]] for one in found if one["enabled"]]

    def _events(self, names: list[str], since: float) -> Iterator[dict[str, Any]]:
        """Events of these names, oldest first, a page at a time."""
        asked = {"event": {"name": names}, "occurred": {"since": _as_iso(since)}, "order": "ASC"}
        page = self._post("/events/filter", {"filter": asked, "limit": _PAGE})
        yield from page["events"]
        while page["next_page"]:
            # The link names the host that the server believes to have; only its token is used.
            token = page["next_page"].partition("page-token=")[2]
            answer = self._client.get("/events/filter/next", params={"page-token": token})
            page = answer.raise_for_status().json()
            yield from page["events"]

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()


def _looks(noted: Path, now: float) -> tuple[float, float]:
    """When the first and the last look were; now, when the note cannot be read."""
    try:
        first, last = map(float, noted.read_text().split())
    except ValueError:
        return now, now
    return first, last


def _as_iso(unix: float) -> str:
    return dt.datetime.fromtimestamp(unix, dt.UTC).isoformat()
