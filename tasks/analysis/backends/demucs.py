"""Stems by Demucs: networks that take a song apart, on a GPU where torch has one.

Demucs itself separates a song in overlapping segments that are faded into each other, and keeps
all of it. Here the segments, fades and joints are the same, but what is done is handed over at
once, so that a song of any length takes the memory of one segment.

Source:
    S. Rouard, F. Massa and A. Defossez, Hybrid Transformers for Music Source Separation, ICASSP
    2023; segments and triangular fades as in `demucs.apply.apply_model`.
"""

import hashlib
import http.client
import importlib.metadata
import importlib.util
import logging
import math
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from tasks import cancellation
from tasks.analysis.backends.demucs_weights import weight_files
from tasks.analysis.separator import StemPiece
from tasks.errors import MissingDependencyError, TransientError
from tasks.media.audio import Audio, AudioStream, FloatArray

log = logging.getLogger(__name__)

_PACKAGES = ("torch", "demucs")
_INSTALL = "pip install 'songfilm[stems]'"
# Share of a segment that is faded into the next, as in Demucs.
_OVERLAP = 0.25
# CPU seconds that one network takes for a second of song, segments' overlap included: measured on
# a core of an AMD EPYC with torch 2.13. Twice the cores take a little more than half the time.
_CPU_S = 1.3
# Networks of the published models; each of them hears the whole song.
_NETWORKS = {"htdemucs_ft": 4, "mdx": 4, "mdx_extra": 4}
_DIGEST_LETTERS = 12


class DemucsSeparator:
    """One Demucs model."""

    def __init__(self, name: str, *, weights: Path | None = None) -> None:
        """Make sure that everything is there, without loading it.

        Args:
            name: A published model, or one that lies in `weights`.
            weights: Folder of `.th` files, and of the `.yaml` files that bind several of them to
                one model. The weights are fetched and kept by Demucs when empty. Weights are
                programs: take them only from people whose programs you would run.

        Raises:
            BadInputError: The folder does not exist.
            MissingDependencyError: Not installed, or the folder has not the weights.
        """
        self.name = name
        self._folder = None if weights is None else weights.expanduser()
        self._files = () if self._folder is None else weight_files(self._folder, name)
        for package in _PACKAGES:
            if importlib.util.find_spec(package) is None:
                raise MissingDependencyError(
                    f"stems by {name} need {package}, which is not installed: {_INSTALL}"
                )

    def version(self) -> str:
        """Model, release of Demucs, and the digest of weights that a person keeps."""
        told = f"{self.name}, demucs {importlib.metadata.version('demucs')}"
        if not self._files:
            return told
        digest = hashlib.sha256()
        for path in self._files:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return f"{told}, weights {digest.hexdigest()[:_DIGEST_LETTERS]}"

    def expected_s(self, duration_s: float) -> float | None:
        """Seconds on this machine's CPU; None on a GPU.

        Raises:
            MissingDependencyError: torch cannot be imported.
        """
        torch = _torch(self.name)
        if torch.cuda.is_available():
            return None
        local = sum(path.suffix == ".th" for path in self._files)
        networks = local or _NETWORKS.get(self.name, 1)
        return float(duration_s * _CPU_S * networks / torch.get_num_threads())

    def separate(self, audio: Audio | AudioStream) -> Iterator[StemPiece]:
        """See `StemSeparator`; the same samples give the same stems on the same machine.

        Raises:
            MissingDependencyError: The weights are not here and cannot be fetched, or are damaged.
            TransientError: Out of GPU memory.
            RunCancelledError: Somebody asked to stop.
        """
        torch = _torch(self.name)
        model = self._load()
        scale = _measure_scale(audio)
        rate_hz = int(model.samplerate)
        total = math.ceil(scale.samples * rate_hz / audio.sample_rate_hz)
        reader = _Reader(_at_rate(audio, rate_hz, scale), channels=model.audio_channels)
        try:
            model.to("cuda" if torch.cuda.is_available() else "cpu")
            for stems in _joined(model, reader, total):
                own = stems * scale.spread + scale.mean
                yield StemPiece(rate_hz, dict(zip(model.sources, own, strict=True)))
        except torch.cuda.OutOfMemoryError as error:
            raise TransientError(
                f"the GPU has no memory left for {self.name}; end other programs on it, or hide it "
                "(CUDA_VISIBLE_DEVICES=-1) to separate on the CPU"
            ) from error

    def _load(self) -> Any:
        """The model by Demucs' own loader.

        Raises:
            MissingDependencyError: No weights, or damaged ones.
        """
        from demucs.pretrained import get_model

        log.info("loading the weights of %s", self.name)
        try:
            return get_model(self.name, repo=self._folder)
        # Demucs leaves the program where a package for packed weights is missing.
        except (OSError, RuntimeError, http.client.HTTPException, SystemExit) as error:
            raise MissingDependencyError(self._missing(error)) from error
        except (pickle.UnpicklingError, EOFError, KeyError, AttributeError, ImportError) as error:
            raise MissingDependencyError(self._missing(error)) from error

    def _missing(self, error: BaseException) -> str:
        if self._folder is not None:
            return (
                f"the weights of {self.name} in {self._folder} cannot be read ({error}); "
                "copy or download them again"
            )
        return (
            f"the weights of {self.name} are not on this machine and cannot be fetched ({error}); "
            "go online once, or set SONGFILM_DEMUCS_MODELS to a folder that holds them"
        )


