"""CPU seconds of a process and of all that it started, dead or alive, from /proc."""

import os
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> tuple[float, float]:
    """User and system CPU seconds so far: of the process itself, and of its offspring.

    The dead count once their parent has taken note of them, which adds them to its own books.
    """
    table = _read_table()
    own, dead = table[pid][1:]
    below, spent = _children(table, pid), dead
    while below:
        child = below.pop()
        spent += table[child][1] + table[child][2]
        below += _children(table, child)
    return own, spent


def _children(table: dict[int, tuple[int, float, float]], parent: int) -> list[int]:
    return [pid for pid, (above, _, _) in table.items() if above == parent]


def _read_table() -> dict[int, tuple[int, float, float]]:
    """Parent, own CPU seconds and those of dead children, by process."""
    table = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            # The name in parentheses may hold anything; the state follows it.
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        user, system, dead_user, dead_system = (int(word) * _TICK_S for word in fields[11:15])
        table[int(place.name)] = int(fields[1]), user + system, dead_user + dead_system
    return table
