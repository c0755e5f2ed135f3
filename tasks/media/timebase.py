"""Between seconds and whole frames at an exact rate."""

from fractions import Fraction

from tasks.errors import BadInputError


def parse_fps(text: str) -> Fraction:
    """Read a frame rate such as ``60``, ``29.97`` or ``30000/1001``.

    Raises:
        BadInputError: Not a positive number or fraction.
    """
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise BadInputError(f"frame rate {text!r} is not a number such as 60 or 60/1") from error
    if rate <= 0:
        raise BadInputError(f"frame rate {text!r} must be above 0")
    return rate


def seconds_to_frame(time_s: float, fps: Fraction) -> int:
    """Find the frame nearest to a time; halves to even, as Python's `round`."""
    return round(Fraction(time_s) * fps)


def frame_to_seconds(frame: int, fps: Fraction) -> float:
    """Tell when a frame starts."""
    return float(frame / fps)
