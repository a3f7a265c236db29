"""Notices that the needle has landed: all of a sound grows much louder at once, to steady noise.

What a denoiser has learned of the noise before (a silent groove, an open input) is then wrong: the
record's hiss stands so far above it that it passes for music. The compiled core does it,
``needle_landed`` of ``model/c/spectra.c``; here stands what it goes by. Any thread.
"""

import ctypes
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import COUNT, NUMBER

F32 = NDArray[np.float32]

BANDS = 12
LOWEST_SHARE = 1 / 40  # of the band, where the first begins: about 550 Hz
SOUNDING_DB = -75.0  # of a band, full scale 0; below it may be empty
FEWEST = 4  # bands that must sound
SMOOTHING_S = 0.03
RISE_DB_PER_S = 3.0  # of the floor while everything stands above it
ABOVE_DB = 8.0  # the floor, in every band that sounds ...
LASTING_S = 0.7  # ... for so long: no chord holds every band up for that time
RISING_S = 0.2  # of that, in which the level may still rise
SWAYS_DB = 4.5  # above its lowest, mean over the rest of it: hiss and crackle less, drums more
# Mean of the power above the mean of its logarithm, at most, in half of the bands: 2.5 in hiss, 2
# to 3 in crackle, 4 and more where an orchestra sets in.
PEAKED_DB = 3.5


class LandingRules(ctypes.Structure):
    """As ``landing_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, NUMBER) for name in ("share", "rise", "sounding", "above")),
        *((name, NUMBER) for name in ("rising", "lasting", "sways", "peaked", "hop")),
        ("fewest", COUNT),
    )


class LandingState(NamedTuple):
    """What is known of each channel.

    ``rows`` float32 ``[C, 5, BANDS]``, dB: level, floor, and, while all stands high and has risen,
    the lowest level and the sums of all frames' levels and of how peaked they were. ``high_s``
    float32 ``[C]``: for how many seconds all has stood high.
    """

    rows: F32
    high_s: F32


def initial_state(channels: int) -> LandingState:
    """Nothing is known yet."""
    nothing = np.full((channels, 5, BANDS), np.nan, np.float32)
    return LandingState(nothing, np.zeros(channels, np.float32))


@cache
def rules_of(hop_s: float) -> LandingRules:
    """What the core goes by, where a frame comes every so many seconds."""
    return LandingRules(
        share=np.exp(-hop_s / SMOOTHING_S),
        rise=RISE_DB_PER_S * hop_s,
        sounding=SOUNDING_DB,
        above=ABOVE_DB,
        rising=RISING_S,
        lasting=LASTING_S,
        sways=SWAYS_DB,
        peaked=PEAKED_DB,
        hop=hop_s,
        fewest=FEWEST,
    )


@cache
def edges_of(bins: int) -> NDArray[np.int64]:
    """Where each band begins in a spectrum of so many bins."""
    edges = np.geomspace(bins * LOWEST_SHARE, bins - 1, BANDS + 1).astype(np.int64)
    edges.setflags(write=False)
    return edges
