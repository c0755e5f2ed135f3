"""A one-page report of a film: poster, proofs, storyboard, the song with its cuts, what it took.

One HTML file without scripts or outside links: pictures are inside it, so it can be mailed.
"""

import base64
import html
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from recipe_schema.artifacts import ShotRecord, StageRecord, SyncReport, VideoManifest
from recipe_schema.recipe import Recipe, Shot
from recipe_schema.savings import LEAST_USD, money, savings_of
from tasks.assembly.job import FloatArray
from tasks.assembly.manifest import HEARD
from tasks.assembly.poster import best_moment
from tasks.assembly.report_charts import error_chart, half_frame_ms, song_chart
from tasks.assembly.report_style import STYLE
from tasks.assembly.segments import Segment
from tasks.media.stills import take_still

POSTER_WIDTH_PX = 960
# A cut on the grid may err by half a frame; rounding to thousandths of a millisecond comes on top.
_ROUNDING_MS = 0.05
_STAGES = {
    "analysis": "Hearing the song",
    "plan": "Planning",
    "render": "Rendering clips",
    "compose": "Composing pictures",
    "join": "Joining and proving",
}
_CACHE_WORDS = {"render": "clips", "compose": "segments"}
# Seconds below this are not worth a number.
_LEAST_S = 0.05
_SOUND = {
    "copied": "the song's own packets",
    "lossless": "sample for sample the song's",
    "encoded": "encoded once from the song",
}
# Of a measured value: as it should be, not so, or neither.
_COLORS = {True: "good", False: "late", None: ""}


def film_poster(film: Path, *, words: Sequence[tuple[float, float]] = ()) -> bytes:
    """The still that stands for a film until it plays; films often begin black.

    Args:
        film: The finished film.
        words: Spans with words over the picture, shares of its length; left out if others remain.

    Returns:
        Of some moments the sharpest, most colourful and best lit one, as a JPEG.
    """
    return take_still(film, at=best_moment(film, words=words), width_px=POSTER_WIDTH_PX)


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
    poster: bytes,
    portrait: bytes,
) -> str:
    """Lay out the page.

    Args:
        manifest: What made the film.
        sync: What was measured on it.
        recipe: The plan.
        title: Name of the film.
        curves: The song's curves at 100 Hz.
        stills: JPEG bytes by shot id.
        poster: The film's still, a JPEG.
        portrait: The song as it was heard, a WebP.

    Returns:
        HTML.
    """
    made = {shot.id: shot for shot in manifest.shots}
    cards = "".join(_card(shot, stills[shot.id], made[shot.id]) for shot in recipe.shot_list)
    output = manifest.output
    parts = [
        _head(recipe, title=title, shape=f"{output.width_px}/{output.height_px}"),
        _hero(manifest, sync, recipe, title=title, poster=poster),
        f"<div class=facts>{_proofs(manifest, sync)}</div>",
        f"<h2>The song and its cuts</h2><section class='glass chart'>"
        f"{song_chart(sync, recipe, curves)}</section>",
        f"<h2>The song as it was heard</h2><section class='glass scroll'><img class=heard "
        f"loading=lazy alt='form, wave, beats, energy, bands, chroma and tempo of the song' "
        f"src='{_inside(portrait, 'webp')}'>{_heard(manifest)}</section>",
        f"<h2>Storyboard</h2><div class=board>{cards}</div>",
        f"<h2>Cuts against beats</h2><section class=glass>{_cuts(sync)}</section>",
        f"<h2>What it took</h2><section class='glass scroll'>{_stages(manifest)}</section>",
        _told(manifest),
        "</main></html>\n",
    ]
    return "".join(parts)


def title_of_film(recipe: Recipe, *, song: str) -> str:
    """The film's own title and artist, else the name of its song's file.

    Args:
        recipe: The plan.
        song: File name of the song.
    """
    titles = recipe.assembly_instructions.lettering.titles
    if titles is None or not titles.title:
        return Path(song).stem
    return f"{titles.title} · {titles.artist}" if titles.artist else titles.title


