"""Chapters lie at the film's sections, tags are the song's own, and neither touches a packet."""

import hashlib
from pathlib import Path

import av
import pytest
from support.films import click_track, coded_segments, make_job, make_recipe, write_song

from recipe_schema.analysis import Excerpt
from recipe_schema.assembly import AssemblyInstructions, Lettering, Titles
from recipe_schema.recipe import RecipeSection
from tasks.assembly import assemble
from tasks.assembly.tags import film_tags, section_chapters
from tasks.media.audio import pcm_sha256
from tasks.media.probe import probe_song

SECONDS, FRAMES = 1.7, 51
SECTIONS = (("verse", 0.0, 0.5), ("drop", 0.5, 1.1), ("verse", 1.1, 1.7))
ODD = 'A = "b"; #c \\ d'


@pytest.fixture(scope="module")
def segments(tmp_path_factory):
    return coded_segments(tmp_path_factory.mktemp("segments"), ((0, FRAMES),))


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    tags = {"title": ODD, "artist": "Zoë\n\u202eevil", "album": "x" * 900, "date": "2031"}
    tags |= {"comment": "not ours", "purl": "https://example.org"}
    told = [part for name, text in tags.items() for part in ("-metadata", f"{name}={text}")]
    clicks = click_track((0.3, 1.1), duration_s=SECONDS)
    return write_song(tmp_path_factory.mktemp("song") / "a.flac", clicks, *told)


def recipe_of(sections=SECTIONS, **lettering):
    recipe = make_recipe(
        [0.0],
        duration_s=SECONDS,
        instructions=AssemblyInstructions(lettering=Lettering(**lettering)),
    )
    structure = tuple(RecipeSection(type=t, start=a, end=b, energy=0.5) for t, a, b in sections)
    metadata = recipe.metadata.model_copy(update={"structure": structure})
    return recipe.model_copy(update={"metadata": metadata})


def make_film(folder, name, song, segments, **options):
    (folder / "work").mkdir()
    recipe = options.pop("recipe", recipe_of())
    assemble(
        make_job(None, recipe),
        song=song,
        segments=segments,
        out=folder / name,
        excerpt=options.pop("excerpt", None),
        work=folder / "work",
        duration_s=SECONDS,
        **options,
    )
    return folder / name


@pytest.mark.parametrize("name", ["film.mp4", "film.mov", "film.mkv"])
def test_film_tells_its_sections_and_its_song(name, song, segments, tmp_path):
    film = make_film(tmp_path, name, song, segments)
    with av.open(str(film)) as container:
        chapters = [
            (c["metadata"]["title"], *(float(c[at] * c["time_base"]) for at in ("start", "end")))
            for c in container.chapters()
        ]
        told = {key.lower(): text for key, text in container.metadata.items()}
    assert [title for title, _, _ in chapters] == ["Verse 1", "Drop", "Verse 2"]
    times = [time for _, start, end in chapters for time in (start, end)]
    assert times == pytest.approx([0.0, 0.5, 0.5, 1.1, 1.1, 1.7], abs=0.002)
    assert (told["title"], told["artist"], told["date"]) == (ODD, "Zoë evil", "2031")
    assert told["album"] == "x" * 200
    assert told["comment"] == "made with songfilm"
    assert "purl" not in told


def test_chapters_and_tags_leave_every_packet_as_it_is(song, segments, tmp_path):
    folders = [tmp_path / name for name in ("plain", "told")]
    for folder in folders:
        folder.mkdir()
    bare = write_song(tmp_path / "bare.flac", click_track((0.3, 1.1), duration_s=SECONDS))
    plain = make_film(folders[0], "f.mp4", bare, segments, recipe=recipe_of(()))
    told = make_film(folders[1], "f.mp4", song, segments)
    assert _packets(plain) == _packets(told)
    assert pcm_sha256(told) == pcm_sha256(song)


def test_excerpt_keeps_film_time(song, segments, tmp_path):
    longer = click_track((0.3, 2.5), duration_s=4.0)
    song = write_song(tmp_path / "long.flac", longer, "-metadata", "title=Long")
    excerpt = Excerpt(start=2.0, length=SECONDS)
    film = make_film(tmp_path, "f.mp4", song, segments, excerpt=excerpt)
    with av.open(str(film)) as container:
        starts = [float(c["start"] * c["time_base"]) for c in container.chapters()]
        assert container.metadata["title"] == "Long"
    assert starts == pytest.approx([0.0, 0.5, 1.1], abs=0.002)


@pytest.mark.parametrize(("name", "codec"), [("f.mp4", "mov_text"), ("f.mkv", "subrip")])
def test_subtitles_become_a_track(name, codec, song, segments, tmp_path):
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:01,000\nla la\n", encoding="utf-8")
    film = make_film(tmp_path, name, song, segments, subtitles=words)
    with av.open(str(film)) as container:
        stream = container.streams.subtitles[0]
        assert stream.codec_context.name in (codec, "srt")
        packets = [packet for packet in container.demux(stream) if b"la la" in bytes(packet)]
        assert float(packets[0].pts * packets[0].time_base) == pytest.approx(0.5, abs=0.001)
        assert len(list(container.chapters())) == len(SECTIONS)


def test_title_card_names_the_film(song):
    recipe = recipe_of(titles=Titles(title="Mine", artist=" "))
    told = film_tags(recipe, probe_song(song))
    assert (told["title"], told["artist"]) == ("Mine", "Zoë evil")


def test_chapters_end_with_the_film_and_do_not_overlap():
    sections = (("intro", 0.2, 0.9), ("drop", 0.6, 3.0), ("outro", 2.0, 4.0))
    chapters = section_chapters(recipe_of(sections), duration_s=SECONDS)
    assert [(c.title, c.start_s, c.end_s) for c in chapters] == [
        ("Intro", 0.2, 0.6),
        ("Drop", 0.6, 1.7),
    ]


def _packets(path: Path) -> list[tuple[str, int | None, str]]:
    """Kind, time and digest of every packet of picture and sound."""
    with av.open(str(path)) as container:
        return [
            (packet.stream.type, packet.pts, hashlib.sha256(bytes(packet)).hexdigest())
            for packet in container.demux()
            if packet.stream.type in ("video", "audio") and packet.size
        ]
