"""Entry point of the ``songfilm`` command; light, since every worker process imports it again."""

import sys

_CANCELLED = 130


def main() -> None:
    """Run the command line."""
    try:
        from deployments.cli import app

        app()
    except KeyboardInterrupt:
        sys.exit(_CANCELLED)
