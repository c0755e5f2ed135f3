"""An excerpt's analysis: the same song, told from the excerpt's own start."""

from recipe_schema.analysis import Excerpt, Section, SongAnalysis
from tasks.errors import BadInputError

# A beat this little before the excerpt is its first: rounding of a start typed by hand.
_TOLERANCE_S = 0.002
_SHORTEST_SECTION_S = 0.05  # a sliver left by clipping joins its neighbour


def take_excerpt(analysis: SongAnalysis, excerpt: Excerpt) -> SongAnalysis:
    """Shift an analysis to an excerpt and clip it.

    Args:
        analysis: Of the whole song.
        excerpt: Start and length in song time; a length past the song's end is clipped.

    Returns:
        Times count from the excerpt's start; key, mood and loudness stay the whole song's, the
        curves are unchanged (`read_curves` cuts them) and `excerpt` says what was taken.

    Raises:
        BadInputError: The excerpt starts after the song's end, or is taken of an excerpt.
    """
    if analysis.excerpt is not None:
        raise BadInputError("this analysis is already of an excerpt; start from the whole song's")
    start = excerpt.start
    length = min(excerpt.length, analysis.duration - start)
    if length <= 0.0:
        raise BadInputError(
            f"the excerpt starts at {start:g} s, but the song is {analysis.duration:.1f} s long"
        )
    return analysis.model_copy(
        update={
            "duration": length,
            "excerpt": Excerpt(start=start, length=length),
            "beats": _shift(analysis.beats, start, length),
            "downbeats": _shift(analysis.downbeats, start, length),
            "tempo_curve": tuple(
                point.model_copy(update={"time": point.time - start})
                for point in analysis.tempo_curve
                if start <= point.time < start + length
            ),
            "sections": _clip(analysis.sections, start, length),
        }
    )


def _shift(times: tuple[float, ...], start: float, length: float) -> tuple[float, ...]:
    moved = (time - start for time in times)
    return tuple(max(0.0, time) for time in moved if -_TOLERANCE_S <= time < length)


def _clip(sections: tuple[Section, ...], start: float, length: float) -> tuple[Section, ...]:
    """Sections inside the excerpt; they tile it."""
    inside = [
        (section, max(0.0, section.start - start), min(length, section.end - start))
        for section in sections
    ]
    kept = [part for part in inside if part[2] - part[1] >= _SHORTEST_SECTION_S]
    if not kept:
        kept = [max(inside, key=lambda part: part[2] - part[1])]
    borders = [0.0, *(begin for _, begin, _ in kept[1:]), length]
    return tuple(
        section.model_copy(update={"start": begin, "end": end})
        for (section, _, _), begin, end in zip(kept, borders[:-1], borders[1:], strict=True)
    )
