"""Who listens, and what a person hears otherwise: options of ``analyze``, ``plan``, ``make``."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from recipe_schema.analysis import SongAnalysis
from recipe_schema.faults import broken_rules
from recipe_schema.forms import EarsOptions
from recipe_schema.vocabulary import TempoChange
from tasks.errors import BadInputError

# Below this the tempo is told as unsure, with what to type.
_UNSURE = 0.5
# Where people tap along; the octave that lies nearer to it is offered.
_USUAL_BPM = 115.0

BpmOption = Annotated[
    float | None, typer.Option(help="Tempo, when the one heard is wrong; cuts are laid anew.")
]
HalfOption = Annotated[bool, typer.Option("--half", help="The tempo is half of the one heard.")]
DoubleOption = Annotated[bool, typer.Option("--double", help="The tempo is double the one heard.")]
ShiftOption = Annotated[
    int, typer.Option(help="Beats by which bars begin later; below 0: earlier.")
]
OffsetOption = Annotated[
    float, typer.Option(help="Milliseconds by which all beats lie later; below 0: earlier.")
]
MeterOption = Annotated[int | None, typer.Option(help="Beats a bar, when it was heard wrong.")]
AnalysisOption = Annotated[
    Path | None,
    typer.Option(help="What was heard in the song, as edited by hand; nothing is heard again."),
]
BeatsOption = Annotated[
    str, typer.Option(help="Who finds the beats: songfilm, librosa, essentia or beat_this.")
]
StemsOption = Annotated[
    str | None,
    typer.Option(help="Demucs model that separates the instruments; slow without a GPU."),
]


def read_ears(
    *,
    bpm: float | None,
    half: bool,
    double: bool,
    downbeat_shift: int,
    beat_offset: float,
    meter: int | None,
    beats: str,
    stems: str | None,
) -> EarsOptions:
    """What was typed, as flows take it.

    Raises:
        BadInputError: Options that contradict each other, or values out of range.
    """
    tempi = [
        name
        for name, said in (("--bpm", bpm is not None), ("--half", half), ("--double", double))
        if said
    ]
    if len(tempi) > 1:
        raise BadInputError(f"{' and '.join(tempi)} both say how fast the song is; give one")
    change = TempoChange.HALF if half else TempoChange.DOUBLE if double else None
    given = {
        "bpm": bpm,
        "tempo": change,
        "downbeat_shift": downbeat_shift,
        "beat_offset_ms": beat_offset,
        "meter": meter,
        "beats": beats,
        "stems": stems,
    }
    try:
        return EarsOptions.model_validate(given)
    except ValidationError as error:
        told = broken_rules(error).replace("beat_offset_ms", "beat_offset").replace("_", "-")
        raise BadInputError(f"--{told}") from error


def told_corrections(analysis: SongAnalysis) -> str:
    """What a person set right, in the words of the command line; empty when nothing."""
    set_right = analysis.corrections
    if set_right is None:
        return ""
    said = (
        (set_right.bpm is not None, f"--bpm {set_right.bpm or 0.0:g}"),
        (set_right.tempo is not None, f"--{set_right.tempo}"),
        (set_right.meter is not None, f"--meter {set_right.meter}"),
        (set_right.downbeat_shift != 0, f"--downbeat-shift {set_right.downbeat_shift}"),
        (set_right.beat_offset_ms != 0.0, f"--beat-offset {set_right.beat_offset_ms:g}"),
    )
    return " ".join(words for holds, words in said if holds)


def tempo_hint(analysis: SongAnalysis, song: str) -> str:
    """What to type when tempo or bars are unsure and were not set; empty when they are sure.

    Args:
        analysis: What was heard.
        song: As it was named on the command line.
    """
    heard, sure, song = analysis.tempo_bpm, analysis.confidence, shlex.quote(song)
    if analysis.loudness.integrated_lufs is None:
        return ""
    if sure.tempo >= _UNSURE:
        shift = f"bars begin elsewhere? songfilm analyze {song} --downbeat-shift 1 (or 2, 3)"
        return shift if sure.downbeat < _UNSURE else ""
    if heard == 0.0:
        return f"hear a beat? songfilm analyze {song} --bpm 120 (your tempo)"
    option, other = ("--double", 2 * heard) if heard < _USUAL_BPM else ("--half", heard / 2)
    return f"hear it at {other:.0f}? songfilm analyze {song} {option}; another: --bpm"
