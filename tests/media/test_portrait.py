from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image
from support.analyses import SONG_SECTIONS, make_analysis

from recipe_schema.analysis import Excerpt
from tasks.analysis.excerpt import take_excerpt
from tasks.analysis.portrait import measure_portrait
from tasks.errors import BadInputError
from tasks.media.curves import Portrait, read_curves, read_portrait, write_curves
from tasks.media.portrait import check_suffix, draw_song, save_picture
from tasks.media.portrait.look import SECTION_COLORS
from tasks.media.portrait.sheet import COLUMNS, Sheet, condense

RATE_HZ = 22050
NAMES = ("energy", "bass", "mids", "highs", "onsets", "brightness")


def curves_of(duration, *, also=()):
    return {name: np.full(round(duration * 100), 0.5, np.float32) for name in (*NAMES, *also)}


def portrait_of(duration):
    points = round(duration * 100)
    peaks = np.tile(np.array([-64, 64], np.int8), (points, 1))
    return Portrait(peaks, np.full(points, 90, np.uint8), np.zeros((points // 10, 12), np.uint8))


def drawn(analysis, **also):
    return draw_song(analysis, curves_of(analysis.duration, **also), portrait_of(analysis.duration))


def words(figure):
    texts = [text.get_text() for text in figure.texts]
    return texts + [text.get_text() for axes in figure.axes for text in axes.texts]


def row(figure, name):
    return next(axes for axes in figure.axes if axes.get_label() == name)


@pytest.fixture(scope="module")
def song():
    return make_analysis(SONG_SECTIONS)


@pytest.fixture(scope="module")
def picture(song):
    return drawn(song)


def test_each_part_has_its_row_over_the_same_time(picture, song):
    rows = [axes.get_label() for axes in picture.figure.axes]
    assert rows == ["form", "wave", "bars", "energy", "bass", "mids", "highs", "onsets",
                    "brightness", "chroma", "tempo", ""]  # fmt: skip
    assert {axes.get_xlim() for axes in picture.figure.axes} == {(0.0, song.duration)}
    assert len({axes.get_position().x0 for axes in picture.figure.axes}) == 1
    assert picture.notes == ()


def test_sections_are_blocks_from_border_to_border(picture, song):
    blocks = [bar for bar in row(picture.figure, "form").patches if bar.get_height() > 0.5]
    for block, section in zip(blocks, song.sections, strict=True):
        assert block.get_x() == pytest.approx(section.start, abs=0.2)
        assert block.get_x() + block.get_width() == pytest.approx(section.end, abs=0.2)
        assert to_hex(block.get_facecolor()) == SECTION_COLORS[section.type]
    # How sure a section is: the last of the two bars beneath it.
    sure = row(picture.figure, "form").patches[2].get_width() / blocks[0].get_width()
    assert sure == pytest.approx(song.sections[0].confidence)


def test_every_section_is_named_where_there_is_room(picture):
    assert {"verse B", "chorus C", "bridge D"} <= set(words(picture.figure))


def test_many_sections_get_letters_and_a_legend():
    kinds = ("verse", "chorus") * 20
    many = make_analysis([(kind, kind[0].upper(), 2, 0.5) for kind in kinds])
    said = words(drawn(many).figure)
    assert "verse V" not in said
    assert {"V", "verse", "chorus"} <= set(said)


def test_stems_have_rows_and_are_called_so(song):
    figure = drawn(song, also=("stem-drums", "stem-vocals")).figure
    assert {"drums", "vocals"} <= {axes.get_label() for axes in figure.axes}
    assert words(figure).count("stem") == 2
    assert words(figure).count("band") == 3


def test_an_hour_shows_bars_that_can_be_told_apart():
    hour = make_analysis([("verse", "A", 1800, 0.5)], bpm=120.0)
    ticks = row(drawn(hour).figure, "bars").collections
    assert len(ticks) == 1  # no beats
    assert len(ticks[0].get_segments()) < COLUMNS / 5


def test_no_beat_is_told():
    said = words(drawn(make_analysis(beats=False)).figure)
    assert "no steady beat was heard" in said
    assert "no tempo" in said
    assert not any("BPM, " in word for word in said)


def test_long_names_are_cut_and_strange_letters_told(song):
    named = song.song.model_copy(update={"name": "W" * 400 + ".wav"})
    said = words(drawn(song.model_copy(update={"song": named})).figure)
    assert any(word.startswith("WWW") and word.endswith("…") and len(word) < 40 for word in said)
    named = song.song.model_copy(update={"name": "a\U0010fffd.wav"})
    strange = drawn(song.model_copy(update={"song": named}))
    assert "a□" in words(strange.figure)
    assert "\\U0010fffd" in strange.notes[0]


def test_analyses_of_older_songfilms_are_drawn(song):
    old = draw_song(song, curves_of(song.duration), None)
    assert "chroma" not in [axes.get_label() for axes in old.figure.axes]
    assert "analyze the song again" in old.notes[0]


def test_pictures_are_files_of_their_kind(tmp_path, picture):
    save_picture(picture, tmp_path / "song.png")
    with Image.open(tmp_path / "song.png") as image:
        assert image.format == "PNG"
        assert image.width == 2400
        pixels = np.asarray(image.convert("RGB"))
    verse = tuple(bytes.fromhex(SECTION_COLORS["verse"][1:]))
    assert (pixels == verse).all(axis=2).sum() > 5000
    with pytest.raises(BadInputError, match=r"\.png"):
        check_suffix(tmp_path / "song.jpg")


def test_condensed_curves_keep_their_peaks():
    spike = np.zeros(360_000, np.float32)
    spike[123_456] = 1.0
    times, points = condense(spike, 100, np.maximum)
    assert len(points) == COLUMNS
    assert points.max() == 1.0
    assert times[points.argmax()] == pytest.approx(1234.56, abs=3600 / COLUMNS)


def test_words_are_cut_to_their_room():
    sheet = Sheet(5.0, duration=10.0)
    cut = sheet.cut("a long name of a song", 10.0, 0.8)
    assert sheet.width_in(cut, 10.0) <= 0.8
    assert cut.startswith("a lon")


def test_portrait_measures_wave_and_chroma():
    samples = np.zeros(RATE_HZ * 2, np.float32)
    samples[RATE_HZ : RATE_HZ + 5] = (0.5, -1.0, 0.25, 0, 0)
    tonal = np.zeros((22, 12), np.float32)
    tonal[11:, 9] = 1.0
    measured = measure_portrait(samples, SimpleNamespace(tonal=tonal))
    assert measured.peaks.shape == (200, 2)
    assert measured.peaks[100].tolist() == [-127, 64]
    assert not measured.peaks[:100].any()
    assert measured.level[100] == round(255 * np.sqrt(1.3125 / 220))
    assert measured.chroma.shape == (20, 12)
    assert measured.chroma[5, 9] == 0
    assert measured.chroma[15, 9] == 255


def test_portrait_is_stored_beside_the_curves_and_cut_with_them(tmp_path, song):
    file = tmp_path / "curves.npz"
    portrait = Portrait(
        np.zeros((1000, 2), np.int8),
        (np.arange(1000) % 256).astype(np.uint8),
        np.repeat(np.arange(100, dtype=np.uint8)[:, None], 12, axis=1),
    )
    write_curves(file, {"energy": np.zeros(1000, np.float32)}, portrait)
    assert list(read_curves(file)) == ["energy"]
    part = read_portrait(file, Excerpt(start=2.0, length=3.0))
    assert len(part.peaks) == 300
    assert part.level[0] == 200
    assert part.chroma[:, 0].tolist() == list(range(20, 50))
    write_curves(file, {"energy": np.zeros(1000, np.float32)})
    assert read_portrait(file) is None


def test_an_excerpt_is_drawn_from_its_own_start(song):
    part = take_excerpt(song, Excerpt(start=30.0, length=20.0))
    figure = drawn(part).figure
    assert row(figure, "wave").get_xlim() == (0.0, 20.0)
    assert any("from 0:30 on" in word for word in words(figure))
