"""Kernels are compiled once: a run after priming compiles none of the painter's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.prime import theme_takes
from tasks.rendering.backends.procedural.themes import THEMES

ROOT = Path(__file__).parents[2]
PRIME = "from deployments.prime import _paint_themes; _paint_themes()"
# Seeds, energies and sizes that priming did not paint.
PAINT = """
import json
from fractions import Fraction
from numba.core import event
from support.clip_requests import make_drive, make_request, make_shot
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.themes import THEMES
compiled = event.RecordingListener()
event.register("numba:compile", compiled)
for theme in THEMES:
    for seed in range(200, 230):
        shot = make_shot(theme, energy=seed % 4 / 3)
        drive = make_drive(frames=20, fps=Fraction(60)) if seed % 2 else None
        request = make_request(
            shot, seed=seed, width_px=128, height_px=72, frames=20, fps=Fraction(60), drive=drive
        )
        for _ in paint_frames(request, frames=range(14, 18)):
            pass
print(json.dumps(sorted({str(e.data["dispatcher"].py_func) for _, e in compiled.buffer})))
"""


def python(code: str, cache: Path) -> str:
    path = f"{ROOT}:{ROOT / 'tests'}"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": path}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout


@pytest.mark.slow
def test_nothing_is_compiled_after_priming(tmp_path: Path) -> None:
    python(PRIME, tmp_path)
    assert json.loads(python(PAINT, tmp_path)) == []


def test_every_theme_is_primed_with_many_seeds_and_its_own_subjects() -> None:
    for theme in THEMES:
        takes = list(theme_takes(theme))
        assert {take.shot.visual_theme for take in takes} == {theme}
        assert len({take.seed for take in takes}) == len(takes) >= 24
        assert {take.drive is None for take in takes} == {True, False}
    assert any(take.shot.prompt for take in theme_takes("clouds"))
