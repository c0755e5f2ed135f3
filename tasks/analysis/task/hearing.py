"""What was heard in a song before, or a song that is heard now and kept."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from recipe_schema.analysis import Song, SongAnalysis
from recipe_schema.artifacts import ArtifactRef
from recipe_schema.forms import EarsOptions
from tasks.analysis import analyze
from tasks.analysis.separator import StemSeparator
from tasks.analysis.task.listeners import find_separator, find_tracker, listed_at
from tasks.analysis.version import STEMS_CODE_VERSION
from tasks.media.audio import AudioStream, open_audio
from tasks.media.curves import read_curves, write_curves
from tasks.media.progress import report
from tasks.settings import Settings
from tasks.storage.keys import stems_key
from tasks.storage.scratch import scratch_folder
from tasks.storage.songs import song_limits
from tasks.storage.store import ArtifactStore, holds, keep_file, read_index, to_json

if TYPE_CHECKING:
    from tasks.analysis.heard import Heard

log = logging.getLogger(__name__)


def recall_or_hear(
    path: Path, sha256: str, artifacts: ArtifactStore, ears: EarsOptions
) -> tuple[SongAnalysis, bool]:
    """What was heard, and whether it was before."""
    known = recall(sha256, ears, artifacts)
    if known is not None:
        return known, True
    heard = _hear(path, sha256, artifacts, ears)
    artifacts.put_bytes(listed_at(sha256, ears), to_json(heard).encode())
    return heard, False


def recall(sha256: str, ears: EarsOptions, artifacts: ArtifactStore) -> SongAnalysis | None:
    """What was heard before, by the same listeners, if its curves are still there."""
    known = read_index(artifacts, listed_at(sha256, ears), SongAnalysis)
    return known if known is not None and holds(artifacts, known.curves) else None


def _hear(path: Path, sha256: str, artifacts: ArtifactStore, ears: EarsOptions) -> SongAnalysis:
    """Decode, analyse and store the curves."""
    audio = open_audio(path, limits=song_limits(Settings()))
    song = Song(
        sha256=sha256,
        name=path.name,
        sample_rate_hz=audio.sample_rate_hz,
        channels=audio.channels,
    )
    heard = analyze(audio, song=song, tracker=find_tracker(ears))
    separator = find_separator(ears)
    if separator is not None:
        heard = _with_stems(heard, audio, separator, artifacts)
    with scratch_folder(Settings().scratch_path) as folder:
        write_curves(folder / "curves.npz", heard.curves, heard.portrait)
        curves = keep_file(artifacts, folder / "curves.npz", "application/x-npz", move=True)
    return heard.to_analysis(curves)


def _with_stems(
    heard: "Heard", audio: AudioStream, separator: StemSeparator, artifacts: ArtifactStore
) -> "Heard":
    """Add the curves of the song's stems: separated now, or before for another analysis."""
    # numba takes seconds to import: only who wants stems pays for it.
    from tasks.analysis.stems import measure_song, measure_stems, waiting_note
    from tasks.analysis.stems import with_stems as put_together

    version = separator.version()
    key = stems_key(heard.song.sha256, STEMS_CODE_VERSION, separator=version)
    known = read_index(artifacts, key, ArtifactRef)
    with scratch_folder(Settings().scratch_path) as folder:
        if known is not None and holds(artifacts, known):
            return put_together(heard, read_curves(artifacts.local_file(known, folder)), separator)
        power = measure_song(audio)
        note = waiting_note(separator.expected_s(power.duration))
        log.log(
            logging.WARNING if note else logging.INFO,
            "separating %.0f s of song by %s%s",
            *(power.duration, version, f": {note}" if note else ""),
        )
        powers = measure_stems(
            audio,
            power,
            separator,
            progress=lambda done, total: report("stems", done, total, note),
        )
        write_curves(folder / "stems.npz", powers)
        stored = keep_file(artifacts, folder / "stems.npz", "application/x-npz", move=True)
    artifacts.put_bytes(key, to_json(stored).encode())
    return put_together(heard, powers, separator)
