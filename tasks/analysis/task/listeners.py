"""Who hears a song: found by name in what was asked for, and told apart in the store."""

from recipe_schema.forms import EarsOptions
from tasks.analysis.separator import StemSeparator, load_separator
from tasks.analysis.tracker import OURS, BeatTracker, load_tracker
from tasks.analysis.version import ANALYSIS_CODE_VERSION, STEMS_CODE_VERSION, weights_digest
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage.keys import analysis_key

_UNASKED = (EarsOptions().beats, EarsOptions().stems)


def check_ears(ears: EarsOptions, *, analysis: str | None = None) -> None:
    """Refuse listeners that are not there, before any work.

    Args:
        ears: Who listens.
        analysis: What was heard already, if it was given.

    Raises:
        BadInputError: An unknown beat tracker or stem model, or one that has nothing to hear.
        MissingDependencyError: Its package or weights are not there.
    """
    if analysis is not None and (ears.beats, ears.stems) != _UNASKED:
        raise BadInputError(
            "an analysis says what was heard, and `beats` and `stems` listen anew; give one of them"
        )
    _tracker_version(ears)
    find_separator(ears)


def listed_at(sha256: str, ears: EarsOptions) -> str:
    """Where the analysis is listed; corrections are no part of it, for they are made on top."""
    # Whatever else changes what is heard belongs here.
    listeners = {"weights": weights_digest(), "beats": _tracker_version(ears)}
    separator = find_separator(ears)
    if separator is not None:
        listeners["stems"] = f"{STEMS_CODE_VERSION} {separator.version()}"
    return analysis_key(sha256, ANALYSIS_CODE_VERSION, listeners=listeners)


def find_tracker(ears: EarsOptions) -> BeatTracker:
    """Who finds the beats."""
    return load_tracker(ears.beats, weights=Settings().tracker_weights)


def find_separator(ears: EarsOptions) -> StemSeparator | None:
    """Who takes the song apart, if anybody shall."""
    if ears.stems is None:
        return None
    return load_separator(ears.stems, weights=Settings().demucs_models)


def _tracker_version(ears: EarsOptions) -> str:
    """Name and version of the beat tracker; ours takes seconds to import, and has the code's."""
    return OURS if ears.beats == OURS else f"{ears.beats} {find_tracker(ears).version()}"
