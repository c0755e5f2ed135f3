"""Recipes for the prompted stand-in, and a way to let it work in this process."""

from collections import Counter

import pytest

from recipe_schema.assembly import AssemblyInstructions
from recipe_schema.recipe import Recipe, RecipeMetadata, Shot, VisualStyle
from recipe_schema.vocabulary import CutOn, SectionType, Transition
from support.films import STILL
from support.prompted import ENTRY, USD_PER_S
from tasks.media import workers
from tasks.rendering.renderer import RENDERERS

FOX = "a red fox runs through deep snow at dawn"
LAKE = "a quiet lake of silver under pines"
TOWER = "a tower of glass in heavy rain"
# So much like FOX that it may stand in at 0.9.
ALIKE = "at dawn a red fox runs through deep snow"
# A clip takes this long, and costs this much: 48 frames of a film at 24 a second are 24 of the
# renderer's, and the next length that it makes is 25.
CLIP_S, CLIP_USD = 3.0, USD_PER_S * 25 / 12


def count_calls(patch: pytest.MonkeyPatch) -> Counter[str]:
    """Announce the renderer and let it work here; its calls by prompt."""
    counted: Counter[str] = Counter()
    real = workers.run

    def run(function, *args, **options):
        if options.get("renderer") != "prompted":
            return real(function, *args, **options)
        counted[args[0].shot.mochi_prompt] += 1
        return function(*args, **options), CLIP_S

    patch.setattr(workers, "run", run)
    patch.setitem(RENDERERS, "prompted", ENTRY)
    return counted


def make_recipe(*prompts, look="abstract", theme="aurora", energy=0.5, seed=0):
    """Two seconds a prompt with hard cuts; the rest is as another song would have it."""
    shots = tuple(
        Shot(
            id=f"shot_{k + 1:03d}",
            timestamp=2.0 * k,
            duration=2.0,
            section=SectionType.VERSE,
            mochi_prompt=prompt,
            visual_theme=theme,
            energy_level=energy,
            transition_in=Transition.HARD_CUT,
            cut_on=CutOn.FREE,
        )
        for k, prompt in enumerate(prompts)
    )
    return Recipe(
        seed=seed,
        metadata=RecipeMetadata(duration=2.0 * len(prompts), bpm=120.0, key="C major", mood="calm"),
        visual_style=VisualStyle(aesthetic=look, color_palette=("#808080", "#a0a0a0")),
        shot_list=shots,
        assembly_instructions=AssemblyInstructions(audio_reactive=STILL),
    )
