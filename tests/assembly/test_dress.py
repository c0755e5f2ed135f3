"""What is laid over a film: read and checked first, kept in the store, written in the recipe."""

import io
import subprocess

import pytest
from PIL import ImageFont
from support.analyses import make_analysis
from support.films import make_recipe
from support.songs import write_click_song

from recipe_schema.analysis import Excerpt
from recipe_schema.assembly import Lettering, LyricLine, Lyrics, Titles
from recipe_schema.forms import DressOptions
from tasks.assembly.lettering.fonts import BadFontError
from tasks.assembly.lut import BadLutError
from tasks.assembly.task import check_dress, dress_recipe
from tasks.assembly.task.dress import font_file
from tasks.assembly.task.words_beside import lay_lyrics_beside, lyrics_track
from tasks.errors import BadInputError
from tasks.media.ffmpeg import ffmpeg_binary
from tasks.media.lyrics import BadLyricsError, read_lyrics
from tasks.storage import open_store
from tasks.storage.garbage.reach import digests
from tasks.storage.store import keep_file

CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
LRC = "[00:01.00]first\n[00:03.00]Straße\n[00:04.00]\n[00:50.00]too late\n"
RECIPE = make_recipe((0.0, 4.0), duration_s=8.0)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SONGFILM_STORE", str(tmp_path / "store"))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "warm.cube").write_text(CUBE)
    (tmp_path / "song.lrc").write_text(LRC, encoding="utf-8")
    font = ImageFont.load_default(10).path
    assert isinstance(font, io.BytesIO)
    (tmp_path / "own.ttf").write_bytes(font.getvalue())
    return tmp_path


def dressed(recipe=RECIPE, *, analysis=None, **asked):
    return dress_recipe(recipe, DressOptions(**asked), analysis=analysis, store=None)


def lettering_of(recipe):
    return recipe.assembly_instructions.lettering


def test_nothing_asked_changes_nothing():
    assert dressed() == (RECIPE, ())


def test_files_are_kept_and_named_by_their_keys(files):
    recipe, told = dressed(lut=str(files / "warm.cube"), font=str(files / "own.ttf"), title="Neon")
    grade, lettering = recipe.assembly_instructions.grade, lettering_of(recipe)
    assert told == ()
    assert grade.lut.startswith("blobs/")
    assert lettering.font.startswith("blobs/")
    # Garbage collection reads digests out of stored recipes.
    held = digests(recipe.model_dump(mode="json"))
    assert {grade.lut[-64:], lettering.font[-64:]} <= held
    for file in ("warm.cube", "own.ttf"):
        (files / file).unlink()
    assert dressed(recipe) == (recipe, ())
    found = font_file(lettering, open_store(None), files)
    assert found.read_bytes()[:4] == b"\x00\x01\x00\x00" or found.read_bytes()[:4] == b"OTTO"


def test_a_recipe_written_by_hand_may_name_files_by_path(files):
    told = RECIPE.assembly_instructions.model_copy(
        update={"lettering": Lettering(font=str(files / "own.ttf"))}
    )
    recipe, _ = dressed(RECIPE.model_copy(update={"assembly_instructions": told}))
    assert lettering_of(recipe).font.startswith("blobs/")


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"lut": "nowhere.cube"}, BadInputError, "'nowhere.cube' is neither a file"),
        ({"font": "song.lrc"}, BadFontError, "is not a font"),
        ({"lut": "song.lrc"}, BadLutError, "song.lrc"),
        ({"lyrics": "warm.cube"}, BadLyricsError, "holds no lyrics in time"),
    ],
)
def test_files_that_do_not_serve_are_refused_before_any_work(
    files, asked, error, said, monkeypatch
):
    monkeypatch.chdir(files)
    with pytest.raises(error, match=said):
        check_dress(DressOptions(**asked), store=None)
    with pytest.raises(error, match=said):
        dressed(**asked)


def test_lyrics_come_in_the_films_time_and_what_is_odd_is_told(files):
    recipe, told = dressed(lyrics=str(files / "song.lrc"))
    lyrics = lettering_of(recipe).lyrics
    assert [(line.start, line.end, line.text) for line in lyrics.lines] == [
        (1.0, 3.0, "first"),
        (3.0, 4.0, "Straße"),
    ]
    assert not lyrics.burnt
    assert told == ("song.lrc: 1 line begins after the film's end (8.0 s): left out",)
    recipe, told = dressed(lyrics=str(files / "song.lrc"), burn_lyrics=True)
    assert lettering_of(recipe).lyrics.burnt
    assert "songfilm's own type lacks ß" in told[1]
    assert dressed(recipe)[1] == told[1:]  # a re-run without options tells it again


