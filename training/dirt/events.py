"""One impulse before it meets a signal, and the draws that all kinds share. Any thread."""

from typing import Literal, NamedTuple

import numpy as np

from training.dirt.parameters import Range

Kind = Literal[
    "crackle", "click", "pop", "thump", "scratch", "smooth", "burst", "real", "resonance", "dulled"
]


class Event(NamedTuple):
    """One impulse before it meets a signal: times in seconds, heights in shares of the peak.

    ``gains`` is the height on each groove wall; ``seed`` settles the fine structure. An event that
    ``replaces`` leaves nothing of the signal below it. A ``real`` one has its ``wave`` with the
    largest sample at +-1, at ``WAVE_RATE``, and its height in multiples of the hiss's RMS.
    ``over_noise_db``, where it is not 0, settles the height in place of ``amplitude``: over what
    is unforeseen in music and hiss around.
    """

    kind: Kind
    time: float
    duration: float
    amplitude: float
    polarity: int
    ring_hz: float
    gains: tuple[float, float]
    seed: int
    replaces: bool = False
    wave: tuple[float, ...] = ()
    over_noise_db: float = 0.0


WAVE_RATE = 44_100  # Hz


def draw(rng: np.random.Generator, limits: Range) -> float:
    """Evenly within the limits."""
    return float(rng.uniform(*limits))


def draw_log(rng: np.random.Generator, limits: Range) -> float:
    """Evenly by ratio; the limits are above 0."""
    return float(np.exp(rng.uniform(np.log(limits.low), np.log(limits.high))))


def draw_height(rng: np.random.Generator, limits: Range, tail: float) -> float:
    """Bounded Pareto: few high, many low, all within the limits."""
    low, high = limits
    if low <= 0 or high <= low:
        return float(rng.uniform(low, high))
    rarest = (low / high) ** tail
    return float(low * (1 - rng.random() * (1 - rarest)) ** (-1 / tail))


def draw_walls(rng: np.random.Generator, correlation: float) -> tuple[float, float]:
    """A lateral scar hits both walls alike, most damage one wall more than the other."""
    if rng.random() < correlation:
        return (1.0, 1.0)
    other = float(rng.uniform(0, 0.6)) * float(rng.choice([-1.0, 1.0]))
    return (1.0, other) if rng.random() < 0.5 else (other, 1.0)
