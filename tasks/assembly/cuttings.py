"""Which part of a film stands for it: a teaser of its strongest moment, a loop that has no end.

Both begin on the beat and last whole bars. A teaser runs up to what it is chosen for, a drop or a
rise in energy, by a bar or two; a loop begins where nothing cuts, so that its end can flow into
its beginning.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from recipe_schema.vocabulary import ExportKind, SectionType
from tasks.assembly.job import CURVE_RATE_HZ, FilmJob
from tasks.assembly.timeline import PlacedShot
from tasks.errors import BadInputError
from tasks.media.timebase import seconds_to_frame

TEASER_S = 15.0
LOOP_S = 6.0
# Fades of sound and picture need this much around them.
_SHORTEST_TEASER_S = 2.0
# Loops that apps take (Spotify's Canvas, for one).
SHORTEST_LOOP_S, LONGEST_LOOP_S = 3.0, 8.0
# A loop's end flows into what comes before its beginning over this long.
SEAM_S = 0.5
# Bars of run-up before a teaser's moment: two, or one where they are longer than this together.
_LONGEST_RUN_UP_S = 4.5
# A rise is what the bars after a moment have more than those before, each for this long.
_BEFORE_S, _AFTER_S = 4.0, 8.0
# What words of the plan add to the energy (0..1) of a part.
_NAMED = {SectionType.DROP: 0.25, SectionType.CHORUS: 0.15}
_KEY_MOMENT = 0.2
_RISE_SHARE = 0.6
# A teaser that begins with its moment, without a run-up, has less of it.
_AT_ONCE = 0.75
# A word of the plan belongs to a bar that begins this near to it, seconds.
_NEAR_S = 0.15
# A seam over a cut would be seen; a first picture inside a transition is not a picture.
_BROKEN_SEAM, _BROKEN_END, _OFF_BAR, _MIXED_START = 1.0, 0.15, 0.05, 0.1
# Where a song has no beats, parts may begin this often.
_NO_BEAT_STEP_S = 0.25
_FALLBACK_METER = 4
# Bars that are a rounding error longer than what was asked for still fit.
_SLACK_S = 0.02
# A part that misses the wish by more than this share of it is told.
_MISSED = 0.1


class BadCutError(BadInputError):
    """A part that the film does not have."""


@dataclass(frozen=True)
class Cutting:
    """A part of a film, in its frames, half-open."""

    start_frame: int
    end_frame: int
    warnings: tuple[str, ...] = ()
    """What could not be had."""


def choose_teaser(job: FilmJob, *, length_s: float | None = None) -> Cutting:
    """Find the strongest part of a film: whole bars, at most as long as asked for.

    Args:
        job: The film.
        length_s: Seconds; a song without beats may be cut at each quarter of a second. When
            empty 15, or the film's own where that is shorter.

    Raises:
        BadCutError: The film is shorter.
    """
    film_s = float(job.timeline.frames / job.timeline.fps)
    check_length(ExportKind.TEASER, length_s, film_s=film_s)
    wanted_s = min(TEASER_S, film_s) if length_s is None else length_s
    bars = _bars(job)
    parts = [
        (start_s, end_s)
        for index, start_s in enumerate(bars)
        if (end_s := _bars_end(bars, index, wanted_s)) <= film_s + _SLACK_S
    ]
    parts = parts or [(0.0, min(wanted_s, film_s))]
    shortest_s = max(end_s - start_s for start_s, end_s in parts) - _bar_s(bars) / 2
    parts = [part for part in parts if part[1] - part[0] > shortest_s]
    best = max(parts, key=lambda part: _strength(job, bars, *part))
    told: tuple[str, ...] = ()
    if length_s is not None and len(job.beats) > 1:
        longer = (end - start for start in bars for end in bars if end - start > length_s)
        told = _missed(length_s, best[1] - best[0], longer=longer)
    return Cutting(_frame(job, best[0]), _frame(job, best[1]), told)


def choose_loop(job: FilmJob, *, length_s: float | None = None) -> Cutting:
    """Find a strong part of 3 to 8 s in whole bars, whose seam crosses no cut if it can be helped.

    Args:
        job: The film.
        length_s: Seconds; as many whole bars as are not longer. When empty as many as come
            nearest to 6.

    Raises:
        BadCutError: Not 3 to 8 s, or the film is shorter than the loop and its seam.
    """
    check_length(ExportKind.LOOP, length_s, film_s=float(job.timeline.frames / job.timeline.fps))
    starts, spans = _loop_starts(job, length_s)
    span_s = _loop_span(spans, length_s)
    room_s = float(job.timeline.frames - job.timeline.closing_frames) / float(job.timeline.fps)
    parts = [
        (start_s, start_s + span_s, on_bar)
        for start_s, on_bar in starts
        if start_s >= SEAM_S and start_s + span_s <= room_s + _SLACK_S
    ]
    if not parts:
        raise _too_short(ExportKind.LOOP, span_s, room_s)
    start_s, end_s, _ = max(parts, key=lambda part: _looped_strength(job, *part))
    told = () if length_s is None else _missed(length_s, span_s, longer=spans)
    if _crosses(job, start_s - SEAM_S, start_s + SEAM_S):
        told = (*told, "every bar of the film begins near a cut: the loop begins with one too")
    return Cutting(_frame(job, start_s), _frame(job, end_s), told)


def check_length(kind: ExportKind, length_s: float | None, *, film_s: float) -> None:
    """Refuse a length that a part cannot have.

    Args:
        kind: Teaser, loop or GIF.
        length_s: Seconds; the kind's usual length when empty, a teaser's at most its film's.
        film_s: Seconds of the film.

    Raises:
        BadCutError: The film is shorter, a loop is not 3 to 8 s long, or it is no number.
    """
    if length_s is not None and not math.isfinite(length_s):
        raise BadCutError(f"a {kind} cannot last {length_s} s; give its length in seconds")
    if kind is ExportKind.TEASER:
        needed_s = wanted_s = _SHORTEST_TEASER_S if length_s is None else length_s
        if wanted_s < _SHORTEST_TEASER_S:
            raise BadCutError(f"a teaser lasts at least {_SHORTEST_TEASER_S:g} s, not {wanted_s:g}")
    else:
        wanted_s = LOOP_S if length_s is None else length_s
        needed_s = SHORTEST_LOOP_S + SEAM_S
        if not SHORTEST_LOOP_S <= wanted_s <= LONGEST_LOOP_S:
            raise BadCutError(
                f"a {kind} lasts {SHORTEST_LOOP_S:g} to {LONGEST_LOOP_S:g} s, not {wanted_s:g}"
            )
    if needed_s > film_s + _SLACK_S:
        raise _too_short(kind, wanted_s, film_s)


def seam_frames(job: FilmJob) -> int:
    """Frames over which a loop's end flows into its beginning."""
    return seconds_to_frame(SEAM_S, job.timeline.fps)


