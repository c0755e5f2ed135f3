"""The same films on another processor: every byte, and every key that segments are kept under."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
# A processor of 2009: vectors of 16 bytes and no fused multiplication, for all that computes.
OLD = {
    "NUMBA_CPU_NAME": "x86-64-v2",
    "NUMBA_CPU_FEATURES": "",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": " ".join(
        name for name in __cpu_dispatch__ if __cpu_features__.get(name)
    ),
}


def digests(**environment):
    """What `support.rich_films` writes with some variables set."""
    done = subprocess.run(
        [sys.executable, "-m", "support.rich_films"],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": f"{TESTS.parent}:{TESTS}", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_films_and_keys_are_the_same_on_another_processor():
    here, there = digests(), digests(**OLD)
    assert len(here) == 3 * 3 + 32
    assert [name for name, value in here.items() if there[name] != value] == []
