"""Where lettering may stand, so that no player's own buttons and names cover it.

Upright films are shown by apps that lay their names, buttons and captions over the top, the foot
and the sides; other shapes only keep television's title-safe border.
Source: EBU R 95, Safe areas for 16:9 television production (title safe: 5 % of each side); the
upright shares are those that advertisers of the large apps are told to keep free, rounded up.
"""

# Shares of height and width, from each edge.
UPRIGHT_TOP, UPRIGHT_BOTTOM, UPRIGHT_SIDE = 0.14, 0.20, 0.06
TITLE_SAFE = 0.05
# Films at most this wide for their height are shown upright by such apps (3:4 and narrower).
UPRIGHT_SHAPE = 0.75


def safe_box(width: int, height: int) -> tuple[int, int, int, int]:
    """Largest box of a film that nothing is laid over.

    Args:
        width: Pixels of the film.
        height: Likewise.

    Returns:
        left, top, right, bottom in whole pixels from the upper left corner, right and bottom one
        past the box; rounded inwards.
    """
    top, bottom, side = TITLE_SAFE, TITLE_SAFE, TITLE_SAFE
    if width <= UPRIGHT_SHAPE * height:
        top, bottom, side = UPRIGHT_TOP, UPRIGHT_BOTTOM, UPRIGHT_SIDE
    return (
        _outwards(width * side),
        _outwards(height * top),
        width - _outwards(width * side),
        height - _outwards(height * bottom),
    )


def _outwards(pixels: float) -> int:
    """Whole pixels that are not less; a rounding error of a share is none."""
    return -int(-round(pixels, 6) // 1)
