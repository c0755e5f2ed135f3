"""Kicks and hats are found where the level of their band jumps."""

import numpy as np
import pytest

from tasks.rendering.hits import find_hits


def struck(times: list[float], strengths: list[float], seconds: float = 4.0) -> np.ndarray:
    """A band at 100 Hz: every hit jumps within 20 ms and dies away."""
    time = np.arange(int(seconds * 100)) / 100
    curve = np.full(len(time), 0.05)
    for at, strength in zip(times, strengths, strict=True):
        since = time - at
        front = np.clip(since / 0.02, 0.0, 1.0)
        curve = np.maximum(curve, np.where(since >= 0, strength * front * np.exp(-8 * since), 0))
    return curve.astype(np.float32)


def test_hits_are_found_where_they_are_and_as_hard_as_they_are() -> None:
    times, strengths = [0.5, 1.0, 1.5, 2.25], [0.9, 0.5, 0.9, 0.7]
    hits = find_hits(struck(times, strengths), rate_hz=100.0, gap_s=0.12)
    assert hits.times == pytest.approx(times, abs=0.021)
    assert hits.strengths == pytest.approx(np.array(strengths) / 0.9, abs=0.12)


def test_hits_nearer_than_the_gap_are_one_the_harder() -> None:
    hits = find_hits(struck([1.0, 1.06], [0.5, 0.95]), rate_hz=100.0, gap_s=0.12)
    assert hits.times == pytest.approx([1.06], abs=0.021)


def test_steady_band_and_unknown_band_have_no_hits() -> None:
    sway = 0.5 + 0.1 * np.sin(np.arange(1000) / 100)
    assert len(find_hits(sway.astype(np.float32), rate_hz=100.0, gap_s=0.1).times) == 0
    assert len(find_hits(None, rate_hz=100.0, gap_s=0.1).times) == 0
    assert len(find_hits(np.zeros(2, np.float32), rate_hz=100.0, gap_s=0.1).times) == 0
