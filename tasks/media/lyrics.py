"""Reads a song's words in time from SRT and LRC files, and writes them as SRT.

Times count from the song's start. An LRC line says only when it begins: it stays until the next
one, at most `LONGEST_LRC_S`.
Source: the SubRip and LRC formats as players read them; neither has a standard.
"""

import codecs
import math
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from recipe_schema.assembly import LyricLine
from tasks.errors import BadInputError

LYRIC_SUFFIXES = (".lrc", ".srt")
# An LRC line before a long instrumental part would otherwise stand through all of it, seconds.
LONGEST_LRC_S = 8.0
# A song's words are some kilobytes; a file beyond this is something else.
LARGEST_BYTES = 2_000_000
_LONGEST_LETTERS = 400
# As a recipe takes: a word at a time through a long song.
MOST_LINES = 2000
# So many lines of a file are named that were left out.
_SHOWN_ROWS = 5
# Shorter is not read, and no player shows it, seconds.
_SHORTEST_S = 0.05

_SRT_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_SRT_TIMES = re.compile(rf"\s*{_SRT_TIME}\s*-->\s*{_SRT_TIME}(?:\s.*)?")
_SRT_TAG = re.compile(r"</?(?:i|b|u|s|em|strong|font|c|v|ruby|rt)\b[^<>]*>|\{\\[^{}]*\}", re.I)
_LRC_STAMP = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_LRC_WORD_STAMP = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_LRC_TAG = re.compile(r"\[([A-Za-z#]+)\s*:(.*)\]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2060\ufeff]")


class BadLyricsError(BadInputError):
    """A file of lyrics that cannot be read."""


class _BadRowError(BadLyricsError):
    """A row that cannot be used, while others of its file may."""

    def __init__(self, row: int, fault: str) -> None:
        super().__init__(row, fault)
        self.row, self.fault = row, fault


@dataclass(frozen=True)
class SongWords:
    """A song's words in order of time, and what a person should know of them."""

    lines: tuple[LyricLine, ...]
    warnings: tuple[str, ...] = ()


