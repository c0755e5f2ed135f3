"""Learns the weights of tasks/analysis/weights/sections.json from songs cut by hand.

    python infra/training/sections.py AUDIO TRUTH --cache DIR [--out FILE]

AUDIO holds <id>.wav, TRUTH <id>/truth.json (beats with their place in the bar; segments of two
annotators). Each song is measured once into the cache. Every song teaches twice: with the
downbeats of the truth and with those that the room hears. All weights are ridge regressions in
closed form: the same songs always give the same file. Figures are of songs held out (five folds).
"""

import argparse
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from tasks.analysis.borders import border_chances, choose_borders, describe_borders
from tasks.analysis.letters import compare_spans
from tasks.analysis.repetition import Likeness, compare_bars
from tasks.analysis.sound import measure_sound
from tasks.analysis.spectrum import to_listening_rate
from tasks.analysis.structure import (
    BarGrid,
    Learnt,
    inner_cuts,
    lay_grid,
    tell_structure,
    whole_bars,
)
from tasks.analysis.tracker import OURS, load_tracker
from tasks.media.audio import decode_audio
from tasks.media.limits import SongLimits

log = logging.getLogger(__name__)

ANNOTATORS = ("annotator1", "annotator2")
FOLDS = 5
RIDGE_BORDERS, RIDGE_PAIRS = 0.1, 0.01
SHORTEST_BARS, LONGEST_BARS = 2, 40  # a bar alone is a fill, whatever some annotators say
UNSEEN_LENGTH = 0.5  # counts added to every length
NEAR_S = 0.5
BANDS = ("weighted", "bass", "mids", "highs")  # the powers that borders are told by


@dataclass
class Example:
    """One song on one grid of bars."""

    song: str
    group: str
    truth: dict[str, list[list[Any]]]
    from_truth: bool
    grid: BarGrid
    likeness: Likeness
    clues: np.ndarray


def main() -> None:
    """Learn, show figures of songs held out, write the weights."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("audio", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    chosen.cache.mkdir(parents=True, exist_ok=True)
    examples = list(gather(chosen.audio, chosen.truth, chosen.cache))
    held_out = learn_folds(examples)
    show(examples, held_out)
    if chosen.out:
        learnt = learn(examples, held_out)
        kept = {name: [round(float(v), 6) for v in row] for name, row in vars(learnt).items()}
        chosen.out.write_text(json.dumps(kept) + "\n")


def gather(audio: Path, truths: Path, cache: Path) -> Iterator[Example]:
    """Examples of every song that has sections and a recording."""
    for path in sorted(truths.glob("*/truth.json")):
        truth = json.loads(path.read_text())
        song = path.parent.name
        if not truth.get("segments") or not (audio / f"{song}.wav").exists():
            continue
        sound, heard, duration = remember(audio / f"{song}.wav", cache / f"{song}.npz")
        true = np.array([time for time, place in truth["beats"] if place == 1])
        for downbeats, from_truth in ((true, True), (heard, False)):
            if len(downbeats) < 2:
                continue
            grid = lay_grid(downbeats, duration)
            likeness = compare_bars(sound, grid.borders)
            clues = describe_borders(likeness, sound, grid.borders)
            yield Example(
                song, truth["group"], truth["segments"], from_truth, grid, likeness, clues
            )


def remember(path: Path, kept: Path) -> tuple[Any, np.ndarray, float]:
    """What the structure needs of a song's sound; its downbeats as heard; its seconds."""
    if not kept.exists():
        audio = decode_audio(path, limits=SongLimits())
        samples = to_listening_rate(audio.mono(), audio.sample_rate_hz)
        sound = measure_sound(samples)
        powers = {f"{k}_power": getattr(sound.spectrum, f"{k}_power") for k in BANDS}
        np.savez(
            kept,
            log_levels=sound.onsets.log_levels.astype(np.float16),
            registers=sound.onsets.registers.astype(np.float16),
            melodic=sound.chroma.melodic.astype(np.float16),
            power=sound.spectrum.power,
            downbeats=load_tracker(OURS).track(sound).downbeats,
            duration=audio.duration,
            **powers,
        )
    with np.load(kept) as read:
        had = {name: read[name] for name in read.files}
    wide = {k: had[k].astype(np.float32) for k in ("log_levels", "registers", "melodic")}
    spectrum = SimpleNamespace(
        power=had["power"], **{f"{k}_power": had[f"{k}_power"] for k in BANDS}
    )
    onsets = SimpleNamespace(log_levels=wide["log_levels"], registers=wide["registers"])
    chroma = SimpleNamespace(melodic=wide["melodic"])
    sound_kept = SimpleNamespace(spectrum=spectrum, onsets=onsets, chroma=chroma)
    return sound_kept, had["downbeats"], float(had["duration"])


