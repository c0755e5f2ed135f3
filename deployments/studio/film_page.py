"""One film's page: the player over the song's shots, its files, and what was not as asked."""

import datetime as dt
import html
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from deployments.studio.files import Shelf, checked
from deployments.studio.film_strip import STRIP_STYLE, draw_strip
from deployments.studio.pages import page
from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import SyncReport, VideoManifest
from recipe_schema.recipe import Recipe
from tasks.storage.keys import BadKeyError, check_key, manifest_key
from tasks.storage.links import BadLinkError, file_link
from tasks.storage.store import NotFoundError, read_index

_PLAYED = (".mp4", ".mov", ".mkv")
# File name endings of what lies beside a film, and what the page calls them.
_BESIDE = {
    "report.html": "Report",
    "sync_report.json": "Sync report",
    "recipe.json": "Recipe",
    "manifest.json": "Manifest",
}
_STYLE = """
header{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1rem;margin-bottom:1.4rem}
.status{font-size:.85rem;padding:.15rem .75rem;border-radius:2rem;border:1px solid currentColor}
.complete{color:var(--good)}.degraded{color:var(--warn)}
.stage{overflow:hidden}
video{display:block;width:100%;height:auto;max-height:74vh;background:oklch(.08 .01 285)}
nav{position:relative;display:flex;flex-wrap:wrap;gap:.7rem;margin:1.3rem 0 1.6rem}
nav a{padding:.55rem 1.15rem;border-radius:.8rem;text-decoration:none;border:1px solid var(--edge);
background:oklch(.4 .05 285/.35)}nav a:hover{background:oklch(.5 .07 285/.5)}
nav a.first{background:var(--hot);border-color:transparent;color:oklch(.18 .05 330);
font-weight:600}nav a.first:hover{background:oklch(.8 .15 330)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:1.1rem 1.5rem;
padding:1.4rem 1.6rem;color:var(--dim);font-size:.85rem}
.facts b{display:block;font-size:1.02rem;font-weight:600;color:var(--ink)}
.notes{padding:1.2rem 1.6rem;margin-top:1.2rem}.notes ul{margin:0;padding-left:1.1rem}
footer{margin-top:2rem;font-size:.8rem;color:var(--dim)}
"""
# A content link ends while a paused film stands open: loading anew fetches a fresh one. By then the
# player has stopped without a pause event, so that only `on` tells whether to go on.
_SCRIPT = """
const film=document.querySelector('video'),strip=document.querySelector('.strip');
let tries=0,on=false;
if(film){film.addEventListener('error',()=>{if(tries++>3)return;const at=film.currentTime;
film.load();film.currentTime=at;if(on)film.play()});
film.addEventListener('play',()=>{on=true});film.addEventListener('pause',()=>{on=false});
film.addEventListener('playing',()=>{tries=0});}
if(film&&strip){const now=strip.querySelector('.now'),long=Number(strip.dataset.seconds);
film.addEventListener('timeupdate',()=>{const x=film.currentTime/long*1000;
now.setAttribute('x1',x);now.setAttribute('x2',x)});
strip.addEventListener('click',e=>{const box=strip.getBoundingClientRect();
film.currentTime=(e.clientX-box.left)/box.width*long;film.play()});}
"""


@dataclass(frozen=True)
class _Film:
    """What the store knows about one film."""

    title: str
    manifest: VideoManifest
    recipe: Recipe | None
    sync: SyncReport | None
    player: str | None
    beside: dict[str, str]


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
        return _page(_find(shelf, run_id), shelf, expires)

    return Route("/films/{run_id}", show)


def _find(shelf: Shelf, run_id: str) -> _Film:
    """Gather the film's manifest, its plan and its files.

    Raises:
        NotFoundError: No such film.
    """
    store = shelf.store
    manifest = read_index(store, manifest_key(run_id), VideoManifest)
    if manifest is None:
        raise NotFoundError(f"no film {run_id}")
    # Deeper down lie proposals of a review: the film's own files stand here.
    keys = [found.key for found in store.list(f"films/{run_id}") if found.key.count("/") == 2]
    beside = {label: key for ending, label in _BESIDE.items() for key in keys if _ends(key, ending)}
    sync = beside.get("Sync report")
    analysis = read_index(store, manifest.analysis.key, SongAnalysis)
    return _Film(
        title=Path(analysis.song.name if analysis else manifest.output.path).stem,
        manifest=manifest,
        recipe=read_index(store, manifest.recipe.key, Recipe),
        sync=read_index(store, sync, SyncReport) if sync else None,
        player=next((key for key in keys if Path(key).suffix.lower() in _PLAYED), None),
        beside=beside,
    )


def _ends(key: str, ending: str) -> bool:
    """Whether a file is called so, alone or after the film's own name."""
    name = key.rpartition("/")[2]
    return name == ending or name.endswith(f".{ending}")


def _page(film: _Film, shelf: Shelf, expires: int) -> HTMLResponse:
    output = film.manifest.output
    word = "finished" if film.manifest.status == "complete" else "finished with stand-ins"

    def link(key: str) -> str:
        return html.escape(
            file_link(key, base_url=shelf.prefix, secret=shelf.secret, expires=expires)
        )

    if film.player:
        stage = (
            f"<video controls playsinline preload=metadata width={output.width_px} "
            f"height={output.height_px} src='{link(film.player)}'></video>"
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
        f"<section class='glass facts'>{_facts(film)}</section>{_notes(film.manifest)}"
        f"<footer>Run {html.escape(film.manifest.run_id)}. This page opens until "
        f"{day.day} {day:%B %Y}; whoever has its address may watch.</footer></main>"
    )
    allow = f"media-src 'self' {shelf.store_origin()}".rstrip()
    return page(film.title, body, style=_STYLE + STRIP_STYLE, script=_SCRIPT, allow=allow)


def _facts(film: _Film) -> str:
    output, shots = film.manifest.output, film.manifest.shots
    seconds = round(output.duration)
    rate = output.fps.removesuffix("/1")
    facts = {
        "length": f"{seconds // 60}:{seconds % 60:02d}",
        "picture": f"{output.width_px} x {output.height_px}, {rate} fps",
        "size": f"{output.size / 1e6:.1f} MB",
        "shots": f"{len(shots)}, {sum(shot.cache == 'hit' for shot in shots)} from the store",
    }
    if film.recipe:
        facts["look"] = film.recipe.visual_style.aesthetic
        facts["song"] = f"{film.recipe.metadata.bpm:.0f} BPM, {film.recipe.metadata.key}"
    if film.sync and film.sync.max_error_ms is not None:
        facts["worst cut"] = f"{film.sync.max_error_ms:.1f} ms off its beat"
    return "".join(f"<div>{name}<b>{html.escape(value)}</b></div>" for name, value in facts.items())


def _notes(manifest: VideoManifest) -> str:
    if not manifest.warnings:
        return ""
    lines = "".join(f"<li>{html.escape(warning)}</li>" for warning in manifest.warnings)
    return f"<section class='glass notes'><h2>What to know</h2><ul>{lines}</ul></section>"
