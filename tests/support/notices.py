"""Events about films as a studio is told of them, and how a test waits for what becomes of them."""

import json
import time
import uuid
from email.message import EmailMessage

from pydantic import SecretStr

from deployments.studio.notice import FINISHED
from deployments.studio.notify import TOKEN_HEADER, notify_token
from tasks.settings import Settings

RUN = "0b9f6d1e-77aa-4cf1-9f2e-0123456789ab"
SECRET = b"a secret that nobody guesses"
PASSWORD = "correct horse battery"
AT_ONCE = (0.05, 0.05, 0.05)


def event(name=FINISHED, *, run=RUN, title="demo song", **payload):
    """An event as the automation's template writes it."""
    return {
        "id": str(uuid.uuid4()),
        "event": name,
        "occurred": "2026-11-21T12:00:00Z",
        "resource": {
            "prefect.resource.id": f"songfilm.film.{run}",
            "prefect.resource.name": title,
        },
        "related": [
            {
                "prefect.resource.id": f"prefect.flow-run.{run}",
                "prefect.resource.role": "flow-run",
                "prefect.resource.name": "violet-fox",
            }
        ],
        "payload": {"title": title, "message": "", **payload},
        "follows": None,
    }


def settings(tmp_path, *, mailbox=None, hook=None, password=PASSWORD, **more):
    if mailbox is not None:
        quoted = password.replace(" ", "%20")
        more |= {
            "smtp_url": SecretStr(f"smtp://films:{quoted}@127.0.0.1:{mailbox.port}"),
            "notify_from": "songfilm <films@example.org>",
            "notify_to": "ann@example.org, Bo <bo@example.org>",
        }
    if hook is not None:
        more["notify_webhook"] = SecretStr(hook.url)
    return Settings(
        home=tmp_path / "home",
        secret=SecretStr(SECRET.decode()),
        PREFECT_API_URL=None,
        _env_file=None,
        **more,
    )


def tell(web, told, *, token=None):
    shown = notify_token(SECRET) if token is None else token
    return web.post("/notify", content=json.dumps(told), headers={TOKEN_HEADER: shown})


def waiting(web):
    return web.get("/health").json()["waiting"]


def until(condition, timeout_s=10.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def words(message: EmailMessage, kind="plain"):
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")
