"""Files that only the parameters of a run may name: it waits, renders, or failed and comes back.

Prefect's runs cannot be asked from here, so what they name is told by what it is: documents
(recipes, analyses, lists of clips) with all that they lead to, and what is laid over films (colour
tables, fonts, lyrics).
"""

import re
from collections.abc import Iterable

from tasks.media.lyrics import LARGEST_BYTES, BadLyricsError, read_lyrics
from tasks.storage.garbage import reach
from tasks.storage.garbage.plan import Rules
from tasks.storage.keys import blob_digest
from tasks.storage.named_files import LARGEST_NAMED_BYTES
from tasks.storage.store import ArtifactStore, IntegrityError, NotFoundError, ObjectInfo

# People may leave a film waiting, or come back to a failed one, for weeks.
WAITING_DAYS = 30.0
_FONT_MARKS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")
_CUBE_WORD = re.compile(rb"^[ \t]*LUT_[13]D_SIZE\b", re.M)
# Comments before a colour table's size, bytes.
_CUBE_HEAD = 65_536


def held_by_runs(
    store: ArtifactStore, unused: Iterable[ObjectInfo], rules: Rules
) -> frozenset[str]:
    """Keys of files that a run may name in its parameters, and of those that such files name.

    Args:
        store: Where they are.
        unused: Files that nothing in the store leads to.
        rules: What is old.
    """
    files = {digest: info for info in unused if (digest := blob_digest(info.key)) is not None}
    young = [
        info.key
        for info in files.values()
        if info.size <= LARGEST_NAMED_BYTES and not rules.is_old(info, WAITING_DAYS)
    ]
    kinds = dict(zip(young, reach.read_all(_kind, store, young), strict=True))
    documents = {blob_digest(key) for key, kind in kinds.items() if kind == "document"} - {None}
    led_to, _ = reach.through(store, filter(None, documents))
    held = {key for key, kind in kinds.items() if kind is not None}
    return frozenset(held | {files[digest].key for digest in led_to & files.keys()})


def _kind(store: ArtifactStore, key: str) -> str | None:
    """What a file is that a run may name; None for pictures and sound."""
    try:
        data = store.get_bytes(key)
    except (NotFoundError, IntegrityError):
        return None
    if data.startswith(b"{"):
        return "document"
    if data.startswith(_FONT_MARKS) or _CUBE_WORD.search(data[:_CUBE_HEAD]):
        return "dress"
    return "dress" if _are_lyrics(data) else None


def _are_lyrics(data: bytes) -> bool:
    if len(data) > LARGEST_BYTES:
        return False
    try:
        return bool(read_lyrics(data, name="lyrics").lines)
    except BadLyricsError:
        return False
