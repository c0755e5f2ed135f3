"""Options for what is laid over a film's pictures: grade, title card, credits, lyrics."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from recipe_schema.faults import broken_rule
from recipe_schema.forms import DressOptions
from recipe_schema.recipe import Recipe
from tasks.assembly.dressing import check_files
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage.named_files import files_here, open_named
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import ArtifactStore

_PANEL = "Over the pictures"

TitleOption = Annotated[
    str | None,
    typer.Option(
        help="Title card at the start; auto: what the song's file says (a title that is this very "
        "word: Auto).",
        rich_help_panel=_PANEL,
    ),
]
ArtistOption = Annotated[
    str | None, typer.Option(help="Artist on the title card; or auto.", rich_help_panel=_PANEL)
]
CreditOption = Annotated[
    list[str] | None,
    typer.Option(help="A line of the closing credits; repeatable.", rich_help_panel=_PANEL),
]
LyricsOption = Annotated[
    str | None,
    typer.Option(
        help="Words in time, .srt or .lrc: a track of the film, and a file beside it.",
        rich_help_panel=_PANEL,
    ),
]
BurnOption = Annotated[
    bool,
    typer.Option(
        "--burn-lyrics", help="Paint the lyrics into the pictures.", rich_help_panel=_PANEL
    ),
]
FontOption = Annotated[
    str | None, typer.Option(help="A .ttf or .otf file to write with.", rich_help_panel=_PANEL)
]
LutOption = Annotated[
    str | None, typer.Option(help="A .cube colour table over the look.", rich_help_panel=_PANEL)
]
GradeOption = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.5,
        help="Strength of the common look: 0 leaves the clips as they are, 1 is usual.",
        rich_help_panel=_PANEL,
    ),
]


def dress_options(
    *,
    title: str | None,
    artist: str | None,
    credit: list[str] | None,
    lyrics: str | None,
    burn_lyrics: bool,
    font: str | None,
    lut: str | None,
    grade: float | None,
) -> DressOptions:
    """What was asked for, as flows take it.

    Raises:
        BadInputError: A text that is too long.
    """
    try:
        return DressOptions(
            title=title,
            artist=artist,
            credits=tuple(credit or ()),
            lyrics=lyrics,
            burn_lyrics=burn_lyrics,
            font=font,
            lut=lut,
            grade=grade,
        )
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0]).replace("credits", "credit").replace("_", "-")
        raise BadInputError(f"--{name}: {broken_rule(fault)}") from error


def files_of(dress: DressOptions) -> list[Path]:
    """The files of this machine that were named."""
    return files_here(dress.lut, dress.font, dress.lyrics)


def check_dress(dress: DressOptions, store: ArtifactStore, recipe: Recipe | None = None) -> None:
    """Read every file that was named, before anything is started.

    Raises:
        BadInputError: One that is not there or cannot be used, or words that cannot be written.
    """
    with scratch_folder(Settings().scratch_path) as folder:
        check_files(
            dress,
            lambda source, what: open_named(source, what=what, store=store, folder=folder),
            recipe=recipe,
        )
