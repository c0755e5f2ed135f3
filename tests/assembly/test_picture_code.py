"""What is kept of pictures is versioned by all the code that they pass through."""

import ast
from pathlib import Path

import tasks
from tasks.assembly import compositor
from tasks.media.picture_code import READING_CODE

HOUSE = Path(tasks.__file__).parents[1]
# Words and data, whose values enter the keys with the plans of frames; limits, flags and errors.
NO_PICTURES = {
    "tasks/assembly/clip_errors.py",
    "tasks/assembly/job.py",
    "tasks/assembly/timeline.py",
    "tasks/cancellation.py",
    "tasks/errors.py",
    "tasks/media/confine.py",
    "tasks/media/ffmpeg.py",
    "tasks/media/limits.py",
    "tasks/media/picture_code.py",
    "tasks/media/truncation.py",
}
# Clips are written by the file that reads them.
WRITING = {"tasks/media/ten_bit.py"}


def names(paths):
    return {str(path.relative_to(HOUSE)) for path in paths}


def imported(paths):
    """Files of `tasks` that some modules import from; packages are not followed."""
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{part.name}" for part in node.names)}
    files = {HOUSE / f"{name.replace('.', '/')}.py" for name in found if name.startswith("tasks.")}
    return names(path for path in files if path.is_file())


def test_segments_are_versioned_by_all_code_that_makes_pictures():
    code = compositor._picture_code()
    assert imported(code) - names(code) == NO_PICTURES


def test_traits_are_versioned_by_all_code_that_reads_pictures():
    unknown = imported(READING_CODE) - names(READING_CODE)
    assert unknown - NO_PICTURES == WRITING
