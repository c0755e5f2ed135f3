"""A one-page report of a film: storyboard, the song with its cuts, their errors, what was re-used.

One HTML file without scripts or outside links: pictures are inside it, so it can be mailed.
"""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from recipe_schema.artifacts import ShotRecord, SyncReport, VideoManifest
from recipe_schema.recipe import Recipe, Shot
from recipe_schema.savings import savings_of, spent
from tasks.assembly.job import CURVE_RATE_HZ, FloatArray
from tasks.assembly.segments import Segment
from tasks.media.stills import take_still

_WAVE_WIDTH, _WAVE_HEIGHT = 1200, 150
_WAVE_POINTS = 600
POSTER_WIDTH_PX = 960
# Where a film is looked at for its poster, by its length.
_MOMENTS = (0.25, 0.45, 0.65)

_STYLE = """
:root{color-scheme:dark;--ink:oklch(.93 .01 280);--dim:oklch(.68 .02 280);--room:oklch(.17 .03 285);
--glass:oklch(.3 .04 285/.45)}
body{margin:0;background:radial-gradient(at 70% -10%,oklch(.3 .1 300),var(--room) 60%);
color:var(--ink);font:16px/1.5 system-ui,sans-serif;min-height:100vh}
main{max-width:76rem;margin:auto;padding:3rem 1.5rem}
h1{font-weight:650;letter-spacing:-.02em;margin:0}
h2{font-size:1rem;color:var(--dim);margin:2.5rem 0 .8rem}
p{color:var(--dim);margin:.3rem 0}
.board{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.9rem}
figure,section.glass{margin:0;background:var(--glass);border:1px solid oklch(.6 .05 285/.25);
border-radius:.8rem;overflow:hidden;backdrop-filter:blur(12px)}
figure img{width:100%;display:block}figcaption{padding:.5rem .7rem;font-size:.8rem;color:var(--dim)}
figcaption b{color:var(--ink)}svg{width:100%;height:auto;display:block}
table{border-collapse:collapse;width:100%;font-size:.85rem}
td,th{padding:.35rem .8rem;text-align:left;border-top:1px solid oklch(.6 .05 285/.15)}
th{color:var(--dim);font-weight:500}.n{text-align:right;font-variant-numeric:tabular-nums}
.facts{display:flex;flex-wrap:wrap;gap:.6rem 2rem;margin-top:1rem}
.facts b{display:block;font-size:1.3rem}
"""


def film_poster(film: Path) -> bytes:
    """The still that stands for a film until it plays; films often begin black.

    Args:
        film: The finished film.

    Returns:
        Of some moments the one with the most to see, as a JPEG.
    """
    return max((take_still(film, at=at, width_px=POSTER_WIDTH_PX) for at in _MOMENTS), key=len)


def storyboard_stills(
    recipe: Recipe, segments: Sequence[tuple[Segment, Path]], *, fps: float
) -> dict[str, bytes]:
    """A still of every shot: its key frame nearest to its middle.

    Args:
        recipe: The shots.
        segments: The film's pieces; each begins with a key frame, so that one picture is decoded.
        fps: Frames a second of the film.

    Returns:
        JPEG bytes by shot id.
    """
    stills = {}
    for shot in recipe.shot_list:
        begin, end = round(shot.timestamp * fps), round(shot.end * fps)
        inside = [item for item in segments if begin <= item[0].start_frame < end] or segments
        middle = (begin + end) / 2
        _, path = min(inside, key=lambda item: abs(item[0].start_frame - middle))
        stills[shot.id] = take_still(path)
    return stills


