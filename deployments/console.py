"""What a person, or a program, sees of a run: progress bars, results, one clear error."""

import json
import re
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from deployments.check import CheckFinding
from deployments.ears_wish import tempo_hint, told_corrections
from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import Clip, VideoManifest
from recipe_schema.recipe import Recipe
from recipe_schema.savings import LEAST_USD, Savings, savings_of, spent
from tasks.media import progress as stages

_CANCELLED = 130
# Stages in order, as people read them.
_TITLES = {
    "kernels": "compiling, first run only",
    "analysis": "listening",
    "stems": "separating stems (seconds)",
    "plan": "writing the recipe",
    "shots": "rendering shots",
    "segments": "composing the film",
    "join": "joining picture and song",
    "stills": "looking for the picture",
    "copies": "copying clips",
}

# Names of files and songs may hold letters that command a terminal.
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _tempo_words(analysis: SongAnalysis) -> str:
    """Tempo and meter, or that there are none."""
    if not analysis.beats:
        return "no steady beat"
    return f"{analysis.tempo_bpm:.1f} BPM, {analysis.meter}/4"


class Screen:
    """Bars on a terminal, plain lines elsewhere, JSON lines for machines."""

    def __init__(self, *, machine: bool) -> None:
        """Choose the form.

        Args:
            machine: JSON lines on standard output and nothing else there.
        """
        self.machine = machine
        self.console = Console(stderr=machine, highlight=False)
        self._bars: dict[str, TaskID] = {}
        self._last: dict[str, int] = {}
        self._begun = time.monotonic()
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description:<26}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("[dim]{task.fields[note]}[/]"),
            console=self.console,
            disable=machine or not self.console.is_terminal,
        )

    def __enter__(self) -> Self:
        """Start listening to the stages."""
        self._progress.start()
        stages.listen(self._on_progress)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Stop drawing."""
        stages.unlisten(self._on_progress)
        self._progress.stop()

    def say(self, text: str) -> None:
        """A line for people; machines do not see it."""
        if not self.machine:
            self.console.print(_harmless(text), soft_wrap=True)

    def note(self, text: str) -> None:
        """Something that a person or a machine should know before the work is done."""
        self.emit({"event": "note", "message": text})
        self.say(f"[yellow]note:[/] {escape(text)}")

    def emit(self, value: dict[str, object]) -> None:
        """A JSON line on standard output, when machines read."""
        if self.machine:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
            sys.stdout.flush()

    def fail(self, error: BaseException, *, code: int) -> None:
        """The one sentence that a failed run ends with."""
        self._progress.stop()
        if self.machine:
            self.emit({"event": "error", "message": str(error), "exit_code": code})
        elif code == _CANCELLED:
            self.console.print(
                "[yellow]stopped.[/] What was finished is kept: run the same command again, "
                "without --fresh, to go on."
            )
        else:
            said = _harmless(escape(str(error)))
            self.console.print(f"[bold red]error:[/] {said}", soft_wrap=True)

    def tell_bug(self, error: BaseException, trace: str) -> None:
        """An error that songfilm did not foresee, with what to send us."""
        if self.machine:
            self.emit({"event": "error", "message": repr(error), "exit_code": 1, "trace": trace})
            return
        self.console.print(trace, markup=False, style="dim")
        self.console.print(
            "[bold red]this is a bug in songfilm.[/] Please report it with the lines above, the "
            "command, and what `songfilm check` says. Finished clips are kept."
        )

    def tell_film(self, manifest: VideoManifest) -> None:
        """Where the film is, and what was used again."""
        out = manifest.output
        self._progress.stop()
        self.emit({"event": "done", "manifest": manifest.model_dump(mode="json")})
        for warning in manifest.warnings:
            self.say(f"[yellow]note:[/] {escape(warning)}")
        reused = savings_of(manifest.shots)
        segments = sum(segment.cache == "hit" for segment in manifest.segments)
        if reused.hits or segments:
            self.say(
                f"used again: {_clips(reused)}, {segments} of {len(manifest.segments)} segments"
                f"{_saved(reused)}"
            )
        cost = sum(shot.cost for shot in manifest.shots)
        if cost >= LEAST_USD:
            self.say(f"spent: {spent(manifest.shots)}")
        rate = float(Fraction(out.fps))
        self.say(
            f"[bold green]film:[/] [bold]{escape(out.path)}[/]\n"
            f"  {out.width_px}x{out.height_px} at {rate:g} fps, {out.duration:.1f} s, "
            f"{out.frames} frames, {out.size / 1e6:.0f} MB, {len(manifest.shots)} shots"
        )

    def tell_beside(self, files: Sequence[Path], notes: Sequence[str]) -> None:
        """Files that were written beside an analysis, and what to know of them."""
        self._progress.stop()
        if files:
            self.emit({"event": "written", "paths": [str(file) for file in files]})
        for note in notes:
            self.note(note)
        for file in files:
            self.say(f"[bold green]written:[/] {escape(str(file))}")

    def tell_analysis(self, analysis: SongAnalysis, out: Path, *, song: str) -> None:
        """What was heard, how surely, what was set right, and what could be; `song` as typed."""
        self._progress.stop()
        self.emit({"event": "done", "path": str(out), "analysis": analysis.model_dump(mode="json")})
        table = Table("section", "", "from", "to", "energy", box=None, header_style="dim")
        for section in analysis.sections:
            table.add_row(
                section.type,
                section.label,
                f"{section.start:7.2f}",
                f"{section.end:7.2f}",
                "▮" * round(section.energy * 10),
            )
        self.say(
            f"[bold]{escape(analysis.song.name)}[/]: {_tempo_words(analysis)}, "
            f"{analysis.key if analysis.key_confidence else 'no key'}, {analysis.mood.style}, "
            f"{len(analysis.beats)} beats"
        )
        sure = analysis.confidence
        self.say(
            f"[dim]confidence: tempo {sure.tempo:.0%}, bars {sure.downbeat:.0%}, "
            f"key {analysis.key_confidence:.0%}[/]"
        )
        if not self.machine:
            self.console.print(table)
        for warning in analysis.warnings:
            self.say(f"[yellow]note:[/] {escape(warning)}")
        corrected, hint = told_corrections(analysis), tempo_hint(analysis, song)
        if corrected:
            self.say(f"[bold green]corrected:[/] {corrected}")
        if hint:
            self.say(f"[yellow]unsure:[/] {escape(hint)}")
        self.say(f"[bold green]analysis:[/] {escape(str(out))}")

    def tell_recipe(self, recipe: Recipe, changes: Sequence[str], out: Path) -> None:
        """What was planned."""
        self._progress.stop()
        self.emit({"event": "done", "path": str(out), "changes": list(changes)})
        table = Table("shot", "at", "for", "section", "theme", box=None, header_style="dim")
        for shot in recipe.shot_list:
            table.add_row(
                shot.id,
                f"{shot.timestamp:7.2f}",
                f"{shot.duration:5.2f}",
                shot.section,
                shot.visual_theme,
            )
        if not self.machine:
            self.console.print(table)
        for change in changes:
            self.say(f"  {escape(change)}")
        self.say(
            f"[bold green]recipe:[/] {escape(str(out))}, {len(recipe.shot_list)} shots, "
            f"{escape(recipe.visual_style.aesthetic)}{', calm' if recipe.visual_style.calm else ''}"
            "; edit it, then: "
            f"songfilm assemble {escape(str(out))} --song …"
        )

    def tell_clips(self, clips: Sequence[Clip], copies: Sequence[Path]) -> None:
        """What was rendered and what was there, and where copies lie."""
        self._progress.stop()
        self.emit({"event": "done", "clips": [clip.model_dump(mode="json") for clip in clips]})
        reused = savings_of(clips)
        for clip in clips:
            for warning in clip.warnings:
                self.say(f"[yellow]note:[/] {clip.shot_id}: {escape(warning)}")
        near = f" ({reused.near} of similar words)" if reused.near else ""
        made = len(clips) - reused.hits
        self.say(
            f"[bold green]clips:[/] {made} rendered, {reused.hits} from the store{near}"
            f"{_saved(reused)}"
        )
        if sum(clip.cost for clip in clips) >= LEAST_USD:
            self.say(f"spent: {spent(clips)}")
        for path in copies:
            self.say(f"  {escape(str(path))}")

    def tell_check(self, findings: Sequence[CheckFinding]) -> None:
        """A line a thing, with what to do."""
        self.emit({"event": "done", "check": [f.model_dump(mode="json") for f in findings]})
        marks = {"ok": "[green]✓[/]", "optional": "[yellow]·[/]", "missing": "[red]✗[/]"}
        for finding in findings:
            self.say(f"{marks[finding.state]} {finding.name:<10} {escape(finding.found)}")
            if finding.advice:
                self.say(f"  {'':<10} [dim]{escape(finding.advice)}[/]")

    def _on_progress(self, state: stages.Progress) -> None:
        if self.machine:
            self.emit(
                {
                    "event": "progress",
                    "stage": state.stage,
                    "done": state.done,
                    "total": state.total,
                    "seconds": round(time.monotonic() - self._begun, 1),
                    "note": state.note,
                }
            )
            return
        if not self.console.is_terminal:
            self._print_line(state)
            return
        title = _TITLES.get(state.stage, state.stage)
        if state.stage not in self._bars:
            self._bars[state.stage] = self._progress.add_task(title, total=state.total, note="")
        self._progress.update(
            self._bars[state.stage], completed=state.done, total=state.total, note=state.note
        )

    def _print_line(self, state: stages.Progress) -> None:
        """Without a terminal: a line when a stage starts, at each tenth, and at its end."""
        tenth = 10 * state.done // max(state.total, 1)
        if self._last.get(state.stage) == tenth:
            return
        self._last[state.stage] = tenth
        title = _TITLES.get(state.stage, state.stage)
        note = f" ({state.note})" if state.note else ""
        self.console.print(f"{title}: {state.done} of {state.total}{note}")


def _clips(reused: Savings) -> str:
    """How many clips were there already."""
    near = f" ({reused.near} of similar words)" if reused.near else ""
    return f"{reused.hits} of {reused.shots} clips{near}"


def _saved(reused: Savings) -> str:
    return f"; that saved {reused.saved}" if reused.saved else ""


def _harmless(text: str) -> str:
    """Words without letters that a terminal obeys."""
    return _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text)
