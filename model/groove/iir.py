"""Recursive filters in float64 whose state is a value. Runs wherever the chain runs."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

TINY = 1e-30  # below this a state is silence; denormal numbers would slow every step down


class Cascade:
    """Second-order sections in a row; immutable, any number of streams may share one.

    Parameters
    ----------
    sections : float64 [sections, 6]
        scipy's order: ``b0 b1 b2 a0 a1 a2``.
    """

    latency = 0  # samples

    def __init__(self, sections: F64) -> None:
        self.sections = np.atleast_2d(np.asarray(sections, np.float64))

    def initial_state(self, channels: int) -> F64:
        """Return the state before the first sample: silence."""
        return np.zeros((len(self.sections), channels, 2))

    def step(self, samples: F64, state: F64) -> tuple[F64, F64]:
        """Filter float64 ``[channels, n]``; the next state is a new value."""
        from scipy import signal  # heavy: only who filters pays for it

        filtered, after = signal.sosfilt(self.sections, samples, axis=-1, zi=state)
        after[np.abs(after) < TINY] = 0.0
        return filtered, after

    def response(self, frequencies: F64, sample_rate: float) -> NDArray[np.complex128]:
        """Return the complex gain at ``frequencies`` (Hz)."""
        from scipy import signal  # heavy: only who filters pays for it

        gains: NDArray[np.complex128] = signal.freqz_sos(
            self.sections, worN=np.asarray(frequencies), fs=sample_rate
        )[1]
        return gains


def joined(*cascades: Cascade) -> Cascade:
    """Return one cascade that does the work of several, one after the other."""
    return Cascade(np.concatenate([cascade.sections for cascade in cascades]))


def inverted(cascade: Cascade) -> Cascade:
    """Return what undoes a minimum-phase cascade exactly.

    Raises
    ------
    ValueError
        If a zero lies on or outside the unit circle: the inverse would not be stable.
    """
    numerators, denominators = cascade.sections[:, :3], cascade.sections[:, 3:]
    for numerator in numerators:
        if not numerator[0] or np.any(np.abs(np.roots(numerator)) >= 1.0):
            raise ValueError(f"numerator {numerator} is not minimum phase; it cannot be inverted")
    gains = numerators[:, :1]
    return Cascade(np.concatenate([denominators / gains, numerators / gains], axis=1))
