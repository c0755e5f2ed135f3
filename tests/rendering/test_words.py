"""Every sentence of the prompt bank, and of a person's own recipe, changes what it speaks of."""

from dataclasses import asdict, fields
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.planning.bank import BANDS, load_bank
from tasks.rendering.backends.procedural.motion import plan_motion
from tasks.rendering.backends.procedural.words import Wishes, read_wishes, says, scene_of

BANK = load_bank()
CAMERAS = [text for band in BANDS for text in BANK.cameras[band]]
HELD = [text for text in CAMERAS if "holds still" in text]
MOVES = ("push", "turn", "pan", "rise", "shake")


def wishes_of(*, camera_style: str = "steady", calm: bool = False, **said: str) -> Wishes:
    shot = make_shot(prompt=ShotPrompt(**{"subject": "glass", **said}))
    style = make_style(camera=camera_style).model_copy(update={"calm": calm})
    return read_wishes(shot, style)


def wishes_of_sentence(text: str, *, camera_style: str = "steady") -> Wishes:
    return read_wishes(make_shot(text=text), make_style(camera=camera_style))


SILENT = wishes_of()


def camera_path(camera: str) -> NDArray[np.float64]:
    """Four seconds of the camera: log of the scale, radians, half-heights; shape (frames, 4)."""
    shot = make_shot(prompt=ShotPrompt(subject="glass", camera=camera))
    request = make_request(shot, frames=96, fps=Fraction(24))
    moments = plan_motion(request, read_wishes(shot, request.style))
    return np.array([(np.log(m.scale), m.turn, m.pan_x, m.pan_y) for m in moments])


def length_of(path: NDArray[np.float64]) -> float:
    return float(np.abs(np.diff(path, axis=0)).sum())


@pytest.mark.parametrize("camera", [text for text in CAMERAS if text not in HELD])
def test_camera_sentence_moves_the_camera_clearly(camera: str) -> None:
    moved = np.abs(camera_path(camera)[-1] - camera_path(camera)[0]) - np.abs(
        camera_path("")[-1] - camera_path("")[0]
    )
    unrest = length_of(camera_path(camera)) / length_of(camera_path(""))
    assert moved.max() > 0.05 or unrest > 2.0


def test_camera_that_holds_still_is_stiller_than_one_of_which_nothing_is_said() -> None:
    assert HELD
    for camera in HELD:
        assert length_of(camera_path(camera)) < 0.5 * length_of(camera_path(""))


def test_ways_of_moving_are_told_apart() -> None:
    def strongest(camera: str) -> tuple[str, bool]:
        wishes = asdict(wishes_of(camera=camera))
        move = max(MOVES, key=lambda name: abs(wishes[name]))
        return move, wishes[move] > 0

    assert strongest("The camera pushes in steadily") == ("push", True)
    assert strongest("The camera pulls back gently") == ("push", False)
    assert strongest("the camera slowly rotating") == ("turn", True)
    assert strongest("The camera orbits the scene") == ("pan", True)
    assert strongest("The camera pans left") == ("pan", True)
    assert strongest("The camera rises very slowly") == ("rise", True)
    assert strongest("The camera dives down") == ("rise", False)
    assert strongest("A handheld camera") == ("shake", True)


def test_slow_and_fast_cameras_go_the_same_way_at_another_pace() -> None:
    slow, plain, fast = (
        wishes_of(camera=f"The camera {how}pushes in").push for how in ("slowly ", "", "rapidly ")
    )
    assert 0.2 < slow < 0.7 * plain
    assert plain < 0.8 * fast
    assert wishes_of(camera="The camera pushes in slowly").speed == SILENT.speed


@pytest.mark.parametrize("lens", BANK.lenses)
def test_lens_sentence_changes_sharpness_or_nearness(lens: str) -> None:
    wishes = wishes_of(camera=lens)
    assert wishes.blur > 0.3 or abs(wishes.closeness - 1.0) > 0.05
    assert (wishes.blur == 0.0) == ("deep focus" in lens or "natural" in lens)
    assert not any(getattr(wishes, move) for move in MOVES)


@pytest.mark.parametrize("band", BANDS)
def test_motion_sentence_changes_pace_or_pulse(band: str) -> None:
    for text in BANK.motions[band]:
        wishes = wishes_of(motion=text)
        changes = [wishes.speed / SILENT.speed, wishes.pulse, 1.0 + wishes.swell]
        assert max(abs(change - 1.0) for change in changes) > 0.1, text
        assert band != "low" or wishes.speed < 0.8 * SILENT.speed, text
        assert band != "high" or wishes.speed > 1.1 * SILENT.speed, text
        assert not any(getattr(wishes, move) for move in MOVES), text


