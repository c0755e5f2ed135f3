"""What a person chose on the command line, as flows take it."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from deployments.cli_dress import check_dress
from recipe_schema.assembly import FilmFormat
from recipe_schema.forms import (
    PROJECT_RULE,
    DressOptions,
    EarsOptions,
    LibraryOptions,
    StyleOptions,
)
from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import Aesthetic
from tasks.analysis.separator import load_separator
from tasks.analysis.tracker import OURS, load_tracker
from tasks.errors import BadInputError
from tasks.planning.style import find_aesthetic
from tasks.rendering.renderer import load_renderer
from tasks.settings import Settings
from tasks.storage import open_store

_LIBRARY_RULES = {
    "project": PROJECT_RULE,
    "near": "a similarity is at least 0.5 and below 1, such as 0.9",
}


@dataclass(frozen=True)
class Wishes:
    """What a person chose for a film, beside song and output."""

    film: FilmFormat = FilmFormat()
    start: float | None = None
    length: float | None = None
    style: str | None = None
    renderer: str = "procedural"
    seed: int = 0
    pace: float = 1.0
    calm: bool | None = None
    store: str | None = None
    project: str | None = None
    fresh: bool = False
    near: float | None = None
    dress: DressOptions = DressOptions()
    analysis: Path | None = None
    ears: EarsOptions = EarsOptions()

    @property
    def library(self) -> LibraryOptions:
        """Project and stored clips as flows take them.

        Raises:
            BadInputError: No name of a project, or no similarity.
        """
        return self.library_over(LibraryOptions())

    def library_over(self, base: LibraryOptions) -> LibraryOptions:
        """The same over another film's, for what was not asked for.

        Raises:
            BadInputError: No name of a project, or no similarity.
        """
        given = {"project": self.project, "near": self.near, "reuse_clips": not self.fresh}
        given = {name: value for name, value in given.items() if value is not None}
        try:
            return LibraryOptions.model_validate(base.model_dump() | given)
        except ValidationError as error:
            wrong = str(error.errors()[0]["loc"][0])
            raise BadInputError(f"--{wrong} {given[wrong]!r}: {_LIBRARY_RULES[wrong]}") from error

    @property
    def address(self) -> str:
        """The artifact store to use."""
        return self.store or Settings().store_url

    @property
    def look(self) -> StyleOptions:
        """The style as flows take it; `check` refuses names that nobody knows."""
        aesthetic = Aesthetic(self.style) if self.style else None
        return StyleOptions(
            aesthetic=aesthetic, seed=self.seed, pace=self.pace, calm=bool(self.calm)
        )

    def check(self, recipe: Recipe | None = None) -> None:
        """Refuse names that nobody knows, and a store that cannot be used.

        Args:
            recipe: The plan, if there is one: its files and words are read, too.

        Raises:
            BadInputError: Unknown name, no such store, files that cannot be used, or wishes that
                contradict each other.
        """
        if self.fresh and self.near is not None:
            raise BadInputError(
                "--fresh renders every shot anew, and --near lets others' clips stand in; give one"
            )
        self.library  # noqa: B018  refuses what it cannot be
        check_dress(self.dress, open_store(self.address), recipe)
        load_renderer(self.renderer)
        if self.ears.beats != OURS:
            load_tracker(self.ears.beats, weights=Settings().tracker_weights)
        if self.ears.stems is not None:
            load_separator(self.ears.stems, weights=Settings().demucs_models)
        if self.style is not None:
            find_aesthetic(self.style)
