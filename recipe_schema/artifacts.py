"""What the rooms leave behind: stored files, clips, the film's manifest and its sync report."""

from typing import Literal

from pydantic import Field, JsonValue

from recipe_schema.base import SchemaModel, Sha256
from recipe_schema.vocabulary import CutOn, ExportKind

MANIFEST_VERSION = 1
SYNC_REPORT_VERSION = 1


class ArtifactRef(SchemaModel):
    """A file in the artifact store."""

    key: str
    sha256: Sha256
    size: int = Field(ge=0, description="Bytes.")
    media_type: str = "application/octet-stream"


class ClipSpan(SchemaModel):
    """Which frames of the film a shot's clip must cover, transition handles included."""

    shot_id: str
    start_frame: int = Field(description="First film frame covered; half-open.")
    end_frame: int
    fps: str = Field(description="Film frame rate as a fraction, such as 60/1.")


class Clip(SchemaModel):
    """The rendered file of one shot."""

    shot_id: str
    fingerprint: Sha256
    file: ArtifactRef
    renderer: str
    quality_class: Literal["exact", "precision-equal", "approximate", "procedural"]
    width_px: int = Field(gt=0)
    height_px: int = Field(gt=0)
    fps: str
    frames: int = Field(gt=0)
    seed: int
    seconds: float = Field(default=0.0, description="CPU or GPU seconds that it took.")
    cost: float = Field(default=0.0, description="Money spent, US dollars.")
    cache: Literal["hit", "miss"] = "miss"
    made_for: str | None = Field(default=None, description="Film run that had it rendered.")
    saved_usd: float = Field(default=0.0, description="What a hit did not cost, US dollars.")
    saved_s: float = Field(default=0.0, description="Rendering seconds that a hit spared.")
    near_of: Sha256 | None = Field(
        default=None, description="Fingerprint that was asked for, when a similar clip stands in."
    )
    prompt: str = Field(default="", description="Words that it was made from.")
    fallback: str | None = Field(default=None, description="What stood in, and why.")
    warnings: tuple[str, ...] = ()


class ClipTraits(SchemaModel):
    """What a clip looks like, measured once: depends on its pixels alone."""

    lightness: float = Field(description="Mean OKLab lightness, 0..1.")
    contrast: float = Field(description="Standard deviation of the lightness.")
    black: float = Field(description="Lightness of the grey that 1 % of the pixels stay below.")
    white: float = Field(description="Lightness of the grey that 99 % of the pixels stay below.")
    chroma_a: float = Field(description="Mean OKLab a.")
    chroma_b: float = Field(description="Mean OKLab b.")
    colourfulness: float = Field(description="Root mean square of the chroma.")
    levels: tuple[float, ...] = Field(
        min_length=1, description="Lightness of equal shares of the pixels, dark to bright."
    )
    focus_x: float = Field(default=0.5, description="Where it happens, share of the width.")
    focus_y: float = Field(default=0.5, description="Share of the height.")
    warnings: tuple[str, ...] = Field(
        default=(), description="What had to be guessed of the file, or is not shown as meant."
    )


class Footage(SchemaModel):
    """The clips of a film, in the order of its shots."""

    clips: tuple[Clip, ...]


class RendererLimits(SchemaModel):
    """What a renderer can make; the planner and the render door keep to it."""

    renderer: str
    fps_choices: tuple[str, ...] = Field(description="Legal frame rates; first is the default.")
    width_px: int = Field(description="Default width.")
    height_px: int = Field(description="Default height.")
    size_multiple: int = Field(default=2, ge=1)
    min_frames: int = Field(default=1, ge=1)
    max_frames: int | None = Field(default=None, description="None: any length.")
    frames_step: int = Field(default=1, ge=1, description="Legal lengths are step * k + 1 if > 1.")
    fps_range: tuple[str, str] | None = Field(
        default=None, description="Any rate between these is legal too; None: `fps_choices` alone."
    )
    max_width_px: int | None = Field(
        default=None, description="With `max_height_px`: any smaller size is legal too."
    )
    max_height_px: int | None = None
    max_prompt_tokens: int | None = None
    uses_song: bool = Field(default=False, description="True when pixels depend on the song.")
    usd_per_s: float = Field(
        default=0.0, ge=0, description="Price of a second of picture, US dollars; 0: own machine."
    )


