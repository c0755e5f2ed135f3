"""How well and how cheaply songs are heard: the rows "Ears" of the targets.

Run by `python -m tests.bench ears`. Scores are those of the evaluation kit (`shared/eval` beside
the project, or SONGFILM_EVAL) on its development songs, rendered once by the kit with fluidsynth
and the soundfont FluidR3 into the folder for temporary files (`--audio` names another); librosa
and, where it is installed, essentia hear the same songs in the same run. The groups pop909-band and
pop909-edm are SYNTHETIC arrangements of real songs (the kit's README). `low` and `high` are a
bootstrap over songs, 95 %.

Costs are CPU seconds of all threads and of ffmpeg, everything warm, one process: for each of some
songs, ours and `librosa.load` + `librosa.beat.beat_track` in turn; the median over songs of the
ratio. Memory is the peak of a fresh process, imports included.

`--costs` measures costs alone, `--scores` scores alone; `--write-reference` writes what
`tests/analysis/test_dev_scores.py` compares with.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import mir_eval
import numpy as np
from hear import PEERS, cpu_s, hear
from support.dev_scores import REFERENCE, SONGS, write_reference
from support.eval_kit import (
    ALL,
    METRICS,
    PROJECT,
    NoKitError,
    Row,
    find_kit,
    hear_songs,
    means,
    render,
    score,
    song_ids,
    values,
)

SPLIT = "dev"
COSTED = ("d_band_02", "d_edm_01", "d_game_02", "d_lmms_03", "d_piano_05")
# Songs for memory: five minutes, and the hour-long mix.
LENGTHS_S = {"five_minutes": 300, "hour": 3600}
DRAWS, INTERVAL = 2000, (2.5, 97.5)
HIT_S = 0.07


def main() -> None:
    """Print the figures that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench ears")
    parser.add_argument("--audio", type=Path, help="folder with the rendered songs")
    parser.add_argument("--costs", action="store_true", help="costs alone")
    parser.add_argument("--scores", action="store_true", help="scores alone")
    parser.add_argument("--write-reference", action="store_true")
    parser.add_argument("--peak", choices=("ours", "librosa"), help=argparse.SUPPRESS)
    parser.add_argument("--song", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.peak:
        {"ours": lambda: hear(told.song, "songfilm"), "librosa": lambda: by_librosa(told.song)}[
            told.peak
        ]()
        print(own_peak_mb())
        return
    try:
        kit = find_kit()
        audio = render(kit, SPLIT, song_ids(kit, SPLIT), audio=told.audio)
    except NoKitError as error:
        sys.exit(f"ears: {error}")
    if not told.costs:
        show_scores(kit, audio, write=told.write_reference)
    if not told.scores and not told.write_reference:
        show_costs(audio)


def show_scores(kit: Path, audio: Path, *, write: bool) -> None:
    """Let everyone hear every song, and print each metric with the peers beside ours."""
    ids = song_ids(kit, SPLIT)
    with tempfile.TemporaryDirectory(prefix="songfilm-ears-") as folder:
        rows, timing = heard_by(kit, ids, audio, Path(folder) / "ours")
        if write:
            write_reference(rows)
            print(f"wrote {REFERENCE.relative_to(PROJECT)} ({len(SONGS)} songs, and all)")
            return
        peers = {
            peer: heard_by(kit, ids, audio, Path(folder) / peer, "--peer", peer)
            for peer in PEERS
            if importlib.util.find_spec(peer)
        }
    table = means(rows)
    for metric in METRICS:
        beside = {group: row[metric] for group, row in table.items() if metric in row}
        found = values(rows, metric)
        beside["low"], beside["high"] = interval(found)
        for peer, (theirs, _) in peers.items():
            if known := values(theirs, metric):
                beside[peer] = statistics.mean(known)
        show(f"ears_{metric}", beside.pop(ALL), "share", len(found), beside)
    late = {peer: median_ms for peer, (_, median_ms) in peers.items()}
    show("ears_beat_timing_ms", timing, "ms", len(rows), late)


def heard_by(
    kit: Path, ids: Sequence[str], audio: Path, preds: Path, *options: str
) -> tuple[list[Row], float]:
    """Scores of every song, and the median timing error of its beats that hit, milliseconds."""
    hear_songs(ids, audio, preds, *options)
    errors: list[float] = []
    for name in ids:
        truth = json.loads((kit / SPLIT / "items" / name / "truth.json").read_text())["beats"]
        taps = json.loads((preds / f"{name}.json").read_text())["beats"]
        right, found = np.array([beat[0] for beat in truth]), np.array(taps)
        hits = mir_eval.util.match_events(right, found, HIT_S)
        errors += [abs(right[i] - found[j]) for i, j in hits]
    return score(kit, SPLIT, ids, audio, preds), 1000.0 * statistics.median(errors)


def interval(found: Sequence[float]) -> tuple[float, float]:
    """Where the mean would lie with other songs of this kind."""
    rng = np.random.default_rng(0)
    drawn = rng.choice(np.array(found), (DRAWS, len(found))).mean(axis=1)
    low, high = np.percentile(drawn, INTERVAL)
    return float(low), float(high)


def show_costs(audio: Path) -> None:
    """Print CPU beside librosa's, and peak memory."""
    songs = [next(audio.glob(f"{name}.*")) for name in COSTED]
    works: dict[str, Callable[[Path], object]] = {
        "beats": hear_what_counts,
        "analysis": lambda song: hear(song, "songfilm"),
        "librosa": by_librosa,
    }
    for work in works.values():  # compiled, imported, read from the disk
        work(songs[0])
    took: dict[str, list[float]] = {name: [] for name in works}
    for number, song in enumerate(songs):
        # Whoever comes second finds the file warm: they take turns in that, too.
        order = list(works.items())
        for name, work in order if number % 2 else order[::-1]:
            begun = cpu_s()
            work(song)
            took[name].append(cpu_s() - begun)
    for name in ("beats", "analysis"):
        ratios = [a / b for a, b in zip(took[name], took["librosa"], strict=True)]
        beside = {f"{side}_cpu_s": statistics.median(took[side]) for side in (name, "librosa")}
        beside |= {song.stem: ratio for song, ratio in zip(songs, ratios, strict=True)}
        show(f"{name}_cost_ratio", statistics.median(ratios), "ratio", len(songs), beside)
    show_memory(songs[0])


def hear_what_counts(song: Path) -> None:
    """Decode, beats, downbeats, key and sections: what the first cost row holds."""
    from tasks.analysis.energy import measure_energy
    from tasks.analysis.key import find_key
    from tasks.analysis.sections import name_sections
    from tasks.analysis.sound import measure_sound
    from tasks.analysis.spectrum import to_listening_rate
    from tasks.analysis.structure import find_structure
    from tasks.analysis.tracker import OURS, load_tracker
    from tasks.media.audio import open_audio

    audio = open_audio(song)
    mono = np.concatenate([sum(block) / np.float32(len(block)) for block in audio.blocks()])
    sound = measure_sound(to_listening_rate(mono, audio.sample_rate_hz))
    pulse = load_tracker(OURS).track(sound)
    find_key(sound.chroma)
    duration = len(mono) / audio.sample_rate_hz
    structure = find_structure(sound, pulse.downbeats, duration=duration)
    energy = measure_energy(sound.spectrum.weighted_power)
    name_sections(structure, sound.spectrum, sound.onsets, energy)


def by_librosa(song: Path) -> None:
    """The peer: decode and beats."""
    import librosa

    samples, rate_hz = librosa.load(song)
    librosa.beat.beat_track(y=samples, sr=rate_hz)


def show_memory(song: Path) -> None:
    """Peak memory of fresh processes."""
    with tempfile.TemporaryDirectory(prefix="songfilm-ears-") as folder:
        peaks = {}
        for name, length_s in LENGTHS_S.items():
            path = repeated(song, Path(folder) / f"{name}.wav", length_s)
            peaks[name] = peak_mb("ours", path)
            if name == "five_minutes":
                peaks["librosa"] = peak_mb("librosa", path)
    show("analysis_rss_mb", peaks.pop("five_minutes"), "MB", 1, peaks)


def repeated(song: Path, path: Path, length_s: int) -> Path:
    """A song over and over, for so long, as 16 bit stereo."""
    from tasks.media.audio import decode_audio

    audio = decode_audio(song)
    whole = (np.clip(audio.samples.T, -1, 1) * 32767).astype("<i2")
    left = length_s * audio.sample_rate_hz
    with wave.open(str(path), "wb") as file:
        file.setnchannels(audio.channels)
        file.setsampwidth(2)
        file.setframerate(audio.sample_rate_hz)
        while left > 0:
            file.writeframes(whole[:left].tobytes())
            left -= len(whole)
    return path


def peak_mb(side: str, song: Path) -> float:
    """Of a process that hears one song."""
    command = [sys.executable, __file__, "--peak", side, "--song", str(song)]
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT}:{PROJECT / 'tests'}"}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.split()[-1])


def own_peak_mb() -> float:
    """Of this process; `getrusage` would count what its parent had when it was started."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def show(figure: str, value: float, unit: str, count: int, beside: dict[str, float]) -> None:
    """Print a figure as a line."""
    beside = {name: round(other, 3) for name, other in beside.items()}
    line = {"figure": figure, "value": round(value, 3), "unit": unit, "n": count}
    print(json.dumps({**line, "beside": beside}), flush=True)


if __name__ == "__main__":
    main()
