"""Films in every codec: segments encoded apart join to what they are, at any rate and size."""

import hashlib
import platform
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from support.films import (
    click_track,
    coded_picture,
    make_job,
    make_recipe,
    read_code,
    write_song,
)

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import AudioMode, Quality, VideoCodec
from tasks.assembly import assemble
from tasks.assembly.export import (
    CONTAINERS,
    BadExportError,
    check_output,
    container_for,
    encoder_settings,
    encoder_version,
    video_timescale,
)
from tasks.assembly.join import BadSegmentError, join_segments
from tasks.assembly.segments import open_writer, plan_segments
from tasks.media.probe import probe_video
from tasks.media.ten_bit import to_ten_bit

SPANS = ((0, 20), (20, 21), (21, 45), (45, 50))
FRAMES = SPANS[-1][1]
# How each codec is named in the file, and its pictures are stored.
NAMES = {
    VideoCodec.H264: ("h264", "avc1", "yuv420p"),
    VideoCodec.H265: ("hevc", "hvc1", "yuv420p"),
    VideoCodec.AV1: ("libdav1d", "av01", "yuv420p"),
    VideoCodec.PRORES: ("prores", "apcn", "yuv422p10le"),
}


def film_of(codec=VideoCodec.H264, **options):
    options = {"width_px": 192, "height_px": 108, "fps": "30", **options}
    return FilmFormat(codec=codec, quality=options.pop("quality", Quality.STANDARD), **options)


def write_segment(folder: Path, film: FilmFormat, start: int, end: int) -> Path:
    settings = encoder_settings(film)
    path = folder / f"{start:04d}{settings.suffix}"
    with open_writer(path, settings) as writer:
        for frame in range(start, end):
            writer.write(*coded_picture(0, frame, width_px=film.width_px, height_px=film.height_px))
    return path


@pytest.fixture(scope="module", params=list(VideoCodec))
def codec(request):
    return request.param


@pytest.fixture(scope="module")
def segments(codec, tmp_path_factory):
    folder = tmp_path_factory.mktemp(codec)
    return [write_segment(folder, film_of(codec), *span) for span in SPANS]


@pytest.fixture(scope="module")
def film(codec, segments, tmp_path_factory):
    """(film, result) with a song that has to be encoded, in the codec's first container."""
    folder = tmp_path_factory.mktemp("film")
    seconds = FRAMES / 30
    song = write_song(folder / "a.wav", click_track((0.3, 1.1), duration_s=seconds))
    job = make_job(None, make_recipe([0.0], duration_s=seconds))
    job = replace(job, film=film_of(codec))
    result = assemble(
        job,
        song=song,
        segments=segments,
        out=folder / f"film{CONTAINERS[codec][0]}",
        excerpt=None,
        work=folder,
        duration_s=seconds,
    )
    return Path(result.output.path), result


