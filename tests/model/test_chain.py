"""The chain's contracts: time, state, bypass, glides. Signals are made; the truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from training_music import small_music

from model.chain import HOP, Chain, ChainOutput, Impulse
from model.checkpoints import load_models
from model.settings import Settings

F32 = NDArray[np.float32]
FULL = Settings(depth=1.0)


def render(signal: F32, chain: Chain, *settings: Settings) -> tuple[F32, F32, F32, list[Impulse]]:
    """Push a signal and its tail through; restored, dry, mask (latency removed), impulses."""
    whole = -(-(signal.shape[1] + chain.latency) // HOP) * HOP
    padded = np.pad(signal, ((0, 0), (0, whole - signal.shape[1])))
    state = chain.initial_state()
    outputs: list[ChainOutput] = []
    n_hops = padded.shape[1] // HOP
    for i in range(n_hops):
        now = settings[min(i * len(settings) // n_hops, len(settings) - 1)]
        output, state = chain.step(padded[:, i * HOP : (i + 1) * HOP], state, now)
        outputs.append(output)
    keep = slice(chain.latency, chain.latency + signal.shape[1])
    restored, dry, mask = (
        np.concatenate([output[k] for output in outputs], axis=1)[:, keep] for k in (0, 1, 2)
    )
    return restored, dry, mask, [impulse for output in outputs for impulse in output.impulses]


def clicked(signal: F32, starts: list[int], height: float = 0.5, length: int = 12) -> F32:
    """Add decaying, alternating clicks to every channel."""
    worn = signal.copy()
    shape = height * np.exp(-np.arange(length) / 4) * (-1.0) ** np.arange(length)
    for start in starts:
        worn[:, start : start + length] += shape.astype(np.float32)
    return worn


def music_on_shellac(seconds: float = 2.0, rate: int = 44_100) -> F32:
    """Plucked notes over a faint hiss, faded at both ends: nothing that is to be repaired."""
    notes = small_music(seconds, rate)
    hiss = 1e-4 * np.random.default_rng(78).standard_normal(len(notes))
    edge = np.minimum(np.arange(len(notes)), np.arange(len(notes))[::-1]) / (0.02 * rate)
    return np.asarray((notes + hiss) * np.minimum(1.0, edge), np.float32)[None]


@pytest.fixture(scope="module")
def music() -> F32:
    return music_on_shellac()


def test_walls_that_are_alike_are_restored_once_and_go_their_own_ways_from_where_they_differ(
    music: F32,
) -> None:
    worn = clicked(music, [15_000, 30_000, 60_000])
    twice = np.repeat(worn, 2, axis=0)
    networks = load_models()
    alone, both = Chain(44_100, 1, networks), Chain(44_100, 2, networks)
    one = render(worn, alone, Settings())
    two = render(twice, both, Settings())
    assert len({impulse.channel for impulse in two[3]}) == 2
    for mine, its in zip(two[:3], one[:3], strict=True):
        np.testing.assert_array_equal(mine, np.repeat(its, 2, axis=0))
    # A click on one wall alone: that wall alone is repaired, the other one goes on as it did.
    twice[1, 50_000:50_012] += 0.4
    apart = render(twice, both, Settings())
    np.testing.assert_allclose(apart[0][0], one[0][0], atol=1e-6)
    np.testing.assert_array_equal(apart[2][0] > 0, one[2][0] > 0)
    assert {i.channel for i in apart[3] if abs(i.start - 50_000) < 20} == {1}
    state = both.initial_state()
    _, state = both.step(np.zeros((2, HOP), np.float32), state, Settings())
    assert len(state.peak) == 1


def test_untouched_music_passes_bit_for_bit(music: F32) -> None:
    restored, dry, mask, impulses = render(music, Chain(44_100, 1), FULL)
    assert np.array_equal(restored, music)
    assert np.array_equal(dry, music)
    assert not mask.any()
    assert impulses == []


def test_output_equals_input_wherever_the_mask_is_empty(music: F32) -> None:
    worn = clicked(music, [20_000, 40_000])
    restored, _, mask, _ = render(worn, Chain(44_100, 1), FULL)
    assert mask.any()
    assert np.array_equal(restored[mask == 0], worn[mask == 0])


def test_an_impulse_through_bypass_comes_out_at_the_latency_with_height_one() -> None:
    chain = Chain(44_100, 1)
    signal = np.zeros((1, 4 * HOP), np.float32)
    signal[0, 100] = 1.0
    state, out = chain.initial_state(), []
    for i in range(4):
        output, state = chain.step(signal[:, i * HOP : (i + 1) * HOP], state, Settings(bypass=True))
        out.append(output.restored)
    joined = np.concatenate(out, axis=1)
    assert np.flatnonzero(joined[0]).tolist() == [100 + chain.latency]
    assert joined[0, 100 + chain.latency] == 1.0


def test_latency_stays_within_60_ms_with_a_hop_of_buffering() -> None:
    chain = Chain(44_100, 2)
    assert (chain.latency + chain.hop - 1) / 44_100 <= 0.060


def test_the_future_does_not_change_what_is_due_before(music: F32) -> None:
    chain = Chain(44_100, 1)
    changed = clicked(music, [30_000])
    changed[:, 40_000:] *= -0.5
    plain = clicked(music, [30_000])
    states = chain.initial_state(), chain.initial_state()
    for i in range(40_000 // HOP):  # every hop that ends before the change
        (a, first), (b, second) = (
            chain.step(signal[:, i * HOP : (i + 1) * HOP], state, FULL)
            for signal, state in zip((plain, changed), states, strict=True)
        )
        states = first, second
        assert np.array_equal(a.restored, b.restored)


def test_a_state_is_a_value_so_the_same_step_can_be_taken_twice(music: F32) -> None:
    chain = Chain(44_100, 1)
    worn = clicked(music, [20_000, 20_400])
    state = chain.initial_state()
    for i in range(45):
        hop = worn[:, i * HOP : (i + 1) * HOP]
        once, following = chain.step(hop, state, FULL)
        twice, _ = chain.step(hop, state, FULL)
        assert np.array_equal(once.restored, twice.restored)
        state = following


def test_after_a_reset_a_stream_is_as_good_as_new(music: F32) -> None:
    worn = clicked(music, [9_000, 30_000])
    chain = Chain(44_100, 1)
    render(np.flip(worn, axis=1).copy(), chain, FULL)
    again = render(worn, chain, FULL)
    fresh = render(worn, Chain(44_100, 1), FULL)
    assert np.array_equal(again[0], fresh[0])
    assert again[3] == fresh[3]


def test_bypass_is_the_delayed_input_exactly_and_toggling_shifts_nothing(music: F32) -> None:
    worn = clicked(music, list(range(5_000, 80_000, 5_000)))
    bypassed, dry, mask, impulses = render(worn, Chain(44_100, 1), replace(FULL, bypass=True))
    assert np.array_equal(bypassed, worn)
    assert not mask.any() and impulses == []
    toggled, dry, _, _ = render(worn, Chain(44_100, 1), FULL, replace(FULL, bypass=True), FULL)
    assert np.array_equal(dry, worn)
    restored = render(worn, Chain(44_100, 1), FULL)[0]
    low, high = np.minimum(restored, worn), np.maximum(restored, worn)
    # One float32 rounding of the glide at full scale.
    assert np.all(toggled >= low - 1e-6) and np.all(toggled <= high + 1e-6)


def test_turning_depth_glides_between_the_two_depths(music: F32) -> None:
    worn = clicked(music, list(range(5_000, 80_000, 1_000)))
    shallow = replace(FULL, depth=0.3)
    turned = render(worn, Chain(44_100, 1), FULL, shallow)[0]
    ends = [render(worn, Chain(44_100, 1), settings)[0] for settings in (FULL, shallow)]
    low, high = np.minimum(*ends), np.maximum(*ends)
    assert np.all(turned >= low - 1e-6) and np.all(turned <= high + 1e-6)


def test_depth_scales_what_is_taken_out(music: F32) -> None:
    worn = clicked(music, [20_000, 50_000])
    whole = worn - render(worn, Chain(44_100, 1), FULL)[0]
    part = worn - render(worn, Chain(44_100, 1), replace(FULL, depth=0.4))[0]
    assert np.abs(whole).max() > 0.3
    np.testing.assert_allclose(part, 0.4 * whole, atol=1e-6)  # float32 at full scale


def test_attenuate_multiplies_by_one_minus_mask_times_depth(music: F32) -> None:
    worn = clicked(music, [20_000, 50_000])
    settings = Settings(repair="attenuate", depth=0.9)
    restored, dry, mask, _ = render(worn, Chain(44_100, 1), settings)
    assert mask.max() > 0.9
    np.testing.assert_allclose(restored, dry * (1 - 0.9 * mask), atol=1e-6)


def test_a_click_on_one_wall_leaves_the_other_wall_as_it_is(music: F32) -> None:
    both = np.concatenate([music, music * 0.7])
    worn = both.copy()
    worn[:1] = clicked(worn[:1], [20_000])
    restored, _, mask, impulses = render(worn, Chain(44_100, 2), FULL)
    assert np.array_equal(restored[1], both[1])
    assert mask[0].any() and not mask[1].any()
    assert [impulse.channel for impulse in impulses] == [0]


def test_a_stereo_pair_is_restored_as_its_two_walls_alone(music: F32) -> None:
    worn = np.concatenate([clicked(music, [20_000]), clicked(music * 0.7, [33_000])])
    pair = render(worn, Chain(44_100, 2), FULL)[0]
    alone = [render(wall[None], Chain(44_100, 1), FULL)[0] for wall in worn]
    # Transforms of two rows round like those of one up to the last bit of float32.
    np.testing.assert_allclose(pair, np.concatenate(alone), atol=1e-6)


def test_impulses_are_told_where_they_lie(music: F32) -> None:
    starts = [12_000, 30_500, 61_111]
    _, _, mask, impulses = render(clicked(music, starts), Chain(44_100, 1), FULL)
    assert len(impulses) == 3
    for impulse, start in zip(impulses, starts, strict=True):
        assert abs(impulse.start - start) <= 3
        assert 6 <= impulse.length <= 20
        assert mask[0, impulse.start : impulse.start + impulse.length].min() > 0.5


def test_silence_stays_silence() -> None:
    restored, _, mask, _ = render(np.zeros((2, 20_000), np.float32), Chain(48_000, 2), FULL)
    assert not restored.any() and not mask.any()


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_the_chain_runs_at_the_rates_of_old_transfers(rate: int) -> None:
    music = music_on_shellac(1.5, rate)
    worn = clicked(music, [rate // 2], length=6)
    restored, _, _, impulses = render(worn, Chain(rate, 1), FULL)
    assert len(impulses) == 1
    assert np.abs(restored - music).max() < 0.1 * np.abs(worn - music).max()


@pytest.mark.parametrize(("rate", "channels"), [(96_000, 2), (1_000, 1), (44_100, 0)])
def test_rates_and_channels_out_of_range_are_refused(rate: int, channels: int) -> None:
    with pytest.raises(ValueError, match=r"sample_rate|channels"):
        Chain(rate, channels)


def test_a_hop_of_another_length_is_refused() -> None:
    chain = Chain(44_100, 1)
    with pytest.raises(ValueError, match="hop"):
        chain.step(np.zeros((1, 100), np.float32), chain.initial_state(), FULL)
