"""The walls of the groove: mixed, brought together, and the better one chosen, on made walls."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from model.groove.groove import WallMix, groove_processors
from model.groove.processors import Row
from model.walls.best_wall import BestWall
from model.walls.wall_alignment import HALF, WallAlignment, estimated_alignment

F64 = NDArray[np.float64]
RATE = 44_100
HOP = 1024


def music(seconds: float, seed: int = 78, top_hz: float = 6000.0, rate: int = RATE) -> F64:
    """Noise as wide as the music of a 78, RMS 0.1."""
    n = int(seconds * rate)
    white = np.random.default_rng(seed).standard_normal(n)
    band = signal.butter(4, [100, top_hz], "bandpass", fs=rate, output="sos")
    filtered: F64 = signal.sosfilt(band, white)
    return filtered * (0.1 / float(filtered.std()))


def moved(sound: F64, samples: float) -> F64:
    """The same sound later by any fraction of a sample, exact but for its ends."""
    turns = np.fft.rfftfreq(len(sound))
    shifted: F64 = np.fft.irfft(np.fft.rfft(sound) * np.exp(-2j * np.pi * turns * samples))
    return shifted


def passed(row: Row, walls: F64) -> F64:
    """Everything that comes out for whole hops of walls, float64 ``[2, n]``."""
    state, parts = row.initial_state(2), []
    for start in range(0, walls.shape[1] - HOP + 1, HOP):
        part, state = row.step(walls[:, start : start + HOP], state)
        parts.append(part)
    return np.concatenate(parts, axis=1)


def test_one_wall_is_heard_alone() -> None:
    walls = np.stack([music(0.2, 1), music(0.2, 2)])
    for number, groove in enumerate(("left", "right")):
        out, _ = WallMix(groove).step(walls, None)
        np.testing.assert_array_equal(out, np.stack([walls[number]] * 2))


@pytest.mark.parametrize("groove", ["stereo", "lateral", "vertical"])
def test_walls_that_are_not_mixed_and_need_no_correction_need_no_processor(groove: str) -> None:
    assert groove_processors(groove, 0.0, 0.0, RATE) == []


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("late_by", [0.37, 4.0, -2.63, 11.5])
def test_skewed_walls_are_estimated_and_aligned_to_a_tenth_of_a_sample(
    late_by: float, rate: int
) -> None:
    sound = music(4.0, rate=rate)
    rng = np.random.default_rng(5)
    walls = np.stack([sound, 0.8 * moved(sound, late_by)])
    walls += 0.02 * rng.standard_normal(walls.shape)  # each wall has a surface of its own
    walls[rng.integers(0, 2, 60), rng.integers(0, walls.shape[1], 60)] += 0.8  # and its clicks
    found = estimated_alignment(walls, rate)
    assert found.offset_us * 1e-6 * rate == pytest.approx(late_by, abs=0.1)
    assert found.balance_db == pytest.approx(20 * np.log10(1 / 0.8), abs=0.2)
    assert found.correlation > 0.9
    alignment = WallAlignment(rate, found.offset_us, found.balance_db)
    aligned = passed(Row([alignment]), walls)
    left_over = estimated_alignment(aligned[:, HOP:], rate)
    assert left_over.offset_us * 1e-6 * rate == pytest.approx(0.0, abs=0.1)
    assert left_over.balance_db == pytest.approx(0.0, abs=0.2)


def test_vertical_record_is_told_by_its_correlation() -> None:
    sound = music(3.0)
    found = estimated_alignment(np.stack([sound, -moved(sound, 1.5)]), RATE)
    assert found.correlation < -0.9
    assert found.offset_us * 1e-6 * RATE == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("offset", [0.4, -3.27, 20.0])
def test_fractional_delay_is_exact_and_the_late_wall_stays_as_it_was(offset: float) -> None:
    sound = music(0.6, top_hz=16_000)
    alignment = WallAlignment(RATE, offset / RATE * 1e6, 0.0)
    out = passed(Row([alignment]), np.stack([sound, sound]))
    n = out.shape[1]
    late, early = (1, 0) if offset > 0 else (0, 1)
    np.testing.assert_array_equal(out[late, HALF:], sound[: n - HALF])
    wanted = moved(sound, HALF + abs(offset))[:n]
    np.testing.assert_allclose(out[early, 500:], wanted[500:], atol=1e-4)


def test_silent_or_short_walls_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="silent"):
        estimated_alignment(np.zeros((2, 20_000)), RATE)
    with pytest.raises(ValueError, match="must be"):
        estimated_alignment(np.zeros((2, 100)), RATE)


def worn_walls(seconds: float = 2.0) -> tuple[F64, F64]:
    """A sound, and both walls of it with clicks at different places."""
    sound = music(seconds)
    walls = np.stack([sound, sound])
    rng = np.random.default_rng(9)
    starts = np.arange(3000, len(sound) - 3000, 2000)
    for number, start in enumerate(starts):
        length = int(rng.integers(8, 90))
        walls[number % 2, start : start + length] += rng.choice([-0.6, 0.6])
    return sound, walls


def test_best_wall_takes_the_one_without_the_click() -> None:
    sound, walls = worn_walls()
    best = BestWall(RATE)
    out = passed(Row([best]), walls)
    n = out.shape[1] - best.latency
    np.testing.assert_allclose(out[0, best.latency :], sound[:n], atol=1e-12)
    np.testing.assert_array_equal(out[0], out[1])


def test_best_wall_of_a_vertical_record_keeps_its_phase() -> None:
    sound, walls = worn_walls()
    best = BestWall(RATE, -1)
    out = passed(Row([best]), walls * np.array([[1.0], [-1.0]]))
    n = out.shape[1] - best.latency
    np.testing.assert_allclose(out[0, best.latency :], sound[:n], atol=1e-12)


def test_best_wall_changes_without_a_sound() -> None:
    """Two walls of different level: what is left of a change may not be sharper than the music."""
    sound, walls = worn_walls()
    walls[1] *= 0.89  # 1 dB
    best = BestWall(RATE)
    out = passed(Row([best]), walls)[0, best.latency :]
    gain = out / np.where(np.abs(sound[: len(out)]) > 0.02, sound[: len(out)], np.nan)
    assert np.nanmin(gain) == pytest.approx(0.89, abs=1e-6)
    assert np.nanmax(gain) == pytest.approx(1.0, abs=1e-6)
    steps = np.abs(np.diff(gain))
    assert np.nanmax(steps) < 0.11 / best.latency * 2.5  # a Hann slope is twice the straight one


def test_best_wall_prefers_the_less_worn_one_in_the_long_run() -> None:
    sound = music(3.0, top_hz=3000)
    rng = np.random.default_rng(4)
    hiss = rng.standard_normal((2, len(sound))) * np.array([[0.01], [0.003]])
    best = BestWall(RATE)
    out = passed(Row([best]), sound + hiss)[0, best.latency :]
    second_half = slice(len(out) // 2, len(out))
    rest = out[second_half] - sound[: len(out)][second_half]
    assert rest.std() < 0.0035


def test_best_wall_at_a_high_rate_looks_ahead_as_long() -> None:
    assert BestWall(96_000).latency / 96_000 == pytest.approx(BestWall(48_000).latency / 48_000)
