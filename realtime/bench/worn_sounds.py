"""Sounds that ask for much of the restoration, or for nothing: made, but for the bundled record."""

from collections.abc import Callable

import numpy as np
import soundfile
from numpy.typing import NDArray

from realtime.devices.input_names import DEMO_RECORD

F32 = NDArray[np.float32]

RATE = 44_100


def clean(seconds: float) -> F32:
    """Chords of a narrow record with a little hiss, float32 ``[2, n]``: nothing to find."""
    rng = np.random.default_rng(78)
    t = np.arange(int(seconds * RATE)) / RATE
    chord = np.zeros((2, len(t)))
    for hz in 110.0 * 2.0 ** (rng.integers(0, 40, 12) / 12):
        swell = 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.2, 2.0) * t + rng.uniform(0, 6))
        sides = rng.uniform(0.3, 1.0, 2)
        for partial in range(1, 6):
            if hz * partial < 5_000:
                wave = np.sin(2 * np.pi * hz * partial * t + rng.uniform(0, 6)) / partial
                chord += 0.02 * sides[:, None] * swell * wave
    return np.asarray(chord + 5e-4 * rng.standard_normal(chord.shape), np.float32)


def raw_disc(seconds: float) -> F32:
    """The same, faint under the hiss of a disc, with 50 clicks a second on each wall."""
    return _damaged(0.5 * clean(seconds), hiss=6e-3, per_s=50, height=0.15, longest=40)


def dense_crackle(seconds: float) -> F32:
    """The same under 1500 ticks a second on each wall."""
    return _damaged(clean(seconds), hiss=3e-3, per_s=1500, height=0.03, longest=12)


def lateral(seconds: float) -> F32:
    """One groove on both walls under hiss of their own, with 20 clicks a second on each."""
    return _damaged(_one_groove(seconds), hiss=2e-3, per_s=20, height=0.15, longest=40)


def lateral_clean(seconds: float) -> F32:
    """The same without clicks."""
    return _damaged(_one_groove(seconds), hiss=2e-3, per_s=0, height=0.0, longest=40)


def demo(seconds: float) -> F32:
    """The beginning of the bundled record."""
    return np.ascontiguousarray(
        soundfile.read(DEMO_RECORD, int(seconds * RATE), dtype="float32", always_2d=True)[0].T
    )


def full_scale_square(seconds: float) -> F32:
    """A square wave between both ends of the scale, 441 and 490 Hz: every edge is a step."""
    t = np.arange(int(seconds * RATE))
    return np.stack([np.where(t % n < n // 2, 1.0, -1.0) for n in (100, 90)]).astype(np.float32)


def white_noise(seconds: float) -> F32:
    """Noise that fills the scale, each wall's its own: nothing can be predicted."""
    rng = np.random.default_rng(80)
    return rng.uniform(-1.0, 1.0, (2, int(seconds * RATE))).astype(np.float32)


def applause(seconds: float) -> F32:
    """A full hall: 300 claps a second, near and far, each a burst of noise that dies within ms."""
    rng = np.random.default_rng(81)
    n, length = int(seconds * RATE), 1200
    hall = np.zeros((2, n + length))
    for onset in rng.integers(0, n, round(300 * seconds)):
        decay = np.exp(-np.arange(length) / rng.uniform(60, 300))
        clap = rng.lognormal(0.0, 0.7) * decay * rng.standard_normal(length)
        hall[:, onset : onset + length] += rng.uniform(0.3, 1.0, (2, 1)) * clap
    return np.asarray(hall[:, :n] / np.abs(hall).max(), np.float32)


SOUNDS: dict[str, Callable[[float], F32]] = {
    "clean": clean,
    "demo record": demo,
    "raw disc": raw_disc,
    "dense crackle": dense_crackle,
}
# Records of one groove, of which both walls are made one sound.
ONE_GROOVE: dict[str, Callable[[float], F32]] = {
    "lateral, clean": lateral_clean,
    "lateral, worn": lateral,
}

# No records: what there is most to do about. On time is what stays below one hop.
HARDEST: dict[str, Callable[[float], F32]] = {
    "square wave": full_scale_square,
    "white noise": white_noise,
    "applause": applause,
}


def _one_groove(seconds: float) -> F32:
    music = clean(seconds).mean(axis=0)
    return np.stack([music, music])


def _damaged(music: F32, hiss: float, per_s: int, height: float, longest: int) -> F32:
    rng = np.random.default_rng(79)
    worn = music + hiss * rng.standard_normal(music.shape)
    n = music.shape[1]
    for wall in worn:
        for onset in rng.integers(0, n - longest, rng.poisson(per_s * n / RATE)):
            length = int(rng.integers(2, longest))
            decay = np.exp(-3.0 * np.arange(length) / length)
            size = height * rng.lognormal(0.0, 0.8)
            wall[onset : onset + length] += size * decay * rng.standard_normal(length)
    return np.asarray(np.clip(worn, -1.0, 1.0), np.float32)
