"""What an export may not be written over: its own film, and the proofs of another one.

A film's manifest, report and lyrics lie beside it under its stem. A second film of that stem, in
another container, would put its own there, and the first could no longer tell what it is made of.
"""

from pathlib import Path

from pydantic import ValidationError

from recipe_schema.artifacts import VideoManifest
from recipe_schema.vocabulary import ExportKind
from tasks.errors import BadInputError

# Kinds that write a manifest beside themselves.
_PROVED = (ExportKind.FILM, ExportKind.TEASER)


class BadPlaceError(BadInputError):
    """A path at which an export would destroy what is there."""


def check_place(out: Path, kind: ExportKind, *, of: VideoManifest) -> None:
    """Refuse, before any work, a path at which an export would destroy a film or its proofs.

    An older export of the same name and kind is replaced.

    Args:
        out: The export's file.
        kind: What is made.
        of: The film that it is made of.

    Raises:
        BadPlaceError: It is the film itself, shares its stem with another film, or would leave
            the proofs of a film that it replaces.
    """
    if out.resolve() == Path(of.output.path).resolve():
        raise BadPlaceError(f"{out} is the film itself and would be overwritten; {_advice(out)}")
    other = _manifest_beside(out)
    if other is None:
        return
    theirs = Path(other.output.path)
    proves, same_ending = kind in _PROVED, theirs.suffix.lower() == out.suffix.lower()
    if not same_ending:
        if proves:
            raise BadPlaceError(
                f"{out.stem}{theirs.suffix} has its manifest and report under the name "
                f"{out.stem}, and {out.name} would overwrite them; {_advice(out)}"
            )
        return
    if other.run_id == of.run_id:
        raise BadPlaceError(f"{out} is the film itself and would be overwritten; {_advice(out)}")
    if kind is not ExportKind.FILM and other.settings.get("part") != kind:
        raise BadPlaceError(
            f"{out} is a film with its own manifest and report, and a {kind} would leave them "
            f"there; {_advice(out)}"
        )


def _manifest_beside(out: Path) -> VideoManifest | None:
    """The manifest under a file's stem, if there is one that can be read."""
    path = out.with_name(f"{out.stem}.manifest.json")
    try:
        return VideoManifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _advice(out: Path) -> str:
    return f"choose another name, such as {out.stem}-export{out.suffix}"
