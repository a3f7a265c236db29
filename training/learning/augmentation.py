"""Makes few recordings many: other speeds, levels, colours, mixtures. Any thread."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

F32 = NDArray[np.float32]

SPEED = (0.9, 1.1)
PEAK_DB = (-26.0, -1.0)
RAW_LEVEL_DB = (-46.0, -26.0)  # RMS of a flat transfer; the one at hand has -36
MIX_SHARE = 0.25
TILT_DB = 6.0
CLIPPED_PERCENTILE = (80.0, 99.5)  # of the magnitudes: where a clipped recording ends


def draw_speed(rng: np.random.Generator) -> float:
    """Return a speed factor; in steps of one fiftieth, which resample cheaply."""
    return round(float(rng.uniform(*SPEED)) * 50) / 50


def coloured(rng: np.random.Generator, audio: F32, sample_rate: int) -> F32:
    """Tilt the spectrum by up to 6 dB around a random pitch and turn the polarity at random."""
    pivot = float(np.exp(rng.uniform(np.log(300), np.log(3000))))
    gain = 10 ** (rng.uniform(-TILT_DB, TILT_DB) / 20)
    sign = float(rng.choice((-1.0, 1.0)))
    shelved = np.asarray(sosfilt(_shelf(pivot, gain, sample_rate), audio), np.float32)
    return sign * shelved


def mixed(rng: np.random.Generator, audio: F32, other: F32) -> F32:
    """Add another piece at a random, lower level."""
    level = float(np.std(audio) / (np.std(other) + 1e-9) * 10 ** (-rng.uniform(3, 15) / 20))
    return audio + min(level, 30.0) * other


def clipped(rng: np.random.Generator, audio: F32) -> F32:
    """Cut the peaks off, as a recording does that was too loud: its edges are no clicks."""
    most = float(np.percentile(np.abs(audio), rng.uniform(*CLIPPED_PERCENTILE)))
    return np.clip(audio, -most, most)


def draw_peak(rng: np.random.Generator) -> float:
    """Return the peak that a chunk shall have, full scale 1."""
    return float(10 ** (rng.uniform(*PEAK_DB) / 20))


def draw_raw_level(rng: np.random.Generator) -> float:
    """Return the RMS of a chunk that stands for a raw flat transfer, full scale 1."""
    return float(10 ** (rng.uniform(*RAW_LEVEL_DB) / 20))


def _shelf(pivot: float, gain: float, sample_rate: int) -> NDArray[np.float64]:
    """First-order high shelf of the given gain, unity in the bass (bilinear transform)."""
    k = np.tan(np.pi * min(pivot, 0.4 * sample_rate) / sample_rate)
    b0, b1 = k + gain, k - gain
    a0, a1 = k + 1, k - 1
    return np.array([[b0 / a0, b1 / a0, 0.0, 1.0, a1 / a0, 0.0]])
