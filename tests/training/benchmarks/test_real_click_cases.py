"""Real clicks under real hiss: levels as stated, only held-out clicks, oracles that gain."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training.benchmarks.clips import CAP_DB, Clip, snr_db
from training.benchmarks.harm_benchmark import measure_harm, print_harm
from training.benchmarks.real_click_benchmark import measure_oracle, measure_real, with_clicks
from training.benchmarks.real_click_cases import (
    CLICK_SNR_DB,
    CUTS_HZ,
    LOUD_HISS_DB,
    RAW_DBFS,
    cases,
)
from training.harvest.click_bank import ClickBank, load_bank
from training.judging.metrics import stretches
from training.signals.interpolation import interpolate_marked

RATE = 44_100
SHIPPED = Path(__file__).parents[3] / "training" / "banks" / "imperial_marimba_1917.npz"


@pytest.fixture(scope="module")
def bank() -> ClickBank:
    return load_bank(SHIPPED)


@pytest.fixture(scope="module")
def clip() -> Clip:
    t = np.arange(2 * RATE) / RATE
    music = sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 40))
    return Clip("buzz", np.asarray(0.3 * music, np.float32), RATE)


def band_power(signal: NDArray[np.float32], low: float, high: float) -> float:
    """Return the mean power between two pitches."""
    power = np.abs(np.fft.rfft(signal.astype(np.float64) * np.hanning(len(signal)))) ** 2
    frequency = np.fft.rfftfreq(len(signal), 1 / RATE)
    return float(power[(frequency > low) & (frequency < high)].mean())


def test_clicks_stand_as_high_as_on_the_disc_and_a_raw_transfer_is_quiet(
    bank: ClickBank, clip: Clip
) -> None:
    made = cases([clip], bank, LOUD_HISS_DB)
    assert len(made) == len(CUTS_HZ)
    for case in made:
        assert snr_db(case.truth, case.worn) == pytest.approx(CLICK_SNR_DB, abs=0.1)
        level = 10 * np.log10(np.mean(case.truth.astype(np.float64) ** 2))
        if case.is_raw:
            assert level == pytest.approx(RAW_DBFS, abs=0.1)
        else:
            assert np.max(np.abs(case.worn)) == pytest.approx(0.7, abs=0.01)
        assert np.array_equal(case.worn[~case.mask], case.truth[~case.mask])


def test_above_its_end_the_music_leaves_nothing_but_the_hiss_of_the_disc(
    bank: ClickBank, clip: Clip
) -> None:
    for case, cut in zip(cases([clip], bank, LOUD_HISS_DB), CUTS_HZ, strict=True):
        low = band_power(case.truth, cut * 1.15, cut * 1.3)
        # The disc's hiss is flat to 16 kHz within some decibels.
        for start in (8_500, 11_000, 14_000):
            ratio = 10 * np.log10(band_power(case.truth, start, start + 1500) / low)
            assert -4 < ratio < 8


def test_only_clicks_that_were_held_out_are_heard(bank: ClickBank, clip: Clip) -> None:
    waves = [bank[int(index)].wave for index in bank.of_role("test")]
    lengths = {len(wave) for wave in waves}
    layer, mask = bank.long_track("test", 4 * RATE)
    assert abs(len(stretches(mask)) - len(waves)) < 0.1 * len(waves)
    assert max(b - a for a, b in stretches(mask)) <= 2 * max(lengths)
    assert np.count_nonzero(layer) <= np.count_nonzero(mask)


def test_the_oracle_gains_and_silence_about_finds_is_allowed(bank: ClickBank, clip: Clip) -> None:
    made = cases([clip], bank, LOUD_HISS_DB)[:1]
    oracle = measure_oracle(64, made)
    assert oracle.gain[0] > 6
    assert oracle.outside[0] == 0
    nothing = measure_real("nothing", lambda signal, _: (signal, None), made)
    assert nothing.gain == [0.0]
    assert nothing.block_gain[0] == pytest.approx(0, abs=1e-6)
    assert nothing.f1 == []


def test_known_gaps_in_a_tone_are_rebuilt() -> None:
    tone = np.sin(2 * np.pi * 440 / RATE * np.arange(30_000))
    tone += 1e-4 * np.random.default_rng(0).standard_normal(30_000)
    spans = [(start, start + 20) for start in range(1000, 29_000, 700)]
    worn = tone.copy()
    for low, high in spans:
        worn[low:high] = 0.9
    done = interpolate_marked(worn, spans, 64)
    assert np.max(np.abs(done - tone)) < 0.01


def test_blocks_with_clicks_are_whole_blocks() -> None:
    mask = np.zeros(2000, bool)
    mask[450] = True
    wide = with_clicks(mask, RATE)
    assert np.count_nonzero(wide) == 441
    assert len(wide) == 2000


def test_the_table_of_harm_names_every_clip_and_the_worst(
    clip: Clip, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = [clip, clip._replace(name="other")]
    rows = [
        measure_harm("whole", lambda signal, _: (signal, np.zeros(len(signal), bool)), clips),
        measure_harm("halved", lambda signal, _: (0.5 * signal, None), clips),
    ]
    assert rows[0].transparency == [CAP_DB, CAP_DB]
    assert rows[0].repairs == [0, 0]
    assert rows[1].transparency[0] == pytest.approx(6.02, abs=0.01)
    print_harm(rows, clips)
    text = capsys.readouterr().out
    assert all(word in text for word in ("whole", "halved", "buzz", "other", "worst"))
