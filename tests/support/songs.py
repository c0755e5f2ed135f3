"""Small songs with known beats, made in a moment."""

from pathlib import Path

import numpy as np

from tasks.media.audio import Audio, write_wav

RATE_HZ = 22_050


def click_song(duration_s: float, *, bpm: float = 120.0, rate_hz: int = RATE_HZ) -> Audio:
    """Kick on every beat, hat between, a chord under it; loud second half."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    beat_s = 60.0 / bpm
    since = t % beat_s
    bar = (t // (4 * beat_s)).astype(int) % 2
    kick = np.sin(2 * np.pi * 60 * since) * np.exp(-18 * since)
    accent = 1.0 + 0.5 * ((t // beat_s).astype(int) % 4 == 0)
    noise = np.random.default_rng(7).uniform(-1, 1, len(t))
    hat = noise * np.exp(-90 * (t % (beat_s / 2))) * 0.2
    root = np.where(bar == 0, 220.0, 174.6)
    chord = sum(np.sin(2 * np.pi * root * ratio * t) for ratio in (1.0, 1.2, 1.5)) * 0.08
    loud = np.where(t > duration_s / 2, 1.0, 0.5)
    mix = (0.6 * kick * accent + hat + chord) * loud
    return Audio(np.stack([mix, mix]).astype(np.float32) * 0.7, rate_hz)


def write_click_song(path: Path, duration_s: float, **options: float) -> Path:
    """Write a click song as wav and return its path."""
    write_wav(path, click_song(duration_s, **options))
    return path