def _head(recipe: Recipe, *, title: str, shape: str) -> str:
    one, two = recipe.visual_style.color_palette[:2]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
        "<meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<style>:root{{--one:{one};--two:{two};--shape:{shape}}}{STYLE}</style><main>"
    )


def _hero(
    manifest: VideoManifest, sync: SyncReport, recipe: Recipe, *, title: str, poster: bytes
) -> str:
    """The poster, and over it what film this is."""
    output = manifest.output
    calm = ", calm," if recipe.visual_style.calm else ""
    rate = f"{float(Fraction(sync.fps)):.2f}".rstrip("0").rstrip(".")
    beat = f"{recipe.metadata.bpm:.1f} BPM, " if recipe.metadata.bpm else ""
    told = (
        f"{_clock(output.duration)} of {html.escape(recipe.visual_style.aesthetic)}{calm} in "
        f"{len(recipe.shot_list)} shots · {output.width_px}x{output.height_px} at {rate} fps, "
        f"{html.escape(output.video_codec)} · {beat}{html.escape(recipe.metadata.key)}"
    )
    swatches = "".join(
        f"<i style='background:{color}'></i>" for color in recipe.visual_style.color_palette
    )
    return (
        f"<header class=hero><img alt='' src='{_inside(poster)}'><div><h1>{html.escape(title)}"
        f"</h1><p>{told}</p><div class=swatches>{swatches}</div></div></header>"
    )


def _proofs(manifest: VideoManifest, sync: SyncReport) -> str:
    """What was measured on the finished file, and saved; a box each: value, name and colour."""
    half = half_frame_ms(sync) + _ROUNDING_MS
    offset = max(sync.av_offset_ms, key=abs)
    boxes: list[tuple[str, str, bool | None]] = [
        (f"{sync.frames} of {sync.expected_frames}", "frames, each on its time", True),
        (_ms(sync.max_error_ms), "worst cut against its beat", (sync.max_error_ms or 0) <= half),
        (_ms(sync.median_error_ms), "median cut", (sync.median_error_ms or 0) <= half),
        (f"{offset:.2f} ms", "sound against picture, worst of three", abs(offset) <= half),
        (
            manifest.output.audio_codec.upper(),
            f"sound, {_SOUND[sync.audio.mode]}",
            sync.audio.mode != "encoded" or None,
        ),
    ]
    spared = savings_of(manifest.shots)
    if spared.saved:
        boxes.append((spared.saved, f"saved: {spared.clips} clips were there", True))
    return "".join(
        f"<div class='glass {_COLORS[good]}'><b>{html.escape(value)}</b>{name}</div>"
        for value, name, good in boxes
    )


def _card(shot: Shot, still: bytes, made: ShotRecord) -> str:
    again = "<br><span class=again>from the store</span>" if made.cache == "hit" else ""
    if made.near_of is not None:
        again = "<br><span class=again>a clip of similar words from the store</span>"
    prompt = html.escape(shot.mochi_prompt, quote=True)
    return (
        f"<figure title='{prompt}'><img loading=lazy alt='{html.escape(shot.visual_theme)}' "
        f"src='{_inside(still)}'><figcaption><b>{html.escape(shot.id)}</b><br>"
        f"{_clock(shot.timestamp)}, {shot.duration:.2f} s, {shot.section}<br>"
        f"{html.escape(shot.visual_theme)}{again}</figcaption></figure>"
    )


