"""``songfilm make``, ``assemble`` and ``demo``: song in, film out, with all that a film may be."""

from pathlib import Path
from typing import Annotated

import typer

from deployments import ladder
from deployments.beside_recipe import format_beside
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
    AudioOption,
    CalmOption,
    CodecOption,
    FilmOption,
    FitOption,
    FocusOption,
    FpsOption,
    FreshOption,
    JsonOption,
    LengthOption,
    NativeOption,
    NearOption,
    OwnAudioOption,
    OwnCalmOption,
    OwnFpsOption,
    OwnNativeOption,
    OwnQualityOption,
    OwnSizeOption,
    PaceOption,
    ProjectOption,
    QualityOption,
    RecipeArgument,
    RendererOption,
    RetimeOption,
    Run,
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
    AnalysisOption,
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
from deployments.exit_codes import DEGRADED, DONE
from deployments.wishes import Wishes
from recipe_schema.artifacts import VideoManifest
from recipe_schema.vocabulary import AudioMode, Quality


def register(app: typer.Typer, run: Run) -> None:
    """Add the verbs to the command line.

    Args:
        app: The ``songfilm`` command.
        run: Does the work and leaves with the exit code that its outcome means.
    """

    @app.command()
    def make(
        song: SongArgument,
        out: FilmOption,
        quality: QualityOption = Quality.STANDARD,
        size: SizeOption = "1920x1080",
        fps: FpsOption = "60",
        start: StartOption = None,
        length: LengthOption = None,
        analysis: AnalysisOption = None,
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
        calm: CalmOption = False,
        audio: AudioOption = AudioMode.AUTO,
        codec: CodecOption = None,
        fit: FitOption = None,
        focus: FocusOption = None,
        retime: RetimeOption = None,
        native: NativeOption = False,
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
            wishes = Wishes(
                film=film_format(
                    size,
                    fps,
                    quality,
                    audio,
                    codec=codec,
                    fit=fit,
                    focus=focus,
                    retime=retime,
                    native=native,
                ),
                start=start,
                length=length,
                style=style,
                renderer=renderer,
                seed=seed,
                pace=pace,
                calm=calm,
                store=store,
                project=project,
                fresh=fresh,
                near=near,
                analysis=analysis,
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
            return _told(screen, ladder.make_film(screen, song, out, wishes))

        run(work, json=json)

    @app.command()
    def assemble(
        recipe: RecipeArgument,
        song: Annotated[str, typer.Option(help="The song that the recipe is for.")],
        out: FilmOption,
        quality: OwnQualityOption = None,
        size: OwnSizeOption = None,
        fps: OwnFpsOption = None,
        renderer: RendererOption = "procedural",
        audio: OwnAudioOption = None,
        codec: CodecOption = None,
        fit: FitOption = None,
        focus: FocusOption = None,
        retime: RetimeOption = None,
        native: OwnNativeOption = None,
        calm: OwnCalmOption = None,
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
        """Make the film of a recipe; clips and segments that the store has are used again.

        What is not given of size, rate, quality, codec, audio, fit, focus, retiming and native
        clips is as in the film that X.recipe.json lies beside.
        """

        def work(screen: Screen) -> int:
            film, told = format_beside(
                recipe,
                size=size,
                fps=fps,
                quality=quality,
                audio=audio,
                codec=codec,
                fit=fit,
                focus=focus,
                retime=retime,
                native=native,
            )
            if told:
                screen.note(told)
            wishes = Wishes(
                film=film,
                calm=calm,
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
            return _told(screen, ladder.assemble_film(screen, recipe, song, out, wishes))

        run(work, json=json)

    @app.command()
    def demo(
        folder: Annotated[Path, typer.Option(help="Where song and film go.")] = Path("demo"),
        quality: QualityOption = Quality.STANDARD,
        size: SizeOption = "1920x1080",
        codec: CodecOption = None,
        fit: FitOption = None,
        focus: FocusOption = None,
        retime: RetimeOption = None,
        native: NativeOption = False,
        calm: CalmOption = False,
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
            wishes = Wishes(
                film=film_format(
                    size,
                    "60",
                    quality,
                    AudioMode.AUTO,
                    codec=codec,
                    fit=fit,
                    focus=focus,
                    retime=retime,
                    native=native,
                ),
                calm=calm,
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
            return _told(screen, ladder.make_demo(screen, folder, wishes))

        run(work, json=json)


def _told(screen: Screen, manifest: VideoManifest) -> int:
    """Say what was made; the exit code that it means."""
    screen.tell_film(manifest)
    return DEGRADED if manifest.status == "degraded" else DONE
