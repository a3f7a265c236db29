"""Clicks that only the band above the music shows, and what is no such band. Signals are made."""

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, sosfiltfilt
from test_chain import FULL, music_on_shellac, render
from test_declick import drum_roll
from upper_band_tools import NOTHING, Reading, listened, silent_levels

from model.chain import Chain

F32 = NDArray[np.float32]
RATE = 44_100
HISS_DB = -14.0  # of the music, as on a raw acoustic disc


def flat_transfer(seconds: float = 4.0) -> tuple[F32, NDArray[np.float64]]:
    """Music that ends at 5 kHz under white hiss; also the hiss's standard deviation, per sample."""
    music = music_on_shellac(seconds)[0].astype(np.float64)
    music = sosfiltfilt(butter(8, 5_000, fs=RATE, output="sos"), music)
    sigma = float(np.sqrt(np.mean(music**2))) * 10 ** (HISS_DB / 20)
    hiss = sigma * np.random.default_rng(11).standard_normal(len(music))
    return (music + hiss).astype(np.float32)[None], np.full(len(music), sigma)


def crackle(n: int, rate_per_s: float, seed: int = 3) -> tuple[NDArray[np.float64], list[int]]:
    """Clicks of 0.1 to 0.4 ms of unit peak, as a pickup gives them: nothing above 18 kHz."""
    rng = np.random.default_rng(seed)
    places = np.sort(rng.choice(np.arange(RATE, n - RATE, 120), int(rate_per_s * n / RATE), False))
    clicks = np.zeros(n)
    for place in places:
        length = int(rng.integers(4, 18))
        clicks[place : place + length] = rng.choice([-1, 1]) * np.hanning(length + 2)[1:-1]
        clicks[place : place + length] *= np.cos(np.pi * np.arange(length) * rng.uniform(0.3, 0.8))
    return sosfiltfilt(butter(6, 18_000, fs=RATE, output="sos"), clicks), places.tolist()


# Of dense crackle neighbours hide each other; the faintest drown in the hiss.
@pytest.mark.parametrize(("rate_per_s", "share"), [(20, 0.85), (120, 0.7)])
def test_crackle_that_drowns_under_hiss_and_music_is_found_above_the_music(
    rate_per_s: float, share: float
) -> None:
    clean, sigma = flat_transfer()
    clicks, places = crackle(clean.shape[1], rate_per_s)
    worn = (clean + 12 * sigma * clicks).astype(np.float32)
    restored, _, mask, _ = render(worn, Chain(RATE, 1), FULL)
    found = np.mean([mask[0, place - 4 : place + 20].any() for place in places])
    assert found > share
    left = np.sum((restored - clean).astype(np.float64) ** 2)
    assert 10 * np.log10(np.sum((worn - clean).astype(np.float64) ** 2) / left) > 5.0


def test_hiss_without_a_click_stays_bit_for_bit() -> None:
    clean, _ = flat_transfer()
    restored, _, _, impulses = render(clean, Chain(RATE, 1), FULL)
    assert len(impulses) <= 1  # five sigma are reached by chance once in 40 seconds
    assert np.mean(restored != clean) < 1e-3


def heard(signal: F32, rate: int = RATE) -> Reading:
    """Read a signal as the declicker does, hop by hop."""
    levels, reading = silent_levels(rate), NOTHING
    for end in range(2_048, signal.shape[1], 1_024):
        came = signal[0, end - 2_048 : end].astype(np.float64)
        levels, reading = listened(levels, came, 1_024, rate)
    return reading


def test_hiss_above_the_music_is_a_band_even_through_dense_crackle() -> None:
    clean, sigma = flat_transfer()
    clicks, _ = crackle(clean.shape[1], 150)
    reading = heard((clean + 20 * sigma * clicks).astype(np.float32))
    assert reading.caution == pytest.approx(1.0, abs=0.2)


def test_music_that_reaches_up_there_leaves_no_band() -> None:
    assert heard(drum_roll()) == NOTHING


def test_where_the_transfer_has_ended_there_is_no_band() -> None:
    clean, _ = flat_transfer()
    ended = sosfilt(butter(16, 6_000, fs=RATE, output="sos"), clean).astype(np.float32)
    assert heard(ended) == NOTHING
    resampled = soxr.resample(soxr.resample(clean[0], RATE, 10_000), 10_000, RATE)[None]
    assert heard(resampled) == NOTHING
    assert heard(clean[:, ::4], RATE // 4) == NOTHING


def test_what_is_known_of_the_hiss_outlasts_digital_silence() -> None:
    clean, _ = flat_transfer()
    silence = np.zeros((1, 5 * RATE), np.float32)
    assert heard(np.concatenate([clean, silence], axis=1)).caution < 1.3


@pytest.mark.parametrize("length", [4, 8])
def test_smooth_clicks_of_twice_the_musics_height_are_found(length: int) -> None:
    music = music_on_shellac(2.0)
    places = np.linspace(8_000, 80_000, 15).astype(int)
    worn = music.copy()
    for place in places:
        lobe = 2 * np.abs(music).max() * np.hanning(length + 2)[1:-1]
        worn[0, place : place + length] += lobe.astype(np.float32)
    mask = render(worn, Chain(RATE, 1), FULL)[2]
    assert sum(bool(mask[0, place : place + length].any()) for place in places) >= 13


def test_repairs_in_a_transfer_that_ends_early_do_not_sound_beyond_its_end() -> None:
    clean, sigma = flat_transfer()
    clicks, _ = crackle(clean.shape[1], 60.0)
    low_pass = butter(10, 10_000, fs=RATE, output="sos")
    worn = sosfilt(low_pass, clean + 12 * sigma * clicks).astype(np.float32)
    restored, _, mask, _ = render(worn, Chain(RATE, 1), FULL)
    beyond = butter(8, 13_000, "high", fs=RATE, output="sos")
    before, after = (np.abs(sosfiltfilt(beyond, x[0, RATE:-RATE])) for x in (worn, restored))
    assert np.count_nonzero(mask) > 1000
    assert np.quantile(after, 0.999) < 0.8 * np.quantile(before, 0.999)
