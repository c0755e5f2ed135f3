"""What the server does by itself, as automations that the dashboard shows and can switch off."""

from collections.abc import Sequence
from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from deployments.farm.listing import fingerprint

# Engines send a heartbeat every 30 s (`PREFECT_FLOWS_HEARTBEAT_FREQUENCY`). One may get lost;
# with the server looking every 5 s, a run that went silent is marked within 90 s.
HEARTBEAT_S = 30
_SILENCE_S = 75
_TAG = "songfilm:"


def zombies() -> AutomationCore:
    """Runs whose machine or process is gone are marked Crashed, so that somebody takes them up."""
    return AutomationCore(
        name="songfilm: silent runs crash",
        description=f"A run that was alive and then silent for {_SILENCE_S} s is marked Crashed; "
        "the film's supervisor or a worker then queues it again.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=_SILENCE_S),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                message="no heartbeat: the machine or process that ran this is gone",
            )
        ],
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
        tag = _TAG + fingerprint(automation.model_dump(mode="json"))
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
