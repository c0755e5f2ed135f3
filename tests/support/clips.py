"""Makes clips that a store holds, and what a film asks for when it wants one."""

import hashlib

from recipe_schema.artifacts import ArtifactRef, Clip
from tasks.storage.clip_library import Wanted
from tasks.storage.keys import blob_key
from tasks.storage.store import ArtifactStore

FOX = "a red fox runs through deep snow at dawn"


def name_of(words: str) -> str:
    """A fingerprint."""
    return hashlib.sha256(words.encode()).hexdigest()


def make_clip(store: ArtifactStore, words: str = FOX, **changes: object) -> Clip:
    """A clip that took two minutes and half a dollar, its file in the store."""
    data = f"picture of {words}".encode()
    digest = hashlib.sha256(data).hexdigest()
    store.put_bytes(blob_key(digest), data)
    fields = {
        "shot_id": "shot_001",
        "fingerprint": name_of(words),
        "file": ArtifactRef(key=blob_key(digest), sha256=digest, size=len(data)),
        "renderer": "prompted",
        "quality_class": "exact",
        "width_px": 64,
        "height_px": 36,
        "fps": "12/1",
        "frames": 25,
        "seed": 1,
        "seconds": 120.0,
        "cost": 0.5,
        "made_for": "film-a",
        "prompt": words,
    }
    return Clip.model_validate(fields | changes)


def make_wanted(words: str = FOX, **changes: object) -> Wanted:
    """What another film asks for."""
    fields = {
        "shot_id": "shot_007",
        "fingerprint": name_of(words),
        "renderer": "prompted",
        "prompt": words,
        "kinship": "ab" * 32,
        "film_run": "film-b",
    }
    return Wanted(**(fields | changes))
