"""The job variables of a songfilm work pool, as the dashboard's form shows them."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self
from uuid import UUID

from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorkerResult
from pydantic import Field, PrivateAttr

from deployments.gpu_worker.permission import entrypoint_refusal, preload_refusal, split_environment

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import Flow, FlowRun, WorkPool
    from prefect.client.schemas.responses import DeploymentResponse

# Unless the environment says otherwise: lines of a log that nobody watches need no colours.
_ENGINE_DEFAULTS = {"PREFECT_LOGGING_COLORS": "false"}


class SongfilmVariables(BaseVariables):
    """What a work pool, a deployment or a run may set."""

    command: str | None = Field(
        default=None, description="Not used: engines are resident and start no command a run."
    )
    preload: list[str] = Field(
        default_factory=list,
        description="module:function called once in every engine, such as a model that is to be "
        "in memory before the first run. Only from songfilm's rooms and allowed flows.",
    )
    processes: int | None = Field(
        default=None,
        ge=0,
        le=256,
        description="Worker processes for pictures an engine has. 0: pictures are made in the "
        "engine itself, right for shots. Empty: one a core, right for whole films.",
    )
    cancel_poll_s: float = Field(
        default=2.0, gt=0, description="How often to look for cancelled runs, seconds."
    )
    cancel_grace_s: float = Field(
        default=20.0,
        ge=0,
        description="How long a cancelled run may take to stop before its engine is killed, "
        "seconds. A killed engine loses its loaded model.",
    )
    max_runs_per_engine: int = Field(
        default=0, ge=0, description="Restart an engine after so many runs. 0: never."
    )
    failures_before_pause: int = Field(
        default=3,
        ge=0,
        description="So many failed or crashed runs in a row pause the worker; unusable songs "
        "and recipes do not count. 0: never.",
    )
    pause_s: float = Field(
        default=600.0, gt=0, description="How long a paused worker takes no runs, seconds."
    )
    recover: bool = Field(
        default=False,
        description="Put crashed runs of this pool back into their queues, at most twice each. "
        "For films; lost shots are put back by their film.",
    )


class SongfilmConfiguration(BaseJobConfiguration):
    """The variables of one run, filled in."""

    preload: list[str] = Field(default_factory=list)
    processes: int | None = Field(default=None, ge=0, le=256)
    cancel_poll_s: float = Field(default=2.0, gt=0)
    cancel_grace_s: float = Field(default=20.0, ge=0)
    max_runs_per_engine: int = Field(default=0, ge=0)
    failures_before_pause: int = Field(default=3, ge=0)
    pause_s: float = Field(default=600.0, gt=0)
    recover: bool = False

    _entrypoint: str | None = PrivateAttr(default=None)
    _pull_steps: bool = PrivateAttr(default=False)
    _refused: tuple[str, ...] = PrivateAttr(default=())

    @classmethod
    async def for_run(
        cls,
        run: "FlowRun",
        deployment: "DeploymentResponse | None",
        pool: "WorkPool",
        *,
        worker: tuple[str, UUID | None],
        client: "PrefectClient",
    ) -> Self:
        """The variables of a run: the pool's defaults, under the deployment's, under its own.

        Args:
            run: The flow run.
            deployment: Of the run, if it still exists.
            pool: Whose template is filled in.
            worker: Name and id of the worker that took it.
            client: For what the template refers to.
        """
        values = dict(deployment.job_variables or {}) if deployment else {}
        own = run.job_variables or {}
        values |= own | {"env": {**values.get("env", {}), **own.get("env", {})}}
        made: Self = await cls.from_template_and_values(
            pool.base_job_template, values, client=client
        )
        name, number = worker
        made.prepare_for_flow_run(
            run, deployment, work_pool=pool, worker_name=name, worker_id=number
        )
        return made

    @property
    def entrypoint(self) -> str | None:
        """The flow that the run's deployment names."""
        return self._entrypoint

    def refusal(self, prefixes: Sequence[str]) -> str | None:
        """Why the run is not done by this worker, if it is not.

        Args:
            prefixes: Beginnings of the flows that may run.
        """
        return entrypoint_refusal(
            self._entrypoint, pull_steps=self._pull_steps, prefixes=prefixes
        ) or preload_refusal(self.preload, prefixes=prefixes)

    @property
    def refused_variables(self) -> tuple[str, ...]:
        """Environment variables that the job may not set and that were left out."""
        return self._refused

    def prepare_for_flow_run(
        self,
        flow_run: "FlowRun",
        deployment: "DeploymentResponse | None" = None,
        flow: "Flow | None" = None,
        work_pool: "WorkPool | None" = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        """Note what the run is, before the worker's own environment is mixed in."""
        self.env, self._refused = split_environment(self.env)
        self._entrypoint = deployment.entrypoint if deployment else None
        self._pull_steps = bool(deployment and deployment.pull_steps)
        super().prepare_for_flow_run(
            flow_run, deployment, flow, work_pool, worker_name, worker_id=worker_id
        )

    def engine_environment(self) -> dict[str, str]:
        """Variables that stay the same from run to run; a change needs a fresh engine."""
        mixed = {**_ENGINE_DEFAULTS, **os.environ, **self.env}
        return {k: v for k, v in mixed.items() if v is not None and not _is_of_run(k)}

    def run_environment(self) -> dict[str, str]:
        """Variables that name the run."""
        return {k: v for k, v in self.env.items() if v is not None and _is_of_run(k)}


class SongfilmResult(BaseWorkerResult):
    """How a run ended."""


def _is_of_run(name: str) -> bool:
    """Prefect's variables with two underscores describe the run."""
    return name.startswith("PREFECT__")
