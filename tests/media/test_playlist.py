"""Lists of songs are read as people and programs write them; faults are told with their place."""

import pytest

from recipe_schema.vocabulary import Aesthetic, Priority
from tasks.media.playlist import BadPlaylistError, PlaylistItem, read_playlist


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def audio(*sources):
    return [item.audio for item in read_playlist([str(source) for source in sources]).items]


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_paths_and_keys_stay_as_they_are_and_in_order():
    assert audio("/music/b.wav", "songs/a.flac", "blobs/ab/abcd") == [
        "/music/b.wav",
        "songs/a.flac",
        "blobs/ab/abcd",
    ]


def test_folder_gives_its_songs_in_natural_order(tmp_path):
    touch(tmp_path, "10 end.wav", "2 Middle.MP3", "1 start.flac", "cover.jpg", "._1 start.flac")
    touch(tmp_path, "old/0.wav", "film.mp4")
    names = [path.rpartition("/")[2] for path in audio(tmp_path)]
    assert names == ["1 start.flac", "2 Middle.MP3", "10 end.wav"]


def test_m3u_holds_titles_comments_and_paths_beside_it(tmp_path):
    touch(tmp_path, "a b.wav", "deep/c.wav")
    listed = write(
        tmp_path / "list.m3u8",
        "\ufeff#EXTM3U\r\n#EXTINF:123,Artist - A, B\r\na b.wav\r\n\r\n# said\r\ndeep/c.wav\r\n"
        "/far/d.mp3\r\nfile:///far/e%20f.mp3\r\n",
    )
    songs = read_playlist([str(listed)])
    assert songs.notes == ()
    assert songs.items == (
        PlaylistItem(audio=str(tmp_path / "a b.wav"), title="Artist - A, B"),
        PlaylistItem(audio=str(tmp_path / "deep/c.wav")),
        PlaylistItem(audio="/far/d.mp3"),
        PlaylistItem(audio="/far/e f.mp3"),
    )


def test_m3u_in_latin_1_is_read_and_told(tmp_path):
    listed = write(tmp_path / "list.m3u", "caf\u00e9.mp3\n", encoding="latin-1")
    songs = read_playlist([str(listed)])
    assert songs.items[0].audio.endswith("caf\u00e9.mp3")
    assert "Latin-1" in songs.notes[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_gives_each_song_its_wishes(tmp_path, delimiter):
    touch(tmp_path, "a.wav")
    head = "Path,title,style,seed,pace,renderer,priority,project"
    row = "a.wav,First,aurora-nocturne,7,1.5,procedural,urgent,Summer tour"
    text = f"{head}\n{row}\nb.wav,,,,,,,\n".replace(",", delimiter)
    songs = read_playlist([str(write(tmp_path / "list.csv", text))])
    assert songs.items == (
        PlaylistItem(
            audio=str(tmp_path / "a.wav"),
            title="First",
            style=Aesthetic.AURORA_NOCTURNE,
            seed=7,
            pace=1.5,
            renderer="procedural",
            priority=Priority.URGENT,
            project="Summer tour",
        ),
        PlaylistItem(audio=str(tmp_path / "b.wav")),
    )


def test_key_of_the_store_in_a_list_stays_a_key(tmp_path):
    assert audio(write(tmp_path / "list.csv", "audio\nblobs/ab/abcd\n")) == ["blobs/ab/abcd"]


def test_address_in_a_list_stays_an_address(tmp_path):
    url = "https://songs.example/a%20b.mp3?key=x"
    assert audio(url, write(tmp_path / "list.m3u", f"{url}&y\n")) == [url, f"{url}&y"]


def test_same_song_counts_once_unless_its_wishes_differ(tmp_path):
    text = "audio,seed\n/a.wav,1\n/a.wav,1\n/a.wav,2\n"
    songs = read_playlist([str(write(tmp_path / "list.csv", text))])
    assert [item.seed for item in songs.items] == [1, 2]
    assert songs.notes == ("/a.wav is listed twice; one film is made",)


def test_several_sources_are_one_list(tmp_path):
    touch(tmp_path, "folder/a.wav")
    listed = write(tmp_path / "list.m3u", "/b.wav\n")
    assert audio(tmp_path / "folder", listed, "/c.wav") == [
        str(tmp_path / "folder/a.wav"),
        "/b.wav",
        "/c.wav",
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.m3u", "#EXTM3U\n# nothing\n", "names no song"),
        ("a.csv", "audio,title\n", "names no song"),
        ("a.csv", "audio,colour,mood\nx.wav,red,sad\n", "'colour', 'mood' are not known"),
        ("a.csv", "title\nFirst\n", "one column must be called audio or path or file"),
        ("a.csv", "audio,path\na,b\n", "one column must be called"),
        ("a.csv", "audio,seed\nx.wav,many\n", "line 2: seed: 'many' does not fit"),
        (
            "a.csv",
            "audio,style\nx.wav,vaporwave\n",
            "style: 'vaporwave' is not .*; known: cyberpunk-rave",
        ),
        ("a.csv", "audio,pace\nx.wav,9\n", "pace: '9' does not fit"),
        ("a.csv", "audio,priority\nx.wav,now\n", "known: urgent, normal, batch"),
        ("a.csv", "audio,project\nx.wav,a/b\n", "project: 'a/b' does not fit"),
        ("a.csv", "audio,title\nx.wav,a,b\n", "more cells than columns"),
        ("a.csv", "audio,title\n,First\n", "line 2: no song is named"),
        ("a.csv", 'audio\n"x.wav\n', "unexpected end"),
    ],
)
def test_list_that_cannot_be_read_says_why(tmp_path, name, text, told):
    with pytest.raises(BadPlaylistError, match=told.replace("(", r"\(")):
        read_playlist([str(write(tmp_path / name, text))])


