"""Songs come in from files, the store and the net, keep their names, and are checked."""

import pytest
from support.songs import write_click_song
from support.tls_server import HOST, open_tls_server, whole

from tasks.errors import BadInputError
from tasks.media.download import Net
from tasks.media.limits import SongLimitError, SongLimits
from tasks.media.playlist import BadPlaylistError, PlaylistItem
from tasks.media.probe import BadSongError
from tasks.storage.keys import check_key, song_key, song_letters
from tasks.storage.local import LocalStore
from tasks.storage.song_list import gather_songs
from tasks.storage.songs import keep_song, open_song, songs_below
from tasks.storage.store import IntegrityError, file_sha256

LIMITS = SongLimits()
HOSTILE = [
    "new\nline.wav",
    "quote\"s and 's.wav",
    "../../up.wav",
    "🎵🎶.wav",
    "日本の歌.wav",
    "." * 40 + ".wav",
    "-rf.wav",
    "a" * 240 + ".wav",
    "no ending",
    "x.wav\t",
    "ansi\x1b[31m.wav",
    "song.🎵",
]


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "work"
    place.mkdir()
    return place


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_click_song(tmp_path_factory.mktemp("song") / "clicks.wav", 2.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with open_tls_server(tmp_path_factory.mktemp("tls")) as live:
        yield live


@pytest.fixture
def net(server):
    return Net(resolve=lambda *_: ("127.0.0.1",), allowed=lambda at: True, trusted=server.trust())


def opened(source, store, folder, **more):
    return open_song(str(source), store=store, folder=folder, limits=LIMITS, **more)


@pytest.mark.parametrize("name", HOSTILE)
def test_song_of_any_name_is_kept_and_comes_back_called_so(song, store, folder, name):
    added = keep_song(song, store=store, name=name)
    check_key(added.key)
    assert added.key.startswith("songs/")
    path = opened(added.key, store, folder)
    assert path.parent == folder
    assert path.name == added.name
    assert not set(added.name) & set('/\n\t\x1b"')
    assert path.read_bytes() == song.read_bytes()
    assert list(songs_below("songs/", store)) == [added.key]
    for letters in ("🎵", "日本", "quote", "ansi"):
        assert (letters in added.name) == (letters in name)


def test_same_song_is_stored_once(song, store, folder):
    first, again = keep_song(song, store=store), keep_song(song, store=store)
    assert first.new
    assert not again.new
    assert first.key == again.key == song_key(file_sha256(song), "clicks.wav")
    assert song_letters(first.key) == file_sha256(song)[:16]


def test_damaged_song_is_not_taken_for_the_one_that_was_added(song, store, folder):
    added = keep_song(song, store=store)
    store.put_bytes(added.key, song.read_bytes()[:-4])
    with pytest.raises(IntegrityError, match="add the song again"):
        opened(added.key, store, folder)


@pytest.mark.parametrize(
    "source",
    ["gone.mp3", "songs/0123456789abcdef/gone.mp3", "../no/such/file", "a\0b", "a" * 400,
     "~nobody-of-that-name/x.mp3", "songs/", "songs"],
)  # fmt: skip
def test_song_that_is_nowhere_is_told(store, folder, source):
    with pytest.raises(BadInputError, match="does not exist"):
        opened(source, store, folder)


def test_song_from_the_net_is_judged_by_its_content(server, net, song, store, folder):
    server.replies["/song.html"] = whole(song.read_bytes(), "Content-Type: text/html")
    path = opened(server.url("/song.html"), store, folder, net=net)
    assert path.read_bytes() == song.read_bytes()
    server.replies["/page.mp3"] = whole(b"<html>sign in</html>" * 9, "Content-Type: audio/mpeg")
    with pytest.raises(BadSongError, match="what the address gives is no song"):
        opened(server.url("/page.mp3"), store, folder, net=net)


@pytest.mark.parametrize("way", ["path", "key", "https"])
def test_limits_hold_for_every_way_in(server, net, song, store, folder, way):
    server.replies["/clicks.wav"] = whole(song.read_bytes())
    source = {
        "path": str(song),
        "key": keep_song(song, store=store).key,
        "https": server.url("/clicks.wav"),
    }[way]

    def take(limits):
        return open_song(source, store=store, folder=folder, limits=limits, net=net)

    with pytest.raises(BadInputError, match=r"0\.1 MB.*SONGFILM_SONG_MAX_MB"):
        take(SongLimits(max_mb=0.1))
    with pytest.raises(SongLimitError, match=r"at most 0\.03 are.*SONGFILM_SONG_MAX_MINUTES"):
        take(SongLimits(max_minutes=0.03))
    assert take(SongLimits(max_mb=1, max_minutes=0.04)).exists()


def test_large_song_of_the_store_is_refused_before_it_is_fetched(song, store, folder):
    key = keep_song(song, store=store).key
    with pytest.raises(SongLimitError):
        open_song(key, store=store, folder=folder, limits=SongLimits(max_mb=0.1))
    assert list(folder.iterdir()) == []


# Playlists -----------------------------------------------------------------------------------


@pytest.fixture
def gather(store, folder, net):
    def names(*sources, **more):
        items = [PlaylistItem(audio=str(source)) for source in sources]
        given = {"limits": LIMITS, "shared_paths": False, "net": net, **more}
        return gather_songs(items, store=store, folder=folder, **given)

    return names


def test_files_of_this_machine_are_put_into_the_store_and_told(song, store, gather):
    found = gather(song)
    assert [item.audio for item in found.items] == [song_key(file_sha256(song), "clicks.wav")]
    assert found.items[0].title == "clicks"
    assert found.notes == ("1 song was put into the store for the workers (0.3 MB): clicks.wav",)
    assert gather(song).notes == ()


def test_lyrics_of_a_song_go_into_the_store_with_it(song, tmp_path, store):
    words = tmp_path / "clicks.lrc"
    words.write_text("[00:01.00]la")
    item = PlaylistItem(audio=str(song), lyrics=str(words))
    told = {"store": store, "folder": tmp_path, "limits": LIMITS}
    (kept,) = gather_songs([item], shared_paths=False, **told).items
    assert store.get_bytes(kept.lyrics) == words.read_bytes()
    assert gather_songs([item], shared_paths=True, **told).items == (item,)
    # A song that is in the store already brings its lyrics there, too.
    stored = item.model_copy(update={"audio": kept.audio})
    store.delete(kept.lyrics)
    assert gather_songs([stored], shared_paths=False, **told).items == (kept,)
    assert store.get_bytes(kept.lyrics) == words.read_bytes()


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"TOP SECRET", "holds no lyrics in time"), (None, "are no file"), ("large", "has 2.5 MB")],
)
def test_a_list_puts_nothing_into_the_store_that_is_no_lyrics(song, tmp_path, store, data, said):
    path = tmp_path / "secret.txt"
    if data is None:
        path.mkdir()
    elif data == "large":
        with path.open("wb") as file:
            file.truncate(2_500_000)
    else:
        path.write_bytes(data)
    item = PlaylistItem(audio=str(song), lyrics=str(path))
    found = gather_songs([item], store=store, folder=tmp_path, limits=LIMITS, shared_paths=False)
    (kept,) = found.items
    assert kept.audio == song_key(file_sha256(song), "clicks.wav")
    assert kept.lyrics == str(path)  # its film fails, and says why
    assert list(store.list("blobs")) == []
    told = [note for note in found.notes if "lyrics" in note]
    assert told == [f"the lyrics of clicks stay where they are: {told[0].partition(': ')[2]}"]
    assert said in told[0]
    assert "TOP SECRET" not in "".join(found.notes)


