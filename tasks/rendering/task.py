"""The rendering room's door: a shot in, its clip from the store or freshly rendered out."""

import base64
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from recipe_schema.analysis import Excerpt, SongAnalysis
from recipe_schema.artifacts import ArtifactRef, Clip, ClipSpan, RendererLimits
from recipe_schema.assembly import FilmFormat
from recipe_schema.forms import LibraryOptions
from recipe_schema.recipe import Recipe, Shot
from tasks.errors import NoSpaceError, TransientError
from tasks.media import workers
from tasks.media.curves import FloatArray, read_curves
from tasks.media.stills import take_still
from tasks.rendering import render
from tasks.rendering.backends.procedural.themes import THEMES
from tasks.rendering.casting import casting_faults
from tasks.rendering.clip_format import clip_rate, clip_size, native_notes
from tasks.rendering.drive import drive_for
from tasks.rendering.fingerprint import fingerprint, kinship
from tasks.rendering.reading import prompt_of
from tasks.rendering.renderer import Renderer, RenderRequest, known_renderers, load_renderer
from tasks.rendering.request import clip_frames, make_request
from tasks.rendering.similarity import most_similar
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.agent_cache import AgentCache
from tasks.storage.clip_library import ClipLibrary, Wanted
from tasks.storage.clip_shelf import ClipShelf
from tasks.storage.purchase import Detail, check_books, event_of, overdraft, paying
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import ArtifactStore, keep_file

RETRY_DELAYS_S = [2.0, 10.0]
# Contact sheets hold dozens of stills in one page.
_STILL_WIDTH_PX = 192
# Clips that an estimate looks at.
_MEASURED = 100


def renderer_limits(renderer: str) -> RendererLimits:
    """Tell what a renderer can make."""
    return load_renderer(renderer).limits()


def _may_help(_task: "Task[..., Clip]", _run: TaskRun, state: "State[Clip]") -> bool:
    """Whether trying a failed shot again makes sense."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, TransientError) and not isinstance(error, NoSpaceError)


@task(
    name="render-shot",
    task_run_name="{shot.id}",
    cache_policy=NO_CACHE,
    retries=len(RETRY_DELAYS_S),
    retry_delay_seconds=RETRY_DELAYS_S,
    retry_condition_fn=_may_help,
)
def render_shot(
    shot: Shot,
    *,
    recipe: Recipe,
    span: ClipSpan,
    film: FilmFormat,
    analysis: SongAnalysis | None,
    renderer: str,
    store: str | None,
    library: LibraryOptions = LibraryOptions(),
    film_run: str | None = None,
) -> Clip:
    """Make the clip of one shot, or find it in the store.

    Args:
        shot: What is to be seen.
        recipe: The film's look and seed.
        span: Film frames to cover.
        film: Size and rate of the film.
        analysis: The song; without it the pictures follow the shot's energy alone.
        renderer: Who makes the clip unless the shot names another.
        store: Address of the artifact store.
        library: Which stored clips may be used.
        film_run: The film that the clip is made for.
    """
    maker = load_renderer(shot.renderer or renderer)
    request = _request(shot, recipe, span, film, analysis, maker.limits(), store)
    shelves = _library(open_store(store), library)
    wanted = _wanted(request, maker, film_run)
    found, told = shelves.look_up(wanted, ask=True)
    if found is not None:
        return _paid(found, library, store)
    with shelves.turn(wanted) as made:
        if made is not None:
            return _paid(made, library, store)
        price, detail = _price(request, maker), _detail(request, maker, wanted)
        event = event_of(detail, wanted.fingerprint)
        with paying(event, library.project, price, detail, store_url=_address(store)) as bill:
            clip = _make(request, maker, wanted, shelves.shelf.store)
            bill.usd, bill.machine_s = clip.cost, clip.seconds
            warnings = (*clip.warnings, *told)
            clip = shelves.keep(wanted, clip.model_copy(update={"warnings": warnings}))
        return _told(clip, overdraft(bill, library.project, detail))


def _make(
    request: RenderRequest, maker: Renderer, wanted: Wanted, artifacts: ArtifactStore
) -> Clip:
    """Render a clip into the store, and say what it took and what it cost."""
    settings = Settings()
    with scratch_folder(settings.scratch_path) as folder:
        path = folder / "clip.mp4"
        told, seconds = workers.run(render, request, path, renderer=maker.name)
        file = keep_file(artifacts, path, "video/mp4", move=True)
    return Clip(
        shot_id=wanted.shot_id,
        fingerprint=wanted.fingerprint,
        file=file,
        renderer=maker.name,
        quality_class=maker.quality_class,
        width_px=request.width_px,
        height_px=request.height_px,
        fps=f"{request.fps.numerator}/{request.fps.denominator}",
        frames=request.frames,
        seed=request.seed,
        seconds=seconds,
        cost=_price(request, maker) + seconds / 3600 * settings.usd_per_hour,
        made_for=wanted.film_run,
        prompt=wanted.prompt,
        fallback=told.fallback,
        warnings=told.warnings,
    )


def _price(request: RenderRequest, maker: Renderer) -> float:
    """What a renderer's service asks for a clip, US dollars."""
    return maker.limits().usd_per_s * float(request.frames / request.fps)


