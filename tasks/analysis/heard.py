"""What was heard in a song, before its curves have a place in the store."""

from dataclasses import dataclass

from recipe_schema.analysis import (
    Confidence,
    Loudness,
    Mood,
    Section,
    Song,
    SongAnalysis,
    TempoPoint,
)
from recipe_schema.artifacts import ArtifactRef
from tasks.analysis.spectrum import FloatArray
from tasks.media.curves import Portrait

# Beside the analysis in the store.
_STORED = ("curves", "portrait")


@dataclass(frozen=True)
class Heard:
    """The result of listening; see `SongAnalysis` for the fields' meaning."""

    song: Song
    duration: float
    tempo_bpm: float
    tempo_curve: tuple[TempoPoint, ...]
    meter: int
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    key: str
    key_confidence: float
    mood: Mood
    genre: str | None
    genre_confidence: float
    sections: tuple[Section, ...]
    loudness: Loudness
    confidence: Confidence
    backends: dict[str, str]
    warnings: tuple[str, ...]
    curves: dict[str, FloatArray]  # 100 Hz, each 0..1: those of `tasks.analysis.bands`
    portrait: Portrait

    def to_analysis(self, curves: ArtifactRef) -> SongAnalysis:
        """The analysis as it travels, once the curves are stored.

        Args:
            curves: Where the npz of `self.curves` and `self.portrait` lies.

        Returns:
            The schema model.
        """
        fields = {name: value for name, value in vars(self).items() if name not in _STORED}
        return SongAnalysis(**fields, curves=curves)
