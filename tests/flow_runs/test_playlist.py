"""What a playlist decides by itself: a name a film, and when it stops."""

import pytest
from prefect.states import StateType

from flows import playlist
from recipe_schema.forms import DressOptions, FarmOptions, LibraryOptions, StyleOptions
from tasks import cancellation
from tasks.media.playlist import PlaylistItem


@pytest.mark.parametrize(
    ("songs", "names"),
    [
        (("a.mp3", "a.mp3", "a (2).mp3"), ["a", "a (2)", "a (2) (2)"]),
        (("a (2).mp3", "a.mp3", "a.mp3"), ["a (2)", "a", "a (3)"]),
        (("Night.mp3", "night.wav", "NIGHT.ogg"), ["Night", "night (2)", "NIGHT (3)"]),
        (("?.mp3", "*.mp3"), ["song", "song (2)"]),
        (("new\nline.mp3", 'say "no".mp3', "../../up.mp3"), ["new line", "say no", "up"]),
        (("a" * 300 + ".mp3", "\x1b[31mred.mp3"), ["a" * 80, "[31mred"]),
        (("🎵" * 90 + ".mp3",), ["🎵" * 40]),
        (("https://songs.example/My%20song.mp3?key=a.b",), ["My song"]),
    ],
)
def test_each_film_has_a_file_of_its_own(songs, names):
    assert playlist._names([PlaylistItem(audio=song) for song in songs]) == names


def test_no_film_takes_the_name_of_its_songs_lyrics(tmp_path):
    items = [
        PlaylistItem(audio="A.wav", lyrics=str(tmp_path / "A.srt")),
        PlaylistItem(audio="b.wav", lyrics=str(tmp_path / "words" / "b.srt")),
        PlaylistItem(audio="c.wav", lyrics=str(tmp_path / "c.lrc")),
    ]
    taken = playlist._lyrics_in(tmp_path, items, DressOptions())
    assert playlist._names(items, taken=taken) == ["A (2)", "b", "c"]
    assert playlist._lyrics_in(None, items, DressOptions()) == frozenset()


@pytest.mark.services
def test_cancelled_playlist_starts_no_further_song(song, tmp_path, monkeypatch):
    started = []

    def start(name, *_, **__):
        started.append(name)
        cancellation.request()
        return "0"

    monkeypatch.setattr(playlist, "_start", start)
    files = [tmp_path / f"{k}.wav" for k in range(3)]
    for file in files:
        file.symlink_to(song)
    try:
        ended = playlist.playlist([str(file) for file in files], return_state=True)
    finally:
        cancellation.clear()
    assert started == ["0"]
    assert ended.type == StateType.CANCELLED


def test_project_of_a_song_goes_before_that_of_the_playlist():
    asked = LibraryOptions(project="tour", near=0.9, tenant="band")
    wishes = {
        item.audio: playlist._wishes(
            item,
            style=StyleOptions(),
            renderer="procedural",
            farm=FarmOptions(),
            library=asked,
            dress=DressOptions(),
        )["library"]
        for item in (PlaylistItem(audio="a"), PlaylistItem(audio="b", project="encore"))
    }
    assert LibraryOptions.model_validate(wishes["a"]) == asked
    assert LibraryOptions.model_validate(wishes["b"]) == asked.model_copy(
        update={"project": "encore"}
    )


def test_lyrics_of_a_song_go_with_what_the_playlist_lays_over_all():
    asked = DressOptions(title="auto", grade=0.5)
    item = PlaylistItem(audio="a", lyrics="a.lrc")
    wishes = playlist._wishes(
        item,
        style=StyleOptions(),
        renderer="procedural",
        farm=FarmOptions(),
        library=LibraryOptions(),
        dress=asked,
    )
    told = DressOptions.model_validate(wishes["dress"])
    assert told == asked.model_copy(update={"lyrics": "a.lrc"})


@pytest.mark.parametrize(("lyrics", "burnt"), [("a.lrc", True), (None, False)])
def test_songs_without_words_get_their_film_where_words_are_burnt_in(lyrics, burnt):
    wishes = playlist._wishes(
        PlaylistItem(audio="a", lyrics=lyrics),
        style=StyleOptions(),
        renderer="procedural",
        farm=FarmOptions(),
        library=LibraryOptions(),
        dress=DressOptions(burn_lyrics=True),
    )
    assert DressOptions.model_validate(wishes["dress"]) == DressOptions(
        lyrics=lyrics, burn_lyrics=burnt
    )
