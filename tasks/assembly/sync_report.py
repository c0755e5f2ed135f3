"""Proof, measured on the finished file, that pictures, cuts and sound belong together.

Frames are counted and timed by demuxing packets; sound is decoded and laid against the song by
cross-correlation at three points, which shows both an offset and a drift.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median

import av
import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from recipe_schema.analysis import Excerpt
from recipe_schema.artifacts import AudioReport, CutReport, SyncReport
from recipe_schema.vocabulary import CutOn
from tasks.assembly.audio_track import AudioPlan, excerpt_samples
from tasks.assembly.job import FilmJob, FloatArray
from tasks.errors import PermanentError
from tasks.media.audio import Heard, hear
from tasks.media.timebase import seconds_to_frame

# Where sound is laid against the song, as shares of the film.
POINTS = (1 / 6, 1 / 2, 5 / 6)
# A window this long holds a few beats; offsets up to the reach are found.
WINDOW_S = 4.0
REACH_S = 0.5
# Windows begin on this grid: a whole number of samples at every usual rate, seconds.
_GRID_S = 0.04
# Matroska counts in thousandths of a second, so its frames lie up to half of one off the grid.
GRID_TOLERANCE_S = 0.00075


class UnprovenFilmError(PermanentError):
    """A film whose pictures are not those that its song needs."""


@dataclass(frozen=True)
class PictureTimes:
    """When the frames of a finished film are shown, in seconds, in order."""

    shown_s: tuple[float, ...]

    def worst_error_s(self, fps: Fraction) -> float:
        """How far any frame is from its place on the constant-rate grid."""
        shown_s = np.asarray(self.shown_s)
        meant_s = np.arange(len(shown_s)) * fps.denominator / fps.numerator
        return float(np.abs(shown_s - meant_s).max(initial=0.0))


def read_picture_times(film: Path) -> PictureTimes:
    """Demux a film's video packets and sort their presentation times."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        ticks = sorted(packet.pts for packet in container.demux(stream) if packet.pts is not None)
        base = stream.time_base
    assert base is not None
    return PictureTimes(tuple(tick * base.numerator / base.denominator for tick in ticks))


def measure_sync(
    job: FilmJob,
    film: Path,
    *,
    plan: AudioPlan,
    heard: Heard,
    meant: Heard,
    duration_s: float,
) -> SyncReport:
    """Measure a finished film.

    Args:
        job: What it was made from.
        film: The finished file.
        plan: How the song came in.
        heard: The film, by `hear_at_points`.
        meant: The song, likewise.
        duration_s: Length of the song or of the excerpt, as analysed; it alone says how many
            frames the film must have.

    Raises:
        UnprovenFilmError: The film has more or fewer frames, or an uneven rate.
    """
    pictures = read_picture_times(film)
    fps = job.timeline.fps
    expected_frames = seconds_to_frame(duration_s, fps)
    _refuse_uneven(pictures, expected_frames=expected_frames, fps=fps)
    cuts = report_cuts(job, pictures.shown_s)
    errors = [abs(cut.error_ms) for cut in cuts if cut.error_ms is not None]
    lags_s = lags_between(heard, meant, first_s=first_sound_s(film))
    offsets = [
        lag_s - _picture_lag(pictures, at_s=point * float(job.timeline.frames / fps), fps=fps)
        for point, lag_s in zip(POINTS, lags_s, strict=True)
    ]
    return SyncReport(
        fps=f"{fps.numerator}/{fps.denominator}",
        frames=len(pictures.shown_s),
        expected_frames=expected_frames,
        duration=float(len(pictures.shown_s) / fps),
        cuts=cuts,
        max_error_ms=max(errors, default=None),
        median_error_ms=median(errors) if errors else None,
        audio=AudioReport(
            mode=plan.mode,
            source_pcm_sha256=meant.pcm_sha256,
            output_pcm_sha256=heard.pcm_sha256,
            lag_samples=round(median(lags_s) * heard.rate_hz),
        ),
        av_offset_ms=(_ms(offsets[0]), _ms(offsets[1]), _ms(offsets[2])),
    )


def report_cuts(job: FilmJob, shown_s: Sequence[float]) -> tuple[CutReport, ...]:
    """Lay every cut (midpoint of its transition), as the file shows it, against its beat.

    A cut on free time is tied to no beat; in a song without beats every cut is.
    """
    beats = np.asarray(sorted({*job.beats, *job.downbeats}), dtype=np.float64)
    reports = []
    for placed in job.timeline.shots[1:]:
        time_s = shown_s[placed.cut_frame]
        cut_on = placed.shot.cut_on if beats.size else CutOn.FREE
        beat_s = None if cut_on is CutOn.FREE else float(beats[np.abs(beats - time_s).argmin()])
        reports.append(
            CutReport(
                shot_id=placed.shot.id,
                frame=placed.cut_frame,
                time=time_s,
                beat_time=beat_s,
                error_ms=None if beat_s is None else _ms(time_s - beat_s),
                cut_on=cut_on,
            )
        )
    return tuple(reports)


