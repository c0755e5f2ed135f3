"""Music that nobody here made becomes films, cut on what was heard."""

from pathlib import Path

import pytest

from flows.music_video import music_video
from recipe_schema.artifacts import SyncReport
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Quality
from tasks.media.probe import probe_video

pytestmark = pytest.mark.services

# Beside the project where it is developed; not part of it.
SONGS = sorted((Path(__file__).parents[3] / "shared/eval/dev/items").glob("d_lmms_*/song.ogg"))
FILM = FilmFormat(width_px=128, height_px=72, fps="24", quality=Quality.DRAFT)


@pytest.mark.skipif(not SONGS, reason="the evaluation songs are not on this machine")
def test_real_songs_become_films(tmp_path):
    for song in SONGS:
        out = tmp_path / f"{song.parent.name}.mp4"
        manifest = music_video(
            song=str(song), out=str(out), store=str(tmp_path / "store"), film=FILM
        )
        sync = SyncReport.model_validate_json(
            out.with_name(f"{out.stem}.sync_report.json").read_text()
        )
        assert probe_video(out).frames == sync.expected_frames == manifest.output.frames
        assert manifest.status == "complete"
        assert len(manifest.shots) >= 6
        assert sync.audio.lag_samples == 0
        if sync.max_error_ms is not None:
            assert sync.max_error_ms <= 1000 / 24 / 2 + 0.01
