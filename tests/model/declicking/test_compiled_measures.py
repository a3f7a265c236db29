"""What the compiled declicker measures, against the same in plain NumPy."""

import ctypes

import numpy as np
import pytest
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.rules import RULES, SMOOTH

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
BLOCK, SIDE, FLOOR = 64, 6, 2e-6
RNG = np.random.default_rng(78)
AT_RULES = ctypes.addressof(RULES)

local_scale = function("local_scale", (*(ADDRESS,) * 2, COUNT, *(ADDRESS,) * 3))
neighbour_peak = function("neighbour_peak", (ADDRESS, *(COUNT,) * 3, NUMBER), NUMBER)
derivative_measure = function("derivative_measure", (ADDRESS, *(COUNT,) * 3, ADDRESS), NUMBER)
ridges_of = function("ridges_of", (ADDRESS, COUNT, NUMBER, NUMBER, *(ADDRESS,) * 3))
attack_likeness = function("attack_likeness", (ADDRESS, *(COUNT,) * 3, NUMBER, NUMBER), NUMBER)
going_on = function("going_on", (ADDRESS, *(COUNT,) * 3, ADDRESS, ADDRESS), NUMBER)
is_edge_of_silence = function("is_edge_of_silence", (ADDRESS, *(COUNT,) * 5), COUNT)


