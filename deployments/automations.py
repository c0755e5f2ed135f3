"""What the server does by itself, as automations that the dashboard shows and can switch off."""

from collections.abc import Sequence
from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from deployments.farm.listing import DEPLOYMENT_TAG, fingerprint

# Engines send a heartbeat every 30 s (`PREFECT_FLOWS_HEARTBEAT_FREQUENCY`). One may get lost;
# with the server looking every 5 s, a run that went silent is marked within 90 s.
_SILENCE_S = 75
# Loading a model, or pulling an image, may take minutes before a run starts.
_START_S = 20 * 60
# Only runs of our deployments: others on the same server may send no heartbeats.
_OURS = {"prefect.resource.id": f"prefect.tag.{DEPLOYMENT_TAG}", "prefect.resource.role": "tag"}
_TAG = "songfilm:"


def silences() -> tuple[AutomationCore, ...]:
    """Runs whose machine or process is gone are marked Crashed, so that somebody takes them up."""
    return (
        _silence(
            name="songfilm: silent runs crash",
            # The first heartbeat comes before Running, which would end the watch it began.
            after={"prefect.flow-run.heartbeat", "prefect.flow-run.Running"},
            seconds=_SILENCE_S,
            message="no heartbeat: the machine or process that ran this is gone",
        ),
        _silence(
            name="songfilm: runs that never start crash",
            after={"prefect.flow-run.Pending"},
            seconds=_START_S,
            message="taken by a worker, but not started: the worker is gone or stuck",
        ),
    )


def _silence(*, name: str, after: set[str], seconds: int, message: str) -> AutomationCore:
    """Crash a run of which nothing was heard for so long after one of some events."""
    return AutomationCore(
        name=name,
        description=f"A run that was silent for {seconds} s is marked Crashed; the film's "
        "supervisor or a worker then queues it again.",
        trigger=EventTrigger(
            after=after,
            expect={"prefect.flow-run.*"},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=ResourceSpecification(_OURS),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=seconds),
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message=message)],
    )


def apply(client: SyncPrefectClient, automations: Sequence[AutomationCore]) -> list[str]:
    """Make automations, or bring them up to date; what a person changed since stays.

    Args:
        client: Of the server.
        automations: Known by their names.

    Returns:
        Names of those made or updated.
    """
    changed = []
    for automation in automations:
        tag = _TAG + fingerprint(automation.model_dump())
        tagged = automation.model_copy(update={"tags": [tag]})
        known = client.read_automations_by_name(automation.name)
        if not known:
            client.create_automation(tagged)
        elif tag not in known[0].tags:
            client.update_automation(known[0].id, tagged)
        else:
            continue
        changed.append(automation.name)
    return changed
