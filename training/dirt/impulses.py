"""Renders drawn impulses into a signal and says exactly where they are. Any thread."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, resample_poly, sosfilt

from training.dirt.degradation import Degradation
from training.dirt.events import WAVE_RATE, Event, Kind
from training.signals.audio_files import FINEST_RATIO
from training.signals.innovation import Innovation

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LOCAL_S = 0.05  # window of the level that an impulse may follow
ROUGHNESS = (0.1, 2.5)  # of the torn part against the ringing
TEARING = (3.0, 9.0)  # how fast it dies within the length
SPLINTERS = (0.02, 0.4)  # samples of a burst that hold one
SPLINTER_S = (0.00005, 0.001)  # how fast one rings out
ATTACK_SHARE = 0.15  # of a long impulse's length
RINGS_OUT = (3.0, 8.0)  # how far, in nepers, a resonance dies within its length
LOUDEST = 2.5  # times the programme's peak, for what is measured against the noise
RUBBLE = (0.05, 0.7)  # of the level of what was lost


class PlacedImpulse(NamedTuple):
    """One impulse as it lies in a signal; ``peak`` is signed, full scale is +-1."""

    kind: Kind
    start: int
    length: int
    peak: float
    gains: tuple[float, float]


def render_impulses(
    programme: F64, noise: F64, sample_rate: int, reference: float, degradation: Degradation
) -> tuple[F64, tuple[PlacedImpulse, ...]]:
    """Return the impulses alone, float64 ``[channels, samples]``, and where each one lies.

    Parameters
    ----------
    programme : float64 [channels, samples]
        The music, for the level that the impulses follow.
    noise : float64 [channels, samples]
        What lies under the impulses beside it; where an impulse replaces, that is lost as well.
    reference : float
        The height of an impulse of amplitude 1; of real ones it is the level of the hiss.
    """
    channels, n_samples = programme.shape
    layer = np.zeros((channels, n_samples))
    follow = _local_gain(programme, sample_rate, degradation.level_following)
    placed = []
    hiss = degradation.surface_noise_level * reference
    measured = any(event.over_noise_db for event in degradation.events)
    innovation = Innovation((programme + noise).mean(axis=0)) if measured and n_samples else None
    loudest = LOUDEST * reference
    for event in degradation.events:
        start = round(event.time * sample_rate)
        if start >= n_samples:
            continue
        shape = impulse_shape(event, sample_rate)[: n_samples - start]
        height = event.amplitude * reference * follow[start] * event.polarity
        if innovation and event.over_noise_db:
            height = event.polarity * min(_over_noise(event, innovation, shape, start), loudest)
        elif event.kind == "real":
            height = event.amplitude * hiss * event.polarity
        gains = event.gains if channels > 1 else (1.0, 1.0)
        place = slice(start, start + len(shape))
        for channel in range(channels):
            share = gains[min(channel, 1)]
            layer[channel, place] += share * height * shape
            if event.replaces:
                # A wall that is hardly hit loses hardly anything.
                under = programme[channel, place] + noise[channel, place]
                layer[channel, place] -= min(1.0, abs(share)) * (under - _rubble(event, under))
        placed.append(PlacedImpulse(event.kind, start, len(shape), float(height), gains))
    return layer, tuple(placed)


def impulse_shape(event: Event, sample_rate: int) -> F64:
    """Return one impulse with its largest sample at +1; it begins and ends within its length."""
    if event.kind == "real":
        wave = np.array(event.wave)
        return wave if sample_rate == WAVE_RATE else _at_rate(wave, sample_rate)
    length = max(1, round(event.duration * sample_rate))
    if length < 3:
        return np.array([1.0, -0.4])[:length]
    if event.kind in ("pop", "thump"):
        shape = _long_shape(event, length, sample_rate)
    elif event.kind == "smooth":
        shape = _smooth_shape(event, length, sample_rate)
    elif event.kind == "dulled":
        shape = _dulled_shape(event, length, sample_rate)
    elif event.kind == "resonance":
        shape = _resonance_shape(event, length, sample_rate)
    elif event.kind == "burst":
        shape = _burst_shape(event, length, sample_rate)
    else:
        shape = _short_shape(event, length, sample_rate)
    return np.asarray(shape / shape[np.argmax(np.abs(shape))])


def _short_shape(event: Event, length: int, sample_rate: int) -> F64:
    """A sharp front, a few torn samples, and the stylus ringing after them."""
    rng = np.random.default_rng(event.seed)
    n = np.arange(length)
    decay = np.exp(-3.5 * n / length)
    torn = rng.standard_normal(length) * np.exp(-rng.uniform(*TEARING) * n / length)
    frequency = min(event.ring_hz, 0.45 * sample_rate)
    ringing = np.cos(2 * np.pi * frequency / sample_rate * n + rng.uniform(-0.6, 0.6))
    roughness = np.exp(rng.uniform(*np.log(ROUGHNESS)))
    return np.asarray(decay * ringing + roughness * torn)


def _long_shape(event: Event, length: int, sample_rate: int) -> F64:
    """A soft front and a low, dying swing; a pop also carries a sharp edge."""
    rng = np.random.default_rng(event.seed)
    n = np.arange(length)
    attack = max(1, round(ATTACK_SHARE * length))
    envelope = np.minimum(1, (n + 1) / attack) * np.cos(0.5 * np.pi * n / length) ** 2
    swing = np.sin(2 * np.pi * event.ring_hz / sample_rate * n + rng.uniform(0.2, 1.2))
    edge = rng.standard_normal(length) * np.exp(-n / (0.0002 * sample_rate))
    sharpness = 0.5 if event.kind == "pop" else 0.0
    return np.asarray(envelope * np.exp(-2.0 * n / length) * swing + sharpness * edge)


def _smooth_shape(event: Event, length: int, sample_rate: int) -> F64:
    """A swelling and dying swing without an edge: all within the music's band."""
    rng = np.random.default_rng(event.seed)
    n = np.arange(length)
    window = np.sin(np.pi * (n + 0.5) / length) ** 2
    swing = np.cos(2 * np.pi * event.ring_hz / sample_rate * (n - length / 2) + rng.uniform(0, 1.5))
    return np.asarray(window * swing)


