"""What the catalogue answers: a line a project, film, shot, or sum of costs."""

from datetime import datetime

from pydantic import Field

from recipe_schema.base import SchemaModel


class ProjectLine(SchemaModel):
    """A project at a glance; without a latest film, it has credit and nothing else."""

    project: str
    films: int
    songs: int
    versions: int
    latest: datetime | None
    cost_usd: float
    saved_usd: float
    credit_usd: float | None


class ShotLine(SchemaModel):
    """One shot of a film."""

    shot: str
    fingerprint: str
    renderer: str
    cache: str
    near_of: str | None
    fallback: str | None
    cost_usd: float
    saved_usd: float
    seconds: float
    prompt: str
    times_used: int


class FilmLine(SchemaModel):
    """One film of the history."""

    run_id: str
    made_at: datetime
    project: str
    song: str
    song_sha256: str
    version: int
    recipe: str
    status: str
    renderer: str
    tenant: str
    duration_s: float
    cost_usd: float
    saved_usd: float
    seconds: float
    gone: bool
    export: str | None = Field(
        default=None, description="Of what was made of another film: film or teaser."
    )
    shots: tuple[ShotLine, ...]


class CostLine(SchemaModel):
    """What a project, a month or a renderer came to.

    Films tell what their clips cost and spared; the ledger (`spent_usd`) knows of clips, too, whose
    films were never finished, but of other machines' only when they share it. `picture_s` are the
    seconds of picture that it paid.
    """

    name: str
    films: int
    made: int
    reused: int
    seconds: float
    cost_usd: float
    saved_usd: float
    spent_usd: float
    picture_s: float
    reserved_usd: float
    uncovered_usd: float
