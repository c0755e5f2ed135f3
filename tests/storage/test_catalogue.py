"""The catalogue opens in either database, is brought up to date once, and tells no password."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from support.farm import free_port

from tasks.errors import BadInputError, MissingDependencyError, NoSpaceError, TransientError
from tasks.storage.catalogue import open_catalogue
from tasks.storage.catalogue.database import CatalogueUnreachableError
from tasks.storage.catalogue.tables import Account, Base, Project
from tasks.storage.catalogue.upgrade import MIGRATIONS, NEWEST, version

PASSWORD = "hunter2-never-tell"


def told(caught):
    """Everything that a log would show of an error."""
    import traceback

    return "".join(traceback.format_exception(caught.value))


def test_models_equal_migrations(catalogue_place):
    catalogue = open_catalogue(*catalogue_place)
    with catalogue.connection() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": "songfilm_version", "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    catalogue.close()


def test_newest_migration_is_the_one_that_opening_looks_for():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_migrations_are_packages_that_the_wheel_carries():
    folders = {path.parent for path in MIGRATIONS.rglob("*.py")}
    assert len(folders) == 2
    assert all((folder / "__init__.py").exists() for folder in folders)


def test_catalogue_keeps_what_was_written(catalogue_place):
    first = open_catalogue(*catalogue_place)
    with first.session() as session:
        session.add(Project(store="s", name="album"))
    first.close()
    second = open_catalogue(*catalogue_place)
    with second.session() as session:
        assert session.get(Project, ("s", "album"))
    second.close()


def test_block_that_fails_writes_nothing(catalogue_place):
    catalogue = open_catalogue(*catalogue_place)

    def write_and_fail():
        with catalogue.session() as session:
            session.add(Project(store="s", name="album"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with catalogue.session() as session:
        assert session.get(Project, ("s", "album")) is None
    catalogue.close()


def test_database_itself_refuses_a_balance_below_zero(catalogue_place):
    catalogue = open_catalogue(*catalogue_place)
    with pytest.raises(IntegrityError), catalogue.session() as session:
        session.add(Account(name="p", prepaid=True, balance_micro=-1))
    catalogue.close()


def test_many_open_a_new_catalogue_at_once(catalogue_place):
    together = threading.Barrier(8)

    def open_one(_number):
        together.wait()
        catalogue = open_catalogue(*catalogue_place)
        with catalogue.connection() as connection:
            found = version(connection)
        catalogue.close()
        return found

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(open_one, range(8))) == {NEWEST}


def test_catalogue_of_a_newer_songfilm_is_refused_with_advice(catalogue_place):
    catalogue = open_catalogue(*catalogue_place)
    with catalogue.connection() as connection:
        connection.execute(text("UPDATE songfilm_version SET version_num = 'v9999'"))
    catalogue.close()
    with pytest.raises(BadInputError, match=r"newer songfilm .*v9999.*install that version"):
        open_catalogue(*catalogue_place)


def test_films_of_the_first_version_are_films_of_this_one(catalogue_place):
    catalogue = open_catalogue(*catalogue_place)
    with catalogue.connection() as connection:
        connection.execute(text("ALTER TABLE films DROP COLUMN export"))
        connection.execute(text("UPDATE songfilm_version SET version_num = 'v0001'"))
    catalogue.close()
    catalogue = open_catalogue(*catalogue_place)
    with catalogue.connection() as connection:
        assert version(connection) == NEWEST
        connection.execute(text("SELECT export FROM films"))
    catalogue.close()


def test_migration_that_breaks_leaves_the_database_as_it_was(catalogue_place, monkeypatch):
    from tasks.storage.catalogue import database

    def broken(connection, **_):
        connection.execute(text("CREATE TABLE half (name TEXT)"))
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(database, "bring_up_to_date", broken)
        with pytest.raises(ZeroDivisionError):
            open_catalogue(*catalogue_place)
    catalogue = open_catalogue(*catalogue_place)
    with catalogue.connection() as connection:
        assert version(connection) == NEWEST
    with pytest.raises(Exception, match="half"), catalogue.connection() as connection:
        connection.execute(text("SELECT * FROM half"))
    catalogue.close()


def test_sqlite_lets_readers_read_while_somebody_writes(tmp_path):
    catalogue = open_catalogue(tmp_path, None)
    with catalogue.connection() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    assert (tmp_path / "catalogue.db").exists()
    catalogue.close()


def test_sqlite_address_names_the_file(tmp_path):
    catalogue = open_catalogue(tmp_path, SecretStr(f"sqlite:///{tmp_path}/other.db"))
    assert catalogue.title == f"{tmp_path}/other.db"
    assert catalogue.one_machine
    assert (tmp_path / "other.db").exists()
    catalogue.close()


def test_home_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="SONGFILM_HOME"):
        open_catalogue(tmp_path / "file" / "home", None)


def test_file_that_is_no_catalogue_is_refused(tmp_path):
    (tmp_path / "catalogue.db").write_bytes(b"my diary, which nobody may overwrite" * 99)
    with pytest.raises(BadInputError, match=r"catalogue\.db cannot be used.*not a database"):
        open_catalogue(tmp_path, None)
    assert (tmp_path / "catalogue.db").read_bytes().startswith(b"my diary")


def test_full_disk_is_told_as_such(tmp_path):
    catalogue = open_catalogue(tmp_path, None)

    def fill():
        with catalogue.connection() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar()
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))
            connection.execute(text("CREATE TABLE more AS SELECT zeroblob(9999999) AS x"))

    with pytest.raises(NoSpaceError, match="no room left"):
        fill()
    catalogue.close()


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://me:{PASSWORD}@host/db",
        f"me:{PASSWORD}@host",
        f"postgresql://me:{PASSWORD}/x@host:port/db",
        "sqlite://",
        f"nonsense+driver://me:{PASSWORD}@host/db",
    ],
)
def test_address_that_is_not_understood_is_refused_and_not_repeated(url, tmp_path):
    with pytest.raises(BadInputError, match="SONGFILM_CATALOGUE_URL") as caught:
        open_catalogue(tmp_path, SecretStr(url))
    assert PASSWORD not in told(caught)


def test_postgresql_without_its_driver_names_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingDependencyError, match=r'pip install "songfilm\[server\]"') as caught:
        open_catalogue(tmp_path, SecretStr(f"postgresql://me:{PASSWORD}@127.0.0.1/db"))
    assert PASSWORD not in told(caught)


def test_database_that_does_not_answer_is_worth_another_try(tmp_path):
    url = f"postgresql://me:{PASSWORD}@127.0.0.1:{free_port()}/db"
    with pytest.raises(CatalogueUnreachableError, match="did not answer") as caught:
        open_catalogue(tmp_path, SecretStr(url))
    assert isinstance(caught.value, TransientError)
    assert PASSWORD not in told(caught)


@pytest.mark.services
@pytest.mark.parametrize("wrong", ["password", "database"])
def test_database_that_refuses_us_is_a_matter_of_the_address(wrong, postgres_server, tmp_path):
    head, _, name = postgres_server.rpartition("/")
    start, _, host = head.rpartition("@")
    user = start.rpartition(":")[0]
    told_url = f"{user}:{PASSWORD}@{host}/{name}" if wrong == "password" else f"{head}/nowhere"
    with pytest.raises(BadInputError, match="cannot be used") as caught:
        open_catalogue(tmp_path, SecretStr(told_url))
    assert PASSWORD not in told(caught)
    assert start.rpartition(":")[2] not in told(caught)