@pytest.mark.parametrize("name", sorted(BANK.aesthetics))
def test_light_sentences_run_from_dark_to_bright(name: str) -> None:
    lights = BANK.aesthetics[name].lights
    low, mid, high = (
        np.mean([wishes_of(light=text).exposure for text in lights[band]]) for band in BANDS
    )
    assert low < 0.95
    assert low < mid < high
    assert high > 1.1
    for text in (text for band in BANDS for text in lights[band]):
        wishes = wishes_of(light=text)
        changes = (wishes.exposure, wishes.glow, wishes.contrast)
        assert max(abs(change - 1.0) for change in changes) > 0.05, text


def test_dark_place_is_darker_but_less_so_than_dark_light() -> None:
    place = wishes_of(setting="inside a vast dark warehouse").exposure
    assert wishes_of(light="dark").exposure < place < 0.9


@pytest.mark.parametrize("name", sorted(BANK.aesthetics))
def test_subjects_and_settings_never_move_the_camera(name: str) -> None:
    aesthetic = BANK.aesthetics[name]
    for subject in (text for texts in aesthetic.subjects.values() for text in texts):
        for setting in aesthetic.settings:
            wishes = wishes_of(subject=subject, setting=setting)
            assert not any(getattr(wishes, move) for move in MOVES)
            assert wishes.blur == 0.0


def test_films_camera_style_is_a_manner_that_the_shots_own_words_overrule() -> None:
    manner = wishes_of(camera_style="dynamic-handheld")
    assert manner.shake > 0.8
    pushed = wishes_of(camera_style="dynamic-handheld", camera="The camera pushes in steadily")
    assert pushed.push > 0.9
    assert 0.0 < pushed.shake < 0.6 * manner.shake
    held = wishes_of(camera_style="dynamic-handheld", camera="The camera holds still")
    assert not any(getattr(held, move) for move in MOVES)
    assert wishes_of(camera_style="steady-tripod").sway < 0.5
    assert wishes_of(camera_style="weightless-drift").sway > 1.5


@pytest.mark.parametrize(
    ("sentence", "changed"),
    [
        ("slow motion abstract neon liquid flowing, dark cyberpunk background, particle effects, "
         "cinematic lighting, 4K quality", {"speed": -1, "exposure": -1, "glow": 1, "contrast": 1}),
        ("geometric neon shapes morphing, purple and cyan colors, smooth camera push, "
         "depth of field", {"push": 1, "blur": 1, "glow": 1, "sway": 0}),
        ("digital rain falling like matrix, neon pink highlights, camera slowly rotating, "
         "cyberpunk city background", {"turn": 1, "glow": 1}),
    ],
)  # fmt: skip
def test_sentence_of_a_persons_own_recipe_is_understood(
    sentence: str, changed: dict[str, int]
) -> None:
    before, after = asdict(wishes_of_sentence("glass")), asdict(wishes_of_sentence(sentence))
    for field in fields(Wishes):
        change = np.sign(round(after[field.name] - before[field.name], 3))
        assert change == changed.get(field.name, 0), field.name


def test_what_a_sentence_says_of_the_camera_is_no_subject() -> None:
    shot = make_shot(text="a glass tower, the camera tracks past crystals. Smoke rises")
    assert scene_of(shot) == "a glass tower, smoke rises"


@pytest.mark.parametrize(
    "words",
    [
        "a distillery in Japan, panels of expanding glass, a butterfly on a spine, Panama",
        "three-dimensional things, diverse statues, window blinds, quicksilver in a quarry",
        "a scroll, a nightingale, a mistake, hazelnuts, an explorer, a thinker, trackers",
        "a straightforward shape, interlocking frames, a pullover, a rollercoaster of risers",
    ],
)
def test_words_that_only_begin_or_end_alike_ask_for_nothing(words: str) -> None:
    assert wishes_of_sentence(f"{words}, camera") == wishes_of_sentence("glass, camera")
    assert wishes_of(camera=words, light=words, motion=words, setting=words) == SILENT


@pytest.mark.parametrize(
    "words",
    ["no shaking", "not dark", "without any zoom in", "never bright", "no fast movement"],
)
def test_what_is_denied_is_not_done(words: str) -> None:
    assert wishes_of(camera=words, light=words, motion=words) == SILENT


def test_denial_reaches_no_farther_than_its_word() -> None:
    assert says("dark", "not bright but dark")
    assert says("bright", "no longer dim, bright")
    assert not says("bright", "not too bright")


def test_calm_film_is_slower_never_brighter_and_no_hand_shakes() -> None:
    words = {"camera": "A handheld camera leans in", "light": "Blinding light"}
    lively, calm = wishes_of(**words), wishes_of(calm=True, **words)
    assert calm.speed < 0.8 * lively.speed
    assert lively.exposure > 1.2
    assert calm.exposure == 1.0
    assert lively.shake > 0.5
    assert calm.shake == calm.lean == 0.0
