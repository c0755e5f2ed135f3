"""Filters that move, a room, an echo and side-chain pumping, in float64.

Everything is causal, so no sound leaks in front of a beat.
Source: R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tasks.media.demo.score import SAMPLE_RATE_HZ, STEP

Wave = NDArray[np.float64]

SLOW, FAST = 256, 128  # samples between updates of a filter that glides or that snaps
ECHO_STEPS = 3  # dotted eighths
ECHO_REPEATS = 7
PUMP_AHEAD = 500  # samples (11 ms) that the side-chain makes way before the kick
ROOM_S = 2.6
ROOM_BANDS = ((120.0, 350.0, 1.1), (350.0, 1500.0, 2.1), (1500.0, 5000.0, 1.7), (5e3, 14e3, 1.0))


def lowpass(wave: Wave, cutoff_hz: float, *, order: int = 2) -> Wave:
    """Take away what lies above the cutoff."""
    return _butter(wave, cutoff_hz, kind="lowpass", order=order)


def highpass(wave: Wave, cutoff_hz: float, *, order: int = 2) -> Wave:
    """Take away what lies below the cutoff."""
    return _butter(wave, cutoff_hz, kind="highpass", order=order)


def bandpass(wave: Wave, low_hz: float, high_hz: float) -> Wave:
    """Keep what lies between two frequencies, 12 dB an octave on either side."""
    return lowpass(highpass(wave, low_hz), high_hz)


def sweep(
    wave: Wave, cutoff_hz: Wave, *, q: float = 0.9, kind: str = "lowpass", every: int = SLOW
) -> Wave:
    """Filter with a cutoff that moves.

    Args:
        wave: Sound, shape (channels, samples).
        cutoff_hz: Cutoff at every sample, shape (samples,).
        q: Resonance; 0.707 has none.
        kind: lowpass or bandpass.
        every: Samples between updates of the cutoff.

    Returns:
        The filtered sound, same shape.
    """
    out = np.zeros_like(wave)
    state = np.zeros((wave.shape[0], 2))
    starts = np.arange(0, wave.shape[1], every)
    sounds = np.maximum.reduceat(np.abs(wave).max(axis=0), starts) > 0.0
    for start, sounding in zip(starts, sounds | np.roll(sounds, 1), strict=True):
        if sounding:  # or rings on for a block; skipping silence saves half the time
            span = slice(start, start + every)
            top, bottom = _biquad(float(cutoff_hz[start]), q=q, kind=kind)
            out[:, span], state = signal.lfilter(top, bottom, wave[:, span], zi=state)
    return out


def room(rng: np.random.Generator) -> Wave:
    """Make the impulse response of a hall: noise whose highs die sooner, shape (2, samples)."""
    n = round(ROOM_S * SAMPLE_RATE_HZ)
    t = np.arange(n) / SAMPLE_RATE_HZ
    response = np.zeros((2, n))
    for low, high, rt60_s in ROOM_BANDS:
        noise = bandpass(rng.uniform(-1.0, 1.0, (2, n)), low, high)
        response += noise * np.exp(-6.91 * t / rt60_s)
    response *= np.minimum(1.0, t / 0.012) * np.minimum(1.0, (ROOM_S - t) / 0.3)
    response = np.concatenate([np.zeros((2, round(0.016 * SAMPLE_RATE_HZ))), response], axis=1)
    loudness: Wave = np.sqrt(np.sum(response**2, axis=1, keepdims=True))
    return response / loudness


def reverberate(wave: Wave, response: Wave) -> Wave:
    """Play a stereo sound in a room; the tail past the end is dropped."""
    wet = np.stack([signal.oaconvolve(wave[c], response[c])[: wave.shape[1]] for c in range(2)])
    return wet


def echo(wave: Wave, *, feedback: float = 0.52) -> Wave:
    """Throw a stereo sound from side to side, darker with every repeat."""
    delay = ECHO_STEPS * STEP
    out = np.zeros_like(wave)
    tap = highpass(wave.mean(axis=0), 300.0, order=1)
    for repeat in range(1, ECHO_REPEATS + 1):
        tap = lowpass(tap, 5200.0, order=1) * (1.0 if repeat == 1 else feedback)
        start = repeat * delay
        out[repeat % 2, start:] += 0.85 * tap[: tap.size - start]
        out[1 - repeat % 2, start:] += 0.2 * tap[: tap.size - start]
    return out


def pump(hits: Sequence[int], samples: int, *, depth: float, release_s: float = 0.3) -> Wave:
    """Draw the side-chain's gain: down just before every hit, up again before the next.

    Args:
        hits: Samples at which the kick sounds.
        samples: Length of the curve.
        depth: 0 leaves the sound alone, 1 mutes it at the hit.
        release_s: Time until the gain is back at 1.

    Returns:
        Gain 0..1, shape (samples,).
    """
    t = np.arange(round(release_s * SAMPLE_RATE_HZ)) / (release_s * SAMPLE_RATE_HZ)
    fall = np.arange(PUMP_AHEAD) / PUMP_AHEAD
    dip = 1.0 - depth * np.concatenate([fall, (1.0 - t**1.6) ** 1.5])
    gain = np.ones(samples)
    for hit in hits:
        start, stop = hit - PUMP_AHEAD, min(samples, hit - PUMP_AHEAD + dip.size)
        gain[start:stop] = np.minimum(gain[start:stop], dip[: stop - start])
    return gain


def _butter(wave: Wave, cutoff_hz: float, *, kind: str, order: int) -> Wave:
    sos = signal.butter(order, cutoff_hz, kind, fs=SAMPLE_RATE_HZ, output="sos")
    filtered: Wave = signal.sosfilt(sos, wave, axis=-1)
    return filtered


def _biquad(cutoff_hz: float, *, q: float, kind: str) -> tuple[list[float], list[float]]:
    """Coefficients of a filter, numerator and denominator."""
    omega = 2.0 * math.pi * min(max(cutoff_hz, 20.0), 0.45 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    alpha, cosine = math.sin(omega) / (2.0 * q), math.cos(omega)
    half = (1.0 - cosine) / 2.0
    top = [half, 2.0 * half, half] if kind == "lowpass" else [alpha, 0.0, -alpha]
    scale = 1.0 + alpha
    bottom = [1.0, -2.0 * cosine / scale, (1.0 - alpha) / scale]
    return [c / scale for c in top], bottom
