"""The mixing desk: levels, sends, side-chain, and a master that ends at -1 dBTP.

The limiter looks ahead at the peaks between samples (four times oversampled), as
ITU-R BS.1770 measures true peak.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from tasks.media.demo.effects import Wave, echo, highpass, pump, reverberate, room
from tasks.media.demo.score import BEAT, HUSH_BAR, HUSH_STEP, SAMPLE_RATE_HZ, SAMPLES, at

DRIVE = 1.12  # into the soft clip; sets the loudness
CEILING = 10.0 ** (-1.1 / 20.0)  # -1 dBTP and a little for what oversampling misses
KNEE = 0.6  # below this level the soft clip changes nothing
LIMITER_S = 0.004  # look-ahead to either side
HUSH_FADE_S = 0.012
HUSH_TAIL = 0.05  # what remains of the room in the silent beat


@dataclass(frozen=True)
class Strip:
    """One part's place in the mix: level in dB, sends 0..1, side-chain depth 0..1."""

    level_db: float
    room: float = 0.0
    echo: float = 0.0
    duck: float = 0.0


STRIPS = {
    "kick": Strip(-6.0),
    "shadow": Strip(-14.0, room=0.05),
    "clap": Strip(-9.0, room=0.14),
    "snare": Strip(-13.0, room=0.12),
    "toms": Strip(-9.0, room=0.15),
    "hats": Strip(-11.0, room=0.03),
    "shaker": Strip(-10.0, room=0.08),
    "ride": Strip(-10.0, room=0.06),
    "crash": Strip(-11.0, room=0.2, duck=0.3),
    "reverse": Strip(-10.0, room=0.3),
    "impact": Strip(-9.0, room=0.25),
    "riser": Strip(-9.5, room=0.25),
    "vinyl": Strip(-12.0),
    "bass": Strip(-13.0, duck=0.85),
    "sub": Strip(-16.0, duck=0.9),
    "chords": Strip(-15.5, room=0.22, duck=0.75),
    "pads": Strip(-21.0, room=0.4, duck=0.5),
    "plucks": Strip(-16.5, room=0.3, echo=0.4, duck=0.35),
    "tease": Strip(-17.0, room=0.3, echo=0.5, duck=0.3),
    "piano": Strip(-18.5, room=0.3, echo=0.12),
    "lead": Strip(-7.5, room=0.2, echo=0.3, duck=0.3),
}


class Desk:
    """Sums tracks as they come, so that one part's track is in memory at a time."""

    def __init__(self, kicks: list[int]) -> None:
        release_s = 0.9 * BEAT / SAMPLE_RATE_HZ
        self._dip = 1.0 - pump(kicks, SAMPLES, depth=1.0, release_s=release_s)
        self._dry, self._to_room, self._to_echo = (np.zeros((2, SAMPLES)) for _ in range(3))

    def take(self, tracks: dict[str, Wave]) -> None:
        """Balance some tracks, pump them against the kick, send them on; empties `tracks`."""
        while tracks:
            name, track = tracks.popitem()
            strip = STRIPS[name]
            sounding = np.flatnonzero(track.any(axis=0))
            span = slice(sounding[0], sounding[-1] + 1)
            part = track[:, span]
            part *= 10.0 ** (strip.level_db / 20.0) * (1.0 - strip.duck * self._dip[span])
            self._dry[:, span] += part
            if strip.room:
                self._to_room[:, span] += strip.room * part
            if strip.echo:
                self._to_echo[:, span] += strip.echo * part

    def mix(self, rng: np.random.Generator) -> Wave:
        """Add room and echo to what was taken; the mix before mastering, shape (2, samples)."""
        echoes = echo(self._to_echo)
        to_room = highpass(self._to_room + 0.35 * echoes, 180.0)
        tail = reverberate(to_room, room(rng)) * (1.0 - 0.35 * self._dip)
        return self._dry * _hush(0.0) + (echoes + tail) * _hush(HUSH_TAIL)


def master(wave: Wave) -> Wave:
    """Clip softly, limit, and fade the very end; shape (2, samples), at most -1 dBTP."""
    loud = _soft_clip(highpass(wave, 24.0) * DRIVE)
    fade = np.clip((SAMPLES - 1 - np.arange(SAMPLES)) / (1.5 * BEAT), 0.0, 1.0) ** 1.5
    return _limit(loud) * fade


def _hush(floor: float) -> Wave:
    """Close the door on the beat before the drop."""
    gate = np.ones(SAMPLES)
    start, stop = at(HUSH_BAR, HUSH_STEP), at(HUSH_BAR + 1)
    fade = round(HUSH_FADE_S * SAMPLE_RATE_HZ)
    gate[start:stop] = floor
    gate[start : start + fade] = np.linspace(1.0, floor, fade)
    return gate


def _soft_clip(wave: Wave) -> Wave:
    """Leave what is below the knee, bend what is above it towards 1."""
    level = np.abs(wave)
    bent = KNEE + (1.0 - KNEE) * np.tanh((level - KNEE) / (1.0 - KNEE))
    return np.where(level > KNEE, np.sign(wave) * bent, wave)


def _limit(wave: Wave) -> Wave:
    """Turn down around every true peak above the ceiling, smoothly on both sides."""
    peaks = np.full(wave.shape[1], 1e-9)
    for channel in wave:
        fine = np.abs(signal.resample_poly(channel, 4, 1))
        for phase in range(4):
            np.maximum(peaks, fine[phase::4], out=peaks)
    need = np.minimum(1.0, CEILING / peaks)
    window = 2 * round(LIMITER_S * SAMPLE_RATE_HZ) + 1
    held = ndimage.minimum_filter1d(need, window, mode="nearest")
    gain: Wave = ndimage.uniform_filter1d(held, window, mode="nearest")
    return wave * gain