def learn_folds(examples: Sequence[Example]) -> dict[str, Learnt]:
    """For every song, weights learnt from the songs of other folds."""
    songs = sorted({e.song for e in examples})
    shuffled = np.random.default_rng(0).permutation(len(songs))
    folds = [{songs[i] for i in shuffled[fold::FOLDS]} for fold in range(FOLDS)]
    held_out: dict[str, Learnt] = {}
    for fold in folds:
        others = [e for e in examples if e.song not in fold]
        first = Learnt(learn_borders(others), learn_lengths(others), np.zeros(0), np.zeros(0))
        held_out |= dict.fromkeys(fold, first)
    for fold in folds:
        others = [e for e in examples if e.song not in fold]
        held_out |= {song: refine(others, held_out, held_out[song]) for song in fold}
    return held_out


def learn(examples: Sequence[Example], held_out: dict[str, Learnt]) -> Learnt:
    """Weights from all examples."""
    first = Learnt(learn_borders(examples), learn_lengths(examples), np.zeros(0), np.zeros(0))
    return refine(examples, held_out, first)


def refine(examples: Sequence[Example], held_out: dict[str, Learnt], first: Learnt) -> Learnt:
    """Add what is learnt from borders as they are found in songs held out."""
    pairs, confidence = learn_pairs(examples, held_out), learn_confidence(examples, held_out)
    return Learnt(first.borders, first.lengths, pairs, confidence)


def learn_borders(examples: Sequence[Example]) -> np.ndarray:
    """Weights of the clues for a border."""
    rows = np.concatenate([e.clues[e.grid.heard] for e in examples])
    aims = np.concatenate([_is_border(e)[e.grid.heard] for e in examples])
    return _ridge(rows, aims, np.ones(len(aims)), RIDGE_BORDERS * len(aims))


def learn_lengths(examples: Sequence[Example]) -> np.ndarray:
    """Log-odds of section lengths in true bars."""
    counts = np.full(LONGEST_BARS + 1, UNSEEN_LENGTH)
    counts[:SHORTEST_BARS] = 0.0
    for e in examples:
        for annotator in ANNOTATORS if e.from_truth else ():
            for start, end, _ in e.truth[annotator]:
                bars = round((end - start) / e.grid.bar_s)
                if SHORTEST_BARS <= bars <= LONGEST_BARS:
                    counts[bars] += 1.0
    return np.log(counts / counts.sum() * LONGEST_BARS + 1e-9)


def learn_pairs(examples: Sequence[Example], held_out: dict[str, Learnt]) -> np.ndarray:
    """Weights of the clues for two sections being one; every song counts alike."""
    rows, aims, weights = [], [], []
    for e in examples:
        cuts = _cuts(e, held_out[e.song])
        if len(cuts) == 0:
            continue
        clues = compare_spans(e.likeness, whole_bars(cuts, len(e.grid.borders) - 1))
        times = np.concatenate(([0.0], e.grid.borders[cuts], [e.grid.duration]))
        one, other = np.triu_indices(len(times) - 1, 1)
        names = [np.array(_letters_at(e, times, a)) for a in ANNOTATORS]
        share = np.diff(times) / e.grid.duration
        rows.append(clues)
        aims.append(np.mean([n[one] == n[other] for n in names], axis=0))
        weights.append(share[one] * share[other] + 1.0 / (3 * len(one)))
    return _ridge(np.concatenate(rows), np.concatenate(aims), np.concatenate(weights), None)


def learn_confidence(examples: Sequence[Example], held_out: dict[str, Learnt]) -> np.ndarray:
    """Slope and offset from a chosen border's chance to that of being right, on heard downbeats."""
    chances, right = [], []
    for e in examples:
        if not e.from_truth:
            cuts = _cuts(e, held_out[e.song])
            chances.append(_chances(e, held_out[e.song])[cuts])
            right.append(_is_right(e, e.grid.borders[cuts]))
    return np.polyfit(np.concatenate(chances), np.concatenate(right), 1)


def show(examples: Sequence[Example], held_out: dict[str, Learnt]) -> None:
    """Print figures by kind of downbeats and group, and how far the confidence can be believed."""
    believed, right = [], []
    scores: dict[tuple[bool, str], list[tuple[float, ...]]] = {}
    for e in examples:
        found = tell_structure(e.grid, e.likeness, e.clues, held_out[e.song])
        edges = np.array([found.borders[s.first] for s in found.spans] + [found.borders[-1]])
        score = (*_boundary_f(e, edges[1:-1]), *_letter_scores(e, edges, found.spans))
        for group in (e.group, "all"):
            scores.setdefault((e.from_truth, group), []).append(score)
        if not e.from_truth:
            believed += [s.confidence for s in found.spans[1:]]
            right += list(_is_right(e, edges[1:-1]))
    rng = np.random.default_rng(0)
    for (from_truth, group), rows in sorted(scores.items()):
        table = np.array(rows)
        again = [table[rng.integers(0, len(table), len(table))].mean(axis=0) for _ in range(1000)]
        low, high = np.percentile(again, (2.5, 97.5), axis=0)
        said = " ".join(
            f"{m:.3f} [{a:.3f} {b:.3f}]"
            for m, a, b in zip(table.mean(axis=0), low, high, strict=True)
        )
        kind = "true" if from_truth else "heard"
        log.info("%-5s %-13s %3d %s", kind, group, len(table), said)
    sure, was = np.array(believed), np.array(right)
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        here = (sure >= low) & (sure < low + 0.2 + (low == 0.8))
        if here.any():
            said, held = sure[here].mean(), was[here].mean()
            log.info(
                "confidence %.1f+: %4d borders, said %.2f, right %.2f", low, sum(here), said, held
            )


