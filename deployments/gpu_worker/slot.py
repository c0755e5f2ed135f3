"""A worker's place for one engine: there is always one that fits, warm if possible."""

from collections.abc import Sequence

from deployments.gpu_worker.devices import Device
from deployments.gpu_worker.engine_process import EngineKey, EngineProcess
from deployments.gpu_worker.job import SongfilmConfiguration


class Slot:
    """Holds an engine from one run to the next."""

    def __init__(self, number: int, device: Device | None) -> None:
        """Start empty.

        Args:
            number: Counted from 0.
            device: The graphics card of its engines, if there is one.
        """
        self.number = number
        self.device = device
        self._engine: EngineProcess | None = None

    @property
    def is_empty(self) -> bool:
        """Whether a new engine here would cost no other its place."""
        return self._engine is None or not self._engine.is_alive

    def key_for(self, configuration: SongfilmConfiguration) -> EngineKey:
        """What an engine for this job has to be started with."""
        environment = configuration.engine_environment()
        if self.device is not None:
            environment["CUDA_VISIBLE_DEVICES"] = self.device.visible_as
        return EngineKey.of(environment, configuration.preload, configuration.processes)

    def is_warm_for(self, configuration: SongfilmConfiguration) -> bool:
        """Whether its engine can take this job as it is."""
        most = configuration.max_runs_per_engine
        return (
            self._engine is not None
            and self._engine.is_alive
            and self._engine.key == self.key_for(configuration)
            and not (most and self._engine.runs >= most)
        )

    async def engine_for(self, configuration: SongfilmConfiguration) -> EngineProcess:
        """The engine if it fits, else a fresh one that still has to get ready."""
        if self._engine is not None and self.is_warm_for(configuration):
            return self._engine
        await self.clear()
        self._engine = await EngineProcess.start(self.key_for(configuration))
        return self._engine

    async def clear(self, *, at_once: bool = False) -> None:
        """End the engine and its children.

        Args:
            at_once: Kill it; else an idle one may leave by itself.
        """
        engine, self._engine = self._engine, None
        if engine is not None:
            await (engine.close() if at_once else engine.stop())


def best_slot(slots: Sequence[Slot], configuration: SongfilmConfiguration) -> Slot:
    """The slot for a job: one whose engine fits, else an empty one, else the one idle longest.

    Args:
        slots: Idle ones, that of the latest run last; at least one.
        configuration: Of the job.
    """
    warm = next((slot for slot in slots if slot.is_warm_for(configuration)), None)
    return warm or next((slot for slot in slots if slot.is_empty), slots[0])
