"""The edit as OpenTimelineIO, which says all of it.

Times of the record and of sources count at the film's rate, so that every cut is a whole frame;
what a file holds counts at the file's own rate.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import opentimelineio as otio

from tasks.assembly.editors.edit import Edit, EditClip, EditMarker, EditTransition, Mark

_COLORS = {
    Mark.SECTION: otio.schema.MarkerColor.PURPLE,
    Mark.KEY_MOMENT: otio.schema.MarkerColor.ORANGE,
    Mark.DOWNBEAT: otio.schema.MarkerColor.RED,
    Mark.BEAT: otio.schema.MarkerColor.BLUE,
    Mark.TRANSITION: otio.schema.MarkerColor.CYAN,
}
# Where the words of this house stand in the file.
SPACE = "songfilm"


def write_otio(edit: Edit, folder: Path) -> str:
    """Say an edit as OpenTimelineIO JSON; files under its folder are named relative to it."""
    line = otio.schema.Timeline(name=edit.name, global_start_time=_time(0, edit))
    line.metadata[SPACE] = {"width": edit.width_px, "height": edit.height_px, "fit": edit.fit.value}
    line.tracks.append(_pictures(edit, folder))
    line.tracks.append(_sound(edit, folder))
    line.tracks.markers.extend(_marker(marker, edit) for marker in edit.markers)
    text: str = otio.adapters.write_to_string(line, "otio_json")
    return text


def _pictures(edit: Edit, folder: Path) -> Any:
    track = otio.schema.Track(name="Pictures", kind=otio.schema.TrackKind.Video)
    for clip in edit.clips:
        _join(track, edit.transition_at(clip.start_frame), edit)
        track.append(_clip(clip, edit, folder))
    _join(track, edit.transition_at(edit.frames), edit)
    return track


def _join(track: Any, transition: EditTransition | None, edit: Edit) -> None:
    if transition is not None:
        joined = otio.schema.Transition(
            name=transition.kind.value,
            transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
            in_offset=_time(transition.lead_frames, edit),
            out_offset=_time(transition.trail_frames, edit),
        )
        joined.metadata[SPACE] = {"transition": transition.kind.value}
        track.append(joined)


def _clip(clip: EditClip, edit: Edit, folder: Path) -> Any:
    # A slowed clip's source begins earlier in its file than in the film.
    begin = float(clip.source_frame * clip.speed)
    placed = otio.schema.Clip(
        name=clip.name,
        media_reference=_file(
            clip.path, folder, frames=clip.info.frames, rate=float(clip.info.fps)
        ),
        source_range=otio.opentime.TimeRange(_time(begin, edit), _time(clip.frames, edit)),
    )
    placed.metadata[SPACE] = {"prompt": clip.note}
    if clip.speed != 1:
        placed.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(clip.speed)))
    return placed


def _sound(edit: Edit, folder: Path) -> Any:
    track = otio.schema.Track(name="Song", kind=otio.schema.TrackKind.Audio)
    rate_hz = edit.song.info.sample_rate_hz
    begin = float(edit.song.start_s * edit.fps)
    track.append(
        otio.schema.Clip(
            name=edit.name,
            media_reference=_file(
                edit.song.path, folder, frames=round(edit.song.length_s * rate_hz), rate=rate_hz
            ),
            source_range=otio.opentime.TimeRange(_time(begin, edit), _time(edit.song.frames, edit)),
        )
    )
    return track


def _file(path: Path, folder: Path, *, frames: int, rate: float) -> Any:
    whole, root = path.resolve(), folder.resolve()
    inside = whole.is_relative_to(root)
    return otio.schema.ExternalReference(
        target_url=quote(str(whole.relative_to(root))) if inside else whole.as_uri(),
        available_range=otio.opentime.TimeRange(
            otio.opentime.RationalTime(0, rate), otio.opentime.RationalTime(frames, rate)
        ),
    )


def _marker(marker: EditMarker, edit: Edit) -> Any:
    return otio.schema.Marker(
        name=marker.name,
        marked_range=otio.opentime.TimeRange(_time(marker.frame, edit), _time(marker.frames, edit)),
        color=_COLORS[marker.mark],
        metadata={SPACE: {"marks": marker.mark.value, "note": marker.note}},
    )


def _time(frames: float, edit: Edit) -> Any:
    return otio.opentime.RationalTime(frames, float(edit.fps))