def sound_lags(
    film: Path, song: Path, *, excerpt: Excerpt | None, duration_s: Fraction
) -> tuple[tuple[float, ...], int]:
    """Find how late the film's sound is against the song at `POINTS`.

    Returns:
        Seconds at each point (0 in silence), and the sample rate (Hz) of the comparison.
    """
    heard = hear_at_points(film, excerpt=None, duration_s=duration_s)
    meant = hear_at_points(song, excerpt=excerpt, duration_s=duration_s)
    return lags_between(heard, meant, first_s=first_sound_s(film)), heard.rate_hz


def hear_at_points(
    path: Path, *, excerpt: Excerpt | None, duration_s: Fraction, metered: bool = False
) -> Heard:
    """Listen to a song or film once, and keep the sound around `POINTS`.

    Times count from the first sample that sounds. No window reaches beyond the film: a song goes on
    there.

    Args:
        path: Song or film.
        excerpt: Part of the song that the film shows; None for all of it, and for the film.
        duration_s: Length of the film.
        metered: Whether the level of all that the film shows is measured.
    """
    window_s = min(WINDOW_S, float(duration_s))
    last_s = float(duration_s) - window_s
    places_s = [min(max(0.0, float(duration_s) * at - window_s / 2), last_s) for at in POINTS]
    steps = [math.floor(place_s / _GRID_S) for place_s in places_s]

    def since(rate_hz: int) -> int:
        return excerpt_samples(excerpt, rate_hz=rate_hz)[0] if excerpt else 0

    def starts(rate_hz: int) -> list[int]:
        return [since(rate_hz) + round(step * _GRID_S * rate_hz) for step in steps]

    def shown(rate_hz: int) -> tuple[int, int]:
        return since(rate_hz), round(duration_s * rate_hz)

    return hear(path, starts=starts, window_s=window_s, metered=shown if metered else None)


def lags_between(heard: Heard, meant: Heard, *, first_s: float) -> tuple[float, ...]:
    """How late the film's sound is at each window, seconds.

    Args:
        heard: The film.
        meant: The song.
        first_s: When the film's first sample sounds.
    """
    film, song = heard.windows, meant.windows
    if meant.rate_hz != heard.rate_hz:
        shared = math.gcd(meant.rate_hz, heard.rate_hz)
        up, down = heard.rate_hz // shared, meant.rate_hz // shared
        # Here, because every worker that paints segments imports this room: 50 MB for nothing.
        from scipy.signal import resample_poly

        song = resample_poly(song, up, down, axis=1)
    if film.shape[2] != song.shape[2]:
        film, song = (sound.mean(axis=2, keepdims=True) for sound in (film, song))
    reach = round(REACH_S * heard.rate_hz)
    lags = [_lag(a, b, reach=reach) / heard.rate_hz for a, b in zip(film, song, strict=True)]
    return tuple(lag_s + first_s for lag_s in lags)


def first_sound_s(film: Path) -> float:
    """Presentation time of the first decoded sample, seconds."""
    with av.open(str(film)) as container:
        stream = container.streams.audio[0]
        frame = next(container.decode(stream))
        return 0.0 if frame.time is None else float(frame.time)


def _refuse_uneven(pictures: PictureTimes, *, expected_frames: int, fps: Fraction) -> None:
    """Stop a film that lacks frames, has too many, or shows one off its time."""
    frames = len(pictures.shown_s)
    if frames != expected_frames:
        raise UnprovenFilmError(
            f"the film has {frames} frames and its song needs {expected_frames}; it was not kept. "
            "Assemble it again, or to another container"
        )
    error_s = pictures.worst_error_s(fps)
    if error_s > GRID_TOLERANCE_S:
        raise UnprovenFilmError(
            f"a frame of the film is shown {error_s * 1000.0:.1f} ms off its time; it was not "
            "kept. Assemble it again, or to another container"
        )


def _lag(heard: FloatArray, meant: FloatArray, *, reach: int) -> int:
    """Samples by which `heard` is later than `meant`; the first difference sharpens the peak."""
    length = min(len(heard), len(meant)) - 1
    if length < 1:
        return 0
    heard, meant = np.diff(heard[: length + 1], axis=0), np.diff(meant[: length + 1], axis=0)
    # Room for the reach keeps the ends apart.
    size = next_fast_len(length + min(reach, length))
    product = rfft(heard, size, axis=0) * np.conj(rfft(meant, size, axis=0))
    likeness = irfft(product.sum(axis=1), size)
    reach = min(reach, length)
    near = np.concatenate([likeness[size - reach :], likeness[: reach + 1]])
    if not math.isfinite(float(near.max())) or near.max() <= 0.0:
        return 0
    return int(near.argmax()) - reach


def _picture_lag(pictures: PictureTimes, *, at_s: float, fps: Fraction) -> float:
    """How late the frame at a time is shown, seconds."""
    frame = min(seconds_to_frame(at_s, fps), len(pictures.shown_s) - 1)
    return pictures.shown_s[frame] - float(frame / fps)


def _ms(seconds: float) -> float:
    """Milliseconds to a thousandth."""
    return round(seconds * 1000.0, 3)