class CutReport(SchemaModel):
    """One cut against the beat that it belongs to."""

    shot_id: str
    frame: int
    time: float
    beat_time: float | None
    error_ms: float | None
    cut_on: CutOn


class AudioReport(SchemaModel):
    """How the song reached the film."""

    mode: Literal["copied", "encoded", "lossless"]
    source_pcm_sha256: Sha256
    output_pcm_sha256: Sha256
    lag_samples: int = Field(description="Output against source; 0 when aligned.")


class SyncReport(SchemaModel):
    """Proof of frames, cuts and sound, measured on the finished file."""

    schema_version: int = SYNC_REPORT_VERSION
    fps: str
    frames: int
    expected_frames: int
    duration: float
    cuts: tuple[CutReport, ...]
    max_error_ms: float | None
    median_error_ms: float | None
    audio: AudioReport
    av_offset_ms: tuple[float, float, float]


class SegmentRecord(SchemaModel):
    """One piece of the film's video and whether it had to be made."""

    key: Sha256
    start_frame: int
    end_frame: int
    file: ArtifactRef
    light: ArtifactRef | None = Field(
        default=None,
        description="How light every place of its pictures is, coarsely; older segments lack it.",
    )
    cache: Literal["hit", "miss"]
    seconds: float = Field(
        default=0.0, description="CPU seconds that composing took, for this film or an earlier one."
    )


class FilmOutput(SchemaModel):
    """The finished file as probed."""

    path: str
    sha256: Sha256
    size: int
    width_px: int
    height_px: int
    fps: str
    frames: int
    duration: float
    video_codec: str
    pixel_format: str
    audio_codec: str


class ShotRecord(SchemaModel):
    """One line of the manifest's shot list."""

    id: str
    fingerprint: Sha256
    clip: ArtifactRef
    renderer: str
    quality_class: str
    cache: Literal["hit", "miss"]
    fallback: str | None = None
    seconds: float = 0.0
    cost: float = 0.0
    saved_usd: float = 0.0
    saved_s: float = 0.0
    near_of: Sha256 | None = None


class StageRecord(SchemaModel):
    """What one stage of a film took."""

    name: Literal["analysis", "plan", "render", "compose", "join"]
    wall_s: float | None = Field(
        default=None, description="Seconds by the clock on the wall; None: in another process."
    )
    machine_s: float | None = Field(
        default=None, description="CPU or GPU seconds of all workers; None where not counted."
    )
    cost: float = Field(default=0.0, description="Money spent, US dollars.")
    pieces: int = Field(default=1, description="Clips, segments; 1 for a stage without pieces.")
    reused: int = Field(default=0, description="Pieces that were there already.")
    saved_s: float = Field(default=0.0, description="CPU or GPU seconds that these spared.")
    saved_usd: float = 0.0


class VideoManifest(SchemaModel):
    """Everything that made one film."""

    schema_version: int = MANIFEST_VERSION
    run_id: str
    status: Literal["complete", "degraded"]
    song: ArtifactRef
    analysis: ArtifactRef
    recipe: ArtifactRef
    settings: dict[str, JsonValue]
    shots: tuple[ShotRecord, ...]
    segments: tuple[SegmentRecord, ...]
    stages: tuple[StageRecord, ...] = ()
    output: FilmOutput
    warnings: tuple[str, ...] = ()
    versions: dict[str, str]


class Export(SchemaModel):
    """What was made of a finished film."""

    kind: ExportKind
    film_run: str = Field(description="Flow run of the film that it was made of.")
    path: str = Field(description="The file, or its key in the store.")
    size: int = Field(ge=0, description="Bytes.")
    width_px: int | None = None
    height_px: int | None = None
    fps: str | None = None
    frames: int | None = None
    start: float | None = Field(default=None, description="Second of the film where it begins.")
    duration: float | None = Field(default=None, description="Seconds.")
    segments: int = Field(default=0, description="Pieces of picture that it was joined from.")
    segments_reused: int = 0
    manifest: VideoManifest | None = Field(default=None, description="Of a film or a teaser.")
    warnings: tuple[str, ...] = ()
