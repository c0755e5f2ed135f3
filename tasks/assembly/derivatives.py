"""What is made of a finished film, by name: the kind that a file's ending means, and its checks."""

from pathlib import Path

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import ExportKind
from tasks.assembly.cuttings import check_length
from tasks.assembly.editors import EDIT_SUFFIXES, check_edit
from tasks.assembly.export import check_output, container_for
from tasks.assembly.gif import check_gif
from tasks.assembly.poster import SUFFIXES, check_poster
from tasks.errors import BadInputError

# Kinds that last as long as somebody says.
TIMED = (ExportKind.TEASER, ExportKind.LOOP, ExportKind.GIF)
# Kinds that are encoded as a film is.
ENCODED = (ExportKind.FILM, ExportKind.TEASER, ExportKind.LOOP)


def guess_kind(out: Path) -> ExportKind:
    """The kind of export that a file's ending means; a film where it means none."""
    suffix = out.suffix.lower()
    if suffix == ".gif":
        return ExportKind.GIF
    if suffix in SUFFIXES:
        return ExportKind.POSTER
    return ExportKind.EDIT if suffix in EDIT_SUFFIXES else ExportKind.FILM


def check_export(
    kind: ExportKind, out: Path, film: FilmFormat, *, length_s: float | None, film_s: float
) -> None:
    """Refuse, before any work, what cannot be exported.

    Args:
        kind: What is wanted.
        out: Its file.
        film: Format of the export.
        length_s: Seconds that were asked for.
        film_s: Seconds of the film.

    Raises:
        BadInputError: An ending that does not fit, or a length that the film or the kind has not.
    """
    if kind in ENCODED:
        check_output(out, audio=film.audio, codec=film.codec)
    elif kind is ExportKind.GIF:
        check_gif(out)
    elif kind is ExportKind.POSTER:
        check_poster(out)
    else:
        check_edit(out)
    if kind in TIMED:
        check_length(kind, length_s, film_s=film_s)
    elif length_s is not None:
        raise BadInputError(f"a length goes with {', '.join(TIMED)}; a {kind} has its own")


def export_suffix(kind: ExportKind, film: FilmFormat) -> str:
    """Ending of an export that nobody gave a name."""
    others = {ExportKind.GIF: ".gif", ExportKind.POSTER: ".png", ExportKind.EDIT: ".otio"}
    return others.get(kind) or container_for(film.codec, audio=film.audio)
