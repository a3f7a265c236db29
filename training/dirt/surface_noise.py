"""The continuous noises of a shellac side: hiss with swish and grain, rumble, hum. Any thread."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, firwin2, oaconvolve, sosfilt

from training.dirt.degradation import Degradation
from training.dirt.real_damage import HISS_TOP_HZ

F64 = NDArray[np.float64]

SHAPING_TAPS = 1025
TILT_PIVOT_HZ = 500.0
GRAIN_S = 0.003  # how fast the roughness of the hiss changes
RUMBLE_HZ = 40.0


def surface_noise(
    channels: int, n_samples: int, sample_rate: int, reference: float, degradation: Degradation
) -> F64:
    """Return hiss, rumble and hum together, float64 ``[channels, samples]``.

    Parameters
    ----------
    reference : float
        Levels in the degradation are shares of it.
    """
    if n_samples == 0:
        return np.zeros((channels, 0))
    d = degradation
    rng = np.random.default_rng((d.seed, 1))
    noise = d.surface_noise_level * _hiss(rng, channels, n_samples, sample_rate, d)
    noise += d.rumble_level * _rumble(rng, channels, n_samples, sample_rate)
    noise += d.hum_level * _hum(rng, n_samples, sample_rate, d.hum_frequency_hz)
    return np.asarray(reference * noise)


def _hiss(
    rng: np.random.Generator, channels: int, n_samples: int, sample_rate: int, d: Degradation
) -> F64:
    both = rng.standard_normal((1, n_samples))
    own = rng.standard_normal((channels, n_samples))
    share = d.wall_correlation if channels > 1 else 0.0
    white = np.sqrt(share) * both + np.sqrt(1 - share) * own
    shaped = oaconvolve(white, _shaping(sample_rate, d)[None], mode="same", axes=1)
    rough = shaped * _grain(rng, n_samples, sample_rate, d.noise_grain)
    level = np.sqrt(np.mean(rough**2)) or 1.0
    return np.asarray(rough / level * swish(n_samples, sample_rate, d))


def _shaping(sample_rate: int, d: Degradation) -> F64:
    """Flat below the pivot, then a slope in dB per octave up to the end; or a real disc's."""
    nyquist = sample_rate / 2
    frequency = np.linspace(0, nyquist, 257)
    octaves = np.log2(np.maximum(frequency, TILT_PIVOT_HZ) / TILT_PIVOT_HZ)
    gain = 10 ** (d.noise_tilt_db * octaves / 20) / (1 + (frequency / d.noise_high_cut_hz) ** 8)
    if d.hiss_gain_db:  # measured up to its end, which no other cut may hide
        bins = np.linspace(0, HISS_TOP_HZ, len(d.hiss_gain_db))
        gain = 10 ** (np.interp(frequency, bins, d.hiss_gain_db) / 20)
    return np.asarray(firwin2(SHAPING_TAPS, frequency, gain, fs=sample_rate))


def _grain(rng: np.random.Generator, n_samples: int, sample_rate: int, amount: float) -> F64:
    width = max(1, round(GRAIN_S * sample_rate))
    slow = uniform_filter1d(rng.standard_normal(n_samples), width, mode="wrap") * np.sqrt(width)
    return np.asarray(np.exp(amount * slow))


def swish(n_samples: int, sample_rate: int, d: Degradation) -> F64:
    """Swell of the hiss with each revolution, around 1."""
    angle = 2 * np.pi * d.rpm / 60 * np.arange(n_samples) / sample_rate + d.swish_phase
    return np.asarray(1 + d.swish_depth * (0.75 * np.sin(angle) + 0.25 * np.sin(2 * angle + 1)))


def _rumble(rng: np.random.Generator, channels: int, n_samples: int, sample_rate: int) -> F64:
    """Motor noise: mostly vertical, so of opposite sign on the two walls."""
    sos = butter(2, (8.0, RUMBLE_HZ), "bandpass", fs=sample_rate, output="sos")
    wave = sosfilt(sos, rng.standard_normal(n_samples + sample_rate))[sample_rate:]
    wave /= np.sqrt(np.mean(wave**2)) or 1.0
    signs = np.where(np.arange(channels) % 2, -1.0, 1.0)
    return np.asarray(signs[:, None] * wave)


def _hum(rng: np.random.Generator, n_samples: int, sample_rate: int, frequency: float) -> F64:
    t = np.arange(n_samples) / sample_rate
    partials = zip((1, 2, 3, 5), (1.0, 0.5, 0.6, 0.2), rng.uniform(0, 2 * np.pi, 4), strict=True)
    wave = sum(a * np.sin(2 * np.pi * k * frequency * t + phase) for k, a, phase in partials)
    return np.asarray(wave / np.sqrt(0.5 * (1 + 0.25 + 0.36 + 0.04)))