def _too_short(kind: ExportKind, length_s: float, film_s: float) -> BadCutError:
    return BadCutError(
        f"the film lasts {film_s:.1f} s; a {kind} of {length_s:.3g} s does not fit, give a shorter "
        "--length"
    )


def _missed(wanted_s: float, got_s: float, *, longer: Iterable[float]) -> tuple[str, ...]:
    """Tell a part whose whole bars miss the length that was asked for by much."""
    if abs(got_s - wanted_s) <= _MISSED * wanted_s:
        return ()
    told = f"ends on a bar: {got_s:.2f} s instead of {wanted_s:g}"
    following = min((span for span in longer if span > wanted_s + _SLACK_S), default=got_s)
    if following > got_s + _SLACK_S:
        # Upwards, so that the next bar fits.
        told += (
            f"; --length {math.ceil(following * 100 - _SLACK_S) / 100:g} would give the next one"
        )
    return (told,)


def _strength(job: FilmJob, bars: Sequence[float], start_s: float, end_s: float) -> float:
    """How much a teaser over these seconds shows of what the song is for."""
    after = [bar_s for bar_s in bars if start_s < bar_s < end_s][:2]
    run_up = [bar_s for bar_s in after if bar_s - start_s <= _LONGEST_RUN_UP_S] or after[:1]
    moments = [_moment(job, bar_s) for bar_s in run_up]
    moment = max(moments, default=0.0), _AT_ONCE * _moment(job, start_s)
    mixed = any(_mixed(placed, _frame(job, start_s)) for placed in job.timeline.shots)
    return round(_energy(job, start_s, end_s) + max(moment) - mixed * _MIXED_START, 6)


def _moment(job: FilmJob, at_s: float) -> float:
    """How much begins at a bar: the rise in energy, and what the plan calls it."""
    rise = _energy(job, at_s, at_s + _AFTER_S) - _energy(job, at_s - _BEFORE_S, at_s)
    named = [
        _NAMED.get(section.type, 0.0)
        for section in job.recipe.metadata.structure
        if abs(section.start - at_s) <= _NEAR_S
    ]
    key = rise > 0.0 and any(
        shot.is_key_moment and abs(shot.timestamp - at_s) <= _NEAR_S
        for shot in job.recipe.shot_list
    )
    return _RISE_SHARE * max(rise, 0.0) + max(named, default=0.0) + key * _KEY_MOMENT


