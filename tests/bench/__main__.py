"""Run every benchmark, one JSON line a figure: ``make bench``.

Some alone: ``python -m tests.bench farm``; options that follow are theirs. No figure but pictures
to look at: ``python -m tests.bench sheet themes.png``.
"""

import os
import subprocess
import sys
from pathlib import Path

BENCHES = ("film", "assembly", "peers", "sync", "farm", "store", "themes", "ears")
SHEET = "sheet"


def main() -> int:
    """Run them in turn, never side by side, so that they do not disturb each other."""
    here = Path(__file__).parent
    chosen = [name for name in BENCHES if name in sys.argv[1:]]
    # What `support` and `bench` are to those that start servers and workers of their own.
    environment = {**os.environ, "PYTHONPATH": str(here.parent)}
    if sys.argv[1:2] == [SHEET]:
        command = [sys.executable, str(here / f"{SHEET}.py"), *sys.argv[2:]]
        return subprocess.run(command, env=environment, check=False).returncode
    options = [word for word in sys.argv[1:] if word not in BENCHES]
    if options and len(chosen) != 1:
        sys.exit(f"options go to one group: {', '.join(BENCHES)}")
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
