"""Clips by their fingerprints, for films of one tenant: they stay for as long as films use them."""

import logging
from dataclasses import dataclass
from itertools import islice

from recipe_schema.artifacts import Clip
from recipe_schema.base import SchemaModel, Sha256
from tasks.storage.in_use import in_use
from tasks.storage.keys import clip_key, near_key
from tasks.storage.store import ArtifactStore, holds, read_index, to_json

log = logging.getLogger(__name__)

# One page of an S3 listing. Keys are digests: the first of them are a fair sample of all.
_LISTED = 1000


class Relative(SchemaModel):
    """A clip that differs from others of its kinship in prompt and seed alone."""

    fingerprint: Sha256
    prompt: str


@dataclass(frozen=True)
class ClipShelf:
    """The clips of one tenant; `days` without use, and a clip counts as gone."""

    store: ArtifactStore
    tenant: str
    days: float

    def find(self, name: str) -> Clip | None:
        """The clip under a name, its time renewed; None when it is not there or too old."""
        key = clip_key(name, tenant=self.tenant)
        clip = read_index(self.store, key, Clip)
        if clip is None or not holds(self.store, clip.file):
            return None
        if not in_use(self.store, key, days=self.days):
            log.info(
                "%s: no film used its stored clip for %g days; it is made anew",
                clip.shot_id,
                self.days,
            )
            return None
        return clip

    def keep(self, name: str, clip: Clip) -> None:
        """List a clip, whose file the store has, under a name."""
        self.store.put_bytes(clip_key(name, tenant=self.tenant), to_json(clip).encode())

    def relate(self, kinship: str, clip: Clip) -> None:
        """List a clip among those that may stand in for each other."""
        card = Relative(fingerprint=clip.fingerprint, prompt=clip.prompt)
        key = near_key(kinship, clip.fingerprint, tenant=self.tenant)
        self.store.put_bytes(key, to_json(card).encode())

    def relatives(self, kinship: str, *, newest: int) -> list[Relative]:
        """The newest clips of a kinship's first page, newest first; some may be gone."""
        listed = islice(self.store.list(near_key(kinship, tenant=self.tenant)), _LISTED)
        infos = sorted(listed, key=lambda info: -info.modified)[:newest]
        cards = (read_index(self.store, info.key, Relative) for info in infos)
        return [card for card in cards if card is not None]

    def sample(self, most: int) -> list[Clip]:
        """Some clips, however many there are: the newest of the first page of the listing."""
        listed = islice(self.store.list(f"clips/{self.tenant}"), _LISTED)
        infos = sorted(listed, key=lambda info: -info.modified)[:most]
        clips = (read_index(self.store, info.key, Clip) for info in infos)
        return [clip for clip in clips if clip is not None]
