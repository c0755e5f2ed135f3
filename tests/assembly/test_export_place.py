"""An export replaces an older one of its name and kind, and nothing else."""

import pytest
from support.stored_films import store_film

from recipe_schema.vocabulary import ExportKind
from tasks.assembly.export_place import BadPlaceError, check_place
from tasks.storage.local import LocalStore
from tasks.storage.store import to_json

FILM, TEASER, LOOP, GIF = ExportKind.FILM, ExportKind.TEASER, ExportKind.LOOP, ExportKind.GIF


@pytest.fixture
def film(tmp_path):
    return lay(store_film(LocalStore(tmp_path / "store"), "run-a", tmp_path), "film.mp4", tmp_path)


def lay(manifest, name, folder, **facts):
    """Write the manifest of a film of that name beside where the film is."""
    output = manifest.output.model_copy(update={"path": str(folder / name)})
    manifest = manifest.model_copy(update={"output": output, **facts})
    (folder / f"{name.partition('.')[0]}.manifest.json").write_text(to_json(manifest))
    return manifest


@pytest.mark.parametrize("kind", ExportKind)
def test_film_itself_is_never_written_over(film, tmp_path, kind):
    (tmp_path / "way").symlink_to(tmp_path)
    for out in (tmp_path / "film.mp4", tmp_path / "way" / "film.mp4"):
        with pytest.raises(BadPlaceError, match="is the film itself"):
            check_place(out, kind, of=film)


def test_film_that_was_renamed_is_not_written_over(film, tmp_path):
    (tmp_path / "film.manifest.json").rename(tmp_path / "mine.manifest.json")

    with pytest.raises(BadPlaceError, match="is the film itself"):
        check_place(tmp_path / "mine.mp4", LOOP, of=film)


@pytest.mark.parametrize("kind", [FILM, TEASER])
def test_proofs_of_a_film_of_the_same_stem_are_kept(film, tmp_path, kind):
    lay(film, "other.mkv", tmp_path, run_id="run-b")

    for name in ("film.mov", "other.mp4"):
        with pytest.raises(BadPlaceError, match="choose another name, such as"):
            check_place(tmp_path / name, kind, of=film)


@pytest.mark.parametrize(("name", "kind"), [("film.mov", LOOP), ("film.gif", GIF)])
def test_what_has_no_proofs_may_share_the_stem(film, tmp_path, name, kind):
    check_place(tmp_path / name, kind, of=film)


def test_older_export_is_replaced_by_one_of_its_kind(film, tmp_path):
    lay(film, "wide.mp4", tmp_path, run_id="run-b", settings={"export_of": "run-a"})
    settings = {"export_of": "run-a", "part": "teaser"}
    lay(film, "short.mp4", tmp_path, run_id="run-c", settings=settings)

    check_place(tmp_path / "wide.mp4", FILM, of=film)
    check_place(tmp_path / "short.mp4", TEASER, of=film)
    check_place(tmp_path / "short.mp4", FILM, of=film)
    for name, kind in (("wide.mp4", TEASER), ("wide.mp4", LOOP), ("short.mp4", LOOP)):
        with pytest.raises(BadPlaceError, match="would leave them there"):
            check_place(tmp_path / name, kind, of=film)


def test_free_name_is_free(film, tmp_path):
    (tmp_path / "odd.manifest.json").write_text("{}")

    check_place(tmp_path / "new.mp4", FILM, of=film)
    check_place(tmp_path / "odd.mp4", FILM, of=film)
