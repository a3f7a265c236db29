"""The compiled short-time transform, and what is asked of its spectra, against NumPy's."""

import numpy as np
import pytest
from landing_tools import levels_of
from spectra_tools import synthesise, taken_out

from model.hiss.landing import BANDS
from model.networks.spectra import analyse, overlap_gain, window_pair

RNG = np.random.default_rng(78)


@pytest.mark.parametrize(("window", "span", "hop"), [(2048, 1024, 512), (480, 240, 60)])
def test_spectra_and_what_they_complete_are_numpy_s(window: int, span: int, hop: int) -> None:
    history = RNG.standard_normal((2, window - hop)).astype(np.float32)
    sound = RNG.standard_normal((2, 3 * hop)).astype(np.float32)
    spectra, after = analyse(history, sound, span, hop)
    joined, shape = np.concatenate([history, sound], axis=1), window_pair(window, span)
    frames = np.stack([joined[:, at : at + window] for at in range(0, 3 * hop, hop)])
    np.testing.assert_allclose(spectra, np.fft.rfft(frames * shape.analysis), atol=1e-3)
    np.testing.assert_array_equal(after, joined[:, 3 * hop :])
    tail = RNG.standard_normal((2, span - hop)).astype(np.float32)
    whole = np.zeros((2, 3 * hop + span - hop))
    whole[:, : span - hop] = tail
    for n, frame in enumerate(np.fft.irfft(spectra, window)[..., -span:]):
        part = slice(n * hop, n * hop + span)
        whole[:, part] += frame * shape.synthesis / overlap_gain(span, hop)
    out, left = synthesise(spectra, tail, hop)
    np.testing.assert_allclose(np.concatenate([out, left], axis=1), whole, atol=1e-5)


def test_no_bin_is_taken_down_further_than_asked_for() -> None:
    spectra, target = (
        (RNG.standard_normal((2, 1, 50)) + 1j * RNG.standard_normal((2, 1, 50))).astype(
            np.complex64
        )
        * np.float32(size)
        for size in (1.0, 0.2)
    )
    spectra[0, 0, 3] = 0.0
    size = np.abs(spectra).astype(np.float64)
    lift = np.maximum(0.25 * size - np.abs(target), 0.0) / np.maximum(size, 1e-20)
    left = target + lift * spectra
    np.testing.assert_allclose(
        taken_out(spectra, target, 0.25, 0.5), 0.5 * (spectra - left), atol=1e-6
    )


def test_levels_of_the_bands_are_their_power_in_db() -> None:
    spectra = (30 * RNG.standard_normal((3, 2, 1025))).astype(np.complex64)
    spectra[0, 0] = 0.0
    levels = levels_of(spectra)
    assert levels.shape == (3, 2, BANDS)
    np.testing.assert_allclose(levels[0, 0], -150.0)
    highest_band = np.sum(np.abs(spectra[1, 1, 753:].astype(complex)) ** 2) / 512**2
    assert levels[1, 1, -1] == pytest.approx(10 * np.log10(highest_band), abs=1e-3)
