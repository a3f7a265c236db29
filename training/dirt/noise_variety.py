"""Surface noise of any colour, texture and unrest, and the sharp end of a transfer's band.

The generator's hiss is one family; real discs differ more than any parameter set foresees. A
restorer that only knows smooth hiss takes crackle, swelling noise and digitally empty highs for
music. Any thread.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.signal import butter, firwin, firwin2, oaconvolve, sosfilt

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LOWEST_HZ = 150.0  # below is rumble, another filter's business
KNOTS_HZ = np.geomspace(LOWEST_HZ, 20_000, 8)
TILT_DB = (-8.0, 2.0)  # per octave
WAVINESS_DB = 4.0  # from one knot to the next, beside the tilt
COLOUR_TAPS = 1025
CRACKLES_PER_S = (20.0, 10_000.0)  # from single ticks to frying
CRACKLE_OVER_HISS_DB = (-20.0, 8.0)
RING_HZ, RING_WIDTH = (600.0, 9000.0), (0.3, 1.2)  # centre; band width as a share of it
UNREST = 0.6  # standard deviation of the level's logarithm, at most
UNREST_HZ = (1.0, 40.0)
BAND_END_HZ = (3500.0, 20_000.0)
BAND_TAPS = 511


def drawn_noise(rng: np.random.Generator, n_samples: int, sample_rate: int) -> F64:
    """Return ``[samples]`` of one record's noise with an RMS of 1: hiss and crackle, restless.

    Everything about it is drawn: the share, density and ringing of the crackle, the colour as a
    random walk over pitch, and how its level swells.
    """
    hiss = rng.standard_normal(n_samples)
    share = 10 ** (rng.uniform(*CRACKLE_OVER_HISS_DB) / 20)
    noise = hiss + share * _unit(_crackle(rng, n_samples, sample_rate))
    noise *= _unrest(rng, n_samples, sample_rate)
    noise = oaconvolve(noise, _colour(rng, sample_rate), mode="same")
    low = butter(4, LOWEST_HZ, "highpass", fs=sample_rate, output="sos")
    return _unit(sosfilt(low, noise))


def draw_band_end(rng: np.random.Generator, sample_rate: int) -> F64:
    """Return the taps of a linear-phase low-pass: where a digital transfer's band ends."""
    end = min(float(np.exp(rng.uniform(*np.log(BAND_END_HZ)))), 0.47 * sample_rate)
    return np.asarray(firwin(BAND_TAPS, end, fs=sample_rate, window=("kaiser", 8.0)))


def band_limited(audio: F32, taps: F64) -> F32:
    """Filter ``[samples]`` without delay."""
    return np.asarray(oaconvolve(audio, taps, mode="same"), np.float32)


def _crackle(rng: np.random.Generator, n_samples: int, sample_rate: int) -> F64:
    """Spikes of heavy-tailed heights at random places, ringing."""
    density = np.exp(rng.uniform(*np.log(CRACKLES_PER_S))) / sample_rate
    spikes = rng.standard_normal(n_samples) * np.exp(0.8 * rng.standard_normal(n_samples))
    spikes *= rng.random(n_samples) < density
    centre = np.exp(rng.uniform(*np.log(RING_HZ)))
    half = centre * rng.uniform(*RING_WIDTH) / 2
    edges = (max(100.0, centre - half), min(0.45 * sample_rate, centre + half))
    return np.asarray(sosfilt(butter(1, edges, "bandpass", fs=sample_rate, output="sos"), spikes))


def _unrest(rng: np.random.Generator, n_samples: int, sample_rate: int) -> F64:
    """A factor around 1 that wanders at a random pace."""
    pace = float(np.exp(rng.uniform(*np.log(UNREST_HZ))))
    count = max(2, int(n_samples / sample_rate * 2 * pace) + 2)
    points = UNREST * rng.random() * rng.standard_normal(count)
    return np.asarray(np.exp(np.interp(np.arange(n_samples), _spread(count, n_samples), points)))


def _spread(count: int, n_samples: int) -> F64:
    return np.linspace(0, n_samples, count)


def _colour(rng: np.random.Generator, sample_rate: int) -> F64:
    tilt = rng.uniform(*TILT_DB) * np.log2(KNOTS_HZ / KNOTS_HZ[0])
    waves = np.cumsum(rng.normal(0, WAVINESS_DB, len(KNOTS_HZ)))
    level = PchipInterpolator(np.log(KNOTS_HZ), tilt + waves)
    frequency = np.linspace(0, sample_rate / 2, 513)
    gain_db = level(np.log(np.clip(frequency, KNOTS_HZ[0], KNOTS_HZ[-1])))
    return np.asarray(firwin2(COLOUR_TAPS, frequency, 10 ** (gain_db / 20), fs=sample_rate))


def _unit(wave: F64) -> F64:
    return np.asarray(wave / (np.sqrt(np.mean(wave**2)) or 1.0))
