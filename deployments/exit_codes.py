"""Exit codes of our commands, as the README's table lists them."""

from tasks.errors import (
    MissingDependencyError,
    PermanentError,
    RunCancelledError,
    TransientError,
)
from tasks.media.ffmpeg import is_no_space

DONE, BUG, BAD_INPUT, RESUMABLE, MISSING, DEGRADED, CANCELLED = 0, 1, 2, 3, 4, 5, 130


def code_of(error: BaseException) -> int:
    """The exit code of an error; that of a bug when it is none that we foresaw."""
    if isinstance(error, PermissionError):
        return BAD_INPUT
    if isinstance(error, OSError) and is_no_space(error):
        return RESUMABLE
    if isinstance(error, SystemExit):
        return int(error.code or 0) if isinstance(error.code, int | None) else BUG
    codes: tuple[tuple[type[BaseException], int], ...] = (
        (RunCancelledError, CANCELLED),
        (KeyboardInterrupt, CANCELLED),
        (MissingDependencyError, MISSING),
        (PermanentError, BAD_INPUT),
        (TransientError, RESUMABLE),
    )
    return next((code for kind, code in codes if isinstance(error, kind)), BUG)
