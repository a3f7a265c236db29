"""The two walls of the groove over time, a row each: heard, or damaged so that the other speaks.

Plain functions of masks; no Qt. Where both walls make one sound a repair of that sound stands in
both rows, in another colour: it is of both walls, or nobody knows of which.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ui.state.history import F32
from ui.widgets.language import later, tr

U8 = NDArray[np.uint8]

SHOWN = 0.02  # a probability that is worth a colour
SURE = 0.5  # a wall is damaged rather than not
ALONE = (
    later("left wall alone: the other carries no music"),
    later("right wall alone: the other carries no music"),
)
DAMAGED = (
    later("left wall damaged, right speaks"),
    later("right wall damaged, left speaks"),
)


class Damage(NamedTuple):
    """Of each wall alone, ``[2, n]``, and of the sound of both, ``[n]``; 0..1."""

    own: F32
    both: F32


def damage_of(masks: F32) -> Damage:
    """Tell what is one wall's own from the masks of both channels, ``[2, n]``."""
    both = masks.min(axis=0)
    return Damage(masks - both, both)


def wall_colours(
    masks: F32, heard: tuple[bool, ...], wall: int, ramp: tuple[int, int], plain: tuple[int, ...]
) -> U8:
    """Return a wall's colour indices ``[n]``.

    Parameters
    ----------
    masks : float32 [2, n]
    heard : tuple of bool
        Whether each wall is listened to at all.
    wall : int
    ramp : tuple of int
        First index and number of those that say how surely this wall is the damaged one.
    plain : tuple of int
        Indices of a wall that is heard, of damage to both, and of a wall that is left.
    """
    is_heard, is_both, is_left = plain
    if not heard[wall]:
        return np.full(masks.shape[1], is_left, np.uint8)
    found, (first, steps) = damage_of(masks), ramp
    shade = first + np.clip((found.own[wall] * (steps - 1)).round(), 0, steps - 1)
    colours = np.where(found.both > SHOWN, is_both, is_heard)
    return np.where(found.own[wall] > SHOWN, shade, colours).astype(np.uint8)


def wall_words(masks: F32, heard: tuple[bool, ...]) -> str:
    """Say which wall speaks where the masks are ``[2, n]``."""
    if not all(heard):
        return tr(ALONE[heard.index(True)])
    found = damage_of(masks)
    hurt = [bool(own.max(initial=0.0) > SURE) for own in found.own]
    if all(hurt):
        return tr("damage on either wall, the other speaks")
    if any(hurt):
        return tr(DAMAGED[hurt.index(True)])
    return (
        tr("the sound of both repaired") if found.both.max(initial=0.0) > SURE else tr("both walls")
    )
