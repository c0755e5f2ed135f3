"""The words of a song's picture: its name, its figures and how sure they are, and notes."""

from pathlib import Path

from recipe_schema.analysis import Section, SongAnalysis
from tasks.media.portrait.look import (
    AMBER,
    BODY_PT,
    DIM,
    FACT_PT,
    INK,
    SECTION_COLORS,
    SMALL_PT,
    TITLE_PT,
)
from tasks.media.portrait.rows import clock
from tasks.media.portrait.sheet import LEFT_IN, RIGHT_IN, WIDTH_IN, Sheet

_TOP_IN = 0.24
_FACTS_TOP_IN = 0.28
_FACTS_GAP_IN = 0.3
_TITLE_LEFT_IN = LEFT_IN
_LEGEND_TOP_IN = 0.88


def draw_heading(sheet: Sheet, analysis: SongAnalysis) -> None:
    """The song's name and what it is, to the right its figures."""
    left = WIDTH_IN - RIGHT_IN
    for value, name in reversed(_facts(analysis)):
        width = max(sheet.width_in(value, FACT_PT, bold=True), sheet.width_in(name, SMALL_PT))
        left -= width
        sheet.write(value, left, _FACTS_TOP_IN, size=FACT_PT, color=INK, bold=True)
        sheet.write(name, left, _FACTS_TOP_IN + 0.25)
        left -= _FACTS_GAP_IN
    room = left - _TITLE_LEFT_IN
    title = sheet.spelt(Path(analysis.song.name).stem)
    title = sheet.cut(title, TITLE_PT, room, bold=True)
    sheet.write(title, _TITLE_LEFT_IN, _TOP_IN - 0.03, size=TITLE_PT, color=INK, bold=True)
    about = sheet.cut(sheet.spelt(_about(analysis)), BODY_PT, room)
    sheet.write(about, _TITLE_LEFT_IN, _TOP_IN + 0.37, size=BODY_PT)


def _facts(analysis: SongAnalysis) -> list[tuple[str, str]]:
    """Figures and what they are; what was not heard is left out."""
    sure, loudness = analysis.confidence, analysis.loudness
    facts: list[tuple[str, str]] = []
    if analysis.tempo_bpm:
        facts.append((f"{analysis.tempo_bpm:.1f}", f"BPM, {sure.tempo:.0%} sure"))
        facts.append((f"{analysis.meter}/4", f"bars, {sure.downbeat:.0%} sure"))
    if analysis.key_confidence:
        facts.append((analysis.key, f"key, {analysis.key_confidence:.0%} sure"))
    if loudness.integrated_lufs is not None:
        facts.append((_signed(loudness.integrated_lufs), "LUFS"))
    if loudness.lra is not None:
        facts.append((f"{loudness.lra:.1f}", "LU range"))
    if loudness.true_peak_dbtp is not None:
        facts.append((_signed(loudness.true_peak_dbtp), "dBTP peak"))
    if loudness.crest_db is not None:
        facts.append((f"{loudness.crest_db:.1f}", "dB crest"))
    return facts


def _signed(decibels: float) -> str:
    return f"{decibels:.1f}".replace("-", "\N{MINUS SIGN}")


def _about(analysis: SongAnalysis) -> str:
    """Length, genre, mood; and which part of the song it is."""
    excerpt = analysis.excerpt
    length = clock(analysis.duration, tenths=analysis.duration < 10)
    words = [f"{length} s" if analysis.duration < 10 else length]
    if excerpt is not None:
        words[0] += f" from {clock(excerpt.start)} on"
    words += [analysis.genre] if analysis.genre else []
    words += [analysis.mood.style.replace("-", " ")]
    words += list(analysis.mood.tags[:3])
    return " · ".join(dict.fromkeys(words))


def draw_legend(sheet: Sheet, sections: tuple[Section, ...]) -> None:
    """Which colour is which function, where the blocks are too small for words."""
    at = LEFT_IN
    for kind in dict.fromkeys(section.type for section in sections):
        sheet.write("■", at, _LEGEND_TOP_IN, size=SMALL_PT, color=SECTION_COLORS[kind])
        at += 0.13
        sheet.write(kind, at, _LEGEND_TOP_IN, size=SMALL_PT, color=DIM)
        at += sheet.width_in(kind, SMALL_PT) + 0.18


def draw_notes(sheet: Sheet, analysis: SongAnalysis, bottom_in: float) -> None:
    """What is to be known, and who heard the beats."""
    by = ", ".join(f"{part}: {who}" for part, who in sorted(analysis.backends.items()))
    by = sheet.cut(sheet.spelt(f"songfilm · {by}" if by else "songfilm"), SMALL_PT, 4.0)
    right = WIDTH_IN - RIGHT_IN
    sheet.write(by, right, bottom_in, side="right", level="bottom")
    if analysis.warnings:
        room = right - sheet.width_in(by, SMALL_PT) - 0.4 - LEFT_IN
        said = sheet.cut(sheet.spelt(" · ".join(analysis.warnings)), SMALL_PT, room)
        sheet.write(said, LEFT_IN, bottom_in, color=AMBER, level="bottom")
