"""Events that nobody brought: while the studio was down, Prefect tried its webhook once and left.

Prefect keeps events for days, so that the studio asks for those since its last look. Only events of
automations that are switched on are taken: who switches one off in the dashboard is not told.
"""

import base64
import json
import logging
import time
from pathlib import Path
from typing import Any

import anyio
import httpx
from anyio import to_thread

from deployments.studio.delivery import is_loopback
from deployments.studio.files import Shelf
from deployments.studio.notice import EVENTS
from deployments.studio.notify import take
from deployments.studio.outbox import Outbox
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
            write_whole(self._noted, str(time.time()))

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
        since = max(_last_look(self._noted, began) - _OVERLAP_S, began - _LONGEST_S)
        new, wanted = 0, self._switched_on()
        for event in self._events(wanted, since) if wanted else ():
            try:
                new += take(json.dumps(event).encode(), self._shelf, self._outbox)
            except BadInputError as error:
                log.debug("an event was not understood: %s", error)
        write_whole(self._noted, str(began))
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
            log.info("%d notifications had been missed", new)

    def _switched_on(self) -> list[str]:
        """Events whose automation exists and is switched on."""
        names = {automation_name(event): event for event in EVENTS}
        found = self._post("/automations/filter", {"automations": {"name": {"any_": [*names]}}})
        return [names[one["name"]] for one in found if one["enabled"]]

    def _events(self, names: list[str], since: float) -> list[dict[str, Any]]:
        """Events of these names, oldest first, a page at a time."""
        found: dict[str, dict[str, Any]] = {}
        begin = _as_iso(since)
        while True:
            asked = {"event": {"name": names}, "occurred": {"since": begin}, "order": "ASC"}
            page = self._post("/events/filter", {"filter": asked, "limit": _PAGE})["events"]
            fresh = [event for event in page if event["id"] not in found]
            found |= {event["id"]: event for event in fresh}
            if len(page) < _PAGE or not fresh:
                return list(found.values())
            begin = page[-1]["occurred"]

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._client.post(path, json=body)
        answer.raise_for_status()
        return answer.json()


def _last_look(noted: Path, now: float) -> float:
    """When the last look was; now, when the note cannot be read."""
    try:
        return float(noted.read_text())
    except ValueError:
        return now


def _as_iso(unix: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(unix))
