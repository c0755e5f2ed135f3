"""A fingerprint changes exactly when pixels would, for painters and for prompted models."""

import unicodedata
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from support import prompted as stand_in
from support.clip_requests import WARM, make_drive, make_request, make_shot, make_style
from support.prompted import SAMPLING, PromptedRenderer

from recipe_schema.artifacts import ClipSpan
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Shot, ShotPrompt, VisualStyle
from recipe_schema.vocabulary import CutOn, Effect, MotionIntensity, SectionType, Transition
from tasks.rendering.fingerprint import fingerprint, kinship
from tasks.rendering.reading import Sampling, prompt_of
from tasks.rendering.renderer import RenderRequest, load_renderer
from tasks.rendering.request import derive_seed
from tasks.rendering.request import make_request as request_for

SHOT = make_shot(timestamp=4.0)
BASE = make_request(SHOT, start_s=3.9, drive=make_drive(frames=12, start_s=3.9))
FIELDS = ShotPrompt(subject="ink", action="falls", setting="sea", motion="slow", light="dim")

# Another value for each field that a request holds, and who sees a difference in the picture.
BOTH, PAINTER, NOBODY = {"procedural", "prompted"}, {"procedural"}, set()
REQUEST = {
    "width_px": (162, BOTH),
    "height_px": (98, BOTH),
    "fps": (Fraction(24), BOTH),
    "frames": (13, BOTH),
    "seed": (8, BOTH),
    "start_s": (3.8, PAINTER),
    "drive": (make_drive(frames=12, start_s=3.9, bpm=128.0), PAINTER),
}
SHOTS = {
    "mochi_prompt": ("slow dark light", BOTH),
    "visual_theme": ("tunnel", PAINTER),
    "energy_level": (0.7, PAINTER),
    "prompt": (FIELDS, PAINTER),
    "timestamp": (4.1, PAINTER),
    "id": ("shot_999", NOBODY),
    "duration": (3.0, NOBODY),
    "section": (SectionType.DROP, NOBODY),
    "transition_in": (Transition.GLITCH, NOBODY),
    "transition_out": (Transition.FADE, NOBODY),
    "effects": ((Effect.BLOOM,), NOBODY),
    "locked": (True, NOBODY),
    "renderer": ("procedural", NOBODY),
    "cut_on": (CutOn.FREE, NOBODY),
    "seed": (99, NOBODY),  # the request's own seed counts
}
STYLES = {
    "aesthetic": ("storm", PAINTER),
    "color_palette": (WARM, PAINTER),
    "motion_intensity": (MotionIntensity.EXTREME, PAINTER),
    "camera_style": ("slow push", PAINTER),
    "calm": (True, PAINTER),
}
SAMPLINGS = {
    "model": "other",
    "weights_revision": "r2",
    "steps": 9,
    "guidance": (4.5, 4.0),
    "sampler": "heun",
    "precision": "fp8",
    "negative": "blurry",
    "loras": (("ab12", 0.8),),
}


def renderer_of(name):
    return PromptedRenderer() if name == "prompted" else load_renderer(name)


def name_of(request, renderer="procedural"):
    return fingerprint(request, renderer=renderer_of(renderer))


def with_shot(**changes):
    return replace(BASE, shot=SHOT.model_copy(update=changes))


def changed_requests():
    for field, (value, seen) in REQUEST.items():
        yield f"request {field}", replace(BASE, **{field: value}), seen
    for field, (value, seen) in SHOTS.items():
        yield f"shot {field}", with_shot(**{field: value}), seen
    for field, (value, seen) in STYLES.items():
        style = BASE.style.model_copy(update={field: value})
        yield f"style {field}", replace(BASE, style=style), seen


def test_no_field_is_forgotten_here():
    assert {*REQUEST, "shot", "style"} == {field.name for field in fields(RenderRequest)}
    assert set(SHOTS) == set(Shot.model_fields)
    assert set(STYLES) == set(VisualStyle.model_fields)
    assert set(SAMPLINGS) == set(Sampling.model_fields)


@pytest.mark.parametrize("renderer", ["procedural", "prompted"])
@pytest.mark.parametrize(
    ("other", "seen"),
    [pytest.param(other, seen, id=name) for name, other, seen in changed_requests()],
)
def test_what_shapes_pixels_changes_the_name_and_nothing_else_does(renderer, other, seen):
    assert (name_of(other, renderer) != name_of(BASE, renderer)) == (renderer in seen)


@pytest.mark.parametrize("field", SAMPLINGS)
def test_how_a_model_is_run_changes_the_name(monkeypatch, field):
    before = name_of(BASE, "prompted")
    other = Sampling.model_validate(SAMPLING.model_dump() | {field: SAMPLINGS[field]})
    monkeypatch.setattr(stand_in, "SAMPLING", other)
    assert name_of(BASE, "prompted") != before


@pytest.mark.parametrize("field", ["subject", "action", "setting", "motion", "light", "camera"])
def test_each_word_of_the_structured_prompt_counts_for_a_painter(field):
    other = FIELDS.model_copy(update={field: "another word"})
    assert name_of(with_shot(prompt=other)) != name_of(with_shot(prompt=FIELDS))


def test_painter_reads_the_structured_prompt_instead_of_the_sentence():
    one, other = (
        name_of(with_shot(prompt=FIELDS, mochi_prompt=text)) for text in ("ink", "ink falls")
    )
    assert one == other


