"""Recursive filters: the same as scipy's, and as one run whatever the pieces."""

import numpy as np
import pytest
from scipy import signal

from model.groove.iir import Cascade, high_pass, with_roots

RATE = 44_100


def test_a_cascade_gives_the_same_bits_as_scipy() -> None:
    sections = signal.butter(5, [200, 4000], "bandpass", fs=RATE, output="sos")
    cascade = Cascade(sections)
    sound = np.random.default_rng(78).standard_normal((2, 5000))
    state = cascade.initial_state(2)
    got, after = cascade.step(sound, state)
    wanted, end = signal.sosfilt(sections, sound, axis=-1, zi=state)
    np.testing.assert_array_equal(got, wanted)
    np.testing.assert_array_equal(after, end)
    assert not state.any()  # a state is a value


def test_pieces_give_what_the_whole_gives() -> None:
    cascade = high_pass(3, 50.0, RATE)
    sound = np.random.default_rng(78).standard_normal((1, 1000))
    whole, _ = cascade.step(sound, cascade.initial_state(1))
    state, parts = cascade.initial_state(1), []
    for start, end in ((0, 1), (1, 8), (8, 700), (700, 700), (700, 1000)):
        part, state = cascade.step(sound[:, start:end], state)
        parts.append(part)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_a_state_of_other_channels_is_refused() -> None:
    cascade = high_pass(2, 50.0, RATE)
    with pytest.raises(ValueError, match="other sections or channels"):
        cascade.step(np.zeros((2, 8)), cascade.initial_state(1))


@pytest.mark.parametrize("order", range(1, 9))
@pytest.mark.parametrize("rate", [4000, RATE, 192_000])
@pytest.mark.parametrize("corner_hz", [15.0, 500.0])
def test_a_high_pass_is_butterworths(order: int, rate: int, corner_hz: float) -> None:
    f = np.geomspace(5.0, 0.49 * rate, 200)
    sections = signal.butter(order, corner_hz, "highpass", fs=rate, output="sos")
    wanted = signal.freqz_sos(sections, worN=f, fs=rate)[1]
    got = high_pass(order, corner_hz, rate).response(f, rate)
    # Far below the corner next to nothing is left: there rounding is more than the sound.
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-9)


def test_a_corner_beyond_half_the_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="must lie in"):
        high_pass(2, RATE / 2, RATE)


def test_a_cascade_has_the_roots_that_it_is_made_of() -> None:
    zeros = np.array([0.3, 0.2 + 0.5j, 0.2 - 0.5j, -0.9, 0.1])
    poles = np.array([0.0, 0.99, 0.5, 0.4 + 0.1j, 0.4 - 0.1j])
    f = np.array([10.0, 1000.0, 15_000.0])
    turned = np.exp(-2j * np.pi * f / RATE)[:, None]
    wanted = np.prod(1 - zeros * turned, axis=1) / np.prod(1 - poles * turned, axis=1)
    got = with_roots(zeros, poles.astype(np.complex128)).response(f, RATE)
    np.testing.assert_allclose(got, wanted, rtol=1e-12)
