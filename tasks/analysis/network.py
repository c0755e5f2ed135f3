"""The trained ear: how much every moment is a beat, and a bar's first beat.

Temporal convolutional networks of 70,000 weights each, trained by `infra/training/ears` on songs
that were rendered or invented for them, are run here in numpy, and their verdicts averaged. They
read the room's own bands, their rises and the harmony, and look 23 s back and ahead, so that a
bar's sense comes from its phrase.

Source:
    M. Davies, S. Boeck, Temporal Convolutional Networks for Musical Audio Beat Tracking, EUSIPCO
    2019; S. Boeck, M. Davies, Deconstruct, Analyse, Reconstruct, ISMIR 2020 (idea).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from tasks.analysis.chroma import CHROMA_RATE_HZ, Chroma
from tasks.analysis.onsets import Onsets
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

Weights = Mapping[str, FloatArray]

FRAMES_POOLED = 2  # the network hears every second frame of the spectrum: 43 Hz
_WEIGHTS = Path(__file__).with_name("weights") / "pulse.npz"
_HARMONY_FLOOR = 1e-5  # of the song's loud frames: below, no harmony sounds
_LOUD_PERCENTILE = 95.0


@dataclass(frozen=True, eq=False)
class Activations:
    """Log-odds at the spectrum's frames, each of shape (frames,)."""

    beat: FloatArray
    downbeat: FloatArray


def hear_pulse(onsets: Onsets, chroma: Chroma) -> Activations:
    """Run the network over a song.

    Args:
        onsets: The song's compressed levels and their rises.
        chroma: Its harmony.

    Returns:
        Log-odds of beat and downbeat at every frame.
    """
    frames = len(onsets.log_levels)
    heard = network_inputs(onsets.log_levels, onsets.flux, harmony_at_frames(chroma, frames))
    # Matrices are small: a second thread would spend more on waiting than it helps.
    with threadpool_limits(1, user_api="blas"):
        logits = _run(heard)
    # Row k of the network lies between the frames that it pools.
    at = (np.arange(frames) + 0.5) / FRAMES_POOLED - 0.5
    rows = np.arange(len(logits))
    beat, downbeat = (np.interp(at, rows, column).astype(np.float32) for column in logits.T)
    return Activations(beat, downbeat)


def harmony_at_frames(chroma: Chroma, frames: int) -> FloatArray:
    """Shares of the pitch classes and the change of harmony, shape (frames, 13)."""
    total = chroma.melodic.sum(axis=1, keepdims=True)
    floor = _HARMONY_FLOOR * float(np.percentile(total, _LOUD_PERCENTILE)) + 1e-9
    columns = [*(chroma.melodic / (total + floor)).T, chroma.novelty]
    at = np.arange(frames) / FRAME_RATE_HZ * CHROMA_RATE_HZ
    rows = np.arange(len(chroma.novelty))
    return np.stack([np.interp(at, rows, column) for column in columns], 1).astype(np.float32)


def network_inputs(levels: FloatArray, flux: FloatArray, harmony: FloatArray) -> FloatArray:
    """What the network reads: levels, rises and harmony of pooled frames, near unit size.

    Args:
        levels: Compressed band levels, shape (frames, bands).
        flux: Their rises, the same shape.
        harmony: Shape (frames, 13).

    Returns:
        Shape (ceil(frames / FRAMES_POOLED), 2 * bands + 13).
    """
    odd = -len(levels) % FRAMES_POOLED

    def pooled(rows: FloatArray) -> FloatArray:
        padded = np.pad(rows, ((0, odd), (0, 0)), mode="edge") if odd else rows
        return padded.reshape(len(padded) // FRAMES_POOLED, FRAMES_POOLED, rows.shape[1])

    parts = (
        pooled(levels).mean(axis=1) / 4.0 - 0.5,
        pooled(flux).max(axis=1),
        pooled(harmony).mean(axis=1) * 4.0 - 0.3,
    )
    return np.concatenate(parts, axis=1).astype(np.float32)


def _run(heard: FloatArray) -> FloatArray:
    """Mean logits of the networks, shape (rows, outputs)."""
    networks = _networks()
    return np.asarray(sum(_logits(heard, weights) for weights in networks) / len(networks))


def _logits(heard: FloatArray, weights: Weights) -> FloatArray:
    """What one network says, shape (rows, outputs)."""
    blocks = sum(name.startswith("wide.") and name.endswith(".weight") for name in weights)
    state = np.maximum(_convolve(heard, weights, "entry", 1), 0.0)
    total = np.zeros_like(state)
    for block in range(blocks):
        inner = np.maximum(_convolve(state, weights, f"wide.{block}", 2**block), 0.0)
        step = _convolve(inner, weights, f"mix.{block}", 1)
        state = np.maximum(state + step, 0.0)
        total += step
    return _convolve(total, weights, "exit", 1)


def _convolve(rows: FloatArray, weights: Weights, name: str, gap: int) -> FloatArray:
    """A centred convolution over time whose taps lie `gap` rows apart; silence outside."""
    kernel = weights[f"{name}.weight"]
    out = np.tile(weights[f"{name}.bias"], (len(rows), 1))
    for tap, matrix in enumerate(kernel):
        offset = (tap - len(kernel) // 2) * gap
        first, last = max(0, -offset), min(len(rows), len(rows) - offset)
        if first < last:
            out[first:last] += rows[first + offset : last + offset] @ matrix
    return out


@lru_cache(maxsize=1)
def _networks() -> tuple[Weights, ...]:
    """Of each network kernels as (taps, inputs, outputs) and biases, by layer."""
    with np.load(_WEIGHTS, allow_pickle=False) as archive:
        stacked = {name: archive[name].astype(np.float32) for name in archive.files}
    count = len(next(iter(stacked.values())))
    return tuple({name: array[k] for name, array in stacked.items()} for k in range(count))
