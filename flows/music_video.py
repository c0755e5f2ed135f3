"""The main path, from a song to a finished film. Read this first."""

from prefect import flow
from pydantic import JsonValue

from flows.cancelling import cancellable
from flows.film import film_run, make_film, tell_failure, title_of_run
from flows.library import estimate
from flows.review import review_recipe
from flows.whole import whole
from recipe_schema.analysis import Excerpt
from recipe_schema.artifacts import VideoManifest
from recipe_schema.assembly import FilmFormat
from recipe_schema.farm import Production
from recipe_schema.forms import DressOptions, EarsOptions, FarmOptions, LibraryOptions, StyleOptions
from tasks.analysis.task import analyze_song, check_ears, file_analysis
from tasks.assembly.task import check_dress, dress_recipe
from tasks.planning.task import plan_recipe
from tasks.rendering.task import renderer_limits, settled


@flow(name="music-video", flow_run_name=title_of_run, on_failure=[tell_failure])
@cancellable
def music_video(
    audio: str,
    analysis: str | None = None,
    style: StyleOptions = StyleOptions(),
    renderer: str = "procedural",
    film: FilmFormat = FilmFormat(),
    dress: DressOptions = DressOptions(),
    excerpt: Excerpt | None = None,
    ears: EarsOptions = EarsOptions(),
    farm: FarmOptions = FarmOptions(),
    library: LibraryOptions = LibraryOptions(),
    review: bool = False,
    out: str | None = None,
    store: str | None = None,
) -> VideoManifest:
    """Turn a song into a finished music video, cut on the beat.

    Args:
        audio: The song: a path that the workers can read, a key of the store, or an https address.
        analysis: What was heard, as edited by hand: JSON, path or key; nothing is heard again.
        style: How the film looks and how fast it is cut.
        renderer: Who makes the clips, such as procedural.
        film: Size, frame rate, quality and audio of the film.
        dress: Grade, title, credits and lyrics that are laid over the pictures.
        excerpt: Part of the song; the whole when empty.
        ears: Who listens to the song, and what is set right: tempo, bars, the beats' place.
        farm: Where shots are rendered, and what happens when one fails.
        library: The film's project, and which stored clips it may use.
        review: Wait for a person to read and edit the plan before anything is rendered.
        out: Path of the film, .mp4, .mov or .mkv; empty: it is kept in the store.
        store: Address of the artifact store; the workers' own when empty.

    Returns:
        The manifest: everything that made the film.
    """
    check_ears(ears, analysis=analysis)
    check_dress(dress, store=store, out=out)
    heard, recalled = analyze_song(
        audio, excerpt=excerpt, ears=ears, analysis=analysis, store=store
    )
    limits = renderer_limits(renderer)
    planned = plan_recipe(whole(heard), style=style, limits=limits)
    recipe, told = dress_recipe(planned, dress, analysis=heard, store=store)
    job = Production(
        recipe=recipe,
        analysis=heard,
        film=film,
        renderer=renderer,
        store=store,
        farm=farm,
        library=settled(library),
        film_run=film_run(),
    )
    if review:
        recipe = review_recipe(
            recipe,
            analysis=heard,
            store=store,
            renderer=renderer,
            estimate=estimate(job),
            replan=lambda seed, look: dress_recipe(
                plan_recipe(
                    whole(heard),
                    style=style.model_copy(update={"aesthetic": look, "seed": seed}),
                    limits=limits,
                ),
                dress,
                analysis=heard,
                store=store,
            )[0],
        )
        recipe, again = dress_recipe(recipe, DressOptions(), analysis=heard, store=store)
        told = tuple(dict.fromkeys((*told, *again)))
    recipe = file_analysis(recipe, heard, store=store)
    job = job.model_copy(update={"recipe": recipe})
    asked: dict[str, JsonValue] = {
        "style": style.model_dump(mode="json"),
        "seed": recipe.seed,
        "recalled": recalled,
    }
    return make_film(job, out=out, planned=not review, asked=asked, warnings=told)
