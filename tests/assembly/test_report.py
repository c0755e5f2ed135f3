"""The page beside a film: everything that was measured and spent, in one file of its own."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from support.films import make_recipe

from recipe_schema.artifacts import (
    ArtifactRef,
    AudioReport,
    Clip,
    CutReport,
    FilmOutput,
    SegmentRecord,
    SyncReport,
)
from recipe_schema.assembly import Lettering, Titles
from tasks.assembly.manifest import write_manifest
from tasks.assembly.report import title_of_film, write_report
from tasks.media.stages import stage, take_walls

FILE = ArtifactRef(key="clips/x", sha256="0" * 64, size=1)
WALLS = {"analysis": 3.25, "render": 61.5, "compose": 40.0, "join": 2.0}
# Errors of the cuts, milliseconds: on its beat, half a frame off, late, tied to no beat.
ERRORS = (0.0, -8.3, 21.0, None)
FREE = 3


def clip(shot_id, **fields):
    return Clip(
        shot_id=shot_id,
        fingerprint="1" * 64,
        file=FILE,
        renderer="paid",
        quality_class="exact",
        width_px=64,
        height_px=36,
        fps="30/1",
        frames=30,
        seed=0,
        **fields,
    )


def segment(number, cache, seconds):
    return SegmentRecord(
        key=f"{number:064x}",
        start_frame=60 * number,
        end_frame=60 * number + 60,
        file=FILE,
        cache=cache,
        seconds=seconds,
    )


@pytest.fixture(scope="module")
def recipe():
    recipe = make_recipe([0.0, 1.0, 2.0, 3.0, 4.0], duration_s=5.0)
    shots = list(recipe.shot_list)
    shots[0] = shots[0].model_copy(update={"mochi_prompt": "a <b>bold</b> 'sea'"})
    return recipe.model_copy(update={"shot_list": tuple(shots)})


@pytest.fixture(scope="module")
def manifest(recipe):
    clips = [
        clip("shot_001", seconds=12.0, cost=1.25),
        clip("shot_002", cache="hit", saved_s=30.0, saved_usd=2.0),
        *(clip(shot.id, seconds=1.0, cost=0.5) for shot in recipe.shot_list[2:]),
    ]
    return write_manifest(
        run_id="run",
        song=FILE,
        analysis=FILE,
        recipe=FILE,
        settings={},
        listeners={"beats": "songfilm 7", "stems": "htdemucs, demucs 4.1.0"},
        clips=clips,
        segments=(segment(0, "miss", 4.0), segment(1, "hit", 5.5), segment(2, "miss", 2.0)),
        walls=WALLS,
        output=FilmOutput(
            path="film.mp4",
            sha256="2" * 64,
            size=1,
            width_px=1920,
            height_px=1080,
            fps="60/1",
            frames=300,
            duration=5.0,
            video_codec="h264",
            pixel_format="yuv420p",
            audio_codec="aac",
        ),
        warnings=("something <odd>",),
    )


@pytest.fixture(scope="module")
def sync(recipe):
    cuts = tuple(
        CutReport(
            shot_id=shot.id,
            frame=60 * (k + 1),
            time=float(k + 1),
            beat_time=None if error is None else k + 1 - error / 1000,
            error_ms=error,
            cut_on="free" if error is None else "beat",
        )
        for k, (shot, error) in enumerate(zip(recipe.shot_list[1:], ERRORS, strict=True))
    )
    return SyncReport(
        fps="60/1",
        frames=300,
        expected_frames=300,
        duration=5.0,
        cuts=cuts,
        max_error_ms=21.0,
        median_error_ms=8.3,
        audio=AudioReport(
            mode="copied", source_pcm_sha256="3" * 64, output_pcm_sha256="3" * 64, lag_samples=0
        ),
        av_offset_ms=(0.0, -0.02, 0.01),
    )


def laid_out(manifest, sync, recipe):
    stills = {shot.id: f"still of {shot.id}".encode() for shot in recipe.shot_list}
    return write_report(
        manifest,
        sync,
        recipe,
        title="Rock & <Roll>",
        curves={"energy": np.linspace(0, 1, 500, dtype=np.float32)},
        stills=stills,
        poster=b"the poster",
        portrait=b"the song",
    )


@pytest.fixture(scope="module")
def page(manifest, sync, recipe):
    return laid_out(manifest, sync, recipe)


def test_a_calm_film_is_called_so(page, manifest, sync, recipe):
    style = recipe.visual_style.model_copy(update={"calm": True})
    calm = recipe.model_copy(update={"visual_style": style})
    assert f"{style.aesthetic}, calm, in 5 shots" in laid_out(manifest, sync, calm)
    assert f"{style.aesthetic} in 5 shots" in page


def test_a_film_with_a_title_is_headed_by_it(recipe):
    def named(titles):
        told = recipe.assembly_instructions.model_copy(
            update={"lettering": Lettering(titles=titles)}
        )
        film = recipe.model_copy(update={"assembly_instructions": told})
        return title_of_film(film, song="final_v3.wav")

    assert named(None) == "final_v3"
    assert named(Titles(credits=("Anna Lee",))) == "final_v3"
    assert named(Titles(title="Neon Rain")) == "Neon Rain"
    assert named(Titles(title="Neon Rain", artist="The Choir")) == "Neon Rain · The Choir"


class Words(HTMLParser):
    """All that a reader sees, and the tags that hold it."""

    def __init__(self, page):
        super().__init__()
        self.text, self.tags = [], []
        self.feed(page.replace("<style>", "<!--").replace("</style>", "-->"))

    def handle_data(self, data):
        self.text.append(data)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_page_needs_nothing_but_itself(page):
    tags = Words(page).tags
    assert not {"script", "link", "iframe"} & {tag for tag, _ in tags}
    sources = [attrs["src"] for tag, attrs in tags if tag == "img"]
    assert len(sources) == 7
    assert sources[1] == "data:image/webp;base64,dGhlIHNvbmc="
    stills = [source for source in sources if source != sources[1]]
    assert all(source.startswith("data:image/jpeg;base64,") for source in stills)
    assert "http" not in page
    assert page.index("dGhlIHBvc3Rlcg==") < page.index("<h2>")


def test_who_heard_the_song_is_told(manifest, page):
    assert manifest.versions["heard stems"] == "htdemucs, demucs 4.1.0"
    assert "beats by songfilm 7; stems by htdemucs, demucs 4.1.0" in page


def test_foreign_words_are_words(page):
    assert "Rock &amp; &lt;Roll&gt;" in page
    assert "<b>bold" not in page
    assert "something &lt;odd&gt;" in page


def test_proofs_are_coloured_by_what_they_show(page):
    boxes = re.findall(r"<div class='glass (\w*)'><b>([^<]*)</b>([^<]*)</div>", page)
    assert boxes == [
        ("good", "300 of 300", "frames, each on its time"),
        ("late", "21.0 ms", "worst cut against its beat"),
        ("good", "8.3 ms", "median cut"),
        ("good", "-0.02 ms", "sound against picture, worst of three"),
        ("good", "AAC", "sound, the song's own packets"),
        ("good", "$2.00 and 30 s of rendering", "saved: 1 of 5 clips were there"),
    ]


def test_every_cut_is_drawn_where_and_as_late_as_it_is(page):
    lines = re.findall(r"<line x1=([\d.]+) x2=[\d.]+ y1=0 y2=\d+ stroke='([^']+)'", page)
    assert [float(x) for x, _ in lines] == [200.0, 400.0, 600.0, 800.0]
    good, late = "var(--good)", "var(--late)"
    assert [color for _, color in lines][:FREE] == [good, good, late]
    assert lines[FREE][1] not in (good, late)
    bars = re.findall(r"<rect x=[\d.]+ width=[\d.]+ y=([\d.]+) height=([\d.]+) fill='", page)
    tops = [float(y) for y, _ in bars]
    assert tops[2] < tops[0] == pytest.approx(49.6)
    assert tops[1] == pytest.approx(49.6)
    assert float(bars[2][1]) / float(bars[1][1]) == pytest.approx(21 / 8.3, abs=0.1)


def test_stages_tell_time_cost_and_what_was_used_again(manifest, page):
    stages = {record.name: record for record in manifest.stages}
    assert list(stages) == ["analysis", "plan", "render", "compose", "join"]
    assert stages["plan"].wall_s is None
    render, compose = stages["render"], stages["compose"]
    assert (render.wall_s, render.machine_s, render.cost) == (61.5, 15.0, 2.75)
    assert (render.pieces, render.reused, render.saved_s, render.saved_usd) == (5, 1, 30.0, 2.0)
    assert (compose.machine_s, compose.saved_s) == (6.0, 5.5)
    assert (compose.pieces, compose.reused) == (3, 1)
    said = "".join(Words(page).text)
    assert "1 of 5 clips" in said
    assert "1 of 3 segments" in said
    assert "30.0 s, $2.00" in said
    assert "35.5 s, $2.00" in said
    assert "106.8 s" in said


def test_stage_clock_adds_rounds_of_one_run_only():
    for run in ("one", "one", "other", None):
        with stage("render", run=run):
            pass
    walls = take_walls("one")
    assert set(walls) == {"render"}
    assert walls["render"] > 0
    assert take_walls("one") == {}
    assert set(take_walls("other")) == {"render"}


def test_failed_stage_counts_too():
    with pytest.raises(ValueError, match="no"), stage("join", run="bad"):
        raise ValueError("no")
    assert set(take_walls("bad")) == {"join"}
