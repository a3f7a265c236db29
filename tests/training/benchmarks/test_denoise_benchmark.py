"""The benchmarks of the denoiser: what they call gain, harm, delay and a pause."""

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray
from scipy.signal import welch
from training_music import small_music

from model.checkpoints import load_models
from model.errors import RestorationError
from model.presets import load_preset
from training.benchmarks.clips import Clip, snr_db
from training.benchmarks.restorers import _run
from training.denoise_benchmark import (
    BANDS_HZ,
    DISC_HISS,
    AfterGroove,
    _figures,
    _restored,
    made_noises,
    noisy,
    undelayed,
)
from training.denoise_benchmark import main as denoise_main
from training.harvest.click_bank import shipped_bank
from training.learning.checkpoint_card import card_text
from training.real_benchmark import BANDS_HZ as REAL_BANDS_HZ
from training.real_benchmark import main as real_main
from training.real_benchmark import measure as measure_real
from training.real_benchmark import pause_change_db

F32 = NDArray[np.float32]
RATE = 44_100


@pytest.fixture(scope="module")
def clip() -> Clip:
    return Clip("plucked", small_music(2.0, RATE), RATE)


@pytest.mark.parametrize("name", ["white hiss", "made surface noise"])
def test_noise_is_added_at_the_stated_level(clip: Clip, name: str) -> None:
    noise = made_noises()[name]
    for level in (25.0, 15.0):
        noisy_clip = noisy(clip, noise, level, seed=1)
        assert snr_db(clip.signal, noisy_clip.sound) == pytest.approx(level, abs=0.01)


def test_a_discs_hiss_is_as_bright_as_its_disc() -> None:
    bank, n = shipped_bank(), 4 * RATE
    frequency, power = welch(made_noises()[DISC_HISS](n, RATE, 7), RATE, nperseg=4096)
    measured = bank.hiss_gain(0, frequency)

    def level_db(gain: NDArray[np.float64], low: int, high: int) -> float:
        there = (frequency >= low) & (frequency < high)
        return float(10 * np.log10(np.mean(gain[there])))

    for low, high in ((2000, 4000), (8000, 10_000), (12_500, 16_000)):
        above = level_db(power, low, high) - level_db(power, 4000, 5000)
        on_disc = level_db(measured**2, low, high) - level_db(measured**2, 4000, 5000)
        assert above == pytest.approx(on_disc, abs=1.0)


def test_doing_nothing_gains_nothing_and_harms_nothing(clip: Clip) -> None:
    inputs = [noisy(clip, made_noises()["white hiss"], 15.0, seed=1).sound]
    figures = _figures([clip], inputs, inputs)
    assert figures.segmental_gain_db == 0.0 and figures.lsd_change_db == 0.0
    assert all(np.isnan(v) or v == 0 for v in (*figures.kept_db, *figures.band_gain_db))


def test_a_low_pass_is_told_by_the_highs_that_it_takes(clip: Clip) -> None:
    from scipy.signal import butter, sosfiltfilt

    sos = butter(8, 1_000, fs=RATE, output="sos")
    inputs = [noisy(clip, made_noises()["white hiss"], 40.0, seed=1).sound]
    muffled = _figures([clip], inputs, [sosfiltfilt(sos, inputs[0]).astype(np.float32)])
    low, middle = muffled.kept_db[0], muffled.kept_db[BANDS_HZ.index((1000, 4000))]
    assert low == pytest.approx(0.0, abs=0.5)
    assert middle < -6


def test_the_groove_before_the_music_is_heard_and_cut_off_again(clip: Clip) -> None:
    heard: list[F32] = []

    def listening(sound: F32, _rate: int) -> F32:
        heard.append(sound)
        return sound

    inputs = noisy(clip, made_noises()["white hiss"], 15.0, seed=1)
    made = _restored(AfterGroove(listening), inputs, clip)
    np.testing.assert_array_equal(made, inputs.sound)
    (side,) = heard
    assert len(side) == len(made) + 2 * RATE
    levels = [
        10 * np.log10(np.mean(part**2)) for part in (inputs.groove, inputs.sound - clip.signal)
    ]
    assert levels[0] == pytest.approx(levels[1], abs=0.2)


