"""Tell whether a file was cut off, and whether its promised length may be believed.

Source: RFC 3533 (Ogg pages); Multimedia Programming Interface and Data Specifications 1.0 (RIFF);
ISO/IEC 11172-3 (MPEG audio header); id3.org, ID3v2.4 (tag header); G. Dubois, VBR header (Xing,
Info, VBRI), read as ffmpeg's mp3 demuxer reads it.
"""

import struct
from pathlib import Path

_OGG_HEADER_BYTES = 27
# No Ogg page is longer; twice as much surely holds the start of the last one, bytes.
_OGG_TAIL_BYTES = 2 * (_OGG_HEADER_BYTES + 255 + 255 * 255)
_ID3_BYTES = 10
_ID3_FOOTER = 0x10
# Side information between the header and a Xing tag by (MPEG-1, mono), bytes.
_SIDE_BYTES = {(True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9}
_VBRI_OFFSET_BYTES = 36
_MP3_HEAD_BYTES = 64
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
        return _last_page_is_torn(_tail(path, _OGG_TAIL_BYTES))
    if container == "wav":
        return _data_chunk_is_torn(path)
    return False


def declares_length(path: Path, container: str) -> bool:
    """Whether a length in this file is written there and not guessed from its bit rate.

    Args:
        path: Existing file.
        container: Format name of ffmpeg.

    Returns:
        False for raw AAC, and for MP3 whose first frame counts no frames (Xing, Info or VBRI).
    """
    if container == "aac":
        return False
    return container != "mp3" or _mp3_frames(path) > 0


def _mp3_frames(path: Path) -> int:
    """Frames that the tag in the first MP3 frame counts; 0 without such a tag."""
    with path.open("rb") as file:
        while (head := file.read(_ID3_BYTES))[:3] == b"ID3" and len(head) == _ID3_BYTES:
            length = sum(
                (byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
            )
            file.seek(length + (_ID3_BYTES if head[5] & _ID3_FOOTER else 0), 1)
        frame = (head + file.read(_MP3_HEAD_BYTES))[:_MP3_HEAD_BYTES]
    if len(frame) < _MP3_HEAD_BYTES or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        return 0
    xing = 4 + _SIDE_BYTES[(frame[1] & 0x18 == 0x18, frame[3] >> 6 == 3)]
    if frame[xing : xing + 4] in (b"Xing", b"Info") and frame[xing + 7] & 1:
        return int.from_bytes(frame[xing + 8 : xing + 12], "big")
    if frame[_VBRI_OFFSET_BYTES : _VBRI_OFFSET_BYTES + 4] == b"VBRI":
        return int.from_bytes(frame[_VBRI_OFFSET_BYTES + 14 : _VBRI_OFFSET_BYTES + 18], "big")
    return 0


def _tail(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - length))
        return file.read()


def _last_page_is_torn(data: bytes) -> bool:
    last = data.rfind(b"OggS")
    if last < 0:
        return False
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
