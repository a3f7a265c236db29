"""The chain with trained networks in their places: same delay, same bits, no harm."""

from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from test_chain import music_on_shellac

from model.chain import ANALYTICAL, Chain
from model.checkpoints import Models
from model.networks.learned import LearnedDenoiser, LearnedDetector
from model.settings import Settings
from realtime.restorer.pipeline import StreamRestorer

F32 = NDArray[np.float32]
RATE = 44_100
CLICK_AT = 20_000


class Listener:
    """A detector that hears what it is told: probability 1 around some samples, else ``doubt``."""

    name, hop, latency, sample_rate = "listener", 512, 260, RATE

    def __init__(self, *places: int, doubt: float = 0.5, sure: float = 1.0) -> None:
        self.places, self.doubt, self.sure = places, doubt, sure

    def initial_state(self, channels: int) -> int:
        return 0

    def spread(self, state: int, channels: int) -> int:
        return state

    def step(self, hop: F32, state: int) -> tuple[F32, int]:
        judged = np.full(hop.shape, self.doubt, np.float32)
        sample = np.arange(state, state + hop.shape[1]) - self.latency
        for place in self.places:
            judged[:, (sample >= place - 2) & (sample < place + 12)] = self.sure
        return judged, state + hop.shape[1]


class Halver:
    """A denoiser that takes half of everything away at full reduction, nothing at 0 dB."""

    name, hop, latency, sample_rate = "halver", 512, 512, RATE

    def initial_state(self, channels: int) -> F32:
        return np.zeros((channels, 512), np.float32)

    def spread(self, state: F32, channels: int) -> F32:
        return np.repeat(state, channels, axis=0)

    def step(
        self, hop: F32, state: F32, reduction_db: float, *, only_hiss: bool
    ) -> tuple[F32, F32]:
        assert not only_hiss
        joined, n = np.concatenate([state, hop], axis=1), hop.shape[1]
        return joined[:, :n] * np.float32(0.5 if reduction_db else 1.0), joined[:, n:]


def models(detector: Listener | None = None, denoiser: Halver | None = None) -> Models:
    return Models(cast(LearnedDetector | None, detector), cast(LearnedDenoiser | None, denoiser))


def restored(signal: F32, networks: Models, settings: Settings, block: int = 4_096) -> F32:
    """Restore a whole signal in blocks, its delay taken off."""
    restorer = StreamRestorer(RATE, len(signal), lambda r, c: Chain(r, c, networks))
    parts = [
        restorer.process(signal[:, start : start + block], settings).restored
        for start in range(0, signal.shape[1], block)
    ]
    parts.append(restorer.flush(settings).restored)
    return np.concatenate(parts, axis=1)[:, restorer.latency :]


def ticking(height: float) -> tuple[F32, F32]:
    """Music on shellac, and the same with one short tick."""
    music = music_on_shellac(1.0)
    worn = music.copy()
    worn[:, CLICK_AT : CLICK_AT + 6] += np.float32(height) * np.array(
        [1, -0.8, 0.9, -0.5, 0.4, -0.2], np.float32
    )
    return music, worn


def test_networks_change_neither_the_delay_nor_the_hop() -> None:
    plain, learned = Chain(RATE, 2), Chain(RATE, 2, models(Listener(), Halver()))
    assert (learned.latency, learned.hop) == (plain.latency, plain.hop)
    assert (learned.detector_name, learned.denoiser_name) == ("listener", "halver")
    assert (plain.detector_name, plain.denoiser_name) == ("analytical", "none")


@pytest.mark.parametrize("block", [1_000, 441, 17])
def test_blocks_of_any_length_give_the_same_bits(block: int) -> None:
    _, worn = ticking(0.2)
    networks = models(Listener(CLICK_AT), Halver())
    settings = Settings(hiss_reduction_db=12.0)
    whole = restored(worn, networks, settings)
    np.testing.assert_array_equal(restored(worn, networks, settings, block), whole)


