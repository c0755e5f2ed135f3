"""Fits the profiles of `tasks/analysis/key.py`: python infra/training/key/fit.py ITEMS WAVS.

ITEMS holds a folder a song with its truth.json (evaluation kit, `train`), WAVS its renders. Prints
the accuracy under cross-validation by source song, how far the confidence can be believed, and the
weights fitted to all songs.
"""

import json
import sys
from pathlib import Path

import numpy as np
import soundfile
from scipy.optimize import minimize

from tasks.analysis.chroma import measure_chroma
from tasks.analysis.key import PITCH_CLASSES, measure_contrast
from tasks.analysis.spectrum import to_listening_rate

RIDGE = 0.1  # of .03, .1, .3 and 1; all lie within .04 of one another
FOLDS = 8
FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}


def main(items: Path, wavs: Path) -> None:
    """Measure the songs, judge and fit."""
    rows, keys, sources = [], [], []
    for path in sorted(items.glob("*/truth.json")):
        truth = json.loads(path.read_text("utf-8"))
        if truth.get("key"):
            samples, rate = soundfile.read(wavs / f"{truth['id']}.wav", dtype="float32")
            mono = samples if samples.ndim == 1 else samples.mean(axis=1)
            contrast = measure_contrast(measure_chroma(to_listening_rate(mono, rate)))
            rows.append([np.roll(contrast, -tonic) for tonic in range(12)])
            tonic, mode = truth["key"].split()
            keys.append(2 * PITCH_CLASSES.index(FLATS.get(tonic, tonic)) + (mode == "minor"))
            sources.append(truth["source"].split(" (")[0])
    judge(np.array(rows), np.array(keys), np.array(sources))
    _tell(str(np.round(fit(np.array(rows), np.array(keys)), 2).tolist()))


def judge(rows: np.ndarray, keys: np.ndarray, sources: np.ndarray) -> None:
    """Print accuracy and reliability under cross-validation; a source song stays in one fold."""
    chances = np.zeros((len(keys), 24))
    order = np.random.default_rng(0).permutation(np.unique(sources))
    for fold in range(FOLDS):
        held = np.isin(sources, order[fold::FOLDS])
        chances[held] = weigh(rows[held], fit(rows[~held], keys[~held]))
    right, sure = chances.argmax(axis=1) == keys, chances.max(axis=1)
    _tell(f"{len(keys)} songs, {right.mean():.3f} right")
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1.01)):
        some = (sure >= low) & (sure < high)
        if some.any():
            told, true = sure[some].mean(), right[some].mean()
            _tell(
                f"confidence {low}..{high}: {some.sum()} songs, told {told:.2f}, right {true:.2f}"
            )


def weigh(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Chance of every key, shape (songs, 24), from contrasts turned to every tonic."""
    odds = rows @ weights[:24].reshape(2, 12).T
    odds[..., 1] += weights[24]
    odds = odds.reshape(len(rows), 24)
    chances = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def fit(rows: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Weights of major, of minor, and the odds of minor, shape (25,)."""
    truth = np.eye(24)[keys]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        chances = weigh(rows, weights)
        miss = (chances - truth).reshape(-1, 12, 2)
        slope = np.r_[np.einsum("stm,std->md", miss, rows).ravel(), miss[..., 1].sum()]
        cost = -np.log(chances[np.arange(len(keys)), keys] + 1e-12).sum()
        return cost + RIDGE * weights @ weights, slope + 2 * RIDGE * weights

    return np.asarray(minimize(loss, np.zeros(25), jac=True, method="L-BFGS-B").x)


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
