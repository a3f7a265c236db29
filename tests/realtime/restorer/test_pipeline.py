"""The restorer for blocks of any length, at rates that the chain runs at and at higher ones."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.chain import Chain, ChainOutput
from model.settings import Settings
from realtime.restorer.pipeline import SIGNALS, Restored, StreamRestorer
from realtime.restorer.resampling import RINGING, HighRateChain, rate_divisor, resampler_delays
from realtime.restorer.upsampling import LowRateChain, chain_rate

F32 = NDArray[np.float32]

RATES = (44_100, 48_000, 96_000, 192_000)
SETTINGS = Settings()
BYPASS = replace(SETTINGS, bypass=True)
CLICKS_S = (0.131, 0.172, 0.2211)


def tone(rate: int, seconds: float, channels: int = 2) -> F32:
    """A soft chord with a little hiss: nothing that is to be repaired."""
    t = np.arange(int(seconds * rate)) / rate
    chord = 0.1 * np.sin(2 * np.pi * 440 * t) + 0.05 * np.sin(2 * np.pi * 1_234 * t + 1)
    hiss = 1e-4 * np.random.default_rng(78).standard_normal((channels, len(t)))
    fade = np.minimum(1, np.minimum(t, t[::-1]) / 0.02)  # a sudden end would be an impulse itself
    return ((chord + hiss) * fade).astype(np.float32)


def worn(rate: int, seconds: float = 0.3, channels: int = 2) -> F32:
    """The same with clicks of a quarter of a millisecond on the first wall."""
    signal = tone(rate, seconds, channels)
    for at_s in CLICKS_S:
        start, length = int(at_s * rate), int(0.00025 * rate)
        signal[0, start : start + length] += 0.6 * np.hanning(length).astype(np.float32)
    return signal


def cut(signal: F32, lengths: Iterable[int]) -> list[F32]:
    """Return blocks of these lengths, again and again until the signal ends."""
    blocks: list[F32] = []
    start = 0
    pattern = list(lengths)
    while start < signal.shape[1]:
        n = pattern[len(blocks) % len(pattern)]
        blocks.append(signal[:, start : start + n])
        start += n
    return blocks


def joined(parts: Sequence[Restored]) -> Restored:
    """Return what came out, as one piece."""
    restored, dry, mask, analytical, learned = np.concatenate(
        [np.stack(part[:SIGNALS]) for part in parts], axis=-1
    )
    impulses = tuple(impulse for part in parts for impulse in part.impulses)
    return Restored(restored, dry, mask, analytical, learned, impulses)


def played(
    restorer: StreamRestorer,
    blocks: Iterable[F32],
    settings: Settings = SETTINGS,
    *,
    flush: bool = True,
) -> Restored:
    """Return everything that a stream of blocks gives, the tail included."""
    parts = [restorer.process(block, settings) for block in blocks]
    return joined([*parts, restorer.flush(settings)] if flush else parts)


def assert_same_bits(a: Restored, b: Restored) -> None:
    for one, other in zip(a[:SIGNALS], b[:SIGNALS], strict=True):
        np.testing.assert_array_equal(one, other)
    assert a.impulses == b.impulses


@pytest.mark.parametrize("rate", RATES)
def test_stream_in_hops_equals_whole_signal(rate: int) -> None:
    signal = worn(rate)
    hop = StreamRestorer(rate, 2).chain.hop
    whole = played(StreamRestorer(rate, 2), [signal])
    in_hops = played(StreamRestorer(rate, 2), cut(signal, [hop, 7 * hop, 3 * hop, 2 * hop]))
    assert whole.impulses, "the clicks must be found, else this proves little"
    assert_same_bits(whole, in_hops)


@pytest.mark.parametrize("block", [1, 17, 64, 441, 1000, "random"])
@pytest.mark.parametrize("rate", RATES)
def test_any_device_block_gives_the_same_bits(rate: int, block: int | str) -> None:
    signal = worn(rate)
    lengths = [block] if isinstance(block, int) else np.random.default_rng(1).integers(0, 3000, 99)
    blocks = cut(signal, [int(n) for n in lengths])
    whole = played(StreamRestorer(rate, 2), [signal])
    assert_same_bits(whole, played(StreamRestorer(rate, 2), blocks))


@pytest.mark.parametrize("rate", RATES)
def test_the_future_does_not_change_what_is_already_out(rate: int) -> None:
    signal = worn(rate)
    changed = signal.copy()
    n = int(0.2 * rate)
    changed[:, n:] = 0.3 * np.random.default_rng(2).standard_normal(changed[:, n:].shape)
    a, b = (played(StreamRestorer(rate, 2), cut(s, [64])) for s in (signal, changed))
    np.testing.assert_array_equal(a.restored[:, :n], b.restored[:, :n])


@pytest.mark.parametrize("settings", [BYPASS, replace(SETTINGS, declick=False)])
@pytest.mark.parametrize("rate", RATES)
def test_an_impulse_comes_out_at_the_latency_in_full_height(rate: int, settings: Settings) -> None:
    restorer = StreamRestorer(rate, 1)
    impulse = np.zeros((1, 1), np.float32)
    impulse[0, 0] = 1.0
    out = played(restorer, [impulse], settings).restored[0]
    assert np.flatnonzero(out).tolist() == [restorer.latency]
    assert out[restorer.latency] == 1.0


@pytest.mark.parametrize("rate", RATES)
def test_after_a_reset_nothing_is_remembered(rate: int) -> None:
    first, second = worn(rate), worn(rate)[:, ::-1].copy()
    restorer = StreamRestorer(rate, 2)
    played(restorer, cut(first, [777]), flush=False)
    restorer.reset()
    again = played(restorer, cut(second, [500]))
    assert_same_bits(again, played(StreamRestorer(rate, 2), cut(second, [500])))


@pytest.mark.parametrize("rate", RATES)
def test_flush_returns_the_complete_tail_and_then_silence(rate: int) -> None:
    signal = worn(rate)
    restorer = StreamRestorer(rate, 2)
    restorer.process(signal, SETTINGS)
    tail = restorer.flush(SETTINGS)
    longer = np.concatenate([signal, np.zeros((2, restorer.latency), np.float32)], axis=1)
    expected = StreamRestorer(rate, 2).process(longer, SETTINGS)
    np.testing.assert_array_equal(tail.restored, expected.restored[:, -restorer.latency :])
    assert not restorer.flush(SETTINGS).restored.any()


@pytest.mark.parametrize("rate", RATES)
def test_bypass_is_the_input_delayed(rate: int) -> None:
    signal = worn(rate)
    restorer = StreamRestorer(rate, 2)
    out = played(restorer, cut(signal, [441]), BYPASS)
    assert not out.restored[:, : restorer.latency].any()
    np.testing.assert_array_equal(out.restored[:, restorer.latency :], signal)
    np.testing.assert_array_equal(out.dry, out.restored)


@pytest.mark.parametrize("rate", RATES)
def test_toggling_bypass_neither_shifts_nor_clicks(rate: int) -> None:
    signal = tone(rate, 0.4)
    restorer = StreamRestorer(rate, 2)
    blocks = cut(signal, [1000])
    parts = [restorer.process(b, (BYPASS, SETTINGS)[i % 2]) for i, b in enumerate(blocks)]
    out = joined([*parts, restorer.flush(SETTINGS)])
    np.testing.assert_array_equal(out.restored[:, restorer.latency :], signal)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "rate", [*RATES, 4_000, 10_000, 11_025, 32_000, 64_000, 88_200, 176_400, 384_000]
)
def test_where_nothing_is_removed_every_bit_stays(rate: int, channels: int) -> None:
    signal = tone(rate, 0.25, channels)
    restorer = StreamRestorer(rate, channels)
    out = played(restorer, cut(signal, [3_000]))
    np.testing.assert_array_equal(out.restored[:, restorer.latency :], signal)


@pytest.mark.parametrize("rate", [*RATES, 22_050, 32_000])
def test_clicks_are_taken_out_where_they_are(rate: int) -> None:
    signal, clean = worn(rate), tone(rate, 0.3)
    restorer = StreamRestorer(rate, 2)
    out = played(restorer, [signal], replace(SETTINGS, depth=1.0))
    restored = out.restored[:, restorer.latency :]
    before, after = np.abs(signal - clean).max(), np.abs(restored - clean).max()
    assert after < before / 10  # a soft chord is rebuilt well; this is about time and place
    np.testing.assert_array_equal(restored[1], signal[1])
    starts = sorted(impulse.start / rate for impulse in out.impulses)
    assert starts == pytest.approx(CLICKS_S, abs=0.002)  # a repair begins a little before
    masked = np.flatnonzero(out.mask[0, restorer.latency :]) / rate
    near = [np.abs(masked - (at + 0.000125)).min() for at in CLICKS_S]
    assert max(near) < 0.0002


@pytest.mark.parametrize("rate", [96_000, 192_000])
def test_at_high_rates_a_repair_rings_no_further_than_declared(rate: int) -> None:
    signal = worn(rate)
    restorer = StreamRestorer(rate, 2)
    out = played(restorer, [signal])
    changed = np.flatnonzero(out.restored[0] != out.dry[0]) - restorer.latency
    distance = np.min([np.abs(changed - int(at * rate)) for at in CLICKS_S], axis=0)
    widest = 0.002 * rate  # a repair with its fringes
    assert changed.size
    assert distance.max() <= RINGING * rate_divisor(rate) + widest


class Halver:
    """A chain that takes out half of everything, so that every sample shows what became of it."""

    hop, latency = 512, 700
    detector_name = denoiser_name = "none"

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.channels = channels

    def initial_state(self) -> F32:
        return np.zeros((self.channels, self.latency), np.float32)

    def step(self, hop: F32, state: F32, settings: Settings) -> tuple[ChainOutput, F32]:
        history = np.concatenate([state, hop], axis=1)
        n = hop.shape[1]
        dry = history[:, :n]
        nothing = np.zeros_like(dry)
        output = ChainOutput(dry * np.float32(0.5), dry, nothing, nothing, nothing, ())
        return output, history[:, n:]


@pytest.mark.parametrize(
    "rate",
    [10_000, 16_000, 22_050, 32_000, 44_100, 64_000, 88_200, 96_000, 176_400, 192_000, 352_800],
)
def test_what_is_removed_lines_up_with_the_sound_it_is_removed_from(rate: int) -> None:
    signal = tone(rate, 0.5)
    signal *= np.hanning(signal.shape[1]).astype(np.float32)
    restorer = StreamRestorer(rate, 2, Halver)
    out = played(restorer, cut(signal, [1_234])).restored[:, restorer.latency :]
    # One sample of time shift would leave 6 % of the 1234 Hz tone at 192 kHz; the hiss above the
    # chain's own band (1e-4) is all that may differ.
    np.testing.assert_allclose(out, signal / 2, atol=5e-4)
    below = int(min(15_000, 0.42 * rate) * 0.5)  # the resampling filters let all of it through
    low = np.abs(np.fft.rfft(out - signal / 2))[:, :below]
    reference = np.abs(np.fft.rfft(signal))[:, :below]
    assert low.max() < 1e-5 * reference.max()  # -100 dB: HQ keeps about 20 bits


@pytest.mark.parametrize("rate", [44_100, 192_000])
def test_whole_blocks_promised_cost_no_store(rate: int) -> None:
    signal = worn(rate)[:, : 40 * 2048]
    free = StreamRestorer(rate, 2)
    bound = StreamRestorer(rate, 2, block=free.chain.hop)
    assert bound.latency == free.latency - (free.chain.hop - 1) == free.chain.latency
    whole = signal[:, : signal.shape[1] // free.chain.hop * free.chain.hop]
    a, b = played(free, [whole]), played(bound, cut(whole, [free.chain.hop]))
    np.testing.assert_array_equal(a.restored[:, free.latency :], b.restored[:, bound.latency :])


def test_delay_of_the_resampler_is_never_more_than_was_rehearsed() -> None:
    chain = HighRateChain(96_000, 1, Chain)
    state = chain.initial_state()
    hop = np.zeros((1, chain.hop), np.float32)
    for _ in range(4_000):  # a step raises when a sample is missing
        output, state = chain.step(hop, state, BYPASS)
        assert output.restored.shape == hop.shape
    assert resampler_delays(2) == resampler_delays(2)


@pytest.mark.parametrize("rate", [4_000, 10_000, 12_345, 32_000])
def test_a_low_rate_never_waits_for_a_sample(rate: int) -> None:
    chain = LowRateChain(rate, 1, Halver)
    state = chain.initial_state()
    for _ in range(2_000):  # a step raises when a sample is missing
        output, state = chain.step(np.zeros((1, chain.hop), np.float32), state, BYPASS)
    assert output.restored.shape == (1, chain.hop)


@pytest.mark.parametrize(
    ("rate", "at"),
    [(10_000, 48_000), (11_025, 44_100), (16_000, 48_000), (22_050, 44_100), (32_000, 48_000)]
    + [(rate, rate // k) for rate, k in ((44_100, 1), (48_000, 1), (96_000, 2), (176_400, 4))],
)
def test_every_rate_is_worked_on_at_one_that_the_networks_know(rate: int, at: int) -> None:
    assert chain_rate(rate) == at


def test_declared_latency_fits_the_budget() -> None:
    assert StreamRestorer(44_100, 2).latency_ms < 60
    assert StreamRestorer(48_000, 2).latency_ms < 60
    assert StreamRestorer(96_000, 2).latency_ms < 100  # soxr's blocks take 40 ms of it


def test_samples_that_are_no_number_become_silence_and_are_counted() -> None:
    signal = tone(44_100, 0.2)
    signal[0, 3_000] = np.nan
    signal[1, 5_000:5_003] = np.inf
    restorer = StreamRestorer(44_100, 2)
    out = played(restorer, cut(signal, [100]), BYPASS)
    assert restorer.nonfinite == 4
    assert np.isfinite(out.restored).all()
    assert out.restored[0, restorer.latency + 3_000] == 0.0
    assert np.isnan(signal[0, 3_000]), "the caller's block is left alone"


def test_the_callers_block_may_be_used_again() -> None:
    signal = tone(44_100, 0.2)
    restorer = StreamRestorer(44_100, 2)
    buffer = np.empty((2, 441), np.float32)
    parts = []
    for block in cut(signal[:, : 441 * 20], [441]):
        buffer[:] = block
        parts.append(restorer.process(buffer, BYPASS))
    out = joined([*parts, restorer.flush(BYPASS)])
    np.testing.assert_array_equal(out.restored[:, restorer.latency :], signal[:, : 441 * 20])


def test_impossible_streams_are_refused() -> None:
    with pytest.raises(ValueError, match="sample_rate is 3999"):
        StreamRestorer(3_999, 2)
    with pytest.raises(ValueError, match="channels is 0"):
        StreamRestorer(44_100, 0)
    with pytest.raises(ValueError, match=r"shape \(1, 10\)"):
        StreamRestorer(44_100, 2).process(np.zeros((1, 10), np.float32), SETTINGS)
