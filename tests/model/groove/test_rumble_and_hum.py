"""Rumble and hum: what they take out, and that they leave the music."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.groove.hum import HumFilter
from model.groove.rumble import rumble_filter

F64 = NDArray[np.float64]
RATE = 44_100
HOP = 1024


def hummed(hum: HumFilter, samples: F64) -> F64:
    state, parts = hum.initial_state(1), []
    for start in range(0, samples.shape[1] - HOP + 1, HOP):
        part, state = hum.step(samples[:, start : start + HOP], state)
        parts.append(part)
    return np.concatenate(parts, axis=1)


def level_db(signal: F64, f: float) -> float:
    """The level of one tone in the last second."""
    last = signal[-RATE:]
    t = np.arange(RATE) / RATE
    window = np.hanning(RATE)
    turned = last * np.exp(-2j * np.pi * f * t) * window
    return float(20 * np.log10(2 * np.abs(turned.sum()) / window.sum()))


@pytest.mark.parametrize("slope_db", [6, 24, 48])
@pytest.mark.parametrize("corner_hz", [15.0, 40.0, 100.0])
def test_rumble_filter_falls_as_steeply_as_it_says(corner_hz: float, slope_db: int) -> None:
    high_pass = rumble_filter(corner_hz, slope_db, RATE)
    f = corner_hz * np.array([1.0, 0.25, 0.125, 20.0])
    at_corner, low, lower, music = 20 * np.log10(np.abs(high_pass.response(f, RATE)))
    assert at_corner == pytest.approx(-3.01, abs=0.02)
    assert low - lower == pytest.approx(slope_db, abs=0.5)
    assert music == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize(("mains_hz", "true_hz"), [(50, 50.0), (50, 50.17), (60, 59.9)])
def test_hum_that_drifts_from_the_mains_is_followed_and_taken_out(
    mains_hz: int, true_hz: float
) -> None:
    t = np.arange(12 * RATE) / RATE
    phases = 2 * np.pi * true_hz * t
    hum = np.sum([0.05 / k * np.sin(k * phases + k) for k in (1, 2, 3, 5)], axis=0)
    music = 0.1 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 75 * t)
    out = hummed(HumFilter(mains_hz, 8, RATE), np.atleast_2d(hum + music))[0]
    for k in (1, 2, 3, 5):
        before = level_db(hum, k * true_hz)
        assert level_db(out, k * true_hz) < before - 30
    for f in (440.0, 75.0):
        assert level_db(out, f) == pytest.approx(level_db(music, f), abs=0.1)


def test_silence_stays_silence() -> None:
    assert not hummed(HumFilter(50, 8, RATE), np.zeros((1, 8 * HOP))).any()


def test_hum_filter_leaves_out_harmonics_that_the_rate_cannot_hold() -> None:
    hum = HumFilter(60, 40, 4000)
    assert hum.initial_state(2).held.shape == (30, 2)
