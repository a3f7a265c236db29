"""The harvest: made records whose music, hiss and clicks are known give their clicks back."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from model.errors import RestorationError
from training.harvest.click_band import measure_click_band
from training.harvest.click_bank import ClickBank, alternating, load_bank, save_bank
from training.harvest.click_finder import find_clicks
from training.harvest_clicks import main

RATE = 44_100
MUSIC_END_HZ = 4000
SECONDS = 4.0
CLICKS_PER_S = 30


def old_music(seconds: float, seed: int = 0) -> NDArray[np.float64]:
    """Return swelling notes that end at 4 kHz, RMS near 0.01, hiss 15 dB below."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    t = np.arange(n) / RATE
    music = np.zeros(n)
    for start in np.arange(0, seconds, 0.2):
        pitch = rng.uniform(200, 900)
        envelope = np.where(t >= start, np.exp(-6 * np.maximum(t - start, 0)), 0)
        partials = sum(np.sin(2 * np.pi * k * pitch * t) / k for k in range(1, 12))
        music += rng.uniform(0.3, 1) * envelope * partials
    sos = butter(8, MUSIC_END_HZ, fs=RATE, output="sos")
    music = sosfiltfilt(sos, music)
    music *= 0.01 / np.sqrt(np.mean(music**2))
    return music + 0.0018 * rng.standard_normal(n)


def add_clicks(record: NDArray[np.float64], seed: int = 1) -> tuple[NDArray[np.float64], list[int]]:
    """Add torn clicks of 0.1 to 0.6 ms, 15 to 60 times the hiss, at least 3 ms apart."""
    rng = np.random.default_rng(seed)
    layer = np.zeros(len(record))
    starts = np.sort(rng.integers(2000, len(record) - 2000, round(CLICKS_PER_S * SECONDS)))
    starts = starts[np.append(True, np.diff(starts) > 150)]
    for start in starts:
        length = int(rng.integers(5, 26))
        shape = rng.standard_normal(length) * np.exp(-3 * np.arange(length) / length)
        shape[0] = 1.0
        layer[start : start + length] = 0.0018 * rng.uniform(15, 60) * shape
    return layer, [int(start) for start in starts]


@pytest.fixture(scope="module")
def record() -> tuple[NDArray[np.float64], NDArray[np.float64], list[int]]:
    clean = old_music(SECONDS)
    layer, starts = add_clicks(clean)
    return clean, layer, starts


def test_the_end_of_the_music_and_of_the_transfer_are_measured() -> None:
    full = old_music(3.0)
    # Notes begin abruptly, which reaches a little beyond the filter's edge.
    assert 0.9 * MUSIC_END_HZ < measure_click_band(full, RATE).music_end_hz < 1.35 * MUSIC_END_HZ
    sos = butter(12, 11_000, fs=RATE, output="sos")
    short = measure_click_band(sosfiltfilt(sos, full), RATE)
    assert short.transfer_end_hz == pytest.approx(11_000, rel=0.12)
    assert short.is_free


def test_a_transfer_that_ends_with_the_music_has_no_band_above_it() -> None:
    sos = butter(12, 5000, fs=RATE, output="sos")
    assert not measure_click_band(sosfiltfilt(sos, old_music(3.0)), RATE).is_free
    assert not measure_click_band(np.zeros(2 * RATE), RATE).is_free


def test_clicks_are_found_and_cut_out_whole(
    record: tuple[NDArray[np.float64], NDArray[np.float64], list[int]],
) -> None:
    clean, layer, starts = record
    worn = clean + layer
    found = find_clicks(worn, RATE, measure_click_band(worn, RATE))
    hits = [int(np.min(np.abs(found.starts - start))) <= 4 for start in starts]
    assert np.mean(hits) > 0.95
    assert len(found.starts) < 1.1 * len(starts)
    harvested = np.zeros(len(worn))
    for start, wave in zip(found.starts, found.waves, strict=True):
        harvested[start : start + len(wave)] = wave
    # What is left of it is the hiss that nobody can predict under a click: 20 dB and more below.
    assert np.sum((harvested - layer) ** 2) < 0.05 * np.sum(layer**2)