def _ridge(
    rows: np.ndarray, aims: np.ndarray, weights: np.ndarray, price: float | None
) -> np.ndarray:
    wide = np.column_stack((rows, np.ones(len(rows)))).astype(np.float64)
    gram = wide.T @ (wide * weights[:, None])
    price = RIDGE_PAIRS * float(np.diag(gram).mean()) if price is None else price
    held = np.eye(len(gram)) * price
    held[-1, -1] = 0.0
    return np.linalg.solve(gram + held, wide.T @ (weights * aims))


def _chances(e: Example, learnt: Learnt) -> np.ndarray:
    return border_chances(e.clues, learnt.borders)


def _cuts(e: Example, learnt: Learnt) -> np.ndarray:
    return inner_cuts(e.grid, choose_borders(_chances(e, learnt), e.grid.heard, learnt.lengths))


def _true_borders(e: Example, annotator: str) -> np.ndarray:
    times = {t for start, end, _ in e.truth[annotator] for t in (start, end)}
    return np.array(sorted(t for t in times if 1e-3 < t < e.grid.duration - 1e-3))


def _is_border(e: Example) -> np.ndarray:
    """Share of the annotators that have a border nearest to each border of the grid."""
    aims = np.zeros(len(e.grid.borders))
    for annotator in ANNOTATORS:
        times = {t for start, end, _ in e.truth[annotator] for t in (start, end)}
        for time in times:
            nearest = int(np.abs(e.grid.borders - time).argmin())
            if abs(e.grid.borders[nearest] - time) < 0.5 * e.grid.bar_s:
                aims[nearest] += 1.0 / len(ANNOTATORS)
    return np.minimum(aims, 1.0)


def _is_right(e: Example, times: np.ndarray) -> np.ndarray:
    shares = [
        np.abs(times[:, None] - _true_borders(e, a)[None]).min(axis=1) <= NEAR_S for a in ANNOTATORS
    ]
    return np.mean(shares, axis=0)


def _boundary_f(e: Example, times: np.ndarray) -> tuple[float, float]:
    """F-measure within 0.5 s and 3 s, mean of the annotators."""
    return tuple(
        float(np.mean([_f_measure(_true_borders(e, a), times, window) for a in ANNOTATORS]))
        for window in (NEAR_S, 3.0)
    )  # type: ignore[return-value]


def _f_measure(truth: np.ndarray, found: np.ndarray, window: float) -> float:
    i = j = hits = 0
    while i < len(truth) and j < len(found):
        near = abs(truth[i] - found[j]) <= window
        hits += near
        ahead = truth[i] < found[j]
        i, j = i + (near or ahead), j + (near or not ahead)
    return 2 * hits / max(1, len(truth) + len(found))


def _overlaps(e: Example, times: np.ndarray, annotator: str) -> tuple[np.ndarray, list[str]]:
    """Seconds that each found section shares with each true letter; the last is no section."""
    names = sorted({name for _, _, name in e.truth[annotator]})
    table = np.zeros((len(times) - 1, len(names) + 1))
    for row, (start, end) in zip(table, pairwise(times), strict=True):
        for first, last, name in e.truth[annotator]:
            row[names.index(name)] += max(0.0, min(end, last) - max(start, first))
        row[-1] = max(0.0, end - start - row.sum())
    return table, [*names, ""]


def _letters_at(e: Example, times: np.ndarray, annotator: str) -> list[str]:
    table, names = _overlaps(e, times, annotator)
    return [names[i] for i in table.argmax(axis=1)]


def _letter_scores(e: Example, times: np.ndarray, spans: Sequence[Any]) -> tuple[float, float]:
    """Pairwise F and V-measure, mean of the annotators."""
    letters = [span.label for span in spans]
    kinds = sorted(set(letters))
    rows = []
    for annotator in ANNOTATORS:
        table, _ = _overlaps(e, times, annotator)
        joint = np.array([table[[x == k for x in letters]].sum(axis=0) for k in kinds])
        joint /= joint.sum()
        found, true = joint.sum(axis=1), joint.sum(axis=0)
        pairs = 2 * (joint**2).sum() / ((found**2).sum() + (true**2).sum())
        shared = _entropy(found) + _entropy(true) - _entropy(joint.ravel())
        v = 2 * shared / max(_entropy(found) + _entropy(true), 1e-9)
        rows.append((float(pairs), float(v)))
    return tuple(np.mean(rows, axis=0))


def _entropy(shares: np.ndarray) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log(some)).sum())


if __name__ == "__main__":
    main()
