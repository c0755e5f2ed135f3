"""A worker that fails one run after another stops taking runs for a while."""

from deployments.gpu_worker.outcome import Outcome


class Breaker:
    """Counts failures in a row; open it refuses runs, half open it lets one try."""

    def __init__(self) -> None:
        """Start closed: everything goes through."""
        self._failures = 0
        self._until: float | None = None

    def is_open(self, now: float) -> bool:
        """Whether no run may be taken.

        Args:
            now: Seconds of a clock that never goes back.
        """
        return self._until is not None and now < self._until

    def room(self, free: int, *, busy: int, now: float) -> int:
        """How many runs may be taken.

        Args:
            free: Idle engines.
            busy: Engines at work.
            now: Seconds, as for `is_open`.
        """
        if self._until is None:
            return free
        return 0 if self.is_open(now) or busy else min(free, 1)

    def record(self, outcome: Outcome, *, limit: int, pause_s: float, now: float) -> bool:
        """Note how a run ended.

        Args:
            outcome: Of the run; what the request itself was to blame for changes nothing.
            limit: So many failures in a row open it; never when 0.
            pause_s: How long it then stays open, seconds.
            now: Seconds, as for `is_open`.

        Returns:
            Whether it opened just now.
        """
        if outcome is Outcome.DONE:
            self._failures, self._until = 0, None
        if not outcome.blames_worker or not limit:
            return False
        self._failures += 1
        # A try that failed after a pause opens it at once.
        if self._failures < limit and self._until is None:
            return False
        if self.is_open(now):
            return False
        self._until = now + pause_s
        return True
