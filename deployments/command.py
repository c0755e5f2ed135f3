"""Entry point of the ``songfilm`` command; light, since every worker process imports it again."""

import json
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

_BUG, _CANCELLED = 1, 130


def main() -> None:
    """Run the command line."""
    try:
        _load()()
    except KeyboardInterrupt:
        sys.exit(_CANCELLED)


def _load() -> "typer.Typer":
    """The command line; when it cannot even be imported, what to do about that."""
    try:
        from deployments.cli import app
    except Exception as error:  # noqa: BLE001  the edge: there is no other one yet
        trace = traceback.format_exc()
        told = {"event": "error", "message": repr(error), "exit_code": _BUG, "trace": trace}
        if "--json" in sys.argv:
            sys.stdout.write(f"{json.dumps(told)}\n")
        else:
            sys.stderr.write(
                f"{trace}\nsongfilm cannot start. Install it again, as the README says; if that "
                "does not help, please report this with the lines above and the command.\n"
            )
        sys.exit(_BUG)
    return app
