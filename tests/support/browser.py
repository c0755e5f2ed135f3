"""A headless Chromium that a test drives: opens pages, reads their words, presses their buttons."""

import contextlib
import itertools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from deployments.farm.services import wait_until

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,3000",
    # Nothing outside this machine is looked for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)
_START_S, _SHOW_S = 30.0, 20.0
# What bears these words itself and can be seen; a press reaches what is around it, too.
_PRESS = """(() => {
  const own = (each) => [...each.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.data).join('').trim();
  const found = [...document.querySelectorAll('body *')].filter((each) =>
    own(each) === %s && each.checkVisibility() && !each.closest('[disabled]'));
  found.at(-1)?.click();
  return found.length > 0;
})()"""


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, itertools.count(1)

    def open(self, url: str, *words: str) -> str:
        """Go to an address and wait until all of some words are shown; the page's words."""
        self._ask("Page.navigate", url="about:blank")
        self._ask("Page.navigate", url=url)
        return self.shows(*words)

    def press(self, label: str, *words: str) -> str:
        """Press the button of this label once it is there, and wait for words."""
        press = _PRESS % json.dumps(label)
        assert wait_until(lambda: self.evaluate(press), timeout_s=_SHOW_S, poll_s=0.1), (
            f"no button {label!r} on the page:\n{self.words()}"
        )
        return self.shows(*words)

    def shows(self, *words: str) -> str:
        """Wait until the page shows all of some words; the page's words."""

        def missing() -> list[str]:
            said = self.words()
            return [word for word in words if word not in said]

        if not wait_until(lambda: not missing(), timeout_s=_SHOW_S, poll_s=0.1):
            pytest.fail(f"not on the page: {missing()}; it says:\n{self.words()}")
        return self.words()

    def words(self) -> str:
        """All that a person can read, and what is written in its fields."""
        return self.evaluate(
            "[document.body?.innerText ?? '', ...[...document.querySelectorAll('input, textarea')]"
            ".map((field) => field.value)].join('\\n')"
        )

    def evaluate(self, script: str) -> Any:
        """What a line of JavaScript gives in the page."""
        return self._ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get(
            "value"
        )

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=_START_S))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]


@contextlib.contextmanager
def open_browser() -> Iterator[Page]:
    """A browser with one tab; skips the test where there is no Chromium."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    folder = Path(tempfile.mkdtemp(prefix="songfilm-browser-"))
    process = subprocess.Popen(
        [program, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        noted = folder / "DevToolsActivePort"
        assert wait_until(lambda: noted.exists() and noted.read_text() != "", timeout_s=_START_S)
        port = noted.read_text().split()[0]
        tabs = httpx.get(f"http://127.0.0.1:{port}/json/list", trust_env=False).json()
        address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        with connect(address, proxy=None, max_size=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)
