"""What ``songfilm analyze`` writes beside the analysis: its picture and its tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from deployments import preflight
from recipe_schema.analysis import SongAnalysis
from tasks.analysis.tables import TABLES, check_pandas, make_tables, write_tables
from tasks.errors import BadInputError
from tasks.media.curves import read_curves, read_portrait
from tasks.media.portrait import check_suffix, draw_song, save_picture
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.scratch import scratch_folder

PlotOption = Annotated[
    Path | None,
    typer.Option(help="A picture of all that was heard: .png, .svg, .pdf or .webp."),
]
TablesOption = Annotated[
    Path | None,
    typer.Option(help="Folder for tables: song, sections, beats and curves (CSV; needs pandas)."),
]


@dataclass(frozen=True)
class Beside:
    """Files that a person wants beside the analysis."""

    plot: Path | None = None
    tables: Path | None = None

    def check(self, *others: Path | None) -> None:
        """Refuse what cannot be written, before anything is heard.

        Args:
            others: Files that are read or written, too; none may have a name of these.

        Raises:
            BadInputError: An ending that is no picture's, or a place that cannot be written.
            MissingDependencyError: Tables are wanted and pandas is not installed.
        """
        if self.plot is not None:
            check_suffix(self.plot)
            preflight.check_writable(self.plot, *others)
        if self.tables is not None:
            check_pandas()
            if self.tables.is_file():
                raise BadInputError(f"{self.tables} is a file; tables need a folder")
            for name in TABLES:
                preflight.check_writable(self.tables / f"{name}.csv", *others)

    def write(self, analysis: SongAnalysis, *, store: str) -> tuple[tuple[Path, ...], list[str]]:
        """Draw the picture and write the tables.

        Args:
            analysis: What was heard, its curves in the store.
            store: Address of the artifact store.

        Returns:
            The files, and what a person should know of them.
        """
        files: tuple[Path, ...] = ()
        notes: list[str] = []
        if self.plot is None and self.tables is None:
            return files, notes
        with scratch_folder(Settings().scratch_path) as folder:
            stored = open_store(store).local_file(analysis.curves, folder)
            curves = read_curves(stored, analysis.excerpt)
            portrait = read_portrait(stored, analysis.excerpt)
        if self.plot is not None:
            picture = draw_song(analysis, curves, portrait)
            save_picture(picture, self.plot)
            files, notes = (self.plot,), [*picture.notes]
        if self.tables is not None:
            files += write_tables(make_tables(analysis, curves), self.tables)
        return files, notes
