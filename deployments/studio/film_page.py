"""One film's page: the player over the song's shots, its files, and what was not as asked."""

import datetime as dt
import html
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from deployments.studio.files import checked
from deployments.studio.film_strip import STRIP_STYLE, draw_strip
from deployments.studio.pages import page
from deployments.studio.player import PLAYER_SCRIPT, PLAYER_STYLE, draw_facts
from deployments.studio.shelf import Shelf
from deployments.studio.stored_film import StoredFilm, find_film
from recipe_schema.artifacts import VideoManifest
from recipe_schema.savings import savings_of, spent
from tasks.storage.keys import BadKeyError, check_key, manifest_key
from tasks.storage.links import BadLinkError, file_link


def route(shelf: Shelf) -> Route:
    """The door to film pages.

    Args:
        shelf: Store and secret.
    """

    def show(request: Request) -> Response:
        """The page of one film, when the link to it is good."""
        run_id = request.path_params["run_id"]
        try:
            check_key(manifest_key(run_id))
        except BadKeyError as error:
            raise BadLinkError(str(error)) from error
        expires = checked(request, shelf, "film", run_id)
        return _page(find_film(shelf.store, run_id), shelf, expires)

    return Route("/films/{run_id}", show)


def _page(film: StoredFilm, shelf: Shelf, expires: int) -> HTMLResponse:
    output = film.manifest.output
    word = "finished" if film.manifest.status == "complete" else "finished with stand-ins"

    def link(key: str) -> str:
        return html.escape(
            file_link(key, base_url=shelf.prefix, secret=shelf.secret, expires=expires)
        )

    if film.player:
        poster = f" poster='{link(film.poster)}'" if film.poster else ""
        stage = (
            f"<video controls playsinline preload=metadata width={output.width_px} "
            f"height={output.height_px}{poster} src='{link(film.player)}'></video>"
        )
        first = [f"<a class=first href='{link(film.player)}&amp;download=1'>Download</a>"]
    else:
        stage = (
            "<p class=notes>The film itself is not in the store: it was written to "
            f"{html.escape(Path(output.path).name)} on the machine that made it.</p>"
        )
        first = []
    stand_ins = {shot.id for shot in film.manifest.shots if shot.fallback}
    strip = draw_strip(film.recipe, stand_ins) if film.recipe else ""
    doors = [f"<a href='{link(key)}'>{label}</a>" for label, key in film.beside.items()]
    day = dt.datetime.fromtimestamp(expires, dt.UTC)
    body = (
        f"<main><header><h1>{html.escape(film.title)}</h1>"
        f"<span class='status {film.manifest.status}'>{word}</span></header>"
        f"<section class='glass stage'>{stage}{strip}</section>"
        f"<nav>{''.join(first + doors)}</nav>"
        f"<section class='glass facts'>{_facts(film)}</section>{_exports(film, link)}"
        f"{_notes(film.manifest)}"
        f"<footer>Run {html.escape(film.manifest.run_id)}. This page opens until "
        f"{day.day} {day:%B %Y}; whoever has its address may watch.</footer></main>"
    )
    allow = shelf.player_policy()
    return page(
        film.title, body, style=PLAYER_STYLE + STRIP_STYLE, script=PLAYER_SCRIPT, allow=allow
    )


def _facts(film: StoredFilm) -> str:
    output, shots = film.manifest.output, film.manifest.shots
    reused = savings_of(shots)
    seconds = round(output.duration)
    rate = output.fps.removesuffix("/1")
    facts = {
        "length": f"{seconds // 60}:{seconds % 60:02d}",
        "picture": f"{output.width_px} x {output.height_px}, {rate} fps",
        "size": f"{output.size / 1e6:.1f} MB",
        "shots": str(len(shots)),
        "clips from the store": reused.clips,
        **({"saved": reused.saved} if reused.saved else {}),
        "rendering": spent(shots),
    }
    if film.recipe:
        facts["look"] = film.recipe.visual_style.aesthetic
        facts["song"] = f"{film.recipe.metadata.bpm:.0f} BPM, {film.recipe.metadata.key}"
    if film.sync and film.sync.max_error_ms is not None:
        facts["worst cut"] = f"{film.sync.max_error_ms:.1f} ms off its beat"
    return draw_facts(facts)


def _exports(film: StoredFilm, link: Callable[[str], str]) -> str:
    """What was made of the film and is kept with it, to take along."""
    if not film.exports:
        return ""
    lines = "".join(
        f"<li><a href='{link(key)}&amp;download=1'>{html.escape(key.rpartition('/')[2])}</a></li>"
        for key in film.exports
    )
    return f"<section class='glass notes'><h2>Made of this film</h2><ul>{lines}</ul></section>"


def _notes(manifest: VideoManifest) -> str:
    if not manifest.warnings:
        return ""
    lines = "".join(f"<li>{html.escape(warning)}</li>" for warning in manifest.warnings)
    return f"<section class='glass notes'><h2>What to know</h2><ul>{lines}</ul></section>"
