"""One pass over a song as it is decoded: what is kept are mono samples and the loudness.

An hour of stereo is 1.3 GB of samples, of which the ears need a quarter.
"""

from dataclasses import dataclass

import numpy as np
import soxr

from recipe_schema.analysis import Loudness
from tasks.analysis.intake_kernels import ABSURD, remove_offset
from tasks.analysis.loudness import LoudnessGauge
from tasks.analysis.spectrum import SAMPLE_RATE_HZ, FloatArray
from tasks.media.audio import Audio, AudioStream
from tasks.media.probe import BadSongError

# An offset is no sound, but beats' edges are measured by energy and would drown in it. Bass drums
# lie three octaves above.
_OFFSET_BELOW_HZ = 5.0
_KEEP = float(np.exp(-2 * np.pi * _OFFSET_BELOW_HZ / SAMPLE_RATE_HZ))
# Silence before the first sound, whatever the song has there: its attack comes out of silence.
_SILENT = 4096  # samples: two windows of the spectrum
_GROWTH = 1 << 24  # samples (64 MB, 12 minutes) that room is made for at a time


@dataclass(frozen=True, eq=False)
class Intake:
    """What is kept of a song's samples.

    Attributes:
        samples: Mean of the channels at the listening rate, without offset, shape (samples,).
        sounding: The same from its first sound on, after a little silence that is always as long:
            a song that starts later is the same to all ears.
        lead_s: Where `sounding` begins in the song; before its start when it sounds at once.
        duration: Seconds.
        loudness: Of the channels at the song's own rate.
        clipped_share: Share of the song's samples at full scale.
    """

    samples: FloatArray
    sounding: FloatArray
    lead_s: float
    duration: float
    loudness: Loudness
    clipped_share: float


def take_in(audio: Audio | AudioStream) -> Intake:
    """Hear a song once, from its first sample to its last.

    Args:
        audio: Decoded, or on its way.

    Raises:
        BadSongError: No samples, samples that are not numbers or absurdly large, or a file that
            is cut off.
        SongLimitError: Too long.
    """
    gauge = LoudnessGauge(audio.sample_rate_hz, audio.channels)
    ear = _Ear(audio.sample_rate_hz)
    count = 0
    for block in audio.blocks():
        count += block.shape[1]
        ear.push(gauge.push(block))
    if count == 0:
        raise BadSongError("the song has no samples; is the file empty?")
    if gauge.broken:
        raise BadSongError(
            f"the song holds {gauge.broken} samples that are not numbers or exceed full scale "
            f"{ABSURD:.0e} times; encode it again"
        )
    kept, duration = ear.finish(), count / audio.sample_rate_hz
    samples = kept[_SILENT:]
    first = int((samples != 0).argmax())
    lead_s = (first - _SILENT) / SAMPLE_RATE_HZ
    loudness, clipped_share = gauge.read(), gauge.clipped_share
    return Intake(samples, kept[first:], lead_s, duration, loudness, clipped_share)


class _Ear:
    """Mono samples at the listening rate after _SILENT zeros, in one array that grows in place."""

    def __init__(self, sample_rate_hz: int) -> None:
        same = sample_rate_hz == SAMPLE_RATE_HZ
        self._resampler = None if same else _resampler(sample_rate_hz)
        self._offset = np.zeros(2)
        self._kept = np.empty(_GROWTH, np.float32)
        self._kept[:_SILENT] = 0.0
        self._count = _SILENT

    def push(self, mono: FloatArray) -> None:
        self._keep(self._resampler.resample_chunk(mono) if self._resampler else mono)

    def finish(self) -> FloatArray:
        if self._resampler:
            self._keep(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        self._kept.resize(self._count, refcheck=False)
        return self._kept

    def _keep(self, samples: FloatArray) -> None:
        end = self._count + len(samples)
        if end > len(self._kept):
            # The system moves pages, not samples: nothing is held twice.
            self._kept.resize(end + _GROWTH, refcheck=False)
        self._kept[self._count : end] = samples
        remove_offset(self._kept[self._count : end], _KEEP, self._offset)
        self._count = end


def _resampler(sample_rate_hz: int) -> soxr.ResampleStream:
    return soxr.ResampleStream(sample_rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32", quality="MQ")
