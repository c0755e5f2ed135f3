"""Options that several verbs of the command line share."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from recipe_schema.assembly import FilmFormat
from recipe_schema.faults import broken_rules
from recipe_schema.vocabulary import AudioMode, Fit, Focus, Quality, Retime, VideoCodec
from tasks.errors import BadInputError

Run = Callable[..., None]
"""Does a verb's work and leaves with the exit code that its outcome means."""

SongArgument = Annotated[
    str,
    typer.Argument(
        help="Audio file (wav, flac, mp3, m4a, ogg, …), an https address, or a key of the store."
    ),
]
RecipeArgument = Annotated[Path, typer.Argument(help="Recipe (JSON, comments allowed).")]
FilmOption = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        help="The film: .mp4, .mov or .mkv. A file of that name is replaced, a folder made.",
    ),
]
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
# Of a film that is made once more: what is empty stays as the film has it.
OwnSizeOption = Annotated[
    str | None, typer.Option(help="1920x1080, or 4k, 1080p, 720p, vertical, square.")
]
OwnFpsOption = Annotated[
    str | None, typer.Option(help="Frames a second, such as 60 or 30000/1001.")
]
OwnQualityOption = Annotated[Quality | None, typer.Option(help="draft, standard or master.")]
OwnAudioOption = Annotated[AudioMode | None, typer.Option(help="auto or lossless.")]
StyleOption = Annotated[str | None, typer.Option(help="Aesthetic; empty: the song decides.")]
RendererOption = Annotated[str, typer.Option(help="Who makes the clips.")]
SeedOption = Annotated[int, typer.Option(help="Equal seeds give equal films.")]
PaceOption = Annotated[float, typer.Option(min=0.25, max=4.0, help="Above 1 cuts faster.")]
CalmOption = Annotated[
    bool,
    typer.Option(
        "--calm/--no-calm",
        help="For photosensitive eyes: no flashes, soft beats, no shaking.",
    ),
]
OwnCalmOption = Annotated[
    bool | None,
    typer.Option(
        "--calm/--no-calm", help="No flashes, soft beats, no shaking; a recipe has its own."
    ),
]
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
StoreOption = Annotated[
    str | None, typer.Option(help="Artifact store: a folder, file:// URL or s3://bucket/prefix.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON lines for machines.")]
CodecOption = Annotated[
    VideoCodec | None, typer.Option(help="h264 plays everywhere; prores (.mov) is for editing.")
]
FitOption = Annotated[
    Fit | None, typer.Option(help="Clips of another shape: cropped, or shown whole.")
]
FocusOption = Annotated[
    Focus | None, typer.Option(help="What a crop keeps: where it happens, or the middle.")
]
RetimeOption = Annotated[
    Retime | None, typer.Option(help="Pictures between those of a clip; auto goes by quality.")
]
NativeOption = Annotated[
    bool,
    typer.Option(
        "--native",
        help="Clips at the film's own size and rate: sharper, and several times the work.",
    ),
]
OwnNativeOption = Annotated[
    bool | None,
    typer.Option("--native/--no-native", help="Clips at the film's own size and rate, or not."),
]
SIZES = {
    "4k": (3840, 2160),
    "1080p": (1920, 1080),
    "720p": (1280, 720),
    "vertical": (1080, 1920),
    "square": (1080, 1080),
}


def read_size(size: str) -> tuple[int, int]:
    """Width and height, from a word or from ``1920x1080``.

    Raises:
        BadInputError: Neither.
    """
    known = SIZES.get(size.lower())
    width, _, height = size.lower().partition("x")
    if known is None and not (width.isdecimal() and height.isdecimal()):
        raise BadInputError(f"size {size!r} is not of the form 1920x1080, nor {', '.join(SIZES)}")
    return known or (int(width), int(height))


def film_format(
    size: str | None,
    fps: str | None,
    quality: Quality | None,
    audio: AudioMode | None,
    *,
    codec: VideoCodec | None = None,
    fit: Fit | None = None,
    focus: Focus | None = None,
    retime: Retime | None = None,
    native: bool | None = None,
    base: FilmFormat = FilmFormat(),
) -> FilmFormat:
    """Read size and rate; what is not given is as in `base`.

    Raises:
        BadInputError: Not of the form 1920x1080, or outside the limits.
    """
    width, height = read_size(size) if size else (None, None)
    given = {
        "width_px": width,
        "height_px": height,
        "fps": fps,
        "quality": quality,
        "audio": audio,
        "codec": codec,
        "fit": fit,
        "focus": focus,
        "retime": retime,
        "native": native,
    }
    whole = base.model_dump() | {name: value for name, value in given.items() if value is not None}
    try:
        return FilmFormat.model_validate(whole)
    except ValidationError as error:
        told = f"film {whole['width_px']}x{whole['height_px']} at {whole['fps']} frames a second"
        raise BadInputError(f"{told}: {broken_rules(error)}") from error
