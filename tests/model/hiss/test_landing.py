"""The needle lands: what a denoiser knew of the noise before is forgotten, and only then."""

import numpy as np
import pytest
from landing_tools import has_landed
from numpy.typing import NDArray

from model.checkpoints import load_models
from model.hiss.landing import LASTING_S, initial_state
from model.networks.spectra import window_pair

F32 = NDArray[np.float32]
RATE, WINDOW, HOP = 44_100, 2048, 512


def hiss(seconds: float, level: float, seed: int = 78) -> F32:
    noise = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (level * noise).astype(np.float32)


def landings(signal: F32) -> list[float]:
    """Seconds at which a landing is noticed."""
    state, times = initial_state(1), []
    shape = window_pair(WINDOW, 1024).analysis
    for start in range(0, len(signal) - WINDOW, HOP):
        spectrum = np.fft.rfft(signal[None, start : start + WINDOW] * shape)
        landed, state = has_landed(spectrum, state, HOP / RATE)
        if landed.any():
            times.append((start + WINDOW) / RATE)
    return times


def test_a_record_that_begins_is_noticed_once_and_soon() -> None:
    found = landings(np.concatenate([hiss(3, 3e-4), hiss(5, 0.01, 79)]))
    assert len(found) == 1
    assert 3 + LASTING_S <= found[0] < 3 + LASTING_S + 0.3


def test_steady_hiss_never_lands_again() -> None:
    assert landings(hiss(20, 0.01)) == []


def test_a_chord_over_hiss_is_no_landing() -> None:
    t = np.arange(6 * RATE) / RATE
    chord = sum(0.1 * np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 40))
    chord = np.where(t > 2, chord, 0)
    assert landings(hiss(6, 3e-3) + chord.astype(np.float32)) == []


def test_an_orchestra_that_holds_a_chord_in_every_band_is_no_landing() -> None:
    rng, t = np.random.default_rng(7), np.arange(5 * RATE) / RATE
    keys = 110 * 2 ** (rng.integers(0, 30, 12) / 12)
    chord = np.zeros_like(t)
    for key in keys:  # each player a little off, his partials up to the end of the band
        for k in range(1, int(16_000 / key)):
            chord += np.sin(2 * np.pi * key * k * t + rng.uniform(0, 2 * np.pi)) / k**0.7
    chord *= 0.02 * (t > 2)
    assert landings(hiss(5, 2e-4) + chord.astype(np.float32)) == []


@pytest.mark.parametrize("every_s", [0.2, 0.25, 0.3])
def test_drums_that_set_in_are_no_landing(every_s: float) -> None:
    signal, rng = hiss(8, 3e-4), np.random.default_rng(3)
    for start in np.arange(2, 8, every_s):
        at = int(start * RATE)
        fades = np.exp(-np.arange(len(signal) - at) / RATE / 0.12)
        signal[at:] += (0.2 * rng.standard_normal(len(fades)) * fades).astype(np.float32)
    assert landings(signal) == []


def test_a_short_crash_is_no_landing() -> None:
    signal = hiss(6, 3e-3)
    crash = slice(2 * RATE, int(2.4 * RATE))
    signal[crash] += hiss(0.4, 0.2, 80)
    assert landings(signal) == []


@pytest.mark.parametrize("before", [3e-4, 0.0])
def test_the_hiss_of_a_record_is_lowered_soon_after_the_needle_lands(before: float) -> None:
    denoiser = load_models(()).denoiser
    assert denoiser is not None
    record = np.concatenate([hiss(4, before), hiss(4, 0.01, 79)])
    state, out = denoiser.initial_state(1), []
    for start in range(0, len(record) - HOP, HOP):
        part, state = denoiser.step(record[None, start : start + HOP], state, 12.0)
        out.append(part[0])
    restored = np.concatenate(out)
    late = slice(int(6.5 * RATE), int(7.9 * RATE))
    lowered = 10 * np.log10(np.mean(record[late] ** 2) / np.mean(restored[late] ** 2))
    assert lowered == pytest.approx(12.0, abs=2.0)


def test_two_channels_land_each_for_itself() -> None:
    state = initial_state(2)
    quiet, loud = hiss(6, 3e-4), np.concatenate([hiss(3, 3e-4), hiss(3, 0.01, 79)])
    shape, seen = window_pair(WINDOW, 1024).analysis, np.zeros(2, int)
    for start in range(0, len(quiet) - WINDOW, HOP):
        frame = np.stack([x[start : start + WINDOW] for x in (quiet, loud)])
        landed, state = has_landed(np.fft.rfft(frame * shape), state, HOP / RATE)
        seen += landed
    assert seen.tolist() == [0, 1]
