"""Words over pictures: inside the safe box, on the beat, laid exactly, and known by their bytes."""

import io
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFont
from support.pictures import busy_picture, flat_picture, picture_job

from recipe_schema.assembly import FilmFormat, Lettering, LyricLine, Lyrics, Titles
from tasks.assembly.captions import Captions, lyric_places, title_seconds
from tasks.assembly.lettering import cards
from tasks.assembly.lettering.cards import (
    FOCUS_STEPS,
    credit_page,
    lyric_block,
    room_of,
    title_card,
)
from tasks.assembly.lettering.fonts import BadFontError, Typeface, runs_right_to_left
from tasks.assembly.lettering.joined import JOINED
from tasks.assembly.lettering.layout import Setting, fit_text
from tasks.assembly.lettering.masks import Run, draw_runs
from tasks.assembly.safe_zone import safe_box
from tasks.assembly.segments import plan_segments

GOLDEN = Path(__file__).parent / "golden" / "title_and_lyrics.png"
STARTS = (0.0, 1.0, 2.0, 3.0)
FACE = Typeface(None)
SMALL = ((320, 180), (180, 320), (180, 180), (64, 64), (640, 64), (64, 640))
SIZES = ((1920, 1080), (1080, 1920), (1080, 1080), (640, 360))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Four shots of a second each; the third begins another section."""
    clips = [[busy_picture(k)] for k in range(4)]
    shots = tuple({"section": kind} for kind in ("intro", "intro", "verse", "verse"))
    folder = tmp_path_factory.mktemp("clips")
    return picture_job(folder, clips, starts_s=STARTS, duration_s=4.0, shots=shots)


def lettered(job, *, titles=None, lyrics=None, size=None):
    told = job.recipe.assembly_instructions
    told = told.model_copy(update={"lettering": Lettering(titles=titles, lyrics=lyrics)})
    recipe = job.recipe.model_copy(update={"assembly_instructions": told})
    film = job.film if size is None else FilmFormat(width_px=size[0], height_px=size[1], fps="30")
    return replace(job, recipe=recipe, film=film)


def burnt(*lines):
    return Lyrics(
        lines=tuple(LyricLine(start=a, end=b, text=text) for a, b, text in lines), burnt=True
    )


def ink_box(sheet):
    """Left, top, right, bottom of the letters on the film."""
    cover = sheet.mask(FOCUS_STEPS).letters
    rows, columns = np.flatnonzero(cover.full.any(axis=1)), np.flatnonzero(cover.full.any(axis=0))
    left, top = sheet.x + cover.x, sheet.y + cover.y
    return left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1


def is_inside(inner, outer):
    return all(a >= b for a, b in zip(inner[:2], outer[:2], strict=True)) and all(
        a <= b for a, b in zip(inner[2:], outer[2:], strict=True)
    )


words = st.text("abgjkWM Q.,'éÇ", min_size=1, max_size=120).filter(lambda text: text.strip())


@settings(max_examples=40, deadline=None)
@given(words, st.sampled_from(SMALL), st.sampled_from(["title", "lyric", "above", "credits"]))
def test_any_words_stay_in_the_safe_box_of_any_film(text, size, kind):
    room = room_of(*size, lyrics=True)
    if kind == "title":
        sheet = title_card(text, text[::-1], room=room, face=FACE)
    elif kind == "credits":
        sheet = credit_page([text] * 5, room=room, face=FACE)
    else:
        sheet = lyric_block(text, slot=int(kind == "above"), room=room, face=FACE)
    cover = sheet.mask(FOCUS_STEPS).letters
    if cover.full.size:
        assert is_inside(ink_box(sheet), safe_box(*size))
    shade = sheet.mask(FOCUS_STEPS).shade
    height, width = shade.full.shape
    assert sheet.x + shade.x + width <= size[0]
    assert sheet.y + shade.y + height <= size[1]
    assert all(part % 2 == 0 for part in (sheet.x, sheet.y, *shade[:2], *shade.full.shape))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["word " * 24, "w" * 120, "Neon"])
def test_titles_of_any_length_fit_whole(text, size):
    left, top, right, bottom = safe_box(*size)
    setting = Setting(round(0.1 * min(size)), 2, tracking=0.09)
    block = fit_text(text, setting, face=FACE, width_px=right - left, height_px=bottom - top)
    assert "".join("".join(block.lines).split()) == "".join(text.split())
    assert block.width_px <= right - left + 0.01
    assert block.height_px <= bottom - top
    assert (block.size_px == setting.size_px) == (text == "Neon")


def test_lines_break_evenly():
    text = "I saw the city breathing under the neon rain and called your name"
    block = fit_text(text, Setting(50, 2), face=FACE, width_px=1000, height_px=400)
    assert block.lines == ("I saw the city breathing under the", "neon rain and called your name")
    wide = [FACE.width(line) for line in block.lines]
    assert max(wide) / min(wide) < 1.2


def test_east_asian_lines_break_between_letters():
    block = fit_text(
        "東京の夜に雨が降る" * 3, Setting(20, 2), face=FACE, width_px=200, height_px=90
    )
    assert [len(line) for line in block.lines] in ([13, 14], [14, 13])
    assert block.size_px == 20


def test_title_and_lyrics_and_two_lines_at_once_never_meet():
    for size in SMALL[:3]:
        room = room_of(*size, lyrics=True)
        sheets = (
            lyric_block("sung below " * 9, slot=0, room=room, face=FACE),
            lyric_block("sung above " * 9, slot=1, room=room, face=FACE),
            title_card("A title of many words " * 5, "someone", room=room, face=FACE),
        )
        boxes = [ink_box(sheet) for sheet in sheets]
        for lower, upper in pairwise(boxes):
            assert upper[3] <= lower[1]


def test_the_title_comes_on_a_beat_and_goes_before_the_next_section(plain):
    captions = Captions(lettered(plain, titles=Titles(title="Neon", seconds=3.0)))
    shown = [n for n in range(120) if captions.at(n)]
    assert shown[0] == 15  # the beat at 0.5 s
    assert shown[-1] < 66  # beats lie at every half second, nothing turns near 1.8 s of the film
    assert shown == list(range(shown[0], shown[-1] + 1))
    long = Captions(lettered(plain, titles=Titles(title="Neon", seconds=4.0)))
    assert max(n for n in range(120) if long.at(n)) < 60  # the section ends at 2 s
    opacities = [long.at(n)[0].opacity for n in range(15, 60)]
    assert opacities[0] < 30
    assert max(opacities) == 256
    assert opacities[-1] < 30
    masks = [long.at(n)[0].mask for n in range(15, 60)]
    assert len(set(masks[:15])) > 6  # comes into focus
    assert len(set(masks[15:])) == 1


def test_credits_stand_over_the_last_seconds_page_by_page(plain):
    lines = tuple(f"credit {k}" for k in range(20))
    captions = Captions(lettered(plain, titles=Titles(credits=lines, seconds=15.0)))
    shown = [n for n in range(120) if captions.at(n)]
    assert shown[0] >= 60
    assert shown[-1] == 119
    assert len({captions.at(n)[0].mask for n in shown}) == 1  # 1.8 s hold one page


def test_title_and_credits_leave_a_short_film_some_of_its_pictures(plain):
    titles = Titles(title="Neon", credits=("Music: Anna",), seconds=15.0)
    captions = Captions(lettered(plain, titles=titles))
    counts = [len(captions.at(n)) for n in range(120)]
    assert max(counts) == 1
    bare = [n for n in range(15, 118) if not counts[n]]
    assert len(bare) >= 15, "between them the film is seen"
    assert title_seconds(titles, 100.0) == 15.0
    assert title_seconds(titles, 10.0) == 3.0


def test_what_a_font_draws_outside_the_box_is_cut():
    letters = np.full((20, 30), 255, np.uint8)
    cards._crop(letters, (104, 52, 125, 64), (100, 50))
    rows, columns = np.flatnonzero(letters.any(axis=1)), np.flatnonzero(letters.any(axis=0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (2, 13, 4, 24)


@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
def test_roles_and_names_meet_at_a_line_low_in_the_picture(size):
    room = room_of(*size, lyrics=False)
    lines = ["Music: Anna", "Long role of someone: Jo"]
    paired = credit_page(lines, room=room, face=FACE)
    ink = paired.mask(FOCUS_STEPS).letters.full
    columns = np.flatnonzero(~ink.any(axis=0))
    gaps = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    widest = max(gaps, key=len)
    assert len(widest) > 0.6 * 0.058 * min(size)
    left, top, right, bottom = ink_box(paired)
    assert abs((size[0] - left) - right) <= 6
    assert top > 0.6 * size[1]
    assert bottom - top > 0.1 * min(size), "large enough to be read"


def test_credits_can_be_read_on_any_picture(plain):
    for level in (16, 120, 235):
        titles = Titles(credits=("Music: Anna Lee",), seconds=2.0)
        captions = Captions(lettered(plain, titles=titles, size=(640, 360)))
        planes = flat_picture(level, size=(640, 360))
        captions.lay(captions.at(90), planes)
        sheet = captions._sheet(0)
        left, top, right, bottom = ink_box(sheet)
        spot = planes[0][top:bottom, left:right].astype(float)
        assert spot.max() > 215
        assert np.median(spot) < 90, "a bed of dark lies behind"


def test_lines_without_a_role_stand_in_the_middle():
    room = room_of(640, 360, lyrics=False)
    plain = credit_page(["Music: Anna", "and everyone"], room=room, face=FACE)
    left, _, right, _ = ink_box(plain)
    assert abs((320 - left) - (right - 320)) <= 6


def test_lines_sung_together_have_places_and_a_third_has_none():
    lines = burnt((0, 3, "a"), (1, 4, "b"), (2, 2.5, "c"), (3, 5, "d")).lines
    assert lyric_places(lines) == (0, 1, None, 0)


@pytest.mark.parametrize("padding", [0, 6])
def test_words_are_blended_exactly_and_nothing_else_changes(plain, padding):
    captions = Captions(lettered(plain, lyrics=burnt((1.0, 2.0, "la la"))))
    plans = captions.at(32)
    assert 0 < plans[0].opacity < 256
    before = busy_picture(3, size=(128, 72))
    planes = [np.pad(plane, ((0, 0), (0, padding)))[:, : plane.shape[1]] for plane in before]
    captions.lay(plans, (planes[0], planes[1], planes[2]))
    wanted = [plane.astype(np.int64) for plane in before]
    plan = plans[0]
    mask = captions._mask(*captions._places[plan.mask])
    for cover, inks in ((mask.shade, plan.shade), (mask.letters, plan.ink)):
        for k, ink in enumerate(inks):
            part = cover.half if k else cover.full
            x, y = (at // (2 if k else 1) for at in (plan.x + cover.x, plan.y + cover.y))
            share = part.astype(np.int64) * plan.opacity
            share += share >> 8
            spot = wanted[k][y : y + part.shape[0], x : x + part.shape[1]]
            spot[:] = (spot * (65536 - share) + ink * share + 32768) >> 16
    for plane, want in zip(planes, wanted, strict=True):
        assert np.array_equal(plane, want)
    assert not np.array_equal(planes[0], before[0])


def test_full_ink_is_white_on_any_picture(plain):
    captions = Captions(lettered(plain, lyrics=burnt((1.0, 2.0, "l I l I")), size=(640, 360)))
    for level in (16, 235):
        planes = flat_picture(level, size=(640, 360))
        captions.lay(captions.at(45), planes)
        assert planes[0].max() >= 233
        assert planes[0].min() < (17 if level == 16 else 120)  # the shade carries the letters


def test_soft_lyrics_shape_no_picture_and_burnt_ones_only_their_own(plain):
    keys = [segment.key for segment in plan_segments(plain)]
    spans = [(s.start_frame, s.end_frame) for s in plan_segments(plain)]
    words = burnt((1.2, 1.6, "first"), (3.2, 3.6, "last"))
    soft = words.model_copy(update={"burnt": False})
    assert [s.key for s in plan_segments(lettered(plain, lyrics=soft))] == keys
    first = [s.key for s in plan_segments(lettered(plain, lyrics=words))]
    touched = [span for span, a, b in zip(spans, keys, first, strict=True) if a != b]
    assert touched == [(30, 60), (90, 120)]
    other = burnt((1.2, 1.6, "first"), (3.2, 3.6, "other"))
    second = [s.key for s in plan_segments(lettered(plain, lyrics=other))]
    changed = [span for span, a, b in zip(spans, first, second, strict=True) if a != b]
    assert changed == [(90, 120)]


def test_any_instance_plans_and_paints_the_same(plain):
    job = lettered(plain, titles=Titles(title="Neon"), lyrics=burnt((0.4, 1.4, "la")))
    one, two = Captions(job), Captions(job)
    for n in range(70):  # fills and empties what one keeps; two paints these two alone
        one.at(n)
    for n in (20, 31):
        first, second = flat_picture(90, size=(128, 72)), flat_picture(90, size=(128, 72))
        assert one.at(n) == two.at(n)
        one.lay(one.at(n), first)
        two.lay(two.at(n), second)
        assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_frame_with_title_and_lyrics_looks_as_it_did(plain):
    job = lettered(
        plain,
        titles=Titles(title="Neon Rain", artist="The Choir"),
        lyrics=burnt((0.4, 1.9, "I saw the city breathing under the rain")),
        size=(320, 180),
    )
    captions = Captions(job)
    planes = busy_picture(5, size=(320, 180))
    captions.lay(captions.at(45), planes)
    golden = np.array(Image.open(GOLDEN), np.int16)
    assert np.abs(planes[0] - golden).mean() < 0.5
    assert np.abs(planes[0] - golden).max() < 40


def test_what_the_type_lacks_is_named_and_spelt_otherwise():
    assert FACE.otherwise("Straße ẞ ☆ 東京 Ǽǿ Café") == {
        "ẞ": "SS", "☆": "", "東": "", "京": "", "Ǽ": "Æ", "ǿ": "ø",
    }  # fmt: skip
    assert FACE.left_out("Straße ẞ ☆ 東京 Café") == ("東", "京")
    assert FACE.spelt("Straße ẞ ☆") == "Straße SS"
    assert FACE.otherwise("Plain, (ASCII)!") == {}
    assert runs_right_to_left("שלום")
    assert not runs_right_to_left("shalom")


def test_no_dash_hangs_where_words_were_left_out():
    assert FACE.spelt("東京 — Neon (雨) Rain - 夜\nSecond, line -") == "Neon  Rain\nSecond, line -"
    assert FACE.spelt("- Neon -") == "- Neon -"


@pytest.mark.parametrize("letter", sorted(JOINED))
def test_letters_that_are_put_together_keep_to_their_place(letter):
    drawn = draw_runs([Run(letter, 40, 150, 100, 0.0)], face=FACE, width=200, height=220)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    assert 36 <= columns[0] <= 50
    assert columns[-1] < 40 + 100 * FACE.width(letter) + 3
    assert rows[0] > 150 - 80
    assert rows[-1] < 150 + 24
    stems = (drawn > 127).sum() / (100 * FACE.width(letter))
    assert stems > 4, "as dark as letters are"
    assert FACE.width(f"a{letter}b") == pytest.approx(
        FACE.width("a") + FACE.width(letter) + FACE.width("b")
    )


def test_letters_of_european_languages_are_written_with_their_marks():
    text = "Beyoncé Motörhead Çelik Łódź ¿Dónde? ¡Sí! Ångström Bjørk Žižek Őrült ąęțḥñ"
    text += " Straße Ærø œuvre ÞÐðþ"
    assert FACE.otherwise(text) == {}
    assert FACE.spelt(text) == text
    for marked, plain in (("é", "e"), ("ø", "o"), ("ç", "c"), ("Å", "A"), ("í", "i"), ("¿", "?")):
        drawn, bare = (
            draw_runs([Run(letter, 10, 60, 50, 0.0)], face=FACE, width=60, height=80)
            for letter in (marked, plain)
        )
        assert not np.array_equal(drawn, bare)
        assert FACE.width(marked) == FACE.width(plain)
    acute, grave = (
        draw_runs([Run(letter, 10, 60, 50, 0.0)], face=FACE, width=60, height=80) for letter in "éè"
    )
    assert np.array_equal(acute[36:], grave[36:])  # below the marks both are an e
    leans = [np.average(np.arange(60), weights=a[24].astype(float)) for a in (acute, grave)]
    assert leans[0] > leans[1]


def test_a_font_of_ones_own_writes_its_own_letters(tmp_path):
    font = ImageFont.load_default(10).path
    assert isinstance(font, io.BytesIO)
    (tmp_path / "own.ttf").write_bytes(font.getvalue())
    own = Typeface(tmp_path / "own.ttf")
    assert own.otherwise("Café æß") == {"é": "e", "æ": "ae", "ß": "ss"}
    assert own.spelt("Café") == "Cafe"


def test_a_line_without_letters_of_the_type_is_not_painted(plain):
    assert Captions(lettered(plain, lyrics=burnt((0.0, 4.0, "東京")))).at(60) == ()


def test_what_is_no_font_is_refused(tmp_path):
    file = tmp_path / "letters.ttf"
    file.write_bytes(b"no font")
    with pytest.raises(BadFontError, match=r"letters\.ttf is not a font"):
        Typeface(file)


def test_letters_stand_alike_at_every_size():
    """Measured once: a line breaks at the same word in a draft and in a master."""
    text = "Every window holds a different sky and you were never there"
    lines = []
    for scale in (1, 2, 6):
        setting = Setting(9 * scale, 2)
        block = fit_text(text, setting, face=FACE, width_px=160 * scale, height_px=90 * scale)
        lines.append(block.lines)
    assert lines[0] == lines[1] == lines[2]


def test_frames_are_counted_at_the_films_rate(plain):
    job = lettered(plain, lyrics=burnt((1.0, 2.0, "la")))
    assert [n for n in range(120) if Captions(job).at(n)] == list(range(30, 60))
    assert job.timeline.fps == Fraction(30)
