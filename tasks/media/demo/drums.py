"""Drum and noise one-shots, synthesised: each starts at its first sample, none needs a file."""

import numpy as np

from tasks.media.demo.effects import Wave, bandpass, highpass, lowpass, sweep
from tasks.media.demo.score import BAR, SAMPLE_RATE_HZ

METAL_HZ = (317.0, 423.7, 561.3, 786.1, 1041.9, 1328.3)  # inharmonic squares: a cymbal's ring
KICK_HZ = 55.0  # the tonic, A1


def kick(rng: np.random.Generator) -> Wave:
    """A punchy house kick: click, falling body, sub tail. Mono."""
    t = _time(0.40)
    body_cycles = KICK_HZ * t + 150.0 * 0.028 * (1.0 - np.exp(-t / 0.028))
    knock_cycles = 1500.0 * 0.0032 * (1.0 - np.exp(-t / 0.0032))
    body = np.sin(2.0 * np.pi * (body_cycles + knock_cycles)) * np.exp(-t / 0.14)
    click = highpass(rng.uniform(-1.0, 1.0, t.size), 1800.0) * np.exp(-t / 0.0035)
    fade: Wave = np.minimum(1.0, (t[-1] - t) / 0.06)
    driven: Wave = np.tanh(2.1 * (body + 0.55 * click))
    return driven * fade


def thump(rng: np.random.Generator) -> Wave:
    """The kick heard through a wall, for quiet sections. Mono."""
    return lowpass(kick(rng), 420.0, order=1)


def clap(rng: np.random.Generator) -> Wave:
    """Four hands and a snare's body. Stereo."""
    t = _time(0.34)
    noise = bandpass(rng.uniform(-1.0, 1.0, (2, t.size)), 750.0, 6500.0)
    hands = sum(
        np.where(t >= late, np.exp(-(t - late) / (0.006 if late < 0.025 else 0.075)), 0.0) * gain
        for late, gain in ((0.0, 0.9), (0.009, 0.7), (0.018, 0.8), (0.027, 0.9))
    )
    body = np.sin(2.0 * np.pi * (190.0 * t + 2.0 * (1.0 - np.exp(-t / 0.012)))) * np.exp(-t / 0.06)
    return 1.5 * noise * hands + 0.45 * body


def snare(rng: np.random.Generator) -> Wave:
    """A tight snare for rolls and fills. Stereo."""
    t = _time(0.22)
    wires = highpass(rng.uniform(-1.0, 1.0, (2, t.size)), 1400.0) * np.exp(-t / 0.055)
    cycles = 205.0 * t + 1.4 * (1.0 - np.exp(-t / 0.01))
    head = np.sin(2.0 * np.pi * cycles) + 0.5 * np.sin(2.0 * np.pi * 1.63 * cycles)
    driven: Wave = np.tanh(0.8 * wires + 0.9 * head * np.exp(-t / 0.05))
    return driven


def hat(rng: np.random.Generator, *, decay_s: float) -> Wave:
    """A hi-hat, closed (about 0.03 s) or open (about 0.16 s). Stereo."""
    t = _time(6.0 * decay_s)
    noise = rng.uniform(-1.0, 1.0, (2, t.size))
    return highpass(0.75 * noise + 0.35 * _metal(t, scale=5.3), 7200.0, order=3) * np.exp(
        -t / decay_s
    )


def ride(rng: np.random.Generator) -> Wave:
    """A ride cymbal with a bell. Stereo."""
    t = _time(0.8)
    wash = highpass(rng.uniform(-1.0, 1.0, (2, t.size)), 6000.0) * np.exp(-t / 0.2)
    bell = bandpass(_metal(t, scale=3.1), 2800.0, 11000.0) * np.exp(-t / 0.16)
    return 0.35 * wash + 0.4 * bell


def crash(rng: np.random.Generator) -> Wave:
    """A crash cymbal. Stereo."""
    t = _time(2.6)
    wash = highpass(rng.uniform(-1.0, 1.0, (2, t.size)), 3200.0) * np.exp(-t / 0.75)
    ring = bandpass(_metal(t, scale=2.3), 2000.0, 12000.0) * np.exp(-t / 0.5)
    burst = highpass(rng.uniform(-1.0, 1.0, (2, t.size)), 5000.0) * np.exp(-t / 0.08)
    fade: Wave = np.minimum(1.0, (t[-1] - t) / 0.4)
    return (0.6 * wash + 0.2 * ring + 0.5 * burst) * fade


