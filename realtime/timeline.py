"""Where a stream's sound is not what it should be, in samples since the stream began. Plain data.

The worker's thread adds, the control thread reads; an entry is replaced by a longer one while it
goes on, never changed.
"""

from dataclasses import dataclass, field
from typing import Any

Stretch = tuple[int, int]  # start and length


@dataclass
class Timeline:
    """Of one stream.

    Attributes
    ----------
    away : list of (start, length)
        Silence in the place of an input that was away.
    dry : list of (start, length)
        The untouched sound in the place of the restored one: the computer was too busy.
    without : dict of lists of (start, length)
        The same for each part of the chain that rested while the others went on.
    """

    away: list[Stretch] = field(default_factory=list)
    dry: list[Stretch] = field(default_factory=list)
    without: dict[str, list[Stretch]] = field(default_factory=dict)


def extend(stretches: list[Stretch], start: int, length: int) -> None:
    """Add a stretch, or lengthen the last one if it ends where this one begins."""
    if stretches and sum(stretches[-1]) == start:
        stretches[-1] = (stretches[-1][0], stretches[-1][1] + length)
    elif length:
        stretches.append((start, length))


def within(stretches: list[Stretch], start: int, samples: int) -> list[dict[str, Any]]:
    """Return what of the stretches lies in a recording that began at ``start``, in its samples."""
    found = []
    for began, length in list(stretches):
        first, end = max(began - start, 0), min(began + length - start, samples)
        if first < end:
            found.append({"sample": first, "length": end - first})
    return found
