"""Section types: what each span of the song does for the listener.

Rules over the bars' energy, bass and highs. The surest sign is the drop of dance music: the bass
leaves while the highs or the onsets rise, then comes back at once. Without it the fullest repeated
section is the chorus. Truth for types is a matter of taste; borders and letters are not.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recipe_schema.analysis import Section
from recipe_schema.vocabulary import SectionType
from tasks.analysis.downbeats import average_between
from tasks.analysis.energy import SILENCE_POWER
from tasks.analysis.onsets import Onsets
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray, Spectrum
from tasks.analysis.structure import Span, Structure

_Numbers = npt.NDArray[np.float64]

_BASS_RETURN_DB = 5.0  # the bass comes back by at least this at a drop
_BUILD_BARS = (8, 4, 2)  # lengths of a build-up, longest first
_HIGHS_RISE_DB = 1.5  # or the onsets rise by a tenth: the second half against the first
_ONSETS_RISE = 1.1
_FULL_DB = -3.0  # a drop or chorus is no quieter than this against the loud bars
_ALIKE_DB = 3.0  # a drop goes on in sections of its letter with its energy within this
_THIN_DB = -2.5  # a break is thinner than the song's mean by this
_FALL_DB = 2.5  # a section this much thinner than the drop before it is a break
_WHOLE_BARS = 8  # a section up to this long that ends as a build-up is one altogether
_REST_BARS = 4  # a build-up leaves at least this much of the section that it ends
_CHORUS_DB = -1.0  # beside drops, a chorus is no quieter than they are by more
_LATE = 0.4  # share of the song after which a section that never returns is a bridge
_EDGE_BARS = 4  # compared either side of a border


@dataclass(frozen=True)
class _Bars:
    """What each bar sounds like; decibels."""

    energy_db: _Numbers
    bass_db: _Numbers
    highs_db: _Numbers
    onsets: _Numbers

    def mean_db(self, span: Span) -> float:
        """Energy of a section."""
        return float(self.energy_db[span.first : span.last].mean())


def name_sections(
    structure: Structure, spectrum: Spectrum, onsets: Onsets, energy: FloatArray
) -> tuple[Section, ...]:
    """Give every section its type; a build-up is cut off the section that it ends.

    Args:
        structure: Bar borders and spans.
        spectrum: The song's bands.
        onsets: The song's onset strengths.
        energy: The energy curve at the spectrum's frame rate.

    Returns:
        Sections that tile the song.
    """
    bars = _describe_bars(structure.borders, spectrum, onsets)
    spans, drops = _cut_buildups(structure.spans, bars)
    types = _name_types(spans, drops, bars)
    curve = np.asarray(energy, np.float32)[:, None]
    edges = np.array([structure.borders[s.first] for s in spans] + [structure.borders[-1]])
    levels = average_between(curve, edges * FRAME_RATE_HZ)[:, 0]
    return tuple(
        Section(
            type=kind,
            label=span.label,
            start=float(start),
            end=float(end),
            energy=float(np.clip(level, 0.0, 1.0)),
            confidence=span.confidence,
        )
        for kind, span, start, end, level in zip(
            types, spans, edges[:-1], edges[1:], levels, strict=True
        )
    )


def _describe_bars(borders: _Numbers, spectrum: Spectrum, onsets: Onsets) -> _Bars:
    rows = np.stack(
        (spectrum.weighted_power, spectrum.bass_power, spectrum.highs_power, onsets.strength), 1
    )
    means = average_between(rows, borders * FRAME_RATE_HZ).astype(np.float64)
    energy, bass, highs = (10 * np.log10(means[:, i] + SILENCE_POWER) for i in range(3))
    return _Bars(energy, bass, highs, means[:, 3])


def _cut_buildups(spans: tuple[Span, ...], bars: _Bars) -> tuple[list[Span], dict[int, int]]:
    """Split build-ups off; also returns for each drop's index the index of its build-up."""
    loud_db = float(np.percentile(bars.energy_db, 75))
    cut: list[Span] = [spans[0]]
    drops: dict[int, int] = {}
    for span in spans[1:]:
        before = cut[-1]
        size = before.last - before.first
        fell = len(cut) > 1 and bars.mean_db(cut[-2]) - bars.mean_db(before) > _FALL_DB
        room = size - _REST_BARS if fell else size
        length = _buildup_bars(before, span, bars, room=room, loud_db=loud_db)
        if length and size - length < _REST_BARS and size <= _WHOLE_BARS and not fell:
            length = size
        if length:
            if length < size:
                border = before.last - length
                cut[-1] = replace(before, last=border)
                cut.append(Span(border, before.last, f"{before.label}*", before.confidence))
            drops[len(cut)] = len(cut) - 1
        cut.append(span)
    return cut, drops


