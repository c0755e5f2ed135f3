"""What is laid over a film: read and checked first, kept in the store, written in the recipe."""

import io
import subprocess
from pathlib import Path

import pytest
from PIL import ImageFont
from support.analyses import make_analysis
from support.films import make_recipe
from support.songs import write_click_song

from flows import review
from recipe_schema.analysis import Excerpt
from recipe_schema.assembly import (
    AssemblyInstructions,
    Grading,
    Lettering,
    LyricLine,
    Lyrics,
    Titles,
)
from recipe_schema.forms import DressOptions
from recipe_schema.versions import dump
from tasks.assembly.dressing import BadWordsError
from tasks.assembly.lettering.fonts import BadFontError
from tasks.assembly.lut import BadLutError
from tasks.assembly.task import check_dress, dress_faults, dress_files, dress_recipe, shared_dress
from tasks.assembly.task.dress import font_file
from tasks.assembly.task.finish import _keep_edits
from tasks.assembly.task.words_beside import lay_lyrics_beside, lyrics_track
from tasks.errors import BadInputError
from tasks.media.ffmpeg import ffmpeg_binary
from tasks.media.lyrics import BadLyricsError, read_lyrics
from tasks.planning.task import open_recipe
from tasks.storage import open_store
from tasks.storage.garbage.reach import digests
from tasks.storage.named_files import with_own_files
from tasks.storage.store import keep_file

CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
LRC = "[00:01.00]first\n[00:03.00]Straẞe\n[00:04.00]\n[00:50.00]too late\n"
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


def test_a_recipes_files_lie_beside_it_wherever_the_program_runs(files, monkeypatch):
    folder = files / "recipes"
    folder.mkdir()
    (folder / "own.ttf").write_bytes((files / "own.ttf").read_bytes())
    grade = Grading(lut="../warm.cube")
    told = AssemblyInstructions(grade=grade, lettering=Lettering(font="own.ttf"))
    path, store = folder / "film.recipe.json", open_store(None)
    recipe = RECIPE.model_copy(update={"assembly_instructions": told})
    path.write_text(dump(recipe))
    for place in (files / "store", files):
        monkeypatch.chdir(place)
        found = open_recipe(str(path), store=None).assembly_instructions
        assert Path(found.grade.lut).samefile(files / "warm.cube")
        assert Path(found.lettering.font) == folder / "own.ttf"
    kept = keep_file(store, files / "warm.cube", "x").key
    by_key = RECIPE.model_copy(
        update={"assembly_instructions": AssemblyInstructions(grade=Grading(lut=kept))}
    )
    assert with_own_files(by_key, path, store=store) == by_key
    (folder / "own.ttf").unlink()  # one of that name lies where the program runs
    said = r"film\.recipe\.json: assembly_instructions\.lettering\.font 'own\.ttf' is neither"
    with pytest.raises(BadInputError, match=said):
        open_recipe(str(path), store=None)


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


def test_a_key_of_something_huge_is_not_fetched(files):
    store = open_store(None)
    (files / "film.mp4").write_bytes(b"x")
    with (files / "film.mp4").open("r+b") as file:
        file.truncate(60_000_000)
    store.put_file("films/run/film.mp4", files / "film.mp4", move=True)
    with pytest.raises(BadInputError, match="has 60 MB"):
        check_dress(DressOptions(font="films/run/film.mp4"), store=None)


def test_lyrics_come_in_the_films_time_and_what_is_odd_is_told(files):
    recipe, told = dressed(lyrics=str(files / "song.lrc"))
    lyrics = lettering_of(recipe).lyrics
    assert [(line.start, line.end, line.text) for line in lyrics.lines] == [
        (1.0, 3.0, "first"),
        (3.0, 4.0, "Straẞe"),
    ]
    assert not lyrics.burnt
    assert told == ("song.lrc: 1 line begins after the film's end (8.0 s): left out",)
    recipe, told = dressed(lyrics=str(files / "song.lrc"), burn_lyrics=True)
    assert lettering_of(recipe).lyrics.burnt
    assert "songfilm's own type lacks ẞ (written SS); give --font FILE" in told[1]
    assert dressed(recipe)[1] == told[1:]  # a re-run without options tells it again


