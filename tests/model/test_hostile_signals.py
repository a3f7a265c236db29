"""Signals that break restorers: what comes out is finite, no louder, as long, and costs no more."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hostile_signals import F32, MADE, RATE, N, signals
from numpy.typing import NDArray
from training_music import small_music

from model.chain import ANALYTICAL, HOP, Chain
from model.checkpoints import load_models
from model.declicking import declick
from model.declicking.declick import DeclickState, row_of
from model.groove.hum import HumFilter
from model.groove.record import RecordSettings
from model.presets import load_preset
from model.settings import Settings
from realtime.restorer.pipeline import StreamRestorer

ROUND = declick._REFRESH  # hops
ONE_DB = 10 ** (1 / 20)
PRESETS = ("light", "default", "heavy")
NETWORKS = ("without networks", "with the shipped networks")


def chain(rate: int, channels: int, networks: str = NETWORKS[1]) -> Chain:
    return Chain(rate, channels, ANALYTICAL if networks == NETWORKS[0] else load_models())


@cache
def restored(preset: str, networks: str) -> dict[str, F32]:
    """Every signal through one preset; they are the channels of one stream, which share nothing."""
    made = signals()
    stream = StreamRestorer(RATE, len(made), lambda r, c: chain(r, c, networks), HOP)
    settings = load_preset(preset)
    whole = np.pad(np.stack([*made.values()]), ((0, 0), (0, -N % HOP)))
    parts = [
        stream.process(whole[:, start : start + HOP], settings).restored
        for start in range(0, whole.shape[1], HOP)
    ]
    joined = np.concatenate([*parts, stream.flush(settings).restored], axis=1)
    return dict(zip(made, joined[:, stream.latency :][:, :N], strict=True))


@pytest.mark.parametrize("networks", NETWORKS)
@pytest.mark.parametrize("preset", PRESETS)
def test_no_signal_comes_out_louder_longer_or_as_no_number(preset: str, networks: str) -> None:
    assert restored(preset, networks).keys() == MADE.keys()
    for name, output in restored(preset, networks).items():
        given = signals_once()[name]
        assert output.shape == given.shape, name
        assert np.isfinite(output).all(), name
        assert np.abs(output).max() <= ONE_DB * np.abs(given).max(), name


@cache
def signals_once() -> dict[str, F32]:
    return signals()


@pytest.mark.parametrize("networks", NETWORKS)
def test_silence_and_denormal_numbers_are_given_back_as_such(networks: str) -> None:
    output = restored("heavy", networks)
    assert not output["silence"].any()
    assert np.abs(output["denormal numbers"]).max() < 1e-37


def test_without_networks_what_is_no_impulse_passes_bit_for_bit() -> None:
    output = restored("heavy", NETWORKS[0])
    for name in ("half-scale DC", "full-scale DC", "white noise", "full-scale sine, 997 Hz"):
        assert np.array_equal(output[name], signals_once()[name]), name


@pytest.mark.parametrize("networks", NETWORKS)
def test_the_hardest_settings_keep_the_bound_as_well(networks: str) -> None:
    made = {name: signals_once()[name] for name in ("white noise", "bursts of noise", "crackle")}
    hardest = Settings(
        depth=1.0, sensitivity=1.0, protection=0.0, longest_click_ms=20.0, hiss_reduction_db=30.0
    )
    for settings in (hardest, replace(hardest, repair="attenuate", learned_balance=1.0)):
        stream = StreamRestorer(RATE, len(made), lambda r, c: chain(r, c, networks), HOP)
        output = stream.process(np.stack([*made.values()])[:, : 20 * HOP], settings).restored
        for channel, (name, given) in enumerate(made.items()):
            assert np.abs(output[channel]).max() <= ONE_DB * np.abs(given).max(), name


def test_the_bound_holds_above_50_khz_too() -> None:
    rng = np.random.default_rng(96)
    noise = rng.uniform(-1, 1, (1, 96_000)).astype(np.float32)
    stream = StreamRestorer(96_000, 1, chain)
    output = stream.process(noise, load_preset("heavy")).restored
    assert np.abs(output).max() <= ONE_DB * np.abs(noise).max()


# A long silence: no denormal numbers, and not a bit more work with every hour


def arrays(state: object) -> Iterator[NDArray[np.generic]]:
    """Everything that a state remembers, in a fixed order."""
    if isinstance(state, DeclickState):
        row, rows = row_of(RATE), state.rows
        yield rows[:, : row.levels].view(np.float64)
        yield rows[:, row.levels : row.unknown].view(np.float32)
        yield rows[:, row.unknown :]
        yield np.asarray(state.turn)
    elif isinstance(state, tuple):
        for part in state:
            yield from arrays(part)
    elif state is not None:
        yield np.asarray(state)


def has_denormals(values: NDArray[np.generic]) -> bool:
    if values.dtype.kind == "c":
        return has_denormals(values.real) or has_denormals(values.imag)
    if values.dtype.kind != "f":
        return False
    tiny = np.finfo(np.float32 if values.dtype == np.float32 else np.float64).tiny
    size = np.abs(values.astype(np.float64))
    return bool(((size > 0) & (size < float(tiny))).any())


@pytest.mark.parametrize("networks", NETWORKS)
def test_digital_silence_brings_the_state_to_rest_so_20_minutes_cost_what_a_second_does(
    networks: str,
) -> None:
    """Once a round of silent hops leads back to the same state, all that follow are the same work.

    A round: until each predictor had its turn. Only the count of samples goes on.
    """
    music = np.stack([small_music(1.0), small_music(1.0, seed=1)])
    silence = np.zeros((2, HOP), np.float32)
    one, settings = chain(RATE, 2, networks), load_preset("heavy")
    state = one.initial_state()
    for start in range(0, music.shape[1] - HOP, HOP):
        _, state = one.step(music[:, start : start + HOP], state, settings)
    for _ in range(40 * 1024 // HOP):
        _, state = one.step(silence, state, settings)
    before = [*arrays(state._replace(position=0))]
    for _ in range(ROUND):
        output, state = one.step(silence, state, settings)
        assert not output.restored.any()
        assert not any(has_denormals(values) for values in arrays(state))
    after = [*arrays(state._replace(position=0))]
    assert len(after) == len(before)
    assert all(np.array_equal(a, b) for a, b in zip(after, before, strict=True))


def test_the_filters_of_a_record_fall_silent_too() -> None:
    record = RecordSettings(
        rumble_hz=30.0, hum="50 Hz", curve="columbia_78", groove="lateral", undo_riaa=True
    )
    stream = StreamRestorer(RATE, 2, lambda r, c: chain(r, c, NETWORKS[0]), HOP, record)
    settings, silence = load_preset("default"), np.zeros((2, HOP), np.float32)
    music = np.stack([small_music(0.5), small_music(0.5)])
    stream.process(music[:, : 20 * HOP], settings)
    loudest = []
    for _ in range(30 * RATE // HOP):  # the narrow notches of a hum filter ring for seconds
        loudest.append(float(np.abs(stream.process(silence, settings).restored).max()))
    assert loudest[0] > 0
    assert loudest[-1] < 1e-25  # what is left is nobody's to hear; what matters is what it costs
    assert not any(has_denormals(values) for values in arrays(stream._state))


def test_a_hum_filter_forgets_before_its_memory_becomes_denormal() -> None:
    rate = 8_000
    hum, mains = HumFilter(50.0, 2, rate), np.sin(2 * np.pi * 50 / rate * np.arange(rate))
    _, state = hum.step(mains[None], hum.initial_state(1))
    silence = np.zeros((1, rate))
    for _ in range(300):  # s; the notches fall by 27 dB in each, down to denormals after 226
        _, state = hum.step(silence, state)
        assert not any(has_denormals(values) for values in arrays((state.held, state.steady)))
    assert not state.held.any()