def _cuts(sync: SyncReport) -> str:
    if not sync.cuts:
        return "<p class=told>One shot, so no cut.</p>"
    rows = "".join(
        f"<tr><td>{html.escape(cut.shot_id)}<td class=n>{cut.frame}<td class=n>{cut.time:.3f}"
        f"<td class=n>{'' if cut.beat_time is None else f'{cut.beat_time:.3f}'}"
        f"<td class=n>{'' if cut.error_ms is None else f'{cut.error_ms:+.1f}'}<td>{cut.cut_on}"
        for cut in sync.cuts
    )
    names = ("frame", "time, s", "beat, s", "error, ms")
    head = f"<tr><th>into{''.join(f'<th class=n>{name}' for name in names)}<th>on"
    return (
        f"<div class=chart>{error_chart(sync)}</div><details><summary>All {len(sync.cuts)} cuts "
        f"in numbers</summary><div class=scroll><table>{head}{rows}</table></div></details>"
    )


def _stages(manifest: VideoManifest) -> str:
    """Time and cost of every stage, and what the store spared."""
    longest = max([stage.wall_s or 0.0 for stage in manifest.stages], default=0.0) or 1.0
    rows = "".join(_stage(stage, longest_s=longest) for stage in manifest.stages)
    known = [stage.wall_s for stage in manifest.stages if stage.wall_s is not None]
    cost = sum(stage.cost for stage in manifest.stages)
    saved = _saved(
        sum(stage.saved_s for stage in manifest.stages),
        sum(stage.saved_usd for stage in manifest.stages),
    )
    foot = (
        f"<tr><td>Together<td class=bar><td class=n>{_length(sum(known))}<td class=n>"
        f"{_length(sum(stage.machine_s or 0.0 for stage in manifest.stages))}"
        f"<td class=n>{money(cost)}<td class=n>{saved}<td>"
    )
    return (
        "<table><tr><th>stage<th><th class=n>by the clock<th class=n>machine time"
        f"<th class=n>cost<th class=n>saved<th>used again{rows}{foot}</table>"
    )


def _stage(stage: StageRecord, *, longest_s: float) -> str:
    share = (stage.wall_s or 0.0) / longest_s
    again = ""
    if stage.name in _CACHE_WORDS:
        again = f"{stage.reused} of {stage.pieces} {_CACHE_WORDS[stage.name]}"
    return (
        f"<tr><td>{_STAGES[stage.name]}<td class=bar><i style='width:{share:.1%}'></i>"
        f"<td class=n>{_length(stage.wall_s)}<td class=n>{_length(stage.machine_s)}"
        f"<td class=n>{money(stage.cost) if stage.cost >= LEAST_USD else ''}"
        f"<td class=n>{_saved(stage.saved_s, stage.saved_usd)}<td>{again}"
    )


def _saved(seconds: float, usd: float) -> str:
    """What pieces that were there already spared; nothing for next to nothing."""
    told = [_length(seconds)] if seconds >= _LEAST_S else []
    told += [money(usd)] if usd >= LEAST_USD else []
    return ", ".join(told)


def _heard(manifest: VideoManifest) -> str:
    """Who heard what in the song."""
    parts = [name for name in sorted(manifest.versions) if name.startswith(HEARD)]
    by = "; ".join(f"{name.removeprefix(HEARD)} by {manifest.versions[name]}" for name in parts)
    return f"<p>{html.escape(by)}</p>" if by else ""


def _told(manifest: VideoManifest) -> str:
    lines = "".join(f"<p>{html.escape(warning)}</p>" for warning in manifest.warnings)
    return f"<h2>What to know</h2><section class='glass told'>{lines}</section>" if lines else ""


def _inside(picture: bytes, form: str = "jpeg") -> str:
    return f"data:image/{form};base64,{base64.b64encode(picture).decode()}"


def _ms(error_ms: float | None) -> str:
    return "none on a beat" if error_ms is None else f"{error_ms:.1f} ms"


def _clock(time_s: float) -> str:
    """Minutes and seconds, such as ``1:07``."""
    return f"{int(time_s) // 60}:{int(time_s) % 60:02d}"


def _length(seconds: float | None) -> str:
    """A stage's time: tenths of a second, or minutes."""
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
