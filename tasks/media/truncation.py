"""Tell whether a file was cut off, for containers whose readers do not notice.

Source: RFC 3533 (Ogg pages); Multimedia Programming Interface and Data Specifications 1.0 (RIFF).
"""

import struct
from pathlib import Path

_OGG_HEADER_BYTES = 27
# RIFF sizes that recorders write when they do not know the length.
_UNKNOWN_SIZES = (0, 0xFFFFFFFF, 0xFFFFFFFE)
# A data chunk may miss its last sample frames without anybody hearing it, bytes.
_SLACK_BYTES = 4096


def is_torn(path: Path, container: str) -> bool:
    """Whether the file promises more bytes than it has.

    Args:
        path: Existing file.
        container: Format name of ffmpeg; others than ogg and wav are never called torn.
    """
    if container == "ogg":
        return _last_page_is_torn(path.read_bytes())
    if container == "wav":
        return _data_chunk_is_torn(path)
    return False


def _last_page_is_torn(data: bytes) -> bool:
    last = data.rfind(b"OggS")
    body = last + _OGG_HEADER_BYTES
    if body > len(data):
        return True
    lacing = data[body : body + data[body - 1]]
    return body + data[body - 1] + sum(lacing) > len(data)


def _data_chunk_is_torn(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return False
        file.seek(12)
        while len(head := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", head)
            if name == b"data":
                return length not in _UNKNOWN_SIZES and file.tell() + length > size + _SLACK_BYTES
            file.seek(length + length % 2, 1)
    return False
