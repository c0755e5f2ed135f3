"""What people outside see: a film, one clip or the report behind a link that can be taken back.

Every address on these pages begins with the share's own link, so that each request asks the share
anew: after its end, or after its maker took it back, nothing opens. An address that a bucket
signed meanwhile goes on for at most `CONTENT_S` seconds, and never beyond the share's end.
"""

import html
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from deployments.studio.files import CONTENT_S, NEVER_KEPT
from deployments.studio.film_strip import STRIP_STYLE, draw_strip
from deployments.studio.pages import page
from deployments.studio.player import PLAYER_SCRIPT, PLAYER_STYLE
from deployments.studio.shelf import NamedFile, Shelf, bucket_address, given, named_file
from deployments.studio.stored_film import StoredFilm, film_files, find_film, find_manifest
from recipe_schema.recipe import Shot
from tasks.storage.shares import Share, check_share
from tasks.storage.store import NotFoundError

_STYLE = """
main{max-width:64rem}header{display:block;margin-bottom:1.2rem}
.said{max-width:46rem;margin:.7rem 0 0;color:var(--ink);font-size:1.08rem;white-space:pre-line;
overflow-wrap:anywhere}
.about{font-size:.9rem;margin:.35rem 0 0}
.stage video{max-height:64vh}.clip{max-width:52rem}
nav{margin-bottom:0}
@media(max-width:45rem){nav a{flex:1 1 auto;text-align:center;padding:.7rem 1rem}}
"""


def routes(shelf: Shelf) -> list[Route]:
    """The doors to shares.

    Args:
        shelf: Store and secret.
    """

    def show(request: Request) -> Response:
        """The page of a share; a shared report is its own page."""
        share = _opened(request, shelf)
        if share.what == "report":
            return _handed(request, shelf, share, "report")
        film = find_film(shelf.store, share.film)
        here = f"{shelf.prefix}/share/{request.path_params['token']}"
        return (
            _clip_page(film, share, shelf, here) if share.shot else _page(film, share, shelf, here)
        )

    def part(request: Request) -> Response:
        """A file of a share."""
        share = _opened(request, shelf)
        return _handed(request, shelf, share, request.path_params["part"])

    return [Route("/share/{token}", show), Route("/share/{token}/{part}", part)]


def _opened(request: Request, shelf: Shelf) -> Share:
    """The share behind a link, if it opens at this moment."""
    return check_share(
        shelf.store, request.path_params["token"], secret=shelf.secret, now=datetime.now(UTC)
    )


def _handed(request: Request, shelf: Shelf, share: Share, part: str) -> Response:
    """The bytes of a part, or the way to them in the bucket."""
    file = _file(shelf, share, part, download="download" in request.query_params)
    left_s = min(CONTENT_S, max(1, int((share.expires - datetime.now(UTC)).total_seconds())))
    where = bucket_address(shelf, file, left_s)
    if where is not None:
        return RedirectResponse(where, status_code=302, headers=NEVER_KEPT)
    return given(shelf, file, kept="no-store")


def _file(shelf: Shelf, share: Share, part: str, *, download: bool) -> NamedFile:
    """A file that the share covers.

    Raises:
        NotFoundError: It covers no such part, or the store has it no more.
    """
    store = shelf.store
    if part == "clip" and share.shot:
        shots = {shot.id: shot.clip.key for shot in find_manifest(store, share.film).shots}
        if share.shot in shots:
            return named_file(store, shots[share.shot], film=share.film, download=download)
    seen = {"film", "poster", *(["report"] if share.with_report else [])}
    covered = {"film": seen, "report": {"report"}}
    if part in covered.get(share.what, ()):
        files = film_files(store, share.film)
        keys = {"film": files.player, "poster": files.poster, "report": files.beside.get("Report")}
        key = keys[part]
        if key is not None:
            return named_file(store, key, download=download)
    raise NotFoundError(f"share {share.id} has no {part}")


def _page(film: StoredFilm, share: Share, shelf: Shelf, here: str) -> HTMLResponse:
    """The film with its player, and what may be taken along."""
    output = film.manifest.output
    seconds = round(output.duration)
    about = (
        f"{seconds // 60}:{seconds % 60:02d}, {output.width_px} x {output.height_px}, "
        f"{output.size / 1e6:.1f} MB"
    )
    if film.player is None:
        raise NotFoundError(f"film {share.film} is not in the store")
    strip = draw_strip(film.recipe, ()) if film.recipe else ""
    poster = f" poster='{here}/poster'" if film.poster else ""
    stage = (
        f"<video controls playsinline preload=metadata width={output.width_px} "
        f"height={output.height_px}{poster} src='{here}/film'></video>{strip}"
    )
    doors = [f"<a class=first href='{here}/film?download=1'>Download</a>"]
    if share.with_report and "Report" in film.beside:
        doors.append(f"<a href='{here}/report'>Report</a>")
    body = (
        f"<main><header><h1>{html.escape(film.title)}</h1><p class=about>{about}</p>"
        f"{_said(share)}</header><section class='glass stage'>{stage}</section>"
        f"<nav>{''.join(doors)}</nav>{_footer(share)}</main>"
    )
    return _shown(film.title, body, shelf)


def _clip_page(film: StoredFilm, share: Share, shelf: Shelf, here: str) -> HTMLResponse:
    """One clip, on its own."""
    shot = (
        next((each for each in film.recipe.shot_list if each.id == share.shot), None)
        if (film.recipe)
        else None
    )
    body = (
        f"<main class=clip><header><h1>{html.escape(film.title)}</h1>"
        f"<p class=about>{html.escape(_words_of(share, shot))}</p>{_said(share)}</header>"
        f"<section class='glass stage'><video controls loop playsinline preload=auto "
        f"src='{here}/clip'></video></section>"
        f"<nav><a class=first href='{here}/clip?download=1'>Download</a></nav>"
        f"{_footer(share)}</main>"
    )
    return _shown(f"{film.title}, {share.shot}", body, shelf)


def _words_of(share: Share, shot: Shot | None) -> str:
    if shot is None:
        return f"One clip: {share.shot}"
    theme = shot.visual_theme.replace("-", " ")
    return f"One clip: {share.shot}, {theme}, in the {shot.section}"


def _said(share: Share) -> str:
    return f"<p class=said>{html.escape(share.note)}</p>" if share.note else ""


def _footer(share: Share) -> str:
    end = share.expires.astimezone(UTC)
    return (
        f"<footer>This link opens until {end.day} {end:%B %Y, %H:%M} UTC, unless it is taken back "
        "before; whoever has it may watch.</footer>"
    )


def _shown(title: str, body: str, shelf: Shelf) -> HTMLResponse:
    allow = shelf.player_policy()
    style = PLAYER_STYLE + STRIP_STYLE + _STYLE
    return page(title, body, style=style, script=PLAYER_SCRIPT, allow=allow)