def test_the_learned_detector_is_heard_at_the_sample_it_judges() -> None:
    _, worn = ticking(0.2)
    chain = Chain(RATE, 1, models(Listener(CLICK_AT, doubt=0.0)))
    state, learned = chain.initial_state(), []
    padded = np.pad(worn[:1], ((0, 0), (0, -worn.shape[1] % chain.hop + 3 * chain.hop)))
    for start in range(0, padded.shape[1], chain.hop):
        output, state = chain.step(padded[:, start : start + chain.hop], state, Settings())
        learned.append(output.learned)
    heard = np.concatenate(learned, axis=1)[0, chain.latency :]
    assert np.flatnonzero(heard[1000:]).tolist() == list(range(CLICK_AT - 1002, CLICK_AT - 988))


def changes(worn: F32, networks: Models) -> bool:
    return bool((restored(worn, networks, Settings(depth=1.0)) != worn).any())


def faintest_found() -> float:
    """Height of the faintest tick that the analytical detector takes out alone."""
    heights = np.geomspace(0.002, 0.1, 60)
    return float(next(height for height in heights if changes(ticking(height)[1], ANALYTICAL)))


def test_a_faint_tick_is_found_by_both_together_but_not_by_the_analytical_alone() -> None:
    music, worn = ticking(0.8 * faintest_found())
    alone = restored(worn, ANALYTICAL, Settings(depth=1.0))
    together = restored(worn, models(Listener(CLICK_AT)), Settings(depth=1.0))
    np.testing.assert_array_equal(alone, worn)
    around = slice(CLICK_AT - 20, CLICK_AT + 30)
    before = np.abs(worn - music)[:, around].max()
    assert np.abs(together - music)[:, around].max() < 0.6 * before


def test_no_detector_talks_a_plain_click_above_the_music_away() -> None:
    sure_of_music = models(Listener(doubt=0.0))
    # What stands far out of the hiss above the music is a click, whatever anybody says.
    assert changes(ticking(4 * faintest_found())[1], sure_of_music)


def test_balance_0_is_the_analytical_detector_bit_for_bit() -> None:
    _, worn = ticking(0.2)
    settings = Settings(learned_balance=0.0)
    alone = restored(worn, ANALYTICAL, settings)
    np.testing.assert_array_equal(restored(worn, models(Listener(doubt=0.0)), settings), alone)


def test_balance_1_repairs_only_what_the_learned_detector_hears() -> None:
    _, worn = ticking(0.2)
    settings = Settings(learned_balance=1.0)
    deaf = restored(worn, models(Listener(doubt=0.1)), settings)
    np.testing.assert_array_equal(deaf, worn)
    heard = restored(worn, models(Listener(CLICK_AT, doubt=0.1)), settings)
    changed = np.flatnonzero((heard != worn).any(axis=0))
    assert CLICK_AT - 20 <= changed.min() <= changed.max() < CLICK_AT + 30


def test_no_vote_makes_a_repair_of_what_explains_the_sound_no_better() -> None:
    music = music_on_shellac(1.0)
    insists = models(Listener(*range(5_000, 40_000, 700)))
    output = restored(music, insists, Settings(depth=1.0, learned_balance=0.5))
    error = np.sum((output - music).astype(np.float64) ** 2)
    assert 10 * np.log10(np.sum(music.astype(np.float64) ** 2) / max(error, 1e-12)) > 40


def test_the_denoiser_works_behind_the_declicker_and_bypass_leaves_it_out() -> None:
    music = music_on_shellac(1.0)
    networks = models(denoiser=Halver())
    quieter = restored(music, networks, Settings(hiss_reduction_db=12.0))
    np.testing.assert_array_equal(quieter, 0.5 * music)
    np.testing.assert_array_equal(restored(music, networks, Settings()), music)
    bypassed = Settings(hiss_reduction_db=12.0, bypass=True)
    np.testing.assert_array_equal(restored(music, networks, bypassed), music)


@pytest.mark.parametrize(("rate", "fits"), [(44_100, True), (48_000, True), (22_050, False)])
def test_networks_serve_only_the_rates_they_were_trained_for(rate: int, fits: bool) -> None:
    chain = Chain(rate, 1, models(Listener(), Halver()))
    assert (chain.detector_name == "listener") is fits
    assert (chain.denoiser_name == "halver") is fits
