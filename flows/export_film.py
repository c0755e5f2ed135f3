"""Another shape, a teaser, a loop, a GIF, a poster or an edit of a finished film."""

from collections.abc import Callable
from functools import partial

from prefect import flow
from pydantic import JsonValue

from flows.cancelling import cancellable
from flows.film import film_run, finish_film, tell_failure, told
from flows.whole import whole
from recipe_schema.artifacts import Export, VideoManifest
from recipe_schema.farm import Production
from recipe_schema.forms import ExportOptions, FarmOptions, library_of
from recipe_schema.vocabulary import ExportKind
from tasks.analysis.task import open_analysis
from tasks.assembly.task import (
    check_export,
    clips_of_film,
    export_edit,
    export_gif,
    export_loop,
    export_poster,
    export_teaser,
    open_manifest,
)
from tasks.planning.task import open_recipe
from tasks.rendering.task import settled


@flow(name="export-film", flow_run_name="{kind} of {film}", on_failure=[tell_failure])
@cancellable
def export_film(
    film: str,
    kind: ExportKind = ExportKind.FILM,
    options: ExportOptions = ExportOptions(),
    length: float | None = None,
    sound: bool = False,
    farm: FarmOptions = FarmOptions(),
    out: str | None = None,
    store: str | None = None,
) -> Export:
    """Make something else of a finished film, from the same clips; nothing is rendered anew.

    Args:
        film: Flow run of the film, as its manifest and its page in the dashboard name it.
        kind: The film in another format, its teaser, a loop, a GIF, its poster, or an edit.
        options: How it differs from the film: shape, size, frame rate, codec.
        length: Seconds at most of a teaser (15), a loop or a GIF (3 to 8; about 6), which end on
            a bar.
        sound: Let the song play with a loop.
        farm: Where the pictures of a film are composed; all else is made by this run.
        out: Path of the export; empty: it is kept in the store, a film or teaser with a page of
            its own, all else on the page of its film.
        store: Address of the artifact store; the workers' own when empty.
    """
    manifest = open_manifest(film, store=store)
    form = check_export(manifest, options, kind, out=out, length_s=length, sound=sound)
    recipe = open_recipe(manifest.recipe.key, store=store)
    clips = clips_of_film(manifest, recipe, store=store)
    job = Production(
        recipe=recipe,
        analysis=open_analysis(manifest.analysis.key, store=store),
        film=form,
        renderer=str(manifest.settings.get("renderer", "procedural")),
        store=store,
        farm=farm,
        library=settled(library_of(manifest.settings)),
        film_run=film_run(),
    )
    asked: dict[str, JsonValue] = {"seed": recipe.seed, "export_of": film}
    if kind is ExportKind.FILM:
        return _as_export(finish_film(job, clips, out=out, asked=asked), film)
    makers: dict[ExportKind, Callable[..., Export]] = {
        ExportKind.TEASER: partial(
            export_teaser, length_s=length, settings=told(job, part="teaser", **asked)
        ),
        ExportKind.LOOP: partial(export_loop, length_s=length, sound=sound),
        ExportKind.GIF: partial(export_gif, length_s=length),
        ExportKind.POSTER: export_poster,
        ExportKind.EDIT: export_edit,
    }
    return makers[kind](whole(job), whole(clips), film_run=film, out=out)


def _as_export(manifest: VideoManifest, film: str) -> Export:
    """A film in another format, as all exports are told."""
    made = manifest.output
    return Export(
        kind=ExportKind.FILM,
        film_run=film,
        path=made.path,
        size=made.size,
        width_px=made.width_px,
        height_px=made.height_px,
        fps=made.fps,
        frames=made.frames,
        start=0.0,
        duration=made.duration,
        segments=len(manifest.segments),
        segments_reused=sum(piece.cache == "hit" for piece in manifest.segments),
        manifest=manifest,
        warnings=manifest.warnings,
    )
