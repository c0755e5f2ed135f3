"""The edit as XMEML 5, the Final Cut Pro 7 format that Premiere Pro reads.

Every time is a whole frame of the sequence. A clip beside a transition has no start or end of its
own (-1): its in and out points hold the handles, and the transition says where they lie (Apple,
"Final Cut Pro XML Interchange Format"). `cutPointTicks` and `pproColor` are Premiere's own words.
"""

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from recipe_schema.vocabulary import Fit
from tasks.assembly.editors.edit import (
    BadEditError,
    Edit,
    EditClip,
    EditMarker,
    EditTransition,
    Mark,
)

TICKS = 254_016_000_000
"""Premiere's ticks a second, which all its frame and sample rates divide."""
_NTSC = 1001
# Premiere's marker colours, alpha-blue-green-red in one number.
_COLORS = {
    Mark.SECTION: 4289825711,
    Mark.KEY_MOMENT: 4280578025,
    Mark.DOWNBEAT: 4281740498,
    Mark.BEAT: 4294741314,
    Mark.TRANSITION: 4292277273,
}
_CHANNELS = 2
# Less than this of a sound's shift is not worth a word.
_HEARD_S = 0.0005


def write_xmeml(edit: Edit) -> tuple[str, tuple[str, ...]]:
    """Say an edit as XMEML; files are named by where they lie.

    Returns:
        The text, and what it could not say: an excerpt that starts between two frames.

    Raises:
        BadEditError: A frame rate that is neither whole nor an NTSC one.
    """
    check_rate(edit.fps)
    root = ET.Element("xmeml", version="5")
    sequence = ET.SubElement(root, "sequence", id="film")
    _put(sequence, "name", edit.name)
    _put(sequence, "duration", edit.frames)
    _rate(sequence, edit.fps)
    code = ET.SubElement(sequence, "timecode")
    _rate(code, edit.fps)
    _put(code, "string", "00:00:00:00")
    _put(code, "frame", 0)
    _put(code, "displayformat", "NDF")
    media = ET.SubElement(sequence, "media")
    _pictures(ET.SubElement(media, "video"), edit)
    _sound(ET.SubElement(media, "audio"), edit)
    for marker in edit.markers:
        _marker(sequence, marker)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
    return f"{head}{text}\n", tuple(_warnings(edit))


def check_rate(fps: Fraction) -> None:
    """Refuse a frame rate that XMEML cannot say.

    Raises:
        BadEditError: It is neither whole nor an NTSC one.
    """
    if not _expressible(fps):
        raise BadEditError(
            f"Premiere XML has no {fps} frames a second; write .otio or .fcpxml, or give the "
            "film 24, 25, 30, 50, 60 or an NTSC rate such as 30000/1001"
        )


def _pictures(video: ET.Element, edit: Edit) -> None:
    traits = ET.SubElement(ET.SubElement(video, "format"), "samplecharacteristics")
    _rate(traits, edit.fps)
    _size(traits, edit.width_px, edit.height_px)
    track = ET.SubElement(video, "track")
    for number, clip in enumerate(edit.clips):
        before, after = edit.transition_at(clip.start_frame), edit.transition_at(clip.end_frame)
        if before:
            _transition(track, before, edit)
        _clip(track, clip, edit, number=number + 1, before=before, after=after)
    closing = edit.transition_at(edit.frames)
    if closing:
        _transition(track, closing, edit)


def _clip(
    track: ET.Element,
    clip: EditClip,
    edit: Edit,
    *,
    number: int,
    before: EditTransition | None,
    after: EditTransition | None,
) -> None:
    lead = before.lead_frames if before else 0
    trail = after.trail_frames if after else 0
    item = ET.SubElement(track, "clipitem", id=f"clip{number}")
    _put(item, "name", clip.name)
    _put(item, "enabled", "TRUE")
    _put(item, "duration", clip.available_frames)
    _rate(item, edit.fps)
    _put(item, "start", -1 if before else clip.start_frame)
    _put(item, "end", -1 if after else clip.end_frame)
    _put(item, "in", clip.source_frame - lead)
    _put(item, "out", clip.source_frame + clip.frames + trail)
    file = ET.SubElement(item, "file", id=f"file{number}")
    _put(file, "name", clip.path.name)
    _put(file, "pathurl", _url(clip.path))
    known = _expressible(clip.info.fps)
    _rate(file, clip.info.fps if known else edit.fps)
    _put(file, "duration", clip.info.frames if known else clip.available_frames)
    traits = ET.SubElement(
        ET.SubElement(ET.SubElement(file, "media"), "video"), "samplecharacteristics"
    )
    _size(traits, clip.info.width_px, clip.info.height_px)
    _scale(item, clip, edit)
    if clip.speed != 1:
        _filter(item, "Time Remap", "timeremap", {"speed": float(clip.speed) * 100})
    _put(ET.SubElement(item, "comments"), "mastercomment1", clip.note)


def _scale(item: ET.Element, clip: EditClip, edit: Edit) -> None:
    """Bring a clip of another size to the film's frame, as the film does."""
    ratios = (edit.width_px / clip.info.width_px, edit.height_px / clip.info.height_px)
    scale = max(ratios) if edit.fit is Fit.COVER else min(ratios)
    if scale != 1:
        _filter(item, "Basic Motion", "basic", {"scale": round(scale * 100, 4)})