def write_report(
    manifest: VideoManifest,
    sync: SyncReport,
    recipe: Recipe,
    *,
    title: str,
    curves: Mapping[str, FloatArray],
    stills: Mapping[str, bytes],
) -> str:
    """Lay out the page.

    Args:
        manifest: What made the film.
        sync: What was measured on it.
        recipe: The plan.
        title: Name of the song.
        curves: The song's curves at 100 Hz.
        stills: JPEG bytes by shot id.

    Returns:
        HTML.
    """
    out = io.StringIO()
    out.write(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
    )
    out.write(f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style><main>")
    out.write(f"<h1>{html.escape(title)}</h1>{_facts(manifest, sync, recipe)}")
    out.write(f"<h2>The song and its cuts</h2><section class=glass>{_wave(sync, recipe, curves)}")
    out.write("</section><h2>Storyboard</h2><div class=board>")
    made = {shot.id: shot for shot in manifest.shots}
    for shot in recipe.shot_list:
        out.write(_card(shot, stills[shot.id], made[shot.id]))
    out.write(f"</div><h2>Cuts against beats</h2><section class=glass>{_cuts(sync)}</section>")
    if manifest.warnings:
        lines = "".join(f"<p>{html.escape(warning)}</p>" for warning in manifest.warnings)
        out.write(f"<h2>What to know</h2>{lines}")
    out.write("</main></html>\n")
    return out.getvalue()


def _facts(manifest: VideoManifest, sync: SyncReport, recipe: Recipe) -> str:
    output = manifest.output
    reused = savings_of(manifest.shots)
    pieces = sum(piece.cache == "hit" for piece in manifest.segments)
    worst = "none on a beat" if sync.max_error_ms is None else f"{sync.max_error_ms:.1f} ms"
    facts = {
        "length": f"{output.duration:.1f} s, {output.frames} frames",
        "picture": f"{output.width_px}x{output.height_px} at {sync.fps.removesuffix('/1')} fps",
        "look": recipe.visual_style.aesthetic,
        "tempo and key": f"{recipe.metadata.bpm:.1f} BPM, {recipe.metadata.key}",
        "worst cut": worst,
        "sound": f"{sync.audio.mode}, lag {sync.audio.lag_samples} samples",
        "clips used again": reused.clips,
        **({"saved": reused.saved} if reused.saved else {}),
        "segments used again": f"{pieces} of {len(manifest.segments)}",
        "clips took": spent(manifest.shots),
    }
    cells = "".join(
        f"<div>{name}<b>{html.escape(value)}</b></div>" for name, value in facts.items()
    )
    swatches = "".join(
        f"<span style='background:{color};width:2.2rem;height:.6rem;display:inline-block'></span>"
        for color in recipe.visual_style.color_palette
    )
    return f"<p>{swatches}</p><div class=facts>{cells}</div>"


def _wave(sync: SyncReport, recipe: Recipe, curves: Mapping[str, FloatArray]) -> str:
    """Energy over time, sections under it, a line a cut."""
    length = recipe.metadata.duration
    energy = curves.get("energy", np.zeros(1, np.float32))
    times = np.linspace(0, length, _WAVE_POINTS)
    levels = np.interp(times * CURVE_RATE_HZ, np.arange(len(energy)), energy)
    middle = _WAVE_HEIGHT / 2 - 8
    top = [
        f"{t / length * _WAVE_WIDTH:.1f},{middle - level * middle:.1f}"
        for t, level in zip(times, levels, strict=True)
    ]
    low = [
        f"{t / length * _WAVE_WIDTH:.1f},{middle + level * middle:.1f}"
        for t, level in zip(times, levels, strict=True)
    ]
    palette = recipe.visual_style.color_palette
    marks = "".join(
        f"<line x1={cut.time / length * _WAVE_WIDTH:.1f} x2={cut.time / length * _WAVE_WIDTH:.1f} "
        f"y1=0 y2={2 * middle:.0f} stroke='#fff' stroke-opacity=.7 />"
        for cut in sync.cuts
    )
    names = "".join(
        f"<text x={section.start / length * _WAVE_WIDTH + 4:.1f} y={_WAVE_HEIGHT - 3} "
        f"fill='#aab' font-size=11>{section.type}</text>"
        for section in recipe.metadata.structure
    )
    return (
        f"<svg viewBox='0 0 {_WAVE_WIDTH} {_WAVE_HEIGHT}' role=img aria-label='energy and cuts'>"
        f"<polygon points='{' '.join([*top, *reversed(low)])}' fill='{palette[0]}' "
        f"fill-opacity=.75 />{marks}{names}</svg>"
    )


def _card(shot: Shot, still: bytes, made: ShotRecord) -> str:
    picture = base64.b64encode(still).decode()
    again = ", from the store" if made.cache == "hit" else ""
    if made.near_of is not None:
        again = ", a clip of similar words from the store"
    prompt = html.escape(shot.mochi_prompt, quote=True)
    return (
        f"<figure title='{prompt}'><img alt='{html.escape(shot.visual_theme)}' "
        f"src='data:image/jpeg;base64,{picture}'><figcaption><b>{html.escape(shot.id)}</b> "
        f"{shot.timestamp:.2f} s for {shot.duration:.2f}<br>{shot.section}, "
        f"{html.escape(shot.visual_theme)}{again}</figcaption></figure>"
    )


def _cuts(sync: SyncReport) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(cut.shot_id)}<td class=n>{cut.frame}<td class=n>{cut.time:.3f}"
        f"<td class=n>{'' if cut.beat_time is None else f'{cut.beat_time:.3f}'}"
        f"<td class=n>{'' if cut.error_ms is None else f'{cut.error_ms:+.1f}'}<td>{cut.cut_on}"
        for cut in sync.cuts
    )
    names = ("frame", "time, s", "beat, s", "error, ms")
    head = f"<tr><th>into{''.join(f'<th class=n>{name}' for name in names)}<th>on"
    return f"<table>{head}{rows}</table>"