def _detail(request: RenderRequest, maker: Renderer, wanted: Wanted) -> Detail:
    """What the ledger says of a clip."""
    return Detail(
        renderer=maker.name,
        picture_s=float(request.frames / request.fps),
        film_run=wanted.film_run,
        shot=wanted.shot_id,
    )


def _paid(clip: Clip, library: LibraryOptions, store: str | None) -> Clip:
    """The same clip, paid for if it was made for this film: its worker may have died before."""
    if clip.cache == "miss" and clip.cost > 0:
        detail = Detail(
            renderer=clip.renderer,
            picture_s=float(clip.frames / Fraction(clip.fps)),
            film_run=clip.made_for,
            shot=clip.shot_id,
        )
        event = event_of(detail, clip.fingerprint)
        with paying(event, library.project, clip.cost, detail, store_url=_address(store)) as bill:
            bill.machine_s = clip.seconds
        return _told(clip, overdraft(bill, library.project, detail))
    return clip


def _told(clip: Clip, warning: str | None) -> Clip:
    """The clip as this film has it, with one more warning if there is any."""
    if warning is None:
        return clip
    return clip.model_copy(update={"warnings": (*clip.warnings, warning)})


def check_ledger(recipe: Recipe, *, renderer: str, store: str | None) -> None:
    """Refuse a film that costs money before anything is rendered, if none can be counted.

    Args:
        recipe: Its shots may name renderers of their own.
        renderer: Who makes the other clips.
        store: Address of the artifact store.

    Raises:
        PermanentError: The catalogue cannot be used.
        TransientError: It does not answer.
    """
    makers = {shot.renderer or renderer for shot in recipe.shot_list}
    prices = [renderer_limits(name).usd_per_s for name in sorted(makers)]
    check_books(prices, store_url=_address(store))


def _address(store: str | None) -> str:
    return store or Settings().store_url


def find_clips(
    shots: Sequence[Shot],
    *,
    recipe: Recipe,
    spans: Mapping[str, ClipSpan],
    film: FilmFormat,
    analysis: SongAnalysis | None,
    renderer: str,
    store: str | None,
    library: LibraryOptions = LibraryOptions(),
    film_run: str | None = None,
) -> dict[str, tuple[str, Clip | None]]:
    """Look shots up in the store, without making anything.

    Args:
        shots: Whose clips are wanted.
        recipe: The film's look and seed.
        spans: Film frames to cover, by shot.
        film: Size and rate of the film.
        analysis: The song.
        renderer: Who makes a clip unless its shot names another.
        store: Address of the artifact store.
        library: Which stored clips may be used.
        film_run: Clips made for this film do not count as hits.

    Returns:
        By shot id: the fingerprint, and the clip if the store has it.
    """
    shelves = _library(open_store(store), library)
    found: dict[str, tuple[str, Clip | None]] = {}
    for shot in shots:
        maker = load_renderer(shot.renderer or renderer)
        request = _request(shot, recipe, spans[shot.id], film, analysis, maker.limits(), store)
        wanted = _wanted(request, maker, film_run)
        clip = shelves.look_up(wanted)[0]
        found[shot.id] = wanted.fingerprint, clip and _paid(clip, library, store)
    return found


def clip_still(clip: Clip, *, store: str | None) -> str:
    """A small picture from the middle of a clip, as a data address that never expires."""
    with scratch_folder(Settings().scratch_path) as folder:
        picture = take_still(
            open_store(store).local_file(clip.file, folder), at=0.5, width_px=_STILL_WIDTH_PX
        )
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"


