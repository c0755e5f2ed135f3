"""Hear songs and print what `shared/eval/eval_analysis.py` scores: one JSON object a song.

``python tests/bench/hear.py SONG`` prints it, as ``eval_analysis.py --cmd`` wants it. ``--beats
NAME`` lets another tracker find the beats. ``--preds DIR SONG ...`` hears many songs in one process
and writes ``DIR/<song>.json``, for ``eval_analysis.py --preds``. ``--peer librosa|essentia`` tells
what that library knows by itself: beats, the tempo of them, every fourth as a downbeat (neither
hears bars), essentia's key; no sections.
"""

import argparse
import json
import resource
from pathlib import Path
from typing import Any

from recipe_schema.analysis import Song
from tasks.analysis import analyze
from tasks.analysis.tracker import OURS, load_tracker
from tasks.media.audio import open_audio

PEERS = ("librosa", "essentia")


def main() -> None:
    """Hear what was named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("songs", nargs="+", type=Path)
    parser.add_argument("--beats", default=OURS, help="the beat tracker")
    parser.add_argument("--peer", choices=PEERS, help="what this library alone hears")
    parser.add_argument("--preds", type=Path, help="write a file a song into this folder")
    told = parser.parse_args()
    if told.preds is None and len(told.songs) > 1:
        parser.error("many songs need --preds")
    for song in told.songs:
        begun = cpu_s()
        heard = hear_by_peer(song, told.peer) if told.peer else hear(song, told.beats)
        heard["elapsed"] = round(cpu_s() - begun, 3)
        if told.preds is None:
            print(json.dumps(heard))
            return
        told.preds.mkdir(parents=True, exist_ok=True)
        (told.preds / f"{song.stem}.json").write_text(json.dumps(heard))


def hear(song: Path, beats: str) -> dict[str, Any]:
    """All that is scored of our analysis."""
    audio = open_audio(song)
    named = Song(
        sha256="0" * 64,
        name=song.name,
        sample_rate_hz=audio.sample_rate_hz,
        channels=audio.channels,
    )
    heard = analyze(audio, song=named, tracker=load_tracker(beats))
    return {
        "beats": heard.beats,
        "downbeats": heard.downbeats,
        "tempo": heard.tempo_bpm,
        "key": heard.key,
        "segments": [
            {"start": s.start, "end": s.end, "label": s.label, "function": str(s.type)}
            for s in heard.sections
        ],
    }


def hear_by_peer(song: Path, peer: str) -> dict[str, Any]:
    """What a library without us would say."""
    import librosa
    import numpy as np

    from tasks.analysis.intake import take_in
    from tasks.analysis.sound import measure_sound

    if peer == "librosa":
        samples, rate_hz = librosa.load(song)
        tempo, beats = librosa.beat.beat_track(y=samples, sr=rate_hz, units="time")
        return {
            "beats": beats.tolist(),
            "downbeats": beats[::4].tolist(),
            "tempo": float(np.asarray(tempo).item()),
        }
    from essentia.standard import KeyExtractor

    beats = load_tracker(peer).track(measure_sound(take_in(open_audio(song)).samples)).beats
    tonic, mode, _ = KeyExtractor(profileType="bgate")(librosa.load(song, sr=44100)[0])
    return {
        "beats": beats.tolist(),
        "downbeats": beats[::4].tolist(),
        "tempo": float(60.0 / np.median(np.diff(beats))) if len(beats) > 1 else 0.0,
        "key": f"{tonic} {mode}",
    }


def cpu_s() -> float:
    """CPU seconds of this process, all threads, and of the processes that it has ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))


if __name__ == "__main__":
    main()