def _buildup_bars(before: Span, after: Span, bars: _Bars, *, room: int, loud_db: float) -> int:
    """Length, up to `room` bars, of the build-up that leads to `after`; 0 if there is none."""
    head = slice(after.first, min(after.first + _EDGE_BARS, after.last))
    full_db = float(bars.bass_db[head].mean())
    if float(bars.energy_db[head].mean()) < loud_db + _FULL_DB:
        return 0
    for length in _BUILD_BARS:
        if length > room:
            continue
        build = slice(before.last - length, before.last)
        first, second = (
            slice(build.start, build.start + length // 2),
            slice(build.start + length // 2, build.stop),
        )
        if float(bars.bass_db[build].max()) > full_db - _BASS_RETURN_DB:
            continue
        rise_db = float(bars.highs_db[second].mean() - bars.highs_db[first].mean())
        denser = float(bars.onsets[second].mean() / max(bars.onsets[first].mean(), 1e-9))
        if rise_db > _HIGHS_RISE_DB or denser > _ONSETS_RISE:
            return length
    return 0


def _name_types(spans: list[Span], drops: dict[int, int], bars: _Bars) -> list[SectionType]:
    levels = np.array([bars.mean_db(span) for span in spans])
    lengths = np.array([span.last - span.first for span in spans], np.float64)
    mean = float(np.average(levels, weights=lengths))
    types: list[SectionType | None] = [None] * len(spans)
    for drop, build in drops.items():
        types[drop], types[build] = SectionType.DROP, SectionType.BUILDUP
    for i in range(1, len(spans)):
        goes_on = types[i - 1] is SectionType.DROP and spans[i].label == spans[i - 1].label
        if types[i] is None and goes_on and abs(levels[i] - levels[i - 1]) < _ALIKE_DB:
            types[i] = SectionType.DROP
    chorus = _chorus_label(spans, types, levels, lengths)
    for i, span in enumerate(spans):
        if types[i] is None:
            full = span.label == chorus and levels[i] > mean + _THIN_DB
            types[i] = SectionType.CHORUS if full else _quiet_type(i, spans, types, levels, mean)
    for i in range(len(spans) - 2, 0, -1):
        if types[i] is not SectionType.BREAK:
            break
        types[i] = SectionType.OUTRO  # nothing comes back after it
    return [kind or SectionType.VERSE for kind in types]


def _chorus_label(
    spans: list[Span],
    types: list[SectionType | None],
    levels: npt.NDArray[np.float64],
    lengths: npt.NDArray[np.float64],
) -> str | None:
    """Letter of the fullest, most repeated section that is not a drop; None if none is full."""
    mean = float(np.average(levels, weights=lengths))
    spread = float(levels.std()) + 1e-6
    dropped = [levels[i] for i, kind in enumerate(types) if kind is SectionType.DROP]
    full = max(mean, float(np.mean(dropped)) + _CHORUS_DB) if dropped else mean
    best: tuple[float, str | None] = (-np.inf, None)
    for label in dict.fromkeys(span.label for i, span in enumerate(spans) if types[i] is None):
        mine = [i for i, span in enumerate(spans) if span.label == label and types[i] is None]
        level = float(np.average(levels[mine], weights=lengths[mine]))
        above = (level - mean) / spread
        score = above + 0.5 * min(3, len(mine) - 1) + 0.3 * np.log(lengths[mine].sum() / 5 + 0.1)
        if level > full and score > best[0]:
            best = (float(score), label)
    return best[1]


def _quiet_type(
    i: int,
    spans: list[Span],
    types: list[SectionType | None],
    levels: npt.NDArray[np.float64],
    mean: float,
) -> SectionType:
    """Type of a section that is neither drop, build-up nor chorus."""
    loud_before = any(
        kind in (SectionType.DROP, SectionType.CHORUS, SectionType.VERSE) for kind in types[:i]
    )
    fell = i > 0 and types[i - 1] is SectionType.DROP and levels[i] < levels[i - 1] - _FALL_DB
    share = spans[i].first / max(spans[-1].last, 1)
    if len(spans) == 1:
        return SectionType.VERSE
    if i == len(spans) - 1:
        return SectionType.OUTRO
    if not loud_before and (i == 0 or levels[i] < mean + _THIN_DB):
        return SectionType.INTRO
    if (fell and levels[i] < mean) or (loud_before and levels[i] < mean + _THIN_DB):
        return SectionType.BREAK
    alone = sum(span.label == spans[i].label for span in spans) == 1
    return SectionType.BRIDGE if alone and share > _LATE else SectionType.VERSE
