"""Playback equalisation of records: an analogue curve as a short causal filter without delay.

``H(s) = (1 + s t2) / ((1 + s t1)(1 + s t3))``, unity at 1 kHz. Runs wherever the chain runs.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from model.groove.iir import Cascade, high_pass, inverted, joined, with_roots
from model.groove.time_constants import RIAA, TimeConstants

F64 = NDArray[np.float64]

REFERENCE_HZ = 1000.0  # every curve has a gain of 1 here
GUARD_HZ, GUARD_ORDER = 10.0, 4  # high-pass of a curve without bass shelf; -0.02 dB at 20 Hz
OPEN_SHELF_HZ = 1.0  # where such a curve stops rising: -0.01 dB at 20 Hz
CORRECTION_ORDER = 6  # of the FIR part that makes up for the sampling
HEARD_HZ = 20_000.0  # beyond, the fit may be ten times as coarse
FIT_POINTS = 800


def playback_filter(constants: TimeConstants, sample_rate: float) -> Cascade | None:
    """Return the filter of a curve; None for a flat one.

    Poles and zeros go to where sampling takes them (matched z), which leaves an error near half
    the sample rate; a short FIR, fitted to the squared gain by weighted least squares and made
    minimum phase, takes it away. Within 0.02 dB of the analogue gain from 20 Hz to 20 kHz or
    0.45 of the rate, but for the subsonic guard of a curve without bass shelf (0.04 dB at 20 Hz).

    Parameters
    ----------
    constants : TimeConstants
    sample_rate : float
        Hz, of the sound as the record's makers heard it.
    """
    return None if constants.is_flat else _designed(constants, sample_rate)


def analogue_gain_db(constants: TimeConstants, frequencies: F64) -> F64:
    """Return the gain of a curve at ``frequencies`` (Hz), dB, 0 at 1 kHz; for a picture of it."""
    if constants.is_flat:
        return np.zeros(len(frequencies))
    gains = np.abs(_analogue(*_corners(constants), np.append(frequencies, REFERENCE_HZ)))
    told: F64 = 20 * np.log10(gains[:-1] / gains[-1])
    return told


def riaa_undo_filter(sample_rate: float) -> Cascade:
    """Return the exact inverse of the RIAA filter, for what a phono stage has done already."""
    return inverted(_designed(RIAA, sample_rate))


@lru_cache(maxsize=64)
def _designed(constants: TimeConstants, sample_rate: float) -> Cascade:
    poles, zeros = _corners(constants)
    z_poles, z_zeros = (np.exp(-2 * np.pi * np.array(hz) / sample_rate) for hz in (poles, zeros))
    frequencies = np.linspace(10.0, 0.495 * sample_rate, FIT_POINTS)
    turns = 2 * np.pi * frequencies / sample_rate
    unit = np.exp(-1j * turns)[:, None]
    matched = np.prod(1 - z_zeros * unit, axis=1) / np.prod(1 - z_poles * unit, axis=1)
    wanted = _analogue(poles, zeros, frequencies)
    ratio = np.abs(matched) ** 2 / np.abs(wanted) ** 2
    ratio /= ratio[0]
    correction = _minimum_phase_roots(_fitted_cosines(turns, ratio, frequencies))
    all_poles = np.concatenate([z_poles, np.zeros(len(z_zeros) + len(correction) - len(z_poles))])
    all_zeros = np.concatenate([z_zeros, correction])
    curve = with_roots(all_zeros, all_poles.astype(np.complex128))
    if constants.turnover_s and not constants.bass_shelf_s:
        # A curve that rises for ever would turn the warp of a record into the loudest sound.
        curve = joined(curve, high_pass(GUARD_ORDER, GUARD_HZ, sample_rate))
    return _normalised(curve, sample_rate)


def _corners(constants: TimeConstants) -> tuple[list[float], list[float]]:
    """Return the corners in Hz where the curve bends down (poles) and where it bends up (zeros)."""
    t1, t2, t3 = constants
    poles = [1 / (2 * np.pi * t3)] if t3 else []
    if not t2:
        return poles, []
    poles.append(1 / (2 * np.pi * t1) if t1 else OPEN_SHELF_HZ)
    return poles, [1 / (2 * np.pi * t2)]


def _analogue(poles: list[float], zeros: list[float], f: F64) -> NDArray[np.complex128]:
    gain = np.ones(len(f), np.complex128)
    for hz in zeros:
        gain *= 1 + 1j * f / hz
    for hz in poles:
        gain /= 1 + 1j * f / hz
    return gain


def _fitted_cosines(turns: F64, ratio: F64, frequencies: F64) -> F64:
    """Return ``b`` with ``sum(b[k] cos(k w)) * ratio`` as near to 1 as it gets."""
    cosines = np.cos(np.outer(turns, np.arange(CORRECTION_ORDER + 1)))
    weights = np.where(frequencies <= HEARD_HZ, 1.0, 0.1)
    fitted: F64 = np.linalg.lstsq(cosines * (ratio * weights)[:, None], weights, rcond=None)[0]
    return fitted


def _minimum_phase_roots(cosines: F64) -> NDArray[np.complex128]:
    """Return the zeros inside the unit circle of the FIR whose squared gain is given."""
    half = cosines[1:] / 2
    roots = np.roots(np.concatenate([half[::-1], cosines[:1], half]))
    return np.asarray(roots[np.abs(roots) < 1.0], np.complex128)


def _normalised(curve: Cascade, sample_rate: float) -> Cascade:
    sections = curve.sections.copy()
    sections[0, :3] /= np.abs(curve.response(np.array([REFERENCE_HZ]), sample_rate)[0])
    return Cascade(sections)
