"""What every frame of a film is made of, as plain numbers, before any picture is touched.

A frame's pixels depend on its plan and on the clips that the plan names, on nothing else. So the
digest of the plans of a span is the content key of its pictures, and any worker that paints a
plan paints the same frame.
"""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from recipe_schema.vocabulary import Effect, Transition
from tasks.assembly.calm import left_of, shown_transition
from tasks.assembly.captions import CaptionPlan, Captions
from tasks.assembly.conform import ConformPlan, fills_between, plan_conform
from tasks.assembly.cues import place_cues, schedule_flashes
from tasks.assembly.effects import EFFECTS
from tasks.assembly.flicker import BLOOM_THRESHOLD, light_of, strength_of
from tasks.assembly.job import FilmJob
from tasks.assembly.reactive import follow_song, react
from tasks.assembly.timeline import PlacedShot, clip_spans
from tasks.assembly.transitions import TRANSITIONS, progress_at
from tasks.assembly.transitions.canvas import TransitionPlan
from tasks.assembly.treatment import MOST_BLOOM, Moment, Treatment

# Looks at the source's size change at most this often: pictures of a 30 fps clip are made once
# for two frames of a 60 fps film.
_LOOK_RATE_HZ = 30
# A frame asks for its own treatment and for that of the look it holds, on two shots at most.
_KEPT_TREATMENTS = 16
# Digits kept of every number: finer than a pixel or a code value, coarser than what two
# machines' mathematics libraries differ by.
_DIGITS = 5


class Look(NamedTuple):
    """Picture operations at the source's size."""

    bloom: float
    bloom_threshold: float
    glow: float
    aberration: float


class LayerPlan(NamedTuple):
    """One clip in one frame."""

    clip: str
    """Digest of the clip."""
    offset: int
    """Film frames since the clip's first."""
    span: int
    """Film frames that the clip must cover."""
    look: Look
    conform: ConformPlan
    """How it is brought to the film's rate and shape."""


class OutputPlan(NamedTuple):
    """What the last pass does."""

    zoom: float
    rotation: float
    shift_x: float
    shift_y: float
    reach: float
    gain: float
    exposure: float
    hue: float
    vignette: float
    lines: float
    block: float
    grain: float


class FramePlan(NamedTuple):
    """Everything that shapes one frame."""

    frame: int
    before: LayerPlan | None
    after: LayerPlan | None
    """Missing outside transitions, where `before` is the picture. In a transition either may be
    missing: it is not looked at, or black."""
    transition: TransitionPlan | None
    output: OutputPlan
    shots: tuple[str | None, str | None]
    """Shots of `before` and `after`: where to find their clips. Shapes no pixel."""
    captions: tuple[CaptionPlan, ...] = ()
    """Words over the picture."""

    @property
    def shaping(self) -> tuple[object, ...]:
        """All but the shots' names, which may change without any pixel changing."""
        return self._replace(shots=(None, None))