def _looped_strength(job: FilmJob, start_s: float, end_s: float, on_bar: bool) -> float:
    """How well a loop over these seconds stands for the film, and how little its seam shows."""
    energy = _energy(job, start_s, end_s)
    energy -= _BROKEN_SEAM * _crosses(job, start_s - SEAM_S, start_s + SEAM_S)
    energy -= _BROKEN_END * _crosses(job, end_s - SEAM_S, end_s)
    return round(energy - _OFF_BAR * (not on_bar), 6)


def _crosses(job: FilmJob, start_s: float, end_s: float) -> bool:
    """Whether a cut, a transition or the opening fade lies in these seconds."""
    first, last = _frame(job, start_s), _frame(job, end_s)
    return job.timeline.shots[0].transition_end > first or any(
        placed.transition_start < last and placed.transition_end >= first
        for placed in job.timeline.shots[1:]
    )


def _mixed(placed: PlacedShot, frame: int) -> bool:
    """Whether a frame shows two shots, and not at their cut, where one can be taken alone."""
    return placed.transition_start < frame < placed.transition_end and frame != placed.cut_frame


def _energy(job: FilmJob, start_s: float, end_s: float) -> float:
    """Mean energy of the song over some seconds of the film, 0..1."""
    curve = job.curves.get("energy", np.zeros(0, np.float32))
    part = curve[max(0, round(start_s * CURVE_RATE_HZ)) : max(0, round(end_s * CURVE_RATE_HZ))]
    return float(np.mean(part, dtype=np.float64)) if part.size else 0.0


def _bars(job: FilmJob) -> tuple[float, ...]:
    """Where bars begin, and where the last one ends if the film lasts as long, seconds."""
    marks = job.downbeats if len(job.downbeats) > 1 else job.beats
    film_s = float(job.timeline.frames / job.timeline.fps)
    if len(marks) < 2:
        return tuple(np.arange(0.0, film_s + _SLACK_S, _NO_BEAT_STEP_S).tolist())
    last_s = marks[-1] + _bar_s(marks)
    return (*marks, last_s) if last_s <= film_s + _SLACK_S else tuple(marks)


def _bar_s(bars: Sequence[float]) -> float:
    """Seconds of a bar, as most are."""
    return median(b - a for a, b in pairwise(bars)) if len(bars) > 1 else _NO_BEAT_STEP_S


def _bars_end(bars: Sequence[float], index: int, length_s: float) -> float:
    """End of the most whole bars from one on that are not longer; the length where none is."""
    ends = [end for end in bars[index + 1 :] if end - bars[index] <= length_s + _SLACK_S]
    if not ends and index + 1 < len(bars):
        return bars[index] + length_s
    return max(ends, default=float("inf"))


def _loop_starts(
    job: FilmJob, length_s: float | None
) -> tuple[list[tuple[float, bool]], list[float]]:
    """Where a loop may begin, each with whether it is a bar's first beat; how long it may be."""
    wanted_s = LOOP_S if length_s is None else length_s
    if len(job.beats) < 2:
        film_s = float(job.timeline.frames / job.timeline.fps)
        steps = np.arange(SEAM_S, film_s, _NO_BEAT_STEP_S).tolist()
        return [(step, True) for step in steps], [wanted_s]
    firsts = set(job.downbeats)
    beat_s = _bar_s(job.beats)
    bar_s = _bar_s(job.downbeats) if len(job.downbeats) > 1 else beat_s * _FALLBACK_METER
    for unit_s in (bar_s, beat_s):
        spans = [
            count * unit_s
            for count in range(1, 1 + int(LONGEST_LOOP_S / unit_s + _SLACK_S))
            if count * unit_s >= SHORTEST_LOOP_S - _SLACK_S
        ]
        if spans:
            return [(beat, beat in firsts) for beat in job.beats], spans
    return [(beat, beat in firsts) for beat in job.beats], [wanted_s]


def _loop_span(spans: Sequence[float], length_s: float | None) -> float:
    """The longest that is not longer than asked for, or the shortest; nearest to the usual."""
    if length_s is None:
        return min(spans, key=lambda span: (abs(span - LOOP_S), span))
    return max((span for span in spans if span <= length_s + _SLACK_S), default=min(spans))


def _frame(job: FilmJob, time_s: float) -> int:
    """The frame at a time of the film, kept inside it."""
    return min(max(seconds_to_frame(time_s, job.timeline.fps), 0), job.timeline.frames)
