"""Run every benchmark, one JSON line a figure: ``make bench``."""

import subprocess
import sys
from pathlib import Path

BENCHES = ("bench_film.py", "bench_assembly.py")


def main() -> int:
    """Run them in turn, never side by side, so that they do not disturb each other."""
    here = Path(__file__).parent
    codes = [
        subprocess.run([sys.executable, str(here / name), *sys.argv[1:]], check=False).returncode
        for name in BENCHES
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
