"""Times within a side as people write them. Any thread."""

import re

_CLOCK = re.compile(r"(?:(\d+):)?(?:(\d+):)?(\d+(?:\.\d+)?)")


def seconds_in(text: str) -> float:
    """Return the seconds in ``92.5``, ``1:32.5`` or ``1:02:03``.

    Raises
    ------
    ValueError
        It is no time.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no time; write it as 1:32 or 92.5")
    parts = [float(part) for part in match.groups() if part is not None]
    seconds = 0.0
    for part in parts:
        seconds = 60 * seconds + part
    return seconds


def stretch_in(text: str) -> tuple[float, float]:
    """Return the two times in ``1:32-1:40``, in seconds.

    Raises
    ------
    ValueError
        They are no times, or the second is not the later one.
    """
    first, dash, last = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is no stretch; write it as 1:32-1:40")
    start, end = seconds_in(first), seconds_in(last)
    if end <= start:
        raise ValueError(f"{text!r} ends before it begins")
    return start, end
