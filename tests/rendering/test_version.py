"""A theme's version changes with every file that shapes its clips' bytes."""

from pathlib import Path

import pytest

from tasks.rendering.backends.procedural import themes as themes_package
from tasks.rendering.backends.procedural.version import theme_version


@pytest.mark.parametrize("module", ["aurora.py", "drive.py", "frames.py"])
def test_version_changes_with_the_code_behind_a_clip(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The theme, the song's way in, and the clip's encoder."""
    read_bytes, theme_digest = Path.read_bytes, theme_version.__wrapped__
    before = theme_digest("aurora")
    assert before == theme_version("aurora")

    def edited(path: Path) -> bytes:
        return read_bytes(path) + (b"#" if path.name == module else b"")

    monkeypatch.setattr(Path, "read_bytes", edited)
    assert theme_digest("aurora") != before


def test_what_a_theme_stands_on_lies_where_its_version_looks() -> None:
    """No folder but the themes', and no theme that paints with another's code."""
    themes = Path(themes_package.__file__).parent
    folders = {path.name for path in themes.parent.iterdir() if any(path.glob("*.py"))}
    assert folders == {"themes"}
    for module in sorted(set(themes.glob("*.py")) - {themes / "__init__.py"}):
        assert "procedural.themes" not in module.read_text(), module.name
