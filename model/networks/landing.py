"""Notices that the needle has landed: all of a sound grows much louder at once and stays so,
as steadily as hiss does and drums do not.

What a denoiser has learned of the noise before (a silent groove, an open input) is then wrong: the
record's hiss stands so far above it that it passes for music. State as a value; any thread.
"""

import ctypes
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function

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


_NUMBERS = ("share", "rise", "sounding", "above", "rising", "lasting", "sways", "hop")


class _Rules(ctypes.Structure):
    """As ``landing_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, NUMBER) for name in _NUMBERS),
        ("fewest", COUNT),
    )


_landed = function("needle_landed", (ADDRESS, COUNT, *(ADDRESS,) * 6), COUNT)
_levels = function("spectra_levels", (ADDRESS, COUNT, COUNT, ADDRESS, COUNT, ADDRESS))


class LandingState(NamedTuple):
    """Level and floor ``[C, BANDS]`` in dB; of the level while all stands high and has risen, the
    lowest and the sum of all frames; for how many seconds it has."""

    level: F32
    floor: F32
    lowest: F32
    summed: F32
    high_s: F32


def initial_state(channels: int) -> LandingState:
    """Nothing is known yet."""
    nothing = np.full((channels, BANDS), np.nan, np.float32)
    return LandingState(nothing, nothing, nothing, nothing, np.zeros(channels, np.float32))


def levels_of(spectra: NDArray[Any]) -> F32:
    """Level of each band in dB, ``[..., BANDS]``, of spectra ``[..., window // 2 + 1]``."""
    spectra = np.ascontiguousarray(spectra, np.complex64)
    bins, edges = spectra.shape[-1], _edges(spectra.shape[-1])
    levels = np.empty((*spectra.shape[:-1], BANDS), np.float32)
    _levels(address(spectra), spectra.size // bins, bins, address(edges), BANDS, address(levels))
    return levels


def has_landed(
    now: F32, state: LandingState, hop_s: float
) -> tuple[NDArray[np.bool_], LandingState]:
    """Say for each channel whether everything known of its noise is out of date.

    Parameters
    ----------
    now : float32 [C, BANDS]
        Of one frame, of :func:`levels_of`.
    hop_s : float
        Seconds from frame to frame.
    """
    rules = _rules(hop_s)
    after = LandingState(*(part.copy() for part in state))
    now = np.ascontiguousarray(now)
    rows, high = [address(part) for part in after[:-1]], address(after.high_s)
    landed = np.array(
        [
            _landed(
                *(address(now) + 4 * BANDS * channel, BANDS, ctypes.addressof(rules)),
                *(row + 4 * BANDS * channel for row in rows),
                high + 4 * channel,
            )
            for channel in range(len(now))
        ],
        np.bool_,
    )
    return landed, after


@lru_cache(maxsize=4)
def _rules(hop_s: float) -> _Rules:
    return _Rules(
        share=np.exp(-hop_s / SMOOTHING_S),
        rise=RISE_DB_PER_S * hop_s,
        sounding=SOUNDING_DB,
        above=ABOVE_DB,
        rising=RISING_S,
        lasting=LASTING_S,
        sways=SWAYS_DB,
        hop=hop_s,
        fewest=FEWEST,
    )


@lru_cache(maxsize=4)
def _edges(bins: int) -> NDArray[np.int64]:
    edges = np.geomspace(bins * LOWEST_SHARE, bins - 1, BANDS + 1).astype(np.int64)
    edges.setflags(write=False)
    return edges
