"""Files that a film leaves beside itself, under its own name; none may be one of its inputs."""

from collections.abc import Iterable
from pathlib import Path

from tasks.errors import BadInputError

SIDE_FILES = ("sync_report.json", "manifest.json", "recipe.json", "report.html")
LYRICS_ENDING = ".srt"


def refuse_inputs(out: Path, inputs: Iterable[Path]) -> None:
    """Refuse a film that would take the place of a file that it is made of.

    Args:
        out: The film.
        inputs: Files that are read for it.

    Raises:
        BadInputError: One of them has the name of the film, or of a file beside it.
    """
    beside = [out.with_name(f"{out.stem}.{ending}") for ending in SIDE_FILES]
    beside.append(out.with_suffix(LYRICS_ENDING))
    for file in inputs:
        if _same(file, out):
            raise BadInputError(
                f"--out {out} is an input and would be overwritten; name another file"
            )
        for written in beside:
            if _same(file, written):
                raise BadInputError(
                    f"{file} is an input, and {out.name} leaves a file of that name beside it; "
                    "name another --out, or rename the input"
                )


def _same(one: Path, other: Path) -> bool:
    """Whether two names mean one file; capitals may not count."""
    if one.resolve() == other.resolve():
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False