def read_lyrics_file(path: Path) -> SongWords:
    """Read the words of a file, in song time; one that is far too large is not opened.

    Raises:
        BadLyricsError: It may not be read, or holds no lyrics.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise BadLyricsError(f"the lyrics {path} are no file; give an .srt or .lrc file")
        _refuse_large(found.st_size, path.name)
        data = path.read_bytes()
    except OSError as error:
        raise BadLyricsError(f"the lyrics {path} cannot be read: {error.strerror}") from error
    return read_lyrics(data, name=path.name)


def read_lyrics(data: bytes, *, name: str) -> SongWords:
    """Read the words of an SRT or LRC file; its content tells which one it is.

    Args:
        data: The file: UTF-8, or UTF-16 with its mark.
        name: What the file is called, for messages.

    Returns:
        Lines in order of time; they may overlap. Tags and stamps inside a line are gone. Lines of
        the file that cannot be used are left out, and told.

    Raises:
        BadLyricsError: Not such a file, or one of which more than half cannot be used; the message
            names the line.
    """
    text = _text(data, name)
    if re.search(r"^\s*WEBVTT", text):
        raise BadLyricsError(f"{name} is WebVTT; save it as SubRip (.srt) or .lrc")
    if "-->" in text:
        return _usable(*_read_srt(text), name)
    if _LRC_STAMP.search(text):
        return _usable(*_read_lrc(text), name)
    raise BadLyricsError(
        f"{name} holds no lyrics in time: neither SRT (00:00:01,000 --> 00:00:02,000) nor LRC "
        "([00:01.00] words)"
    )


def fit_lyrics(
    lines: Sequence[LyricLine], *, start_s: float, length_s: float, name: str
) -> SongWords:
    """Bring a song's words to a film: what is sung outside it is left out.

    Args:
        lines: Words in song time.
        start_s: Where in the song the film begins.
        length_s: Length of the film.
        name: What their file is called, for warnings.
    """
    end_s = start_s + length_s
    kept = []
    for line in lines:
        if start_s == 0.0 and line.end <= end_s:
            kept.append(line)
            continue
        begin, end = max(line.start, start_s) - start_s, min(line.end, end_s) - start_s
        if end - begin >= _SHORTEST_S:
            times = {"start": round(begin, 3), "end": round(end, 3)}
            kept.append(line.model_copy(update=times))
    late = sum(line.start >= end_s for line in lines) if start_s == 0.0 else 0
    told: tuple[str, ...] = ()
    if not kept:
        told = (f"{name}: no line is sung within the film ({length_s:.1f} s); it has no lyrics",)
    elif late:
        count = "1 line begins" if late == 1 else f"{late} lines begin"
        told = (f"{name}: {count} after the film's end ({length_s:.1f} s): left out",)
    return SongWords(tuple(kept), told)


def without_overlaps(lines: Sequence[LyricLine]) -> tuple[LyricLine, ...]:
    """Lines for a subtitle track that shows one cue at a time: those sung together stand together.

    Args:
        lines: Words in order of time; where several are sung, their texts become one, row by row.
    """
    marks = sorted({round(time, 3) for line in lines for time in (line.start, line.end)})
    ahead, sung, shown = list(reversed(lines)), list[LyricLine](), []
    for start, end in pairwise(marks):
        sung = [line for line in sung if round(line.end, 3) > start]
        while ahead and round(ahead[-1].start, 3) <= start:
            sung.append(ahead.pop())
        if sung:
            text = "\n".join(line.text for line in sung)
            shown.append(sung[0].model_copy(update={"start": start, "end": end, "text": text}))
    return tuple(shown)


def write_srt(lines: Sequence[LyricLine]) -> str:
    """Write words as SRT; read back, times are exact to the millisecond."""
    cues = []
    for number, line in enumerate(lines, start=1):
        text = "\n".join(row for row in _rows(line.text) if row).replace("-->", "→")
        cues.append(f"{number}\n{_srt_time(line.start)} --> {_srt_time(line.end)}\n{text}\n")
    return "\n".join(cues)


def _refuse_large(size: int, name: str) -> None:
    if size > LARGEST_BYTES:
        raise BadLyricsError(f"{name} has {size / 1e6:.1f} MB; lyrics have at most 2 MB")


def _text(data: bytes, name: str) -> str:
    """The file's text, whatever its line ends and marks.

    Raises:
        BadLyricsError: Too large, or neither UTF-8 nor UTF-16 with a mark.
    """
    _refuse_large(len(data), name)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadLyricsError(
            f"{name}, line {line}: not {'UTF-16' if wide else 'UTF-8'} text; save the file as UTF-8"
        ) from error
    if "\x00" in text:
        raise BadLyricsError(f"{name} is not a text file; save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _usable(lines: list[LyricLine], bad: list[_BadRowError], name: str) -> SongWords:
    """Lines in order of time, and which of the file's were left out.

    Raises:
        BadLyricsError: More lines cannot be used than can, or more than a recipe takes.
    """
    bad = sorted(bad, key=lambda error: error.row)
    if len(bad) > len(lines):
        raise BadLyricsError(f"{name}, line {bad[0].row + 1}: {bad[0].fault}") from bad[0]
    if len(lines) > MOST_LINES:
        raise BadLyricsError(f"{name} has {len(lines)} lines; a film takes {MOST_LINES} at most")
    told: tuple[str, ...] = ()
    if bad:
        rows = ", ".join(str(error.row + 1) for error in bad[:_SHOWN_ROWS])
        rows += f" and {len(bad) - _SHOWN_ROWS} more" if len(bad) > _SHOWN_ROWS else ""
        which = f"line {rows} is" if len(bad) == 1 else f"lines {rows} are"
        told = (f"{name}: {which} left out; line {bad[0].row + 1}: {bad[0].fault}",)
    return SongWords(tuple(sorted(lines, key=lambda line: (line.start, line.end))), told)


def _read_srt(text: str) -> tuple[list[LyricLine], list[_BadRowError]]:
    rows = text.split("\n")
    starts = [k for k, row in enumerate(rows) if "-->" in row]
    lines, bad = [], _srt_rest(rows, 0, starts[0])
    for k, after in pairwise([*starts, len(rows)]):
        # The number of the cue that follows belongs to it, even where its blank line is missing.
        last = after - 1 if after < len(rows) and rows[after - 1].strip().isdigit() else after
        blank = next((n for n in range(k + 1, last) if not rows[n].strip()), last)
        bad += _srt_rest(rows, blank, last)
        words = "\n".join(_rows(_SRT_TAG.sub("", "\n".join(rows[k + 1 : blank]))))
        try:
            begin, end = _srt_times(rows[k], k)
            if words:
                lines.append(_line(begin, end, words, k))
        except _BadRowError as error:
            bad.append(error)
    return lines, bad


def _srt_rest(rows: Sequence[str], start: int, end: int) -> list[_BadRowError]:
    """Rows between cues, where there is nothing but blank lines and numbers."""
    return [
        _BadRowError(
            n,
            f"{rows[n].strip()[:60]!r} belongs to no times; a blank line ends what is sung, so "
            "take out the blank line before it or the line itself",
        )
        for n in range(start, end)
        if rows[n].strip() and not rows[n].strip().isdigit()
    ]


def _srt_times(text: str, row: int) -> tuple[float, float]:
    times = _SRT_TIMES.fullmatch(text)
    if times is None:
        raise _BadRowError(
            row, f"{text.strip()[:60]!r} are no times such as 00:00:01,000 --> 00:00:02,500"
        )
    begin, end = (_srt_seconds(times.groups()[n : n + 4], row) for n in (0, 4))
    return begin, end


def _srt_seconds(parts: Sequence[str | None], row: int) -> float:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    if minutes > 59 or seconds > 59:
        raise _BadRowError(row, "minutes and seconds end at 59")
    return hours * 3600 + minutes * 60 + seconds + int((parts[3] or "0").ljust(3, "0")) / 1000


def _read_lrc(text: str) -> tuple[list[LyricLine], list[_BadRowError]]:
    offset_s = 0.0
    found: list[tuple[float, str, int]] = []
    lines, bad = [], []
    for n, row in enumerate(text.split("\n")):
        try:
            stamps, words = _lrc_row(row.strip(), n)
            found += [(stamp, words, n) for stamp in stamps]
            tag = None if stamps else _LRC_TAG.fullmatch(row.strip())
            if tag and tag[1].lower() == "offset":
                offset_s = _offset_s(tag[2], n)
            elif row.strip() and not (stamps or tag):
                raise _BadRowError(n, f"{row.strip()[:60]!r} has no time; begin it with [00:00.00]")
        except _BadRowError as error:
            bad.append(error)
    # A positive offset shows everything earlier.
    found = sorted((max(0.0, at - offset_s), words, n) for at, words, n in found)
    times = sorted({at for at, _, _ in found})
    ends = {at: min(after, at + LONGEST_LRC_S) for at, after in pairwise([*times, math.inf])}
    for at, words, n in found:
        try:
            lines += [_line(at, ends[at], words, n)] if words else []
        except _BadRowError as error:
            bad.append(error)
    return lines, bad


def _lrc_row(row: str, n: int) -> tuple[list[float], str]:
    """Times at the head of a row, and the words behind them."""
    stamps = []
    while stamp := _LRC_STAMP.match(row):
        minutes, seconds, fraction = stamp.groups()
        if int(seconds) > 59:
            raise _BadRowError(n, f"{stamp[0]} is no time; seconds end at 59")
        stamps.append(int(minutes) * 60 + int(seconds) + float(f"0.{fraction or 0}"))
        row = row[stamp.end() :].lstrip()
    return stamps, " ".join(_LRC_WORD_STAMP.sub(" ", row).split())


def _offset_s(text: str, n: int) -> float:
    try:
        return int(text) / 1000
    except ValueError as error:
        raise _BadRowError(
            n, f"offset {text.strip()[:20]!r} is no whole number of milliseconds"
        ) from error


def _line(begin: float, end: float, words: str, row: int) -> LyricLine:
    if len(words) > _LONGEST_LETTERS:
        raise _BadRowError(
            row, f"{len(words)} letters at once; split them up ({_LONGEST_LETTERS} at most)"
        )
    try:
        return LyricLine(start=round(begin, 3), end=round(end, 3), text=words)
    except ValidationError as error:
        raise _BadRowError(
            row, f"{words[:40]!r} ends at {end:.3f} s, not after its start ({begin:.3f} s)"
        ) from error


def _rows(text: str) -> list[str]:
    """Rows of a line's text, without letters that no one sees and doubled spaces."""
    return [row for each in text.split("\n") if (row := " ".join(_CONTROLS.sub("", each).split()))]


def _srt_time(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, thousandths = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{thousandths // 1000:02},{thousandths % 1000:03}"


def lyrics_beside(song: Path) -> Path | None:
    """The lyrics file of a song's own name, beside it; .lrc comes first."""
    files = (song.with_suffix(suffix) for suffix in LYRIC_SUFFIXES)
    return next((file for file in files if file.is_file()), None)
