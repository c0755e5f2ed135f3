"""The code of this room that shapes pictures: what is kept of pictures is versioned by it."""

from pathlib import Path

_ROOM = Path(__file__).parent
# What makes pictures out of clips, and tells when they are shown.
READING_CODE = tuple(
    _ROOM / name for name in ("frames.py", "probe.py", "showing.py", "video_file.py")
)
# And what makes files out of painted pictures.
PICTURE_CODE = (*READING_CODE, _ROOM / "ten_bit.py", _ROOM / "timebase.py")
