"""What the pickup leaves of the music in the difference is no damage, not even at an attack."""

import numpy as np
from numpy.typing import NDArray

from model.walls.one_sound import OneSound
from training.dirt.two_walls import WallWear, two_walls

F32 = NDArray[np.float32]
RATE, HOP = 44_100, 1024


def drums(seconds: float) -> F32:
    """Strokes of noise that begin within a sample and ring on, eight a second, some of them loud."""
    rng = np.random.default_rng(12)
    t = np.arange(RATE // 8) / RATE
    strokes = []
    for _ in range(round(8 * seconds)):
        skin = np.sin(2 * np.pi * rng.uniform(90, 400) * t) * np.exp(-18 * t)
        stick = rng.standard_normal(t.size) * np.exp(-rng.uniform(60, 400) * t)
        strokes.append(rng.choice([0.1, 0.3, 1.0]) * (skin + stick))
    sound = np.concatenate(strokes)
    return np.asarray(0.1 * sound / sound.std(), np.float32)


def test_attacks_of_drums_under_quiet_hiss_are_left_alone() -> None:
    quiet = WallWear(hiss_db=-60.0, clicks_per_s=0.0, offset=0.15, gain_db=0.2)
    walls = two_walls(drums(2.0), RATE, quiet, 1).walls.astype(np.float64)
    one = OneSound(RATE, HOP)
    state, verdicts = one.initial_state(), 0
    for start in range(0, walls.shape[1] - HOP + 1, HOP):
        hop, state = one.step(walls[:, start : start + HOP], state)
        verdicts += len(hop.verdicts)
    assert verdicts == 0
