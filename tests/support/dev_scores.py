"""What the development songs scored when the reference was written."""

import json
from collections.abc import Sequence
from pathlib import Path

from support.eval_kit import Row, means

REFERENCE = Path(__file__).parents[1] / "analysis" / "dev_scores.json"
# Two of every group; the shorter ones, as rendering a song takes as long as ten analyses. Those of
# lmms come as sound: one at 87 and one at 200 beats a minute.
SONGS = (
    *("d_band_03", "d_band_04"),
    *("d_edm_01", "d_edm_02"),
    *("d_game_01", "d_game_06"),
    *("d_lmms_00", "d_lmms_04"),
    *("d_piano_00", "d_piano_02"),
)

Table = dict[str, dict[str, float]]


def chosen(rows: Sequence[Row]) -> list[Row]:
    """Rows of the songs that the suite hears."""
    return [row for row in rows if row["id"] in SONGS]


def write_reference(rows: Sequence[Row]) -> None:
    """Keep scores of all development songs, and of those that the suite hears."""
    tables = {"suite": means(chosen(rows)), "all": means(rows)}
    rounded = {
        name: {
            group: {metric: round(value, 4) for metric, value in row.items()}
            for group, row in table.items()
        }
        for name, table in tables.items()
    }
    REFERENCE.write_text(json.dumps(rounded, indent=1) + "\n")


def read_reference(name: str) -> Table:
    """Scores of "suite" or of "all", by group and metric."""
    table: Table = json.loads(REFERENCE.read_text())[name]
    return table
