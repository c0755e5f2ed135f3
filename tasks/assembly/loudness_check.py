"""Tell when encoding changed how loud a song is, or made it overshoot.

Loudness is never set: AAC keeps it. Songs that are cut off at full scale lose a little of their
highest sounds, and with them some loudness, and overshoot; that is told. All of the film's sound
and of the song's part is measured, where the two are compared anyway.
"""

import math

from tasks.media.loudness_meter import Level

# A change that nobody hears.
SAME_LU = 0.1
# True peaks of lossy codecs differ by this much without anything being wrong, dB.
SAME_PEAK_DB = 0.5
# Players cut off what is beyond.
_FULL_SCALE_DBTP = 0.0


def loudness_note(film: Level | None, song: Level | None) -> str | None:
    """Say how an encoded film differs in loudness from its song.

    Args:
        film: Level of its sound; None where the song came in as it is, and nothing was measured.
        song: Level of the part of the song that the film shows; likewise.

    Returns:
        A warning; None where it sounds as loud, and overshoots no more than it did.
    """
    if film is None or song is None:
        return None
    told = []
    change_lu = film.lufs - song.lufs
    if math.isfinite(change_lu) and abs(change_lu) > SAME_LU:
        told.append(f"is {change_lu:+.1f} LU from the song's loudness")
    if film.peak_db > max(_FULL_SCALE_DBTP, song.peak_db + SAME_PEAK_DB):
        told.append(f"peaks at {film.peak_db:+.1f} dBTP, the song at {song.peak_db:+.1f}")
    if not told:
        return None
    return (
        f"the song, encoded to AAC 320k, {' and '.join(told)}: it is mastered to the limit. "
        "Lossless audio, in .mov or .mkv, keeps every sample"
    )
