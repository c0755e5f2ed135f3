"""The rungs from song to film: check the input, start the engine, run the flow."""

import shutil
from pathlib import Path

from deployments import preflight
from deployments.calm_wish import softened, with_calm
from deployments.cli_dress import files_of
from deployments.console import Screen
from deployments.engine import Engine
from deployments.song_source import own_file, song_here, song_if_any
from deployments.wishes import Wishes
from flows.reports import refuse_faults, refuse_overlaps
from recipe_schema.analysis import Excerpt, SongAnalysis
from recipe_schema.artifacts import Clip, VideoManifest
from recipe_schema.forms import EarsOptions, library_of
from recipe_schema.recipe import Recipe
from recipe_schema.versions import dump
from tasks.assembly.export import container_for
from tasks.errors import BadInputError
from tasks.media.audio import write_wav
from tasks.media.whole_file import whole_file
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import named_analysis
from tasks.storage.named_files import with_own_files
from tasks.storage.store import read_index, write_whole


def holds_recipe(source: str) -> bool:
    """Whether a file is a recipe (rather than an analysis or a song)."""
    path = own_file(source)
    return path is not None and preflight.is_json(path) and preflight.is_recipe(path)


def make_demo(screen: Screen, folder: Path, wishes: Wishes) -> VideoManifest:
    """Compose our own song into a folder and make its film there."""
    from tasks.media.demo_song import compose_demo_song

    film = folder / f"demo{container_for(wishes.film.codec, audio=wishes.film.audio)}"
    preflight.check_writable(film)
    song = folder / "demo_song.wav"
    screen.say("composing a song …")
    audio, _score = compose_demo_song()
    write_wav(song, audio)
    return make_film(screen, str(song), film, wishes)


def make_film(screen: Screen, song: str, out: Path, wishes: Wishes) -> VideoManifest:
    """Song in, film out."""
    wishes.check()
    if wishes.dress.burn_lyrics and not wishes.dress.lyrics:
        raise BadInputError("--burn-lyrics needs --lyrics FILE, an .srt or .lrc file")
    heard = preflight.read_analysis(wishes.analysis) if wishes.analysis else None
    if heard and heard.excerpt and (wishes.start is not None or wishes.length is not None):
        raise BadInputError("--start and --length are of the whole song; the analysis is of a part")
    preflight.check_out(out, wishes.film, own_file(song), wishes.analysis, *files_of(wishes.dress))
    preflight.check_ledger(wishes.renderer, wishes.address)
    with (
        song_here(screen, song, store=wishes.address) as path,
        _engine(screen, pictures=True) as engine,
    ):
        duration = preflight.check_song(path)
        excerpt = preflight.choose_excerpt(duration, wishes.start, wishes.length)
        span = excerpt.length if excerpt else duration
        preflight.check_space(out, wishes.address, wishes.film, span, renderer=wishes.renderer)

        def flow() -> VideoManifest:
            from flows.music_video import music_video

            return music_video(
                audio=str(path),
                analysis=dump(heard) if heard else None,
                out=str(out.absolute()),
                store=wishes.address,
                style=wishes.look,
                ears=wishes.ears,
                renderer=wishes.renderer,
                film=wishes.film,
                dress=wishes.dress,
                library=wishes.library,
                excerpt=excerpt,
            )

        return engine.run(flow)


def hear(screen: Screen, song: str, out: Path, wishes: Wishes) -> SongAnalysis:
    """Song in, analysis out."""
    wishes.check()
    preflight.check_writable(out, own_file(song))
    with (
        song_here(screen, song, store=wishes.address) as path,
        _engine(screen, pictures=False) as engine,
    ):
        excerpt = _excerpt(path, wishes)
        analysis = engine.run(lambda: _analyze_flow(path, excerpt, wishes))
    write_whole(out, dump(analysis))
    return analysis


