"""A record's hiss, once known, is told from the music more surely, and music is not learned."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from model.chain import HOP, Chain
from model.checkpoints import load_models
from model.hiss.record_hiss import LIFTED_S, HissState, RecordHiss
from model.settings import Settings
from realtime.restorer.pipeline import StreamRestorer

F32 = NDArray[np.float32]
RATE = 44_100
DEEP = Settings(declick=False, hiss_reduction_db=24.0)
LEAD_IN = 2 * RATE


def hiss(n: int, level: float, seed: int = 78) -> F32:
    noise = np.random.default_rng(seed).standard_normal(n)
    return (level * noise).astype(np.float32)


@cache
def plucked(seconds: float = 5.0) -> F32:
    """Chords whose partials die away and never leave a pause."""
    rng, n = np.random.default_rng(7), int(seconds * RATE)
    sound, t = np.zeros(n + RATE), np.arange(RATE) / RATE
    for start in range(0, n, RATE // 5):
        for note in rng.choice([196.0, 220.0, 262.0, 330.0, 392.0, 523.0], 3, replace=False):
            for k in range(1, 13):
                tone = np.sin(2 * np.pi * note * k * t + rng.uniform(0, 6)) * np.exp(
                    -3 * t * k**0.5
                )
                sound[start : start + RATE] += tone / k
    return np.asarray(0.2 * sound[:n] / np.abs(sound).max(), np.float32)


def restored(sound: F32, settings: Settings = DEEP, learn_until: int = 0) -> F32:
    """Mono through the chain, told that up to a sample nothing but the groove plays."""
    chain = Chain(RATE, 1, load_models(()))
    state, parts = chain.initial_state(), []
    padded = np.pad(sound, (0, -(len(sound) + chain.latency) % HOP + chain.latency))
    for start in range(0, len(padded), HOP):
        now = replace(settings, learn_hiss=start + HOP <= learn_until)
        out, state = chain.step(padded[None, start : start + HOP], state, now)
        parts.append(out.restored[0])
    return np.concatenate(parts)[chain.latency :][: len(sound)]


def error_db(truth: F32, sound: F32) -> float:
    return float(10 * np.log10(np.mean((sound - truth) ** 2)))


@pytest.mark.parametrize("learn_until", [0, LEAD_IN], ids=["by itself", "shown"])
def test_after_the_groove_before_the_music_less_of_the_hiss_is_left_and_more_of_the_music(
    learn_until: int,
) -> None:
    music = plucked()
    record = music + hiss(len(music), 0.004)
    groove = hiss(LEAD_IN, 0.004, seed=79)
    behind = restored(np.concatenate([groove, record]), learn_until=learn_until)[LEAD_IN:]
    at_once = restored(record)
    assert error_db(music, behind) < error_db(music, at_once) - 0.3
    assert error_db(music, behind) < error_db(music, record) - 4


@pytest.mark.parametrize("level", [0.002, 0.01])
@pytest.mark.parametrize("asked_db", [8.0, 16.0])
def test_in_a_pause_a_hiss_that_was_shown_is_lowered_as_far_as_asked(
    level: float, asked_db: float
) -> None:
    pause = np.zeros(RATE, np.float32)
    music = np.concatenate([np.zeros(LEAD_IN, np.float32), plucked(3.0), pause])
    record = music + hiss(len(music), level)
    settings = replace(DEEP, hiss_reduction_db=asked_db)
    late = slice(len(music) - RATE // 2, None)
    after = restored(record, settings, learn_until=LEAD_IN)[late]
    lowered = 10 * np.log10(np.mean(record[late] ** 2) / np.mean(after**2))
    assert lowered == pytest.approx(asked_db, abs=1.0)


def test_a_stream_and_whole_blocks_learn_the_same_bits() -> None:
    sound = plucked(2.0) + hiss(2 * RATE, 0.004)
    once = StreamRestorer(RATE, 1, lambda rate, n: Chain(rate, n, load_models(())))
    whole = once.process(sound[None], DEEP).restored
    once.reset()
    parts = [
        once.process(sound[None, at : at + 777], DEEP).restored for at in range(0, 88_200, 777)
    ]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def known(sound: F32, learn_until: int = 0) -> HissState:
    chain = Chain(RATE, 1, load_models(()))
    state = chain.initial_state()
    for start in range(0, len(sound) // HOP * HOP, HOP):
        now = replace(DEEP, learn_hiss=start + HOP <= learn_until)
        _, state = chain.step(sound[None, start : start + HOP], state, now)
    (found,) = chain.known_hiss(state)
    return found


def test_music_that_never_rests_is_not_taken_for_hiss() -> None:
    found = known(plucked() + hiss(len(plucked()), 1e-4))
    levels = found.bands[0][found.bands[1] > 100]
    # Power of a bin: what the hiss has, and 6 dB for what the network takes for it.
    window_power = 6 + 10 * np.log10(1e-8 * 2048 * 0.5)
    assert 10 * np.log10(np.exp(levels)).max() < window_power


def test_what_was_heard_in_the_groove_hardly_changes_while_music_plays() -> None:
    groove, music = hiss(LEAD_IN, 0.004, seed=79), plucked()
    before = known(groove)
    after = known(np.concatenate([groove, music + hiss(len(music), 0.004)]))
    assert np.abs(after.bands[0] - before.bands[0]).mean() < 0.12  # nepers: half a decibel


@pytest.mark.parametrize("louder_db", [6.0, 10.0])
def test_a_groove_that_hissed_louder_than_the_record_costs_no_music(louder_db: float) -> None:
    music = plucked()
    record = music + hiss(len(music), 0.004)
    groove = hiss(LEAD_IN, 0.004 * 10 ** (louder_db / 20), seed=79)
    behind = restored(np.concatenate([groove, record]))[LEAD_IN:]
    assert error_db(music, behind) < error_db(music, restored(record)) + 0.3


@pytest.mark.parametrize("change_db", [-10.0, 7.0])
def test_a_hiss_that_changes_is_followed_above_the_music_within_seconds(change_db: float) -> None:
    groove, music = hiss(LEAD_IN, 0.004, seed=79), plucked()
    changed = hiss(len(music), 0.004 * 10 ** (change_db / 20))
    moved = known(np.concatenate([groove, music + changed])).bands[0] - known(groove).bands[0]
    highs = 10 / np.log(10) * moved[-6:]
    np.testing.assert_allclose(highs, change_db, atol=1.5)


def test_a_hiss_that_crackles_is_known_by_its_mean_and_not_by_its_quiet_moments() -> None:
    rng, bins, frames = np.random.default_rng(5), 1025, 600
    record = RecordHiss(RATE, bins, HOP / RATE)
    state, powers = record.initial_state(), []
    for _ in range(frames):
        parts = rng.standard_normal((2, bins)) * np.exp(0.9 * rng.standard_normal())
        heard = (parts[0] + 1j * parts[1]).astype(np.complex64)
        made = np.complex64(0.3) * heard  # the network is not sure
        state = record.better(heard, made, state)
        powers.append([float(np.mean(np.abs(wave[100:900]) ** 2)) for wave in (heard, made)])
    before, after = np.mean(powers[frames // 2 :], axis=0)
    assert 10 * np.log10(before / after) > 7.3  # by the median of its level: 6.7


def test_what_was_shown_is_forgotten_when_the_needle_is_lifted_and_not_before() -> None:
    groove, music = hiss(LEAD_IN, 0.004), plucked(3.0)
    playing = np.concatenate([groove, music + hiss(len(music), 0.004)])
    lifted = hiss(int((LIFTED_S + 0.3) * RATE), 1e-5)
    assert known(playing, learn_until=LEAD_IN).told
    assert not known(np.concatenate([playing, lifted]), learn_until=LEAD_IN).told


def test_what_was_learned_goes_on_into_another_stream_of_more_channels() -> None:
    chain = Chain(RATE, 2, load_models(()))
    found = known(hiss(RATE, 0.004), learn_until=RATE)
    state = chain.with_hiss(chain.initial_state(), (found, found._replace(frames=3)))
    assert [one.frames for one in chain.known_hiss(state)] == [found.frames, 3]
    assert len(chain.known_hiss(chain.with_hiss(chain.initial_state(), (found,)))) == 1


def test_without_a_denoiser_nothing_is_learned() -> None:
    chain = Chain(RATE, 1, load_models(("none",)))
    state = chain.initial_state()
    _, state = chain.step(hiss(HOP, 0.01)[None], state, Settings(learn_hiss=True))
    assert chain.known_hiss(state) == ()
    assert chain.with_hiss(state, (known(hiss(RATE, 0.01)),)) is state
