"""The ``songfilm`` command: a song in, a film out, and every rung of the ladder between."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from deployments import (
    cli_add,
    cli_catalogue,
    cli_export,
    cli_farm,
    cli_film,
    cli_gc,
    cli_review,
    cli_share,
    ladder,
)
from deployments.beside_analysis import Beside, PlotOption, TablesOption
from deployments.cli_options import (
    FilmOption,
    FpsOption,
    FreshOption,
    JsonOption,
    LengthOption,
    NativeOption,
    NearOption,
    OwnCalmOption,
    PaceOption,
    ProjectOption,
    QualityOption,
    RecipeArgument,
    RendererOption,
    SeedOption,
    SizeOption,
    SongArgument,
    StartOption,
    StoreOption,
    StyleOption,
    film_format,
)
from deployments.console import Screen
from deployments.ears_wish import (
    BeatsOption,
    BpmOption,
    DoubleOption,
    HalfOption,
    MeterOption,
    OffsetOption,
    ShiftOption,
    StemsOption,
    read_ears,
)
from deployments.exit_codes import BUG, DEGRADED, DONE, MISSING, code_of
from deployments.song_source import own_file
from deployments.wishes import Wishes
from recipe_schema.vocabulary import AudioMode, Quality

app = typer.Typer(
    name="songfilm",
    help="A song goes in, a finished music video comes out, cut on the beat.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _run(work: Callable[[Screen], int], *, json: bool) -> None:
    """Do the work and leave with the exit code that its outcome means."""
    screen = Screen(machine=json)
    try:
        with screen:
            code = work(screen)
    except BaseException as error:  # noqa: BLE001  the edge: every error becomes an exit code
        code = code_of(error)
        if code == BUG:
            screen.tell_bug(error, traceback.format_exc())
        else:
            screen.fail(error, code=code)
    sys.exit(code)


cli_film.register(app, _run)


@app.command()
def analyze(
    song: SongArgument,
    out: Annotated[Path, typer.Option("--out", "-o")] = Path("analysis.json"),
    start: StartOption = None,
    length: LengthOption = None,
    bpm: BpmOption = None,
    half: HalfOption = False,
    double: DoubleOption = False,
    downbeat_shift: ShiftOption = 0,
    beat_offset: OffsetOption = 0.0,
    meter: MeterOption = None,
    beats: BeatsOption = "songfilm",
    stems: StemsOption = None,
    plot: PlotOption = None,
    tables: TablesOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Hear a song: beats, bars, sections, key, mood; set right what you hear otherwise."""

    def work(screen: Screen) -> int:
        wishes = Wishes(
            start=start,
            length=length,
            store=store,
            ears=read_ears(
                bpm=bpm,
                half=half,
                double=double,
                downbeat_shift=downbeat_shift,
                beat_offset=beat_offset,
                meter=meter,
                beats=beats,
                stems=stems,
            ),
        )
        beside = Beside(plot, tables)
        beside.check(out, own_file(song))
        analysis = ladder.hear(screen, song, out, wishes)
        screen.tell_beside(*beside.write(analysis, store=wishes.address))
        screen.tell_analysis(analysis, out, song=song)
        return DONE

    _run(work, json=json)


