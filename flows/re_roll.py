"""One shot of a finished film again, with another seed or another prompt."""

import logging
from uuid import UUID

from prefect import flow
from pydantic import JsonValue

from flows.cancelling import cancellable
from flows.film import film_run, make_film, tell_failure
from recipe_schema.artifacts import ShotRecord, VideoManifest
from recipe_schema.farm import Production
from recipe_schema.forms import DressOptions, FarmOptions, LibraryOptions, library_of
from recipe_schema.recipe import Recipe
from tasks.analysis.task import open_analysis
from tasks.assembly.task import dress_recipe, film_of, open_manifest
from tasks.errors import BadInputError
from tasks.planning.task import open_recipe
from tasks.rendering.task import lend_clips, settled

log = logging.getLogger(__name__)

_SEEDS = 2**31


@flow(name="re-roll", flow_run_name="{shot} again", on_failure=[tell_failure])
@cancellable
def re_roll(
    film: str,
    shot: str,
    seed: int | None = None,
    prompt: str | None = None,
    farm: FarmOptions = FarmOptions(),
    library: LibraryOptions | None = None,
    out: str | None = None,
    store: str | None = None,
) -> VideoManifest:
    """Render one shot of a film anew and assemble the film again; all else is used again.

    Args:
        film: Flow run of the film, as its manifest and its page in the dashboard name it.
        shot: Id of the shot, such as shot_004.
        seed: Seed of the new take; another one than the shot's own when empty.
        prompt: New words for the shot; its own when empty.
        farm: Where the shot is rendered, and what happens when it fails.
        library: Project of the new film, and which stored clips the new take may be; those of the
            film when empty.
        out: Path of the film; empty: it is kept in the store.
        store: Address of the artifact store; the workers' own when empty.
    """
    manifest = open_manifest(film, store=store)
    recipe = _with_take(open_recipe(manifest.recipe.key, store=store), shot, seed, prompt)
    analysis = open_analysis(manifest.analysis.key, store=store)
    recipe, told = dress_recipe(recipe, DressOptions(), analysis=analysis, store=store)
    job = Production(
        recipe=recipe,
        analysis=analysis,
        film=film_of(manifest),
        renderer=str(manifest.settings.get("renderer", "procedural")),
        store=store,
        farm=farm,
        library=settled(library or library_of(manifest.settings)),
        film_run=film_run(),
    )
    if not job.library.reuse_clips:
        _lend(job, manifest.shots, but=shot)
    asked: dict[str, JsonValue] = {"seed": recipe.seed, "re_roll_of": film, "shot": shot}
    return make_film(job, out=out, planned=False, asked=asked, warnings=told)


def _lend(job: Production, shots: tuple[ShotRecord, ...], *, but: str) -> None:
    """Let the new film use the old one's other clips, though it re-uses nothing else."""
    names = [each.near_of or each.fingerprint for each in shots if each.id != but]
    gone = lend_clips(names, film_run=job.film_run, store=job.store, library=job.library)
    if gone:
        log.warning("%d clips of the film cannot be used again; they are made anew", len(gone))


def _with_take(recipe: Recipe, shot: str, seed: int | None, prompt: str | None) -> Recipe:
    """The recipe with one shot changed.

    Raises:
        BadInputError: The film has no such shot.
    """
    chosen = next((each for each in recipe.shot_list if each.id == shot), None)
    if chosen is None:
        known = ", ".join(each.id for each in recipe.shot_list[:5])
        raise BadInputError(f"the film has no shot {shot}; it has {known}, …")
    if seed is None and prompt is None:
        # Another take each time one is asked for; the same one when this run is retried.
        seed = UUID(film_run()).int % _SEEDS
    edits = {"seed": chosen.seed if seed is None else seed}
    words = {} if prompt is None else {"mochi_prompt": prompt, "prompt": None}
    changed = chosen.model_copy(update={**edits, **words})
    shots = tuple(changed if each.id == shot else each for each in recipe.shot_list)
    return recipe.model_copy(update={"shot_list": shots})
