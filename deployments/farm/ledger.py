"""What an `up` did: started, found running, changed, and has to tell."""

from collections.abc import Callable
from dataclasses import dataclass, field

from deployments.farm.services import Folder, Service

Tell = Callable[[str], None]


@dataclass
class Ledger:
    """Kept while a farm is started."""

    tell: Tell = lambda _: None
    started: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def start(self, folder: Folder, service: Service) -> bool:
        """Start a service unless it runs; one that was started with other settings is told.

        Returns:
            Whether it was started now.
        """
        record = folder.running(service.name)
        if record is None:
            self.tell(f"starting {service.name}")
            folder.start(service)
            self.started.append(service.name)
            return True
        self.running.append(service.name)
        if record.fingerprint != service.fingerprint():
            self.notes.append(
                f"{service.name} runs with the settings of its start, which have changed since: "
                "songfilm down, then songfilm up"
            )
        return False
