"""Run every benchmark, one JSON line a figure: ``make bench``.

Some alone: ``python -m tests.bench farm``; options that follow are theirs.
"""

import os
import subprocess
import sys
from pathlib import Path

BENCHES = ("film", "assembly", "peers", "sync", "farm", "store", "themes")


def main() -> int:
    """Run them in turn, never side by side, so that they do not disturb each other."""
    here = Path(__file__).parent
    chosen = [name for name in BENCHES if name in sys.argv[1:]]
    options = [word for word in sys.argv[1:] if word not in BENCHES]
    if options and len(chosen) != 1:
        sys.exit(f"options go to one group: {', '.join(BENCHES)}")
    # What `support` and `bench` are to those that start servers and workers of their own.
    environment = {**os.environ, "PYTHONPATH": str(here.parent)}
    codes = [
        subprocess.run(
            [sys.executable, str(here / f"bench_{name}.py"), *options],
            env=environment,
            check=False,
        ).returncode
        for name in chosen or BENCHES
    ]
    return max(codes, key=abs)


if __name__ == "__main__":
    sys.exit(main())
