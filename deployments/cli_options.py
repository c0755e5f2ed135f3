"""Options that several verbs of the command line share."""

from collections.abc import Callable
from typing import Annotated

import typer

Run = Callable[..., None]
"""Does a verb's work and leaves with the exit code that its outcome means."""

StoreOption = Annotated[
    str | None, typer.Option(help="Artifact store: a folder, file:// URL or s3://bucket/prefix.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON lines for machines.")]
