"""What a worker has to tell about a film that it ended itself, since the film's flow cannot."""

from prefect.client.schemas.objects import FlowRun
from prefect.events import emit_event

# What deployments tag the runs with that make a film.
_FILM = "film"


def tell_film_failed(run: FlowRun, message: str) -> None:
    """Emit what a film that fails by itself emits; runs that are no films say nothing.

    Args:
        run: The run that was ended.
        message: Why, for people.
    """
    if _FILM not in run.tags:
        return
    emit_event(
        "songfilm.film.failed",
        resource={
            "prefect.resource.id": f"songfilm.film.{run.id}",
            "prefect.resource.name": run.name,
        },
        payload={
            "title": run.name,
            "status": "failed",
            "message": message,
            "failed_shots": [],
            "attempt": run.run_count,
        },
    )
