"""The closed list of effects: what each does to a frame and how it comes and goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from recipe_schema.vocabulary import Effect
from tasks.assembly.effects import (
    bloom,
    bloom_pulse,
    chromatic_aberration,
    color_shift,
    flash,
    glow,
    grain,
    pixelation,
    scanlines,
    screen_shake,
    vignette,
)
from tasks.assembly.treatment import Moment, Treatment

Apply = Callable[[Treatment, float, Moment], None]


class Envelope(NamedTuple):
    """How a timeline event comes and goes, seconds."""

    attack_s: float
    """Straight rise from nothing to full strength."""
    hold_s: float
    decay_s: float
    """Quadratic fall to nothing."""

    @property
    def length_s(self) -> float:
        """From the event's time until it is gone."""
        return self.attack_s + self.hold_s + self.decay_s

    def at(self, since_s: float) -> float:
        """Strength, 0..1, `since_s` after the event's time."""
        left_s = self.length_s - since_s
        if since_s < 0.0 or left_s <= 0.0:
            return 0.0
        if since_s < self.attack_s:
            return since_s / self.attack_s
        if left_s >= self.decay_s:
            return 1.0
        return (left_s / self.decay_s) ** 2


@dataclass(frozen=True)
class EffectSpec:
    """One effect.

    Attributes:
        apply: Adds the effect to a treatment at a strength; nothing at 0.
        on_shot: Its strength at a moment of a shot that carries it.
        attack_beats: Rise of a timeline event, beats.
        hold_beats: Time at full strength.
        decay_beats: Fall to nothing, quadratic.
    """

    apply: Apply
    on_shot: Callable[[Moment], float]
    attack_beats: float
    hold_beats: float
    decay_beats: float

    def envelope(
        self,
        *,
        beat_s: float,
        duration_s: float | None = None,
        attack_beats: float | None = None,
        decay_beats: float | None = None,
    ) -> Envelope:
        """Lay out a timeline event.

        Args:
            beat_s: Length of a beat where the event starts.
            duration_s: Whole length: what the event does not say itself shares what is left of
                it, and what it says shrinks to fit. Without, the effect's own beats.
            attack_beats: Rise; the effect's own if None.
            decay_beats: Fall; likewise.
        """
        asked = (attack_beats, None, decay_beats)
        own = (self.attack_beats, self.hold_beats, self.decay_beats)
        fixed = [0.0 if beats is None else beats * beat_s for beats in asked]
        free = [
            mine * beat_s if beats is None else 0.0 for mine, beats in zip(own, asked, strict=True)
        ]
        if duration_s is not None:
            shrink = min(1.0, duration_s / sum(fixed)) if sum(fixed) else 1.0
            fixed = [part * shrink for part in fixed]
            stretch = max(duration_s - sum(fixed), 0.0) / sum(free)
            free = [part * stretch for part in free]
        return Envelope(*(a + b for a, b in zip(fixed, free, strict=True)))


def _always(_: Moment) -> float:
    return 1.0


def _on_beats(moment: Moment) -> float:
    return moment.beat * moment.beat


def _never(_: Moment) -> float:
    """A flash on a shot comes from the schedule of `tasks.assembly.cues`."""
    return 0.0


def _breathing(moment: Moment) -> float:
    return 0.75 + 0.5 * moment.beat


EFFECTS: Mapping[Effect, EffectSpec] = {
    Effect.BLOOM: EffectSpec(bloom.apply, _always, 0.25, 3.0, 1.0),
    Effect.GLOW: EffectSpec(glow.apply, _always, 0.5, 3.0, 1.0),
    Effect.VIGNETTE: EffectSpec(vignette.apply, _always, 0.5, 3.0, 1.0),
    Effect.PIXELATION: EffectSpec(pixelation.apply, pixelation.on_shot, 0.0, 0.5, 1.5),
    Effect.SCANLINES: EffectSpec(scanlines.apply, _always, 0.25, 3.0, 1.0),
    Effect.CHROMATIC_ABERRATION: EffectSpec(
        chromatic_aberration.apply_plain, _breathing, 0.0, 0.5, 2.0
    ),
    Effect.CHROMATIC_ABERRATION_LIGHT: EffectSpec(
        chromatic_aberration.apply_light, _breathing, 0.0, 0.5, 2.0
    ),
    Effect.CHROMATIC_ABERRATION_HEAVY: EffectSpec(
        chromatic_aberration.apply_heavy, _breathing, 0.0, 0.5, 2.5
    ),
    Effect.CHROMATIC_ABERRATION_EXTREME: EffectSpec(
        chromatic_aberration.apply_extreme, _breathing, 0.0, 0.5, 3.0
    ),
    Effect.SCREEN_SHAKE: EffectSpec(screen_shake.apply, _on_beats, 0.0, 0.25, 2.25),
    Effect.FLASH: EffectSpec(flash.apply, _never, 0.0, 0.05, 0.6),
    Effect.COLOR_SHIFT: EffectSpec(color_shift.apply, color_shift.on_shot, 1.0, 2.0, 3.0),
    Effect.BLOOM_PULSE: EffectSpec(bloom_pulse.apply, _always, 0.0, 6.0, 2.0),
    Effect.GRAIN: EffectSpec(grain.apply, _always, 0.5, 6.0, 2.0),
}