def _filter(item: ET.Element, name: str, effect_id: str, values: dict[str, float]) -> None:
    effect = ET.SubElement(ET.SubElement(item, "filter"), "effect")
    _put(effect, "name", name)
    _put(effect, "effectid", effect_id)
    _put(effect, "effectcategory", "motion")
    _put(effect, "effecttype", "motion")
    _put(effect, "mediatype", "video")
    for key, value in values.items():
        told = ET.SubElement(effect, "parameter")
        _put(told, "parameterid", key)
        _put(told, "name", key)
        _put(told, "value", f"{value:g}")


def _transition(track: ET.Element, transition: EditTransition, edit: Edit) -> None:
    item = ET.SubElement(track, "transitionitem")
    _put(item, "start", transition.start_frame)
    _put(item, "end", transition.start_frame + transition.frames)
    _put(item, "alignment", _alignment(transition, edit))
    _put(item, "cutPointTicks", int(transition.lead_frames * TICKS / edit.fps))
    _rate(item, edit.fps)
    effect = ET.SubElement(item, "effect")
    _put(effect, "name", "Cross Dissolve")
    _put(effect, "effectid", "Cross Dissolve")
    _put(effect, "effectcategory", "Dissolve")
    _put(effect, "effecttype", "transition")
    _put(effect, "mediatype", "video")


def _alignment(transition: EditTransition, edit: Edit) -> str:
    if transition.cut_frame == 0:
        return "start-black"
    if transition.cut_frame == edit.frames:
        return "end-black"
    if transition.lead_frames == 0:
        return "start"
    return "center" if transition.trail_frames else "end"


def _sound(audio: ET.Element, edit: Edit) -> None:
    """One track a channel, as stereo sound is told."""
    song = edit.song
    channels = min(song.info.channels, _CHANNELS)
    _put(audio, "numOutputChannels", channels)
    traits = ET.SubElement(ET.SubElement(audio, "format"), "samplecharacteristics")
    _put(traits, "depth", 16)
    _put(traits, "samplerate", song.info.sample_rate_hz)
    begin, available = round(song.start_s * edit.fps), int(song.length_s * edit.fps)
    frames = min(song.frames, available - begin)
    for channel in range(channels):
        track = ET.SubElement(
            audio, "track", currentExplodedTrackIndex=str(channel),
            totalExplodedTrackCount=str(channels),
            premiereTrackType="Stereo" if channels == _CHANNELS else "Mono",
        )  # fmt: skip
        item = ET.SubElement(track, "clipitem", id=f"song{channel + 1}")
        _put(item, "name", edit.name)
        _put(item, "enabled", "TRUE")
        _put(item, "duration", available)
        _rate(item, edit.fps)
        _put(item, "start", 0)
        _put(item, "end", frames)
        _put(item, "in", begin)
        _put(item, "out", begin + frames)
        file = ET.SubElement(item, "file", id="song")
        if channel == 0:
            _song_file(file, edit)
        source = ET.SubElement(item, "sourcetrack")
        _put(source, "mediatype", "audio")
        _put(source, "trackindex", channel + 1)
        for other in range(channels):
            link = ET.SubElement(item, "link")
            _put(link, "linkclipref", f"song{other + 1}")
            _put(link, "mediatype", "audio")
            _put(link, "trackindex", other + 1)
            _put(link, "clipindex", 1)
            _put(link, "groupindex", 1)
        _put(track, "outputchannelindex", channel + 1)


def _song_file(file: ET.Element, edit: Edit) -> None:
    _put(file, "name", edit.song.path.name)
    _put(file, "pathurl", _url(edit.song.path))
    _rate(file, edit.fps)
    _put(file, "duration", int(edit.song.length_s * edit.fps))
    sound = ET.SubElement(ET.SubElement(file, "media"), "audio")
    traits = ET.SubElement(sound, "samplecharacteristics")
    _put(traits, "samplerate", edit.song.info.sample_rate_hz)
    _put(sound, "channelcount", edit.song.info.channels)


def _marker(sequence: ET.Element, marker: EditMarker) -> None:
    told = ET.SubElement(sequence, "marker")
    _put(told, "comment", marker.note)
    _put(told, "name", marker.name)
    _put(told, "in", marker.frame)
    _put(told, "out", marker.frame + marker.frames if marker.frames > 1 else -1)
    _put(told, "pproColor", _COLORS[marker.mark])


def _warnings(edit: Edit) -> list[str]:
    off_s = edit.song.start_s - float(round(edit.song.start_s * edit.fps) / edit.fps)
    if abs(off_s) < _HEARD_S:
        return []
    return [
        f"the excerpt starts between two frames, which Premiere XML cannot say: the song is "
        f"{abs(off_s) * 1000:.1f} ms {'late' if off_s > 0 else 'early'} there; .otio and .fcpxml "
        "are exact"
    ]


def _rate(parent: ET.Element, fps: Fraction) -> None:
    rate = ET.SubElement(parent, "rate")
    _put(rate, "timebase", round(fps))
    _put(rate, "ntsc", "TRUE" if fps.denominator == _NTSC else "FALSE")


def _expressible(fps: Fraction) -> bool:
    return fps.denominator == 1 or (fps.denominator == _NTSC and fps.numerator % 1000 == 0)


def _size(traits: ET.Element, width_px: int, height_px: int) -> None:
    _put(traits, "width", width_px)
    _put(traits, "height", height_px)
    _put(traits, "pixelaspectratio", "square")
    _put(traits, "fielddominance", "none")


def _url(path: Path) -> str:
    return f"file://localhost{quote(str(path.resolve()))}"


def _put(parent: ET.Element, tag: str, value: object) -> None:
    ET.SubElement(parent, tag).text = str(value)