@pytest.mark.parametrize(
    "text",
    ["abstract  light in\n motion ", "\tabstract light in motion", "abstract light in motion"],
)
def test_white_space_that_nobody_sees_leaves_the_prompt(text):
    assert name_of(with_shot(mochi_prompt=text), "prompted") == name_of(BASE, "prompted")


def test_composed_and_decomposed_letters_are_one_prompt():
    composed, decomposed = (unicodedata.normalize(form, "café at night") for form in ("NFC", "NFD"))
    assert composed != decomposed
    names = {name_of(with_shot(mochi_prompt=text), "prompted") for text in (composed, decomposed)}
    assert len(names) == 1


def test_capitals_and_word_order_are_another_prompt():
    texts = ("a Polish dancer", "a polish dancer", "dancer a Polish")
    assert len({name_of(with_shot(mochi_prompt=text), "prompted") for text in texts}) == 3


def test_model_gets_the_prompt_that_its_name_was_made_from():
    assert prompt_of(with_shot(mochi_prompt=" a  b\u0301 ")) == "a b\u0301"
    assert prompt_of(with_shot(mochi_prompt="cafe\u0301")) == "caf\u00e9"


def test_negative_prompt_is_normalised_too(monkeypatch):
    names = set()
    for words in ("blurry, dark", " blurry,  dark"):
        monkeypatch.setattr(stand_in, "SAMPLING", SAMPLING.model_copy(update={"negative": words}))
        names.add(name_of(BASE, "prompted"))
    assert len(names) == 1


def test_equal_shots_of_different_songs_have_one_name():
    other = Shot(
        id="shot_031",
        timestamp=95.5,
        duration=2.0,
        section=SectionType.DROP,
        mochi_prompt=" abstract light  in motion",
        visual_theme="tunnel",
        energy_level=0.95,
        prompt=FIELDS,
    )
    film = FilmFormat(width_px=160, height_px=90, fps="24")
    names = set()
    for shot, style in ((SHOT, make_style()), (other, make_style(WARM, motion="extreme"))):
        start = round(shot.timestamp * 24)
        request = request_for(
            shot,
            style=style,
            span=ClipSpan(shot_id=shot.id, start_frame=start, end_frame=start + 48, fps="24/1"),
            film=film,
            limits=PromptedRenderer().limits(),
            recipe_seed=0,
        )
        names.add(name_of(request, "prompted"))
    assert len(names) == 1


def test_seed_follows_from_prompt_and_recipe_unless_it_is_pinned():
    free = derive_seed(SHOT, 1)
    assert derive_seed(SHOT, 2) != free
    assert derive_seed(SHOT.model_copy(update={"mochi_prompt": "else"}), 1) != free
    for field in ("visual_theme", "energy_level", "id", "timestamp"):
        assert derive_seed(SHOT.model_copy(update={field: SHOTS[field][0]}), 1) == free
    assert derive_seed(SHOT.model_copy(update={"seed": 5}), 1) == 5


def test_kin_differ_in_prompt_and_seed_alone():
    def kin_of(request):
        return kinship(request, renderer=PromptedRenderer())

    kin = kin_of(BASE)
    assert kin is not None
    assert kin_of(replace(with_shot(mochi_prompt="else"), seed=8)) == kin
    for field in ("width_px", "height_px", "fps", "frames"):
        assert kin_of(replace(BASE, **{field: REQUEST[field][0]})) != kin


def test_painters_clips_have_no_kin():
    assert kinship(BASE, renderer=load_renderer("procedural")) is None


def test_clips_that_follow_a_song_have_no_kin(monkeypatch):
    heard = PromptedRenderer().limits().model_copy(update={"uses_song": True})
    monkeypatch.setattr(PromptedRenderer, "limits", lambda self: heard)
    assert kinship(BASE, renderer=PromptedRenderer()) is None


def test_without_a_song_the_name_is_another():
    assert name_of(replace(BASE, drive=None)) != name_of(BASE)


def test_shot_moved_as_a_whole_keeps_its_name():
    moved = SHOT.model_copy(update={"timestamp": SHOT.timestamp + 8.0})
    assert name_of(replace(BASE, shot=moved, start_s=BASE.start_s + 8.0)) == name_of(BASE)


def test_difference_too_small_to_be_seen_keeps_the_name():
    assert BASE.drive is not None
    nearly = replace(BASE.drive, mids=BASE.drive.mids + np.float32(1e-5))
    assert name_of(replace(BASE, drive=nearly)) == name_of(BASE)


@pytest.mark.parametrize("renderer", ["procedural", "prompted"])
def test_new_code_gives_a_new_name(monkeypatch, renderer):
    before = name_of(BASE, renderer)
    monkeypatch.setattr(type(renderer_of(renderer)), "version", lambda self, request: "newer")
    assert name_of(BASE, renderer) != before


def test_version_is_of_the_theme_that_paints():
    version = load_renderer("procedural").version
    tunnel = replace(BASE, shot=SHOT.model_copy(update={"visual_theme": "tunnel"}))
    unknown = replace(BASE, shot=SHOT.model_copy(update={"visual_theme": "quixotic"}))
    assert version(tunnel) != version(BASE)
    assert version(unknown) == version(BASE)
    assert version(BASE) == version(replace(BASE, seed=9))
