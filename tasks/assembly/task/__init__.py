"""The assembly room's door: recipe, clips and song in, the finished film and its proofs out."""

from tasks.assembly.task.dress import dress_recipe
from tasks.assembly.task.films import check_film, film_address, film_of, filmed_songs, open_manifest
from tasks.assembly.task.finish import assemble_video
from tasks.assembly.task.segments import (
    compose_segments,
    keep_footage,
    open_footage,
    plan_clips,
    planned_segments,
)

__all__ = [
    "assemble_video",
    "check_film",
    "compose_segments",
    "dress_recipe",
    "film_address",
    "film_of",
    "filmed_songs",
    "keep_footage",
    "open_footage",
    "open_manifest",
    "plan_clips",
    "planned_segments",
]
