"""What a stem separator is, and how one is found by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, cast

from tasks.analysis.backends.demucs_weights import names_in
from tasks.errors import BadInputError, PermanentError
from tasks.media.audio import Audio, AudioStream, FloatArray

STEMS = ("drums", "bass", "vocals", "other")
DEMUCS = "tasks.analysis.backends.demucs:DemucsSeparator"
# Demucs models by name; those of four networks each take four times as long.
SEPARATORS: dict[str, str] = dict.fromkeys(
    ("htdemucs", "htdemucs_ft", "htdemucs_6s", "hdemucs_mmi", "mdx", "mdx_extra"), DEMUCS
)
ENTRY_POINT_GROUP = "songfilm.stem_separators"  # where other packages announce theirs


class SeparatorError(PermanentError):
    """A separator that did not give what it must."""


@dataclass(frozen=True, eq=False)
class StemPiece:
    """Some seconds of every stem of a song.

    Attributes:
        sample_rate_hz: Of the stems; the same for all pieces of a song.
        stems: By name, float32 of shape (channels, samples), all of one length, as loud as they
            are in the song. Names other than those of `STEMS` are counted to `other`.
    """

    sample_rate_hz: int
    stems: Mapping[str, FloatArray]


class StemSeparator(Protocol):
    """Takes a song apart."""

    name: str

    def version(self) -> str:
        """A word that changes whenever the stems of any song could; weights are part of it."""
        ...

    def expected_s(self, duration_s: float) -> float | None:
        """Seconds that a song of this length will take here; None when that is nothing to wait for.

        Raises:
            MissingDependencyError: A package cannot be imported.
        """
        ...

    def separate(self, audio: Audio | AudioStream) -> Iterator[StemPiece]:
        """Hand over the stems piece by piece, so that no more than some seconds are in memory.

        The pieces follow each other without gap or seam and are as long together as the song.
        The same samples give the same stems.

        Args:
            audio: Mono or stereo, at any rate; its blocks may be asked for more than once.

        Raises:
            MissingDependencyError: Weights that are not here and cannot be fetched.
            TransientError: Out of GPU memory.
        """
        ...


def load_separator(name: str, *, weights: Path | None = None) -> StemSeparator:
    """Find a separator among ours and those that other packages announce; nothing heavy is loaded.

    Args:
        name: As in `known_separators`, or a Demucs model that lies in `weights`.
        weights: Folder of Demucs weights; they are fetched when empty.

    Raises:
        BadInputError: Nobody offers a separator of that name, or the folder does not exist.
        MissingDependencyError: Its package is not installed, or the folder has not its weights.
    """
    if name not in SEPARATORS and name in _announced():
        return cast(StemSeparator, _announced()[name].load()())
    local = names_in(weights.expanduser()) if weights is not None else ()
    if name not in SEPARATORS and name not in local:
        known = ", ".join(sorted({*known_separators(), *local}))
        raise BadInputError(f"stems {name!r} are unknown; choose one of {known}")
    module, _, attribute = SEPARATORS.get(name, DEMUCS).partition(":")
    return cast(StemSeparator, getattr(import_module(module), attribute)(name, weights=weights))


def known_separators() -> tuple[str, ...]:
    """Names of our separators and of those that other packages announce."""
    return tuple(sorted({*SEPARATORS, *_announced()}))


@lru_cache(maxsize=1)  # reading what is installed takes milliseconds
def _announced() -> dict[str, EntryPoint]:
    """Separators of other packages."""
    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
