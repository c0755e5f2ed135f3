"""Pitched instruments: supersaw, pluck, piano, bass and a gliding lead, in float64.

Saws come from band-limited tables, plucked sounds from sums of partials whose highs die sooner:
a filter's envelope without a filter, and nothing that aliases.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import signal

from tasks.media.demo.effects import FAST, Wave, sweep
from tasks.media.demo.score import SAMPLE_RATE_HZ

TABLE = 2048
TOP_HZ = 17000.0  # highest partial that is made
SUPERSAW_CENTS = (-19.0, -12.5, -7.0, -2.5, 2.0, 6.5, 13.0, 18.5)


def pitch_to_hz(pitch: float) -> float:
    """Tell the frequency of a MIDI pitch."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def supersaw(pitch: int, samples: int, rng: np.random.Generator, *, width: float = 0.85) -> Wave:
    """Eight detuned saws, spread from left to right. Stereo, no envelope."""
    table = _saw_table(int(TOP_HZ / pitch_to_hz(pitch + 0.2)))
    out = np.zeros((2, samples))
    n = np.arange(samples, dtype=np.float64)
    for k, cents in enumerate(SUPERSAW_CENTS):
        cycles = n * (pitch_to_hz(pitch + cents / 100.0) / SAMPLE_RATE_HZ) + rng.uniform()
        voice = _read(table, cycles)
        side = width * (1.0 if k % 2 else -1.0) * (0.4 + 0.6 * abs(cents) / 19.0)
        out += voice * np.sqrt([[0.5 - 0.5 * side], [0.5 + 0.5 * side]])
    return out / math.sqrt(len(SUPERSAW_CENTS))


def pluck(pitch: float, *, length_s: float = 0.5, brightness: float = 1.0) -> Wave:
    """A short bright string-like pluck, two voices a few cents apart. Stereo."""
    t = _time(length_s)
    out = np.zeros((2, t.size))
    for channel, cents in enumerate((-4.0, 4.0)):
        hz = pitch_to_hz(pitch + cents / 100.0)
        for k in range(1, min(24, int(TOP_HZ / hz)) + 1):
            decay_s = 0.22 / (1.0 + 0.42 * (k - 1) / brightness)
            out[channel] += _ring(hz * k, t.size, decay_s=decay_s, phase=0.4 * k) / k
    return out * _edges(t, attack_s=0.0012, release_s=0.05)


def piano(pitch: float, *, length_s: float = 2.2, velocity: float = 0.8) -> Wave:
    """A felt piano: stiff strings in pairs, each dying fast at first and then slowly. Stereo."""
    t = _time(length_s)
    out = np.zeros((2, t.size))
    hz = pitch_to_hz(pitch)
    for k in range(1, min(16, int(8000.0 / hz)) + 1):
        stretched_hz = hz * k * math.sqrt(1.0 + 0.00035 * k * k)
        level = abs(math.sin(math.pi * k / 7.4)) / k ** (2.1 - 0.7 * velocity)
        decay_s = (1.5 - 0.008 * (pitch - 60.0)) / (1.0 + 0.32 * (k - 1))
        for channel, cents in enumerate((-1.1, 1.3)):
            tuned_hz, phase = stretched_hz * 2.0 ** (cents / 1200.0), 1.7 * k * channel
            fast = _ring(tuned_hz, t.size, decay_s=decay_s, phase=phase)
            slow = _ring(tuned_hz, t.size, decay_s=3.0 * decay_s, phase=phase)
            out[channel] += level * (0.75 * fast + 0.25 * slow)
    return out * _edges(t, attack_s=0.002, release_s=0.25)


def bass(pitch: float, samples: int, *, cutoff_hz: float) -> Wave:
    """A saw under a filter that closes at once, driven a little. Mono."""
    t = np.arange(samples) / SAMPLE_RATE_HZ
    hz = pitch_to_hz(pitch)
    saw = _read(_saw_table(min(90, int(9000.0 / hz))), hz * t)[np.newaxis]
    moving_hz = cutoff_hz * (0.5 + 2.2 * np.exp(-t / 0.07))
    dark = sweep(sweep(saw, moving_hz, q=1.1, every=FAST), moving_hz, q=0.7, every=FAST)[0]
    driven: Wave = np.tanh(1.6 * dark)
    return driven * _edges(t, attack_s=0.003, release_s=0.02)


