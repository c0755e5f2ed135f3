"""Every renderer that runs on this machine keeps the Protocol."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support.clip_requests import make_drive, make_request

from tasks import cancellation
from tasks.errors import BadInputError, RunCancelledError
from tasks.media.frames import ClipReader
from tasks.rendering import render
from tasks.rendering.renderer import RENDERERS, RenderRequest, load_renderer

pytestmark = pytest.mark.parametrize("name", sorted(RENDERERS))


@pytest.fixture(autouse=True)
def _nobody_asked_to_stop() -> Iterator[None]:
    cancellation.clear()
    yield
    cancellation.clear()


def smallest_request(name: str, **changes: object) -> RenderRequest:
    """The least that the renderer's own limits allow."""
    limits = load_renderer(name).limits()
    multiple = limits.size_multiple
    fps = Fraction(limits.fps_choices[0])
    frames = max(limits.min_frames, limits.frames_step + 1 if limits.frames_step > 1 else 8)
    request = make_request(
        width_px=-(-160 // multiple) * multiple,
        height_px=-(-96 // multiple) * multiple,
        fps=fps,
        frames=frames,
        drive=make_drive(frames=frames, fps=fps) if limits.uses_song else None,
    )
    return replace(request, **changes)  # type: ignore[arg-type]


def digest_of_pictures(path: Path) -> str:
    digest = hashlib.sha256()
    reader = ClipReader(path)
    for index in range(reader.frames):
        for plane in reader.frame(index):
            digest.update(plane.tobytes())
    reader.close()
    return digest.hexdigest()


def test_clip_has_frames_size_and_rate_as_asked(name: str, tmp_path: Path) -> None:
    request = smallest_request(name)
    render(request, tmp_path / "clip.mp4", renderer=name)
    reader = ClipReader(tmp_path / "clip.mp4")
    assert (reader.frames, reader.fps) == (request.frames, request.fps)
    assert (reader.width_px, reader.height_px) == (request.width_px, request.height_px)
    reader.close()


def test_same_request_gives_same_pictures(name: str, tmp_path: Path) -> None:
    request = smallest_request(name)
    for file in ("a.mp4", "b.mp4"):
        render(request, tmp_path / file, renderer=name)
    assert digest_of_pictures(tmp_path / "a.mp4") == digest_of_pictures(tmp_path / "b.mp4")


def test_progress_rises_to_the_total(name: str, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    render(
        smallest_request(name),
        tmp_path / "clip.mp4",
        renderer=name,
        progress=lambda done, total: heard.append((done, total)),
    )
    done = [step for step, _ in heard]
    assert done == sorted(done)
    assert heard[-1][0] == heard[-1][1]


def test_cancelled_clip_leaves_no_file(name: str, tmp_path: Path) -> None:
    def stop_at_the_third(done: int, total: int) -> None:
        if done >= 3:
            cancellation.request()

    with pytest.raises(RunCancelledError):
        render(
            smallest_request(name),
            tmp_path / "clip.mp4",
            renderer=name,
            progress=stop_at_the_third,
        )
    assert list(tmp_path.iterdir()) == []


def test_failing_clip_leaves_no_file(name: str, tmp_path: Path) -> None:
    def fail(done: int, total: int) -> None:
        assert not (tmp_path / "clip.mp4").exists()
        raise ValueError("the listener broke")

    with pytest.raises(ValueError, match="listener"):
        render(smallest_request(name), tmp_path / "clip.mp4", renderer=name, progress=fail)
    assert list(tmp_path.iterdir()) == []


def test_size_outside_the_limits_is_refused(name: str, tmp_path: Path) -> None:
    request = smallest_request(name)
    with pytest.raises(BadInputError, match=str(request.width_px + 1)):
        render(
            replace(request, width_px=request.width_px + 1), tmp_path / "clip.mp4", renderer=name
        )
    assert list(tmp_path.iterdir()) == []


def test_limits_and_version_name_the_renderer_and_its_code(name: str) -> None:
    renderer = load_renderer(name)
    assert renderer.name == renderer.limits().renderer == name
    assert renderer.version(smallest_request(name)) == renderer.version(smallest_request(name))