def plain_local_scale(deviation: F64, unknown: Mask) -> tuple[F64, F64]:
    blocks = [
        np.sort(values[~holes])
        for values, holes in zip(
            deviation.reshape(-1, BLOCK), unknown.reshape(-1, BLOCK), strict=True
        )
    ]
    medians = np.array([values[len(values) // 2] if len(values) else 0.0 for values in blocks])
    usable = np.array([len(values) >= BLOCK // 4 for values in blocks])
    if 0 < usable.sum() < len(blocks):
        place = np.arange(len(blocks))
        medians = np.interp(place, place[usable], medians[usable])
    last = len(blocks) - 1

    def around(first: int) -> float:
        places = np.clip(np.arange(first, first + SIDE), 0, last)
        return float(np.sort(medians[places])[SIDE // 2]) / 0.6745

    scale = [max(around(k - SIDE), around(k + 1), FLOOR) for k in range(len(blocks))]
    return np.array(scale), np.array([values.max(initial=0.0) for values in blocks])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.7, 0.97, 1.0])
@pytest.mark.parametrize("blocks", [1, 5, 41])
def test_local_scale_is_the_larger_median_before_and_after_of_what_is_known(
    share: float, blocks: int
) -> None:
    deviation = np.abs(RNG.standard_normal(blocks * BLOCK)) * np.repeat(
        RNG.uniform(0, 9, blocks), BLOCK
    )
    unknown = RNG.random(blocks * BLOCK) < share
    expected = plain_local_scale(deviation, unknown)
    given, scale, peak = deviation.copy(), np.empty(blocks), np.empty(blocks)
    room = np.empty(BLOCK + 2 * blocks)
    arrays = (address(scale), address(peak), address(room))
    local_scale(address(given), address(unknown), len(given), *arrays)
    np.testing.assert_allclose(scale, expected[0], rtol=1e-12)
    np.testing.assert_array_equal(peak, expected[1])
    np.testing.assert_array_equal(given, np.where(unknown, 0.0, deviation))


@pytest.mark.parametrize(("first", "last"), [(0, 0), (3, 3), (20, 24), (40, 40), (0, 40)])
@pytest.mark.parametrize("quantile", [0.0, 0.4, 0.8, 1.0])
def test_neighbours_peaks_are_a_quantile_of_those_around(
    first: int, last: int, quantile: float
) -> None:
    peak = np.abs(RNG.standard_normal(41))
    around = np.sort(np.concatenate([peak[max(0, first - 8) : first], peak[last + 1 :][:8]]))
    wanted = max(around[int(quantile * (len(around) - 1))], FLOOR) if len(around) else FLOOR
    assert neighbour_peak(address(peak), len(peak), first, last, quantile) == wanted


@pytest.mark.parametrize(("start", "length"), [(0, 1), (1, 4), (900, 3), (1_400, 250), (2_815, 1)])
def test_sharpness_is_measured_by_derivatives_over_their_medians(start: int, length: int) -> None:
    signal = RNG.standard_normal(2_816).cumsum()
    signal[start] += 40.0
    low = max(0, start - 300)
    x = signal[low : start + length + 300]
    inside = slice(max(start - low - 2, 0), start - low + length)
    terms = []
    for values in (np.abs(np.diff(x)), np.abs(np.diff(x, 2)), np.abs(x)):
        middle = np.sort(values)[len(values) // 2]
        terms.append(values[inside].max(initial=0.0) / (middle + FLOOR))
    wanted = 0.5 * (max(terms[:2]) + terms[2])
    room = np.empty(length + 600)
    found = derivative_measure(address(signal), len(signal), start, length, address(room))
    assert found == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("n", [1, 2, 7, 8, 15, 200])
def test_ridges_are_the_predictor_s_power_over_the_damage_s_around(n: int) -> None:
    damage, scale = RNG.standard_normal(n), 0.3
    power = damage**2
    local = 0.7 * np.convolve(power, SMOOTH)[7:][:n] + 0.3 * power.mean()
    ridge, room = np.empty(n), np.empty(n)
    given = (address(damage), n, scale, 3.0)
    ridges_of(*given, address(SMOOTH), address(ridge), address(room))
    np.testing.assert_allclose(ridge, 3.0 * scale**2 / local, rtol=1e-10)
    damage[:] = 0.0
    ridges_of(*given, address(SMOOTH), address(ridge), address(room))
    np.testing.assert_allclose(ridge, 3.0 * scale**2 / 1e-14, rtol=1e-10)


@pytest.mark.parametrize(("start", "end"), [(1_000, 1_001), (960, 1_400), (2_600, 2_800)])
def test_an_attack_is_long_and_leaves_the_sound_louder(start: int, end: int) -> None:
    clean = RNG.standard_normal(2_816) * np.linspace(0.1, 1.0, 2_816)
    before, after = clean[start - 256 : start], clean[end : end + 256]
    rise = max(1.0, float(after @ after) / float(before @ before))
    wanted = (1.0 + (end - start) / 18.0) * rise**0.25
    found = attack_likeness(address(clean), len(clean), start, end, 18.0, 0.25)
    assert found == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("louder", [0.5, 1.0, 2.5, 100.0])
@pytest.mark.parametrize(("start", "end"), [(1_000, 1_003), (960, 1_300), (2_500, 2_624)])
def test_what_goes_on_is_told_by_medians_before_and_after(
    start: int, end: int, louder: float
) -> None:
    level = np.abs(RNG.standard_normal(2_816))
    level[end:] *= louder
    before = np.median(level[start - 200 : start - 8])
    near, far = np.median(level[end + 8 : end + 72]), np.median(level[end + 8 : end + 200])
    wanted = min(max(1.0, min(near, far) / (before + 1e-12) / 2.0) ** 2, 2.5)
    room = np.empty(2_816)
    found = going_on(address(level), len(level), start, end, AT_RULES, address(room))
    assert found == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize(
    ("silent", "is_edge"),
    [((), False), ((0, 1_000), True), ((1_010, 2_816), True), ((0, 2_816), False)],
)
def test_silence_on_one_side_alone_is_an_edge(silent: tuple[int, ...], is_edge: bool) -> None:
    raw = RNG.standard_normal(2_816)
    if silent:
        raw[slice(*silent)] = 0.0
    raw[1_000:1_010] = 1.0
    assert bool(is_edge_of_silence(address(raw), len(raw), 1_000, 1_010, 128, 32)) is is_edge
