"""The film's time line for editing programs: clips with handles, transitions, the song, markers.

Three formats say the same edit: OpenTimelineIO (``.otio``: DaVinci Resolve, Hiero, kdenlive),
FCPXML (``.fcpxml``: Final Cut Pro) and XMEML (``.xml``: Premiere Pro, older Final Cut).
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

from recipe_schema.analysis import SongAnalysis
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from tasks.assembly.editors.edit import BadEditError, Edit, lay_edit
from tasks.assembly.editors.fcpxml import write_fcpxml
from tasks.assembly.editors.otio import write_otio
from tasks.assembly.editors.xmeml import check_rate, write_xmeml
from tasks.assembly.timeline import Timeline
from tasks.media.whole_file import whole_file

__all__ = ["EDIT_SUFFIXES", "BadEditError", "check_edit", "write_edit"]

# Text of an edit in a folder, and what the format could not say.
_WRITERS: Mapping[str, Callable[[Edit, Path], tuple[str, tuple[str, ...]]]] = {
    ".otio": lambda edit, folder: (write_otio(edit, folder), ()),
    ".fcpxml": lambda edit, _: write_fcpxml(edit),
    ".xml": lambda edit, _: write_xmeml(edit),
}
EDIT_SUFFIXES = tuple(_WRITERS)


def check_edit(path: Path, *, fps: Fraction) -> None:
    """Refuse, before any work, a name that says no format of an edit, and a rate that it lacks.

    Args:
        path: The edit's file.
        fps: Frames a second of the film.

    Raises:
        BadEditError: Unknown suffix, or a rate that the format cannot say.
    """
    if path.suffix.lower() not in _WRITERS:
        raise BadEditError(
            f"{path.name} does not end in {', '.join(EDIT_SUFFIXES)}; give the edit one of these "
            "names"
        )
    if path.suffix.lower() == ".xml":
        check_rate(fps)


def write_edit(
    path: Path,
    *,
    recipe: Recipe,
    timeline: Timeline,
    clips: Mapping[str, Path],
    song: Path,
    analysis: SongAnalysis,
    film: FilmFormat,
) -> tuple[str, ...]:
    """Write a film's edit, in the format of its suffix.

    Args:
        path: New file: ``.otio``, ``.fcpxml`` or ``.xml``.
        recipe: The shots.
        timeline: Where they lie, in frames of the film.
        clips: The clips' files by shot id; they are probed, and referred to where they lie.
        song: The song's file, likewise.
        analysis: Beats, downbeats and sections for the markers.
        film: Size and rate of the film.

    Returns:
        What the format could not say, or says otherwise than the film shows it.

    Raises:
        BadEditError: Unknown suffix, a shot without a clip, or a rate that the format lacks.
        BadMediaError: A clip or the song cannot be read.
        NoSpaceError: The disk is full.
    """
    check_edit(path, fps=film.rate)
    edit = lay_edit(
        recipe=recipe, timeline=timeline, clips=clips, song=song, analysis=analysis, film=film
    )
    text, warnings = _WRITERS[path.suffix.lower()](edit, path.parent)
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    return (*edit.warnings, *warnings)
