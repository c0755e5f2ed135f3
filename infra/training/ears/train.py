"""Second step: teach the network beats, downbeats and section borders, and keep its weights.

``python train.py FEATURES... --seeds 0 1 --out WEIGHTS.npz`` trains a network a seed on every song;
``--fold 0 --folds 3`` leaves a third of the compositions out and writes what is heard in them: what
later steps are fitted on must come from songs that the network never saw. Equal seeds give equal
weights on the same machine. PyTorch is needed here only; the room runs the networks in numpy.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from tasks.analysis.network import FRAMES_POOLED, network_inputs
from tasks.analysis.onsets import measure_flux

CHANNELS = 32
DILATIONS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
TAPS = 5
OUTPUTS = ("beat", "downbeat", "border")
KEPT = 2  # borders are learnt for the sense of form alone: the room finds better ones
CROP = 2600  # pooled frames: a minute
BATCH = 8
DROPOUT = 0.1
LEARNING_RATE = 3e-3
BORDER_WEIGHT = 0.3
BANDS_AN_OCTAVE = 8

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Example:
    """One song: log levels (frames, bands), chroma (frames, 12 + 1) at 86 Hz, and its truth."""

    name: str
    group: str
    source: str
    rate_hz: float
    levels: FloatArray
    harmony: FloatArray
    beats: npt.NDArray[np.float64]
    downbeats: npt.NDArray[np.float64]
    counted: bool
    borders: npt.NDArray[np.float64]
    annotators: int


def load(path: Path) -> Example:
    """Read one song's features."""
    with np.load(path) as data:
        return Example(
            name=path.stem,
            group=str(data["group"]),
            source=str(data["source"]),
            rate_hz=float(data["rate_hz"]),
            levels=data["levels"].astype(np.float32),
            harmony=data["harmony"].astype(np.float32),
            beats=data["beats"],
            downbeats=data["beats"][data["positions"] == 1],
            counted=bool(data["counted"]),
            borders=data["borders"],
            annotators=int(data["annotators"]),
        )


class Network(nn.Module):
    """A temporal convolutional network over pooled frames: residual blocks of growing reach.

    Source:
        M. Davies, S. Boeck, Temporal Convolutional Networks for Musical Audio Beat Tracking,
        EUSIPCO 2019; S. Boeck, M. Davies, Deconstruct, Analyse, Reconstruct, ISMIR 2020 (idea).
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.entry = nn.Conv1d(inputs, CHANNELS, 3, padding=1)
        self.wide = nn.ModuleList(
            nn.Conv1d(CHANNELS, CHANNELS, TAPS, padding=TAPS // 2 * d, dilation=d)
            for d in DILATIONS
        )
        self.mix = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, 1) for _ in DILATIONS)
        self.exit = nn.Conv1d(CHANNELS, len(OUTPUTS), 1)

    def forward(self, heard: Tensor) -> Tensor:
        """Logits (batch, outputs, frames) of inputs (batch, features, frames)."""
        state = functional.relu(self.entry(heard))
        total = torch.zeros_like(state)
        for wide, mix in zip(self.wide, self.mix, strict=True):
            inner = functional.relu(wide(state))
            inner = functional.dropout(inner, DROPOUT, self.training)
            step = mix(inner)
            state = functional.relu(state + step)
            total = total + step
        return torch.as_tensor(self.exit(total))


def inputs_of(levels: FloatArray, harmony: FloatArray) -> FloatArray:
    """What the network reads, shape (features, pooled frames)."""
    return network_inputs(levels, measure_flux(levels), harmony).T.copy()


def targets_of(example: Example, times: npt.NDArray[np.float64]) -> tuple[FloatArray, FloatArray]:
    """Targets and their weights, shape (outputs, frames), at the frames' times (rising)."""
    step = float(times[1] - times[0])
    targets = np.zeros((len(OUTPUTS), len(times)), np.float32)
    weights = np.ones_like(targets)
    for row, moments, width_s in ((0, example.beats, 0.02), (1, example.downbeats, 0.02)):
        targets[row] = _bumps(moments, times, max(width_s, 0.6 * step))
    weights[1] = 1.0 if example.counted else 0.0
    if example.annotators:
        for moment in example.borders[example.borders > 1.0]:
            targets[2] += _bumps(np.array([moment]), times, 0.25) / example.annotators
    weights[2] = BORDER_WEIGHT if example.annotators else 0.0
    return np.clip(targets, 0.0, 1.0), weights


def _bumps(
    moments: npt.NDArray[np.float64], times: npt.NDArray[np.float64], width_s: float
) -> FloatArray:
    if len(moments) == 0:
        return np.zeros(len(times), np.float32)
    after = np.clip(np.searchsorted(moments, times), 0, len(moments) - 1)
    before = np.maximum(after - 1, 0)
    away = np.minimum(np.abs(times - moments[after]), np.abs(times - moments[before]))
    return np.exp(-0.5 * np.square(away / width_s)).astype(np.float32)


