"""Reads .cube colour tables and lays them over pictures.

Source: Adobe, Cube LUT Specification 1.0, 2013.
"""

import hashlib
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np

from tasks.assembly.oklab import Float64Array
from tasks.errors import BadInputError

# Entries along an axis: what the specification allows of curves, and more than any shop's cube.
_CURVE_SIZES, _CUBE_SIZES = (2, 65536), (2, 65)
# The largest cube has 275 000 lines of at most three long numbers.
_LARGEST_BYTES = 32_000_000
_DIGITS = 7


class BadLutError(BadInputError):
    """A colour table that cannot be used."""


@dataclass(frozen=True)
class Lut:
    """A colour table: three curves, or a cube."""

    digest: str
    """SHA-256 of its numbers: equal for tables that do the same."""
    table: Float64Array = field(compare=False, repr=False)
    """Curves (n, 3), or a cube (n, n, n, 3) by red, green and blue in."""
    low: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0), compare=False)
    """Where the table begins, red, green and blue."""
    high: tuple[float, float, float] = field(default=(1.0, 1.0, 1.0), compare=False)
    """Where it ends."""
    title: str = field(default="", compare=False)


def read_cube(path: Path) -> Lut:
    """Read a .cube file.

    Raises:
        BadLutError: It is not one; the message names the line and what is wrong there.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise BadLutError(
                f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; a .cube table of size "
                f"{_CUBE_SIZES[1]} has less than {_LARGEST_BYTES / 1e6:.0f}"
            )
        data = path.read_bytes()
    except OSError as error:
        raise BadLutError(f"the LUT {path} cannot be read: {error.strerror}") from error
    return parse_cube(data, name=path.name)


def parse_cube(data: bytes, *, name: str) -> Lut:
    """Read the bytes of a .cube file.

    Args:
        data: Its bytes.
        name: What messages call it.

    Raises:
        BadLutError: It is not one.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Titles in an old code page; all else is ASCII.
        text = data.decode("latin-1")
    if "\0" in text:
        raise BadLutError(f"{name} is not a text file; give a .cube table")
    return _Reader(name).read(text)


def apply_lut(lut: Lut, rgb: Float64Array) -> Float64Array:
    """Look colours up; between entries linear (tetrahedra in a cube), clamped at the ends.

    Args:
        lut: The table.
        rgb: Gamma-coded colours, shape (..., 3).

    Returns:
        Colours, held to 0..1.
    """
    low, high = np.array(lut.low), np.array(lut.high)
    size = len(lut.table)
    place = np.clip((rgb - low) / (high - low), 0.0, 1.0) * (size - 1)
    base = np.minimum(place.astype(np.int64), size - 2)
    share = place - base
    found = _curves(lut.table, base, share) if lut.table.ndim == 2 else _cube(lut, base, share)
    return np.asarray(np.clip(found, 0.0, 1.0), np.float64)


def _curves(table: Float64Array, base: np.ndarray, share: Float64Array) -> Float64Array:
    channel = np.arange(3)
    below, above = table[base, channel], table[base + 1, channel]
    return np.asarray(below + share * (above - below))


def _cube(lut: Lut, base: np.ndarray, share: Float64Array) -> Float64Array:
    """From the lowest node to the highest, along the axis of the largest share first."""
    order = np.argsort(-share, axis=-1, kind="stable")
    step = np.zeros_like(base)
    below = lut.table[base[..., 0], base[..., 1], base[..., 2]]
    found = below.copy()
    for rank in range(3):
        axis = order[..., rank : rank + 1]
        np.put_along_axis(step, axis, 1, axis=-1)
        node = base + step
        above = lut.table[node[..., 0], node[..., 1], node[..., 2]]
        found += np.take_along_axis(share, axis, axis=-1) * (above - below)
        below = above
    return np.asarray(found)


class _Reader:
    """Reads one file line by line."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._line = 0
        self._title = ""
        self._curves = self._cube = 0
        self._low, self._high = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
        self._rows: list[tuple[float, float, float]] = []

    def read(self, text: str) -> Lut:
        for self._line, line in enumerate(text.splitlines(), 1):
            stripped = line.strip()
            if stripped and not stripped.startswith("#"):
                self._take(stripped)
        return self._finish()

    def _take(self, line: str) -> None:
        word, _, rest = line.partition(" ") if " " in line else line.partition("\t")
        if not (word[0].isalpha() or word[0] == "_"):
            self._row(line)
        elif self._rows:
            self._fail(f"{word} stands after the table has begun")
        elif word == "TITLE":
            self._title = rest.strip().strip('"')
        elif word == "LUT_1D_SIZE":
            self._curves = self._size(rest, *_CURVE_SIZES)
        elif word == "LUT_3D_SIZE":
            self._cube = self._size(rest, *_CUBE_SIZES)
        elif word == "DOMAIN_MIN":
            self._low = self._three(rest)
        elif word == "DOMAIN_MAX":
            self._high = self._three(rest)
        elif word in ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE"):
            # What one grading program writes in place of a domain.
            low, high = self._numbers(rest, count=2)
            self._low, self._high = (low, low, low), (high, high, high)
        else:
            self._fail(f"{word!r} is not a word of .cube tables")

    def _row(self, line: str) -> None:
        if not self._curves and not self._cube:
            self._fail("numbers before LUT_1D_SIZE or LUT_3D_SIZE")
        if len(self._rows) == self._entries:
            self._fail(f"more than the {self._entries} lines that its size asks for")
        self._rows.append(self._three(line))

    @property
    def _entries(self) -> int:
        return self._cube**3 or self._curves

    def _size(self, text: str, least: int, most: int) -> int:
        if self._curves or self._cube:
            self._fail("a second size; tables of curves and a cube at once are not supported")
        if not text.strip().isdecimal() or not least <= int(text) <= most:
            self._fail(f"a size of {text.strip()!r}; {least} to {most} can be read")
        return int(text)

    def _three(self, text: str) -> tuple[float, float, float]:
        red, green, blue = self._numbers(text, count=3)
        return red, green, blue

    def _numbers(self, text: str, *, count: int) -> tuple[float, ...]:
        try:
            numbers = tuple(float(part) for part in text.split())
        except ValueError:
            self._fail(f"{text.strip()[:40]!r} where {count} numbers should be")
        if len(numbers) != count or not all(map(math.isfinite, numbers)):
            self._fail(f"{text.strip()[:40]!r} where {count} numbers should be")
        return numbers

    def _finish(self) -> Lut:
        if not self._entries:
            self._fail("the file ends without LUT_1D_SIZE or LUT_3D_SIZE; is it a .cube table?")
        if len(self._rows) < self._entries:
            self._fail(f"the table ends after {len(self._rows)} of {self._entries} lines")
        if not all(low < high for low, high in zip(self._low, self._high, strict=True)):
            self._fail(f"DOMAIN_MIN {self._low} is not below DOMAIN_MAX {self._high}")
        table = np.round(np.array(self._rows), _DIGITS)
        if self._cube:
            # Red changes fastest in the file.
            table = table.reshape(self._cube, self._cube, self._cube, 3).transpose(2, 1, 0, 3)
        digest = hashlib.sha256(repr((table.shape, self._low, self._high)).encode())
        digest.update(np.ascontiguousarray(table + 0.0).astype("<f8").tobytes())
        return Lut(
            digest.hexdigest(), np.ascontiguousarray(table), self._low, self._high, self._title
        )

    def _fail(self, problem: str) -> NoReturn:
        raise BadLutError(f"{self._name}, line {self._line}: {problem}")
