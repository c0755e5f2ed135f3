"""The ``songfilm`` command: a song in, a film out, and every rung of the ladder between."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from deployments import (
    cli_add,
    cli_catalogue,
    cli_export,
    cli_farm,
    cli_gc,
    cli_review,
    cli_share,
    ladder,
)
from deployments.cli_dress import (
    ArtistOption,
    BurnOption,
    CreditOption,
    FontOption,
    GradeOption,
    LutOption,
    LyricsOption,
    TitleOption,
    dress_options,
)
from deployments.cli_options import (
    CodecOption,
    FitOption,
    FocusOption,
    JsonOption,
    RetimeOption,
    StoreOption,
    read_size,
)
from deployments.console import Screen
from deployments.exit_codes import BUG, DEGRADED, DONE, MISSING, code_of
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import AudioMode, Fit, Focus, Quality, Retime, VideoCodec
from tasks.errors import BadInputError

app = typer.Typer(
    name="songfilm",
    help="A song goes in, a finished music video comes out, cut on the beat.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

SongArgument = Annotated[
    str,
    typer.Argument(
        help="Audio file (wav, flac, mp3, m4a, ogg, …), an https address, or a key of the store."
    ),
]
RecipeArgument = Annotated[Path, typer.Argument(help="Recipe (JSON, comments allowed).")]
FilmOption = Annotated[Path, typer.Option("--out", "-o", help="The film: .mp4, .mov or .mkv.")]
QualityOption = Annotated[
    Quality, typer.Option(help="draft is quick, standard is good, master is for publishing.")
]
SizeOption = Annotated[
    str, typer.Option(help="Width x height in pixels, or 4k, 1080p, 720p, vertical, square.")
]
FpsOption = Annotated[str, typer.Option(help="Frames a second, such as 60 or 30000/1001.")]
AudioOption = Annotated[
    AudioMode, typer.Option(help="auto copies the song's own packets where the container can.")
]
StyleOption = Annotated[str | None, typer.Option(help="Aesthetic; empty: the song decides.")]
RendererOption = Annotated[str, typer.Option(help="Who makes the clips.")]
SeedOption = Annotated[int, typer.Option(help="Equal seeds give equal films.")]
PaceOption = Annotated[float, typer.Option(min=0.25, max=4.0, help="Above 1 cuts faster.")]
StartOption = Annotated[float | None, typer.Option(min=0.0, help="Excerpt: start, seconds.")]
LengthOption = Annotated[float | None, typer.Option(min=0.1, help="Excerpt: length, seconds.")]
ProjectOption = Annotated[
    str | None, typer.Option(help="Project that the film and its costs are listed under.")
]
FreshOption = Annotated[
    bool,
    typer.Option(
        "--fresh",
        help="Render anew what other films have made already; to go on after a stop, leave it out.",
    ),
]
NearOption = Annotated[
    float | None,
    typer.Option(
        help="Let clips of similar prompts stand in from this similarity on, such as 0.9."
    ),
]


@app.command()
def make(
    song: SongArgument,
    out: FilmOption,
    quality: QualityOption = Quality.STANDARD,
    size: SizeOption = "1920x1080",
    fps: FpsOption = "60",
    start: StartOption = None,
    length: LengthOption = None,
    style: StyleOption = None,
    renderer: RendererOption = "procedural",
    seed: SeedOption = 0,
    pace: PaceOption = 1.0,
    audio: AudioOption = AudioMode.AUTO,
    codec: CodecOption = None,
    fit: FitOption = None,
    focus: FocusOption = None,
    retime: RetimeOption = None,
    title: TitleOption = None,
    artist: ArtistOption = None,
    credit: CreditOption = None,
    lyrics: LyricsOption = None,
    burn_lyrics: BurnOption = False,
    font: FontOption = None,
    lut: LutOption = None,
    grade: GradeOption = None,
    project: ProjectOption = None,
    fresh: FreshOption = False,
    near: NearOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Turn a song into a finished music video."""

    def work(screen: Screen) -> int:
        wishes = ladder.Wishes(
            film=_film(size, fps, quality, audio, codec=codec, fit=fit, focus=focus, retime=retime),
            start=start,
            length=length,
            style=style,
            renderer=renderer,
            seed=seed,
            pace=pace,
            store=store,
            project=project,
            fresh=fresh,
            near=near,
            dress=dress_options(
                title=title,
                artist=artist,
                credit=credit,
                lyrics=lyrics,
                burn_lyrics=burn_lyrics,
                font=font,
                lut=lut,
                grade=grade,
            ),
        )
        manifest = ladder.make_film(screen, song, out, wishes)
        screen.tell_film(manifest)
        return DEGRADED if manifest.status == "degraded" else DONE

    _run(work, json=json)


