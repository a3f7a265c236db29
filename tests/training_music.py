"""Small pieces of music for the tests of the workshop: seeded, a few notes, nothing loaded."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

RINGS_S = 5.0  # a note is 174 dB down then, less than float32 knows of
SCALE_HZ = (196.0, 220.0, 261.6, 293.7, 329.6, 392.0, 440.0)


def small_music(seconds: float = 2.0, sample_rate: int = 44100, seed: int = 0) -> F32:
    """Plucked notes with eight partials over a soft chord; mono, peak 0.5."""
    return _made(seconds, sample_rate, seed).copy()


@lru_cache(maxsize=100)
def _made(seconds: float, sample_rate: int, seed: int) -> F32:
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    music = np.zeros(len(t))
    for f in rng.choice(SCALE_HZ, 3) / 2:
        music += 0.05 * np.sin(2 * np.pi * f * t)
    for onset in np.arange(0, seconds, 0.25):
        since = t - onset - 0.02 * rng.random()
        pitch = rng.choice(SCALE_HZ)
        heard = slice(*np.searchsorted(since, (0.0, RINGS_S)))
        since = since[heard]
        attack = np.sin(np.pi / 2 * np.clip(since / 0.012, 0, 1)) ** 2
        envelope = attack * np.exp(-4 * since)
        for k in range(1, 9):
            music[heard] += envelope * np.sin(2 * np.pi * k * pitch * since) / k**1.3
    room = 0.0005 * rng.standard_normal(len(t))  # no hall is silent; an exact sum of sines is
    return np.asarray(0.5 * music / np.max(np.abs(music)) + room, np.float32)
