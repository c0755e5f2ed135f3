"""How large and how long a song may be."""

from dataclasses import dataclass

from tasks.media.ffmpeg import BadMediaError


class SongLimitError(BadMediaError):
    """A song that is larger or longer than this machine was told to take."""


@dataclass(frozen=True)
class SongLimits:
    """The settings ``SONGFILM_SONG_MAX_MB`` and ``SONGFILM_SONG_MAX_MINUTES``."""

    max_mb: float = 500.0
    max_minutes: float = 180.0

    @property
    def max_bytes(self) -> int:
        """Largest song, bytes."""
        return int(self.max_mb * 1e6)

    @property
    def max_s(self) -> float:
        """Longest song, seconds."""
        return self.max_minutes * 60.0

    def refuse_large(self, name: str, size: int) -> None:
        """Refuse a song by its size.

        Args:
            name: Of the song, for the message.
            size: Bytes.

        Raises:
            SongLimitError: More than the largest.
        """
        if size > self.max_bytes:
            raise SongLimitError(
                f"{name} has {size / 1e6:.1f} MB; at most {self.max_mb:g} MB are taken: convert it "
                "to mp3 or flac, or raise SONGFILM_SONG_MAX_MB"
            )

    def refuse_long(self, name: str, duration_s: float, *, at_least: bool = False) -> None:
        """Refuse a song by its length.

        Args:
            name: Of the song, for the message.
            duration_s: Seconds.
            at_least: Whether decoding was stopped there, so that nobody knows how it goes on.

        Raises:
            SongLimitError: More than the longest.
        """
        if duration_s > self.max_s:
            long = "more than " if at_least else ""
            length = self.max_s if at_least else duration_s
            raise SongLimitError(
                f"{name} is {long}{length / 60:.1f} minutes long; at most {self.max_minutes:g} are "
                "taken: give a part of it, or raise SONGFILM_SONG_MAX_MINUTES"
            )
