"""A list of songs becomes a film each, every night if it is scheduled."""

import hashlib
import itertools
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.utilities.urls import url_for
from pydantic import JsonValue

from flows.cancelling import cancellable
from flows.film import film_run
from flows.server import patiently
from recipe_schema.assembly import FilmFormat
from recipe_schema.forms import DressOptions, EarsOptions, FarmOptions, LibraryOptions, StyleOptions
from recipe_schema.vocabulary import OnFailure, Priority
from tasks import cancellation
from tasks.analysis.task import check_ears, shared_songs, song_mark
from tasks.assembly.task import film_suffix, filmed_songs, shared_dress
from tasks.errors import BadInputError, MissingDependencyError
from tasks.media.addresses import title_of
from tasks.media.file_names import plain_file_name
from tasks.media.playlist import PlaylistItem, read_playlist

log = logging.getLogger(__name__)

FILM = "music-video/music-video"
# Letters of a digest that tell one film's wishes from another's.
_KEY_LETTERS = 16
_UNFINISHED = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED]

Row = dict[str, JsonValue]


@flow(name="playlist")
@cancellable
def playlist(
    songs: list[str],
    style: StyleOptions = StyleOptions(),
    renderer: str = "procedural",
    film: FilmFormat = FilmFormat(),
    dress: DressOptions = DressOptions(),
    ears: EarsOptions = EarsOptions(),
    farm: FarmOptions = FarmOptions(priority=Priority.BATCH),
    library: LibraryOptions = LibraryOptions(),
    review: bool = False,
    only_new: bool = False,
    folder: str | None = None,
    store: str | None = None,
) -> list[Row]:
    """Start a film for each song of a list; each is a run of its own, and fails or ends by itself.

    Args:
        songs: Paths, store keys or https addresses of songs; a folder (also of the store, such as
            songs/), .m3u, .m3u8 or .csv file stands for the songs in it. Columns of a CSV file:
            audio, title, style, seed, pace, renderer, priority, project, lyrics. A .lrc or .srt
            file of a song's own name beside it holds its lyrics.
        style: How the films look, unless the list says otherwise.
        renderer: Who makes the clips, unless the list says otherwise.
        film: Size, frame rate, quality and audio of the films.
        dress: Grade, title (auto: the song's own), credits and lyrics that are laid over the
            pictures.
        ears: Who listens to the songs, and what is set right in each of them.
        farm: Where shots are rendered; its priority is also the queue of the films.
        library: Project of the films, unless the list says otherwise, and which stored clips they
            may use.
        review: Let a person look at each plan before it is rendered.
        only_new: Skip songs that have a film in the store, or one under way.
        folder: Where the films go; empty: they are kept in the store.
        store: Address of the artifact store; the workers' own when empty.

    Returns:
        What became of each song: its film's flow run, or why there is none.
    """
    check_ears(ears)
    listed = read_playlist(songs)
    found = shared_songs(listed.items, store=store)
    notes = (*listed.notes, *found.notes)
    place = _made(folder) if folder else None
    dress = shared_dress(dress, store=store)
    bare = [item for item in found.items if dress.burn_lyrics and not (item.lyrics or dress.lyrics)]
    notes += tuple(
        f"{item.title or title_of(item.audio)} has no lyrics to burn in" for item in bare
    )
    for note in notes:
        log.warning("%s", note)
    filmed = filmed_songs(store=store) if only_new else {}
    rows: list[Row] = []
    taken = _lyrics_in(place, found.items, dress)
    for item, name in zip(found.items, _names(found.items, taken=taken), strict=True):
        cancellation.check()
        mark = song_mark(item.audio, store=store)
        skipped = _reason(mark, filmed) if only_new and mark else None
        run = None
        if skipped is None:
            wishes = _wishes(
                item, style=style, renderer=renderer, farm=farm, library=library, dress=dress
            )
            run = _start(
                name,
                wishes
                | {
                    "ears": ears.model_dump(mode="json"),
                    "film": film.model_dump(mode="json"),
                    "review": review,
                    "out": str(place / f"{name}{film_suffix(film)}") if place else None,
                    "store": store,
                },
                mark=mark,
                may_wait=review or farm.on_failure == OnFailure.HOLD,
            )
        rows.append({"song": name, "audio": item.audio, "run": run, "skipped": skipped})
    _show(rows, notes)
    return rows


def _made(folder: str) -> Path:
    """The folder for the films, made now, so that no film is rendered for a place that is not.

    Raises:
        BadInputError: It cannot be made.
    """
    place = Path(folder).expanduser().absolute()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"the folder {place} cannot be made: {error.strerror}") from error
    return place