class FilmPlan:
    """Plans any frame of a job; what belongs to the whole film is worked out once."""

    def __init__(self, job: FilmJob) -> None:
        self.job = job
        self.captions = Captions(job)
        self._song = follow_song(job)
        self._cues = place_cues(job, self._song.beat_s)
        self._flashes = schedule_flashes(job, self._song.beat_s)
        self._strength = strength_of(job.recipe)
        self._light = light_of(job, self._song, self._cues, self._flashes)
        self._spans = {span.shot_id: span for span in clip_spans(job.timeline)}
        self._treatments: dict[tuple[int, int], Treatment] = {}
        self.noise_step = max(1, round(job.timeline.fps / _LOOK_RATE_HZ))
        """Frames that grain and dither stand still: new ones for each would double their bits."""
        # Pictures in between are new ones on every frame: so are their looks.
        self._look_step = 1 if fills_between(job.film) else self.noise_step

    def at(self, frame: int) -> FramePlan:
        """Plan one frame of the film."""
        return self._picture(frame)._replace(captions=self.captions.at(frame))

    def _picture(self, frame: int) -> FramePlan:
        index = self._shot_index(frame)
        shots = self.job.timeline.shots
        placed = shots[index]
        if index + 1 < len(shots) and frame >= shots[index + 1].transition_start:
            return self._crossing(frame, placed, shots[index + 1])
        if frame < placed.transition_end:
            return self._crossing(frame, shots[index - 1] if index else None, placed)
        if frame >= self.job.timeline.frames - self.job.timeline.closing_frames:
            return self._closing(frame, placed)
        output = _output(self._treatment(placed, frame), None, 0.0)
        layer, shots_named = self._layer(placed, frame), (placed.shot.id, None)
        return FramePlan(frame, layer, None, None, output, shots_named)

    def _shot_index(self, frame: int) -> int:
        return bisect_right(self._cuts, frame) - 1

    @cached_property
    def _cuts(self) -> tuple[int, ...]:
        return tuple(placed.cut_frame for placed in self.job.timeline.shots)

    def _crossing(self, frame: int, before: PlacedShot | None, after: PlacedShot) -> FramePlan:
        kind = shown_transition(self.job.recipe, after.transition_in)
        spec = TRANSITIONS[kind]
        step = 1 if spec.every_frame else self._look_step
        since_cut = (frame - after.cut_frame) // step * step
        held = max(after.cut_frame + since_cut, after.transition_start)
        progress = progress_at(
            after.cut_frame + since_cut,
            cut_frame=after.cut_frame,
            lead_frames=after.lead_frames,
            trail_frames=after.trail_frames,
            step=step,
        )
        to_cut_s = float(since_cut / self.job.timeline.fps)
        transition = TransitionPlan(
            kind=kind,
            progress=round(progress, _DIGITS),
            sixteenths=round(4.0 * to_cut_s / self._beat_s(after.cut_frame), _DIGITS),
            seed=_seed(self.job.recipe.seed, after.cut_frame),
            bright=after.cut_frame in self._flashes.bright_cuts | self._flashes.stutters,
        )
        old, new = spec.needs(progress)
        coming = self._treatment(after, frame)
        going = self._treatment(before, frame) if before else coming
        return FramePlan(
            frame,
            self._layer(before, held) if before and old else None,
            self._layer(after, held) if new else None,
            transition,
            _output(going, coming, progress),
            (before.shot.id if before else None, after.shot.id),
        )

    def _closing(self, frame: int, placed: PlacedShot) -> FramePlan:
        """The fade that ends the film: the first half of a fade through black."""
        length = self.job.timeline.closing_frames
        since = frame - (self.job.timeline.frames - length) + 0.5
        transition = TransitionPlan(
            Transition.FADE, round(0.5 * since / length, _DIGITS), 0.0, 0, False
        )
        output = _output(self._treatment(placed, frame), None, 0.0)
        layer, shots_named = self._layer(placed, frame), (placed.shot.id, None)
        return FramePlan(frame, layer, None, transition, output, shots_named)

    def _layer(self, placed: PlacedShot, frame: int) -> LayerPlan:
        clip, span = self.job.clips[placed.shot.id], self._spans[placed.shot.id]
        offset = frame - clip.start_frame
        lit = self._treatment(placed, max(frame - offset % self._look_step, 0))
        spread = lit.bloom + lit.glow
        kept = min(1.0, MOST_BLOOM / spread) if spread > 0.0 else 0.0
        bloom = round(kept * lit.bloom, 3)
        look = Look(
            bloom=bloom,
            bloom_threshold=round(lit.bloom_threshold, 3) if bloom > 0.0 else 1.0,
            glow=round(kept * lit.glow, 3),
            aberration=round(lit.aberration, _DIGITS),
        )
        conform = plan_conform(self.job.film, clip)
        return LayerPlan(clip.sha256, offset, span.end_frame - clip.start_frame, look, conform)

    def _treatment(self, placed: PlacedShot, frame: int) -> Treatment:
        key = (placed.cut_frame, frame)
        if key not in self._treatments:
            if len(self._treatments) >= _KEPT_TREATMENTS:
                self._treatments.clear()
            self._treatments[key] = self._treat(placed, frame)
        return self._treatments[key]

    def _treat(self, placed: PlacedShot, frame: int) -> Treatment:
        treatment = Treatment()
        time_s = self._seconds(frame)
        self._react(treatment, frame, time_s)
        moment = self._moment(frame, time_s)
        for effect in placed.shot.effects:
            self._apply(effect, treatment, EFFECTS[effect].on_shot(moment), moment)
        for cue in self._cues:
            if cue.start_frame <= frame < cue.end_frame:
                since_s = self._seconds(frame - cue.start_frame)
                strength = cue.strength * cue.envelope.at(since_s)
                self._apply(cue.effect, treatment, strength, moment)
        self._apply(Effect.FLASH, treatment, float(self._flashes.strength[frame]), moment)
        return treatment

    def _apply(self, effect: Effect, treatment: Treatment, strength: float, moment: Moment) -> None:
        shown = strength * left_of(self.job.recipe, effect)
        if shown != 0.0:
            EFFECTS[effect].apply(treatment, shown, moment)

    def _react(self, treatment: Treatment, frame: int, time_s: float) -> None:
        """Add what the song moves."""
        react(treatment, self._song, frame, strength=self._strength, time_s=time_s)
        treatment.gain += float(self._light.gain[frame])
        treatment.spread(float(self._light.bloom[frame]), BLOOM_THRESHOLD)

    def _moment(self, frame: int, time_s: float) -> Moment:
        return Moment(
            frame=frame,
            time_s=time_s,
            beat_s=self._beat_s(frame),
            beat=float(self._song.beat[frame]),
            downbeat=float(self._song.downbeat[frame]),
            seed=self.job.recipe.seed,
        )

    def _seconds(self, frames: int) -> float:
        """Length of some frames, to the last digit: whole numbers, because fractions are slow."""
        fps = self.job.timeline.fps
        return frames * fps.denominator / fps.numerator

    def _beat_s(self, frame: int) -> float:
        return float(self._song.beat_s[frame])


def _output(going: Treatment, coming: Treatment | None, progress: float) -> OutputPlan:
    """The last pass for one shot, or for two on the way from one to the other."""
    values: Iterable[float] = _last_pass(going)
    if coming is not None:
        pairs = zip(values, _last_pass(coming), strict=True)
        values = (a + (b - a) * progress for a, b in pairs)
    # Plus zero: -0.0 would be another key for the same picture.
    return OutputPlan(*[round(value, _DIGITS) + 0.0 for value in values])


def _last_pass(shown: Treatment) -> OutputPlan:
    return OutputPlan(
        zoom=1.0 + shown.zoom,
        rotation=shown.rotation,
        shift_x=shown.shift_x,
        shift_y=shown.shift_y,
        reach=shown.reach,
        gain=shown.gain,
        exposure=shown.exposure,
        hue=shown.hue,
        vignette=shown.vignette,
        lines=shown.lines,
        block=shown.block,
        grain=shown.grain,
    )


def _seed(recipe_seed: int, cut_frame: int) -> int:
    """A number that differs from cut to cut, below 2**31."""
    return (recipe_seed * 7919 + cut_frame * 104729 + 12345) % 2147483647
