"""The page that opens a review: every shot in a row, and nothing breaks the table."""

from support.analyses import make_analysis

from tasks.planning import plan
from tasks.planning.proposal import describe_proposal, storyboard_table

RECIPE = plan(make_analysis(), seed=5)


def test_storyboard_has_a_row_a_shot_whatever_words_hold():
    first, *others = RECIPE.shot_list
    odd = first.model_copy(update={"mochi_prompt": "a | b\nc `d` <b>" * 20, "prompt": None})
    table = storyboard_table(RECIPE.model_copy(update={"shot_list": (odd, *others)})).split("\n")
    assert len(table) == 2 + len(RECIPE.shot_list)
    assert all(row.replace("\\|", "").count("|") == 7 for row in table)
    assert "<b>" not in table[2].replace("\\<b>", "")


def test_page_tells_what_must_be_read_before_the_storyboard():
    page = describe_proposal(
        RECIPE,
        told=["shot_002 is too short"],
        warnings=[f"odd {k}" for k in range(10)],
        estimate="About 3 minutes.",
        file="films/x/review/proposal-1.recipe.json",
    )
    places = [
        page.index(text)
        for text in ("shot\\_002 is too short", "About 3 minutes.", "and 2 more", "| shot |")
    ]
    assert places == sorted(places)
    assert page.endswith("`films/x/review/proposal-1.recipe.json`.")
