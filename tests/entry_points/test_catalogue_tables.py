"""The catalogue's tables in terminals of several widths."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from deployments.catalogue_tables import film_tables
from tasks.storage.catalogue.lines import FilmLine, ShotLine

PROMPT = "a lone lighthouse in heavy rain at night, waves breaking on black rocks " * 3
TITLE = "a song whose title goes on " * 8
RUN = "0195aa11-7a3b-7c1d-9f2e-0123456789ab"


def make_shot(number, **changes):
    told = {"cache": "miss", "near_of": None, "cost_usd": 0.5} | changes
    return ShotLine(
        shot=f"shot_{number:03}",
        fingerprint="ab12cd34" * 8,
        renderer="procedural",
        fallback=None,
        saved_usd=0.0,
        seconds=3.0,
        prompt=PROMPT,
        times_used=7,
        **told,
    )


@pytest.fixture
def film():
    shots = (
        make_shot(1),
        make_shot(2, cache="hit", cost_usd=0.0),
        make_shot(3, cache="hit", near_of="c" * 64, cost_usd=0.0),
        make_shot(4, cost_usd=12.34),
    )
    return FilmLine(
        run_id=RUN,
        made_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
        project="Piad",
        song=TITLE,
        song_sha256="a" * 64,
        version=3,
        recipe="b" * 64,
        status="degraded",
        renderer="procedural",
        tenant="shared",
        duration_s=31.0,
        cost_usd=12.84,
        saved_usd=0.5,
        seconds=12.0,
        gone=True,
        shots=shots,
    )


def lines_of(film, width, *, shots=True):
    out = StringIO()
    console = Console(file=out, width=width)
    for table in film_tables([film], shots=shots):
        console.print(table)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert max(map(len, lines)) <= width
    return [line for line in lines if line]


@pytest.mark.parametrize(("kind", "said"), [("film", "export"), ("teaser", "export: teaser")])
def test_what_was_made_of_a_film_is_marked(film, kind, said):
    assert said not in "\n".join(lines_of(film, 100))
    assert said in "\n".join(lines_of(film.model_copy(update={"export": kind}), 100))


@pytest.mark.parametrize("width", [80, 100, 140])
def test_each_shot_has_a_line_with_its_origin_and_cost(film, width):
    rows = [line.split() for line in lines_of(film, width) if line.strip().startswith("shot_")]
    assert [row[:6] for row in rows] == [
        ["shot_001", "ab12cd34", "procedural", "new", "7", "$0.50"],
        ["shot_002", "ab12cd34", "procedural", "store", "7", "-"],
        ["shot_003", "ab12cd34", "procedural", "similar", "7", "-"],
        ["shot_004", "ab12cd34", "procedural", "new", "7", "$12.34"],
    ]
    for row in rows:
        assert row[6:10] == ["a", "lone", "lighthouse", "in"]
        assert row[-1].endswith("…")


@pytest.mark.parametrize("width", [80, 140])
def test_long_title_is_cut_to_one_line_and_the_run_is_whole(film, width):
    header, title, facts, run = lines_of(film, width, shots=False)
    assert header.split() == ["film", "made", "shots", "cost"]
    assert title.startswith("a song whose title goes on")
    assert "… " in title
    assert facts.startswith("recipe 3, 31 s, Piad, degraded, gone ")
    assert run == RUN
