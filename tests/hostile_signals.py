"""Signals that break restorers, made and seeded; mono float32 at 44.1 kHz."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from training_music import small_music

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
RATE = 44_100
SECONDS = 1.0
N = int(SECONDS * RATE)
TIME = np.arange(N) / RATE


def _rng() -> np.random.Generator:
    return np.random.default_rng(78)


def sine(hz: float, height: float = 1.0) -> F64:
    return np.asarray(height * np.sin(2 * np.pi * hz * TIME))


def clicks(height: float = 0.8) -> F64:
    """One sample every 10 ms."""
    signal = np.zeros(N)
    signal[100::441] = height
    return signal


def single_sample() -> F64:
    signal = np.zeros(N)
    signal[N // 2] = 1.0
    return signal


def applause() -> F64:
    """Two hundred claps a second: bursts of noise through the resonance of cupped hands."""
    rng, signal = _rng(), 1e-4 * _rng().standard_normal(N)
    for _ in range(200):
        start, length = rng.integers(0, N - 1000), rng.integers(200, 900)
        k = np.arange(length)
        clap = np.cos(2 * np.pi * rng.uniform(700, 2500) / RATE * k) * np.exp(-5 * k / length)
        signal[start : start + length] += (
            rng.uniform(0.05, 0.3) * clap * rng.standard_normal(length)
        )
    return np.asarray(0.7 * signal / np.abs(signal).max())


def castanets() -> F64:
    """Two plates of wood, struck eleven times a second: 1 ms of noise, then a short ring."""
    rng, signal = _rng(), 1e-4 * _rng().standard_normal(N)
    k = np.arange(2200)
    for start in range(2000, N - 2200, 4000):
        ring = np.sin(2 * np.pi * 1200 / RATE * k) + 0.7 * np.sin(2 * np.pi * 2650 / RATE * k)
        strike = 0.3 * rng.standard_normal(2200) * np.exp(-k / 40)
        signal[start : start + 2200] += rng.uniform(0.4, 0.8) * np.exp(-k / 250) * (ring + strike)
    return np.asarray(0.9 * signal / np.abs(signal).max())


def harpsichord() -> F64:
    """Eight plucks a second, 25 partials each, all of them beginning at once."""
    rng, signal = _rng(), 1e-4 * _rng().standard_normal(N)
    for onset in np.arange(0.05, SECONDS - 0.1, 0.13):
        since = np.maximum(TIME - onset, 0)
        pitch = 220 * 2 ** (rng.integers(0, 25) / 12)
        for k in range(1, 26):
            loud = abs(np.sin(np.pi * k * 0.13)) / k**0.6
            signal += loud * np.exp(-since * (3 + k / 4)) * np.sin(2 * np.pi * pitch * k * since)
    return np.asarray(0.9 * signal / np.abs(signal).max())


def hum() -> F64:
    """Mains and its harmonics, nothing else."""
    return np.asarray(np.sum([sine(50.0 * k, 0.3 / k) for k in range(1, 20)], axis=0))


def bursts() -> F64:
    """Full-scale noise, on and off four times a second."""
    return np.where(TIME % 0.25 < 0.125, _rng().uniform(-1, 1, N), 0.0)


def steps() -> F64:
    """A new level every 1000 samples, as nothing with a needle could give."""
    return np.repeat(_rng().uniform(-1, 1, N // 1000 + 1), 1000)[:N]


def crackle() -> F64:
    """A thousand single samples a second over faint hiss."""
    rng = _rng()
    signal = 1e-5 * rng.standard_normal(N)
    signal[rng.integers(0, N, 1000)] += rng.uniform(-1, 1, 1000)
    return np.clip(signal, -1, 1)


MADE: dict[str, Callable[[], NDArray[np.floating]]] = {
    "silence": lambda: np.zeros(N),
    "half-scale DC": lambda: np.full(N, 0.5),
    "full-scale DC": lambda: np.full(N, -1.0),
    "full-scale sine, 50 Hz": lambda: sine(50.0),
    "full-scale sine, 997 Hz": lambda: sine(997.0),
    "full-scale sine, 15 kHz": lambda: sine(15_000.0),
    "full-scale square": lambda: np.sign(sine(100.3) + 1e-9),
    "full-scale at half the rate": lambda: np.where(np.arange(N) % 2, 1.0, -1.0),
    "white noise": lambda: _rng().uniform(-1, 1, N),
    "bursts of noise": bursts,
    "a click every 10 ms": clicks,
    "a click every 10 ms in music": lambda: np.clip(clicks() + small_music(SECONDS), -1, 1),
    "one sample": single_sample,
    "one sample on DC": lambda: 0.5 + 0.5 * single_sample(),
    "crackle": crackle,
    "applause": applause,
    "castanets": castanets,
    "harpsichord": harpsichord,
    "clipped music": lambda: np.clip(6 * small_music(SECONDS), -0.5, 0.5),
    "hum": hum,
    "denormal numbers": lambda: 1e-39 * _rng().standard_normal(N),
    "levels in steps": steps,
}


def signals() -> dict[str, F32]:
    """All of them by name."""
    return {name: np.asarray(made(), np.float32) for name, made in MADE.items()}
