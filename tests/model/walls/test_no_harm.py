"""What the pickup leaves of the music in the difference is no damage, not even at an attack."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.walls.one_sound import OneSound
from model.walls.wall_follower import WallFollower
from training.dirt.two_walls import WallWear, two_walls

F32 = NDArray[np.float32]
RATE, HOP = 44_100, 1024


def drums(seconds: float) -> F32:
    """Strokes of noise that begin within a sample and ring on, eight a second."""
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


@pytest.mark.parametrize("worn_db", [10.0, -6.0])
def test_hiss_that_is_louder_on_one_wall_does_not_pass_for_its_balance(worn_db: float) -> None:
    # Between the strokes both walls hold nothing but hiss, much of it the same on both.
    wear = WallWear(hiss_db=-15.0, clicks_per_s=0.0, offset=0.0, gain_db=0.0, worn_db=worn_db)
    walls = two_walls(drums(3.0), RATE, wear, 3).walls.astype(np.float64)
    follower = WallFollower(RATE, 2 * HOP)
    state = follower.initial_state()
    balances = []
    for start in range(0, walls.shape[1] - 2 * HOP + 1, 2 * HOP):
        state = follower.step(walls[:, start : start + 2 * HOP], state)
        balances.append(state.balance)
    assert np.abs(balances[len(balances) // 3 :]).max() < 1.0


def voice(seconds: float) -> F32:
    """A single voice with vibrato, a tone every half second, its overtones up to 5 kHz."""
    rng = np.random.default_rng(5)
    n = round(seconds * RATE)
    t = np.arange(n) / RATE
    hz = np.repeat(rng.uniform(300, 700, round(2 * seconds)), RATE // 2)[:n]
    phase = 2 * np.pi * np.cumsum(hz * (1 + 0.01 * np.sin(2 * np.pi * 6 * t))) / RATE
    sound = sum(np.sin(k * phase + k * k) * k**-1.5 for k in range(1, 8)) * (1.2 + np.sin(3 * t))
    return np.asarray(0.1 * sound / np.std(sound), np.float32)


def test_pinch_effect_of_a_single_voice_is_not_taken_for_an_offset() -> None:
    apart = WallWear(hiss_db=-20.0, clicks_per_s=0.0, offset=0.0, gain_db=0.0, pinch_db=-26.0)
    walls = two_walls(voice(6.0), RATE, apart, 3).walls.astype(np.float64)
    one = OneSound(RATE, HOP)
    state, offsets = one.initial_state(), []
    for start in range(0, walls.shape[1] - HOP + 1, HOP):
        _, state = one.step(walls[:, start : start + HOP], state)
        offsets.append(state.moving.stance.offset)
    assert np.abs(offsets).max() < 0.1


@pytest.mark.parametrize("worn_db", [6.0, -9.0])
def test_a_wall_that_hisses_more_counts_less(worn_db: float) -> None:
    wear = WallWear(hiss_db=-20.0, clicks_per_s=0.0, offset=0.0, gain_db=0.0, worn_db=worn_db)
    record = two_walls(voice(6.0), RATE, wear, 3)
    sound, mean = together(record.walls)
    late = slice(3 * RATE, len(sound) - 4096)
    error, before = (s[late] - record.music[late] for s in (sound, mean))
    assert 10 * np.log10(np.mean(before**2) / np.mean(error**2)) > 1.2


def test_walls_that_hiss_alike_count_alike_to_the_bit() -> None:
    wear = WallWear(hiss_db=-20.0, clicks_per_s=0.0, offset=0.0, gain_db=0.0, pinch_db=-np.inf)
    sound, mean = together(two_walls(voice(6.0), RATE, wear, 3).walls)
    np.testing.assert_array_equal(sound, mean)


def together(walls: F32) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sound made of both walls and their plain sum, in the same time, ``[n]`` each."""
    one = OneSound(RATE, HOP)
    state, parts = one.initial_state(), []
    padded = np.pad(walls.astype(np.float64), ((0, 0), (0, one.latency)))
    for start in range(0, padded.shape[1] - HOP + 1, HOP):
        hop, state = one.step(padded[:, start : start + HOP], state)
        parts.append(np.stack([hop.sound, hop.mean]))
    sound, mean = np.concatenate(parts, axis=1)[:, one.latency :]
    return sound, mean