def _torch(name: str) -> Any:
    """Import torch.

    Raises:
        MissingDependencyError: It is broken, or Demucs is.
    """
    try:
        import demucs.pretrained  # noqa: F401  it imports what it needs, or fails here
        import torch
    except (ImportError, OSError) as error:
        raise MissingDependencyError(
            f"stems by {name} need torch and demucs, which cannot be imported ({error}): {_INSTALL}"
        ) from error
    return torch


def _joined(model: Any, reader: "_Reader", total: int) -> Iterator[FloatArray]:
    """Stems in pieces without seams, shape (stems, channels, samples)."""
    length = int(model.samplerate * _segment_s(model))
    stride = int((1.0 - _OVERLAP) * length)
    rising = np.arange(1, length // 2 + 1, dtype=np.float32)
    falling = np.arange(length - length // 2, 0, -1, dtype=np.float32)
    fade = np.concatenate((rising, falling)) / np.float32(length - length // 2)
    sums = np.zeros((len(model.sources), model.audio_channels, length), np.float32)
    weights = np.zeros(length, np.float32)
    for start in range(0, total, stride):
        count = min(length, total - start)
        # The last segment is short: what lies around it fills it up.
        before = (length - count) // 2
        parts = _apply(model, reader.window(start - before, length))
        sums[:, :, :count] += fade[:count] * parts[:, :, before : before + count]
        weights[:count] += fade[:count]
        done = min(stride, total - start)
        yield np.asarray(sums[:, :, :done] / weights[:done], np.float32)
        for held in (sums, weights):
            held[..., : length - stride] = held[..., stride:].copy()
            held[..., length - stride :] = 0.0


def _segment_s(model: Any) -> float:
    """Seconds that the model hears at a time: as many as all of its networks can."""
    return min(float(network.segment) for network in getattr(model, "models", (model,)))


def _apply(model: Any, window: FloatArray) -> FloatArray:
    """One segment through all networks, shape (stems, channels, samples)."""
    import torch
    from demucs.apply import apply_model

    sound = torch.from_numpy(np.ascontiguousarray(window[None], np.float32))
    stems = apply_model(
        model,
        sound,
        # Shifts by chance would give other stems each time.
        shifts=0,
        split=False,
        device=next(model.parameters()).device,
        callback=lambda state: cancellation.check(),
    )
    found: FloatArray = stems[0].cpu().numpy()
    return found


@dataclass(frozen=True)
class _Scale:
    """Samples of a song; mean and standard deviation of its mono sum, which networks expect."""

    samples: int
    mean: float
    spread: float


def _measure_scale(audio: Audio | AudioStream) -> _Scale:
    count, total, squares = 0, 0.0, 0.0
    for block in audio.blocks():
        mono = block.mean(axis=0, dtype=np.float64)
        count += len(mono)
        total += float(mono.sum())
        squares += float(np.square(mono).sum())
    mean = total / max(count, 1)
    variance = max(squares / max(count, 1) - mean * mean, 0.0)
    return _Scale(count, mean, math.sqrt(variance) + 1e-8)


def _at_rate(audio: Audio | AudioStream, rate_hz: int, scale: _Scale) -> Iterator[FloatArray]:
    """The song as networks expect it, piece by piece; shape (channels, samples)."""
    source_hz, channels = audio.sample_rate_hz, audio.channels
    stream = soxr.ResampleStream(source_hz, rate_hz, channels, dtype="float32", quality="HQ")

    def converted(block: FloatArray, *, last: bool) -> FloatArray:
        frames = np.ascontiguousarray(block.T if channels > 1 else block[0])
        told: FloatArray = stream.resample_chunk(frames, last=last)
        return told.reshape(-1, channels).T

    for block in audio.blocks():
        heard = block if source_hz == rate_hz else converted(block, last=False)
        yield np.asarray((heard - scale.mean) / scale.spread, np.float32)
    if source_hz != rate_hz:
        rest = converted(np.zeros((channels, 0), np.float32), last=True)
        yield np.asarray((rest - scale.mean) / scale.spread, np.float32)


class _Reader:
    """Windows of a song that comes in pieces; each begins after the one before."""

    def __init__(self, pieces: Iterator[FloatArray], *, channels: int) -> None:
        self._pieces, self._channels = pieces, channels
        self._held, self._begin = np.zeros((channels, 0), np.float32), 0

    def window(self, first: int, length: int) -> FloatArray:
        """Samples from `first` on, silent where the song is not; shape (channels, length)."""
        begin, end = max(first, 0), first + length
        while self._begin + self._held.shape[1] < end:
            piece = next(self._pieces, None)
            if piece is None:
                break
            if len(piece) != self._channels:
                mono = piece.mean(axis=0, keepdims=True)
                piece = np.repeat(mono, self._channels, axis=0)
            self._held = np.concatenate((self._held, piece), axis=1)
        self._held, self._begin = self._held[:, begin - self._begin :], begin
        part = self._held[:, : end - begin]
        window = np.zeros((self._channels, length), np.float32)
        window[:, begin - first : begin - first + part.shape[1]] = part
        return window