def _wishes(
    item: PlaylistItem,
    *,
    style: StyleOptions,
    renderer: str,
    farm: FarmOptions,
    library: LibraryOptions,
    dress: DressOptions,
) -> dict[str, Any]:
    """What a song's line says, over what the playlist says."""
    look = {"aesthetic": item.style, "seed": item.seed, "pace": item.pace}
    own = {name: value for name, value in look.items() if value is not None}
    lyrics = item.lyrics or dress.lyrics
    words = {"lyrics": lyrics, "burn_lyrics": dress.burn_lyrics and lyrics is not None}
    rank, project = item.priority or farm.priority, item.project or library.project
    return {
        "audio": item.audio,
        "style": style.model_copy(update=own).model_dump(mode="json"),
        "renderer": item.renderer or renderer,
        "farm": farm.model_copy(update={"priority": rank}).model_dump(mode="json"),
        "library": library.model_copy(update={"project": project}).model_dump(mode="json"),
        "dress": dress.model_copy(update=words).model_dump(mode="json"),
    }


def _lyrics_in(
    place: Path | None, items: Sequence[PlaylistItem], dress: DressOptions
) -> frozenset[str]:
    """Names of lyrics files in the films' folder, where a film of that name would lay its own."""
    named = {lyrics for lyrics in (dress.lyrics, *(item.lyrics for item in items)) if lyrics}
    files = [path for path in map(Path, named) if path.suffix.lower() == ".srt"]
    return frozenset(
        path.stem.casefold() for path in files if place and path.absolute().parent == place
    )


def _names(items: Sequence[PlaylistItem], *, taken: Iterable[str] = ()) -> list[str]:
    """A name a film, that files may have; equal and taken ones are numbered, capitals aside."""
    taken = set(taken)
    names = []
    for item in items:
        name = plain_file_name(item.title or title_of(item.audio))[:80].strip(" .")
        numbered = itertools.chain([name], (f"{name} ({k})" for k in itertools.count(2)))
        names.append(next(free for free in numbered if free.casefold() not in taken))
        taken.add(names[-1].casefold())
    return names


def _reason(mark: str, filmed: Mapping[str, str]) -> str | None:
    """Why a song needs no film; None when it does."""
    made = next((run for digest, run in filmed.items() if digest.startswith(mark)), None)
    if made is not None:
        return f"film {made} is in the store"
    under_way = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[_song_tag(mark)]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNFINISHED)),
    )
    with get_client(sync_client=True) as client:
        runs = patiently(client.read_flow_runs, flow_run_filter=under_way)
    others = [run for run in runs if f"playlist:{film_run()}" not in run.tags]
    return f"film {others[0].name} is under way" if others else None


def _start(name: str, parameters: dict[str, Any], *, mark: str | None, may_wait: bool) -> str:
    """Submit one film, or find the run that this playlist submitted before it was run again.

    Prefect cannot suspend a run inside another one: a film that may wait for a person is a run
    beside the playlist, found by its tag; the others are shown under it.

    Raises:
        MissingDependencyError: The server does not know the deployment.
    """
    told = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
    tags = [f"playlist:{film_run()}", *([_song_tag(mark)] if mark else [])]
    try:
        run = patiently(
            run_deployment,
            FILM,
            parameters=parameters,
            flow_run_name=name,
            timeout=0,
            idempotency_key=f"{film_run()}:{told[:_KEY_LETTERS]}",
            tags=tags,
            work_queue_name=parameters["farm"]["priority"],
            as_subflow=not may_wait,
        )
    except ObjectNotFound as error:
        raise MissingDependencyError(
            f"the Prefect server does not know the deployment {FILM}; run `songfilm up`, or "
            "`python -m deployments.bootstrap` for a server of yours"
        ) from error
    return str(cast(FlowRun, run).id)  # a coroutine only where there is an event loop


def _song_tag(mark: str) -> str:
    return f"song:{mark}"


def _show(rows: Sequence[Row], notes: Sequence[str]) -> None:
    """The list as a page of the run, with links to the films' runs."""
    started = sum(row["run"] is not None for row in rows)
    lines = [
        f"# {started} films started, {len(rows) - started} songs skipped",
        "",
        "Each film is a run of its own: it may wait, fail and be retried by itself.",
        "",
        "| song | film | file |",
        "|---|---|---|",
    ]
    for row in rows:
        run = str(row["run"])
        link = f"[{run[:8]}]({url_for('flow-run', run) or run})" if row["run"] else row["skipped"]
        audio = str(row["audio"]).replace("|", "\\|")
        lines.append(f"| {row['song']} | {link} | `{audio}` |")
    lines += ["", *(f"- {note}" for note in notes)]
    create_markdown_artifact("\n".join(lines), key="playlist", description="Films of the playlist")
