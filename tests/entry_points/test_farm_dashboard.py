"""The dashboard as a person sees it: forms with their words, a plan to read, a film to watch."""

import pytest
from support.browser import open_browser
from support.songs import write_click_song

from tasks.planning.task import open_review

pytestmark = pytest.mark.services

# Models whose fields the form of a film shows.
PARTS = ("StyleOptions", "FarmOptions", "LibraryOptions")


@pytest.fixture(scope="module")
def page():
    with open_browser() as tab:
        yield tab


@pytest.fixture(scope="module")
def dashboard(page, farm):
    return farm.api_url.removesuffix("/api")


@pytest.fixture(scope="module")
def waiting(page, farm, counted):
    """A film whose plan waits for a person."""
    song = write_click_song(farm.home / "seen song.wav", 8.0)
    with farm.staffed("films", "cpu", **counted.environment):
        yield farm.film(song, seed=702, review=True)


def test_form_of_a_film_explains_each_field(page, waiting, dashboard, farm):
    known = farm.get("deployments/name/music-video/music-video")
    form = known["parameter_openapi_schema"]
    parts = [form, *(form["definitions"][name] for name in PARTS)]
    fields = [field for part in parts for field in part["properties"].values()]
    told = [field["description"] for field in fields if "description" in field]
    assert len(told) > 15
    page.open(f"{dashboard}/deployments/deployment/{known['id']}/run", *form["properties"], *told)


def test_plan_is_read_and_approved_and_the_film_is_shown(page, waiting, dashboard, farm):
    farm.wait(waiting, "PAUSED", timeout_s=120)
    plan = open_review("proposal-1", run_id=waiting, store=farm.store)
    shots = [shot.id for shot in plan.shot_list]
    page.open(f"{dashboard}/runs/flow-run/{waiting}", "seen song", "Suspended")
    page.press(
        "Resume",
        f"{len(shots)} shots for 8.0 s",
        "approve: render the film with the changes below",
        "Look, if planned again",
        "What the picture shows.",
        plan.shot_list[0].mochi_prompt,
        "The whole recipe",
        *shots,
    )
    page.press("Submit")
    assert farm.wait(waiting, timeout_s=120)["state_type"] == "COMPLETED"
    assert open_review("approved", run_id=waiting, store=farm.store) == plan

    page.open(f"{dashboard}/runs/flow-run/{waiting}", "seen song", "Completed")
    page.press("Subflow Runs", "render-shot", *shots)
    page.press("Artifacts", "The plan", "The finished film", "Contact sheet", "film-link")
    shown = farm.artifacts(waiting)
    page.open(
        f"{dashboard}/artifacts/artifact/{shown['storyboard']['id']}",
        f"{len(shots)} shots over 8.0 s",
        *shots,
    )
    page.open(
        f"{dashboard}/artifacts/artifact/{shown['film']['id']}",
        "Watch, download, read the report",
        "worst cut against its beat",
    )
