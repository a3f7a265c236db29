"""How a landing needle is noticed in single frames, for tests."""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, address, function
from model.hiss.landing import BANDS, LandingState, edges_of, rules_of

F32 = NDArray[np.float32]

_landed = function("needle_landed", (ADDRESS, ADDRESS, COUNT, *(ADDRESS,) * 3), COUNT)
_peaked = function("spectra_peaked", (ADDRESS, COUNT, ADDRESS, COUNT, ADDRESS))
_levels = function("spectra_levels", (ADDRESS, COUNT, COUNT, ADDRESS, COUNT, ADDRESS))


def levels_of(spectra: NDArray[Any]) -> F32:
    """Level of each band in dB, ``[..., BANDS]``, of spectra ``[..., window // 2 + 1]``."""
    spectra = np.ascontiguousarray(spectra, np.complex64)
    bins, edges = spectra.shape[-1], edges_of(spectra.shape[-1])
    levels = np.empty((*spectra.shape[:-1], BANDS), np.float32)
    _levels(address(spectra), spectra.size // bins, bins, address(edges), BANDS, address(levels))
    return levels


def has_landed(
    spectra: NDArray[Any], state: LandingState, hop_s: float
) -> tuple[NDArray[np.bool_], LandingState]:
    """Say for each channel, of spectra ``[C, bins]``, whether all that is known is out of date."""
    spectra, bins = np.ascontiguousarray(spectra, np.complex64), spectra.shape[-1]
    now, peaked = levels_of(spectra), np.empty((len(spectra), BANDS), np.float32)
    for spectrum, row in zip(spectra, peaked, strict=True):
        _peaked(address(spectrum), bins, address(edges_of(bins)), BANDS, address(row))
    known, high_s = (part.copy() for part in state)
    rules, landed = ctypes.addressof(rules_of(hop_s)), []
    for channel, levels in enumerate(now):
        rows = (known[channel], high_s[channel : channel + 1])
        heard = address(levels), address(peaked[channel])
        found = _landed(*heard, BANDS, rules, *(address(row) for row in rows))
        landed.append(bool(found))
    return np.array(landed), LandingState(known, high_s)
