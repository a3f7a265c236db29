"""The bands that the compiled declicker listens to, above the music and in the bass."""

import ctypes

import numpy as np
import pytest
from numpy.typing import NDArray
from upper_band_tools import band_listen, listened, silent_levels

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking import upper_band
from model.declicking.ar import estimate_ar, plan_of
from model.declicking.thump import RULES

F64 = NDArray[np.float64]
RNG = np.random.default_rng(78)
RATE, MEMORY, ORDER = 44_100, 4_096, 48
AT_RULES = ctypes.addressof(RULES)

decimate = function("pulse_decimate", (ADDRESS,) * 5)
interpolate = function("pulse_interpolate", (ADDRESS,) * 5)
is_likely = function("pulse_is_likely", (ADDRESS, *(COUNT,) * 4, NUMBER, ADDRESS), COUNT)
pulse_of = function(
    "pulse_of", (ADDRESS, ADDRESS, COUNT, NUMBER, *(COUNT,) * 3, *(ADDRESS,) * 3), COUNT
)


def test_levels_above_the_music_are_the_medians_of_each_block_in_each_band() -> None:
    levels = silent_levels(RATE)
    sound = 0.1 * RNG.standard_normal(3_000)
    for _ in range(3):
        before = levels
        levels, _ = listened(before, sound, 1_024, RATE)
    newest = sound[-1_536:]
    spectrum = np.fft.rfft(newest) * upper_band.masks(1_536, RATE)
    views = np.concatenate([newest[None], np.fft.irfft(spectrum, 1_536)])
    blocks = np.abs(views[..., 320:1_344]).reshape(4, 16, 64)
    expected = np.sort(blocks, axis=-1)[..., 32] / 0.6745
    np.testing.assert_allclose(levels[..., -16:], expected, rtol=1e-6)
    np.testing.assert_array_equal(levels[..., :-16], before[..., 16:])


@pytest.mark.parametrize("in_place", [False, True])
def test_in_silence_levels_stay_and_afterwards_they_go_on(in_place: bool) -> None:
    heard, _ = listened(silent_levels(RATE), RNG.standard_normal(2_816), 1_024, RATE)
    silent, reading = listened(heard.copy(), np.zeros(2_816), 1_024, RATE, in_place=in_place)
    np.testing.assert_array_equal(silent, heard)
    sound = RNG.standard_normal(2_816)
    after, later = listened(silent.copy(), sound, 1_024, RATE, in_place=in_place)
    expected, same = listened(heard, sound, 1_024, RATE)
    np.testing.assert_array_equal(after, expected)
    np.testing.assert_array_equal(after[:, :-16], heard[:, 16:])
    assert later == same and reading.caution >= later.caution


@pytest.mark.parametrize("heard", [1, 2, 60, 1_000, 2_067])
@pytest.mark.parametrize("spread", [0.0, 0.3, 6.0])
def test_quantiles_of_the_levels_are_those_of_all_that_was_heard(heard: int, spread: float) -> None:
    memory, old = 2_067, np.zeros((4, 2_067), np.float32)
    levels = np.empty_like(old)
    places = RNG.choice(memory, heard, replace=False)
    old[:, places] = np.exp(spread * RNG.standard_normal((4, heard)))
    figures, room = np.empty(14), np.empty(5 * 1_536 + 4 + 2 * memory)
    silent, gains = np.zeros(1_536), upper_band.masks(1_536, RATE)
    band_listen(
        *(address(plan_of(1_536)), address(silent), address(gains), 3, 320, 16, 1e-7),
        *(address(old), address(levels), memory, upper_band.rules_of(RATE).shares),
        *(address(figures), address(figures[12:]), address(room)),
    )
    np.testing.assert_array_equal(levels, old)
    for band, (count, *found) in enumerate(figures[:12].reshape(3, 4)):
        ordered = np.sort(old[band + 1, places])
        assert count == heard
        assert found == [ordered[int(share * (heard - 1))] for share in (0.25, 0.5, 0.9)]
    assert figures[12] == heard
    assert figures[13] == pytest.approx(np.mean(old[0, places].astype(float) ** 2), rel=1e-10)


@pytest.mark.parametrize("factor", [1, 2, 8])
def test_the_low_rate_is_the_truncated_spectrum_and_comes_back(factor: int) -> None:
    n, few = MEMORY, MEMORY // factor
    memory = RNG.standard_normal(n).cumsum()
    line = np.linspace(memory[0], memory[-1], n)
    spectrum = np.fft.rfft(memory - line)[: few // 2 + 1]
    expected = np.fft.irfft(spectrum, few) / factor + line[::factor]
    plans, room = (address(plan_of(n)), address(plan_of(few))), np.empty(4 * n + 2)
    low = np.empty(few)
    decimate(*plans, address(memory), address(low), address(room))
    np.testing.assert_allclose(low, expected, atol=1e-10 * np.abs(expected).max())
    padded = np.zeros(n // 2 + 1, complex)
    padded[: few // 2 + 1] = np.fft.rfft(low)
    expected, back = np.fft.irfft(padded, n) * factor, np.empty(n)
    interpolate(*plans, address(low), address(back), address(room))
    np.testing.assert_allclose(back, expected, atol=1e-10 * np.abs(expected).max())


@pytest.mark.parametrize(("onset", "length"), [(3_000, 300), (3_700, 396), (100, 900)])
def test_a_pulse_is_likely_where_the_bass_swells_behind_a_crack(onset: int, length: int) -> None:
    memory = 0.01 * np.random.default_rng(78).standard_normal(MEMORY)

    def likely(crack: float) -> bool:
        return bool(is_likely(address(memory), MEMORY, 8, onset, length, crack, AT_RULES))

    assert not likely(1.0)
    memory[onset : onset + length] += 0.3 * np.exp(-9 * np.arange(length) / length)
    assert likely(1.0)
    assert not likely(0.01)  # no crack
    memory[onset + length :] += 0.3
    if onset + 2 * length < MEMORY:
        assert not likely(1.0)  # it stays: a note


@pytest.mark.parametrize("n", [4, 37, 90])
def test_a_pulse_is_rebuilt_by_least_squares_with_its_own_power(n: int) -> None:
    first, last, low = 300, 300 + n + 40, RNG.standard_normal(512).cumsum() * 1e-3
    low[first : first + n] += 0.5 * np.exp(-3 * np.arange(n) / n)
    past = low[: first - 1]
    a = estimate_ar((past * np.hanning(len(past)))[None], ORDER)[0].coefficients
    innovation = float(np.mean(np.convolve(past, a, "valid") ** 2)) + 1e-14
    error = np.convolve(low, a)[first:last]
    lag = np.arange(first, last)[:, None] - np.arange(first, first + n)
    matrix = np.where((lag >= 0) & (lag <= ORDER), a[np.clip(lag, 0, ORDER)], 0.0)
    normal, target = matrix.T @ matrix, -(matrix.T @ error)
    expected = np.linalg.solve(normal + 1e-6 * normal[0, 0] * np.eye(n), target)
    power = float(np.mean(expected**2)) + 1e-14
    ridge = RULES.ridge * innovation / power
    expected = np.linalg.solve(normal + ridge * np.eye(n), target)
    found, rows = np.empty(n), last - first
    room = np.empty(n * (2 * n + rows + 1) + rows)
    where = (first, last, n, AT_RULES, address(found), address(room))
    assert pulse_of(address(low), address(a), ORDER, innovation, *where)
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(expected).max())
    flat = low.copy()
    flat[first : first + n] = low[first - 1]
    assert not pulse_of(address(flat), address(a), ORDER, 1.0, *where)
