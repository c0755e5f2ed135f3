"""What a beat tracker is, and how one is found by name."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from tasks.errors import BadInputError, PermanentError

if TYPE_CHECKING:
    from tasks.analysis.sound import Pulse, Sound

TRACKERS: dict[str, str] = {
    "songfilm": "tasks.analysis.backends.songfilm:SongfilmTracker",
    "librosa": "tasks.analysis.backends.librosa:LibrosaTracker",
    "essentia": "tasks.analysis.backends.essentia:EssentiaTracker",
    "beat_this": "tasks.analysis.backends.beat_this:BeatThisTracker",
}
OURS = "songfilm"
ENTRY_POINT_GROUP = "songfilm.beat_trackers"  # where other packages announce theirs


class TrackerError(PermanentError):
    """A beat tracker that broke off; another one may do."""


class BeatTracker(Protocol):
    """Finds the beats of a song."""

    name: str

    def version(self) -> str:
        """A word that changes whenever the beats of any song could.

        Stored analyses are found again by name and version: a network's has its weights in it.
        """
        ...

    def track(self, sound: "Sound") -> "Pulse":
        """Find beats and bars; the same sound gives the same pulse.

        A tracker that hears no bars hands its beats to `tasks.analysis.pulse.group_beats`. What
        breaks the rules of `Pulse` is mended afterwards, and told to the user.
        """
        ...


def load_tracker(name: str, *, weights: Mapping[str, Path] | None = None) -> BeatTracker:
    """Find a beat tracker among ours and those that other packages announce.

    Args:
        name: As in `known_trackers`.
        weights: Weight files by name of the tracker that they are for, as far as there are any.

    Raises:
        BadInputError: Nobody offers a tracker of that name.
        MissingDependencyError: Its package is not installed, or its weights are not there.
    """
    if name in TRACKERS:
        module, _, attribute = TRACKERS[name].partition(":")
        maker = getattr(import_module(module), attribute)
    elif name in _announced():
        maker = _announced()[name].load()
    else:
        known = ", ".join(known_trackers())
        raise BadInputError(f"beat tracker {name!r} is unknown; choose one of {known}")
    own = (weights or {}).get(name)
    return cast(BeatTracker, maker() if own is None else maker(weights=own))


def known_trackers() -> tuple[str, ...]:
    """Names of our beat trackers and of those that other packages announce."""
    return tuple(sorted({*TRACKERS, *_announced()}))


@lru_cache(maxsize=1)  # reading what is installed takes milliseconds
def _announced() -> dict[str, EntryPoint]:
    """Beat trackers of other packages."""
    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
