"""``songfilm export``: another shape, a teaser, a loop, a GIF, a poster or an edit of a film."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape

from deployments.cli_options import (
    CodecOption,
    FitOption,
    FocusOption,
    JsonOption,
    RetimeOption,
    Run,
    StoreOption,
    read_size,
)
from deployments.console import Screen
from deployments.exit_codes import DEGRADED, DONE
from recipe_schema.faults import broken_rule
from recipe_schema.forms import ExportOptions
from recipe_schema.vocabulary import AudioMode, ExportKind, Quality
from tasks.errors import BadInputError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from recipe_schema.artifacts import Export, VideoManifest

_MEGABYTE, _KILOBYTE = 1e6, 1e3


def register(app: typer.Typer, run: Run) -> None:
    """Add the verb to the command line.

    Args:
        app: The ``songfilm`` command.
        run: Does the work and leaves with the exit code that its outcome means.
    """

    @app.command()
    def export(
        film: Annotated[
            str,
            typer.Argument(
                help="A film that songfilm made, its manifest beside it; or its run's id, or the "
                "first letters of it."
            ),
        ],
        out: Annotated[
            Path,
            typer.Argument(
                help="The export: .mp4 .mov .mkv .gif .png .jpg .otio .fcpxml .xml. A file of that "
                "name is replaced, though never the film itself; a folder is made."
            ),
        ],
        kind: Annotated[
            ExportKind | None,
            typer.Option("--as", help="What to make; empty: what the file's ending means."),
        ] = None,
        shape: Annotated[
            str | None,
            typer.Option(help="Width to height: 9:16, 1:1, 4:5. Re-framed, not re-made."),
        ] = None,
        size: Annotated[
            str | None, typer.Option(help="1080x1920, or 4k, 1080p, 720p, vertical, square.")
        ] = None,
        length: Annotated[
            float | None,
            typer.Option(help="Seconds of a teaser (15), loop or GIF (3 to 8), ending on a bar."),
        ] = None,
        sound: Annotated[
            bool, typer.Option("--sound", help="Let the song play with a loop.")
        ] = False,
        fps: Annotated[str | None, typer.Option(help="Frames a second.")] = None,
        quality: Annotated[Quality | None, typer.Option(help="Encoder effort.")] = None,
        codec: CodecOption = None,
        audio: Annotated[AudioMode | None, typer.Option(help="auto or lossless.")] = None,
        fit: FitOption = None,
        focus: FocusOption = None,
        retime: RetimeOption = None,
        store: StoreOption = None,
        json: JsonOption = False,
    ) -> None:
        """Make something else of a finished film, from the same clips; nothing is rendered anew."""

        def work(screen: Screen) -> int:
            width, height = read_size(size) if size else (None, None)
            options = _options(
                shape=shape,
                width_px=width,
                height_px=height,
                fps=fps,
                quality=quality,
                codec=codec,
                audio=audio,
                fit=fit,
                focus=focus,
                retime=retime,
            )
            made = _export(
                screen, film, out, kind, options, length=length, sound=sound, store=store
            )
            _tell(screen, made)
            degraded = made.manifest is not None and made.manifest.status == "degraded"
            return DEGRADED if degraded else DONE

        run(work, json=json)


def _options(**given: object) -> ExportOptions:
    """What was asked for.

    Raises:
        BadInputError: Words that do not go together, or a shape that is none.
    """
    try:
        return ExportOptions.model_validate(given)
    except ValidationError as error:
        raise BadInputError("; ".join(_told(fault, given) for fault in error.errors())) from error


def _told(fault: "ErrorDetails", given: Mapping[str, object]) -> str:
    """What is wrong with one option, or with several together."""
    name = str(fault["loc"][0]) if fault["loc"] else None
    if name == "shape":
        return f"--shape {given[name]!r} is not understood; a shape is two numbers such as 9:16"
    if name is None:
        return broken_rule(fault)
    return f"--{name.replace('_', '-')} {given[name]!r}: {broken_rule(fault)}"


def _export(
    screen: Screen,
    film: str,
    out: Path,
    kind: ExportKind | None,
    options: ExportOptions,
    *,
    length: float | None,
    sound: bool,
    store: str | None,
) -> "Export":
    """Check everything that can be checked, then run the flow."""
    from deployments import preflight
    from deployments.engine import Engine
    from tasks.assembly.cuttings import TEASER_S
    from tasks.assembly.derivatives import ENCODED, guess_kind
    from tasks.settings import Settings

    wanted = kind or guess_kind(out)
    address = store or Settings().store_url
    manifest = _manifest(film, address)
    form = preflight.check_export(
        manifest, options, wanted, out, length=length, sound=sound, film=Path(film)
    )
    if wanted in ENCODED:
        film_s = manifest.output.duration
        shown_s = film_s if wanted is ExportKind.FILM else min(length or TEASER_S, film_s)
        preflight.check_space(out, address, form, shown_s)
    if wanted is ExportKind.EDIT:
        preflight.check_copies(out, manifest)
    engine = Engine(Settings(), pictures=True)
    screen.say(f"[dim]starting up ({engine.server} Prefect server) …[/]")

    def flow() -> "Export":
        from flows.export_film import export_film

        return export_film(
            film=manifest.run_id,
            kind=wanted,
            options=options,
            length=length,
            sound=sound,
            out=str(out.absolute()),
            store=address,
        )

    with engine:
        return engine.run(flow)


def _manifest(film: str, store: str) -> "VideoManifest":
    """The manifest of a film by its path or its run's id, as the store has it.

    Raises:
        BadInputError: No such film.
    """
    from deployments import preflight
    from deployments.film_run import may_be_run, run_of
    from recipe_schema.artifacts import VideoManifest
    from tasks.storage import open_store
    from tasks.storage.keys import manifest_key
    from tasks.storage.store import read_index

    path = Path(film)
    artifacts = open_store(store)
    if may_be_run(film) and not path.exists():
        run = run_of(artifacts, film)
    elif not path.exists() and not path.with_name(f"{path.stem}.manifest.json").exists():
        raise BadInputError(
            f"there is no film and no run {film}: {path.stem}.manifest.json does not exist; check "
            "the path, or give the id of the film's run, or its first letters"
        )
    else:
        run = preflight.read_manifest(path).run_id
    manifest = read_index(artifacts, manifest_key(run), VideoManifest)
    if manifest is None:
        raise BadInputError(
            f"the store {store} has no film {run}; name the store that it was made in with --store"
        )
    return manifest


def _tell(screen: Screen, made: "Export") -> None:
    """What was made, and where it is."""
    if made.manifest is not None and made.kind is ExportKind.FILM:
        screen.tell_film(made.manifest)
        return
    screen.emit({"event": "done", "export": made.model_dump(mode="json")})
    for warning in made.warnings:
        screen.say(f"[yellow]note:[/] {escape(warning)}")
    if made.segments_reused:
        screen.say(f"used again: {made.segments_reused} of {made.segments} segments")
    size = f"{made.size / _MEGABYTE:.1f} MB"
    if made.size < _MEGABYTE:
        size = f"{made.size / _KILOBYTE:.0f} kB"
    facts = [f"{made.width_px}x{made.height_px}"] if made.width_px else []
    if made.duration is not None and made.frames is not None:
        facts += [f"{made.duration:.2f} s", f"{made.frames} frames"]
    if made.start is not None:
        facts.append(f"from {made.start:.2f} s of the film")
    screen.say(
        f"[bold green]{made.kind}:[/] [bold]{escape(made.path)}[/]\n  {', '.join([*facts, size])}"
    )