def test_files_that_all_workers_see_stay_where_they_are(song, store, gather):
    assert gather(song, shared_paths=True).items == (PlaylistItem(audio=str(song)),)
    assert list(store.list("songs")) == []


def test_folder_of_the_store_gives_the_songs_in_it_with_their_names(song, store, gather):
    first = keep_song(song, store=store, name="Jóga.wav").key
    store.put_bytes("films/x/film.mp4", b"x")
    store.put_bytes("music/cover.jpg", b"x")
    store.put_bytes("music/b.mp3", b"x")
    assert [(item.audio, item.title) for item in gather("songs/").items] == [(first, "Jóga")]
    assert [item.audio for item in gather("music").items] == ["music/b.mp3"]
    assert gather(first).items[0].title == "Jóga"
    with pytest.raises(BadPlaylistError, match="no folder, list or song"):
        gather("films")


def test_song_is_listed_once_however_it_is_named(song, store, gather):
    key = keep_song(song, store=store).key
    assert [item.audio for item in gather(song, key, "songs").items] == [key]


@pytest.mark.parametrize("source", ["/musik", "song/", "songs/", "nowhere", "a/../b", "x" * 500])
def test_mistyped_folder_is_one_clear_error(gather, source):
    with pytest.raises(BadPlaylistError, match="check the name"):
        gather(source)


def test_song_that_other_machines_may_see_is_left_to_its_film(gather):
    assert gather("/elsewhere/a.mp3").items == (PlaylistItem(audio="/elsewhere/a.mp3"),)


@pytest.mark.parametrize(("name", "data"), [("a.wav", b"RIFF no sound"), ("id_rsa", b"-----BEGIN")])
def test_file_that_is_no_song_stays_out_of_the_store(tmp_path, store, gather, name, data):
    (tmp_path / name).write_bytes(data)
    found = gather(tmp_path / name)
    assert found.items == (PlaylistItem(audio=str(tmp_path / name)),)
    assert "is not audio" in found.notes[0]
    assert not list(store.list("songs"))


def test_page_of_the_net_that_is_no_song_stays_out_of_the_store(server, store, folder, gather):
    server.replies["/page"] = whole(b"<html>sign in</html>")
    assert "gives is no song" in gather(server.url("/page")).notes[0]
    assert not list(store.list("songs"))
    assert not list(folder.iterdir())


def test_song_of_the_net_is_fetched_once_for_all_workers(server, song, store, folder, gather):
    server.asked.clear()
    server.replies["/x/clicks.wav"] = whole(song.read_bytes())
    server.replies["/gone.mp3"] = whole(b"", status="404 Not Found")
    gone = server.url("/gone.mp3?key=hidden")
    found = gather(server.url("/x/clicks.wav"), gone)
    assert [item.audio for item in found.items] == [song_key(file_sha256(song), "clicks.wav"), gone]
    assert found.notes[0].startswith("gone stays where it is: https://songs.example")
    assert "answered 404" in found.notes[0]
    assert "hidden" not in " ".join(found.notes)
    assert len(server.asked) == 2
    assert list(folder.iterdir()) == []


def test_address_without_encryption_stops_the_list(gather):
    with pytest.raises(BadInputError, match="https only"):
        gather(f"http://{HOST}/a.mp3")


def test_song_that_is_too_large_stays_and_says_why(song, gather):
    found = gather(song, limits=SongLimits(max_mb=0.1))
    assert found.items == (PlaylistItem(audio=str(song)),)
    assert "SONGFILM_SONG_MAX_MB" in found.notes[0]
