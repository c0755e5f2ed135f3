"""The film that a recipe lies beside: its format, for one that is assembled from it again."""

from pathlib import Path

from pydantic import ValidationError

from deployments.cli_options import film_format
from deployments.preflight import read_manifest
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import AudioMode, Fit, Focus, Quality, Retime, VideoCodec
from tasks.errors import BadInputError

_RECIPE, _MANIFEST = ".recipe.json", ".manifest.json"


def format_beside(
    recipe: Path,
    *,
    size: str | None = None,
    fps: str | None = None,
    quality: Quality | None = None,
    audio: AudioMode | None = None,
    codec: VideoCodec | None = None,
    fit: Fit | None = None,
    focus: Focus | None = None,
    retime: Retime | None = None,
    native: bool | None = None,
) -> tuple[FilmFormat, str | None]:
    """The format of a film made from a recipe: as asked for, else as the film beside it has it.

    Args:
        recipe: The recipe's file; the manifest of `X.recipe.json` is `X.manifest.json`.
        size: Such as 1280x720; empty, as all that follows, where nobody asked.
        fps: Frames a second.
        quality: Encoder effort.
        audio: How the song is stored.
        codec: Of the picture.
        fit: Whether clips fill the film.
        focus: What a crop keeps.
        retime: Pictures between those of a clip.
        native: Clips at the film's own size and rate.

    Returns:
        The format, and a sentence about what was taken over or could not be.

    Raises:
        BadInputError: A format that no film can have.
    """
    base, told = _beside(recipe)
    film = film_format(
        size,
        fps,
        quality,
        audio,
        codec=codec,
        fit=fit,
        focus=focus,
        retime=retime,
        native=native,
        base=base or FilmFormat(),
    )
    if base is None:
        return film, told
    usual = FilmFormat()
    taken = {
        f"{base.width_px}x{base.height_px}": size is None,
        f"{float(base.rate):.5g} fps": fps is None,
        str(base.quality): quality is None,
        str(base.codec): codec is None and base.codec != usual.codec,
        f"{base.audio} audio": audio is None and base.audio != usual.audio,
        f"fit {base.fit}": fit is None and base.fit != usual.fit,
        f"focus {base.focus}": focus is None and base.focus != usual.focus,
        f"retime {base.retime}": retime is None and base.retime != usual.retime,
        "native clips": native is None and base.native,
    }
    same = ", ".join(what for what, is_taken in taken.items() if is_taken)
    return film, f"{same}, as the film beside the recipe" if same else None


def _beside(recipe: Path) -> tuple[FilmFormat | None, str | None]:
    """The format of the film beside a recipe, or why there is none."""
    if not recipe.name.endswith(_RECIPE):
        return None, None
    name = recipe.name.removesuffix(_RECIPE)
    beside = recipe.with_name(f"{name}{_MANIFEST}")
    if not beside.is_file():
        return None, None
    try:
        manifest = read_manifest(recipe.with_name(f"{name}.mp4"))
        return FilmFormat.model_validate(manifest.settings["film"]), None
    except (BadInputError, KeyError, ValidationError):
        return None, f"{beside.name} does not say the film's format: the usual one is taken"
