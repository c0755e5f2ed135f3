"""The analysis room: a song in, what was heard in it out."""

from typing import TYPE_CHECKING

from tasks.analysis.version import ANALYSIS_CODE_VERSION

if TYPE_CHECKING:
    from recipe_schema.analysis import Song
    from tasks.analysis.heard import Heard
    from tasks.analysis.tracker import BeatTracker
    from tasks.media.audio import Audio, AudioStream

__all__ = ["ANALYSIS_CODE_VERSION", "analyze"]


def analyze(
    audio: "Audio | AudioStream", *, song: "Song", tracker: "BeatTracker | None" = None
) -> "Heard":
    """Hear beats, bars, sections, key, mood, loudness and curves of a song.

    The same samples always give the same result.

    Args:
        audio: The song at its own rate, decoded or on its way.
        song: The file that it came from.
        tracker: Finds the beats; ours when empty (`tasks.analysis.tracker.load_tracker`).

    Returns:
        What was heard, with warnings where the song leaves doubt. A song without a beat has no
        beats and tempo 0; silence is one section.

    Raises:
        BadSongError: No samples, or samples that are not finite numbers.
        SongfilmError: The tracker cannot go on, such as `MissingDependencyError`.
    """
    # scipy, numba and librosa take two seconds to import: only who listens pays for them.
    from tasks.analysis.listening import listen

    return listen(audio, song=song, tracker=tracker)
