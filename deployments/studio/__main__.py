"""``python -m deployments.studio``: serve films and send notifications until stopped."""

import logging
import sys

import uvicorn

from deployments.studio.app import create_app
from deployments.studio.notify import webhook_key
from tasks.errors import SongfilmError
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.secret import link_secret

_USAGE = """usage: python -m deployments.studio [webhook-key]

Without a word: serve. With webhook-key: print what receivers of SONGFILM_NOTIFY_WEBHOOK
check the header X-Songfilm-Signature with."""


def main(words: list[str]) -> int:
    """Serve, or print the webhook's key.

    Args:
        words: What was typed after the program's name.

    Returns:
        Exit code: 0 done, 2 bad settings or usage.
    """
    if words not in ([], ["webhook-key"]):
        sys.stderr.write(f"{_USAGE}\n")
        return 2
    try:
        settings = Settings()
        if words:
            secret = link_secret(settings.home_path, settings.secret)
            sys.stdout.write(f"{webhook_key(secret)}\n")
            return 0
        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        app = create_app(settings, open_store(settings.store_url))
    except SongfilmError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # No access log: signed links are as good as the films themselves.
    uvicorn.run(
        app,
        host=settings.studio_host,
        port=settings.studio_port,
        access_log=False,
        server_header=False,
        log_level="warning",
        # A browser that watches a film does not keep the studio from stopping.
        timeout_graceful_shutdown=5,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
