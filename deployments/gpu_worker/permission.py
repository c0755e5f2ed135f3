"""What a flow run may ask of a worker: which flows, which preloads, which variables.

Whoever can reach a Prefect server can register a deployment. What it names is checked here before
anything is imported, against the worker's own environment only.
"""

import re
from collections.abc import Iterable, Mapping

# module.function, as in prefect.yaml; never a path, never module:function.
_ENTRYPOINT = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_PRELOAD = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):[A-Za-z_]\w*", re.ASCII)
# Rooms hold what is worth loading early; flows come from the setting.
_PRELOADABLE = ("tasks.",)
# Variables that decide which code an engine runs.
_KEPT = ("PYTHON", "LD_", "DYLD_", "PREFECT_LOGGING_SETTINGS_PATH", "PREFECT_PROFILES_PATH")
_KEPT_WHOLE = ("PATH", "SONGFILM_ENTRYPOINTS", "CUDA_VISIBLE_DEVICES")


def allowed_prefixes(setting: str) -> tuple[str, ...]:
    """The beginnings that `SONGFILM_ENTRYPOINTS` lists, each ending with a dot.

    Args:
        setting: Comma separated, such as ``flows.`` or ``flows,studio_flows``.
    """
    names = (word.strip().rstrip(".") for word in setting.split(","))
    return tuple(f"{name}." for name in names if name)


def entrypoint_refusal(
    entrypoint: str | None, *, pull_steps: bool, prefixes: Iterable[str]
) -> str | None:
    """Why a deployment's flow is not run here; empty when it may run.

    Args:
        entrypoint: As the deployment names it.
        pull_steps: Whether the deployment wants code fetched first.
        prefixes: From `allowed_prefixes`.
    """
    prefixes = tuple(prefixes)
    listed = ", ".join(prefixes) or "nothing"
    if entrypoint is None:
        return "the run has no deployment with an entrypoint, so there is no flow to run here"
    if not _ENTRYPOINT.fullmatch(entrypoint) or not entrypoint.startswith(prefixes):
        return (
            f"this worker does not run {entrypoint!r}: it runs flows named module.function that "
            f"begin with {listed}; set SONGFILM_ENTRYPOINTS where the worker is started to change "
            "that, or use a work pool of another type"
        )
    if pull_steps:
        return (
            "the deployment has pull steps, and this worker runs only the code that is installed "
            "beside it; deploy it with `pull: []`"
        )
    return None


def preload_refusal(preload: Iterable[str], *, prefixes: Iterable[str]) -> str | None:
    """Why something is not preloaded here; empty when all may be.

    Args:
        preload: ``module:function`` each.
        prefixes: From `allowed_prefixes`; the rooms of songfilm are allowed always.
    """
    allowed = (*_PRELOADABLE, *prefixes)
    for name in preload:
        match = _PRELOAD.fullmatch(name)
        if match is None or not f"{match[1]}.".startswith(allowed):
            return (
                f"the job variable preload names {name!r}; it takes module:function from "
                f"{', '.join(allowed)} only"
            )
    return None


def split_environment(
    wanted: Mapping[str, str | None],
) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """Part a job's variables into what is passed on and the names of what is not.

    Args:
        wanted: The job variable `env`.

    Returns:
        Variables for the engine, and the refused names in order.
    """
    refused = tuple(
        sorted(name for name in wanted if name.startswith(_KEPT) or name in _KEPT_WHOLE)
    )
    return {k: v for k, v in wanted.items() if k not in refused}, refused
