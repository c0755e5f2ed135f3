"""What every edit holds, whatever its format: clips, transitions, song and markers, in frames."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from recipe_schema.analysis import SongAnalysis
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import Fit, Transition
from tasks.assembly.timeline import PlacedShot, Timeline, clip_spans
from tasks.errors import BadInputError
from tasks.media.probe import SongInfo, VideoInfo, probe_song, probe_video
from tasks.media.timebase import seconds_to_frame

# Editing programs have these of their own; every other one is a cross dissolve with a marker.
_PLAIN = frozenset({Transition.DISSOLVE, Transition.SLOW_DISSOLVE})
# No XML may hold these, and no editor shows them.
_CONTROLS = re.compile(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


class BadEditError(BadInputError):
    """An edit that cannot be written as asked."""


class Mark(StrEnum):
    """What a marker marks."""

    SECTION = "section"
    KEY_MOMENT = "key moment"
    DOWNBEAT = "downbeat"
    BEAT = "beat"
    TRANSITION = "transition"


@dataclass(frozen=True)
class EditClip:
    """A clip on the picture track; clips tile the film from cut to cut."""

    name: str
    note: str
    path: Path
    info: VideoInfo
    start_frame: int
    """Film frame of the cut into it."""
    end_frame: int
    """Film frame of the cut out of it."""
    first_frame: int
    """Film frame that the clip's first picture stands for: handles begin here."""
    last_frame: int
    """One past the last film frame that transitions show of it: handles end here."""
    available_frames: int
    """Whole film frames that the file lasts, at its speed."""
    speed: Fraction
    """1, or less where the clip is too short for its place and is slowed."""

    @property
    def frames(self) -> int:
        """Film frames from cut to cut."""
        return self.end_frame - self.start_frame

    @property
    def source_frame(self) -> int:
        """Film frames from the clip's first picture to its cut: the handle before it."""
        return self.start_frame - self.first_frame


@dataclass(frozen=True)
class EditTransition:
    """A transition around the cut into a clip; the film's opening and closing fade likewise."""

    kind: Transition
    cut_frame: int
    lead_frames: int
    trail_frames: int

    @property
    def start_frame(self) -> int:
        """First frame that it changes."""
        return self.cut_frame - self.lead_frames

    @property
    def frames(self) -> int:
        """How long it is."""
        return self.lead_frames + self.trail_frames


@dataclass(frozen=True)
class EditMarker:
    """Something to see on the time line."""

    mark: Mark
    name: str
    note: str
    frame: int
    frames: int = 1


@dataclass(frozen=True)
class EditSong:
    """The song under the pictures."""

    path: Path
    info: SongInfo
    start_s: float
    """Time of the song at the film's first frame."""
    length_s: float
    """Seconds that the file lasts."""
    frames: int
    """Film frames that it sounds: the film's, or one fewer where the song ends within a frame."""


@dataclass(frozen=True)
class Edit:
    """A film's time line, laid out for writing."""

    name: str
    fps: Fraction
    frames: int
    width_px: int
    height_px: int
    fit: Fit
    clips: tuple[EditClip, ...]
    transitions: tuple[EditTransition, ...]
    markers: tuple[EditMarker, ...]
    song: EditSong
    warnings: tuple[str, ...]

    def transition_at(self, cut_frame: int) -> EditTransition | None:
        """The transition around a cut, or at the film's start or end."""
        return next((each for each in self.transitions if each.cut_frame == cut_frame), None)


def lay_edit(
    *,
    recipe: Recipe,
    timeline: Timeline,
    clips: Mapping[str, Path],
    song: Path,
    analysis: SongAnalysis,
    film: FilmFormat,
) -> Edit:
    """Lay out a film for editing programs; arguments as for `write_edit`.

    Raises:
        BadEditError: A shot without a clip.
    """
    info = probe_song(song)
    start_s = analysis.excerpt.start if analysis.excerpt else 0.0
    length_s = max(start_s + analysis.duration, info.declared_duration_s or 0.0)
    laid = tuple(_lay_clips(timeline, clips))
    transitions = tuple(_lay_transitions(timeline))
    return Edit(
        name=clean(analysis.song.name) or "songfilm",
        fps=timeline.fps,
        frames=timeline.frames,
        width_px=film.width_px,
        height_px=film.height_px,
        fit=film.fit,
        clips=laid,
        transitions=transitions,
        markers=tuple(_lay_markers(recipe, timeline, analysis, transitions)),
        song=EditSong(
            path=song,
            info=info,
            start_s=start_s,
            length_s=length_s,
            frames=min(timeline.frames, int(Fraction(length_s - start_s) * timeline.fps)),
        ),
        warnings=(_sizes(laid, film), *_warnings(laid, transitions)),
    )


def clean(text: str) -> str:
    """A text that XML can hold: without control characters."""
    return _CONTROLS.sub(" ", text).strip()


