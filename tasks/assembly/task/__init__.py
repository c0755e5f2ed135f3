"""The assembly room's door: recipe, clips and song in, the finished film and its proofs out."""

from tasks.assembly.task.cuttings import export_gif, export_loop, export_teaser
from tasks.assembly.task.dress import dress_recipe
from tasks.assembly.task.dress_files import check_dress, dress_faults, shared_dress
from tasks.assembly.task.export import check_export, clips_of_film
from tasks.assembly.task.films import (
    check_film,
    film_address,
    film_of,
    film_suffix,
    filmed_songs,
    open_manifest,
)
from tasks.assembly.task.finish import assemble_video
from tasks.assembly.task.segments import (
    compose_segments,
    keep_footage,
    open_footage,
    plan_clips,
    planned_segments,
)
from tasks.assembly.task.stills import export_edit, export_poster

__all__ = [
    "assemble_video",
    "check_dress",
    "check_export",
    "check_film",
    "clips_of_film",
    "compose_segments",
    "dress_faults",
    "dress_recipe",
    "export_edit",
    "export_gif",
    "export_loop",
    "export_poster",
    "export_teaser",
    "film_address",
    "film_of",
    "film_suffix",
    "filmed_songs",
    "keep_footage",
    "open_footage",
    "open_manifest",
    "plan_clips",
    "planned_segments",
    "shared_dress",
]
