"""Lettering keeps clear of what apps and televisions lay over a film."""

import pytest

from tasks.assembly.safe_zone import safe_box


def test_upright_film_keeps_top_foot_and_sides_free() -> None:
    assert safe_box(1080, 1920) == (65, 269, 1015, 1536)


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1080)])
def test_other_shapes_keep_the_title_safe_border(size: tuple[int, int]) -> None:
    width, height = size

    left, top, right, bottom = safe_box(width, height)

    assert (left, width - right) == (width // 20, width // 20)
    assert (top, height - bottom) == (height // 20, height // 20)
