"""Rent graphics cards at Modal for songfilm: workers of pool gpu that keep their model warm.

Not run by us: the names were checked against modal 1.6.4, its accounts and cards were not. The
Prefect server, the store and the catalogue must be reachable from Modal, with TLS and passwords.

The names that `modal secret create songfilm NAME=value …` has to give: PREFECT_API_URL,
PREFECT_API_AUTH_STRING, SONGFILM_STORE, SONGFILM_S3_ENDPOINT, SONGFILM_S3_ACCESS_KEY,
SONGFILM_S3_SECRET_KEY, SONGFILM_SECRET, SONGFILM_CATALOGUE_URL. Then

    modal run --detach infra/modal/modal_app.py --workers 2 --hours 3

Each worker ends by itself after its hours, idle or not: an idle card costs the same. One that Modal
takes away (preemption) is started again there; its run is marked Crashed and taken up again.
"""

import os
import signal
import subprocess
from pathlib import Path

import modal

GPU = "H100"
MOST_HOURS = 23.0
"""Modal ends any call after 24 h; a worker needs a minute to end its runs before that."""

_STOP_S = 60
_ROOT = Path(__file__).resolve().parents[2] if modal.is_local() else Path("/")
# Why each is so: infra/FARM.md.
_FARM = {
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    "PREFECT_WORKER_PREFETCH_SECONDS": "1",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "15",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks",
    "DO_NOT_TRACK": "1",
    "SONGFILM_HOME": "/tmp/songfilm",
}

app = modal.App("songfilm-gpu")
image = modal.Image.from_dockerfile(
    _ROOT / "infra" / "docker" / "gpu.Dockerfile", context_dir=_ROOT
)


@app.function(
    image=image,
    gpu=GPU,
    secrets=[modal.Secret.from_name("songfilm")],
    timeout=24 * 3600,
    max_containers=8,
    single_use_containers=True,
)
def work(hours: float) -> None:
    """Be a worker of pool gpu for so long.

    Args:
        hours: Rented time; at most `MOST_HOURS`.
    """
    name = f"modal-{os.environ.get('MODAL_TASK_ID', os.getpid())}"
    command = ("prefect", "worker", "start", "--pool", "gpu", "--type", "songfilm-gpu")
    options = ("--name", name, "--limit", "1", "--install-policy", "never")
    worker = subprocess.Popen(
        (*command, *options, "--no-create-pool-if-not-found"), env={**os.environ, **_FARM}
    )
    try:
        worker.wait(min(hours, MOST_HOURS) * 3600)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # Also when Modal interrupts this call: runs under way are put back by their films.
        worker.send_signal(signal.SIGTERM)
        worker.wait(_STOP_S)


@app.local_entrypoint()
def main(workers: int = 1, hours: float = 1.0) -> None:
    """Rent so many workers for so long."""
    for call in [work.spawn(hours) for _ in range(workers)]:
        call.get()
