"""A clip that flashes too often is told of, with the place and what to do."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support.clip_requests import make_request, make_shot, make_style

from tasks.rendering.backends.procedural import renderer
from tasks.rendering.backends.procedural.renderer import ProceduralRenderer
from tasks.rendering.flashing import flash_notes


def strobe(hz, fps=30, seconds=2, *, since_s=0.0):
    """A curve that flashes white from a time on."""
    time_s = np.arange(fps * seconds) / fps - since_s
    lit = (time_s >= 0.0) & ((time_s * hz + 1e-9) % 1.0 < 0.5)
    curve = np.zeros((len(lit), 3, 2, 2), np.uint8)
    curve[lit, 0] = 255
    return curve


def test_place_count_and_advice_are_told():
    shot = make_shot("tunnel", timestamp=7.0)
    request = make_request(shot, frames=60, start_s=6.5)
    (note,) = flash_notes(strobe(5, since_s=1.0), request)
    assert "'tunnel' flashes 5 times within a second, 0.5 s after" in note
    assert "--calm" in note
    calm = replace(request, style=request.style.model_copy(update={"calm": True}))
    (note,) = flash_notes(strobe(5), calm)
    assert "--calm" not in note
    assert "0.0 s after" in note


def test_three_a_second_are_not_told():
    assert flash_notes(strobe(3), make_request(frames=60)) == ()


@pytest.mark.parametrize(("hz", "told"), [(2, 0), (5, 1)])
def test_painted_clips_are_measured(tmp_path, monkeypatch, hz, told):
    def paint(request, *, frames):
        for n in frames:
            lit = n * hz / request.fps % 1 < Fraction(1, 2)
            y = np.full((96, 160), 220 if lit else 20, np.uint8)
            yield n, (y, *(np.full((48, 80), 128, np.uint8),) * 2)

    monkeypatch.setattr(renderer, "paint_frames", paint)
    request = make_request(make_shot("aurora"), make_style(), frames=45)
    made = ProceduralRenderer().render(
        request, tmp_path / "clip.mp4", progress=lambda done, total: None
    )
    assert len(made.warnings) == told
    assert made.fallback is None  # a clip that flashes is what was asked for
