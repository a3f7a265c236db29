"""A short-time Fourier transform that streams: one hop in, one spectrum; one spectrum, one hop out.

Numpy only; any thread. With unchanged spectra the output is the input, ``window - hop`` samples
later.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
C64 = NDArray[np.complex64]


@lru_cache(maxsize=8)
def root_hann(window: int) -> F32:
    """Return the square root of a periodic Hann window; analysis and synthesis both use it."""
    angle = np.pi * np.arange(window) / window
    shape: F32 = np.sin(angle).astype(np.float32)
    shape.setflags(write=False)
    return shape


def overlap_gain(window: int, hop: int) -> float:
    """Return the sum of the overlapping squared windows."""
    if hop < 1 or window % hop or window // hop < 2:
        raise ValueError(f"hop is {hop}; it must divide the window of {window} at least twice")
    return window / hop / 2


def analyse(history: F32, hop: F32) -> tuple[C64, F32]:
    """Return the spectrum ``[C, window // 2 + 1]`` of the latest window, and the next history.

    Parameters
    ----------
    history : float32 [C, window - hop]
        The samples before this hop; zeros at the beginning.
    hop : float32 [C, hop]
    """
    frame = np.concatenate([history, hop], axis=1)
    spectrum = np.fft.rfft(frame * root_hann(frame.shape[1]), axis=1).astype(np.complex64)
    return spectrum, frame[:, hop.shape[1] :]


def synthesise(spectrum: C64, tail: F32, hop: int) -> tuple[F32, F32]:
    """Return the ``hop`` samples that this spectrum completes, and the tail still to be added to.

    Parameters
    ----------
    spectrum : complex64 [C, window // 2 + 1]
    tail : float32 [C, window - hop]
        What earlier spectra left; zeros at the beginning.
    """
    window = tail.shape[1] + hop
    frame = np.fft.irfft(spectrum, window, axis=1).astype(np.float32)
    frame *= root_hann(window) / np.float32(overlap_gain(window, hop))
    frame[:, : tail.shape[1]] += tail
    return frame[:, :hop], frame[:, hop:]