def test_nothing_an_empty_name_a_bare_folder_and_a_missing_list_are_told(tmp_path):
    for sources, told in (
        ([], "no song in the list"),
        ([" "], "empty name"),
        ([str(tmp_path)], "holds no songs"),
        ([str(tmp_path / "gone.m3u")], "does not exist"),
        (["a" * 300], "cannot be a name"),
        (["~nobody-of-that-name/a"], "cannot be a name"),
    ):
        with pytest.raises(BadPlaylistError, match=told):
            read_playlist(sources)


def test_lyrics_beside_a_song_are_taken_and_told(tmp_path):
    touch(tmp_path, "a.wav", "b.wav", "c.wav", "words/c.srt")
    write(tmp_path / "a.lrc", "[00:01.00]la")
    write(tmp_path / "b.srt", "1\n00:00:01,000 --> 00:00:02,000\nla\n")
    songs = read_playlist([str(tmp_path)])
    lyrics = [item.lyrics for item in songs.items]
    assert lyrics == [str(tmp_path / "a.lrc"), str(tmp_path / "b.srt"), None]
    assert "a.lrc lies beside its song and is taken for its lyrics" in songs.notes
    table = write(tmp_path / "list.csv", "audio,lyrics\na.wav,words/c.srt\nc.wav,\n")
    lyrics = [item.lyrics for item in read_playlist([str(table)]).items]
    assert lyrics == [str(tmp_path / "words/c.srt"), None]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"plain words\n", "holds no lyrics in time"),
        (b"[00:01.00] caf\xe9\n", "line 1: not UTF-8 text"),
        (b"[Verse 1]\nla\n[00:01.00] la\n", "line 1: '[Verse 1]' has no time"),
    ],
)
def test_lyrics_that_nobody_asked_for_cost_no_song_its_film(tmp_path, data, said):
    touch(tmp_path, "a.wav")
    (tmp_path / "a.lrc").write_bytes(data)
    songs = read_playlist([str(tmp_path)])
    assert songs.items == (PlaylistItem(audio=str(tmp_path / "a.wav")),)
    (note,) = songs.notes
    assert note.startswith("a.lrc lies beside its song and is left out: ")
    assert said in note
    table = write(tmp_path / "list.csv", "audio,lyrics\na.wav,a.lrc\n")
    assert read_playlist([str(table)]).items[0].lyrics == str(tmp_path / "a.lrc")
