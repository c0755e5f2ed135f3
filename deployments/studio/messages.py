"""The words of a notification: a mail as text and as HTML, and the JSON of a webhook."""

import html
import json
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from deployments.studio.notice import FAILED, FINISHED, Notice

_LISTED = 20
_ROOM = "margin:0;background:#15131f;padding:32px 16px;font:16px/1.55 system-ui,sans-serif"
_CARD = (
    "max-width:560px;margin:auto;background:#211e30;border:1px solid #3a3550;"
    "border-radius:16px;padding:28px 32px;color:#eceaf4"
)
_DIM = "color:#a9a4bd"
_BUTTON = (
    "display:inline-block;background:#e879c6;color:#24091c;font-weight:600;"
    "text-decoration:none;border-radius:12px;padding:11px 22px"
)


@dataclass(frozen=True)
class Places:
    """Where a reader goes from a notification.

    Attributes:
        film: The film's page; None when there is no film.
        run: The film's run in the dashboard; None when no server is known.
    """

    film: str | None
    run: str | None


def subject(notice: Notice) -> str:
    """One line that tells all."""
    if notice.event == FAILED:
        return f"Your film “{notice.title}” could not be finished"
    if notice.status == "degraded":
        return f"Your film “{notice.title}” is finished, with stand-ins"
    return f"Your film “{notice.title}” is finished"


def mail(
    notice: Notice, places: Places, *, sender: str, recipients: tuple[str, ...]
) -> EmailMessage:
    """The mail about a notice.

    Args:
        notice: What to tell.
        places: Links.
        sender: Address, with or without a name.
        recipients: Addresses.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject(notice)
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Date"] = format_datetime(notice.occurred)
    # The same notice always has the same id, so that mail programs drop a second copy.
    message["Message-ID"] = f"<{notice.id}@songfilm.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_as_text(notice, places))
    message.add_alternative(_as_html(notice, places), subtype="html")
    return message


def webhook_body(notice: Notice, places: Places) -> bytes:
    """The JSON about a notice."""
    said = notice.model_dump(mode="json")
    said |= {"subject": subject(notice), "film_url": places.film, "dashboard_url": places.run}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _lists(notice: Notice) -> list[tuple[str, tuple[str, ...]]]:
    """Headed lists: what failed, what stood in."""
    found = [
        ("Shots that failed", notice.failed_shots),
        ("What was not as asked", notice.stand_ins),
    ]
    return [(head, _shortened(items)) for head, items in found if items]


def _shortened(items: tuple[str, ...]) -> tuple[str, ...]:
    more = len(items) - _LISTED
    return items if more <= 0 else (*items[:_LISTED], f"and {more} more")


def _advice(notice: Notice) -> str:
    """What to do next; empty when there is nothing to do."""
    if notice.event == FINISHED:
        return ""
    if notice.failed_shots:
        return (
            "To try again, press Retry on the film's run in the dashboard: only what failed is "
            "rendered again, every finished clip is kept. Retry on the failed shots alone does "
            "the same; the film goes on when the last of them is done."
        )
    return (
        "To try again, press Retry on the film's run in the dashboard: every finished clip is "
        "kept. If the same message comes back, the run's log says more."
    )


def _as_text(notice: Notice, places: Places) -> str:
    parts = [f"{subject(notice)}."]
    if notice.message:
        parts.append(notice.message)
    for head, items in _lists(notice):
        parts.append("\n".join([f"{head}:", *(f"- {item}" for item in items)]))
    if _advice(notice):
        parts.append(_advice(notice))
    if places.film:
        parts.append(f"Watch and download it:\n{places.film}")
    if places.run:
        parts.append(f"Its run in the dashboard:\n{places.run}")
    return "\n\n".join(parts) + "\n"


def _as_html(notice: Notice, places: Places) -> str:
    out = [f"<h1 style='font-size:22px;margin:0 0 12px'>{html.escape(subject(notice))}</h1>"]
    if notice.message:
        out.append(f"<p>{html.escape(notice.message)}</p>")
    for head, items in _lists(notice):
        rows = "".join(f"<li>{html.escape(item)}</li>" for item in items)
        out.append(f"<p style='{_DIM};margin-bottom:0'>{head}</p><ul>{rows}</ul>")
    if _advice(notice):
        out.append(f"<p>{_advice(notice)}</p>")
    if places.film:
        link = html.escape(places.film)
        out.append(f"<p><a href='{link}' style='{_BUTTON}'>Watch and download</a></p>")
    if places.run:
        link = html.escape(places.run)
        out.append(
            f"<p style='{_DIM}'><a href='{link}' style='{_DIM}'>Run in the dashboard</a></p>"
        )
    body = f"<body style='{_ROOM}'><div style='{_CARD}'>{''.join(out)}</div></body>"
    return f"<!doctype html><html lang=en><meta charset=utf-8>{body}</html>\n"