def write_recipe(screen: Screen, source: str, out: Path, wishes: Wishes) -> Recipe:
    """Song or analysis in, recipe out."""
    wishes.check()
    file = own_file(source)
    preflight.check_writable(out, file)
    analysis = preflight.read_analysis(file) if file and preflight.is_json(file) else None
    if analysis and (wishes.start is not None or wishes.length is not None):
        raise BadInputError("--start and --length go with a song; an analysis is planned whole")
    with (
        song_if_any(screen, None if analysis else source, store=wishes.address) as song,
        _engine(screen, pictures=False) as engine,
    ):
        excerpt = _excerpt(song, wishes) if song else None

        def flow() -> Recipe:
            from flows.plan_video import plan_video

            return plan_video(
                audio=str(song) if song else None,
                analysis=dump(analysis) if analysis else None,
                excerpt=excerpt,
                store=wishes.address,
                style=wishes.look,
                ears=wishes.ears,
                renderer=wishes.renderer,
            )

        recipe = engine.run(flow)
    _tell_heard(screen, recipe, wishes)
    write_whole(out, dump(recipe))
    return recipe


def _tell_heard(screen: Screen, recipe: Recipe, wishes: Wishes) -> None:
    """Say what the ears doubt of the song that a recipe was planned over."""
    key = named_analysis(recipe.metadata.beats_source)
    heard = read_index(open_store(wishes.address), key, SongAnalysis) if key else None
    for line in heard.warnings if heard else ():
        screen.note(line)


def mend_recipe(
    screen: Screen,
    source: Path,
    out: Path,
    *,
    song: str | None,
    fill: bool,
    snap: bool,
    wishes: Wishes,
) -> tuple[Recipe, tuple[str, ...]]:
    """A person's recipe in, a complete one out, with a line for each change."""
    if not (fill or snap) and wishes.calm is None:
        raise BadInputError(f"{source.name} is a recipe; say --fill, --snap, --calm or several")
    if song is not None and not (fill or snap):
        raise BadInputError("--song goes with --fill and --snap; calm needs no song")
    planning = (wishes.style, wishes.start, wishes.length, wishes.seed or None)
    if any(wish is not None for wish in planning) or wishes.pace != 1.0:
        raise BadInputError(
            "--style, --seed, --pace, --start and --length plan anew; a recipe keeps its own"
        )
    if wishes.ears != EarsOptions():
        raise BadInputError("a recipe is planned already; correct what was heard, and plan anew")
    wishes.check()
    recipe, told = with_calm(preflight.read_recipe(source), wishes.calm)
    told += softened(recipe) if told else ()
    preflight.check_renderers(recipe)
    preflight.check_writable(out, source, own_file(song))
    if not (fill or snap):
        write_whole(out, dump(recipe))
        return recipe, told
    with (
        song_if_any(screen, song, store=wishes.address) as path,
        _engine(screen, pictures=False) as engine,
    ):
        if path is not None:
            preflight.check_song(path)

        def flow() -> tuple[Recipe, tuple[str, ...]]:
            from flows.revise_video import revise_video

            return revise_video(
                recipe=recipe,
                store=wishes.address,
                song=str(path) if path else None,
                renderer=wishes.renderer,
                fill=fill,
                snap=snap,
            )

        revised, changes = engine.run(flow)
    write_whole(out, dump(revised))
    return revised, (*told, *changes)


def render_clips(
    screen: Screen, source: Path, *, song: str | None, shots: tuple[str, ...], wishes: Wishes
) -> tuple[Clip, ...]:
    """Recipe in, clips into the store."""
    recipe = _film_recipe(screen, source, wishes)
    refuse_overlaps(recipe)
    preflight.check_renderers(recipe)
    preflight.check_shots(recipe, shots)
    preflight.check_ledger(wishes.renderer, wishes.address, recipe)
    with (
        song_if_any(screen, song, store=wishes.address) as path,
        _engine(screen, pictures=True) as engine,
    ):

        def flow() -> tuple[Clip, ...]:
            from flows.render_video import render_video

            clips = render_video(
                recipe=dump(recipe),
                store=wishes.address,
                audio=str(path) if path else None,
                renderer=wishes.renderer,
                film=wishes.film,
                library=wishes.library,
                shots=shots,
                assemble=False,
            )
            assert isinstance(clips, tuple)
            return clips

        return engine.run(flow)


