"""Several shots in one flow run, for machines that load a model and are gone afterwards."""

from prefect import flow

from flows.cancelling import cancellable
from flows.render_shot import render_shot_of
from flows.resume import resume_film
from recipe_schema.artifacts import Clip
from recipe_schema.assembly import FilmFormat
from recipe_schema.forms import LibraryOptions
from tasks.errors import IncompleteFilmError, RunCancelledError, SongfilmError
from tasks.media.progress import report


@flow(name="render-batch", on_completion=[resume_film])
@cancellable
def render_batch(
    shots: tuple[str, ...],
    recipe: str,
    analysis: str | None = None,
    film: FilmFormat = FilmFormat(),
    renderer: str = "procedural",
    store: str | None = None,
    library: LibraryOptions = LibraryOptions(),
    film_run: str | None = None,
) -> tuple[Clip, ...]:
    """Render shots one after another; one that fails does not stop the others.

    Args:
        shots: Ids of the shots; those whose clips the store has cost nothing.
        recipe: The film's recipe: key in the store, path, or JSON.
        analysis: The song's analysis, likewise; without it pictures follow the shots' energy.
        film: Size and frame rate of the film that the clips are for.
        renderer: Who makes the clips, unless a shot names another.
        store: Address of the artifact store; the worker's own when empty.
        library: Which stored clips may be used.
        film_run: Flow run of the film, which goes on when its last shot is there.

    Raises:
        IncompleteFilmError: Some shots failed; a retry renders only these.
    """
    clips, failures = [], []
    for shot in shots:
        try:
            clip = render_shot_of(
                shot,
                recipe=recipe,
                analysis=analysis,
                film=film,
                renderer=renderer,
                store=store,
                library=library,
                film_run=film_run,
            )
            clips.append(clip)
            report("shots", len(clips), len(shots))
        except RunCancelledError:
            raise
        except SongfilmError as error:
            failures.append(f"{shot}: {error}")
    if failures:
        raise IncompleteFilmError(
            f"{len(failures)} of {len(shots)} shots failed ({'; '.join(failures)}); "
            "the other clips are kept, a retry renders only these"
        )
    return tuple(clips)
