"""What the disc and the recording horn did to the music: band limits, resonances. Any thread."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, firwin, oaconvolve, sosfilt

from training.dirt.degradation import Degradation

F64 = NDArray[np.float64]

END_TAPS = 511


def apply_disc_response(audio: F64, sample_rate: int, degradation: Degradation) -> F64:
    """Band-limit ``[channels, samples]`` and colour it with the horn's resonances."""
    sections = [_band(sample_rate, degradation)]
    for frequency, gain_db, q in degradation.horns:
        if frequency < 0.45 * sample_rate:
            sections.append(_peak(frequency, gain_db, q, sample_rate))
    shaped = np.asarray(sosfilt(np.concatenate(sections), audio, axis=1))
    if degradation.has_steep_end and degradation.high_cut_hz < 0.45 * sample_rate:
        taps = firwin(END_TAPS, degradation.high_cut_hz, fs=sample_rate, window=("kaiser", 8.0))
        shaped = np.asarray(oaconvolve(shaped, taps[None], mode="same", axes=1))
    return shaped


def _band(sample_rate: int, d: Degradation) -> F64:
    low = butter(2, d.low_cut_hz, "highpass", fs=sample_rate, output="sos")
    if d.high_cut_hz >= 0.45 * sample_rate:
        return np.asarray(low)
    high = butter(5, d.high_cut_hz, "lowpass", fs=sample_rate, output="sos")
    return np.concatenate([low, high])


def _peak(frequency: float, gain_db: float, q: float, sample_rate: int) -> F64:
    """Peaking equaliser (R. Bristow-Johnson, Audio EQ Cookbook)."""
    gain = 10 ** (gain_db / 40)
    omega = 2 * np.pi * frequency / sample_rate
    alpha = np.sin(omega) / (2 * q)
    a0 = 1 + alpha / gain
    b = np.array([1 + alpha * gain, -2 * np.cos(omega), 1 - alpha * gain]) / a0
    a = np.array([a0, -2 * np.cos(omega), 1 - alpha / gain]) / a0
    return np.concatenate([b, a])[None]
