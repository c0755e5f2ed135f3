"""The second rung: a song, or an analysis as edited, becomes a recipe."""

from prefect import flow

from flows.cancelling import cancellable
from flows.film import title_of_run
from flows.whole import whole
from recipe_schema.analysis import Excerpt
from recipe_schema.forms import EarsOptions, StyleOptions
from recipe_schema.recipe import Recipe
from tasks.analysis.task import analyze_song, check_ears, file_analysis, open_analysis
from tasks.errors import BadInputError
from tasks.planning.task import keep_recipe, plan_recipe
from tasks.rendering.task import renderer_limits


@flow(name="plan-video", flow_run_name=title_of_run)
@cancellable
def plan_video(
    audio: str | None = None,
    analysis: str | None = None,
    style: StyleOptions = StyleOptions(),
    renderer: str = "procedural",
    excerpt: Excerpt | None = None,
    ears: EarsOptions = EarsOptions(),
    store: str | None = None,
) -> Recipe:
    """Plan a film; nothing is rendered yet. The recipe is kept in the store, for render-video.

    Args:
        audio: The song: a path that the workers can read, a key of the store, or an https address.
        analysis: Instead of a song: its analysis, as heard or as edited by hand, as JSON, path or
            key.
        style: How the film looks and how fast it is cut.
        renderer: Whose limits the shots keep to.
        excerpt: Part of the song; the whole when empty.
        ears: Who listens to the song, and what is set right: tempo, bars, the beats' place.
        store: Address of the artifact store; the workers' own when empty.
    """
    if (audio is None) == (analysis is None):
        raise BadInputError("give either a song or an analysis")
    check_ears(ears, analysis=analysis)
    if audio is not None:
        heard, _ = analyze_song(audio, excerpt=excerpt, ears=ears, store=store)
    else:
        heard = open_analysis(analysis or "", ears=ears, store=store)
    recipe = plan_recipe(whole(heard), style=style, limits=renderer_limits(renderer))
    recipe = file_analysis(recipe, heard, store=store)
    keep_recipe(recipe, store=store)
    return recipe
