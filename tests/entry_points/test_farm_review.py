"""A film waits for a person, on a real farm: asked, asked again, resumed on another worker."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.songs import write_click_song

from deployments.farm.services import wait_until
from recipe_schema.versions import dump, load_recipe
from tasks.assembly.task import open_manifest
from tasks.planning.task import open_recipe, open_review

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def song(farm):
    return write_click_song(farm.home / "reviewed.wav", 8.0)


@pytest.fixture(scope="module", autouse=True)
def _worker(farm, counted):
    with farm.staffed("films", **counted.environment):
        yield


def start(farm, song, *, seed):
    return farm.film(song, seed=seed, farm={"pool": "here"}, review=True)


def asked(farm, run, number):
    """The form and page of a film's n-th question, once it is asked."""
    question = f"suspended-review-{number}"

    def there():
        keys = farm.read(run)["state"]["state_details"]["run_input_keyset"] or {}
        path = f"flow_runs/{run}/input/{question}-description"
        return keys.get("schema") == f"{question}-schema" and farm.http.get(path).is_success

    assert wait_until(there, timeout_s=180), farm.read(run)["state"]
    form = farm.get(f"flow_runs/{run}/input/{question}-schema")["properties"]
    page = farm.get(f"flow_runs/{run}/input/{question}-description")
    return {name: field["default"] for name, field in form.items()}, page, form


def rendered(farm, run):
    """The recipe that a finished film was made by."""
    return open_recipe(open_manifest(run, store=farm.store).recipe.key, store=farm.store)


def songfilm(farm, *words):
    """The command line on this farm; its JSON lines."""
    done = subprocess.run(
        [Path(sys.executable).with_name("songfilm"), *words, "--json"],
        env={**farm.environment, "PREFECT_API_URL": farm.api_url},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_edits_are_checked_asked_again_and_rendered_by_another_worker(farm, song, counted):
    run = start(farm, song, seed=1)
    values, page, _ = asked(farm, run, 1)
    proposal = load_recipe(values["recipe"])
    assert page.startswith(f"### {len(proposal.shot_list)} shots for 8.0 s")
    assert f"films/{run}/review/proposal-1.recipe.json" in page
    assert open_review("proposal-1", run_id=run, store=farm.store) == proposal

    # What the form's own rules forbid never reaches the film.
    cards = values["shots"]
    wrong = [{**cards[0], "theme": "spaghetti"}, *cards[1:]]
    answer = farm.resume(run, {**values, "shots": wrong})
    assert answer["status"] == "REJECT"
    assert "spaghetti" in answer["details"]["reason"]
    assert farm.resume(run, {})["status"] == "REJECT"
    assert farm.read(run)["state_type"] == "PAUSED"

    # What only the film can judge is asked again, with the person's own words kept.
    cards = [{**cards[0], "prompt": "A lighthouse in fog.", "seed": "9"}, *cards[1:]]
    shots = list(proposal.shot_list)
    shots[1] = shots[1].model_copy(update={"duration": 0.01})
    broken = dump(proposal.model_copy(update={"shot_list": tuple(shots)}))
    assert farm.resume(run, {**values, "shots": cards, "recipe": broken})["status"] == "ACCEPT"
    again, page, form = asked(farm, run, 2)
    assert again["shots"] == cards
    assert again["recipe"] == broken
    assert shots[1].id in form["decision"]["description"]
    assert "Please read this first" in page

    # Another worker takes the film up, even if the first ended before it had let go of the run.
    farm.stop_worker("worker-films-0")
    other = farm.start_worker("films", 1, **counted.environment)
    try:
        question = 2 if farm.read(run)["state_type"] == "PAUSED" else 3
        again, _, _ = asked(farm, run, question)
        assert again["shots"] == cards
        answer = farm.resume(run, {**again, "recipe": values["recipe"]})
        assert answer["status"] == "ACCEPT"
        assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    finally:
        farm.stop_worker(other)
        farm.start_worker("films", **counted.environment)
    first, *others = rendered(farm, run).shot_list
    assert (first.mochi_prompt, first.seed) == ("A lighthouse in fog.", 9)
    assert [shot.mochi_prompt for shot in others] == [
        shot.mochi_prompt for shot in proposal.shot_list[1:]
    ]


def test_retry_of_an_approved_film_asks_nothing_and_keeps_the_edits(farm, song):
    run = start(farm, song, seed=2)
    values, _, _ = asked(farm, run, 1)
    farm.resume(run, {**values, "palette": ["#102030", "#405060"]})
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    farm.retry(run)
    farm.wait(run, "RUNNING", timeout_s=60)
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    assert farm.states(run).count("Suspended") == 1
    assert rendered(farm, run).visual_style.color_palette == ("#102030", "#405060")


def test_plan_again_makes_another_proposal_and_keeps_what_was_edited(farm, song):
    run = start(farm, song, seed=3)
    values, _, _ = asked(farm, run, 1)
    cards = [{**values["shots"][0], "prompt": "A lighthouse."}, *values["shots"][1:]]
    wish = {"decision": "plan again", "look": "aurora-nocturne", "seed": 44}
    farm.resume(run, {**values, **wish, "shots": cards})
    again, page, _ = asked(farm, run, 2)
    proposal = load_recipe(again["recipe"])
    assert (proposal.seed, proposal.visual_style.aesthetic) == (44, "aurora-nocturne")
    assert "proposal\\_1\\_edited" in page.replace("-", "\\_")
    edited = open_review("proposal-1-edited", run_id=run, store=farm.store)
    assert edited.shot_list[0].mochi_prompt == "A lighthouse."
    farm.cancel(run)
    farm.wait(run, "CANCELLED", timeout_s=60)


def test_stopped_film_is_cancelled_and_asks_again_when_it_is_retried(farm, song):
    run = start(farm, song, seed=4)
    asked(farm, run, 1)
    farm.resume(run, {"decision": "stop"})
    ended = farm.wait(run, timeout_s=60)
    assert ended["state_type"] == "CANCELLED"
    assert "plan is kept" in ended["state"]["message"]
    farm.retry(run)
    values, page, _ = asked(farm, run, 2)
    assert "was stopped at its review" in page
    assert values["decision"] == "approve"
    farm.cancel(run)


def test_terminal_lists_saves_and_answers(farm, song, tmp_path):
    run = start(farm, song, seed=5)
    values, _, _ = asked(farm, run, 1)
    code, (told,) = songfilm(farm, "review")
    assert code == 0
    assert run in {film["run"] for film in told["waiting"]}
    file = tmp_path / "recipe.json"
    assert songfilm(farm, "review", run[:18], "--save", str(file))[0] == 0
    recipe = load_recipe(file.read_text())
    assert recipe == load_recipe(values["recipe"])
    shots = list(recipe.shot_list)
    shots[0] = shots[0].model_copy(update={"mochi_prompt": "A harbour at dawn.", "prompt": None})
    file.write_text("// mine\n" + dump(recipe.model_copy(update={"shot_list": tuple(shots)})))
    assert songfilm(farm, "review", run, "--recipe", str(file))[0] == 0
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    assert rendered(farm, run).shot_list[0].mochi_prompt == "A harbour at dawn."
    code, (told,) = songfilm(farm, "review", run, "--approve")
    assert code == 2
    assert "no film called" in told["message"]