def test_a_rival_that_crashes_over_a_clip_has_changed_nothing_of_it(clip: Clip) -> None:
    def crashes(_signal: F32, _rate: int) -> F32:
        _run("rival", [sys.executable, "-c", "import os; os.abort()"])
        raise AssertionError

    def refuses(_signal: F32, _rate: int) -> F32:
        _run("rival", [sys.executable, "-c", "raise SystemExit('no such filter')"])
        raise AssertionError

    np.testing.assert_array_equal(undelayed(crashes)(clip.signal, RATE), clip.signal)
    with pytest.raises(RestorationError, match="rival failed: no such filter"):
        undelayed(refuses)(clip.signal, RATE)


def test_a_delay_is_taken_off(clip: Clip) -> None:
    late = undelayed(lambda x, _rate: np.concatenate([np.zeros(700, np.float32), x])[: len(x)])
    np.testing.assert_array_equal(late(clip.signal, RATE), clip.signal)


def test_a_pause_that_became_quieter_is_measured() -> None:
    rng = np.random.default_rng(0)
    record = (0.01 * rng.standard_normal(6 * RATE)).astype(np.float32)
    music = np.arange(len(record)) // (RATE // 2) % 4 != 0
    record += np.float32(0.2) * music * rng.standard_normal(len(record)).astype(np.float32)
    quieter = np.where(music, record, np.float32(10 ** (-9 / 20)) * record)
    assert pause_change_db(record, quieter, RATE) == pytest.approx(9.0, abs=0.2)
    assert pause_change_db(record, record, RATE) == 0.0
    assert np.isnan(pause_change_db(0 * record, 0 * record, RATE))


def test_a_real_record_is_measured_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sf.write(tmp_path / "side.flac", small_music(4.0, RATE), RATE)
    picture = tmp_path / "real.svg"
    arguments = [str(tmp_path), "--seconds", "4", "--reduction", "6", "--plot", str(picture)]
    assert real_main(arguments) == 0
    assert "side" in capsys.readouterr().out
    assert picture.stat().st_size > 1000


def test_hiss_reduction_alone_leaves_a_loud_tone_and_takes_the_hiss_above_the_music(
    tmp_path: Path,
) -> None:
    t = np.arange(6 * RATE) / RATE
    beats = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * t))  # a floor is what is left without the music
    hiss = np.random.default_rng(5).standard_normal(len(t))
    side = 0.2 * beats * np.sin(2 * np.pi * 660 * t) + 0.003 * hiss
    sf.write(tmp_path / "side.wav", side, RATE, subtype="FLOAT")
    models = load_models([])
    record = measure_real(tmp_path / "side.wav", 5.0, load_preset("default"), models, [0.0, 12.0])
    untouched, reduced = record.reduced[0.0], record.reduced[12.0]
    tone = REAL_BANDS_HZ.index((300, 1000))
    assert untouched.music_db[tone] == pytest.approx(0.0, abs=0.01)
    assert untouched.above_db == pytest.approx(0.0, abs=0.01)
    assert reduced.music_db[tone] == pytest.approx(0.0, abs=0.2)
    assert reduced.above_db == pytest.approx(-12.0, abs=1.0)


def test_what_cannot_be_measured_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sf.write(tmp_path / "clip.flac", small_music(1.0, RATE), RATE)
    assert denoise_main([str(tmp_path), "--model", "none"]) == 2
    assert "there is no denoiser to measure" in capsys.readouterr().err
    assert denoise_main([str(tmp_path / "missing")]) == 2
    assert real_main([str(tmp_path / "missing")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 2


def test_a_card_says_what_was_heard_and_what_was_not() -> None:
    from model.networks.onnx_file import Card

    notes = {
        "architecture": {"detector": {"width": 8}},
        "training": {"batch_size": 4, "chunk_duration": 1.0, "seed": 3},
        "data": {"recordings": ["a.flac"], "seconds": 60, "held_out": "b*", "licences": "CC0"},
        "figures": {"detector f1": 0.9},
        "step": 100,
    }
    card = Card("mine", "detector", 44_100, 512, 260, 512, notes)
    text = card_text(card, 120_000, "build it", "| a table |")
    for words in ("# mine", "width 8", "a.flac", "b*", "CC0", "build it", "0.900", "| a table |"):
        assert words in text