def _lay_clips(timeline: Timeline, clips: Mapping[str, Path]) -> Iterator[EditClip]:
    for placed, span in zip(timeline.shots, clip_spans(timeline), strict=True):
        path = clips.get(placed.shot.id)
        if path is None:
            raise BadEditError(f"{placed.shot.id} has no clip; render the film's shots first")
        info = probe_video(path)
        # Film frames that the file lasts at its own speed, not always a whole number.
        lasts = info.frames * timeline.fps / info.fps
        needed = span.end_frame - span.start_frame
        speed = min(Fraction(1), lasts / needed)
        yield EditClip(
            name=clean(f"{placed.shot.id} {placed.shot.visual_theme}"),
            note=clean(placed.shot.mochi_prompt),
            path=path,
            info=info,
            start_frame=placed.cut_frame,
            end_frame=placed.end_frame,
            first_frame=span.start_frame,
            last_frame=span.end_frame,
            available_frames=int(lasts / speed),
            speed=speed,
        )


def _lay_transitions(timeline: Timeline) -> Iterator[EditTransition]:
    for placed in timeline.shots:
        if placed.lead_frames + placed.trail_frames:
            yield EditTransition(
                placed.transition_in, placed.cut_frame, placed.lead_frames, placed.trail_frames
            )
    if timeline.closing_frames:
        yield EditTransition(Transition.FADE, timeline.frames, timeline.closing_frames, 0)


def _lay_markers(
    recipe: Recipe,
    timeline: Timeline,
    analysis: SongAnalysis,
    transitions: tuple[EditTransition, ...],
) -> Iterator[EditMarker]:
    """Sections, key moments, transitions, bars and beats, each on its frame of the film."""

    def frame(time_s: float) -> int:
        return seconds_to_frame(time_s, timeline.fps)

    for section in analysis.sections:
        begin, end = frame(section.start), min(frame(section.end), timeline.frames)
        if begin < end:
            note = f"energy {section.energy:.2f}"
            name = clean(f"{section.type} {section.label}")
            yield EditMarker(Mark.SECTION, name, note, begin, end - begin)
    yield from _key_moments(recipe, timeline)
    for each in transitions:
        if each.kind not in _PLAIN:
            note = f"{each.lead_frames} frames before the cut, {each.trail_frames} after it"
            at = min(each.cut_frame, timeline.frames - 1)
            yield EditMarker(Mark.TRANSITION, each.kind.value, note, at)
    bars = {frame(time_s): bar + 1 for bar, time_s in enumerate(analysis.downbeats)}
    for at, bar in bars.items():
        if at < timeline.frames:
            yield EditMarker(Mark.DOWNBEAT, f"bar {bar}", "", at)
    for beat, time_s in enumerate(analysis.beats):
        at = frame(time_s)
        if at < timeline.frames and at not in bars:
            yield EditMarker(Mark.BEAT, f"beat {beat + 1}", "", at)


def _key_moments(recipe: Recipe, timeline: Timeline) -> Iterator[EditMarker]:
    """Shots that mark a drop, build-up or break, and the recipe's own events."""
    placed: PlacedShot
    for placed in timeline.shots:
        if placed.shot.is_key_moment:
            yield EditMarker(Mark.KEY_MOMENT, placed.shot.section.value, "", placed.cut_frame)
    for event in recipe.assembly_instructions.effects_timeline:
        at = seconds_to_frame(event.time, timeline.fps)
        if at < timeline.frames:
            note = ", ".join(effect.value for effect in event.effects)
            yield EditMarker(Mark.KEY_MOMENT, clean(event.event) or "event", note, at)


def _sizes(clips: tuple[EditClip, ...], film: FilmFormat) -> str:
    """Clips come as they were rendered; their film's size and rate are the edit's, not theirs."""
    sizes = {
        f"{clip.info.width_px}x{clip.info.height_px} at {float(clip.info.fps):.4g} fps": None
        for clip in clips
    }
    return (
        f"the clips are {', '.join(sizes)}, as rendered; the edit of {film.width_px}x"
        f"{film.height_px} at {float(film.rate):.4g} fps scales them, without the film's effects"
    )


def _warnings(
    clips: tuple[EditClip, ...], transitions: tuple[EditTransition, ...]
) -> Iterator[str]:
    slowed = [clip for clip in clips if clip.speed < 1]
    if slowed:
        slowest = min(slowed, key=lambda clip: clip.speed)
        yield (
            f"{len(slowed)} clips are too short for their place and slowed in the edit, the most "
            f"{slowest.name.split()[0]}, to {float(slowest.speed):.1%}"
        )
    others = sorted({each.kind.value for each in transitions} - {kind.value for kind in _PLAIN})
    if others:
        yield (
            f"editing programs lack {', '.join(others)}: cross dissolves stand there, with markers "
            "that name them"
        )