def sub(pitch: float, samples: int) -> Wave:
    """A sine with a trace of its octave, so that small speakers hint at it. Mono."""
    t = np.arange(samples) / SAMPLE_RATE_HZ
    turns = 2.0 * np.pi * pitch_to_hz(pitch) * t
    return (np.sin(turns) + 0.12 * np.sin(2.0 * turns)) * _edges(t, attack_s=0.006, release_s=0.03)


def lead(line: Sequence[tuple[int, int, int]], samples: int, rng: np.random.Generator) -> Wave:
    """Sing a line: saws that glide from note to note, with a vibrato on long ones.

    Args:
        line: Notes as (start sample, samples, MIDI pitch), in order, one at a time.
        samples: Length of the result.
        rng: Draws the phases.

    Returns:
        Stereo sound, shape (2, samples).
    """
    pitch, level = _line_curves(line, samples)
    cycles = np.cumsum(440.0 * 2.0 ** ((pitch - 69.0) / 12.0)) / SAMPLE_RATE_HZ
    table = _saw_table(18)  # up to C6 without aliasing
    out = np.zeros((2, samples))
    for k, cents in enumerate((-11.0, -4.0, 0.0, 5.0, 12.0)):
        voice = _read(table, cycles * 2.0 ** (cents / 1200.0) + rng.uniform())
        out += voice * np.array([[0.9 - 0.2 * k], [0.1 + 0.2 * k]])
    out += 0.55 * np.sin(2.0 * np.pi * cycles)
    octave = _read(_saw_table(9), 2.0 * cycles + rng.uniform())
    return (out + 0.3 * octave) * level / 2.5


def _line_curves(line: Sequence[tuple[int, int, int]], samples: int) -> tuple[Wave, Wave]:
    """Draw a line's pitch and level at every sample."""
    pitch, level = np.empty(samples), np.zeros(samples)
    edges = [start for start, _, _ in line[1:]] + [samples]
    before = float(line[0][2])
    for (start, length, target), until in zip(line, edges, strict=True):
        n = np.arange(until - start)
        t = n / SAMPLE_RATE_HZ
        vibrato = 0.16 * np.clip((t - 0.28) / 0.3, 0.0, 1.0) * np.sin(2.0 * np.pi * 5.6 * t)
        pitch[start:until] = target + (before - target) * np.exp(-t / 0.016) + vibrato
        fade = np.minimum(1.0, n / 260.0) * np.clip((length - n) / 900.0, 0.0, 1.0)
        level[start:until] = (0.72 + 0.28 * np.exp(-t / 0.12)) * fade
        before = float(target)
    return pitch, level


def _read(table: Wave, cycles: Wave) -> Wave:
    """Look phases up in a single-cycle table, with straight lines between its points."""
    place = (cycles - np.floor(cycles)) * TABLE
    whole = place.astype(np.int64)
    left = table[whole]
    found: Wave = left + (place - whole) * (table[whole + 1] - left)
    return found


@lru_cache(maxsize=64)
def _saw_table(partials: int) -> Wave:
    """One cycle of a saw with so many partials, its last ones softened; one point repeated."""
    turns = 2.0 * np.pi * np.arange(TABLE + 2) / TABLE
    table = np.zeros(TABLE + 2)
    for k in range(1, partials + 1):
        table += np.sinc(0.8 * k / (partials + 1)) * np.sin(k * turns) / k
    return table * (2.0 / np.pi)


def _ring(hz: float, samples: int, *, decay_s: float, phase: float) -> Wave:
    """A dying sine, as the impulse response of a two-pole resonator: cheap, and alike anywhere."""
    turn = 2.0 * math.pi * hz / SAMPLE_RATE_HZ
    radius = math.exp(-1.0 / (decay_s * SAMPLE_RATE_HZ))
    strike = np.zeros(samples)
    strike[0] = 1.0
    top = [math.sin(phase), radius * math.sin(turn - phase)]
    bottom = [1.0, -2.0 * radius * math.cos(turn), radius * radius]
    sine: Wave = signal.lfilter(top, bottom, strike)
    return sine


def _time(length_s: float) -> Wave:
    return np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _edges(t: Wave, *, attack_s: float, release_s: float) -> Wave:
    """Fade in and out, so that nothing clicks."""
    edges: Wave = np.minimum(1.0, t / attack_s) * np.clip((t[-1] - t) / release_s, 0.0, 1.0)
    return edges
