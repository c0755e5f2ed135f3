"""Versions of what the ears give: raise one whenever the same song gives another result."""

import hashlib
from functools import cache
from pathlib import Path

# Of all that is in an analysis, the stems' curves among it.
ANALYSIS_CODE_VERSION = "3"
# Of what `stems.measure_stems` keeps: another one separates every song anew.
STEMS_CODE_VERSION = "1"

_WEIGHTS = Path(__file__).with_name("weights")
_DIGEST_LETTERS = 12


@cache
def weights_digest(folder: Path = _WEIGHTS) -> str:
    """First letters of the digest of all shipped weights: who trains them anew raises nothing.

    Args:
        folder: Where they lie.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:_DIGEST_LETTERS]
