"""A damaged clip stops a film by name, and takes nothing with it that was made before."""

import numpy as np
import pytest
from support.analyses import make_analysis
from support.films import make_recipe, write_coded_clip

from recipe_schema.artifacts import Clip
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Quality
from tasks.assembly.task import compose_segments, planned_segments
from tasks.media import workers
from tasks.media.curves import write_curves
from tasks.media.ffmpeg import BadMediaError
from tasks.storage import open_store
from tasks.storage.store import keep_file

pytestmark = pytest.mark.services

SECONDS = 2.0
FILM = FilmFormat(width_px=160, height_px=90, fps="30", quality=Quality.DRAFT)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(workers, "_here", True)


def clip_of(store, path, shot_id):
    return Clip(
        shot_id=shot_id,
        fingerprint="1" * 64,
        file=keep_file(store, path, "video/mp4"),
        renderer="procedural",
        quality_class="procedural",
        width_px=320,
        height_px=180,
        fps="30/1",
        frames=30,
        seed=1,
        seconds=0.0,
        cost=0.0,
    )


def test_damaged_clip_is_named_and_what_was_made_stays(tmp_path):
    address = str(tmp_path / "store")
    store = open_store(address)
    recipe = make_recipe((0.0, 1.0), duration_s=SECONDS)
    write_curves(tmp_path / "curves.npz", {"energy": np.zeros(200, np.float32)})
    analysis = make_analysis(duration=SECONDS).model_copy(
        update={"curves": keep_file(store, tmp_path / "curves.npz", "application/octet-stream")}
    )
    paths = [
        write_coded_clip(tmp_path / f"{k}.mp4", shot=k, start_frame=30 * k, end_frame=30 * k + 30)
        for k in (0, 1)
    ]
    sound = tuple(
        clip_of(store, path, shot.id) for path, shot in zip(paths, recipe.shot_list, strict=True)
    )
    film = {"analysis": analysis, "film": FILM, "store": address}
    made = compose_segments.fn(recipe, clips=sound, **film)
    assert len(list(store.list("segments"))) == len(made) == 2

    data = bytearray(paths[1].read_bytes())
    data[len(data) // 2 : len(data) // 2 + 300] = bytes(300)
    paths[1].write_bytes(data)
    damaged = (sound[0], clip_of(store, paths[1], "shot_002"))
    held = {info.key for prefix in ("blobs", "segments") for info in store.list(prefix)}
    with pytest.raises(BadMediaError, match=r"^shot_002: .*damaged at frame \d+ of 30; --fresh"):
        compose_segments.fn(recipe, clips=damaged, **film)

    assert {info.key for prefix in ("blobs", "segments") for info in store.list(prefix)} == held
    assert planned_segments(recipe, clips=sound, **film) == {piece.key: True for piece in made}
    assert not list((tmp_path / "home").rglob("*.part"))
