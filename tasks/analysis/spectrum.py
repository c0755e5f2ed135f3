"""One short-time spectrum of the song, kept only as what the ears need: band levels and powers.

The song is framed once (Hann window, magnitude FFT) in blocks, so that memory does not grow with
the full spectrum: ten minutes would be 200 MB of bins, but are 15 MB of bands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.fft
import soxr

from tasks.analysis.filter_bank import NOISY_BINS, sum_bands

FloatArray = npt.NDArray[np.float32]

# Everything rhythmic and harmonic is heard at this rate: no beat lives above 11 kHz.
SAMPLE_RATE_HZ = 22050
HOP = 256  # samples: 11.6 ms, fine enough to place a beat before it is refined
WINDOW = 2048  # samples: 93 ms, resolves a bass drum from a bass note
FRAME_RATE_HZ = SAMPLE_RATE_HZ / HOP
_BLOCK_SAMPLES = 1 << 17  # framed at a time: a processor's own memory holds them

# Triangular bands, logarithmic: eight an octave separate neighbouring drums and chords.
_LOWEST_HZ = 30.0
_HIGHEST_HZ = 10500.0
_BANDS_PER_OCTAVE = 8
# Edges of the three wide bands that move pictures.
BASS_BELOW_HZ = 150.0
HIGHS_ABOVE_HZ = 4000.0
_NOISY_ABOVE_HZ = 300.0  # below, a window cannot tell a drum's skin from a note
# A tone is three bins through a Hann window; of noise, magnitudes are Rayleigh-distributed.
EVEN_TONE = (0.5 + 1.0 + 0.5) ** 2 / ((0.25 + 1.0 + 0.25) * NOISY_BINS)
EVEN_NOISE = np.pi / 4.0
_A_WEIGHT_AT_1_KHZ_DB = 2.0  # A-weighting is 0 dB there


@dataclass(frozen=True)
class Spectrum:
    """The song seen through bands, one row a frame; frame k is centred at k * HOP samples."""

    levels: FloatArray  # (frames, bands) mean magnitude
    centres_hz: FloatArray  # (bands,)
    power: FloatArray  # (frames,) all bins
    weighted_power: FloatArray  # (frames,) A-weighted
    bass_power: FloatArray  # (frames,)
    mids_power: FloatArray  # (frames,)
    highs_power: FloatArray  # (frames,)
    evenness: FloatArray  # (frames,) of neighbouring bins: EVEN_TONE to EVEN_NOISE

    @property
    def frames(self) -> int:
        """Number of frames."""
        return int(self.levels.shape[0])


def to_listening_rate(samples: FloatArray, sample_rate_hz: int) -> FloatArray:
    """Mono samples at the listening rate.

    Args:
        samples: Mono, shape (samples,).
        sample_rate_hz: Rate of `samples`.

    Returns:
        Shape (samples',) at SAMPLE_RATE_HZ; sample 0 stays at time 0.
    """
    if sample_rate_hz == SAMPLE_RATE_HZ:
        return samples
    heard: FloatArray = soxr.resample(samples, sample_rate_hz, SAMPLE_RATE_HZ, quality="MQ")
    return heard


def measure_spectrum(samples: FloatArray) -> Spectrum:
    """Frame the song and keep band levels and wide-band powers.

    Args:
        samples: Mono at SAMPLE_RATE_HZ, shape (samples,), not empty.

    Returns:
        One row for every HOP samples, first frame centred on sample 0.
    """
    bank, centres = _filter_bank()
    weighting, edges = _power_weighting()
    starts = (bank > 0).argmax(axis=1)
    ends = bank.shape[1] - (bank > 0)[:, ::-1].argmax(axis=1)
    frames = count_frames(len(samples), HOP)
    levels = np.empty((frames, len(centres)), np.float32)
    powers, evenness = np.empty((frames, 5), np.float32), np.empty(frames, np.float32)
    noisy_from = int(np.ceil(_NOISY_ABOVE_HZ * WINDOW / SAMPLE_RATE_HZ))
    done = 0
    for bins in spectrum_blocks(samples, window=WINDOW, hop=HOP):
        rows = slice(done, done + len(bins))
        sum_bands(
            *(bins, starts, ends, bank, weighting, edges, noisy_from),
            *(levels[rows], powers[rows], evenness[rows]),
        )
        done += len(bins)
    # Parseval: two-sided bins, and a Hann window's mean square is 3/8.
    powers *= np.float32(2.0 / (0.375 * WINDOW * WINDOW))
    total, weighted, bass, mids, highs = np.ascontiguousarray(powers.T)
    return Spectrum(levels, centres, total, weighted, bass, mids, highs, evenness)


def count_frames(samples: int, hop: int) -> int:
    """Frames of a centred framing."""
    return 1 + samples // hop


def spectrum_blocks(
    samples: FloatArray, *, window: int, hop: int
) -> Iterator[npt.NDArray[np.complex64]]:
    """Spectra of a centred Hann-windowed framing, some frames at a time.

    Args:
        samples: Mono, shape (samples,).
        window: Samples a frame.
        hop: Samples between frames.

    Yields:
        Shape (some frames, window // 2 + 1); frame k of all is centred on sample k * hop.
    """
    taper = np.hanning(window + 1)[:-1].astype(np.float32)
    half, block = window // 2, max(1, _BLOCK_SAMPLES // window)
    frames = count_frames(len(samples), hop)
    for first in range(0, frames, block):
        last = min(first + block, frames)
        piece = _cut(samples, first * hop - half, (last - 1) * hop + half)
        framed = np.lib.stride_tricks.sliding_window_view(piece, window)[::hop]
        bins: npt.NDArray[np.complex64] = scipy.fft.rfft(framed * taper, axis=1)
        yield bins


def _cut(samples: FloatArray, start: int, end: int) -> FloatArray:
    """Samples from start to end, zeros where the song does not reach."""
    inside = samples[max(start, 0) : max(min(end, len(samples)), 0)]
    before, after = max(-start, 0), max(end - max(len(samples), start), 0)
    return np.pad(inside, (min(before, end - start), after)) if before or after else inside


@lru_cache(maxsize=1)
def _filter_bank() -> tuple[FloatArray, FloatArray]:
    """Triangles of unit sum, shape (bands, bins), and their centres."""
    bins = np.arange(WINDOW // 2 + 1) * SAMPLE_RATE_HZ / WINDOW
    spacing = SAMPLE_RATE_HZ / WINDOW
    count = int(_BANDS_PER_OCTAVE * np.log2(_HIGHEST_HZ / _LOWEST_HZ)) + 2
    edges = _LOWEST_HZ * 2.0 ** (np.arange(count) / _BANDS_PER_OCTAVE)
    shapes: list[npt.NDArray[np.float64]] = []
    centres: list[float] = []
    for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
        # A triangle is never narrower than two bins; in the deep bass neighbours coincide.
        low, high = min(low, centre - spacing), max(high, centre + spacing)
        shape = np.clip(
            np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)), 0.0, None
        )
        if shape.sum() <= 0 or (shapes and np.allclose(shape / shape.sum(), shapes[-1])):
            continue
        shapes.append(shape / shape.sum())
        centres.append(float(centre))
    return np.array(shapes, np.float32), np.array(centres, np.float32)


def _power_weighting() -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """A-weighting of power by bin (IEC 61672-1), and the first bins of mids and of highs."""
    hz = np.maximum(np.arange(WINDOW // 2 + 1) * SAMPLE_RATE_HZ / WINDOW, 1.0)
    square = np.square(hz)
    low, lower_mid, upper_mid, high = np.square((20.598997, 107.65265, 737.86223, 12194.217))
    gain = high * np.square(square) / ((square + low) * (square + high))
    gain /= np.sqrt((square + lower_mid) * (square + upper_mid))
    weighting = np.square(gain * 10.0 ** (_A_WEIGHT_AT_1_KHZ_DB / 20.0))
    edges = np.searchsorted(hz, (BASS_BELOW_HZ, HIGHS_ABOVE_HZ))
    return weighting.astype(np.float32), edges
