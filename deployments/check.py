"""What this machine has for songfilm, what is missing, and what to do about it."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import uuid
from collections.abc import Callable
from typing import Literal

import av

from deployments.local_server import answers
from recipe_schema.base import SchemaModel
from tasks.errors import SongfilmError
from tasks.media.ffmpeg import ffmpeg_binary
from tasks.media.workers import available_cores
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.minio.address import is_s3
from tasks.storage.store import AlreadyExistsError, ArtifactStore

State = Literal["ok", "optional", "missing"]

# A three-minute film at standard quality with its clips and segments, bytes.
_COMFORTABLE_BYTES = 4_000_000_000
_TIMEOUT_S = 15
# What to do about a store that cannot be used, by whether it is in a bucket.
_ADVICE = {
    False: "set --store or SONGFILM_STORE to a folder that you may write to",
    True: "the settings SONGFILM_S3_* name the server and its keys; python -m deployments.bucket "
    "makes the bucket",
}


class CheckFinding(SchemaModel):
    """One thing looked at."""

    name: str
    state: State
    found: str
    advice: str = ""


def look(store: str | None) -> tuple[CheckFinding, ...]:
    """Look at everything that a film needs or could use.

    Args:
        store: Address of the store; the configured one when empty.

    Returns:
        A finding a thing; none of them raises.
    """
    address = store or Settings().store_url
    looks: tuple[Callable[[], CheckFinding], ...] = (
        _ffmpeg,
        _encoder,
        _cores,
        lambda: _store(address),
        lambda: _disk(address),
        _catalogue,
        _server,
        _gpu,
        _weights,
        _stems,
    )
    return tuple(glance() for glance in looks)


def _ffmpeg() -> CheckFinding:
    try:
        program = ffmpeg_binary()
        said = subprocess.run(
            [program, "-hide_banner", "-version"],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (SongfilmError, OSError, subprocess.SubprocessError) as error:
        return CheckFinding(
            name="ffmpeg",
            state="missing",
            found=str(error),
            advice="reinstall the imageio-ffmpeg package",
        )
    return CheckFinding(name="ffmpeg", state="ok", found=" ".join(said.stdout.split()[:3]))


def _encoder() -> CheckFinding:
    if "libx264" in av.codecs_available:
        return CheckFinding(name="encoder", state="ok", found=f"libx264, PyAV {av.__version__}")
    return CheckFinding(
        name="encoder",
        state="missing",
        found="PyAV without libx264",
        advice="install PyAV from its wheel: pip install --force-reinstall av",
    )


def _cores() -> CheckFinding:
    return CheckFinding(name="processor", state="ok", found=f"{available_cores()} cores")


def _store(address: str) -> CheckFinding:
    """Open the store and do what films do there, with an object that is gone afterwards."""
    remote = is_s3(address)
    key = f"check/{uuid.uuid4().hex}"
    try:
        artifacts = open_store(address)
        artifacts.put_bytes(key, b"ok", if_absent=True)
        try:
            artifacts.get_bytes(key)
            next(artifacts.list("check"), None)
            creates_once = _refuses_to_create(artifacts, key)
        finally:
            artifacts.delete(key)
    except (SongfilmError, OSError) as error:
        return CheckFinding(name="store", state="missing", found=str(error), advice=_ADVICE[remote])
    if not creates_once:
        return CheckFinding(
            name="store",
            state="missing",
            found=f"{address}: the server ignores If-None-Match when an object is created",
            advice="use a server that heeds it (MinIO, Ceph, AWS): without it, workers that share "
            "the store make and pay for one clip twice",
        )
    where = f" on {Settings().s3_endpoint}" if remote else ""
    return CheckFinding(name="store", state="ok", found=f"{address}{where}, writable")


def _refuses_to_create(artifacts: ArtifactStore, key: str) -> bool:
    """Whether an object that is there cannot be created once more."""
    try:
        artifacts.put_bytes(key, b"again", if_absent=True)
    except AlreadyExistsError:
        return True
    return False


def _disk(address: str) -> CheckFinding:
    """Room for films: where the store is, or where downloads and scratch are."""
    home = Settings().home_path
    try:
        if is_s3(address):
            home.mkdir(parents=True, exist_ok=True)
            free: int | None = shutil.disk_usage(home).free
        else:
            free = open_store(address).free_bytes()
    except (SongfilmError, OSError):
        free = None
    if free is None:
        return CheckFinding(name="disk", state="ok", found="room unknown")
    if free < _COMFORTABLE_BYTES:
        return CheckFinding(
            name="disk",
            state="optional",
            found=f"{free / 1e9:.1f} GB free",
            advice="a three-minute film with its clips may take 4 GB; free some space",
        )
    return CheckFinding(name="disk", state="ok", found=f"{free / 1e9:.0f} GB free")


def _catalogue() -> CheckFinding:
    """Open the database of films and costs, made or brought up to date."""
    from tasks.storage.catalogue import open_catalogue
    from tasks.storage.catalogue.upgrade import version

    settings = Settings()
    try:
        catalogue = open_catalogue(settings.home_path, settings.catalogue_url)
        try:
            with catalogue.connection() as connection:
                found = f"{catalogue.title} answers, version {version(connection)}"
            one_machine = catalogue.one_machine
        finally:
            catalogue.close()
    except SongfilmError as error:
        return CheckFinding(
            name="catalogue",
            state="missing",
            found=str(error),
            advice="films that cost money, projects, history and costs need it; set "
            "SONGFILM_CATALOGUE_URL to a database, or leave it empty for a file on this machine",
        )
    shared = ", for this machine alone" if one_machine else ""
    return CheckFinding(name="catalogue", state="ok", found=f"{found}{shared}")


def _server() -> CheckFinding:
    url = Settings().prefect_api_url
    if not url:
        return CheckFinding(
            name="server", state="ok", found="embedded Prefect server, started for each run"
        )
    if answers(url, timeout_s=_TIMEOUT_S):
        return CheckFinding(name="server", state="ok", found=f"{url} answers")
    return CheckFinding(
        name="server",
        state="missing",
        found=f"{url} does not answer",
        advice="start that server, or unset PREFECT_API_URL to use the embedded one",
    )


def _gpu() -> CheckFinding:
    program = shutil.which("nvidia-smi")
    if program is None:
        return CheckFinding(
            name="gpu",
            state="optional",
            found="none",
            advice="not needed: the procedural renderer runs on the processor",
        )
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return CheckFinding(
            name="gpu",
            state="optional",
            found="nvidia-smi fails",
            advice="see what nvidia-smi says; the procedural renderer needs no GPU",
        )
    return CheckFinding(
        name="gpu", state="ok", found="; ".join(said.stdout.split("\n")).strip("; ")
    )


def _weights() -> CheckFinding:
    if importlib.util.find_spec("diffusers") is None:
        return CheckFinding(
            name="weights",
            state="optional",
            found="no video model installed",
            advice="not needed: the procedural renderer has no weights",
        )
    return CheckFinding(name="weights", state="ok", found="diffusers is installed")


def _stems() -> CheckFinding:
    """Whether instruments can be taken apart, without loading what does so."""
    try:
        release = importlib.metadata.version("demucs")
        importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError as error:
        return CheckFinding(
            name="stems",
            state="optional",
            found=f"{error.name} is not installed",
            advice="not needed: the song's bands move the pictures; for --stems: "
            "pip install 'songfilm[stems]'",
        )
    return CheckFinding(name="stems", state="ok", found=f"demucs {release}")
