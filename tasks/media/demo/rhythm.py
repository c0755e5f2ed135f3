"""Who plays which drum when: the rhythm section and the noises between sections."""

from collections.abc import Iterator, Sequence

import numpy as np

from tasks.media.demo import drums
from tasks.media.demo.effects import Wave
from tasks.media.demo.score import BAR, BEAT, HUSH_BAR, LEAD_IN, SAMPLES, at, section_bars
from tasks.media.demo.stage import Stage

FULL = ("drop", "chorus")


def kick_hits() -> list[int]:
    """List the samples at which the full kick sounds; the side-chain follows it."""
    hits = [at(bar, step) for bar in _bars("buildup")[:2] for step in (0, 4, 8, 12)]
    hits += [at(bar, step) for bar in _bars(*FULL) for step in (0, 4, 8, 12)]
    hits += [at(bar, step) for bar in _bars("outro")[:2] for step in (0, 4, 8, 12)]
    return [*hits, at(_bars("outro")[2])]


def play_kicks(stage: Stage) -> None:
    """Four on the floor, and its muffled shadow in the intro and late in the build-up."""
    rng = stage.rng("kick")
    boom, shadow = drums.kick(rng), drums.thump(rng)
    for hit in kick_hits():
        stage.place("kick", boom, hit, gain=0.7 if hit < at(HUSH_BAR) else 1.0)
    for bar in _bars("intro"):
        for step in (0, 4, 8, 12):
            stage.place("shadow", shadow, at(bar, step), gain=0.62 + 0.06 * (bar + (step == 0)))
    for bar in _bars("buildup")[2:]:
        for step in (0, 4, 8, 12)[: 3 if bar == HUSH_BAR else 4]:
            stage.place("shadow", shadow, at(bar, step), gain=0.6)


def play_claps(stage: Stage) -> None:
    """Two and four; alone on every beat late in the build-up."""
    rng = stage.rng("clap")
    takes = [drums.clap(rng) for _ in range(3)]
    hits = [at(bar, step) for bar in _bars("buildup", *FULL) for step in (4, 12)]
    hits += [at(bar, step) for bar in _bars("buildup")[2:] for step in (0, 8)]
    hits += [at(_bars("outro")[k], 4 + 8 * j) for k in range(2) for j in range(2)]
    for k, hit in enumerate(sorted(hits)):
        if hit != at(HUSH_BAR, 12):
            stage.place("clap", takes[k % 3], hit, gain=_human(rng, 0.95))