@app.command()
def analyze(
    song: SongArgument,
    out: Annotated[Path, typer.Option("--out", "-o")] = Path("analysis.json"),
    start: StartOption = None,
    length: LengthOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Hear a song: beats, bars, sections, key, mood."""

    def work(screen: Screen) -> int:
        wishes = ladder.Wishes(start=start, length=length, store=store)
        screen.tell_analysis(ladder.hear(screen, song, out, wishes), out)
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
    style: StyleOption = None,
    renderer: RendererOption = "procedural",
    seed: SeedOption = 0,
    pace: PaceOption = 1.0,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Write the recipe: shots, prompts, transitions, effects, palette."""

    def work(screen: Screen) -> int:
        wishes = ladder.Wishes(
            start=start,
            length=length,
            style=style,
            renderer=renderer,
            seed=seed,
            pace=pace,
            store=store,
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
    renderer: RendererOption = "procedural",
    project: ProjectOption = None,
    fresh: FreshOption = False,
    near: NearOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Render a recipe's clips into the store, without assembling a film."""

    def work(screen: Screen) -> int:
        wishes = ladder.Wishes(
            film=_film(size, fps, quality, AudioMode.AUTO),
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


@app.command()
def assemble(
    recipe: RecipeArgument,
    song: Annotated[str, typer.Option(help="The song that the recipe is for.")],
    out: FilmOption,
    quality: QualityOption = Quality.STANDARD,
    size: SizeOption = "1920x1080",
    fps: FpsOption = "60",
    renderer: RendererOption = "procedural",
    audio: AudioOption = AudioMode.AUTO,
    codec: CodecOption = None,
    fit: FitOption = None,
    focus: FocusOption = None,
    retime: RetimeOption = None,
    title: TitleOption = None,
    artist: ArtistOption = None,
    credit: CreditOption = None,
    lyrics: LyricsOption = None,
    burn_lyrics: BurnOption = False,
    font: FontOption = None,
    lut: LutOption = None,
    grade: GradeOption = None,
    project: ProjectOption = None,
    fresh: FreshOption = False,
    near: NearOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Make the film of a recipe; clips and segments that the store has are used again."""

    def work(screen: Screen) -> int:
        wishes = ladder.Wishes(
            film=_film(size, fps, quality, audio, codec=codec, fit=fit, focus=focus, retime=retime),
            renderer=renderer,
            store=store,
            project=project,
            fresh=fresh,
            near=near,
            dress=dress_options(
                title=title,
                artist=artist,
                credit=credit,
                lyrics=lyrics,
                burn_lyrics=burn_lyrics,
                font=font,
                lut=lut,
                grade=grade,
            ),
        )
        manifest = ladder.assemble_film(screen, recipe, song, out, wishes)
        screen.tell_film(manifest)
        return DEGRADED if manifest.status == "degraded" else DONE

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
            wishes=ladder.Wishes(store=store, project=project, fresh=fresh, near=near),
        )
        screen.tell_film(manifest)
        return DEGRADED if manifest.status == "degraded" else DONE

    _run(work, json=json)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where song and film go.")] = Path("demo"),
    quality: QualityOption = Quality.STANDARD,
    size: SizeOption = "1920x1080",
    codec: CodecOption = None,
    fit: FitOption = None,
    focus: FocusOption = None,
    retime: RetimeOption = None,
    title: TitleOption = None,
    artist: ArtistOption = None,
    credit: CreditOption = None,
    lyrics: LyricsOption = None,
    burn_lyrics: BurnOption = False,
    font: FontOption = None,
    lut: LutOption = None,
    grade: GradeOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Compose a song and make its film: nothing is needed but this machine."""

    def work(screen: Screen) -> int:
        wishes = ladder.Wishes(
            film=_film(
                size,
                "60",
                quality,
                AudioMode.AUTO,
                codec=codec,
                fit=fit,
                focus=focus,
                retime=retime,
            ),
            store=store,
            dress=dress_options(
                title=title,
                artist=artist,
                credit=credit,
                lyrics=lyrics,
                burn_lyrics=burn_lyrics,
                font=font,
                lut=lut,
                grade=grade,
            ),
        )
        manifest = ladder.make_demo(screen, folder, wishes)
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


def _film(
    size: str,
    fps: str,
    quality: Quality,
    audio: AudioMode,
    *,
    codec: VideoCodec | None = None,
    fit: Fit | None = None,
    focus: Focus | None = None,
    retime: Retime | None = None,
) -> FilmFormat:
    """Read size and rate; what is not given is as films usually are.

    Raises:
        BadInputError: Not of the form 1920x1080, or outside the limits.
    """
    width, height = read_size(size)
    given = {"codec": codec, "fit": fit, "focus": focus, "retime": retime}
    chosen = {name: value for name, value in given.items() if value is not None}
    whole = {"width_px": width, "height_px": height, "fps": fps, "quality": quality}
    try:
        return FilmFormat.model_validate({**whole, "audio": audio, **chosen})
    except ValidationError as error:
        reasons = "; ".join(
            str(fault["msg"]).removeprefix("Value error, ") for fault in error.errors()
        )
        raise BadInputError(f"film {size} at {fps} frames a second: {reasons}") from error


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


cli_farm.register(app, _run)
cli_review.register(app, _run)
cli_share.register(app, _run)
cli_add.register(app, _run)
cli_catalogue.register(app, _run)
cli_gc.register(app, _run)
cli_export.register(app, _run)