def vary(example: Example, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
    """One varied minute, at another pace, pitch, equaliser and noise: inputs, targets, weights."""
    pace = 2.0 ** rng.uniform(-0.4, 0.4)
    frames = CROP * FRAMES_POOLED
    span = frames * pace
    first = rng.uniform(-0.1 * span, max(len(example.levels) - 0.9 * span, 1.0))
    at = first + pace * np.arange(frames)
    inside = (at >= 0) & (at <= len(example.levels) - 1)
    levels = _between(example.levels, at) * inside[:, None]
    harmony = _between(example.harmony, at) * inside[:, None]
    pitch = int(rng.integers(-5, 7))
    levels = _transpose(levels, pitch * BANDS_AN_OCTAVE / 12.0)
    harmony[:, :12] = np.roll(harmony[:, :12], pitch, axis=1)
    levels = _recolour(levels, rng)
    if rng.random() < 0.3:
        low = int(rng.integers(0, levels.shape[1] - 12))
        levels[:, low : low + int(rng.integers(4, 12))] = 0.0
    if rng.random() < 0.15:
        harmony[:] = 0.0
    times = at.reshape(-1, FRAMES_POOLED).mean(axis=1) / example.rate_hz
    targets, weights = targets_of(example, times)
    # A bump keeps its width in frames at any pace.
    return inputs_of(levels, harmony), targets, weights


def _between(rows: FloatArray, at: npt.NDArray[np.float64]) -> FloatArray:
    low = np.clip(np.floor(at).astype(int), 0, len(rows) - 1)
    high = np.minimum(low + 1, len(rows) - 1)
    share = np.clip(at - low, 0.0, 1.0)[:, None].astype(np.float32)
    return np.asarray(rows[low] * (1 - share) + rows[high] * share, np.float32)


def _transpose(levels: FloatArray, bands: float) -> FloatArray:
    """Move the spectrum up or down by a share of bands."""
    at = np.clip(np.arange(levels.shape[1]) - bands, 0, levels.shape[1] - 1)
    return _between(np.ascontiguousarray(levels.T), at).T.copy()


def _recolour(levels: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Another equaliser, compressor and noise floor, in the linear domain."""
    bands = levels.shape[1]
    knots = rng.normal(0.0, 5.0, 5)
    gain_db = np.interp(np.linspace(0, 4, bands), np.arange(5), knots) + rng.uniform(-6, 4)
    if rng.random() < 0.2:  # a small loudspeaker, or an old tape
        gain_db[: int(rng.integers(4, 20))] -= 24
    if rng.random() < 0.2:
        gain_db[-int(rng.integers(6, 24)) :] -= 24
    linear = np.expm1(levels) * (10 ** (gain_db / 20)).astype(np.float32)
    if rng.random() < 0.3:
        floor = 10 ** rng.uniform(-1.0, 1.0)
        linear += (floor * rng.rayleigh(0.6, linear.shape)).astype(np.float32)
    return np.log1p(linear)


def batch_of(examples: list[Example], rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """A batch of varied minutes."""
    picked = [vary(examples[int(rng.integers(len(examples)))], rng) for _ in range(BATCH)]
    inputs, targets, weights = (
        torch.from_numpy(np.stack(part)) for part in zip(*picked, strict=True)
    )
    return inputs, targets, weights


def train(examples: list[Example], *, steps: int, seed: int) -> Network:
    """Teach a network; the average of its last tenth of steps is kept."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    features = inputs_of(examples[0].levels[:8], examples[0].harmony[:8]).shape[0]
    network = Network(features)
    kept = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995)
    )
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, steps, pct_start=0.1)
    running = 0.0
    for step in range(steps):
        inputs, targets, weights = batch_of(examples, rng)
        logits = network(inputs)
        each = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        loss = (each * weights).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        kept.update_parameters(network)
        running = 0.98 * running + 0.02 * loss.item() if step else loss.item()
        if step % 50 == 0:
            print(f"step {step} loss {running:.4f}", flush=True)
    trained = kept.module
    assert isinstance(trained, Network)
    return trained.eval()


def export(network: Network) -> dict[str, npt.NDArray[np.float16]]:
    """Weights of a network as the room reads them: taps first, (taps, inputs, outputs)."""
    arrays: dict[str, npt.NDArray[np.float16]] = {}
    for name, value in network.state_dict().items():
        array = value.numpy()[:KEPT] if name.startswith("exit.") else value.numpy()
        arrays[name] = (array.transpose(2, 1, 0) if array.ndim == 3 else array).astype(np.float16)
    return arrays


def hear(network: Network, example: Example) -> FloatArray:
    """Logits of a whole song, shape (frames, outputs)."""
    with torch.no_grad():
        inputs = torch.from_numpy(inputs_of(example.levels, example.harmony))[None]
        return np.asarray(network(inputs)[0].T.numpy(), np.float32)


def _known(example: Example) -> bool:
    """Whether its beats are known, or that it has none."""
    return len(example.beats) > 0 or example.group.startswith("own-no-")


def main() -> None:
    """Train, and write weights; with ``--fold``, what the left-out songs sound like to it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("features", nargs="+", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="one network each")
    parser.add_argument("--fold", type=int)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--heard", type=Path, help="folder for logits of songs left out")
    chosen = parser.parse_args()
    files = sorted(f for folder in chosen.features for f in folder.glob("*.npz"))
    examples = [load(file) for file in files]
    sources = sorted({example.source for example in examples})
    order = np.random.default_rng(7).permutation(len(sources))
    fold_of = {sources[k]: i % chosen.folds for i, k in enumerate(order)}
    held = [e for e in examples if fold_of[e.source] == chosen.fold]
    learnt = [e for e in examples if fold_of[e.source] != chosen.fold and _known(e)]
    networks = [train(learnt, steps=chosen.steps, seed=seed) for seed in chosen.seeds]
    kept = [export(network) for network in networks]
    np.savez_compressed(chosen.out, **{name: np.stack([k[name] for k in kept]) for name in kept[0]})
    if chosen.heard:
        chosen.heard.mkdir(parents=True, exist_ok=True)
        for example in held:
            logits = [hear(network, example) for network in networks]
            np.save(chosen.heard / f"{example.name}.npy", np.mean(logits, axis=0))
    print(json.dumps({"trained": len(examples) - len(held), "left_out": len(held)}))


if __name__ == "__main__":
    main()
