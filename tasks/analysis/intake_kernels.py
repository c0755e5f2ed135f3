"""Compiled loops over samples as they are decoded: loudness weighting, levels, peaks."""

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

# Places in a tally.
ENERGY, FILLED, PEAK, SQUARES, CLIPPED, BROKEN = range(6)
TALLIES = 6

# Times full scale: no recording, whatever its scale, but a broken file. The squares of samples
# from 1e17 on no longer fit into the numbers that the ears count in.
ABSURD = 1e10
_PEAK_CHUNK = 32  # instants that are judged together: at least the interpolator's reach
# Sums may be reordered and fused, which lets the compiler use vectors.
_VECTORS = {"reassoc", "contract", "nsz", "nnan"}


@njit(cache=True)
def weigh(
    frames: FloatArray,
    filters: Numbers,
    state: Numbers,
    tally: Numbers,
    step: int,
    clipped: float,
    steps: Numbers,
    mono: FloatArray,
) -> int:
    """Pass a piece of a song: its weighted energy, its levels, and its channels' mean.

    Args:
        frames: Shape (samples, channels).
        filters: Two filters in turn, each b0 b1 b2 a1 a2; shape (2, 5).
        state: Of the filters, shape (channels, 4); changed.
        tally: TALLIES numbers about all that has passed; changed.
        step: Samples of a step.
        clipped: Samples of at least this magnitude count as clipped.
        steps: Filled with the energy, summed over channels, of each step that ends in the piece.
        mono: Filled with the mean of the channels, shape (samples,).

    Returns:
        How many steps ended.
    """
    b0, b1, b2, a1, a2 = filters[0]
    d0, d1, d2, c1, c2 = filters[1]
    channels = frames.shape[1]
    ended = 0
    for i in range(len(frames)):
        total = np.float32(0.0)
        for c in range(channels):
            total += frames[i, c]
            x = np.float64(frames[i, c])
            shelved = b0 * x + state[c, 0]
            state[c, 0] = b1 * x - a1 * shelved + state[c, 1]
            state[c, 1] = b2 * x - a2 * shelved
            weighted = d0 * shelved + state[c, 2]
            state[c, 2] = d1 * shelved - c1 * weighted + state[c, 3]
            state[c, 3] = d2 * shelved - c2 * weighted
            tally[ENERGY] += weighted * weighted
            tally[SQUARES] += x * x
            tally[PEAK] = max(tally[PEAK], abs(x))
            tally[CLIPPED] += abs(x) >= clipped
            tally[BROKEN] += not abs(x) <= ABSURD  # nor is what is no number
        mono[i] = total / np.float32(channels)
        tally[FILLED] += 1
        if tally[FILLED] == step:
            steps[ended] = tally[ENERGY] / step
            tally[ENERGY] = tally[FILLED] = 0.0
            ended += 1
    return ended


@njit(cache=True, fastmath=_VECTORS)
def peak_between(
    samples: FloatArray, taps: FloatArray, first: int, last: int, best: float, gain: float
) -> float:
    """Largest magnitude of a band-limited signal between some of its samples.

    Args:
        samples: One channel, shape (samples,).
        taps: Interpolator, one row a phase: shape (phases, 2 * reach); row p weighs samples
            i - reach + 1 … i + reach for the instant p + 1 shares after sample i.
        first: First sample i, at least reach - 1.
        last: Before this sample i, at most `len(samples)` - reach.
        best: Largest magnitude known so far.
        gain: Sum of a row's magnitudes: no peak exceeds its surroundings by more.

    Returns:
        The new largest magnitude, at least `best`.
    """
    reach = taps.shape[1] // 2
    between = np.empty(_PEAK_CHUNK, np.float32)
    for start in range(first, last, _PEAK_CHUNK):
        count = min(_PEAK_CHUNK, last - start)
        window = samples[start - reach + 1 : start + count + reach]
        around = np.float32(0.0)
        for n in range(len(window)):
            around = max(around, abs(window[n]))
        if around * gain <= best:
            continue
        for phase in range(taps.shape[0]):
            between[:] = 0.0
            for n in range(2 * reach):
                weight = taps[phase, n]
                for i in range(count):
                    between[i] += weight * window[i + n]
            for i in range(count):
                best = max(best, abs(between[i]))
    return best


@njit(cache=True)
def remove_offset(samples: FloatArray, keep: float, state: Numbers) -> None:
    """Take a constant offset off, in place: a first-order high-pass.

    Args:
        samples: The next samples, shape (samples,).
        keep: Share of the output that stays until the next sample, 0..1.
        state: Last input and output, shape (2,); changed.
    """
    before, level = state[0], state[1]
    for i in range(len(samples)):
        x = np.float64(samples[i])
        level = x - before + keep * level
        before = x
        samples[i] = level
    state[0], state[1] = before, level
