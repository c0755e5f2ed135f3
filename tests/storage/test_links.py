"""A link opens what it was signed for, until it was signed for, and nothing else."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from tasks.errors import BadInputError
from tasks.storage.keys import BadKeyError
from tasks.storage.links import (
    BadLinkError,
    ExpiredLinkError,
    check_link,
    derived_token,
    file_link,
    film_link,
    sign,
)
from tasks.storage.secret import link_secret

SECRET = b"a secret that nobody guesses"
WORDS = st.text("abcfilms/.-0", max_size=12)


def asked(link):
    parts = urlsplit(link)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_film_link_opens_until_its_second_is_over():
    path, query = asked(film_link("run", base_url="http://x/y", secret=SECRET, expires=100))
    assert path == "/y/films/run"
    assert check_link(SECRET, "film", "run", **query, now=100.0) == 100
    with pytest.raises(ExpiredLinkError):
        check_link(SECRET, "film", "run", **query, now=100.5)


def test_file_link_opens_its_own_purpose_only():
    link = file_link("films/run/a.mp4", base_url="", secret=SECRET, expires=100)
    path, query = asked(link)
    assert path == "/files/films/run/a.mp4"
    assert check_link(SECRET, "file", "films/run/a.mp4", **query, now=1.0) == 100
    for purpose in ("content", "film"):
        with pytest.raises(BadLinkError):
            check_link(SECRET, purpose, "films/run/a.mp4", **query, now=1.0)


@given(st.tuples(WORDS, WORDS), st.tuples(WORDS, WORDS))
def test_different_parts_never_share_a_signature(one, other):
    """Parts are told apart by their lengths: moving a letter from key to film changes all."""
    signed = [sign(SECRET, "file", key, 100, film) for key, film in (one, other)]
    assert (signed[0] == signed[1]) == (one == other)


@given(st.text(max_size=60), st.text(max_size=20))
def test_strange_signatures_and_times_are_refused_calmly(signature, expires):
    with pytest.raises(BadLinkError):
        check_link(SECRET, "film", "run", expires=expires, signature=signature, now=0.0)


@pytest.mark.parametrize("key", ["clips/aa/a.json", "blobs/aa/b", "films/../x", "/films/a", ""])
def test_link_to_another_key_is_never_made(key):
    with pytest.raises(BadKeyError):
        file_link(key, base_url="", secret=SECRET, expires=100)


def test_blob_link_names_its_film():
    _, query = asked(file_link("blobs/aa/b", base_url="", secret=SECRET, expires=9, film="run"))
    assert query["film"] == "run"
    assert check_link(SECRET, "file", "blobs/aa/b", **query, now=1.0) == 9


def test_tokens_of_two_uses_differ():
    assert derived_token(SECRET, "notify") != derived_token(SECRET, "webhook")


def test_secret_is_made_once_for_its_owner(tmp_path):
    made = link_secret(tmp_path / "home", None)
    assert link_secret(tmp_path / "home", SecretStr("")) == made
    assert (tmp_path / "home" / "secret").stat().st_mode & 0o777 == 0o600
    assert len(list((tmp_path / "home").iterdir())) == 1


def test_configured_secret_goes_first(tmp_path):
    assert link_secret(tmp_path, SecretStr(SECRET.decode())) == SECRET
    assert not (tmp_path / "secret").exists()


def test_secret_that_cannot_be_kept_says_what_to_do(tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(BadInputError, match="set SONGFILM_SECRET"):
        link_secret(tmp_path / "home", None)
