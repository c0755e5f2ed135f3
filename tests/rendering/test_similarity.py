"""Similar prompts are found by their letters and words; what that cannot see is written down."""

import pytest

from tasks.rendering.similarity import most_similar, similarity

FOX = "a red fox runs through deep snow at dawn"


def test_equal_words_are_one_however_they_are_written():
    assert similarity(FOX, "  A red FOX, runs through deep\nsnow at dawn.") == pytest.approx(1.0)


@pytest.mark.parametrize(
    "paraphrase",
    [
        "the red fox runs through the deep snow, at dawn",
        "red foxes run through deep snow at dawn",
        "at dawn a red fox runs through deep snow",
    ],
)
def test_paraphrase_of_the_same_words_is_nearer_than_any_other_scene(paraphrase):
    others = [
        "a red car races through a deep canyon at dawn",
        "slow clouds over a city of glass",
        "deep snow falls on a silent forest",
    ]
    close = similarity(FOX, paraphrase)
    assert close > 0.6
    assert all(close > similarity(FOX, other) + 0.2 for other in others)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a calm sea at night", "a stormy sea at noon"),
        ("slow dark light", "fast bright light"),
        ("a dog chases a cat", "a cat chases a dog"),
    ],
)
def test_opposites_in_a_few_words_do_not_pass_for_similar(one, other):
    assert similarity(one, other) < 0.88


def test_strangers_have_nothing_in_common():
    assert similarity("neon rain", "a quiet lake of silver") == 0.0


def test_other_words_of_the_same_meaning_are_not_seen():
    assert similarity("a forest at dusk", "a wood at nightfall") < 0.2


def test_one_word_of_a_long_prompt_weighs_little():
    frame = "a photorealistic wide shot of a {} sea below high cliffs, gulls, foam on black rocks, "
    frame += "slow camera, soft light through clouds, film grain, anamorphic lens, muted colours"
    assert similarity(frame.format("calm"), frame.format("stormy")) > 0.9


def test_repeated_word_weighs_less_than_in_proportion():
    once = similarity("rain neon lake", "rain")
    often = similarity("rain rain rain rain neon lake", "rain")
    assert once < often < 0.8  # 0.86 if four were four times one


def test_similarity_has_no_direction():
    assert similarity(FOX, "red snow") == pytest.approx(similarity("red snow", FOX))


@pytest.mark.parametrize("text", ["", "...", "of the"])
def test_words_that_show_nothing_are_like_nothing(text):
    assert similarity(text, text) == 0.0


def test_most_similar_is_the_first_of_the_best_above_the_bar():
    others = ["slow clouds", "the red fox runs through deep snow", FOX, FOX.upper()]
    place, score = most_similar(FOX, others, at_least=0.9)
    assert (place, score) == (2, pytest.approx(1.0))
    assert most_similar(FOX, others[:1], at_least=0.5) is None
    assert most_similar(FOX, [], at_least=0.5) is None