def _film_recipe(screen: Screen, source: Path, wishes: Wishes) -> Recipe:
    """A recipe that a film is made of; its files and what is wished for are read first."""
    recipe, told = with_calm(preflight.read_recipe(source), wishes.calm)
    for line in told:
        screen.note(line)
    recipe = with_own_files(recipe, source, store=open_store(wishes.address))
    wishes.check(recipe)
    return recipe


def copy_clips(clips: tuple[Clip, ...], folder: Path, wishes: Wishes) -> tuple[Path, ...]:
    """Copy clips out of the store, one file a shot, named by its id."""
    store = open_store(wishes.address)
    folder.mkdir(parents=True, exist_ok=True)
    copies = []
    for clip in clips:
        target = folder / f"{clip.shot_id}.mp4"
        with whole_file(target) as part:
            shutil.copyfile(store.local_file(clip.file, folder), part)
        copies.append(target)
    return tuple(copies)


def assemble_film(
    screen: Screen, source: Path, song: str, out: Path, wishes: Wishes
) -> VideoManifest:
    """Recipe and song in, film out; only what the store lacks is made."""
    recipe = _film_recipe(screen, source, wishes)
    refuse_faults(recipe, None, planned=False)
    preflight.check_renderers(recipe)
    preflight.check_out(out, wishes.film, own_file(song), *files_of(wishes.dress))
    preflight.check_ledger(wishes.renderer, wishes.address, recipe)
    with (
        song_here(screen, song, store=wishes.address) as path,
        _engine(screen, pictures=True) as engine,
    ):
        preflight.check_song(path)
        duration = recipe.metadata.duration
        preflight.check_space(out, wishes.address, wishes.film, duration, renderer=wishes.renderer)

        def flow() -> VideoManifest:
            from flows.render_video import render_video

            manifest = render_video(
                recipe=dump(recipe),
                audio=str(path),
                out=str(out.absolute()),
                store=wishes.address,
                renderer=wishes.renderer,
                film=wishes.film,
                dress=wishes.dress,
                library=wishes.library,
            )
            assert isinstance(manifest, VideoManifest)
            return manifest

        return engine.run(flow)


def re_roll_shot(
    screen: Screen,
    film: Path,
    shot: str,
    out: Path,
    *,
    seed: int | None,
    prompt: str | None,
    wishes: Wishes,
) -> VideoManifest:
    """A film and one of its shots in, the film with another take of that shot out."""
    wishes.check()
    manifest = preflight.read_manifest(film)
    recipe = preflight.read_recipe(film.with_name(f"{film.stem}.recipe.json"))
    preflight.check_shots(recipe, (shot,))
    preflight.check_writable(out, film)
    renderer = str(manifest.settings.get("renderer", wishes.renderer))
    preflight.check_ledger(renderer, wishes.address, recipe)
    with _engine(screen, pictures=True) as engine:

        def flow() -> VideoManifest:
            from flows.re_roll import re_roll

            return re_roll(
                film=manifest.run_id,
                shot=shot,
                seed=seed,
                prompt=prompt,
                library=wishes.library_over(library_of(manifest.settings)),
                out=str(out.absolute()),
                store=wishes.address,
            )

        return engine.run(flow)


def _engine(screen: Screen, *, pictures: bool) -> Engine:
    """Start the engine and say so."""
    engine = Engine(Settings(), pictures=pictures)
    screen.say(f"[dim]starting up ({engine.server} Prefect server) …[/]")
    return engine


def _excerpt(song: Path, wishes: Wishes) -> Excerpt | None:
    duration = preflight.check_song(song)
    return preflight.choose_excerpt(duration, wishes.start, wishes.length)


def _analyze_flow(song: Path, excerpt: Excerpt | None, wishes: Wishes) -> SongAnalysis:
    from flows.analyze_song import analyze_song

    return analyze_song(song=str(song), store=wishes.address, excerpt=excerpt, ears=wishes.ears)