def measured_pace(
    renderer: str,
    *,
    film: FilmFormat,
    store: str | None,
    library: LibraryOptions = LibraryOptions(),
) -> tuple[float, float, int]:
    """What a second of a film's clips takes, from a sample of the clips in the store.

    Args:
        renderer: Who makes them.
        film: Says how large they are and how many frames they have.
        store: Address of the artifact store.
        library: Which stored clips count.

    Returns:
        Seconds of rendering and US dollars a second of clip, and how many clips were measured;
        zeros without any. Clips of another size count by their pixels.
    """
    clips = _library(open_store(store), library).shelf.sample(_MEASURED)
    measured = [clip for clip in clips if clip.renderer == renderer]
    if not measured:
        return 0.0, 0.0, 0
    limits = renderer_limits(renderer)
    width, height = clip_size(limits, film)
    pixels = sum(clip.frames * clip.width_px * clip.height_px for clip in measured)
    seconds = sum(clip.seconds for clip in measured) / pixels
    pace = seconds * width * height * float(clip_rate(limits, film))
    return pace, limits.usd_per_s + pace / 3600 * Settings().usd_per_hour, len(measured)


def told_of_native(recipe: Recipe, *, renderer: str, film: FilmFormat) -> tuple[str, ...]:
    """Say where a native film's clips will not be as the film is; see `native_notes`."""
    makers = sorted({shot.renderer or renderer for shot in recipe.shot_list})
    return tuple(note for name in makers for note in native_notes(renderer_limits(name), film))


def settled(library: LibraryOptions) -> LibraryOptions:
    """The same options with this worker's tenant where none is named, for all workers alike."""
    return library.model_copy(update={"tenant": library.tenant or Settings().tenant})


def lend_clips(
    fingerprints: Sequence[str], *, film_run: str, store: str | None, library: LibraryOptions
) -> tuple[str, ...]:
    """Let a film that re-uses no clips of other films use some all the same.

    Returns:
        Fingerprints of those that the store has no more.
    """
    shelves = _library(open_store(store), library)
    return tuple(name for name in fingerprints if not shelves.lend(name, film_run))


def _library(artifacts: ArtifactStore, options: LibraryOptions) -> ClipLibrary:
    """The stored clips as a film's options and this machine's settings allow."""
    settings, service = Settings(), None
    tenant = options.tenant or settings.tenant
    if settings.agent_cache_url is not None:
        service = AgentCache(
            url=settings.agent_cache_url,
            key=settings.agent_cache_key,
            tenant=tenant,
            ttl_s=round(settings.clip_days * 86_400),
        )
    return ClipLibrary(
        shelf=ClipShelf(artifacts, tenant=tenant, days=settings.clip_days),
        reuse=options.reuse_clips,
        similar=partial(most_similar, at_least=options.near) if options.near else None,
        service=service,
    )


def _wanted(request: RenderRequest, maker: Renderer, film_run: str | None) -> Wanted:
    """What the library is asked for; a shot with a seed of its own gets this very clip or none."""
    pinned = request.shot.seed is not None
    return Wanted(
        shot_id=request.shot.id,
        fingerprint=fingerprint(request, renderer=maker),
        renderer=maker.name,
        prompt=prompt_of(request),
        kinship=None if pinned else kinship(request, renderer=maker),
        film_run=film_run,
    )


def _request(
    shot: Shot,
    recipe: Recipe,
    span: ClipSpan,
    film: FilmFormat,
    analysis: SongAnalysis | None,
    limits: RendererLimits,
    store: str | None,
) -> RenderRequest:
    """The render request, with the song's curves where the renderer listens to them."""
    drive = None
    if analysis is not None and limits.uses_song:
        curves = _curves(store, analysis.curves, analysis.excerpt)
        rate = clip_rate(limits, film)
        drive = drive_for(
            curves,
            beats=analysis.beats,
            downbeats=analysis.downbeats,
            start_s=float(span.start_frame / Fraction(span.fps)),
            frames=clip_frames(shot.id, span, rate, limits),
            fps=rate,
            sections=analysis.sections,
        )
    return make_request(
        shot,
        style=recipe.visual_style,
        span=span,
        film=film,
        limits=limits,
        recipe_seed=recipe.seed,
        drive=drive,
    )


@lru_cache(maxsize=2)  # a film asks for the same song once a shot
def _curves(store: str | None, ref: ArtifactRef, excerpt: Excerpt | None) -> dict[str, FloatArray]:
    """The song's curves from the store, verified."""
    with scratch_folder(Settings().scratch_path) as folder:
        return read_curves(open_store(store).local_file(ref, folder), excerpt)


def unknown_words(recipe: Recipe, *, renderer: str) -> tuple[str, ...]:
    """Say what a recipe asks for that renderers do not know; see `casting_faults`."""
    return casting_faults(recipe, renderer=renderer)


def offered_words(recipe: Recipe) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Themes (the recipe's own included) and renderers that a shot may name."""
    own = {shot.visual_theme for shot in recipe.shot_list} - set(THEMES)
    renderers = {shot.renderer for shot in recipe.shot_list if shot.renderer}
    return (*THEMES, *sorted(own)), tuple(sorted({*known_renderers(), *renderers}))
