"""The edit as FCPXML 1.10 for Final Cut Pro.

Times are exact fractions of a second, on frames of the film. Final Cut keeps transitions centred
on their cut and clips butted against each other (Apple, "Professional Video Applications:
FCPXML Reference"); markers belong to clips.
"""

import xml.etree.ElementTree as ET
from fractions import Fraction

from recipe_schema.vocabulary import Fit
from tasks.assembly.editors.edit import Edit, EditClip, EditMarker, EditTransition, Mark

VERSION = "1.10"
_DISSOLVE = "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"
_COLOR = "1-1-1 (Rec. 709)"
# Rates of clips that Final Cut names when it conforms them.
_NAMED_RATES = {
    Fraction(rate): name
    for rate, name in (
        ("24000/1001", "23.98"), ("24", "24"), ("25", "25"), ("30000/1001", "29.97"), ("30", "30"),
        ("48", "48"), ("50", "50"), ("60000/1001", "59.94"), ("60", "60"),
    )
}  # fmt: skip
_NAMED_SAMPLE_RATES = {32_000: "32k", 44_100: "44.1k", 48_000: "48k", 88_200: "88.2k",
                       96_000: "96k", 176_400: "176.4k", 192_000: "192k"}  # fmt: skip
# A to-do that is open is red, one that is done green; plain ones are blue, chapters orange.
_TO_DO = {Mark.KEY_MOMENT: "0", Mark.DOWNBEAT: "1"}


def write_fcpxml(edit: Edit) -> tuple[str, tuple[str, ...]]:
    """Say an edit as FCPXML; files are named by where they lie.

    Returns:
        The text, and what it could not say: transitions that reach further to one side.
    """
    root = ET.Element("fcpxml", version=VERSION)
    _resources(ET.SubElement(root, "resources"), edit)
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name="songfilm")
    sequence = ET.SubElement(
        ET.SubElement(event, "project", name=edit.name),
        "sequence",
        format="film",
        duration=_time(edit.frames, edit),
        tcStart="0s",
        tcFormat="NDF",
        audioLayout="stereo" if edit.song.info.channels <= 2 else "surround",
        audioRate=_NAMED_SAMPLE_RATES.get(edit.song.info.sample_rate_hz, "48k"),
    )
    _spine(ET.SubElement(sequence, "spine"), edit)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
    return f"{head}{text}\n", tuple(_warnings(edit))


def _resources(resources: ET.Element, edit: Edit) -> None:
    ET.SubElement(
        resources, "format", id="film", frameDuration=_seconds(1 / edit.fps),
        width=str(edit.width_px), height=str(edit.height_px), colorSpace=_COLOR,
    )  # fmt: skip
    formats: dict[tuple[Fraction, int, int], str] = {}
    for number, clip in enumerate(edit.clips):
        kind = (clip.info.fps, clip.info.width_px, clip.info.height_px)
        if kind not in formats:
            formats[kind] = f"format{len(formats) + 1}"
            ET.SubElement(
                resources, "format", id=formats[kind], frameDuration=_seconds(1 / kind[0]),
                width=str(kind[1]), height=str(kind[2]), colorSpace=_COLOR,
            )  # fmt: skip
        asset = ET.SubElement(
            resources, "asset", id=f"clip{number + 1}", name=clip.path.stem, start="0s",
            duration=_seconds(clip.info.frames / clip.info.fps), hasVideo="1",
            format=formats[kind], videoSources="1",
        )  # fmt: skip
        ET.SubElement(asset, "media-rep", kind="original-media", src=clip.path.resolve().as_uri())
    song = edit.song
    asset = ET.SubElement(
        resources, "asset", id="song", name=edit.name, start="0s",
        duration=_samples(song.length_s, edit), hasAudio="1", audioSources="1",
        audioChannels=str(song.info.channels), audioRate=str(song.info.sample_rate_hz),
    )  # fmt: skip
    ET.SubElement(asset, "media-rep", kind="original-media", src=song.path.resolve().as_uri())
    ET.SubElement(resources, "effect", id="dissolve", name="Cross Dissolve", uid=_DISSOLVE)