def samples_of(path):
    """Times and planes as stored, 8 bit or 10, padding cut off."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            width = 2 if "10" in frame.format.name else 1
            planes = [
                np.frombuffer(plane, np.uint8)
                .reshape(plane.height, -1)[:, : plane.width * width]
                .tobytes()
                for plane in frame.planes
            ]
            yield frame.pts * frame.time_base, hashlib.sha256(b"".join(planes)).hexdigest()


def test_film_decodes_to_what_its_segments_do(codec, segments, film):
    apart = [digest for path in segments for _, digest in samples_of(path)]
    joined = list(samples_of(film[0]))
    assert [digest for _, digest in joined] == apart
    assert [time for time, _ in joined] == [Fraction(n, 30) for n in range(FRAMES)]


def test_every_frame_is_the_one_it_should_be(codec, film):
    with av.open(str(film[0])) as container:
        codes = [
            read_code(frame.reformat(format="gray8").to_ndarray())
            for frame in container.decode(video=0)
        ]
    assert codes == [(0, frame) for frame in range(FRAMES)]


def test_film_names_its_codec_and_its_colours(codec, film):
    path, result = film
    name, tag, pixels = NAMES[codec]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.codec_tag, context.pix_fmt) == (name, tag, pixels)
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert context.color_range == 1
        assert stream.average_rate == 30
        assert stream.start_time == 0
    assert result.output.frames == FRAMES
    assert result.sync.av_offset_ms == (0.0, 0.0, 0.0)
    assert result.warnings == ()


def test_every_segment_begins_with_a_key_frame(codec, film):
    with av.open(str(film[0])) as container:
        stream = container.streams.video[0]
        shown = sorted((p.pts, p.is_keyframe) for p in container.demux(stream) if p.pts is not None)
    keys = {frame for frame, (_, is_key) in enumerate(shown) if is_key}
    assert {start for start, _ in SPANS} <= keys


def test_same_pictures_give_the_same_bytes(codec, segments, tmp_path):
    again = write_segment(tmp_path, film_of(codec), *SPANS[2])
    assert again.read_bytes() == segments[2].read_bytes()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the instructions are those of x86")
@pytest.mark.parametrize(
    ("codec", "name", "older"),
    [
        (VideoCodec.H264, "x264-params", "asm=SSE2"),
        (VideoCodec.H265, "x265-params", "asm=SSE4"),
        (VideoCodec.AV1, "svtav1-params", "asm=sse4_1"),
    ],
)
def test_older_processor_writes_the_same_packets(codec, name, older, tmp_path):
    settings = encoder_settings(film_of(codec, width_px=320, height_px=180))
    options = dict(settings.options)
    options[name] += f":{older}"
    noise = np.random.default_rng(2).normal(0, 40, (180, 400)).cumsum(axis=1) % 200 + 16
    chroma = np.full((90, 160), 128, np.uint8)
    packets = []
    for encoding in (settings, replace(settings, options=tuple(options.items()))):
        with open_writer(tmp_path / "a.mp4", encoding) as writer:
            for frame in range(24):
                shown = noise[:, frame : frame + 320].astype(np.uint8)
                writer.write(shown + np.uint8(frame), chroma, chroma)
        with av.open(str(tmp_path / "a.mp4")) as container:
            # The first one tells the options themselves.
            packets.append([bytes(packet) for packet in container.demux(video=0)][1:])
    assert packets[0] == packets[1]


def test_codec_holds_in_matroska_too(codec, segments, tmp_path):
    seconds = FRAMES / 30
    song = write_song(tmp_path / "a.flac", click_track((0.3,), duration_s=seconds))
    job = make_job(None, make_recipe([0.0], duration_s=seconds))
    job = replace(job, film=film_of(codec))
    result = assemble(
        job,
        song=song,
        segments=segments,
        out=tmp_path / "film.mkv",
        excerpt=None,
        work=tmp_path,
        duration_s=seconds,
    )
    assert result.sync.audio.mode == "copied"
    apart = [digest for path in segments for _, digest in samples_of(path)]
    assert [digest for _, digest in samples_of(tmp_path / "film.mkv")] == apart


def test_codec_and_quality_change_a_segments_key():
    job = make_job(None, make_recipe([0.0], duration_s=1.0))
    keys = set()
    for codec in VideoCodec:
        for quality in Quality:
            film = job.film.model_copy(update={"codec": codec, "quality": quality})
            keys.add(plan_segments(replace(job, film=film))[0].key)
    assert len(keys) == len(VideoCodec) * len(Quality)


def test_version_names_the_encoders_build():
    versions = {codec: encoder_version(codec) for codec in VideoCodec}
    assert len(set(versions.values())) == len(VideoCodec)
    assert all("libavcodec" in version for version in versions.values())


@pytest.mark.parametrize(
    ("codec", "name", "word"),
    [
        (VideoCodec.AV1, "film.mov", r"av1 is not played from \.mov; write to film\.mp4"),
        (VideoCodec.PRORES, "film.mp4", r"prores is not played from \.mp4; write to film\.mov"),
        (VideoCodec.H265, "film.webm", r"film\.webm does not end in \.mp4, \.mov, \.mkv"),
    ],
)
def test_container_that_does_not_hold_the_codec_is_refused(codec, name, word):
    with pytest.raises(BadExportError, match=word):
        check_output(Path(name), audio=AudioMode.AUTO, codec=codec)


@pytest.mark.parametrize(
    ("codec", "audio", "suffix"),
    [
        (VideoCodec.H264, AudioMode.AUTO, ".mp4"),
        (VideoCodec.H264, AudioMode.LOSSLESS, ".mov"),
        (VideoCodec.AV1, AudioMode.LOSSLESS, ".mkv"),
        (VideoCodec.PRORES, AudioMode.AUTO, ".mov"),
    ],
)
def test_film_without_a_name_gets_a_container_that_holds_it(codec, audio, suffix):
    assert container_for(codec, audio=audio) == suffix
    check_output(Path("film" + suffix), audio=audio, codec=codec)


@pytest.mark.parametrize("rate", ["24", "25", "30", "50", "60", "24000/1001", "30000/1001"])
def test_film_of_any_rate_is_exact(rate, tmp_path):
    fps = Fraction(rate)
    seconds = 1.234
    frames = round(seconds * fps)
    film = film_of(width_px=96, height_px=64, fps=rate, quality=Quality.DRAFT)
    path = write_segment(tmp_path, film, 0, frames)
    song = write_song(tmp_path / "a.wav", click_track((0.3,), duration_s=seconds))
    job = make_job(None, make_recipe([0.0], duration_s=seconds), fps=fps)
    job = replace(job, film=film)
    assert sum(segment.frames for segment in plan_segments(job)) == frames
    out = tmp_path / "film.mp4"
    result = assemble(
        job,
        song=song,
        segments=[path],
        out=out,
        excerpt=None,
        work=tmp_path,
        duration_s=seconds,
    )
    assert result.sync.frames == result.sync.expected_frames == frames
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.average_rate, stream.time_base) == (fps, Fraction(1, video_timescale(fps)))
        times = sorted(p.pts for p in container.demux(stream) if p.pts is not None)
    assert [time / video_timescale(fps) * fps for time in times] == pytest.approx(range(frames))


@pytest.mark.parametrize(
    ("size", "fps", "codec", "level"),
    [
        ((3840, 2160), "60", VideoCodec.H264, 52),
        ((3840, 2160), "30", VideoCodec.H264, 51),
        ((1920, 1080), "60", VideoCodec.H264, 42),
        ((1280, 720), "30", VideoCodec.H264, 31),
        ((3840, 2160), "60", VideoCodec.H265, 153),
        ((1920, 1080), "60", VideoCodec.H265, 123),
        ((3840, 2160), "60", VideoCodec.AV1, 13),
    ],
)
def test_level_follows_from_size_and_rate(size, fps, codec, level, tmp_path):
    film = film_of(codec, width_px=size[0], height_px=size[1], fps=fps, quality=Quality.DRAFT)
    path = write_segment(tmp_path, film, 0, 1)
    assert (probe_video(path).width_px, probe_video(path).height_px) == size
    assert _level(path, codec) == level


def test_ten_bit_pictures_are_the_eight_bit_ones():
    """Luma times four; a row of chroma is three parts the nearer row, one part the other."""
    frame = av.VideoFrame(34, 6, "yuv420p")
    rng = np.random.default_rng(3)
    for plane in frame.planes:
        plane.update(rng.integers(0, 256, plane.buffer_size, dtype=np.uint8).tobytes())
    wide = to_ten_bit(frame)
    planes = [
        np.frombuffer(plane, np.uint8).reshape(plane.height, -1)[:, : plane.width].astype(int)
        for plane in frame.planes
    ]
    out = [
        np.frombuffer(plane, np.uint16).reshape(plane.height, -1)[:, : plane.width]
        for plane in wide.planes
    ]
    assert np.array_equal(out[0], planes[0] * 4)
    for rows, doubled in zip(planes[1:], out[1:], strict=True):
        for row in range(6):
            near, far = row // 2, row // 2 + (1 if row % 2 else -1)
            assert np.array_equal(doubled[row], 3 * rows[near] + rows[min(max(far, 0), 2)])


def _level(path: Path, codec: VideoCodec) -> int:
    """Level in the codec's header: ten times it, thirty times it, or AV1's number of it."""
    with av.open(str(path)) as container:
        header = bytes(container.streams.video[0].codec_context.extradata or b"")
    at = {VideoCodec.H264: 3, VideoCodec.H265: 12, VideoCodec.AV1: 1}[codec]
    return header[at] & (0x1F if codec is VideoCodec.AV1 else 0xFF)


def test_segments_of_two_codecs_are_not_joined(tmp_path):
    first = write_segment(tmp_path, film_of(VideoCodec.H264), 0, 5)
    second = write_segment(tmp_path, film_of(VideoCodec.H265), 5, 10)
    with pytest.raises(BadSegmentError, match="other settings"):
        join_segments([first, second], tmp_path / "film.mp4", fps=Fraction(30))
