"""Prefect's server with a counter in front, in the same process: how each request was answered.

Run as ``uvicorn --factory bench.counted_server:create_app``, as the farm runs Prefect's own.
"""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

PATH = "/counts"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class CountedServer:
    """Counts every request by what was asked and what became of it."""

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self._app = app
        # (method and path, status); 0: no whole answer was sent.
        self._answers: Counter[tuple[str, int]] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == PATH:
            await self._tell(send)
            return
        begun, whole = 0, False

        async def watch(message: Message) -> None:
            nonlocal begun, whole
            await send(message)
            if message["type"] == "http.response.start":
                begun = message["status"]
            elif message["type"] == "http.response.body":
                whole = not message.get("more_body", False)

        try:
            await self._app(scope, receive, watch)
        finally:
            asked = f"{scope['method']} {_ID.sub('ID', scope['path'])}"
            self._answers[asked, begun if whole else 0] += 1

    async def _tell(self, send: Send) -> None:
        """All counts as JSON: [[request, status, times], ...]."""
        counts = [[asked, status, n] for (asked, status), n in self._answers.most_common()]
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": json.dumps(counts).encode()})


def create_app() -> CountedServer:
    """As Prefect's factory of the same name."""
    from prefect.server.api.server import create_app as create_prefect

    return CountedServer(create_prefect())
