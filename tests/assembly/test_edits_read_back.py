"""Edits for editing programs, read back to the frame: with others' adapters, and by element."""

import xml.etree.ElementTree as ET
from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.edits import (
    NAME,
    RATES,
    beat_frames,
    clip_rate,
    lay_out_media,
    recipes,
    seconds,
    transitions_of,
    written,
)
from support.films import make_recipe

from recipe_schema.vocabulary import Transition
from tasks.assembly.timeline import clip_spans


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    """A folder of clips and a song, with a space in its name."""
    folder = tmp_path_factory.mktemp("a film")
    lay_out_media(folder)
    return folder


any_recipe = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@any_recipe
@given(recipe=recipes(), fps=st.sampled_from(RATES))
def test_otio_reads_back_to_the_frame(media, recipe, fps):
    path, timeline, analysis, _ = written(media, ".otio", recipe, fps=fps)
    read = otio.adapters.read_from_file(str(path))
    pictures, sound = read.tracks
    assert read.name == NAME
    clips = list(pictures.find_clips())
    spans = [pictures.range_of_child(clip) for clip in clips]
    assert [round(span.start_time.value) for span in spans] == [
        placed.cut_frame for placed in timeline.shots
    ]
    assert [round(span.end_time_exclusive().value) for span in spans] == [
        placed.end_frame for placed in timeline.shots
    ]
    for clip, span in zip(clips, clip_spans(timeline), strict=True):
        speed = clip.effects[0].time_scalar if clip.effects else 1.0
        begin, available = clip.source_range.start_time, clip.available_range()
        head = begin.value / speed
        assert head == pytest.approx(
            round(pictures.range_of_child(clip).start_time.value) - span.start_frame
        )
        reach_s = (span.end_frame - span.start_frame) * speed / float(timeline.fps)
        assert reach_s <= available.duration.to_seconds() + 1e-9
        assert available.duration.rate == pytest.approx(float(clip_rate(clip.media_reference)))
    seen = [
        (
            round(pictures.range_of_child(item).start_time.value + item.in_offset.value),
            round(item.in_offset.value),
            round(item.out_offset.value),
        )
        for item in pictures
        if isinstance(item, otio.schema.Transition)
    ]
    assert seen == transitions_of(timeline)
    marks = {(m.metadata["songfilm"]["marks"], round(m.marked_range.start_time.value))
             for m in read.tracks.markers}  # fmt: skip
    assert {at for what, at in marks if what in ("beat", "downbeat")} == beat_frames(
        analysis, timeline
    )
    assert {(m.color, m.metadata["songfilm"]["marks"]) for m in read.tracks.markers} >= {
        ("RED", "downbeat"),
        ("PURPLE", "section"),
    }
    assert sound[0].duration().value in (timeline.frames, timeline.frames - 1)


@any_recipe
@given(recipe=recipes(), fps=st.sampled_from(RATES))
def test_premiere_xml_reads_back_to_the_frame(media, recipe, fps):
    path, timeline, analysis, _ = written(media, ".xml", recipe, fps=fps)
    sequence = ET.parse(path).getroot().find("sequence")
    rate = Fraction(int(sequence.findtext("rate/timebase")))
    if sequence.findtext("rate/ntsc") == "TRUE":
        rate *= Fraction(1000, 1001)
    assert rate == timeline.fps
    assert int(sequence.findtext("duration")) == timeline.frames
    items = list(sequence.find("media/video/track"))
    told = [
        (
            int(item.findtext("start"))
            + round(int(item.findtext("cutPointTicks")) * rate / 254_016_000_000),
            int(item.findtext("start")),
            int(item.findtext("end")),
        )
        for item in items
        if item.tag == "transitionitem"
    ]
    assert told == [(cut, cut - lead, cut + trail) for cut, lead, trail in transitions_of(timeline)]
    clips = [item for item in items if item.tag == "clipitem"]
    spans = clip_spans(timeline)
    for item, placed, span in zip(clips, timeline.shots, spans, strict=True):
        inside, out = int(item.findtext("in")), int(item.findtext("out"))
        assert 0 <= inside < out <= int(item.findtext("duration"))
        start, end = int(item.findtext("start")), int(item.findtext("end"))
        # Beside a transition the in and out points say which frames of the film are reached.
        assert start in (placed.cut_frame, -1)
        assert end in (placed.end_frame, -1)
        assert span.start_frame + inside == (
            placed.cut_frame if start >= 0 else placed.transition_start
        )
        reach = span.end_frame if end == -1 else placed.end_frame
        assert span.start_frame + out == reach
    points = {int(mark.findtext("in")) for mark in sequence.findall("marker")
              if mark.findtext("name").split()[0] in ("beat", "bar")}  # fmt: skip
    assert points == beat_frames(analysis, timeline)


