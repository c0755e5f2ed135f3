"""One seed for the whole plan, and an own generator for every decision.

Each generator is named by what it decides (`"prompt", 7`), so a change in one place reshuffles
nothing in another. Only `Generator.random` is drawn from: its stream is fixed for good.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def generator(seed: int, *scope: str | int) -> np.random.Generator:
    """The generator of one decision: same seed and scope, same numbers, on any machine."""
    name = "/".join(str(part) for part in (seed, *scope))
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def pick(items: Sequence[Item], rng: np.random.Generator) -> Item:
    """One of `items`, each as likely."""
    return items[int(rng.random() * len(items))]


def shuffled(items: Sequence[Item], rng: np.random.Generator) -> list[Item]:
    """`items` in a random order."""
    keys = [rng.random() for _ in items]
    return [item for _, item in sorted(zip(keys, items, strict=True), key=lambda pair: pair[0])]
