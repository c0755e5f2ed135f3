"""Makers of small songs: clicks, chords, noise, and a song in sections."""

import numpy as np
import numpy.typing as npt

from recipe_schema.analysis import Song
from tasks.media.audio import Audio

Samples = npt.NDArray[np.float32]

RATE_HZ = 44100


def song_named(name: str = "test", *, sample_rate_hz: int = RATE_HZ, channels: int = 1) -> Song:
    return Song(sha256="0" * 64, name=name, sample_rate_hz=sample_rate_hz, channels=channels)


def as_audio(samples: npt.NDArray[np.floating], *, sample_rate_hz: int = RATE_HZ) -> Audio:
    return Audio(np.atleast_2d(np.asarray(samples, np.float32)), sample_rate_hz)


def silence(duration: float, *, rate: int = RATE_HZ) -> Samples:
    return np.zeros(int(duration * rate), np.float32)


def sine(hz: float, duration: float, *, level: float = 1.0, rate: int = RATE_HZ) -> Samples:
    times = np.arange(int(duration * rate)) / rate
    return (level * np.sin(2 * np.pi * hz * times)).astype(np.float32)


def noise(duration: float, *, level: float = 0.1, seed: int = 0, rate: int = RATE_HZ) -> Samples:
    drawn = np.random.default_rng(seed).standard_normal(int(duration * rate))
    return (level * drawn).astype(np.float32)


def beat_times(bpm: float, duration: float, *, offset: float = 0.25) -> npt.NDArray[np.float64]:
    return np.arange(offset, duration - 0.05, 60.0 / bpm)


def clicks(
    times: npt.NDArray[np.float64],
    duration: float,
    *,
    hz: float = 1500.0,
    decay_s: float = 0.02,
    level: float = 0.5,
    accent_every: int = 0,
    rate: int = RATE_HZ,
) -> Samples:
    """Decaying tones at the given times; every `accent_every`-th is twice as loud and lower."""
    out = np.zeros(int((duration + 8 * decay_s) * rate) + 2, np.float32)
    for number, time in enumerate(times):
        accent = accent_every and number % accent_every == 0
        start = round(time * rate)
        t = np.arange(int(8 * decay_s * rate)) / rate
        pitch = hz / 4 if accent else hz
        tone = (2 if accent else 1) * level * np.sin(2 * np.pi * pitch * t) * np.exp(-t / decay_s)
        out[start : start + len(t)] += tone.astype(np.float32)
    return out[: int(duration * rate)]


def chord(
    pitches: tuple[int, ...], duration: float, *, level: float = 0.1, rate: int = RATE_HZ
) -> Samples:
    """MIDI pitches held together, four partials each, soft edges."""
    times = np.arange(int(duration * rate)) / rate
    total = np.zeros(len(times))
    for pitch in pitches:
        hz = 440.0 * 2.0 ** ((pitch - 69) / 12)
        for partial in (1, 2, 3, 4):
            total += np.sin(2 * np.pi * hz * partial * times) / partial**1.5
    fade = np.minimum(1.0, np.minimum(times, times[::-1]) / 0.02)
    return (level * total * fade).astype(np.float32)
