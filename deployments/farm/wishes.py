"""What the person who starts a farm asks for; it holds until they ask for something else."""

from pathlib import Path

from pydantic import ValidationError

from recipe_schema.base import SchemaModel
from recipe_schema.vocabulary import RenderPool
from tasks.errors import BadInputError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4200
# While one film waits for its shots, another one is composed.
DEFAULT_FILMS = 2


class Wishes(SchemaModel):
    """Options of `songfilm up`; empty: as last time, else the default."""

    database: str | None = None
    """Address, or `sqlite`, or `own`; may hold a password."""
    host: str | None = None
    port: int | None = None
    films: int | None = None
    workers: int | None = None
    gpu: bool | None = None
    shots: RenderPool | None = None
    """Where films render their shots unless their form says otherwise; empty: as they do now."""

    def over(self, file: Path) -> "Wishes":
        """These wishes over those that were kept.

        Args:
            file: From `keep`; need not exist.

        Raises:
            BadInputError: The file is not one of ours.
        """
        try:
            before = Wishes.model_validate_json(file.read_text()) if file.exists() else Wishes()
        except ValidationError as error:
            raise BadInputError(
                f"{file} is damaged; delete it and say again what you want"
            ) from error
        return before.model_copy(update=self.model_dump(exclude_none=True))

    def keep(self, file: Path) -> None:
        """Write them down for the next time, for their owner only: a password may be in there."""
        file.touch(mode=0o600)
        file.write_text(self.model_dump_json(exclude_none=True))

    @property
    def address(self) -> str:
        """host:port of the server."""
        return f"{self.host or DEFAULT_HOST}:{self.port or DEFAULT_PORT}"
