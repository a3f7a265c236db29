"""Recursive filters in float64 whose state is a value. Runs wherever the chain runs.

They are compiled, in ``model/c/iir.c``, and designed here: a live program that would import a
library of filters for it starts two seconds later.
"""

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, address, function

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]

TINY = 1e-30  # below this a state is silence; denormal numbers would slow every step down

_filter = function("sections_filter", (ADDRESS, COUNT, ADDRESS, COUNT, COUNT, ADDRESS))


class Cascade:
    """Second-order sections in a row; immutable, any number of streams may share one.

    Parameters
    ----------
    sections : float64 [sections, 6]
        scipy's order: ``b0 b1 b2 a0 a1 a2``, ``a0`` is 1.
    """

    latency = 0  # samples

    def __init__(self, sections: F64) -> None:
        self.sections = np.atleast_2d(np.array(sections, np.float64, order="C"))

    def initial_state(self, channels: int) -> F64:
        """Return the state before the first sample: silence."""
        return np.zeros((len(self.sections), channels, 2))

    def step(self, samples: F64, state: F64) -> tuple[F64, F64]:
        """Filter float64 ``[channels, n]``; the next state is a new value."""
        filtered = np.array(samples, np.float64, order="C")
        after = np.array(state, np.float64, order="C")
        channels, n = filtered.shape
        if after.shape != (len(self.sections), channels, 2):
            raise ValueError(f"the state is {after.shape}, of other sections or channels")
        _filter(
            *(address(self.sections), len(self.sections)),
            *(address(filtered), channels, n, address(after)),
        )
        after[np.abs(after) < TINY] = 0.0
        return filtered, after

    def response(self, frequencies: F64, sample_rate: float) -> C128:
        """Return the complex gain at ``frequencies`` (Hz)."""
        turned = np.exp(-2j * np.pi * np.asarray(frequencies, np.float64) / sample_rate)
        powers = np.stack([np.ones_like(turned), turned, turned**2])
        gains: C128 = np.prod((self.sections[:, :3] @ powers) / (self.sections[:, 3:] @ powers), 0)
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


def with_roots(zeros: C128, poles: C128) -> Cascade:
    """Return the cascade of these zeros and poles, as many of each, with a first sample of 1.

    Whatever is not real comes with its conjugate.
    """
    return Cascade(np.concatenate([_quadratics(zeros), _quadratics(poles)], axis=1))


def high_pass(order: int, corner_hz: float, sample_rate: float) -> Cascade:
    """Return a Butterworth high-pass, -3 dB at its corner.

    Parameters
    ----------
    order : int
        6 dB per octave each.
    corner_hz, sample_rate : float
        Hz; the corner lies below half the rate.

    Raises
    ------
    ValueError
        If it does not.

    Notes
    -----
    The poles of the analogue low-pass lie evenly on the left half of the unit circle; ``s -> w/s``
    makes the high-pass of it, the bilinear transform with prewarped corner the digital one.
    """
    if not 0.0 < corner_hz < sample_rate / 2:
        raise ValueError(f"corner_hz is {corner_hz}; it must lie in 0..{sample_rate / 2:g} Hz")
    angles = np.pi * (2 * np.arange(order) + 1 + order) / (2 * order)
    analogue = np.tan(np.pi * corner_hz / sample_rate) / np.exp(1j * angles)
    poles = (1 + analogue) / (1 - analogue)
    if order % 2:
        poles[order // 2] = poles[order // 2].real  # but for rounding it is
    # The lower half is set, not computed: what is not real must have its very conjugate.
    upper = poles[poles.imag > 0]
    real = poles[order // 2 : order // 2 + order % 2]
    sections = with_roots(
        np.ones(order, np.complex128), np.concatenate([upper, upper.conj(), real])
    ).sections.copy()
    highest = sections * np.array([1.0, -1.0, 1.0] * 2)  # z is -1 at half the rate
    sections[:, :3] *= (highest[:, 3:].sum(axis=1) / highest[:, :3].sum(axis=1))[:, None]
    return Cascade(sections)


def _quadratics(roots: C128) -> F64:
    """Return ``[n, 3]`` with each pair of roots made one polynomial in 1/z; a last one may be
    alone."""
    upper = roots[roots.imag > 0]
    real = np.sort(roots[roots.imag == 0].real)
    found = [[1.0, -2 * root.real, abs(root) ** 2] for root in upper]
    found += [[1.0, -(a + b), a * b] for a, b in zip(real[:-1:2], real[1::2], strict=True)]
    if len(real) % 2:
        found.append([1.0, -real[-1], 0.0])
    return np.array(found)
