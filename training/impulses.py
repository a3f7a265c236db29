"""Renders drawn impulses into a signal and says exactly where they are. Any thread."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt

from training.degradation import Degradation, Event, Kind
from training.innovation import Innovation

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LOCAL_S = 0.05  # window of the level that an impulse may follow
ROUGHNESS = (0.1, 2.5)  # of the torn part against the ringing
TEARING = (3.0, 9.0)  # how fast it dies within the length
ATTACK_SHARE = 0.15  # of a long impulse's length
RINGS_OUT = (3.0, 8.0)  # how far, in nepers, a resonance dies within its length
LOBE_SHARE = 0.5  # of smooth clicks are a single lobe, the others are torn and dulled
DULLED_HZ = (3000.0, 8000.0)
SCUFF_HZ = (1500.0, 14_000.0)
LOUDEST = 2.5  # times the programme's peak, for what is measured against the noise
RUBBLE = (0.05, 0.7)  # of the level of what was lost
EDGE = 3  # samples over which the music vanishes where an impulse replaces it


class PlacedImpulse(NamedTuple):
    """One impulse as it lies in a signal; ``peak`` is signed, full scale is +-1."""

    kind: Kind
    start: int
    length: int
    peak: float
    gains: tuple[float, float]


def render_impulses(
    programme: F64, noisy: F64, sample_rate: int, reference: float, degradation: Degradation
) -> tuple[F64, tuple[PlacedImpulse, ...]]:
    """Return the impulses alone, float64 ``[channels, samples]``, and where each one lies.

    Parameters
    ----------
    programme : float64 [channels, samples]
        The music, for the level that the impulses follow.
    noisy : float64 [channels, samples]
        The same with its hiss: what is lost where an impulse replaces it.
    reference : float
        The height of an impulse of amplitude 1.
    """
    channels, n_samples = programme.shape
    layer = np.zeros((channels, n_samples))
    follow = _local_gain(programme, sample_rate, degradation.level_following)
    measured = any(event.over_noise_db for event in degradation.events)
    innovation = Innovation(noisy.mean(axis=0)) if measured and n_samples else None
    lost = np.zeros((channels, n_samples))
    placed = []
    for event in degradation.events:
        start = round(event.time * sample_rate)
        if start >= n_samples:
            continue
        shape = impulse_shape(event, sample_rate)[: n_samples - start]
        height = event.amplitude * reference * follow[start]
        if innovation and event.over_noise_db:
            unforeseen = innovation.sigma[start] / max(innovation.peak_of(shape, start), 1e-9)
            height = min(unforeseen * 10 ** (event.over_noise_db / 20), LOUDEST * reference)
        height *= event.polarity
        gains = event.gains if channels > 1 else (1.0, 1.0)
        for channel in range(channels):
            gain = gains[min(channel, 1)]
            place = slice(start, start + len(shape))
            layer[channel, place] += gain * height * shape
            if event.replaces:
                share = abs(gain) * _vanishing(len(shape))
                lost[channel, place] = np.maximum(lost[channel, place], share)
                layer[channel, place] += share * _rubble(event, noisy[channel, place])
        placed.append(PlacedImpulse(event.kind, start, len(shape), float(height), gains))
    return layer - lost * noisy, tuple(placed)


def impulse_shape(event: Event, sample_rate: int) -> F64:
    """Return one impulse with its largest sample at +1; it begins and ends within its length."""
    length = max(1, round(event.duration * sample_rate))
    if length < 3:
        return np.array([1.0, -0.4])[:length]
    if event.kind in ("pop", "thump"):
        shape = _long_shape(event, length, sample_rate)
    elif event.kind == "resonance":
        shape = _resonance(event, length, sample_rate)
    elif event.kind == "smooth":
        shape = _smooth_shape(event, length, sample_rate)
    elif event.kind == "scuff":
        shape = _scuff(event, length, sample_rate)
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


def _resonance(event: Event, length: int, sample_rate: int) -> F64:
    """The pickup or the groove rings after a blow."""
    rng = np.random.default_rng(event.seed)
    n = np.arange(length)
    frequency = min(event.ring_hz, 0.45 * sample_rate)
    rise = np.minimum(1, (n + 1) / rng.integers(1, 5))
    swing = np.sin(2 * np.pi * frequency / sample_rate * n + rng.uniform(0, np.pi))
    return np.asarray(rise * np.exp(-rng.uniform(*RINGS_OUT) * n / length) * swing + 1e-9)


def _smooth_shape(event: Event, length: int, sample_rate: int) -> F64:
    """A bump without an edge, or a torn click that some filter has dulled."""
    rng = np.random.default_rng(event.seed)
    if rng.random() < LOBE_SHARE:
        return np.asarray(np.hanning(length + 2)[1:-1])
    dulled = min(float(np.exp(rng.uniform(*np.log(DULLED_HZ)))), 0.4 * sample_rate)
    sos = butter(3, dulled, fs=sample_rate, output="sos")
    torn = np.zeros(2 * length)
    torn[:length] = rng.standard_normal(length) * np.exp(-4 * np.arange(length) / length)
    return np.asarray(sosfilt(sos, torn) * np.hanning(4 * length)[2 * length :])


def _scuff(event: Event, length: int, sample_rate: int) -> F64:
    """A scratch along the groove: noise with a sharp front that dies away."""
    rng = np.random.default_rng(event.seed)
    edge = min(float(np.exp(rng.uniform(*np.log(SCUFF_HZ)))), 0.45 * sample_rate)
    sos = butter(1, edge, fs=sample_rate, output="sos")
    rough = np.exp(0.8 * rng.standard_normal(length))
    noise = sosfilt(sos, rough * rng.standard_normal(length))
    return np.asarray(noise * np.exp(-rng.uniform(2.0, 5.0) * np.arange(length) / length))


def _rubble(event: Event, noisy: F64) -> F64:
    """What the stylus reads where the groove is gone: rough, never silent."""
    rng = np.random.default_rng((event.seed, 1))
    level = np.sqrt(np.mean(noisy**2)) * np.exp(rng.uniform(*np.log(RUBBLE)))
    white = rng.standard_normal(len(noisy) + 1)
    return np.asarray(level * (white[1:] + rng.uniform(0, 0.9) * white[:-1]))


def _vanishing(length: int) -> F64:
    """How much of the music is lost, 0 to 1, with short edges."""
    n = np.arange(length)
    return np.minimum(1.0, np.minimum(n + 1, length - n) / EDGE)


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
