"""What a film used again, and what that spared, in words for people."""

from collections.abc import Sequence

from recipe_schema.artifacts import Clip, ShotRecord
from recipe_schema.base import SchemaModel

# Less than half a cent, or half a second, is not worth a word.
LEAST_USD, LEAST_S = 0.005, 0.5


class Savings(SchemaModel):
    """Clips of a film that were there already."""

    shots: int
    hits: int
    near: int
    usd: float
    seconds: float

    @property
    def clips(self) -> str:
        """How many clips were there, such as ``5 of 12, 1 of them of similar words``."""
        told = f"{self.hits} of {self.shots}"
        return f"{told}, {self.near} of them of similar words" if self.near else told

    @property
    def saved(self) -> str | None:
        """Money and rendering time that were spared; None when it is next to nothing."""
        told = []
        if self.usd >= LEAST_USD:
            told.append(money(self.usd))
        if self.seconds >= LEAST_S:
            told.append(f"{length_of_time(self.seconds)} of rendering")
        return " and ".join(told) or None


def savings_of(shots: Sequence[Clip | ShotRecord]) -> Savings:
    """Count what was used again."""
    return Savings(
        shots=len(shots),
        hits=sum(shot.cache == "hit" for shot in shots),
        near=sum(shot.near_of is not None for shot in shots),
        usd=sum(shot.saved_usd for shot in shots),
        seconds=sum(shot.saved_s for shot in shots),
    )


def spent(shots: Sequence[Clip | ShotRecord]) -> str:
    """Rendering time of the clips that were made, and what they cost if they cost money."""
    seconds, cost = sum(shot.seconds for shot in shots), sum(shot.cost for shot in shots)
    if cost < LEAST_USD:
        return length_of_time(seconds)
    return f"{length_of_time(seconds)}, {money(cost)}" if seconds >= LEAST_S else money(cost)


def money(usd: float) -> str:
    """US dollars and cents."""
    return f"${usd:,.2f}"


def length_of_time(seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