@app.command()
def plan(
    source: Annotated[str, typer.Argument(help="A song, an analysis, or a recipe to complete.")],
    out: Annotated[Path, typer.Option("--out", "-o")] = Path("recipe.json"),
    song: Annotated[str | None, typer.Option(help="The song of a hand-written recipe.")] = None,
    fill: Annotated[bool, typer.Option("--fill", help="Plan what a recipe lacks.")] = False,
    snap: Annotated[bool, typer.Option("--snap", help="Move a recipe's cuts onto beats.")] = False,
    start: StartOption = None,
    length: LengthOption = None,
    bpm: BpmOption = None,
    half: HalfOption = False,
    double: DoubleOption = False,
    downbeat_shift: ShiftOption = 0,
    beat_offset: OffsetOption = 0.0,
    meter: MeterOption = None,
    beats: BeatsOption = "songfilm",
    stems: StemsOption = None,
    style: StyleOption = None,
    renderer: RendererOption = "procedural",
    seed: SeedOption = 0,
    pace: PaceOption = 1.0,
    calm: OwnCalmOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Write the recipe: shots, prompts, transitions, effects, palette."""

    def work(screen: Screen) -> int:
        wishes = Wishes(
            start=start,
            length=length,
            style=style,
            renderer=renderer,
            seed=seed,
            pace=pace,
            calm=calm,
            store=store,
            ears=read_ears(
                bpm=bpm,
                half=half,
                double=double,
                downbeat_shift=downbeat_shift,
                beat_offset=beat_offset,
                meter=meter,
                beats=beats,
                stems=stems,
            ),
        )
        if ladder.holds_recipe(source):
            recipe, changes = ladder.mend_recipe(
                screen, Path(source), out, song=song, fill=fill, snap=snap, wishes=wishes
            )
        else:
            recipe, changes = ladder.write_recipe(screen, source, out, wishes), ()
        screen.tell_recipe(recipe, changes, out)
        return DONE

    _run(work, json=json)


@app.command()
def render(
    recipe: RecipeArgument,
    shot: Annotated[list[str] | None, typer.Option(help="Only this shot; repeatable.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for copies of the clips.")
    ] = None,
    song: Annotated[
        str | None, typer.Option(help="The song; else the store's own, if it knows the recipe.")
    ] = None,
    quality: QualityOption = Quality.STANDARD,
    size: SizeOption = "1920x1080",
    fps: FpsOption = "60",
    native: NativeOption = False,
    calm: OwnCalmOption = None,
    renderer: RendererOption = "procedural",
    project: ProjectOption = None,
    fresh: FreshOption = False,
    near: NearOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Render a recipe's clips into the store, without assembling a film."""

    def work(screen: Screen) -> int:
        wishes = Wishes(
            film=film_format(size, fps, quality, AudioMode.AUTO, native=native),
            calm=calm,
            renderer=renderer,
            store=store,
            project=project,
            fresh=fresh,
            near=near,
        )
        clips = ladder.render_clips(
            screen, recipe, song=song, shots=tuple(shot or ()), wishes=wishes
        )
        copies = ladder.copy_clips(clips, out, wishes) if out else ()
        screen.tell_clips(clips, copies)
        return DONE

    _run(work, json=json)


@app.command("re-roll")
def re_roll(
    film: Annotated[
        Path, typer.Argument(help="A film that songfilm made, its manifest beside it.")
    ],
    shot: Annotated[str, typer.Option(help="The shot, such as shot_004.")],
    out: FilmOption,
    seed: Annotated[int | None, typer.Option(help="Seed of the take; empty: a new one.")] = None,
    prompt: Annotated[str | None, typer.Option(help="New words for the shot.")] = None,
    project: ProjectOption = None,
    fresh: FreshOption = False,
    near: NearOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Render one shot of a film anew; all else is used again."""

    def work(screen: Screen) -> int:
        manifest = ladder.re_roll_shot(
            screen,
            film,
            shot,
            out,
            seed=seed,
            prompt=prompt,
            wishes=Wishes(store=store, project=project, fresh=fresh, near=near),
        )
        screen.tell_film(manifest)
        return DEGRADED if manifest.status == "degraded" else DONE

    _run(work, json=json)


@app.command()
def check(store: StoreOption = None, json: JsonOption = False) -> None:
    """Look at this machine: what is there, what is missing, what to do."""
    from deployments.check import look

    def work(screen: Screen) -> int:
        findings = look(store)
        screen.tell_check(findings)
        return MISSING if any(finding.state == "missing" for finding in findings) else DONE

    _run(work, json=json)


cli_farm.register(app, _run)
cli_review.register(app, _run)
cli_share.register(app, _run)
cli_add.register(app, _run)
cli_catalogue.register(app, _run)
cli_gc.register(app, _run)
cli_export.register(app, _run)
