"""Music that nobody here made, and the user's own recipe, become films cut on what was heard."""

from pathlib import Path

import pytest
from support.songs import write_click_song

from flows.music_video import music_video
from flows.render_video import render_video
from flows.revise_video import revise_video
from recipe_schema.artifacts import SyncReport
from recipe_schema.assembly import FilmFormat
from recipe_schema.checks import check_recipe
from recipe_schema.versions import dump, load_recipe
from recipe_schema.vocabulary import Quality
from tasks.media.probe import probe_video

pytestmark = pytest.mark.services

# Beside the project where it is developed; not part of it.
ITEMS = Path(__file__).parents[3] / "shared/eval/dev/items"
# The last is the shortest: a film takes its length.
SONGS = sorted(ITEMS.glob("d_lmms_*/song.ogg"))[-1:]
FILM = FilmFormat(width_px=96, height_px=64, fps="12", quality=Quality.DRAFT)

HALF_FRAME_MS = 1000 / 12 / 2 + 0.01


@pytest.mark.skipif(not SONGS, reason="the evaluation songs are not on this machine")
def test_real_songs_become_films(tmp_path):
    for song in SONGS:
        out = tmp_path / f"{song.parent.name}.mp4"
        manifest = music_video(
            audio=str(song), out=str(out), store=str(tmp_path / "store"), film=FILM
        )
        sync = SyncReport.model_validate_json(
            out.with_name(f"{out.stem}.sync_report.json").read_text()
        )
        assert probe_video(out).frames == sync.expected_frames == manifest.output.frames
        assert manifest.status == "complete"
        assert len(manifest.shots) >= 6
        assert sync.audio.lag_samples == 0
        if sync.max_error_ms is not None:
            assert sync.max_error_ms <= HALF_FRAME_MS


def test_users_own_recipe_is_completed_and_becomes_a_film(tmp_path, request):
    example = request.config.rootpath / "recipe_schema" / "examples" / "user_example.json"
    written = load_recipe("// as published\n" + example.read_text())
    song = write_click_song(tmp_path / "song.wav", 180.0, bpm=128.0)
    store = str(tmp_path / "store")
    recipe, changes = revise_video(recipe=written, store=store, song=str(song), snap=True)
    assert changes
    kept = {shot.id: shot for shot in recipe.shot_list}
    for shot in written.shot_list:
        assert kept[shot.id].mochi_prompt == shot.mochi_prompt
        assert kept[shot.id].effects == shot.effects
    assert not [finding for finding in check_recipe(recipe) if finding.level == "error"]
    out = tmp_path / "film.mp4"
    manifest = render_video(
        recipe=dump(recipe), audio=str(song), out=str(out), store=store, film=FILM
    )
    assert manifest.status == "complete"
    assert manifest.output.frames == 180 * 12
    assert 20 <= len(manifest.shots) <= 60
    sync = SyncReport.model_validate_json((tmp_path / "film.sync_report.json").read_text())
    assert sync.max_error_ms is not None
    assert sync.max_error_ms <= HALF_FRAME_MS
