"""Two people who talk at once, made from pulses and noise: a glottis, a mouth, consonants.

No words, but what a declicker may take for clicks: pulses that repeat with the pitch, plosives that
burst out of silence, hisses. Any thread.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

F64 = NDArray[np.float64]

VOWELS_HZ = (  # of the first four resonances of a mouth
    (730, 1090, 2440, 3400),
    (270, 2290, 3010, 3700),
    (300, 870, 2240, 3300),
    (530, 1840, 2480, 3500),
    (570, 840, 2410, 3300),
)
WIDTHS_HZ = (70, 100, 140, 220)
SYLLABLE_S = (0.14, 0.3)
PAUSE_S = (0.1, 0.35)
PHRASE = (3, 8)  # syllables
CLOSURE_S = 0.05  # of the lips, before they burst open
JITTER, SHIMMER = 0.01, 0.05  # from one pulse to the next
OPEN_SHARE = 0.6  # of a period: the glottis lets air through


class Voice(NamedTuple):
    """Pitch in Hz, the length of the mouth against the usual, loudness."""

    pitch_hz: float
    mouth: float
    level: float


SPEAKERS = (Voice(112, 1.0, 1.0), Voice(205, 1.16, 0.7))


def two_voices(sample_rate: int, seconds: float) -> F64:
    """Return mono ``[samples]`` of two speakers, peak near 1."""
    n = round(seconds * sample_rate)
    mix = np.zeros(n)
    for seed, voice in enumerate(SPEAKERS):
        mix += voice.level * _speaker(voice, sample_rate, n, np.random.default_rng((78, seed)))
    return np.asarray(mix / np.max(np.abs(mix)))


def _speaker(voice: Voice, rate: int, n: int, rng: np.random.Generator) -> F64:
    pieces: list[F64] = [np.zeros(round(rng.uniform(*PAUSE_S) * rate))]
    while sum(map(len, pieces)) < n:
        for _ in range(int(rng.integers(*PHRASE))):
            pieces.append(_consonant(rate, rng))
            pieces.append(_vowel(voice, rate, rng))
        pieces.append(np.zeros(round(rng.uniform(*PAUSE_S) * rate)))
    return np.concatenate(pieces)[:n]


def _vowel(voice: Voice, rate: int, rng: np.random.Generator) -> F64:
    n = round(rng.uniform(*SYLLABLE_S) * rate)
    glide = np.linspace(rng.uniform(0.95, 1.2), rng.uniform(0.8, 1.05), n)
    source = _glottis(voice.pitch_hz * glide, rate, rng)
    source += 0.01 * rng.standard_normal(n)
    mouth = VOWELS_HZ[int(rng.integers(len(VOWELS_HZ)))]
    sound = _resonances(source, [voice.mouth * hz for hz in mouth], rate)
    edge = round(0.02 * rate)
    swell = np.minimum(1, np.minimum(np.arange(n), np.arange(n)[::-1]) / edge)
    return np.asarray(swell * sound / (np.sqrt(np.mean(sound**2)) + 1e-9))


def _glottis(pitch: F64, rate: int, rng: np.random.Generator) -> F64:
    """The flow's derivative: a slow rise, and the sharp closure once a period."""
    flow = np.zeros(len(pitch))
    start = 0
    while start < len(pitch):
        period = max(8, round(rate / pitch[start] * (1 + JITTER * rng.standard_normal())))
        n_open = round(OPEN_SHARE * period)
        phase = np.arange(n_open) / n_open
        pulse = (1 + SHIMMER * rng.standard_normal()) * phase**2 * (1 - phase) * 6.75
        end = min(len(flow), start + n_open)
        flow[start:end] = pulse[: end - start]
        start += period
    return np.diff(flow, prepend=0.0)


def _consonant(rate: int, rng: np.random.Generator) -> F64:
    if rng.random() < 0.6:
        return _plosive(rate, rng)
    n = round(rng.uniform(0.06, 0.14) * rate)
    low = rng.uniform(2500, 5000)
    sos = butter(2, (low, min(2.2 * low, 0.45 * rate)), "bandpass", fs=rate, output="sos")
    hiss = sosfilt(sos, rng.standard_normal(n)) * np.hanning(n)
    return np.asarray(0.25 * hiss / (np.sqrt(np.mean(hiss**2)) + 1e-9))


def _plosive(rate: int, rng: np.random.Generator) -> F64:
    n = round(rng.uniform(0.015, 0.04) * rate)
    burst = rng.standard_normal(n) * np.exp(-np.arange(n) / (0.004 * rate))
    sos = butter(1, (rng.uniform(400, 1500), 6000), "bandpass", fs=rate, output="sos")
    sound = sosfilt(sos, burst)
    closed = np.zeros(round(CLOSURE_S * rate))
    return np.concatenate([closed, rng.uniform(0.8, 2.5) * sound / np.max(np.abs(sound))])


def _resonances(source: F64, centres: list[float], rate: int) -> F64:
    sound = source
    for centre, width in zip(centres, WIDTHS_HZ, strict=True):
        radius = np.exp(-np.pi * width / rate)
        poles = np.array([1, -2 * radius * np.cos(2 * np.pi * centre / rate), radius**2])
        sound = np.asarray(lfilter([poles.sum()], poles, sound))
    return sound