def test_an_excerpts_lyrics_are_its_own(files):
    analysis = make_analysis(duration=8.0).model_copy(
        update={"excerpt": Excerpt(start=2.0, length=8.0)}
    )
    recipe, _ = dressed(lyrics=str(files / "song.lrc"), analysis=analysis)
    assert [line.start for line in lettering_of(recipe).lyrics.lines] == [0.0, 1.0]


def test_burning_without_lyrics_is_refused():
    with pytest.raises(BadInputError, match="--lyrics FILE"):
        dressed(burn_lyrics=True)


def test_options_go_over_the_recipes_own_and_empty_ones_take_away():
    recipe, _ = dressed(title="One", artist="Two", credits=("three",), grade=0.4)
    assert recipe.assembly_instructions.grade.strength == 0.4
    again, _ = dressed(recipe, title="Other")
    assert lettering_of(again).titles == Titles(title="Other", artist="Two", credits=("three",))
    bare, _ = dressed(dressed(title="One", artist="Two")[0], title="", artist="")
    assert lettering_of(bare).titles is None


@pytest.mark.parametrize(
    ("name", "tags", "card"),
    [
        ("The_Choir - Neon Rain.flac", {}, ("Neon Rain", "The_Choir".replace("_", " "))),
        ("x.flac", {"title": "Neon Rain", "artist": "The Choir"}, ("Neon Rain", "The Choir")),
        ("neon.flac", {}, ("neon", "")),
    ],
)
def test_the_title_may_come_from_the_song(tmp_path, name, tags, card):
    plain, song = write_click_song(tmp_path / "clicks.wav", 1.0), tmp_path / "song.flac"
    told = [part for key, text in tags.items() for part in ("-metadata", f"{key}={text}")]
    command = [ffmpeg_binary(), "-v", "error", "-i", str(plain), *told, str(song)]
    subprocess.run(command, check=True)
    ref = keep_file(open_store(None), song, "audio/unknown")
    heard = make_analysis(duration=8.0)
    heard = heard.model_copy(
        update={"song": heard.song.model_copy(update={"sha256": ref.sha256, "name": name})}
    )
    titles = lettering_of(dressed(title="auto", analysis=heard)[0]).titles
    assert (titles.title, titles.artist) == card


def test_letters_and_crowds_are_told():
    lines = tuple(LyricLine(start=0, end=5, text=text) for text in ("a", "b", "שלום"))
    lettering = Lettering(lyrics=Lyrics(lines=lines, burnt=True))
    told = RECIPE.assembly_instructions.model_copy(update={"lettering": lettering})
    warnings = dressed(RECIPE.model_copy(update={"assembly_instructions": told}))[1]
    assert [warning.split(":")[0].split(" lacks")[0] for warning in warnings] == [
        "songfilm's own type",
        "letters that run from right to left are painted in the order of the text, unjoined; leave "
        "these lyrics beside the film instead of burning them in",
        "1 line of lyrics is not painted, since two others are sung at the time",
    ]


def test_lyrics_lie_beside_the_film_and_a_persons_own_are_not_lost(files):
    recipe, _ = dressed(lyrics=str(files / "song.lrc"))
    film, store = files / "film.mp4", open_store(None)
    told = {"run_id": "run", "artifacts": store, "whole": False}
    assert lay_lyrics_beside(film, recipe, **told) == ()
    beside = files / "film.srt"
    lines = lettering_of(recipe).lyrics.lines
    assert read_lyrics(beside.read_bytes(), name="x") == lines
    assert store.get_bytes("films/run/film.srt") == beside.read_bytes()
    mine = beside.read_text().replace("first", "<i>first</i>")
    beside.write_text(mine)
    assert lay_lyrics_beside(film, recipe, **told) == ()
    assert beside.read_text() == mine
    beside.write_text("my own words")
    assert "film.srt.bak" in lay_lyrics_beside(film, recipe, **told)[0]
    assert (files / "film.srt.bak").read_text() == "my own words"
    assert "which has no lyrics" in lay_lyrics_beside(film, RECIPE, **told)[0]


def test_only_lyrics_that_are_not_burnt_in_become_a_track(files):
    soft, _ = dressed(lyrics=str(files / "song.lrc"))
    burnt, _ = dressed(lyrics=str(files / "song.lrc"), burn_lyrics=True)
    assert lyrics_track(soft, files).read_text().startswith("1\n00:00:01,000 --> 00:00:03,000")
    assert lyrics_track(burnt, files) is None
    assert lyrics_track(RECIPE, files) is None
