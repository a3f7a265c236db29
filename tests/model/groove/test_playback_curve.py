"""Every playback curve against its own formula, at the rates that records are kept at."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.groove.curve_table import curve_names, named_curves, suggested_curves
from model.groove.iir import Cascade, inverted
from model.groove.playback_curve import playback_filter, riaa_undo_filter
from model.groove.time_constants import TimeConstants, custom_constants

F64 = NDArray[np.float64]
RATES = (44_100, 48_000, 96_000)
CURVES = [name for name in named_curves() if name != "flat"]


def analogue_db(f: F64, constants: TimeConstants) -> F64:
    """The gain of the circuit; without a bass shelf the bass rises for ever."""
    t1, t2, t3 = constants
    s = 2j * np.pi * f
    gain = np.ones(len(f), complex)
    if t2:
        gain *= (1 + s * t2) / (1 + s * t1 if t1 else s * t2)
    if t3:
        gain /= 1 + s * t3
    decibels: F64 = 20 * np.log10(np.abs(gain))
    return decibels


def tone_gain_db(curve: Cascade, f: float, rate: int) -> float:
    """The gain as a listener would measure it: a tone in, a tone out."""
    seconds = max(0.6, 8 / f)
    t = np.arange(int((0.8 + seconds) * rate)) / rate
    tone = np.exp(2j * np.pi * f * t)
    both = np.stack([tone.real, tone.imag])
    out, _ = curve.step(both, curve.initial_state(2))
    steady = (out[0] + 1j * out[1])[int(0.8 * rate) :]
    return float(20 * np.log10(np.sqrt(np.mean(np.abs(steady) ** 2))))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", CURVES)
def test_curve_is_within_a_tenth_of_a_decibel_of_its_circuit(name: str, rate: int) -> None:
    constants = named_curves()[name].constants
    curve = playback_filter(constants, rate)
    assert curve is not None
    f = np.append(np.geomspace(20, 16_000, 400), 1000.0)
    wanted = analogue_db(f, constants)
    got = 20 * np.log10(np.abs(curve.response(f, rate)))
    np.testing.assert_allclose(got, wanted - wanted[-1], atol=0.1)
    assert got[-1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", ["european_78", "columbia_78", "bsi_78", "riaa"])
def test_tone_through_a_curve_and_its_inverse_comes_back(name: str, rate: int) -> None:
    constants = named_curves()[name].constants
    curve = playback_filter(constants, rate)
    assert curve is not None
    reference = analogue_db(np.array([1000.0]), constants)[0]
    for f in (30.0, 250.0, 1000.0, 5000.0, 15_900.0):
        wanted = analogue_db(np.array([f]), constants)[0] - reference
        assert tone_gain_db(curve, f, rate) == pytest.approx(wanted, abs=0.1)
    if name != "riaa":
        return
    noise = np.random.default_rng(78).standard_normal((2, rate))
    undo = riaa_undo_filter(rate)
    once, _ = curve.step(noise, curve.initial_state(2))
    back, _ = undo.step(once, undo.initial_state(2))
    np.testing.assert_allclose(back, noise, atol=1e-9)


@pytest.mark.parametrize("rate", RATES)
def test_undone_riaa_and_another_curve_give_that_curve(rate: int) -> None:
    wanted = named_curves()["decca_78"].constants
    curve, stage = (playback_filter(c, rate) for c in (wanted, named_curves()["riaa"].constants))
    assert curve is not None
    assert stage is not None
    f = np.geomspace(20, 16_000, 200)
    undo = riaa_undo_filter(rate).response(f, rate)
    got = 20 * np.log10(np.abs(stage.response(f, rate) * undo * curve.response(f, rate)))
    level = analogue_db(f, wanted) - analogue_db(np.array([1000.0]), wanted)[0]
    np.testing.assert_allclose(got, level, atol=0.1)


def test_flat_curve_is_no_filter_at_all() -> None:
    assert playback_filter(named_curves()["flat"].constants, 48_000) is None


def test_custom_curve_is_what_its_knobs_say() -> None:
    constants = custom_constants(500.0, 13.7, 50.0)
    assert [pytest.approx(t, rel=0.01) for t in (3183e-6, 318.3e-6, 75.3e-6)] == list(constants)
    only_turnover = [None, pytest.approx(530.5e-6, rel=1e-3), None]
    assert list(custom_constants(300.0, 0.0, 0.0)) == only_turnover
    with pytest.raises(ValueError, match="below turnover_hz"):
        custom_constants(300.0, 0.0, 400.0)


def test_curve_has_no_delay_and_hops_make_no_difference() -> None:
    curve = playback_filter(named_curves()["columbia_78"].constants, 44_100)
    assert curve is not None
    impulse = np.zeros((1, 3000))
    impulse[0, 0] = 1.0
    whole, _ = curve.step(impulse, curve.initial_state(1))
    assert int(np.abs(whole[0]).argmax()) <= 1  # what was one sample stays one
    assert np.abs(whole[0, 0]) > 0.3 * np.abs(whole[0]).max()
    state, parts = curve.initial_state(1), []
    for start in range(0, 3000, 137):
        part, state = curve.step(impulse[:, start : start + 137], state)
        parts.append(part)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_warp_is_not_lifted_by_a_curve_without_bass_shelf() -> None:
    curve = playback_filter(named_curves()["flat_500"].constants, 44_100)
    assert curve is not None
    assert np.abs(curve.response(np.array([1.3]), 44_100))[0] < 0.1  # once per turn


def test_filter_with_zeros_outside_the_circle_cannot_be_undone() -> None:
    with pytest.raises(ValueError, match="not minimum phase"):
        inverted(Cascade(np.array([[1.0, -2.0, 0.0, 1.0, 0.0, 0.0]])))


@pytest.mark.parametrize(
    ("label", "year", "region", "curve"),
    [
        ("Columbia", 1944, "us", "columbia_78"),
        ("columbia", 1935, "us", "american_78_8"),
        ("Decca", 1950, "uk", "decca_78"),
        ("The HMV label", 1938, "", "european_78"),
        ("Berliner", 1898, "", "flat"),
        ("Unheard Of", 1940, "us", "american_78_8"),
    ],
)
def test_label_and_year_suggest_a_curve(label: str, year: int, region: str, curve: str) -> None:
    found = suggested_curves(label, year, region)
    assert found[0].curve == curve
    assert {line.curve for line in found} <= set(curve_names())
    assert all(line.source for line in found)


def test_unknown_label_without_a_year_suggests_nothing() -> None:
    assert suggested_curves("Unheard Of") == []


def test_every_suggested_curve_is_in_the_table() -> None:
    for year in range(1890, 1963):
        for region in ("us", "uk", "europe"):
            for line in suggested_curves("", year, region):
                assert line.curve in named_curves()