def test_lines_of_a_lyrics_file_that_cannot_be_used_are_told(files):
    (files / "odd.lrc").write_text("[00:01.00]first\nno time\n[00:03.00]second\n")
    recipe, told = dressed(lyrics=str(files / "odd.lrc"))
    assert [line.text for line in lettering_of(recipe).lyrics.lines] == ["first", "second"]
    assert told == (
        "odd.lrc: line 2 is left out; line 2: 'no time' has no time; begin it with [00:00.00]",
    )


def test_an_excerpts_lyrics_are_its_own(files):
    analysis = make_analysis(duration=8.0).model_copy(
        update={"excerpt": Excerpt(start=2.0, length=8.0)}
    )
    recipe, _ = dressed(lyrics=str(files / "song.lrc"), analysis=analysis)
    assert [line.start for line in lettering_of(recipe).lyrics.lines] == [0.0, 1.0]


def with_lyrics(*lines, burnt=False, recipe=RECIPE):
    """A recipe with words of its own: (start, end, text) each."""
    own = tuple(LyricLine(start=start, end=end, text=text) for start, end, text in lines)
    lettering = Lettering(lyrics=Lyrics(lines=own, burnt=burnt))
    told = recipe.assembly_instructions.model_copy(update={"lettering": lettering})
    return recipe.model_copy(update={"assembly_instructions": told})


def test_burning_without_lyrics_is_refused_before_any_work():
    with pytest.raises(BadInputError, match="--lyrics FILE"):
        dressed(burn_lyrics=True)
    burn = DressOptions(burn_lyrics=True)
    with pytest.raises(BadInputError, match="--lyrics FILE"):
        check_dress(burn, store=None)
    with pytest.raises(BadInputError, match="--lyrics FILE"):
        check_dress(burn, store=None, recipe=RECIPE)
    own = with_lyrics((1.0, 2.0, "la"))
    check_dress(burn, store=None, recipe=own)
    assert lettering_of(dressed(own, burn_lyrics=True)[0]).lyrics.burnt


def test_a_recipes_own_lyrics_end_with_the_film():
    inside = (1.0001, 2.0, "la")
    recipe, told = dressed(with_lyrics(inside, (7.0, 9.0, "cut"), (500.0, 599.0, "late")))
    lines = lettering_of(recipe).lyrics.lines
    assert [(line.start, line.end, line.text) for line in lines] == [inside, (7.0, 8.0, "cut")]
    assert told == ("the recipe's lyrics: 1 line begins after the film's end (8.0 s): left out",)
    assert dressed(recipe) == (recipe, ())
    recipe, told = dressed(with_lyrics((500.0, 599.0, "late")))
    assert lettering_of(recipe).lyrics is None
    assert "it has no lyrics" in told[0]


def test_words_that_are_all_outside_the_film_leave_no_older_ones(files):
    (files / "late.lrc").write_text("[00:50.00]late\n")
    older = with_lyrics((1.0, 2.0, "OLD"), burnt=True)
    recipe, told = dressed(older, lyrics=str(files / "late.lrc"), burn_lyrics=True)
    assert lettering_of(recipe).lyrics is None
    assert told == ("late.lrc: no line is sung within the film (8.0 s); it has no lyrics",)


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("film.srt", "lyrics", "film.mp4 leaves a file of that name beside it"),
        ("film.mp4", "lyrics", "would be overwritten"),
        ("film.recipe.json", "lut", "film.mp4 leaves a file of that name beside it"),
    ],
)
def test_no_film_takes_the_place_of_what_it_is_made_of(files, name, asked, said):
    (files / name).write_text(CUBE if asked == "lut" else LRC)
    dress, out = DressOptions(**{asked: str(files / name)}), str(files / "film.mp4")
    with pytest.raises(BadInputError, match=said):
        check_dress(dress, store=None, out=out)
    check_dress(dress, store=None, out=str(files / "other.mp4"))


