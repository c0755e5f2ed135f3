"""The words that cameras, lenses, light and motion go by, and what each asks of the picture.

A key is one word or several, separated by bars; `*` ends a stem; several keys multiply (factors)
or add up (moves). Words that only begin alike are spelled out: a panel does not pan, three
dimensions are not dim, and what explores does not explode.
"""

Table = dict[str, float]

# How fast things go: what moves, or the camera.
SPEED: Table = {
    "slow*": 0.55, "gentl*": 0.7, "calm*": 0.65, "soft|softly": 0.8, "still|stillness": 0.5,
    "drift*": 0.75, "float|floats|floating": 0.75, "hypnotic": 0.8, "seren*": 0.6,
    "breath|breathes|breathing": 0.75, "ambient": 0.75, "lazy|lazily|languid*": 0.6,
    "haste": 1.4, "without haste|unhurried|leisurely": 0.8, "glacial*": 0.45,
    "imperceptibl*": 0.55, "subtle|subtly|small change*": 0.75, "quiet|quietly": 0.85,
    "fast|faster|fast-moving": 1.5, "rapid|rapidly": 1.6, "quick|quickly": 1.4,
    "rush|rushes|rushing": 1.6, "frantic*": 1.8, "explod*|explosi*": 1.4, "violent*": 1.6,
    "energetic*": 1.3, "energy": 1.15, "surge|surges|surging": 1.35, "accelerat*": 1.4,
    "race|races|racing": 1.6, "strong|strongly|stronger": 1.15, "fierce*|furious*|raging": 1.5,
    "wild|wildly": 1.4, "hectic": 1.6, "high-speed|hyperspeed": 1.6, "erupt*": 1.3,
}  # fmt: skip
# How far the beat throws what moves.
PULSE: Table = {
    "pulse|pulses|pulsing": 1.4, "swing|swings|swinging": 1.2, "rhythm*": 1.25, "throb*": 1.4,
    "punch*|pound*": 1.5, "stomp*": 1.5, "fluid*|continuous*": 0.4, "gentl*": 0.6, "calm*": 0.5,
    "smooth|smoothly": 0.6, "strong|strongly|stronger": 1.25,
}  # fmt: skip
# Slow waves of more and less motion.
SWELL: Table = {
    "wave|waves": 0.5, "builds|building": 0.5, "surge|surges|surging": 0.7, "swell*": 0.8,
    "ebb*": 0.7, "breath|breathes|breathing": 0.4, "stronger": 0.3,
}  # fmt: skip
LIGHT: Table = {
    "dark|darkness|darker|darkly": 0.72, "dim|dimly|dimmed": 0.72, "shadow*": 0.8, "shade": 0.85,
    "night|nights|midnight|nocturnal": 0.85, "moody|gloom*|murk*": 0.8, "low-key": 0.7,
    "moonlight|moonlit|moonbeam*": 0.8, "faint|faintly": 0.75, "starlight|starlit": 0.85,
    "candle*": 0.8, "ember|embers": 0.8, "fade|fades|fading": 0.85, "dusk|twilight": 0.85,
    "grey|gray": 0.88, "low sun": 0.9, "thin": 0.95, "leak|leaks": 0.9, "lone|single|only a few":
    0.85, "diffuse*": 0.92, "pale": 0.85, "distant": 0.9, "silhouette*": 0.75,
    "last warm light|a low": 0.85, "bright|brightly|brighter|brightening": 1.3,
    "blinding|blindingly": 1.45, "radian*": 1.3,
    "sunlit|sunlight|sunny|sunbeam*|daylight": 1.2, "high-key": 1.35,
    "brillian*": 1.25, "dazzl*": 1.4, "flood|floods|flooding": 1.25, "blaz*|ablaze": 1.35,
    "burst|bursts|bursting": 1.15, "flare|flares|flaring": 1.3, "white-hot": 1.3,
    "lightning": 1.25, "strobe*|strobing": 1.2, "luminous|incandescent": 1.25,
    "sparkl*|shimmer*": 1.15, "shower*": 1.2, "whole": 1.1, "flash|flashes|flashing": 1.2,
    "burn|burns|burning": 1.1, "hot": 1.15, "lights the": 1.15, "race|races": 1.15,
    "every side": 1.05, "soft|softly|gentle": 0.92,
}  # fmt: skip
GLOW: Table = {
    "neon": 1.25, "glow|glows|glowing": 1.25, "bloom|blooms|blooming": 1.4, "haze|hazy": 1.4,
    "fog|foggy": 1.4, "mist|mists|misty": 1.3, "dream|dreams|dreamy": 1.3, "smok*": 1.15,
    "halo*": 1.3, "luminous": 1.2, "diffuse*": 1.3, "backlight|backlit": 1.15,
    "flare|flares": 1.3, "crisp|crisply": 0.6, "sharp|sharply": 0.6, "clean|cleanly": 0.7,
    "clear|clearly": 0.8, "hard": 0.7, "precise": 0.75, "shaft*|beam*": 1.15,
    "reflect*|mirror*": 1.1, "within": 1.15,
}  # fmt: skip
CONTRAST: Table = {
    "hard": 1.35, "carve|carves": 1.2, "deep blue shadow|deep shadow*": 1.2, "crisp": 1.15,
    "cinematic": 1.1, "dramatic*": 1.25, "high-contrast|chiaroscuro": 1.4, "lightning": 1.2,
    "silhouette*": 1.3, "rim|rims|edges": 1.1, "noir": 1.2, "stripes": 1.15,
    "diffuse*": 0.75, "soft|softly": 0.85, "haze|hazy|fog|foggy|mist|misty": 0.85,
    "pastel*": 0.85, "flat": 0.7, "gentl*": 0.85, "shaft*|beam*": 1.15, "flicker*": 1.15,
    "cold": 1.1,
}  # fmt: skip
BLUR: Table = {
    "shallow depth*|shallow focus|shallow": 0.35, "depth of field": 0.5, "bokeh": 0.8,
    "out-of-focus|out of focus|defocus*": 0.6, "razor-thin|razor thin": 0.55, "macro": 0.4,
    "soft focus|soft-focus": 0.6, "rack focus|focus pull": 0.5, "tilt-shift": 0.7, "85mm": 0.25,
    "50mm": 0.1, "telephoto|135mm|200mm": 0.4, "anamorphic": 0.4, "creamy": 0.1,
    "deep focus|deep depth of field|everything in focus|pan-focus": -1.5,
}  # fmt: skip
OVAL: Table = {"anamorphic": 0.7, "oval": 0.3}  # highlights out of focus stand upright
CLOSE_LENS: Table = {
    "macro": 1.6, "85mm": 1.25, "50mm": 1.1, "35mm": 0.92, "24mm|18mm|16mm": 0.8,
    "telephoto|135mm|200mm": 1.4, "wide-angle|wide angle|ultra-wide|ultrawide": 0.75,
    "anamorphic": 0.95, "fisheye": 0.65,
}  # fmt: skip
CLOSE: Table = {
    "extreme close-up": 1.2, "close-up|closeup": 1.4, "detail|details of": 1.15, "macro": 1.6,
    "microscop*": 1.7, "wide shot|wide view|panorama|panoramic": 0.75, "aerial|bird's-eye": 0.65,
    "vast": 0.85, "planet|planets": 0.85, "establishing": 0.75,
}  # fmt: skip
DENSITY: Table = {
    "dense|densely": 1.5, "thick|thickly": 1.3, "crowd|crowds|crowded": 1.4, "thousands": 1.5,
    "countless|myriad*": 1.6, "storm|storms|stormy": 1.4, "heavy": 1.3, "endless": 1.2,
    "swarm|swarms|swarming": 1.4, "sparse|sparsely": 0.5, "few": 0.6, "single|lone|solitary":
    0.5, "minimal|minimalist": 0.6, "empty": 0.6, "faint": 0.75, "thin": 0.85,
}  # fmt: skip
# Camera moves: what each word adds.
PUSH: Table = {
    "push|pushes|pushing|zoom in|zooms in|zooming in|dolly in|dollies in|moves in|closes in|"
    "close in|creeps in": 1.0, "forward|forwards|fly|flies|flying|fly-through|flythrough|"
    "advanc*|approach*|plung*": 0.9, "dolly": 0.3, "dive|dives|diving": 0.4, "drone": 0.3,
    "pull|pulls|pulling|zoom out|zooms out|zooming out|dolly out|dollies out|retreat*|reced*|"
    "backs away|widens out": -1.1, "crane|cranes|craning|jib": -0.35,
}  # fmt: skip
TURN: Table = {
    "rotat*|roll|rolls|rolling|twist*|corkscrew*|dutch": 1.0, "spin|spins|spinning|whirl*": 1.3,
    "spiral*|swirl*|tumbl*": 0.9, "orbit*|circl*|arc|arcs|arcing|revolv*": 0.35,
}  # fmt: skip
SCENE_TURN: Table = {"rotat*|spin|spins|spinning|whirl*|swirl*|spiral*|tumbl*": 0.35}
PAN: Table = {
    "pan|pans|panned|panning|sideways|lateral*|truck|trucks|trucking|slide|slides|sliding": 1.0,
    "track|tracks|tracking|follow|follows|following": 0.6, "alongside": 0.6, "sweep*": 0.9,
    "glid*": 0.4, "drift*": 0.35, "orbit*|circl*|arc|arcs|arcing|revolv*": 0.8, "gimbal": 0.3,
    "lean|leans|leaning": 0.35,
}  # fmt: skip
RISE: Table = {
    "rise|rises|rising|ascend*|climb*|lift|lifts|lifting|soar|soars|soaring|tilt up|tilts up|"
    "tilting up|boom up|booms up": 1.0, "crane|cranes|craning|jib": 1.0, "drone": 0.3,
    "dive|dives|diving": -1.1, "descend*|sink|sinks|sinking|lowers|boom down|booms down": -1.0,
    "tilt down|tilts down|tilting down": -0.4,
}  # fmt: skip
SHAKE: Table = {
    "handheld|hand-held|shoulder-mounted": 0.8, "shake|shakes|shaking|shaky|jitter*|trembl*": 1.1,
    "dynamic|energetic|restless": 0.25, "chaotic": 0.9, "lean|leans|leaning": 0.2,
    "heavy-handheld": 0.2,
}  # fmt: skip
# The life of a camera that nobody moves.
SWAY: Table = {
    "float*|hover*|weightless*|underwater": 1.7, "drift*": 1.3, "gimbal|steadicam": 0.7,
    "steady|steadily|even|precise|smooth|smoothly": 0.8, "breathe|breathes": 1.2,
}  # fmt: skip
STILL = (
    "static|locked|locked-off|locked-down|locked-precise|tripod|fixed|stationary|motionless|"
    "unmoving|holds still|holding still|stands still|keeps still|stays still|perfectly still|"
    "camera still|still camera|still shot|no camera movement|does not move|doesn't move|never moves"
)
STEADY = "steady|steadily|smooth|smoothly|stabili*|gimbal|steadicam|precise|even"
# What says of a whole sentence's part that it is about the camera.
CAMERA = (
    "camera|handheld|hand-held|dolly|dollies|zoom|zooms|zooming|tracking shot|crane shot|drone|"
    "push in|pushes in|pushing in|slow push|pull back|pulls back|pull out|pulls out|panning|"
    "pan left|pan right|pan across|pans across|tilt up|tilts up|tilt down|tilts down|tripod|"
    "orbit shot|orbiting shot|static shot|locked-off|steadicam|gimbal|fly-through|flythrough"
)
# What sentences say of the print, not of the picture.
PRINT = "gentle film grain|natural film grain|clean motion|high dynamic range|dynamic range"
