"""The look of a song's picture: dark room, colours that every eye tells apart, type."""

from recipe_schema.vocabulary import SectionType

ROOM = "#0f0d18"
PANEL = "#181525"
INK = "#f2f0fa"
DIM = "#a29db8"
FAINT = "#3a3550"
AMBER = "#f0b35a"

# After the palette of Okabe and Ito, lightened for a dark ground; a drop and a buildup, a verse
# and a chorus stay apart for colour-blind eyes, and every colour stands beside its word.
# Source: M. Okabe, K. Ito, Color Universal Design, 2008.
SECTION_COLORS = {
    SectionType.INTRO: "#8fa3bf",
    SectionType.VERSE: "#56b4e9",
    SectionType.BUILDUP: "#f0e442",
    SectionType.DROP: "#f4722b",
    SectionType.CHORUS: "#de8cc2",
    SectionType.BREAK: "#2cc295",
    SectionType.BRIDGE: "#e8a838",
    SectionType.OUTRO: "#9c93b8",
}
# One quiet hue a row; the first of the name's words decides.
CURVE_COLORS = {
    "bass": "#7c8cff",
    "mids": "#55c1e8",
    "highs": "#a9ecdc",
    "stem-drums": "#f4a07a",
    "stem-bass": "#7c8cff",
    "stem-vocals": "#de8cc2",
    "stem-other": "#86d0a0",
    "onsets": "#e9e6f5",
    "brightness": "#f0d56a",
    "noisiness": "#c9a27a",
}
TEMPO = "#8bd3ff"
# From the panel to light by way of violet and rose, ever lighter: told apart without hue, too.
CHROMA_COLORS = ("#14111f", "#2b2150", "#5b3a8f", "#a8509b", "#e8837f", "#fbd3a0", "#fff6e4")

# Sizes in points; the smallest is read at half the picture's size, as in a film's report.
TITLE_PT, FACT_PT, BODY_PT, SMALL_PT = 22.0, 13.0, 8.5, 7.0

# The first that is installed; the last comes with matplotlib. Those behind help out with letters
# that the first lacks.
FACES = ("Inter", "Helvetica Neue", "Segoe UI", "Noto Sans", "Liberation Sans", "DejaVu Sans")
HELPERS = (
    "DejaVu Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans JP",
    "Noto Sans SC",
    "Noto Sans KR",
    "Source Han Sans",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "WenQuanYi Zen Hei",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Emoji",
    "Arial Unicode MS",
)