def test_files_that_a_recipe_names_in_vain_are_told_in_its_review(files):
    lettering = Lettering(font="nowhere.ttf")
    told = RECIPE.assembly_instructions.model_copy(update={"lettering": lettering})
    typed = RECIPE.model_copy(update={"assembly_instructions": told})
    assert dress_faults(RECIPE, store=None) == ()
    (fault,) = dress_faults(typed, store=None)
    assert "font 'nowhere.ttf' is neither a file" in fault
    assert review._unknown(typed, "procedural", None) == (fault,)


def test_a_playlists_dress_reaches_workers_that_share_only_a_bucket(files, monkeypatch):
    store = open_store(None)
    dress = DressOptions(
        lut=str(files / "warm.cube"),
        font=keep_file(store, files / "own.ttf", "font/ttf").key,
        lyrics=str(files / "song.lrc"),
        grade=0.5,
    )
    assert shared_dress(dress, store=None) == dress
    monkeypatch.setattr(dress_files, "paths_are_shared", lambda _: False)
    sent = shared_dress(dress, store=None)
    assert store.get_bytes(sent.lut) == CUBE.encode()
    assert store.get_bytes(sent.lyrics) == LRC.encode()
    assert (sent.font, sent.grade) == (dress.font, 0.5)
    with pytest.raises(BadLutError):
        shared_dress(DressOptions(lut=str(files / "song.lrc")), store=None)


def test_options_go_over_the_recipes_own_and_empty_ones_take_away():
    recipe, _ = dressed(title="One", artist="Two", credits=("three",), grade=0.4)
    assert recipe.assembly_instructions.grade.strength == 0.4
    again, _ = dressed(recipe, title="Other")
    assert lettering_of(again).titles == Titles(title="Other", artist="Two", credits=("three",))
    bare, _ = dressed(dressed(title="One", artist="Two")[0], title="", artist="")
    assert lettering_of(bare).titles is None


@pytest.mark.parametrize(
    ("name", "tags", "card", "said"),
    [
        (
            "The_Choir - Neon Rain.flac",
            {},
            ("Neon Rain", "The_Choir".replace("_", " ")),
            ["the song has no tags; the title is its file name: 'Neon Rain'"],
        ),
        ("x.flac", {"title": "Neon Rain", "artist": "The Choir"}, ("Neon Rain", "The Choir"), []),
        ("x.flac", {"artist": "A"}, ("x", "A"), ["the song has no title in its tags; "]),
        ("neon.flac", {}, ("neon", ""), ["the song has no tags; the title is its file name"]),
        ("x.flac", {"title": "東京 - Neon"}, ("Neon", ""), ["the title card lacks 東 京 of the"]),
    ],
)
def test_the_title_may_come_from_the_song(tmp_path, name, tags, card, said):
    plain, song = write_click_song(tmp_path / "clicks.wav", 1.0), tmp_path / "song.flac"
    told = [part for key, text in tags.items() for part in ("-metadata", f"{key}={text}")]
    command = [ffmpeg_binary(), "-v", "error", "-i", str(plain), *told, str(song)]
    subprocess.run(command, check=True)
    ref = keep_file(open_store(None), song, "audio/unknown")
    heard = make_analysis(duration=8.0)
    heard = heard.model_copy(
        update={"song": heard.song.model_copy(update={"sha256": ref.sha256, "name": name})}
    )
    recipe, warned = dressed(title="auto", analysis=heard)
    titles = lettering_of(recipe).titles
    assert (titles.title, titles.artist) == card
    assert len(warned) == len(said)
    assert all(warning.startswith(start) for warning, start in zip(warned, said, strict=True))
    assert dressed(recipe) == (recipe, ())


def test_a_title_that_a_short_film_has_no_time_for_is_told():
    asked = {"title": "Neon", "credits": ("Anna Lee",)}
    assert dressed(**asked)[1] == (
        "title and credits stand for 2.4 s, not 4 s: the film is short (8.0 s)",
    )
    assert dressed(title="Neon")[1] == ()


def test_letters_and_crowds_are_told():
    lines = tuple(LyricLine(start=0, end=5, text=text) for text in ("a☆", "b", "c"))
    lettering = Lettering(lyrics=Lyrics(lines=lines, burnt=True))
    told = RECIPE.assembly_instructions.model_copy(update={"lettering": lettering})
    warnings = dressed(RECIPE.model_copy(update={"assembly_instructions": told}))[1]
    assert [warning.split(":")[0].split(" lacks")[0] for warning in warnings] == [
        "songfilm's own type",
        "1 line of lyrics is not painted, since two others are sung at the time",
    ]


