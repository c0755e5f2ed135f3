"""Edits for editing programs, read back: with OpenTimelineIO's adapters, and element by element."""

import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import accumulate, pairwise
from urllib.parse import unquote, urlparse

import numpy as np
import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.analyses import make_analysis
from support.films import click_track, make_recipe, write_song

from recipe_schema.analysis import Excerpt
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import IMPACT_THEME
from recipe_schema.vocabulary import Transition
from tasks.assembly.editors import EDIT_SUFFIXES, BadEditError, check_edit, write_edit
from tasks.assembly.timeline import clip_spans, lay_timeline
from tasks.media.frames import ClipWriter
from tasks.media.timebase import seconds_to_frame

RATES = ("24", "25", "30", "50", "60", "30000/1001", "60000/1001")
CLIP_RATES = ("24", "30", "30000/1001", "25")
LONGEST_S = 16.0
NAME = 'Señor <Beat> & "Co" №1'


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    """A clip of each rate, and a song, in a folder with a space in its name."""
    folder = tmp_path_factory.mktemp("a film")
    planes = [np.full(shape, 128, np.uint8) for shape in ((16, 32), (8, 16), (8, 16))]
    for number, rate in enumerate(CLIP_RATES):
        fps = Fraction(rate)
        with ClipWriter(folder / f"clip {number}.mp4", width_px=32, height_px=16, fps=fps) as clip:
            for _ in range(round(4 * fps)):
                clip.write(*planes)
    write_song(folder / "söng.wav", click_track([1.0], duration_s=LONGEST_S, rate_hz=8_000))
    return folder


def written(media, suffix, recipe, *, fps, excerpt=None, clip_rates=4):
    """(path, timeline, analysis, warnings) of a recipe's edit; clips in turn of the first rates."""
    form = FilmFormat(width_px=128, height_px=64, fps=fps)
    duration_s = recipe.metadata.duration
    timeline = lay_timeline(recipe, fps=form.rate, frames=seconds_to_frame(duration_s, form.rate))
    analysis = make_analysis((("intro", "A", 2, 0.3), ("drop", "B", 6, 0.9)), duration=duration_s)
    song = analysis.song.model_copy(update={"name": NAME})
    analysis = analysis.model_copy(update={"song": song, "excerpt": excerpt})
    path = media / f"edit{suffix}"
    clips = {
        shot.id: media / f"clip {k % clip_rates}.mp4" for k, shot in enumerate(recipe.shot_list)
    }
    warnings = write_edit(
        path,
        recipe=recipe,
        timeline=timeline,
        clips=clips,
        song=media / "söng.wav",
        analysis=analysis,
        film=form,
    )
    return path, timeline, analysis, warnings


@st.composite
def recipes(draw):
    lengths = draw(st.lists(st.floats(0.3, 3.0), min_size=1, max_size=7))
    ends = list(accumulate(lengths))
    recipe = make_recipe([0.0, *ends[:-1]], duration_s=ends[-1])
    moves = st.sampled_from([None, *Transition])
    shots = [
        shot.model_copy(update={"transition_in": draw(moves), "transition_out": draw(moves)})
        for shot in recipe.shot_list
    ]
    return recipe.model_copy(update={"shot_list": tuple(shots)})


def transitions_of(timeline):
    """(cut, lead, trail) of every transition, the closing fade included."""
    found = [
        (placed.cut_frame, placed.lead_frames, placed.trail_frames)
        for placed in timeline.shots
        if placed.lead_frames + placed.trail_frames
    ]
    closing = timeline.closing_frames
    return found + ([(timeline.frames, closing, 0)] if closing else [])


def beat_frames(analysis, timeline):
    return {
        frame
        for time_s in (*analysis.beats, *analysis.downbeats)
        if (frame := seconds_to_frame(time_s, timeline.fps)) < timeline.frames
    }


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


def clip_rate(reference):
    number = int(unquote(reference.target_url).removesuffix(".mp4").split()[-1])
    return Fraction(CLIP_RATES[number])


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


def seconds(text):
    return Fraction(text.removesuffix("s"))


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


def test_edit_tells_what_editors_cannot_show(media):
    recipe = make_recipe([0.0, 2.0, 4.0], duration_s=6.0, transition=Transition.EXPLOSION)
    _, _, _, told = written(media, ".otio", recipe, fps="60")
    assert any("explosion" in line and "markers" in line for line in told)
    _, _, _, told = written(media, ".fcpxml", recipe, fps="60")
    assert any("2 that reach further to one side" in line for line in told)
    _, _, _, told = written(
        media, ".xml", recipe, fps="60", excerpt=Excerpt(start=1.005, length=6.0)
    )
    assert any("5.0 ms late" in line for line in told)
    _, _, _, told = written(media, ".otio", make_recipe([0.0], duration_s=5.0), fps="60")
    assert any("shot_001, to 80.0%" in line for line in told)


def test_files_are_named_so_that_editors_find_them(media):
    recipe = make_recipe([0.0, 2.0], duration_s=4.0)
    for suffix in EDIT_SUFFIXES:
        path, *_ = written(media, suffix, recipe, fps="60")
        if suffix == ".otio":
            found = [
                (media / unquote(clip.media_reference.target_url))
                for clip in otio.adapters.read_from_file(str(path)).find_clips()
            ]
        else:
            root = ET.parse(path).getroot()
            urls = [each.get("src") for each in root.iter("media-rep")]
            urls += [each.text for each in root.iter("pathurl")]
            found = [media / unquote(urlparse(url).path) for url in urls]
        assert {file.name for file in found} == {"clip 0.mp4", "clip 1.mp4", "söng.wav"}
        assert all(file.is_file() for file in found)