def _spine(spine: ET.Element, edit: Edit) -> None:
    """Clips one after another, with transitions between them; the song hangs on the first."""
    for number, clip in enumerate(edit.clips):
        _transition(spine, edit.transition_at(clip.start_frame), edit)
        placed = ET.SubElement(
            spine, "asset-clip", ref=f"clip{number + 1}", name=clip.name,
            offset=_time(clip.start_frame, edit), start=_time(clip.source_frame, edit),
            duration=_time(clip.frames, edit), tcFormat="NDF",
        )  # fmt: skip
        ET.SubElement(placed, "note").text = clip.note
        _timing(placed, clip, edit)
        ET.SubElement(placed, "adjust-conform", type="fill" if edit.fit is Fit.COVER else "fit")
        if number == 0:
            ET.SubElement(
                placed, "asset-clip", ref="song", lane="-1", name=edit.name,
                offset=_time(clip.source_frame, edit), start=_samples(edit.song.start_s, edit),
                duration=_time(edit.song.frames, edit), audioRole="music.music-1",
            )  # fmt: skip
        for marker in edit.markers:
            if clip.start_frame <= marker.frame < clip.end_frame:
                _marker(placed, marker, clip, edit)
    _transition(spine, edit.transition_at(edit.frames), edit)


def _timing(placed: ET.Element, clip: EditClip, edit: Edit) -> None:
    """Keep a clip of another rate at its own speed, or slow it."""
    if clip.info.fps != edit.fps:
        conform = ET.SubElement(placed, "conform-rate", scaleEnabled="0")
        if clip.info.fps in _NAMED_RATES:
            conform.set("srcFrameRate", _NAMED_RATES[clip.info.fps])
    if clip.speed != 1:
        length = clip.info.frames / clip.info.fps
        stretch = ET.SubElement(placed, "timeMap")
        ET.SubElement(stretch, "timept", time="0s", value="0s", interp="linear")
        ET.SubElement(
            stretch, "timept", time=_seconds(length / clip.speed), value=_seconds(length),
            interp="linear",
        )  # fmt: skip


def _transition(spine: ET.Element, transition: EditTransition | None, edit: Edit) -> None:
    if transition is None or not any(reach := _reach(transition, edit)):
        return
    placed = ET.SubElement(
        spine, "transition", name="Cross Dissolve",
        offset=_time(transition.cut_frame - reach[0], edit), duration=_time(sum(reach), edit),
    )  # fmt: skip
    ET.SubElement(placed, "filter-video", ref="dissolve", name="Cross Dissolve")


def _reach(transition: EditTransition, edit: Edit) -> tuple[int, int]:
    """Frames before and after the cut: alike, but at the ends of the film."""
    if transition.cut_frame in (0, edit.frames):
        return transition.lead_frames, transition.trail_frames
    shorter = min(transition.lead_frames, transition.trail_frames)
    return shorter, shorter


def _marker(placed: ET.Element, marker: EditMarker, clip: EditClip, edit: Edit) -> None:
    """A marker inside its clip, in the clip's own time."""
    chapter = marker.mark is Mark.SECTION
    told = ET.SubElement(
        placed, "chapter-marker" if chapter else "marker",
        start=_time(marker.frame - clip.first_frame, edit), duration=_time(1, edit),
        value=marker.name,
    )  # fmt: skip
    if marker.note:
        told.set("note", marker.note)
    if marker.mark in _TO_DO:
        told.set("completed", _TO_DO[marker.mark])


def _warnings(edit: Edit) -> list[str]:
    cut = [each for each in edit.transitions if sum(_reach(each, edit)) < each.frames]
    if not cut:
        return []
    return [
        f"Final Cut centres transitions: {len(cut)} that reach further to one side of their cut "
        "are as long as their shorter side allows"
    ]


def _time(frames: int, edit: Edit) -> str:
    return _seconds(frames / edit.fps)


def _samples(time_s: float, edit: Edit) -> str:
    """A time of the song, to the sample."""
    rate_hz = edit.song.info.sample_rate_hz
    return _seconds(Fraction(round(time_s * rate_hz), rate_hz))


def _seconds(time_s: Fraction) -> str:
    """An exact time as FCPXML writes it: ``7/60s``."""
    whole = time_s.denominator == 1
    return f"{time_s.numerator}s" if whole else f"{time_s.numerator}/{time_s.denominator}s"