@any_recipe
@given(recipe=recipes(), fps=st.sampled_from(RATES))
def test_fcpxml_reads_back_to_the_frame(media, recipe, fps):
    path, timeline, analysis, _ = written(media, ".fcpxml", recipe, fps=fps)
    root = ET.parse(path).getroot()
    assets = {asset.get("id"): asset for asset in root.findall("resources/asset")}
    formats = {form.get("id"): form for form in root.findall("resources/format")}
    sequence = root.find(".//sequence")
    assert seconds(formats[sequence.get("format")].get("frameDuration")) == 1 / timeline.fps

    def frames(text):
        exact = seconds(text) * timeline.fps
        assert exact.denominator == 1
        return int(exact)

    assert frames(sequence.get("duration")) == timeline.frames
    clips = sequence.findall("spine/asset-clip")
    marks = []
    for clip, placed, span in zip(clips, timeline.shots, clip_spans(timeline), strict=True):
        begin, start = frames(clip.get("offset")), frames(clip.get("start"))
        assert begin == placed.cut_frame
        assert begin + frames(clip.get("duration")) == placed.end_frame
        assert begin - start == span.start_frame
        lasts = seconds(assets[clip.get("ref")].get("duration"))
        stretch = clip.findall("timeMap/timept")
        if stretch:
            lasts = seconds(stretch[1].get("time"))
            assert seconds(stretch[1].get("value")) < lasts
        assert (span.end_frame - span.start_frame) / timeline.fps <= lasts
        for mark in clip.findall("marker"):
            marks.append((mark.get("value").split()[0], begin - start + frames(mark.get("start"))))
    assert {at for what, at in marks if what in ("beat", "bar")} == beat_frames(analysis, timeline)
    reaches = {cut: (lead, trail) for cut, lead, trail in transitions_of(timeline)}
    for item in sequence.findall("spine/transition"):
        begin, length = frames(item.get("offset")), frames(item.get("duration"))
        cut = {0: 0, timeline.frames - length: timeline.frames}.get(begin, begin + length // 2)
        lead, trail = reaches[cut]
        assert length == (lead + trail if cut in (0, timeline.frames) else 2 * min(lead, trail))


@pytest.mark.parametrize(
    ("suffix", "transition"),
    [
        (".otio", Transition.DISSOLVE),
        (".xml", Transition.DISSOLVE),
        # This adapter knows no transitions and only clips of the film's rate.
        (".fcpxml", Transition.HARD_CUT),
    ],
)
def test_adapters_of_others_read_every_format(suffix, transition, media):
    recipe = make_recipe([0.0, 2.0, 3.5, 5.25], duration_s=8.0, transition=transition)
    path, timeline, _, _ = written(media, suffix, recipe, fps="24", clip_rates=1)
    read = otio.adapters.read_from_file(str(path))
    line = next(iter(read.find_children(descended_from_type=otio.schema.Timeline)), read)
    track = line.video_tracks()[0]
    spans = [track.range_of_child(clip) for clip in track.find_clips()]
    cuts = [round(span.start_time.to_seconds() * 24) for span in spans]
    assert cuts == [placed.cut_frame for placed in timeline.shots]
    assert round(spans[-1].end_time_exclusive().to_seconds() * 24) == timeline.frames
    joined = [item for item in track if isinstance(item, otio.schema.Transition)]
    assert len(joined) == (3 if transition is Transition.DISSOLVE else 0)
    assert all(round(item.in_offset.to_seconds() * 24) == 10 for item in joined)