def test_excerpt_plays_its_part_of_the_song(media):
    recipe = make_recipe([0.0, 2.0], duration_s=4.0)
    part = Excerpt(start=2.5, length=4.0)
    path, *_ = written(media, ".otio", recipe, fps="60", excerpt=part)
    sound = otio.adapters.read_from_file(str(path)).audio_tracks()[0][0]
    assert sound.source_range.start_time.to_seconds() == 2.5
    assert sound.source_range.duration.value == 240
    path, *_ = written(media, ".fcpxml", recipe, fps="60", excerpt=part)
    root = ET.parse(path).getroot()
    assert seconds(root.find(".//asset-clip[@ref='song']").get("start")) == Fraction(5, 2)
    path, *_ = written(media, ".xml", recipe, fps="60", excerpt=part)
    item = ET.parse(path).getroot().find(".//audio/track/clipitem")
    assert (item.findtext("in"), item.findtext("out")) == ("150", "390")


def test_key_moments_and_control_characters(media):
    recipe = make_recipe([0.0, 2.0], duration_s=4.0)
    shots = list(recipe.shot_list)
    shots[1] = shots[1].model_copy(
        update={"visual_theme": IMPACT_THEME, "mochi_prompt": "a \x0bstorm & <rain>"}
    )
    recipe = recipe.model_copy(update={"shot_list": tuple(shots)})
    for suffix in EDIT_SUFFIXES:
        path, *_ = written(media, suffix, recipe, fps="60")
        text = path.read_text(encoding="utf-8")
        assert "a  storm" in text or "a storm" in text
        if suffix != ".otio":
            ET.fromstring(text.split("\n", 2)[2])
    path, *_ = written(media, ".otio", recipe, fps="60")
    marks = otio.adapters.read_from_file(str(path)).tracks.markers
    moment = next(m for m in marks if m.metadata["songfilm"]["marks"] == "key moment")
    assert moment.marked_range.start_time.value == 120
    assert moment.color == "ORANGE"


def test_edits_that_cannot_be_written_are_refused(media, tmp_path):
    with pytest.raises(BadEditError, match=r"\.otio, \.fcpxml, \.xml"):
        check_edit(tmp_path / "film.edl", fps=Fraction(60))
    for ending, fps in ((".xml", Fraction(30000, 1001)), (".otio", Fraction(49, 2))):
        check_edit(tmp_path / f"film{ending}", fps=fps)
    with pytest.raises(BadEditError, match="49/2 frames a second"):
        check_edit(tmp_path / "film.xml", fps=Fraction(49, 2))
    recipe = make_recipe([0.0, 2.0], duration_s=4.0)
    with pytest.raises(BadEditError, match="25/2 frames a second"):
        written(media, ".xml", recipe, fps="25/2")
    timeline = lay_timeline(recipe, fps=Fraction(60), frames=240)
    with pytest.raises(BadEditError, match="shot_001 has no clip"):
        write_edit(
            tmp_path / "film.otio",
            recipe=recipe,
            timeline=timeline,
            clips={},
            song=media / "söng.wav",
            analysis=make_analysis(duration=4.0),
            film=FilmFormat(),
        )
    assert list(tmp_path.iterdir()) == []


def test_sections_of_the_markers_tile_the_film(media):
    recipe = make_recipe([0.0, 2.0, 5.0], duration_s=8.0)
    path, timeline, _, _ = written(media, ".otio", recipe, fps="60")
    sections = [
        mark.marked_range
        for mark in otio.adapters.read_from_file(str(path)).tracks.markers
        if mark.metadata["songfilm"]["marks"] == "section"
    ]
    assert sections[0].start_time.value == 0
    assert round(sections[-1].end_time_exclusive().value) == timeline.frames
    for one, other in pairwise(sections):
        assert round(one.end_time_exclusive().value) == other.start_time.value


def test_final_cut_gets_its_elements_in_the_order_that_its_dtd_wants(media):
    """FCPXML 1.10: note, timing, intrinsic parameters, anchored clips, then markers."""
    recipe = make_recipe([0.0, 3.0], duration_s=8.0, transition=Transition.DISSOLVE)
    path, *_ = written(media, ".fcpxml", recipe, fps="60")
    order = ["note", "conform-rate", "timeMap", "adjust-conform", "asset-clip", "marker"]
    names = []
    for clip in ET.parse(path).getroot().findall(".//spine/asset-clip"):
        tags = [child.tag.removeprefix("chapter-") for child in clip]
        assert tags == sorted(tags, key=order.index)
        names += tags
    assert set(names) == set(order)


def test_markers_of_every_kind_have_a_colour_of_their_own(media):
    recipe = make_recipe([0.0, 2.0, 4.0], duration_s=8.0, transition=Transition.EXPLOSION)
    shots = list(recipe.shot_list)
    shots[2] = shots[2].model_copy(update={"visual_theme": IMPACT_THEME})
    recipe = recipe.model_copy(update={"shot_list": tuple(shots)})
    path, *_ = written(media, ".otio", recipe, fps="60")
    marks = otio.adapters.read_from_file(str(path)).tracks.markers
    colors = {(mark.metadata["songfilm"]["marks"], mark.color) for mark in marks}
    assert len(colors) == len({kind for kind, _ in colors}) == len({c for _, c in colors}) == 5
    path, *_ = written(media, ".xml", recipe, fps="60")
    found = ET.parse(path).getroot().findall(".//sequence/marker")
    assert len(found) == len(marks)
    assert len({mark.findtext("pproColor") for mark in found}) == 5
    path, *_ = written(media, ".fcpxml", recipe, fps="60")
    root = ET.parse(path).getroot()
    flags = {mark.get("completed") for mark in root.iter("marker")}
    assert flags == {None, "0", "1"}
    assert len(list(root.iter("chapter-marker"))) + len(list(root.iter("marker"))) == len(marks)
