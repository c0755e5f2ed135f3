"""Priming paints what the planner may ask for; `test_other_cpus` proves that it is enough."""

from deployments.prime import theme_takes
from tasks.rendering.backends.procedural.themes import THEMES


def test_every_theme_is_primed_with_many_seeds_and_its_own_subjects() -> None:
    for theme in THEMES:
        takes = list(theme_takes(theme))
        assert {take.shot.visual_theme for take in takes} == {theme}
        assert len({take.seed for take in takes}) == len(takes) >= 24
        assert {take.drive is None for take in takes} == {True, False}
    assert any(take.shot.prompt for take in theme_takes("clouds"))
