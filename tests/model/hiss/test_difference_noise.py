"""The denoiser is told what the walls do not share: their hiss, at this moment."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_two_walls import music

from model.chain import Chain, ChainOutput
from model.checkpoints import Models, load_models
from model.groove.record import RecordSettings
from model.hiss.difference_noise import DifferenceNoise
from model.settings import Settings
from realtime.restorer.pipeline import StreamRestorer
from training.benchmarks.wall_hiss import restored_walls
from training.dirt.two_walls import TwoWalls, WallWear, two_walls
from training.judging.metrics import segmental_snr_db

F32 = NDArray[np.float32]
RATE = 44_100
LATERAL = RecordSettings(groove="lateral")
DEEP = Settings(declick=False, hiss_reduction_db=24.0)


@lru_cache
def networks() -> Models:
    return load_models()._replace(detector=None)


@pytest.fixture(scope="module")
def swelling() -> TwoWalls:
    wear = WallWear(hiss_db=-15.0, clicks_per_s=0.0, offset=0.0, gain_db=0.0, swish_db=8.0)
    return two_walls(music(2.0), RATE, wear, 5)


def cut(record: TwoWalls, walls: F32) -> TwoWalls:
    """The beginning of a record with these walls."""
    return record._replace(walls=walls[:, :20_000], truth=record.truth[:20_000])


def played(walls: F32, settings: Settings, block: int) -> F32:
    """Both walls as one sound, pushed through in blocks."""
    restorer = StreamRestorer(
        RATE, 2, lambda rate, channels: Chain(rate, channels, networks()), record=LATERAL
    )
    parts = [
        restorer.process(walls[:, start : start + block], settings).restored
        for start in range(0, walls.shape[1], block)
    ]
    whole = np.concatenate([*parts, restorer.flush(settings).restored], axis=1)
    return np.asarray(whole[0], np.float32)


def test_hiss_that_swells_is_reduced_further_where_the_walls_tell_it(swelling: TwoWalls) -> None:
    told, untold = (
        restored_walls(swelling, DEEP, networks(), is_told=is_told) for is_told in (True, False)
    )
    gain = [segmental_snr_db(swelling.music, sound, RATE) for sound in (untold, told)]
    assert gain[1] > gain[0] + 0.3


def test_blocks_of_any_length_give_the_same_bits(swelling: TwoWalls) -> None:
    walls = swelling.walls[:, :30_000]
    np.testing.assert_array_equal(played(walls, DEEP, 30_000), played(walls, DEEP, 997))


def test_hiss_reduction_of_0_db_changes_nothing(swelling: TwoWalls) -> None:
    off = Settings(declick=False, hiss_reduction_db=0.0)
    short = cut(swelling, swelling.walls)
    told, untold = (
        restored_walls(short, off, networks(), is_told=is_told) for is_told in (True, False)
    )
    np.testing.assert_array_equal(told, untold)
    plain = short.walls[:, 2000:-2000].astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(told[2000:-2000], plain, atol=1e-6)


def test_one_wall_twice_tells_nothing(swelling: TwoWalls) -> None:
    twice = cut(swelling, np.repeat(swelling.walls[:1], 2, axis=0))
    told, untold = (
        restored_walls(twice, DEEP, networks(), is_told=is_told) for is_told in (True, False)
    )
    np.testing.assert_array_equal(told, untold)


def test_walls_that_play_different_music_are_not_taken_for_hiss() -> None:
    rng = np.random.default_rng(3)
    noise = DifferenceNoise(RATE, 1025)
    state, gains = noise.initial_state(), np.full(1025, 0.98, np.float32)
    for _ in range(100):  # as loud in the difference as in the sum, and never quiet
        sum_, difference = rng.exponential(1.0, (2, 1025)).astype(np.float32)
        better, state = noise.step(sum_, difference, gains, state)
    assert better is not None
    assert better[20:900].mean() > 0.9


@dataclass
class Teller:
    """Takes the difference away that it is told, without delay: what it heard is heard."""

    sample_rate: int
    channels: int
    hop, latency = 1024, 0
    detector_name, denoiser_name = "analytical", "none"

    def initial_state(self) -> int:
        return 0

    def step(
        self, hop: F32, state: int, settings: Settings, *, difference: F32 | None = None
    ) -> tuple[ChainOutput, Any]:
        assert difference is not None
        nothing = np.zeros_like(hop)
        return ChainOutput(hop - difference, hop, nothing, nothing, nothing, ()), state


@pytest.mark.parametrize("rate", [44_100, 96_000, 22_050])
def test_difference_is_told_at_the_time_of_the_sound_at_every_rate(rate: int) -> None:
    rng = np.random.default_rng(9)
    n = rate // 2
    tone = 0.2 * np.sin(2 * np.pi * 441 * np.arange(n) / rate)
    apart = np.convolve(rng.standard_normal(n), np.hanning(15), "same") * 0.002
    walls = np.stack([tone + apart, tone - apart]).astype(np.float32)
    restorer = StreamRestorer(rate, 2, Teller, record=LATERAL)
    out = restorer.process(walls, Settings(declick=False))
    removed, dry = (out.dry - out.restored)[0], out.dry[0]
    late = slice(rate // 4, None)
    heard = np.roll(2 * apart, restorer.latency)[late]
    assert float(np.std(removed[late] - heard)) < 0.1 * float(np.std(heard))
    assert float(np.std(dry[late] - np.roll(tone, restorer.latency)[late])) < 1e-3
