"""How hard a film hits: what it has at drops, build-ups and key moments, and between its shots.

Loud looks shake and glitch; soft ones swell and melt; a calm film, for photosensitive eyes, does
neither quickly, whatever its look.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from recipe_schema.assembly import AudioReactive
from recipe_schema.recipe import VisualStyle
from recipe_schema.vocabulary import Effect, ReactiveTarget, Transition
from tasks.planning.bank import Aesthetic

Effects = tuple[Effect, ...]


@dataclass(frozen=True)
class Hit:
    """Effects that fire at one time.

    Attributes:
        effects: What fires.
        strength: How strongly.
        attack_beats: Beats that it takes to rise; None: the effect's own.
        decay_beats: Beats that it takes to fall; None: the effect's own.
    """

    effects: Effects
    strength: float = 1.0
    attack_beats: float | None = None
    decay_beats: float | None = None


@dataclass(frozen=True)
class Manner:
    """What a film does where another would do something else.

    Attributes:
        melts: Whether middling cuts melt like quiet ones, and long shots slowly.
        instead: What it has in place of a transition.
        softener: Between neighbours that are too unlike over a jump of energy.
        moment_in: Into a key moment.
        moment_out: Out of it.
        moment_effects: Of a key moment.
        moment_energy: Of a key moment, 0..1.
        drop: Where a drop begins.
        chorus: Where a chorus begins.
        buildup: Through the last bar of a build-up.
        audio_reactive: What the song moves in the finished picture.
    """

    melts: bool
    instead: Mapping[Transition, Transition]
    softener: Transition
    moment_in: Transition
    moment_out: Transition
    moment_effects: Effects
    moment_energy: float
    drop: Hit
    chorus: Hit
    buildup: Hit
    audio_reactive: AudioReactive


LOUD = Manner(
    melts=False,
    instead={},
    softener=Transition.GLITCH_DISSOLVE,
    moment_in=Transition.EXPLOSION,
    moment_out=Transition.HARD_CUT,
    moment_effects=(Effect.SCREEN_SHAKE, Effect.FLASH, Effect.CHROMATIC_ABERRATION_EXTREME),
    moment_energy=1.0,
    drop=Hit((Effect.SCREEN_SHAKE, Effect.FLASH, Effect.CHROMATIC_ABERRATION_HEAVY)),
    chorus=Hit((Effect.COLOR_SHIFT, Effect.BLOOM_PULSE)),
    buildup=Hit((Effect.BLOOM_PULSE, Effect.SCREEN_SHAKE), 0.6),
    audio_reactive=AudioReactive(),
)
SOFT = Manner(
    melts=True,
    instead={
        Transition.QUICK_CUTS: Transition.DISSOLVE,
        Transition.GLITCH: Transition.DISSOLVE,
        Transition.GLITCH_EXPLOSION: Transition.ZOOM_BLUR,
        Transition.ZOOM_BLUR: Transition.DISSOLVE,
        Transition.QUICK_CUT: Transition.HARD_CUT,
    },
    softener=LOUD.softener,
    moment_in=LOUD.moment_in,
    moment_out=LOUD.moment_out,
    moment_effects=LOUD.moment_effects,
    moment_energy=LOUD.moment_energy,
    drop=Hit((Effect.BLOOM_PULSE, Effect.COLOR_SHIFT), 0.6),
    chorus=LOUD.chorus,
    buildup=Hit((Effect.BLOOM_PULSE,), 0.6),
    audio_reactive=AudioReactive(strength=0.6),
)
CALM = Manner(
    melts=True,
    instead={
        Transition.QUICK_CUTS: Transition.DISSOLVE,
        Transition.GLITCH: Transition.DISSOLVE,
        Transition.GLITCH_EXPLOSION: Transition.DISSOLVE,
        Transition.ZOOM_BLUR: Transition.DISSOLVE,
        Transition.QUICK_CUT: Transition.HARD_CUT,
    },
    softener=Transition.DISSOLVE,
    moment_in=Transition.DISSOLVE,
    moment_out=Transition.DISSOLVE,
    moment_effects=(Effect.BLOOM,),
    moment_energy=0.8,
    drop=Hit((Effect.BLOOM, Effect.GLOW), 0.6, attack_beats=2.0, decay_beats=8.0),
    chorus=Hit((Effect.BLOOM,), 0.5, attack_beats=2.0, decay_beats=8.0),
    buildup=Hit((Effect.GLOW,), 0.5, attack_beats=2.0, decay_beats=4.0),
    # Nothing that follows hats or voices: light that trembles is what a calm film is to be without.
    audio_reactive=AudioReactive(
        bass_drives=ReactiveTarget.SCALE,
        mids_drive=ReactiveTarget.NONE,
        highs_drive=ReactiveTarget.NONE,
        strength=0.4,
    ),
)


def manner_of(aesthetic: Aesthetic, style: VisualStyle) -> Manner:
    """The manner of a film: calm where it was asked for, else that of its look."""
    if style.calm:
        return CALM
    return SOFT if aesthetic.soft else LOUD
