"""The same clips on any processor: every theme's bytes, whatever the code generator may use.

Each processor compiles everything anew, and two of them at a time, as two workers would.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from tasks.rendering.backends.procedural.themes import THEMES

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
# Vectors of 16, 32 and 64 bytes; the first has no fused multiplication.
OLD, USUAL, WIDE = "x86-64-v2", "x86-64-v3", "x86-64-v4"
NEEDED = {OLD: "sse4.2", USUAL: "avx2", WIDE: "avx512vl"}
# Sizes that leave a rest in vectors of any width, frames with and without a beat before them.
PAINT = """
import hashlib, json
from support.clip_requests import make_drive, make_request, make_shot
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.themes import THEMES
digests = {}
for theme in THEMES:
    drive = make_drive(frames=20)
    request = make_request(make_shot(theme), width_px=106, height_px=62, frames=20, drive=drive)
    digest = hashlib.sha256()
    for frame in (5, 16):
        for _, planes in paint_frames(request, frames=range(frame, frame + 1)):
            for plane in planes:
                digest.update(plane.tobytes())
    digests[theme] = digest.hexdigest()
print(json.dumps(digests))
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Digests by processor and theme."""
    cpus = [cpu for cpu in NEEDED if has(cpu)]
    folders = [tmp_path_factory.mktemp(cpu) for cpu in cpus]
    with ThreadPoolExecutor(2) as threads:
        return dict(zip(cpus, threads.map(painted_on, cpus, folders), strict=True))


def painted_on(cpu: str, folder: Path) -> dict[str, str]:
    environment = {
        "NUMBA_CPU_NAME": cpu,
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(folder),
        "PYTHONPATH": f"{TESTS.parent}:{TESTS}",
    }
    done = subprocess.run(
        [sys.executable, "-c", PAINT], capture_output=True, text=True, check=True, env=environment
    )
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


@cache
def has(cpu: str) -> bool:
    return bool(llvm.get_host_cpu_features().get(NEEDED[cpu], False))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("cpu", [USUAL, WIDE])
def test_pictures_are_the_same_on_other_processors(
    pictures: dict[str, dict[str, str]], cpu: str, theme: str
) -> None:
    if not has(cpu):
        pytest.skip(f"this machine has no {NEEDED[cpu]}")
    assert pictures[cpu][theme] == pictures[OLD][theme]
