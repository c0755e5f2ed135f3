"""What edits for editing programs tell, name and mark, and what is refused."""

import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import pairwise
from urllib.parse import unquote, urlparse

import opentimelineio as otio
import pytest
from support.analyses import make_analysis
from support.edits import (
    lay_out_media,
    seconds,
    written,
)
from support.films import make_recipe

from recipe_schema.analysis import Excerpt
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import IMPACT_THEME
from recipe_schema.vocabulary import Transition
from tasks.assembly.editors import EDIT_SUFFIXES, BadEditError, check_edit, write_edit
from tasks.assembly.timeline import lay_timeline


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    """A folder of clips and a song, with a space in its name."""
    folder = tmp_path_factory.mktemp("a film")
    lay_out_media(folder)
    return folder


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