def play_hats(stage: Stage) -> None:
    """Closed sixteenths with a shuffle, open hats off the beat, a ride in second halves."""
    rng = stage.rng("hats")
    closed = [drums.hat(rng, decay_s=0.028 + 0.004 * k) for k in range(4)]
    opened = [drums.hat(rng, decay_s=0.13) for _ in range(3)]
    bell = drums.ride(rng)
    for bar in _bars(*FULL, "outro")[:-1]:
        thin = bar in _bars("outro")
        for step in range(16):
            accent = (0.62, 0.34, 0.0, 0.4)[step % 4]
            if accent and not (thin and step % 2):
                stage.place(
                    "hats",
                    closed[int(rng.integers(4))],
                    at(bar, step, swing=True),
                    gain=_human(rng, accent),
                )
            if step % 4 == 2:
                stage.place("hats", opened[step // 4 % 3], at(bar, step), gain=_human(rng, 0.62))
    for bar in [*_bars("drop")[4:], *_bars("chorus")]:
        for step in (0, 4, 8, 12):
            stage.place("ride", bell, at(bar, step), gain=_human(rng, 0.6))
            stage.place("ride", bell, at(bar, step + 2), gain=_human(rng, 0.36))
    _play_quiet_hats(stage, rng, closed)


def _play_quiet_hats(stage: Stage, rng: np.random.Generator, closed: Sequence[Wave]) -> None:
    """Ticks on the beat in the intro, a shaker from its second bar, hats in the build-up."""
    grain = drums.shaker(rng)
    for bar in _bars("intro"):
        for step in range(16):
            if step % 4 == 0:
                stage.place("hats", closed[0], at(bar, step), gain=_human(rng, 0.34 + 0.05 * bar))
            elif bar >= 1:
                accent = 0.5 if step % 4 == 2 else 0.26
                stage.place("shaker", grain, at(bar, step, swing=True), gain=_human(rng, accent))
    for bar in _bars("buildup"):
        for step in range(0, 12 if bar == HUSH_BAR else 16, 2):
            accent = 0.5 if step % 4 == 0 else 0.42
            stage.place("hats", closed[step // 2 % 4], at(bar, step), gain=_human(rng, accent))


def play_fills(stage: Stage) -> None:
    """The accelerating snare roll, tom fills, and snare pick-ups."""
    rng = stage.rng("fills")
    crack = drums.snare(rng)
    toms = [drums.tom(rng, pitch_hz=hz) for hz in (196.0, 147.0, 110.0)]
    for place, loudness in _roll():
        stage.place("snare", crack, place, gain=_human(rng, loudness, spread=0.05))
    for bar in (_bars("drop")[3], _bars("chorus")[3]):
        for k, step in enumerate((12, 13, 14, 15)):
            stage.place("toms", toms[(0, 0, 1, 2)[k]], at(bar, step), gain=_human(rng, 0.8))
    for bar in (_bars("drop")[7], _bars("chorus")[7]):
        for step, level in ((8, 0.5), (10, 0.55), (11, 0.5), (13, 0.7), (14, 0.8), (15, 0.9)):
            stage.place("snare", crack, at(bar, step), gain=_human(rng, level))
        for k, step in enumerate((12, 14, 15)):
            stage.place("toms", toms[k], at(bar, step), gain=_human(rng, 0.8))


def _roll() -> Iterator[tuple[int, float]]:
    """Quarters, eighths, sixteenths, thirty-seconds: louder and denser, then the hush."""
    first = _bars("buildup")[0]
    for k, spacing in enumerate((4.0, 2.0, 1.0, 0.5)):
        stop = 12.0 if k == 3 else 16.0
        for step in np.arange(0.0, stop, spacing):
            accent = 0.12 if step % 4 == 0 else 0.0
            yield at(first + k, float(step)), 0.22 + 0.15 * k + 0.008 * float(step) + accent


def play_noises(stage: Stage) -> None:
    """Risers, reversed cymbals, crashes, impacts and falls."""
    rng = stage.rng("noises")
    splash, boom = drums.crash(rng), drums.impact(rng)
    for name in ("drop", "chorus"):
        first = _bars(name)[0]
        for bar in (first, first + 4):
            stage.place("crash", splash, at(bar), gain=1.0 if bar == first else 0.7)
        stage.place("impact", boom, at(first))
        stage.place("riser", drums.fall(rng, 2 * BAR), at(first), gain=0.35)
    for name in ("buildup", "break", "outro"):
        stage.place("crash", splash, at(_bars(name)[0]), gain=0.5)
    stage.place("crash", splash, at(_bars("outro")[2]), gain=0.75)
    for bar in (_bars("break")[0], _bars("outro")[2]):
        stage.place("impact", boom, at(bar), gain=0.6)
    stage.place("riser", drums.riser(rng, 4 * BAR - BEAT), at(_bars("buildup")[0]))
    stage.place("riser", drums.riser(rng, 2 * BAR), at(_bars("break")[2]), gain=0.7)
    back = splash[:, ::-1]
    swells = (
        (0, LEAD_IN, 0.4),
        (_bars("buildup")[0], 2 * BEAT, 0.8),
        (_bars("chorus")[0], BAR, 1.0),
    )
    for bar, length, level in swells:
        stage.place("reverse", back[:, -length:], at(bar) - length, gain=level)
    stage.place("reverse", back[:, -2 * BEAT :], at(_bars("break")[0]) - 2 * BEAT, gain=0.6)


def play_vinyl(stage: Stage) -> None:
    """A worn record under the intro, the break and the very end."""
    rng = stage.rng("vinyl")
    for start, stop in ((0, at(4)), (at(_bars("break")[0]), at(_bars("chorus")[0]))):
        stage.place("vinyl", drums.vinyl(rng, stop - start), start)
    stage.place("vinyl", drums.vinyl(rng, SAMPLES - at(_bars("outro")[2])), at(_bars("outro")[2]))


def _bars(*names: str) -> list[int]:
    return [bar for name in names for bar in section_bars(name)]


def _human(rng: np.random.Generator, level: float, *, spread: float = 0.12) -> float:
    """Vary a velocity as a hand would."""
    return level * (1.0 + spread * float(rng.uniform(-1.0, 1.0)))