def tom(rng: np.random.Generator, *, pitch_hz: float) -> Wave:
    """A tom-tom. Mono."""
    t = _time(0.36)
    cycles = pitch_hz * t + 0.55 * pitch_hz * 0.05 * (1.0 - np.exp(-t / 0.05))
    skin = bandpass(rng.uniform(-1.0, 1.0, t.size), 400.0, 4000.0) * np.exp(-t / 0.012)
    return np.tanh(1.4 * np.sin(2.0 * np.pi * cycles) * np.exp(-t / 0.12) + 0.6 * skin)


def shaker(rng: np.random.Generator) -> Wave:
    """A soft shaker grain. Stereo."""
    t = _time(0.09)
    grain = bandpass(rng.uniform(-1.0, 1.0, (2, t.size)), 4500.0, 11000.0)
    return grain * (t / 0.012) * np.exp(1.0 - t / 0.012)


def riser(rng: np.random.Generator, samples: int) -> Wave:
    """Noise and a cluster of saws that climb two octaves. Stereo; loudest at its end."""
    x = np.arange(samples) / samples
    noise = sweep(rng.uniform(-1.0, 1.0, (2, samples)), 350.0 * 26.0**x, q=2.2, kind="bandpass")
    cycles = np.cumsum(110.0 * 4.0**x) / SAMPLE_RATE_HZ
    saws = np.stack(
        [
            sum(2.0 * ((cycles * d) % 1.0) - 1.0 for d in pair)
            for pair in ((0.994, 1.5), (1.006, 2.0))
        ]
    )
    saws = sweep(saws, 300.0 * 20.0**x)
    flutter = 0.75 + 0.25 * np.sin(2.0 * np.pi * np.cumsum(2.0 + 14.0 * x**2) / SAMPLE_RATE_HZ)
    return (1.1 * noise + 0.16 * saws) * flutter * x**1.7


def fall(rng: np.random.Generator, samples: int) -> Wave:
    """Noise that sinks away after an impact. Stereo."""
    x = np.arange(samples) / samples
    noise = rng.uniform(-1.0, 1.0, (2, samples))
    sinking: Wave = sweep(noise, 9000.0 * 0.03**x, q=1.2, kind="bandpass") * (1.0 - x) ** 2
    return sinking


def impact(rng: np.random.Generator) -> Wave:
    """A deep boom for the first beat of a section. Mono."""
    t = _time(BAR / SAMPLE_RATE_HZ)
    cycles = 41.0 * t + 70.0 * 0.08 * (1.0 - np.exp(-t / 0.08))
    boom = np.sin(2.0 * np.pi * cycles) * np.exp(-t / 0.4)
    rubble = lowpass(rng.uniform(-1.0, 1.0, t.size), 900.0) * np.exp(-t / 0.15)
    driven: Wave = np.tanh(1.6 * boom + 0.9 * rubble)
    fade: Wave = np.minimum(1.0, (t[-1] - t) / 0.2)
    return driven * fade


def vinyl(rng: np.random.Generator, samples: int) -> Wave:
    """Hiss and crackle of a worn record. Stereo."""
    hiss = 0.02 * bandpass(rng.uniform(-1.0, 1.0, (2, samples)), 900.0, 7000.0)
    dust = np.zeros((2, samples))
    count = samples * 14 // SAMPLE_RATE_HZ
    dust[rng.integers(0, 2, count), rng.integers(0, samples, count)] = (
        rng.uniform(-1, 1, count) ** 3
    )
    return hiss + 0.9 * bandpass(dust, 1200.0, 9000.0)


def _time(length_s: float) -> Wave:
    return np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _metal(t: Wave, *, scale: float) -> Wave:
    """Six inharmonic square waves, as in the drum machines of the eighties."""
    ring = np.zeros(t.size)
    for hz in METAL_HZ:
        ring += np.where((hz * scale * t) % 1.0 < 0.5, 1.0, -1.0)
    return ring / len(METAL_HZ)
