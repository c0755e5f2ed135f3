"""The one bit an orchestrator needs of an error: try again, or not."""


class SongfilmError(Exception):
    """Any error that songfilm raises on purpose; its message says what to do next."""


class TransientError(SongfilmError):
    """Trying again may help: network, lost worker, a disk that was full."""


class PermanentError(SongfilmError):
    """Trying again cannot help until somebody changes something."""


class BadInputError(PermanentError):
    """A song, recipe or option that cannot be used."""


class MissingDependencyError(PermanentError):
    """A program, package, service or weight file that is not there."""


class NoSpaceError(TransientError):
    """The disk filled up; finished work is kept."""


class RunCancelledError(SongfilmError):
    """Somebody asked the work to stop."""


class IncompleteFilmError(TransientError):
    """Some shots could not be made; the clips of the others are kept."""

    def __init__(self, message: str, *, shots: tuple[str, ...] = ()) -> None:
        """Keep which shots failed beside the message."""
        super().__init__(message)
        self.shots = shots
