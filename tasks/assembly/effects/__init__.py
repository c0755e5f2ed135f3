"""The closed list of effects: what each does to a frame and how it comes and goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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

    @property
    def beats(self) -> float:
        """Whole length of an event that does not say its own, in beats."""
        return self.attack_beats + self.hold_beats + self.decay_beats

    def envelope(self, since_s: float, *, beat_s: float, duration_s: float | None) -> float:
        """Strength of a timeline event, 0..1, `since_s` after its time."""
        unit_s = beat_s if duration_s is None else duration_s / self.beats
        at = since_s / unit_s
        if at < 0.0 or at >= self.beats:
            return 0.0
        if at < self.attack_beats:
            return at / self.attack_beats
        left = (self.beats - at) / self.decay_beats
        return 1.0 if left >= 1.0 else left * left


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
