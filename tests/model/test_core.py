"""The compiled core: sums of its own, against NumPy's; and what is said when it is missing."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model import core
from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import plan_of
from model.errors import RestorationError

F64 = NDArray[np.float64]
ROOT = Path(__file__).parents[2]
LENGTHS = (2, 4, 6, 10, 12, 22, 30, 98, 122, 128, 1536, 2310, 2816, 4096, 4320)

forward = function("fft_forward", (ADDRESS,) * 4)
inverse = function("fft_inverse", (ADDRESS,) * 4)
plan_size = function("fft_plan_size", (COUNT,), COUNT)
nth_of = function("nth_of", (ADDRESS, COUNT, COUNT), NUMBER)
median_of = function("median_of", (ADDRESS, COUNT), NUMBER)


def test_the_library_is_compiled_from_the_sources_that_lie_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "install"))
    built = import_module("build_core").fingerprint()
    assert core.fingerprint() == built, "the core is an older one: make install"


@pytest.mark.parametrize("n", LENGTHS)
def test_spectra_and_their_way_back_are_numpy_s(n: int) -> None:
    rng = np.random.default_rng(n)
    signal, scratch = rng.standard_normal(n), np.empty(2 * n)
    spectrum = np.empty(n // 2 + 1, complex)
    forward(address(plan_of(n)), address(signal), address(spectrum), address(scratch))
    expected = np.fft.rfft(signal)
    np.testing.assert_allclose(spectrum, expected, atol=1e-13 * np.abs(expected).max())
    # As NumPy does, the imaginary parts of the first and the last bin are not looked at.
    any_spectrum = rng.standard_normal(n // 2 + 1) + 1j * rng.standard_normal(n // 2 + 1)
    back, wanted = np.empty(n), np.fft.irfft(any_spectrum, n)
    inverse(address(plan_of(n)), address(any_spectrum), address(back), address(scratch))
    np.testing.assert_allclose(back, wanted, atol=1e-13 * np.abs(wanted).max())


@pytest.mark.parametrize("n", (0, 1, 7, 4097, 2 * 67))
def test_odd_lengths_and_large_factors_have_no_plan(n: int) -> None:
    assert plan_size(n) == 0
    with pytest.raises(ValueError, match=str(n)):
        plan_of(n)


@pytest.mark.parametrize("n", (1, 2, 3, 6, 63, 64, 501))
def test_order_statistics_are_those_of_the_sorted_values(n: int) -> None:
    rng = np.random.default_rng(n)
    some = rng.standard_normal(n)
    for values in (some, np.sort(some), -np.sort(some), np.round(some), np.zeros(n)):
        for nth in {0, n // 3, n // 2, n - 1}:
            shuffled = values.copy()
            assert nth_of(address(shuffled), n, nth) == np.sort(values)[nth]
            np.testing.assert_array_equal(np.sort(shuffled), np.sort(values))
        assert median_of(address(values.copy()), n) == np.median(values)


def test_selection_ends_even_among_what_is_no_number() -> None:
    values = np.array([np.nan, 1.0, np.nan, 3.0, 2.0, np.nan])
    for nth in range(len(values)):
        nth_of(address(values), len(values), nth)
    assert sorted(values[np.isfinite(values)]) == [1.0, 2.0, 3.0]


def test_a_missing_core_is_told_in_one_line_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(core, "LIBRARY", tmp_path / "core.so")
    with pytest.raises(RestorationError, match=r"core\.so is missing.*make install") as told:
        core._loaded()
    assert "\n" not in str(told.value)


def test_a_core_of_another_version_is_told_from_a_missing_one() -> None:
    with pytest.raises(RestorationError, match="another version; run 'make install'"):
        core.function("of_a_later_version", ())
