"""A renderer that counts its calls, fails and dawdles on request; workers find it as a plug-in.

A shot's call is a line of `calls.log`. A file `fail_<shot>` makes the shot fail for good, a file
`slow_<shot>` holds the seconds that it takes.
"""

import os
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np

from recipe_schema.artifacts import RendererLimits
from tasks import cancellation
from tasks.errors import PermanentError
from tasks.media.frames import ClipWriter
from tasks.rendering.reading import Reading, painted
from tasks.rendering.renderer import Progress, RenderRequest, Told

FOLDER = "SONGFILM_COUNTED"


class BrokenShotError(PermanentError):
    """The shot that a test wants to fail."""


class CountedRenderer:
    """Grey pictures, each call written down."""

    name = "counted"
    quality_class = "exact"

    def limits(self) -> RendererLimits:
        return RendererLimits(
            renderer=self.name, fps_choices=("12/1", "30/1"), width_px=64, height_px=36
        )

    def version(self, request: RenderRequest) -> str:
        return "1"

    def reads(self, request: RenderRequest) -> Reading:
        return painted(request, hears=False)

    def render(self, request: RenderRequest, path: Path, *, progress: Progress) -> Told:
        folder = Path(os.environ[FOLDER])
        with (folder / "calls.log").open("a") as log:
            log.write(f"{request.shot.id} {os.getpid()}\n")
        if (folder / f"fail_{request.shot.id}").exists():
            raise BrokenShotError(f"{request.shot.id} is meant to fail")
        slow = folder / f"slow_{request.shot.id}"
        until = time.monotonic() + (float(slow.read_text()) if slow.exists() else 0.0)
        while time.monotonic() < until:
            cancellation.check()
            time.sleep(0.05)
        size = {"width_px": request.width_px, "height_px": request.height_px}
        with ClipWriter(path, fps=Fraction(request.fps), **size) as clip:
            for number in range(request.frames):
                cancellation.check()
                clip.write(*_grey(number + request.seed, **size))
        return Told()


class Desk:
    """Where a test reads the calls and says which shots fail or dawdle."""

    def __init__(self, folder: Path) -> None:
        """Announce the renderer to Python processes that get `environment`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        plugin = folder / "counted-1.0.dist-info"
        plugin.mkdir(exist_ok=True)
        (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: counted\nVersion: 1.0\n")
        (plugin / "entry_points.txt").write_text(
            "[songfilm.renderers]\ncounted = support.counted:CountedRenderer\n"
        )
        tests = Path(__file__).parents[1]
        self.environment = {FOLDER: str(folder), "PYTHONPATH": f"{folder}{os.pathsep}{tests}"}

    @property
    def calls(self) -> Counter[str]:
        """Renderer calls so far, by shot."""
        log = self._folder / "calls.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return Counter(line.split()[0] for line in lines)

    def fail(self, *shots: str) -> None:
        """Let shots fail from now on."""
        for shot in shots:
            (self._folder / f"fail_{shot}").touch()

    def mend(self) -> None:
        """Let no shot fail or dawdle any more."""
        for file in (*self._folder.glob("fail_*"), *self._folder.glob("slow_*")):
            file.unlink()

    def slow(self, seconds: float, *shots: str) -> None:
        """Let shots take their time."""
        for shot in shots:
            (self._folder / f"slow_{shot}").write_text(str(seconds))

    def forget(self) -> None:
        """Start counting anew."""
        self.mend()
        (self._folder / "calls.log").unlink(missing_ok=True)


def _grey(number: int, *, width_px: int, height_px: int) -> tuple[np.ndarray, ...]:
    y = np.full((height_px, width_px), 40 + number % 160, np.uint8)
    chroma = np.full((height_px // 2, width_px // 2), 128, np.uint8)
    return y, chroma, chroma.copy()
