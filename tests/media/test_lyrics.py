"""Words in time: SRT and LRC as people have them, and what is said of broken ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipe_schema.assembly import LyricLine, Lyrics
from tasks.media.lyrics import (
    MOST_LINES,
    BadLyricsError,
    SongWords,
    fit_lyrics,
    lyrics_beside,
    read_lyrics,
    read_lyrics_file,
    without_overlaps,
    write_srt,
)

TYPICAL_SRT = """\ufeff1\r
00:00:01,000 --> 00:00:02.500\r
<i>Neon rain</i>\r
on {\\an8}<font color="#fff">glass</font>\r
\r
00:00:04,5 --> 00:00:05,000 X1:100 X2:200\r
99\r
3\r
01:02:03,004 --> 01:02:04,000\r
late\r
"""

TYPICAL_LRC = """[ti:Neon Rain]
[ar: The Band]
[offset:+500]
[00:10.50][01:10.50]Chorus <00:10.60>comes <00:10.90>twice
[00:02.00]First
[00:04]

[00:20:25]Long
[99:00.1]Last
"""


def _read(text: str) -> list[tuple[float, float, str]]:
    return [(s.start, s.end, s.text) for s in read_lyrics(text.encode(), name="song").lines]


def test_srt_of_many_habits_is_read():
    assert _read(TYPICAL_SRT) == [
        (1.0, 2.5, "Neon rain\non glass"),
        (4.5, 5.0, "99"),
        (3723.004, 3724.0, "late"),
    ]


def test_lrc_lines_end_at_the_next_and_come_as_often_as_they_are_stamped():
    assert _read(TYPICAL_LRC) == [
        (1.5, 3.5, "First"),
        (10.0, 18.0, "Chorus comes twice"),
        (19.75, 27.75, "Long"),
        (70.0, 78.0, "Chorus comes twice"),
        (5939.6, 5947.6, "Last"),
    ]


def test_utf16_with_its_mark_is_read():
    lines = read_lyrics("[00:01.00]Größe".encode("utf-16"), name="song").lines
    assert lines[0].text == "Größe"


def test_overlapping_cues_both_stay_in_order_of_time():
    text = "00:00:03,000 --> 00:00:05,000\nb\n\n00:00:01,000 --> 00:00:04,000\na\n"
    assert [line[2] for line in _read(text)] == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"1\n00:00:01,000 -> 00:00:02,000\nwords\n", "neither SRT"),
        (b"1\n00:00:01 --> 00:00:02\nwords\n", "line 2: '00:00:01 --> 00:00:02' are no times"),
        (b"00:00:02,000 --> 00:00:02,000\nwords\n", "line 1: 'words' ends at 2.000 s, not after"),
        (b"00:61:01,000 --> 00:62:02,000\na\n", "line 1: minutes and seconds end at 59"),
        (b"[00:01.00]a\nplain words\nand more\n", "line 2: 'plain words' has no time"),
        (b"[00:71.00]a\n", "line 1: .00:71.00. is no time"),
        (b"[00:01.00]" + b"a" * 401, "line 1: 401 letters at once"),
        (b"[00:01.00]a\n[00:02.00]gr\xfc\xdf\n", "line 2: not UTF-8 text; save the file as UTF-8"),
        (b"", "holds no lyrics in time"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\na\n", "is WebVTT"),
        (b"0" * 2_000_001, "2.0 MB; lyrics have at most 2 MB"),
        (b"[00:01.00]a\x00b", "not a text file"),
    ],
)
def test_broken_files_are_refused_by_line(data: bytes, said: str):
    with pytest.raises(BadLyricsError, match=said):
        read_lyrics(data, name="song.txt")


@pytest.mark.parametrize(
    ("text", "kept", "said"),
    [
        (
            "00:00:01,000 --> 00:00:02,000\na\n\nstray\n",
            ["a"],
            "x.srt: line 4 is left out; line 4: 'stray' belongs to no times",
        ),
        (
            "00:00:05,000 --> 00:00:04,000\na\n\n00:00:06,000 --> 00:00:07,000\nb\n",
            ["b"],
            "x.srt: line 1 is left out; line 1: 'a' ends at 4.000 s, not after its start (5.000 s)",
        ),
        (
            "00:00:0x,000 --> 00:00:04,000\na\nb\n\n00:00:06,000 --> 00:00:07,000\nc\n",
            ["c"],
            "x.srt: line 1 is left out; line 1: '00:00:0x,000 --> 00:00:04,000' are no times",
        ),
        ("[offset:soon]\n[00:01.00]a\n", ["a"], "x.srt: line 1 is left out; line 1: offset 'soon'"),
        ("[00:01.00]a\n[00:71.00]b\n", ["a"], "x.srt: line 2 is left out; line 2: [00:71.00] is"),
        (
            "[00:01.00]a\n" * 7 + "b\n" * 7,
            ["a"] * 7,
            "x.srt: lines 8, 9, 10, 11, 12 and 2 more are left out; line 8: 'b' has no time",
        ),
    ],
)
def test_lines_that_cannot_be_used_are_left_out_and_named(text: str, kept: list[str], said: str):
    words = read_lyrics(text.encode(), name="x.srt")
    assert [line.text for line in words.lines] == kept
    assert len(words.warnings) == 1
    assert words.warnings[0].startswith(said)


def test_a_file_of_which_more_than_half_cannot_be_used_is_refused():
    with pytest.raises(BadLyricsError, match="line 3: 'b' has no time"):
        read_lyrics(b"[00:01.00]a\n[00:02.00]a\nb\nb\nb\n", name="x.lrc")


_rows = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="<>{}[]"),
    min_size=1,
    max_size=30,
)
_texts = st.lists(_rows, min_size=1, max_size=3).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20_000_000), st.integers(1, 60_000), _texts), min_size=1))
def test_what_is_written_is_read_back(cues: list[tuple[int, int, str]]):
    lines = sorted(
        (LyricLine(start=at / 1000, end=(at + n) / 1000, text=text) for at, n, text in cues),
        key=lambda line: (line.start, line.end),
    )
    back = read_lyrics(write_srt(lines).encode(), name="song.srt")
    assert back == SongWords(tuple(lines))


def test_an_excerpt_takes_its_own_words_in_its_own_time():
    lines = [
        LyricLine(start=a, end=b, text=str(a)) for a, b in ((1, 3), (9, 12), (13, 14), (19, 25))
    ]
    words = fit_lyrics(lines, start_s=10.0, length_s=10.0, name="x.lrc")
    assert [(s.start, s.end, s.text) for s in words.lines] == [
        (0.0, 2.0, "9"),
        (3.0, 4.0, "13"),
        (9.0, 10.0, "19"),
    ]
    assert words.warnings == ()


def test_words_after_the_song_are_told():
    lines = [LyricLine(start=a, end=a + 1, text="la") for a in (1, 30, 40)]
    words = fit_lyrics(lines, start_s=0.0, length_s=20.0, name="x.lrc")
    assert len(words.lines) == 1
    assert "2 lines begin after the film's end" in words.warnings[0]
    nothing = fit_lyrics(lines[1:], start_s=0.0, length_s=20.0, name="x.lrc")
    assert "no line is sung within the film" in nothing.warnings[0]


def test_lines_that_overlap_stand_together_where_cues_may_not_overlap():
    lines = [
        LyricLine(start=a, end=b, text=text)
        for a, b, text in ((1, 4, "a"), (3, 6, "b"), (6, 7, "c"))
    ]
    shown = [(s.start, s.end, s.text) for s in without_overlaps(lines)]
    assert shown == [(1, 3, "a"), (3, 4, "a\nb"), (4, 6, "b"), (6, 7, "c")]
    apart = [lines[0], lines[2]]
    assert without_overlaps(apart) == tuple(apart)


def test_the_lyrics_beside_a_song_are_found(tmp_path):
    song = tmp_path / "song.mp3"
    assert lyrics_beside(song) is None
    (tmp_path / "song.srt").touch()
    assert lyrics_beside(song) == tmp_path / "song.srt"
    (tmp_path / "song.lrc").touch()
    assert lyrics_beside(song) == tmp_path / "song.lrc"


def test_a_file_that_is_far_too_large_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "film.srt"
    with path.open("wb") as file:
        file.truncate(1_500_000_000)
    monkeypatch.setattr(type(path), "read_bytes", lambda _: pytest.fail("it was read"))
    with pytest.raises(BadLyricsError, match=r"film\.srt has 1500\.0 MB"):
        read_lyrics_file(path)
    with pytest.raises(BadLyricsError, match="are no file"):
        read_lyrics_file(tmp_path)
    with pytest.raises(BadLyricsError, match="cannot be read"):
        read_lyrics_file(tmp_path / "none.srt")


def test_more_lines_than_a_recipe_takes_are_refused():
    rows = [f"[{n // 60:02}:{n % 60:02}.00]la" for n in range(MOST_LINES + 1)]
    Lyrics(lines=read_lyrics("\n".join(rows[:-1]).encode(), name="x.lrc").lines)
    with pytest.raises(BadLyricsError, match="has 2001 lines; a film takes 2000"):
        read_lyrics("\n".join(rows).encode(), name="x.lrc")
