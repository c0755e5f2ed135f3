"""Films and clips put into a store by hand, and the rows of the catalogue that follows it."""

import os

from sqlalchemy import select

from recipe_schema.artifacts import ArtifactRef, Clip, FilmOutput, ShotRecord, VideoManifest
from tasks.storage.catalogue.tables import (
    ClipRecord,
    Film,
    Generation,
    Project,
    RecipeVersion,
    Song,
)
from tasks.storage.keys import blob_key, clip_key, manifest_key
from tasks.storage.store import to_json

TABLES = (Project, Song, RecipeVersion, Film, ClipRecord, Generation)
T0 = 1_700_000_000


def digest(kind, number):
    return f"{kind}{number}".encode().hex().ljust(64, "0")


def blob(kind, number=0):
    name = digest(kind, number)
    return ArtifactRef(key=blob_key(name), sha256=name, size=9)


def shot(number=0, *, cache="miss", cost=0.0, saved=0.0, seconds=0.0, place=0):
    return ShotRecord(
        id=f"shot_{place:03d}",
        fingerprint=digest("c", number),
        clip=blob("b", number),
        renderer="cloud",
        quality_class="exact",
        cache=cache,
        cost=cost,
        saved_usd=saved,
        seconds=seconds,
    )


def put_film(store, run, *, project="album", song=0, recipe=0, shots=(), at=0, **told):
    manifest = VideoManifest(
        run_id=run,
        status="complete",
        song=blob("song", song),
        analysis=blob("heard", song),
        recipe=blob("recipe", recipe),
        settings={"project": project, "tenant": "band", "renderer": "cloud", **told},
        shots=tuple(shots),
        segments=(),
        output=FilmOutput(
            path=f"films/{run}/{run}.mp4",
            sha256="3" * 64,
            size=5,
            width_px=64,
            height_px=64,
            fps="60/1",
            frames=60,
            duration=1.0,
            video_codec="h264",
            pixel_format="yuv420p",
            audio_codec="aac",
        ),
        versions={},
    )
    put_manifest(store, run, to_json(manifest).encode(), at=at)


def put_manifest(store, run, data, *, at=0):
    store.put_bytes(manifest_key(run), data)
    os.utime(store.path(manifest_key(run)), (T0 + at, T0 + at))


def put_clip(store, number, *, frames=60, cost=1.0, seconds=8.0, tenant="band", prompt="a tunnel"):
    clip = Clip(
        shot_id="shot_000",
        fingerprint=digest("c", number),
        file=blob("b", number),
        renderer="cloud",
        quality_class="exact",
        width_px=64,
        height_px=64,
        fps="30/1",
        frames=frames,
        seed=1,
        seconds=seconds,
        cost=cost,
        prompt=prompt,
    )
    store.put_bytes(clip_key(clip.fingerprint, tenant=tenant), to_json(clip).encode())


def rows(catalogue, table):
    with catalogue.session() as session:
        found = session.execute(select(*table.__table__.columns)).all()
    return sorted((row._asdict() for row in found), key=repr)


def everything(catalogue):
    return {table.__tablename__: rows(catalogue, table) for table in TABLES}