def test_a_record_without_clicks_gives_next_to_none(
    record: tuple[NDArray[np.float64], NDArray[np.float64], list[int]],
) -> None:
    clean = record[0]
    assert len(find_clicks(clean, RATE, measure_click_band(clean, RATE)).starts) <= 2


def test_the_command_keeps_clicks_with_their_times_and_holds_some_out(
    tmp_path: Path,
    record: tuple[NDArray[np.float64], NDArray[np.float64], list[int]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    clean, layer, starts = record
    sf.write(tmp_path / "side.wav", (clean + layer).astype(np.float32), RATE, subtype="FLOAT")
    bank_file = tmp_path / "bank.npz"
    arguments = [str(tmp_path / "side.wav"), "-o", str(bank_file), "--stretch", "1"]
    assert main([*arguments, "--plot", str(tmp_path / "p.png"), "--origin", "made"]) == 0
    assert "held out" in capsys.readouterr().out
    assert (tmp_path / "p.png").stat().st_size > 1000
    bank = load_bank(bank_file)
    assert bank.origin == "made"
    assert len(bank) == pytest.approx(len(starts), rel=0.1)
    train, test = (set(bank.of_role(role).tolist()) for role in ("train", "test"))
    assert train
    assert test
    assert not train & test
    track, mask = bank.track(bank.parts("test")[0])
    first = round(bank.parts("test")[0].start_s * RATE)
    truth = layer[first : first + len(track)]
    assert np.sum((track - truth) ** 2) < 0.1 * np.sum(truth**2)
    assert np.all(track[~mask] == 0)


def test_records_that_cannot_serve_are_named_once_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sos = butter(12, 5000, fs=RATE, output="sos")
    dull = sosfiltfilt(sos, old_music(2.0)).astype(np.float32)
    sf.write(tmp_path / "dull.wav", dull, RATE, subtype="FLOAT")
    (tmp_path / "notes.wav").write_text("not music")
    names = [str(tmp_path / name) for name in ("dull.wav", "dull.wav", "notes.wav")]
    assert main([*names, "-o", str(tmp_path / "bank.npz")]) == 2
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "bank.npz").exists()
    good = old_music(SECONDS)
    sf.write(tmp_path / "good.wav", good + add_clicks(good)[0], RATE, subtype="FLOAT")
    assert main([*names, str(tmp_path / "good.wav"), "-o", str(tmp_path / "bank.npz")]) == 0
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 3
    assert any("no band above the music" in line for line in lines)
    assert any("named twice" in line for line in lines)
    assert any("notes.wav" in line for line in lines)


def test_what_is_no_bank_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bank.npz"
    with pytest.raises(RestorationError, match="there is no click bank"):
        load_bank(path)
    path.write_bytes(b"no archive")
    with pytest.raises(RestorationError, match="is no click bank"):
        load_bank(path)
    np.savez(path, version=1)
    with pytest.raises(RestorationError, match="is no click bank"):
        load_bank(path)


def test_several_records_are_held_out_as_a_whole() -> None:
    rows = alternating([5.0, 6.0, 7.0], 2.0, 0.2, 2)
    assert rows[:, 3].tolist() == [0, 1, 0]
    assert rows[:, 2].tolist() == [5, 6, 7]
    assert not alternating([5.0], 2.0, 0.2, 0)[:, 3].any()


def test_the_shipped_bank_has_both_parts_and_says_where_it_is_from(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[3] / "training" / "banks" / "imperial_marimba_1917.npz"
    bank = load_bank(shipped)
    assert "public domain" in bank.origin
    assert len(bank.of_role("train")) > 500
    assert len(bank.of_role("test")) > 300
    save_bank(tmp_path / "copy.npz", bank)
    again: ClickBank = load_bank(tmp_path / "copy.npz")
    assert np.allclose(again.waves, bank.waves, atol=1e-6)
