"""The band above the music, listened to and read apart from the declicker, for tests."""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.desk import BLOCK
from model.declicking.upper_band import EDGE, SEGMENT, levels_shape, rules_of

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

band_listen = function(
    "band_listen",
    (*(ADDRESS,) * 3, *(COUNT,) * 3, NUMBER, ADDRESS, ADDRESS, COUNT, *(ADDRESS,) * 4),
)
_read = function("band_read", (ADDRESS,) * 4, COUNT)


class Reading(NamedTuple):
    """The candidate's index, and how much caution it asks for: 1 for hiss, infinite for none."""

    corner: int
    caution: float


NOTHING = Reading(0, np.inf)


def silent_levels(sample_rate: int) -> F32:
    """Nothing has been heard."""
    return np.zeros(levels_shape(sample_rate), np.float32)


def listened(
    old: F32, came: F64, n: int, sample_rate: int, *, in_place: bool = False
) -> tuple[F32, Reading]:
    """Take in the newest ``n`` samples of one channel; its levels, and what they say."""
    rules = rules_of(sample_rate)
    new = old if in_place else np.empty_like(old)
    newest = np.ascontiguousarray(came[-SEGMENT:])
    figures, caution = np.empty(4 * rules.bands + 2), np.empty(1)
    room = np.empty(5 * SEGMENT + 4 + 2 * old.shape[1])
    whole = address(figures) + 8 * 4 * rules.bands
    band_listen(
        *(rules.plan, address(newest), rules.gains, rules.bands, SEGMENT - EDGE - n, n // BLOCK),
        *(rules.sounds, address(old), address(new), old.shape[1], rules.shares),
        *(address(figures), whole, address(room)),
    )
    corner = _read(ctypes.addressof(rules), address(figures), whole, address(caution))
    return new, Reading(int(corner), float(caution[0]))
