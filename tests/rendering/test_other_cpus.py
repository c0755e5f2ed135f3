"""Kernels are compiled once, and paint the same bytes on any processor.

An old processor's code (vectors of 16 bytes, no fused multiplication) is primed in a folder of
its own, then painted beside the machine's own, which `make setup` has primed; a compiler may use
vectors of 32 or 64 bytes and fused multiplications there.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import pytest

from tasks.rendering.backends.procedural.themes import THEMES

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
OLD = "x86-64-v2"
PRIME = """
from deployments.prime import _paint_theme
from tasks.rendering.backends.procedural.themes import THEMES
for theme in THEMES:
    _paint_theme(theme)
"""
# Seeds, sizes and rates that priming did not paint. The size leaves a rest in vectors of any
# width; some frames have a beat before them, some none.
PAINT = """
import hashlib, json
from dataclasses import replace
from fractions import Fraction
from numba.core import event
from deployments.prime import theme_takes
from support.clip_requests import make_drive
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.themes import THEMES
compiled = event.RecordingListener()
event.register("numba:compile", compiled)
drive = make_drive(frames=20, fps=Fraction(60))
digests = {}
for theme in THEMES:
    digest = hashlib.sha256()
    for take in list(theme_takes(theme))[::2]:
        request = replace(
            take, seed=take.seed + 200, width_px=106, height_px=62, frames=20, fps=Fraction(60),
            drive=drive if take.drive else None,
        )
        for _, planes in paint_frames(request, frames=range(15, 18, 2)):
            for plane in planes:
                digest.update(plane)
    digests[theme] = digest.hexdigest()
names = sorted({str(e.data["dispatcher"].py_func) for _, e in compiled.buffer})
print(json.dumps({"compiled": names, "digests": digests}))
"""


def python(code: str, **changes: str) -> str:
    environment = {**os.environ, "PYTHONPATH": f"{TESTS.parent}:{TESTS}", **changes}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout


@cache
def own() -> dict[str, Any]:
    painted: dict[str, Any] = json.loads(python(PAINT))
    return painted


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is painted, and compiled for it, on an old processor that is primed."""
    folder = str(tmp_path_factory.mktemp(OLD))
    processor = {
        "NUMBA_CPU_NAME": OLD, "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": folder,
    }  # fmt: skip
    python(PRIME, **processor)
    painted: dict[str, Any] = json.loads(python(PAINT, **processor))
    return painted


def test_nothing_is_compiled_after_priming(old: dict[str, Any]) -> None:
    assert old["compiled"] == []


@pytest.mark.parametrize("theme", THEMES)
def test_pictures_are_the_same_on_other_processors(
    old: dict[str, Any], theme: str, record_property: Callable[[str, object], None]
) -> None:
    has = llvm.get_host_cpu_features()
    if not has.get("avx2", False):
        pytest.skip("this machine has no wider vectors than the old processor's")
    vectors = "AVX-512" if has.get("avx512vl", False) else "AVX2"
    record_property("processors", f"{llvm.get_host_cpu_name()} with {vectors} beside {OLD}")
    assert own()["digests"][theme] == old["digests"][theme]