def _burst_shape(event: Event, length: int, sample_rate: int) -> F64:
    """A scratch that the stylus rattles through: splinters ever smaller, ringing together."""
    rng = np.random.default_rng(event.seed)
    n = np.arange(length)
    spikes = rng.standard_normal(length) * (rng.random(length) < rng.uniform(*SPLINTERS))
    spikes[0] = 2.0
    ring_s = np.exp(rng.uniform(*np.log(SPLINTER_S)))
    tail = np.exp(-np.arange(round(6 * ring_s * sample_rate) + 1) / (ring_s * sample_rate))
    if event.ring_hz:
        tail *= np.cos(2 * np.pi * event.ring_hz / sample_rate * np.arange(len(tail)))
    fading = np.exp(-rng.uniform(3.0, 6.0) * n / length)
    return np.asarray(np.convolve(spikes * fading, tail)[:length])


def _resonance_shape(event: Event, length: int, sample_rate: int) -> F64:
    """The pickup or the groove rings after a blow."""
    rng = np.random.default_rng(event.seed)
    n = np.arange(length)
    frequency = min(event.ring_hz, 0.45 * sample_rate)
    rise = np.minimum(1, (n + 1) / rng.integers(1, 5))
    swing = np.sin(2 * np.pi * frequency / sample_rate * n + rng.uniform(0, np.pi))
    return np.asarray(rise * np.exp(-rng.uniform(*RINGS_OUT) * n / length) * swing + 1e-9)


def _dulled_shape(event: Event, length: int, sample_rate: int) -> F64:
    """A torn click that some filter has robbed of its edge."""
    rng = np.random.default_rng(event.seed)
    sos = butter(3, min(event.ring_hz, 0.4 * sample_rate), fs=sample_rate, output="sos")
    torn = np.zeros(2 * length)
    torn[:length] = rng.standard_normal(length) * np.exp(-4 * np.arange(length) / length)
    return np.asarray(sosfilt(sos, torn) * np.hanning(4 * length)[2 * length :])


def _over_noise(event: Event, innovation: Innovation, shape: F64, start: int) -> float:
    """The height at which an impulse stands so far above what is unforeseen around it."""
    unforeseen = innovation.sigma[start] / max(innovation.peak_of(shape, start), 1e-9)
    return float(unforeseen * 10 ** (event.over_noise_db / 20))


def _rubble(event: Event, under: F64) -> F64:
    """What the stylus reads where the groove is gone: rough, never silent."""
    rng = np.random.default_rng((event.seed, 1))
    level = np.sqrt(np.mean(under**2)) * np.exp(rng.uniform(*np.log(RUBBLE)))
    white = rng.standard_normal(len(under) + 1)
    return np.asarray(level * (white[1:] + rng.uniform(0, 0.9) * white[:-1]))


def _at_rate(wave: F64, sample_rate: int) -> F64:
    """A real click at another rate; its largest sample may come out a little lower."""
    ratio = Fraction(sample_rate, WAVE_RATE).limit_denominator(FINEST_RATIO)
    margin = 16
    padded = resample_poly(np.pad(wave, margin), ratio.numerator, ratio.denominator)
    first = round(margin * ratio)
    return np.asarray(padded[first : first + max(1, round(len(wave) * ratio))])


def _local_gain(programme: F64, sample_rate: int, following: float) -> F64:
    """How much higher or lower than usual an impulse stands, from the level around it."""
    n_samples = programme.shape[1]
    power = np.mean(programme**2, axis=0)
    usual = np.sqrt(np.mean(power)) if n_samples else 0.0
    if following == 0 or usual == 0:
        return np.ones(n_samples)
    local = uniform_filter1d(power, max(1, round(LOCAL_S * sample_rate)), mode="nearest")
    ratio = np.sqrt(np.maximum(local, 0)) / usual
    return np.asarray(np.clip(ratio, 0.1, 4.0) ** following)
