"""Notices that the needle has landed: all of a sound grows much louder at once and stays so.

What a denoiser has learned of the noise before (a silent groove, an open input) is then wrong: the
record's hiss stands so far above it that it passes for music. State as a value; any thread.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, address, function

F32 = NDArray[np.float32]

BANDS = 12
LOWEST_SHARE = 1 / 40  # of the band, where the first begins: about 550 Hz
SOUNDING_DB = -75.0  # of a band, full scale 0; below it may be empty
FEWEST = 4  # bands that must sound
SMOOTHING_S = 0.03
RISE_DB_PER_S = 3.0  # of the floor while everything stands above it
ABOVE_DB = 8.0  # the floor, in every band that sounds ...
LASTING_S = 0.7  # ... for so long: no chord holds every band up for that time

_levels = function("spectra_levels", (ADDRESS, COUNT, COUNT, ADDRESS, COUNT, ADDRESS))


class LandingState(NamedTuple):
    """Level and floor ``[C, BANDS]`` in dB, and for how many seconds all has stood high."""

    level: F32
    floor: F32
    high_s: F32


def initial_state(channels: int) -> LandingState:
    """Nothing is known yet."""
    nothing = np.full((channels, BANDS), np.nan, np.float32)
    return LandingState(nothing, nothing, np.zeros(channels, np.float32))


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
    share = np.float32(np.exp(-hop_s / SMOOTHING_S))
    level = share * state.level + (1 - share) * now
    rise = np.float32(RISE_DB_PER_S * hop_s)
    floor = np.minimum(state.floor + rise, level)
    if np.isnan(level).any():  # nothing was known before
        known = ~np.isnan(state.level)
        level, floor = np.where(known, level, now), np.where(known, floor, now)
    sounds = level > SOUNDING_DB
    high = ((level - floor > ABOVE_DB) | ~sounds).all(axis=1) & (sounds.sum(axis=1) >= FEWEST)
    if not high.any():
        return high, LandingState(level, floor, np.zeros_like(state.high_s))
    high_s = np.where(high, state.high_s + np.float32(hop_s), 0).astype(np.float32)
    landed = high_s >= LASTING_S
    floor = np.where(landed[:, None], level, floor)
    return landed, LandingState(level, floor, np.where(landed, 0, high_s).astype(np.float32))


@lru_cache(maxsize=4)
def _edges(bins: int) -> NDArray[np.int64]:
    edges = np.geomspace(bins * LOWEST_SHARE, bins - 1, BANDS + 1).astype(np.int64)
    edges.setflags(write=False)
    return edges
