"""Options that several verbs of the command line share."""

from collections.abc import Callable
from typing import Annotated

import typer

from recipe_schema.vocabulary import Fit, Focus, Retime, VideoCodec
from tasks.errors import BadInputError

Run = Callable[..., None]
"""Does a verb's work and leaves with the exit code that its outcome means."""

StoreOption = Annotated[
    str | None, typer.Option(help="Artifact store: a folder, file:// URL or s3://bucket/prefix.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON lines for machines.")]
CodecOption = Annotated[
    VideoCodec | None, typer.Option(help="h264 plays everywhere; prores (.mov) is for editing.")
]
FitOption = Annotated[
    Fit | None, typer.Option(help="Clips of another shape: cropped, or shown whole.")
]
FocusOption = Annotated[
    Focus | None, typer.Option(help="What a crop keeps: where it happens, or the middle.")
]
RetimeOption = Annotated[
    Retime | None, typer.Option(help="Pictures between those of a clip; auto goes by quality.")
]
SIZES = {
    "4k": (3840, 2160),
    "1080p": (1920, 1080),
    "720p": (1280, 720),
    "vertical": (1080, 1920),
    "square": (1080, 1080),
}


def read_size(size: str) -> tuple[int, int]:
    """Width and height, from a word or from ``1920x1080``.

    Raises:
        BadInputError: Neither.
    """
    known = SIZES.get(size.lower())
    width, _, height = size.lower().partition("x")
    if known is None and not (width.isdecimal() and height.isdecimal()):
        raise BadInputError(f"size {size!r} is not of the form 1920x1080, nor {', '.join(SIZES)}")
    return known or (int(width), int(height))
