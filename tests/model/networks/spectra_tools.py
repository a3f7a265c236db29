"""The way back from spectra to sound, in steps that the denoiser does as one, for tests."""

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import plan_of
from model.networks.spectra import written

F32 = NDArray[np.float32]
C64 = NDArray[np.complex64]

_sounded = function("spectra_sounded", (*(ADDRESS,) * 4, *(COUNT,) * 4, *(ADDRESS,) * 3))
_taken_out = function("spectra_taken_out", (ADDRESS, ADDRESS, COUNT, NUMBER, NUMBER, ADDRESS))


def synthesise(spectra: C64, tail: F32, hop: int) -> tuple[F32, F32]:
    """Return the samples that these spectra complete, and the tail still to be added to.

    Parameters
    ----------
    spectra : complex64 [frames, C, window // 2 + 1]
        Of an even window.
    tail : float32 [C, span - hop]
        What earlier spectra left; zeros at the beginning.

    Returns
    -------
    sound : float32 [C, frames * hop]
    tail : the next tail
    """
    frames, channels, bins = spectra.shape
    window, span = 2 * (bins - 1), tail.shape[1] + hop
    shape = written(window, span, hop)
    spectra, tail = np.ascontiguousarray(spectra, np.complex64), np.ascontiguousarray(tail)
    sound, after = np.empty((channels, frames * hop), np.float32), np.empty_like(tail)
    came, room = (address(shape), address(spectra), address(tail)), np.empty(5 * window + 2)
    told = address(sound), address(after), address(room)
    _sounded(address(plan_of(window)), *came, channels, frames, span, hop, *told)
    return sound, after


def taken_out(spectra: C64, target: C64, floor: float, share: float) -> C64:
    """Return what is taken out of spectra on the way to others of the same shape, times a share.

    No bin is turned down to less than ``floor`` of it: it is lifted along the spectrum.
    """
    taken = np.empty_like(spectra)
    parts = address(spectra), address(target)
    _taken_out(*parts, spectra.size, floor, share, address(taken))
    return taken
