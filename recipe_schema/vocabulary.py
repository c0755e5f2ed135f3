"""The closed word lists: sections, transitions, effects, qualities, looks, the farm's choices."""

from enum import StrEnum


class SectionType(StrEnum):
    """What a span of the song does for the listener."""

    INTRO = "intro"
    VERSE = "verse"
    BUILDUP = "buildup"
    DROP = "drop"
    CHORUS = "chorus"
    BREAK = "break"
    BRIDGE = "bridge"
    OUTRO = "outro"


class Transition(StrEnum):
    """How one shot becomes the next; the midpoint of the transition is the cut."""

    FADE = "fade"
    DISSOLVE = "dissolve"
    SLOW_DISSOLVE = "slow-dissolve"
    QUICK_CUT = "quick-cut"
    QUICK_CUTS = "quick-cuts"
    HARD_CUT = "hard-cut"
    GLITCH = "glitch"
    GLITCH_DISSOLVE = "glitch-dissolve"
    GLITCH_EXPLOSION = "glitch-explosion"
    ZOOM_BLUR = "zoom-blur"
    EXPLOSION = "explosion"


class Effect(StrEnum):
    """A picture operation on a shot or at a time."""

    BLOOM = "bloom"
    GLOW = "glow"
    VIGNETTE = "vignette"
    PIXELATION = "pixelation"
    SCANLINES = "scanlines"
    CHROMATIC_ABERRATION = "chromatic-aberration"
    CHROMATIC_ABERRATION_LIGHT = "chromatic-aberration-light"
    CHROMATIC_ABERRATION_HEAVY = "chromatic-aberration-heavy"
    CHROMATIC_ABERRATION_EXTREME = "chromatic-aberration-extreme"
    SCREEN_SHAKE = "screen-shake"
    FLASH = "flash"
    COLOR_SHIFT = "color-shift"
    BLOOM_PULSE = "bloom-pulse"
    GRAIN = "grain"


class MotionIntensity(StrEnum):
    """How much the pictures move."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    EXTREME = "extreme"


class ReactiveTarget(StrEnum):
    """What a band of the song moves in the finished picture."""

    SCALE = "scale"
    ROTATION = "rotation"
    BRIGHTNESS = "brightness"
    BLOOM = "bloom"
    SHAKE = "shake"
    HUE = "hue"
    NONE = "none"


class ReactiveSource(StrEnum):
    """What of the song moves a picture: a band, a curve, a stem, or the beats."""

    BASS = "bass"
    MIDS = "mids"
    HIGHS = "highs"
    ENERGY = "energy"
    TIMBRE = "brightness"
    NOISE = "noisiness"
    ONSETS = "onsets"
    DRUMS = "stem-drums"
    BASS_STEM = "stem-bass"
    VOCALS = "stem-vocals"
    OTHER = "stem-other"
    BEAT = "beat"
    DOWNBEAT = "downbeat"


class TempoChange(StrEnum):
    """The metrical level that a person hears, against the one that was heard."""

    HALF = "half"
    DOUBLE = "double"


class CutOn(StrEnum):
    """What the start of a shot is tied to."""

    DOWNBEAT = "downbeat"
    BEAT = "beat"
    FREE = "free"


class Quality(StrEnum):
    """Encoder effort: draft (ultrafast, crf 23), standard (superfast, 18), master (medium, 18)."""

    DRAFT = "draft"
    STANDARD = "standard"
    MASTER = "master"


class VideoCodec(StrEnum):
    """How the pictures are coded: h264 plays everywhere, prores (.mov) is for editing."""

    H264 = "h264"
    H265 = "h265"
    AV1 = "av1"
    PRORES = "prores"


class Fit(StrEnum):
    """What becomes of a clip of another shape than the film: cropped, or shown whole."""

    COVER = "cover"
    CONTAIN = "contain"


class Focus(StrEnum):
    """Which part of a clip a crop keeps: where it happens, or the middle."""

    AUTO = "auto"
    CENTRE = "centre"


class Retime(StrEnum):
    """Pictures between those of a clip: repeated, blended, or moved along the motion.

    `auto` repeats in draft and standard (blends where a clip is slowed), moves in master.
    """

    AUTO = "auto"
    REPEAT = "repeat"
    BLEND = "blend"
    MOTION = "motion"


class AudioMode(StrEnum):
    """How the song reaches the film: `auto` copies the packets where the container allows."""

    AUTO = "auto"
    LOSSLESS = "lossless"


class ExportKind(StrEnum):
    """What is made of a finished film, from the same clips.

    `film`: another size, shape, rate or codec. `teaser`: its strongest part. `loop`: 3 to 8 s
    that end where they begin. `gif`: the loop, small and silent. `poster`: its best picture.
    `edit`: a time line for an editing program.
    """

    FILM = "film"
    TEASER = "teaser"
    LOOP = "loop"
    GIF = "gif"
    POSTER = "poster"
    EDIT = "edit"


class Aesthetic(StrEnum):
    """A look that songfilm brings along; `tasks/planning/prompt_bank.toml` says what it is."""

    CYBERPUNK_RAVE = "cyberpunk-rave"
    NEON_CYBERPUNK_ABSTRACT = "neon-cyberpunk-abstract"
    MOLTEN_INDUSTRIAL = "molten-industrial"
    SYNTHWAVE_SUNSET = "synthwave-sunset"
    TROPICAL_PRISM = "tropical-prism"
    CRYSTALLINE_MINIMAL = "crystalline-minimal"
    DREAMY_ABSTRACT = "dreamy-abstract"
    DEEP_SPACE_ODYSSEY = "deep-space-odyssey"
    AURORA_NOCTURNE = "aurora-nocturne"
    BIOLUMINESCENT_OCEAN = "bioluminescent-ocean"
    GOLDEN_HOUR_ORGANIC = "golden-hour-organic"
    MONOCHROME_NOIR = "monochrome-noir"
    STORM_BAROQUE = "storm-baroque"


class RenderPool(StrEnum):
    """Where shots are rendered: in the film's own process, or on a work pool."""

    HERE = "here"
    CPU = "cpu"
    GPU = "gpu"


class Priority(StrEnum):
    """Work queue of a film's shots; urgent ones go first."""

    URGENT = "urgent"
    NORMAL = "normal"
    BATCH = "batch"


class OnFailure(StrEnum):
    """What becomes of a film when a shot fails for good.

    `fail` ends it, its clips kept; `procedural` puts a procedural stand-in there and calls the
    film degraded; `hold` suspends it until somebody has mended the shot.
    """

    FAIL = "fail"
    PROCEDURAL = "procedural"
    HOLD = "hold"
