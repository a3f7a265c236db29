"""Autoregressive sums of the compiled core, against NumPy's and SciPy's plain ones."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz, toeplitz

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import GapSystem, estimate_ar, plan_of, window_of

F64 = NDArray[np.float64]
RNG = np.random.default_rng(78)

moments = function("ar_moments", (*(ADDRESS,) * 3, *(COUNT,) * 4, ADDRESS, ADDRESS), NUMBER)
predictor = function("ar_predictor", (ADDRESS, COUNT, NUMBER, ADDRESS, ADDRESS))
missed = function("ar_missed", (ADDRESS, ADDRESS, COUNT), NUMBER)
spectra = function("ar_spectra", (ADDRESS, ADDRESS, COUNT, ADDRESS, ADDRESS, ADDRESS))


def music(n: int) -> F64:
    return np.asarray(RNG.standard_normal(n).cumsum() * 0.9 + RNG.standard_normal(n))


def correlation_of(frame: F64, order: int) -> F64:
    return np.correlate(frame, frame, "full")[len(frame) - 1 :][: order + 1]


@pytest.mark.parametrize(("n", "order"), [(4_096, 160), (600, 48), (50, 40), (9, 1)])
def test_correlation_and_surface_noise_are_the_frame_s(n: int, order: int) -> None:
    frame, window = music(n), window_of(n)
    whole = 4_320 if n == 4_096 else 2 * (n + order)
    plan, low, high = plan_of(whole), whole // 10, whole // 5
    for under in (window, None):
        windowed = frame * under if under is not None else frame
        found, scratch = np.empty(order + 1), np.empty(4 * whole + 2)
        into = None if under is None else address(under)
        arguments = (address(plan), address(frame), into, n, order, low, high)
        noise = moments(*arguments, address(found), address(scratch))
        expected = correlation_of(windowed, order)
        np.testing.assert_allclose(found, expected, atol=1e-10 * expected[0])
        power = np.abs(np.fft.rfft(windowed, whole)) ** 2
        tenth = np.sort(power[low:high])[(high - low) // 10]
        assert noise == pytest.approx(tenth / (expected[0] + 1e-12), rel=1e-9)
        assert moments(*arguments[:5], 0, 0, address(found), address(scratch)) == 0.0


@pytest.mark.parametrize("order", [1, 2, 48, 160])
@pytest.mark.parametrize("floor", [1e-3, 1e-6])
def test_the_predictor_solves_the_yule_walker_equations(order: int, floor: float) -> None:
    correlation = correlation_of(music(2_000) * window_of(2_000), order)
    found, gram = np.empty(order + 1), np.empty(order + 1)
    predictor(address(correlation), order, floor, address(found), address(gram))
    raised = correlation[:-1].copy()
    raised[0] *= 1 + floor
    expected = np.concatenate([[1.0], solve_toeplitz(raised, -correlation[1:])])
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10 * np.abs(expected).max())
    own = np.correlate(found, found, "full")[order:]
    np.testing.assert_allclose(gram, own, rtol=1e-10, atol=1e-12 * own[0])
    full = toeplitz(correlation)
    assert missed(address(correlation), address(gram), order) == pytest.approx(
        found @ full @ found, rel=1e-6, abs=1e-9 * correlation[0]
    )


def test_silence_and_what_is_no_number_get_the_predictor_that_predicts_nothing() -> None:
    for frame in (np.zeros(400), np.full(400, np.nan), np.full(400, np.inf)):
        (model,) = estimate_ar(frame[None], 20)
        np.testing.assert_array_equal(model.coefficients, np.eye(1, 21)[0])
        np.testing.assert_array_equal(model.gram, np.eye(1, 21)[0])


def test_a_frame_shorter_than_the_order_is_still_fitted() -> None:
    (model,) = estimate_ar(RNG.standard_normal((1, 12)), 20)
    assert np.isfinite(model.coefficients).all() and model.coefficients[0] == 1.0


@pytest.mark.parametrize("order", [0, 513])
def test_an_order_that_no_predictor_has_is_refused(order: int) -> None:
    with pytest.raises(ValueError, match="order"):
        estimate_ar(np.ones((1, 2_000)), order)


def test_spectra_of_a_predictor_are_those_of_its_coefficients() -> None:
    (model,) = estimate_ar(music(2_000)[None], 160)
    energy, magnitude, scratch = np.empty(1_409), np.empty(1_409), np.empty(4 * 2_816 + 2)
    at = (address(energy), address(magnitude), address(scratch))
    spectra(address(plan_of(2_816)), address(model.coefficients), 160, *at)
    expected = np.abs(np.fft.rfft(model.coefficients, 2_816))
    np.testing.assert_allclose(magnitude, expected, rtol=1e-10)
    np.testing.assert_allclose(energy, expected**2, rtol=1e-10)


@pytest.mark.parametrize(
    "index",
    [
        *([0], [3, 4], [0, 1, 2], [0, 50], list(range(40)), [0, 30, 31, 60, 61, 62, 90]),
        *(sorted(RNG.choice(400, n, replace=False)) for n in (5, 90, 301)),
        *([k for k in range(200) if k % 8 < size] for size in (1, 3, 5)),
    ],
)
@pytest.mark.parametrize("order", [1, 3, 30])
def test_gaps_of_any_pattern_are_solved_as_the_whole_matrix_would_be(
    index: list[int], order: int
) -> None:
    (model,) = estimate_ar(music(1_000)[None], order)
    places = np.array(index)
    row = np.concatenate([model.gram, np.zeros(400)])
    whole = toeplitz(row)[np.ix_(places, places)] + 1e-10 * row[0] * np.eye(len(places))
    target, ridge = RNG.standard_normal(len(places)), RNG.uniform(0.1, 2.0, len(places)) * row[0]
    expected = np.linalg.solve(whole + np.diag(ridge), target)
    system = GapSystem(model.gram, places)
    found = system.solve(target, ridge)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10 * np.abs(expected).max())
    np.testing.assert_array_equal(system.solve(target, ridge), found)  # it can be asked again


def test_a_singular_system_changes_nothing() -> None:
    found = GapSystem(np.array([1.0, 0.0]), np.arange(4)).solve(np.ones(4), -2.0)
    np.testing.assert_array_equal(found, 0.0)
    assert len(GapSystem(np.array([1.0, 0.0]), np.arange(0)).solve(np.ones(0))) == 0
