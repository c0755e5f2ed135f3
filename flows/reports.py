"""What flows tell: faults before work starts, and what a run was asked for."""

from pydantic import JsonValue

from recipe_schema.analysis import SongAnalysis
from recipe_schema.assembly import FilmFormat
from recipe_schema.checks import check_recipe
from recipe_schema.recipe import Recipe
from tasks.errors import BadInputError

_SHOWN = 5


def refuse_faults(
    recipe: Recipe, analysis: SongAnalysis | None, *, planned: bool
) -> tuple[str, ...]:
    """Stop before any money or time is spent on a recipe that cannot become a film.

    Args:
        recipe: The plan.
        analysis: The song; without it, cuts are not held against beats.
        planned: Whether songfilm made the recipe; rhythm faults are then errors.

    Returns:
        The warnings, for the manifest.

    Raises:
        BadInputError: The recipe has errors; the first few are named.
    """
    findings = check_recipe(
        recipe,
        beats=analysis.beats if analysis else None,
        duration=analysis.duration if analysis else None,
        rhythm="error" if planned else "warning",
    )
    errors = [finding.message for finding in findings if finding.level == "error"]
    if errors:
        more = f" (and {len(errors) - _SHOWN} more)" if len(errors) > _SHOWN else ""
        raise BadInputError(f"the recipe cannot be made: {'; '.join(errors[:_SHOWN])}{more}")
    return tuple(finding.message for finding in findings)


def refuse_overlaps(recipe: Recipe) -> None:
    """Stop at ids and spans that contradict each other; gaps do not keep clips from being made.

    Raises:
        BadInputError: Two shots share an id or a time.
    """
    for finding in check_recipe(recipe):
        if finding.code in ("duplicate-id", "overlap"):
            raise BadInputError(f"the recipe cannot be rendered: {finding.message}")


def settings_of(film: FilmFormat, **asked: JsonValue) -> dict[str, JsonValue]:
    """What a run was asked for, as the manifest keeps it."""
    return {"film": film.model_dump(mode="json"), **asked}
