"""Who holds the chords: supersaw walls and stabs, and the pads behind them."""

import numpy as np

from tasks.media.demo import synth
from tasks.media.demo.effects import FAST, Wave, highpass, sweep
from tasks.media.demo.score import (
    BAR,
    BEAT,
    HUSH_BAR,
    SAMPLE_RATE_HZ,
    SAMPLES,
    STEP,
    TRESILLO,
    at,
    chord_at,
    section_bars,
)
from tasks.media.demo.stage import Stage

RIFF_TONES = (0, 0, 1, 2, 1, 3)  # which of a chord's riff tones each stab carries
SAW_LOOP = 4 * BEAT + STEP  # samples of every cached supersaw


def play_chords(stage: Stage) -> None:
    """Supersaws: opening in the build-up, stabs in the drop, walls in the chorus."""
    bank = _SawBank(stage.rng("chords"))
    for bar in section_bars("buildup"):
        for step in range(0, 12 if bar == HUSH_BAR else 16, 2):
            sound = bank.chord(chord_at(bar, step).voices, round(1.7 * STEP))
            stage.place("chords", sound, at(bar, step), gain=0.55)
    for bar in section_bars("drop"):
        for (step, length), tone in zip(TRESILLO, RIFF_TONES, strict=True):
            chord = chord_at(bar, step)
            pitches = (*chord.voices, chord.riff[tone], chord.riff[tone])
            sound = bank.chord(pitches, round(length * STEP * 0.9))
            stage.place("chords", sound, at(bar, step))
    for bar in section_bars("chorus"):
        for half in (0, 8):
            chord = chord_at(bar, half)
            pitches = (*chord.voices, chord.voices[0] - 12, chord.voices[2] + 12)
            stage.place("chords", bank.chord(pitches, 2 * BEAT), at(bar, half), gain=0.8)
    stage.tracks["chords"] = highpass(
        sweep(stage.track("chords"), _chord_cutoff(), q=0.8, every=FAST), 150.0, order=1
    )


def play_pads(stage: Stage) -> None:
    """Slow supersaws behind a dark filter: intro, break and outro; air in the chorus."""
    bank = _SawBank(stage.rng("pads"))
    for name, level in (("intro", 0.5), ("break", 0.7), ("chorus", 0.35), ("outro", 0.6)):
        for bar in section_bars(name):
            for half in (0, 8):
                chord = chord_at(bar, half)
                if half == 8 and chord == chord_at(bar):
                    continue
                length = 2 * BEAT if chord_at(bar, 8) != chord_at(bar) else BAR
                sound = _swell(bank.chord(chord.voices, length + STEP, release=STEP))
                stage.place("pads", sound, at(bar, half), gain=level)
    stage.tracks["pads"] = highpass(sweep(stage.track("pads"), _pad_cutoff()), 180.0, order=1)


class _SawBank:
    """Supersaws of every pitch, made once and cut into chords."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pitches: dict[int, Wave] = {}

    def chord(self, pitches: tuple[int, ...], samples: int, *, release: int = 700) -> Wave:
        """Sound some pitches together, with clickless edges. Stereo."""
        out = np.zeros((2, samples))
        for pitch in pitches:
            if pitch not in self._pitches:
                self._pitches[pitch] = synth.supersaw(pitch, SAW_LOOP, self._rng)
            out += self._pitches[pitch][:, :samples]
        n = np.arange(samples)
        return out * np.minimum(1.0, n / 120.0) * np.minimum(1.0, n[::-1] / release)


def _chord_cutoff() -> Wave:
    """Open the filter over the build-up; let each stab of the drop snap shut a little."""
    cutoff = np.full(SAMPLES, 9000.0)
    start, stop = at(section_bars("buildup")[0]), at(HUSH_BAR, 12)
    x = np.arange(stop - start) / (stop - start)
    cutoff[start:stop] = 350.0 * 24.0 ** (x**1.3)
    for bar in section_bars("drop"):
        for step, length in TRESILLO:
            t = np.arange(length * STEP) / SAMPLE_RATE_HZ
            cutoff[at(bar, step) : at(bar, step) + t.size] = 1900.0 + 9000.0 * np.exp(-t / 0.07)
    return cutoff


def _swell(sound: Wave) -> Wave:
    return sound * np.minimum(1.0, np.arange(sound.shape[1]) / STEP)


def _pad_cutoff() -> Wave:
    """Breathe slowly; rise through the break; sink at the end."""
    t = np.arange(SAMPLES) / SAMPLE_RATE_HZ
    cutoff: Wave = 750.0 * 2.0 ** (0.5 * np.sin(2.0 * np.pi * t / 7.6))
    start, stop = at(section_bars("break")[0]), at(section_bars("break").stop)
    cutoff[start:stop] *= 6.0 ** ((np.arange(stop - start) / (stop - start)) ** 2)
    chorus = slice(stop, at(section_bars("chorus").stop))
    cutoff[chorus] = 5200.0
    end = at(section_bars("outro")[0])
    cutoff[end:] = 2600.0 * 0.12 ** (np.arange(SAMPLES - end) / (SAMPLES - end))
    return cutoff