@pytest.mark.parametrize("text", ["Дождь", "東京 - Neon", "שלום", "Wx ㍿ 一"])
@pytest.mark.parametrize("place", ["title", "artist", "credits", "lyrics", "recipe"])
def test_words_that_the_type_cannot_write_are_refused_before_any_work(files, text, place):
    (files / "own.lrc").write_text(f"[00:01.00]Neon\n[00:02.00]{text}\n", encoding="utf-8")
    asked = {
        "lyrics": {"lyrics": str(files / "own.lrc"), "burn_lyrics": True},
        "credits": {"credits": ("Anna Lee", text)},
        "recipe": {},
    }.get(place, {place: text})
    recipe = with_lyrics((1.0, 2.0, text), burnt=True) if place == "recipe" else RECIPE
    said = f"songfilm's own type cannot write .* it has no .*{text[-1 if text[-1] != 'n' else 0]}"
    with pytest.raises(BadWordsError, match=said):
        check_dress(DressOptions(**asked), store=None, recipe=recipe)
    with pytest.raises(BadWordsError, match="--font FILE"):
        dressed(recipe, **asked)
    with pytest.raises(BadWordsError, match="the font cannot write"):
        dressed(recipe, **asked, font=str(files / "own.ttf"))
    if place == "lyrics":
        lyrics = lettering_of(dressed(lyrics=asked["lyrics"])[0]).lyrics
        assert lyrics.lines[1].text == text, "players have fonts of their own"
    if place == "recipe":
        assert "cannot write" in dress_faults(recipe, store=None)[0]


def test_lyrics_lie_beside_the_film_and_a_persons_own_are_not_lost(files):
    recipe, _ = dressed(lyrics=str(files / "song.lrc"))
    film, store = files / "film.mp4", open_store(None)
    told = {"run_id": "run", "artifacts": store, "whole": False}
    assert lay_lyrics_beside(film, recipe, **told) == ()
    beside = files / "film.srt"
    lines = lettering_of(recipe).lyrics.lines
    assert read_lyrics(beside.read_bytes(), name="x").lines == lines
    assert store.get_bytes("films/run/film.srt") == beside.read_bytes()
    mine = beside.read_text().replace("first", "<i>first</i>")
    beside.write_text(mine)
    assert lay_lyrics_beside(film, recipe, **told) == ()
    assert beside.read_text() == mine
    beside.write_text("my own words")
    assert "film.srt.bak" in lay_lyrics_beside(film, recipe, **told)[0]
    assert (files / "film.srt.bak").read_text() == "my own words"
    beside.write_text("my other words")
    assert "film.srt.bak2" in lay_lyrics_beside(film, recipe, **told)[0]
    assert (files / "film.srt.bak").read_text() == "my own words"
    assert (files / "film.srt.bak2").read_text() == "my other words"
    assert "which has no lyrics" in lay_lyrics_beside(film, RECIPE, **told)[0]


def test_an_edited_recipe_is_never_lost(tmp_path):
    path = tmp_path / "film.recipe.json"
    for number, edit in enumerate(("one", "two", "three"), start=1):
        path.write_text(edit)
        name = f"film.recipe.json.bak{number if number > 1 else ''}"
        assert _keep_edits(path, RECIPE) == (
            f"another recipe lay beside the film; it is now {name}",
        )
        assert (tmp_path / name).read_text() == edit
    assert _keep_edits(path, RECIPE) == ()


def test_only_lyrics_that_are_not_burnt_in_become_a_track(files):
    soft, _ = dressed(lyrics=str(files / "song.lrc"))
    burnt, _ = dressed(lyrics=str(files / "song.lrc"), burn_lyrics=True)
    assert lyrics_track(soft, files).read_text().startswith("1\n00:00:01,000 --> 00:00:03,000")
    assert lyrics_track(burnt, files) is None
    assert lyrics_track(RECIPE, files) is None
