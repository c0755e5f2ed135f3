"""A word that changes when the code behind a theme's pixels does."""

import hashlib
from functools import cache
from importlib import resources

from tasks.rendering.backends.procedural.themes import theme_module

_PACKAGE = "tasks.rendering.backends.procedural"
_SHARED_WITH_ROOM = ("drive.py", "hits.py")  # hear and quantise the song
_CLIP_WRITER = "frames.py"  # encoder effort, colour tags


@cache
def theme_version(theme: str) -> str:
    """Digest of the theme's source and of every file that all themes stand on."""
    digest = hashlib.sha256()
    shared = sorted(
        (entry for entry in resources.files(_PACKAGE).iterdir() if entry.name.endswith(".py")),
        key=lambda entry: entry.name,
    )
    own = resources.files(f"{_PACKAGE}.themes") / f"{theme_module(theme).rpartition('.')[2]}.py"
    room = (resources.files("tasks.rendering") / name for name in _SHARED_WITH_ROOM)
    writer = resources.files("tasks.media") / _CLIP_WRITER
    for source in (*shared, own, *room, writer):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return f"{theme}-{digest.hexdigest()[:16]}"
