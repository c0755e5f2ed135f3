"""Automations that tell the studio about finished and failed films; it sends mails and webhooks.

Prefect's own notifications would need the addresses and passwords of everybody who is told inside
its database, send once and never again, and know nothing of films. One webhook to the studio, which
keeps a queue, does not. Prefect calls it once and counts any answer as success: what it missed, the
studio asks for itself.
"""

from datetime import timedelta
from typing import cast
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.types import SecretDict
from pydantic import SecretStr

from deployments.studio.catch_up import automation_name
from deployments.studio.notice import EVENTS, RESOURCE_PREFIX
from deployments.studio.notify import TOKEN_HEADER, notify_token
from tasks.settings import Settings
from tasks.storage.secret import link_secret

_BLOCK = "songfilm-studio"
# The studio reads an event as Prefect writes it, by webhook and by its own asking alike.
_PAYLOAD = "{{ event | tojson }}"


def notifications(settings: Settings) -> tuple[AutomationCore, ...]:
    """The automations, and the webhook block that they call, which is brought up to date.

    The block is written to the server that Prefect's settings name.

    Args:
        settings: Address of the studio, and the secret that lets Prefect in.

    Raises:
        BadInputError: The secret cannot be read or made.
    """
    block = _webhook(settings)
    return tuple(_automation(event, block) for event in EVENTS)


def _webhook(settings: Settings) -> UUID:
    """Write down where the studio is and how to be let in; the server encrypts both."""
    token = notify_token(link_secret(settings.home_path, settings.secret))
    webhook = Webhook(
        method="POST",
        url=SecretStr(f"{settings.studio_base_url}/notify"),
        headers=SecretDict({TOKEN_HEADER: token, "content-type": "application/json"}),
        # The studio listens on loopback unless it is told otherwise.
        allow_private_urls=True,
    )
    return cast(UUID, webhook.save(_BLOCK, overwrite=True))


def _automation(event: str, block: UUID) -> AutomationCore:
    """Each event of one kind, passed on at once."""
    return AutomationCore(
        name=automation_name(event),
        description="Calls the studio, which sends the mails and webhooks that its settings name "
        "(SONGFILM_SMTP_URL, SONGFILM_NOTIFY_WEBHOOK). Switch it off and nobody is told.",
        trigger=EventTrigger(
            expect={event},
            match=ResourceSpecification({"prefect.resource.id": [f"{RESOURCE_PREFIX}*"]}),
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[CallWebhook(block_document_id=block, payload=_PAYLOAD)],
    )
