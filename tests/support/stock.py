"""A store in the making, of things of any age, and what is left of it after a collection."""

import json
import time
from pathlib import Path

from recipe_schema.artifacts import ArtifactRef, Clip, SegmentRecord, VideoManifest
from support.aged import AgedStore
from support.analyses import make_analysis
from support.stored_films import store_film
from tasks.storage.clip_shelf import ClipShelf
from tasks.storage.garbage.collection import plan_sweep, sweep
from tasks.storage.garbage.plan import Rules
from tasks.storage.keys import (
    clip_key,
    film_key,
    manifest_key,
    segment_key,
)
from tasks.storage.store import (
    ArtifactStore,
    holds,
    keep_file,
    keep_model,
    read_index,
    to_json,
)

YOUNG, GRACE, OLD, EXPIRED = 0.5, 1.0, 3.0, 95.0


class Stock:
    """A store in the making: every method files something as old as it is told."""

    def __init__(self, store: ArtifactStore, folder: Path) -> None:
        self.store, self.folder = AgedStore(store), folder
        folder.mkdir(exist_ok=True)

    def file(self, words: str, days: float = OLD) -> ArtifactRef:
        path = self.folder / "file.bin"
        path.write_bytes(words.encode())
        ref = keep_file(self.store, path, "video/mp4")
        self.store.age(ref.key, days)
        return ref

    def clip(self, number: int, days: float = OLD, *, file_days: float = EXPIRED) -> Clip:
        clip = Clip(
            shot_id="shot_001",
            fingerprint=f"{number:064x}",
            file=self.file(f"clip {number}", file_days),
            renderer="cloud",
            quality_class="exact",
            width_px=64,
            height_px=64,
            fps="30/1",
            frames=30,
            seed=1,
            prompt="a tunnel",
        )
        shelf = ClipShelf(self.store, tenant="band", days=90)
        shelf.keep(clip.fingerprint, clip)
        shelf.relate("kin", clip)
        self.store.age(clip_key(clip.fingerprint, tenant="band"), days)
        self.store.age(f"near/band/kin/{clip.fingerprint}.json", EXPIRED)
        return clip

    def segment(self, number: int, days: float = OLD) -> SegmentRecord:
        record = SegmentRecord(
            key=f"{number:064x}",
            start_frame=0,
            end_frame=60,
            file=self.file(f"segment {number}", EXPIRED),
            light=self.file(f"light {number}", EXPIRED),
            cache="miss",
        )
        self.store.put_bytes(segment_key(record.key), to_json(record).encode())
        self.store.age(segment_key(record.key), days)
        return record

    def film(self, run: str, *, clips=(), segments=(), days: float = EXPIRED) -> VideoManifest:
        """A film with everything beside it; its shots show the clips by turns."""
        base = store_film(self.store, run, self.folder)
        curves = self.file(f"curves of {run}", days)
        analysis = keep_model(
            self.store, make_analysis().model_copy(update={"curves": curves, "warnings": (run,)})
        )
        shots = tuple(
            shot.model_copy(update={"clip": clip.file, "fingerprint": clip.fingerprint})
            for shot, clip in zip(base.shots, clips, strict=False)
        )
        update = {"analysis": analysis, "shots": shots, "segments": tuple(segments)}
        manifest = base.model_copy(update=update)
        self.store.put_bytes(manifest_key(run), to_json(manifest).encode())
        for ref in (base.song, base.analysis, base.recipe, analysis, base.shots[0].clip):
            self.store.age(ref.key, days)
        for info in self.store.list("films"):
            if run in info.key:
                self.store.age(info.key, days)
        return manifest

    def opens(self, manifest: VideoManifest) -> bool:
        """Whether all is there that a film's page, its clips and a re-roll need."""
        analysis = json.loads(self.store.get_bytes(manifest.analysis.key))
        refs = [manifest.song, manifest.analysis, manifest.recipe]
        refs += [shot.clip for shot in manifest.shots]
        refs.append(ArtifactRef.model_validate(analysis["curves"]))
        files = [info.key for info in self.store.list(film_key(manifest.run_id, "x")[:-2])]
        return (
            all(holds(self.store, ref) for ref in refs)
            and len(files) == 5
            and read_index(self.store, manifest_key(manifest.run_id), VideoManifest) == manifest
        )

    def has(self, ref: ArtifactRef) -> bool:
        return holds(self.store, ref)

    def collect(self, **rules) -> set[str]:
        """Plan and sweep; the keys that went."""
        before, told = self.store.keys(), Rules(now=time.time(), **rules)
        plan = plan_sweep(self.store, told)
        swept = sweep(self.store, plan, told)
        gone = before - self.store.keys()
        assert swept.gone == len(gone) <= len(plan.doomed)
        return gone
