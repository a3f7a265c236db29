"""Files played at another speed: pitch, length, clicks and curve where the makers put them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from model.groove.playback_curve import playback_filter
from model.groove.record import RecordSettings
from model.groove.time_constants import RIAA
from model.settings import Settings
from realtime.batch.restore import restore_file

F64 = NDArray[np.float64]
RATE = 44_100
DRY = Settings(bypass=True)
SPEEDS = [(33.33, 78.26), (45.0, 78.26), (78.26, 76.59)]


def written(path: Path, signal: F64, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, signal, RATE, subtype=subtype)
    return path


def frequency_of(tone: F64) -> float:
    """The frequency of a steady tone, from the phase between its two halves."""
    n = len(tone) // 2
    spectrum = np.fft.rfft(tone * np.hanning(len(tone)))
    rough = float(np.abs(spectrum).argmax()) / len(tone)
    turned = np.exp(-2j * np.pi * rough * np.arange(len(tone))) * tone
    a, b = (np.sum(turned[part] * np.hanning(n)) for part in (slice(0, n), slice(n, 2 * n)))
    return float((rough + np.angle(b / a) / (2 * np.pi * n)) * RATE)


@pytest.mark.parametrize(("played", "true"), SPEEDS)
def test_tone_gets_its_pitch_and_the_side_its_length(
    tmp_path: Path, played: float, true: float
) -> None:
    n = 3 * RATE
    tone = 0.2 * np.sin(2 * np.pi * 440.0 * played / true * np.arange(n) / RATE)
    source = written(tmp_path / "side.wav", np.stack([tone, tone], axis=1))
    target = tmp_path / "out.wav"
    record = RecordSettings(played_rpm=played, true_rpm=true)
    report = restore_file(source, target, DRY, record=record)
    out, _ = soundfile.read(target)
    assert len(out) == report.samples == round(n * played / true)
    assert frequency_of(out[2000:-2000, 0]) == pytest.approx(440.0, abs=0.01)


@pytest.mark.parametrize(("played", "true"), SPEEDS)
def test_clicks_are_found_where_they_are_on_the_record(
    tmp_path: Path, played: float, true: float
) -> None:
    n = 4 * RATE
    t = np.arange(n) / RATE
    signal = 0.1 * np.sin(2 * np.pi * 300 * played / true * t)
    clicks_s = np.array([0.9, 1.7, 2.6, 3.1])
    for at in clicks_s:
        signal[int(at * RATE) :][:10] += 0.6
    source = written(tmp_path / "side.wav", signal)
    mask = tmp_path / "mask.wav"
    record = RecordSettings(played_rpm=played, true_rpm=true)
    report = restore_file(source, tmp_path / "out.wav", Settings(), mask=mask, record=record)
    found = np.flatnonzero(soundfile.read(mask)[0])
    for at in clicks_s * played / true:
        assert np.abs(found - at * RATE).min() <= 12
    assert report.impulses >= 4
    assert report.seconds == pytest.approx(4 * played / true, abs=1e-4)


def test_curve_lies_at_the_frequencies_of_the_record(tmp_path: Path) -> None:
    played, true = 33.33, 78.26
    record = RecordSettings(played_rpm=played, true_rpm=true, curve="columbia_78")
    curve = playback_filter(record.constants(), RATE)
    assert curve is not None
    t = np.arange(4 * RATE) / RATE
    for f in (100.0, 1000.0, 8000.0):
        tone = 0.02 * np.sin(2 * np.pi * f * played / true * t)
        source = written(tmp_path / f"{f}.wav", tone, "FLOAT")
        restore_file(source, tmp_path / f"{f}_out.wav", DRY, record=record)
        out = soundfile.read(tmp_path / f"{f}_out.wav")[0][RATE:-4000]
        gain_db = 20 * np.log10(np.sqrt(2 * np.mean(out**2)) / 0.02)
        wanted = 20 * np.log10(np.abs(curve.response(np.array([f]), RATE)[0]))
        assert gain_db == pytest.approx(wanted, abs=0.05)


def test_riaa_of_the_phono_stage_is_undone_at_the_speed_of_the_turntable(tmp_path: Path) -> None:
    played, true = 45.0, 78.26
    rng = np.random.default_rng(78)
    groove = 0.05 * rng.standard_normal((1, 3 * RATE))
    stage = playback_filter(RIAA, RATE)
    assert stage is not None
    from_stage, _ = stage.step(groove, stage.initial_state(1))
    flat = written(tmp_path / "flat.wav", groove[0], "FLOAT")
    equalised = written(tmp_path / "riaa.wav", from_stage[0], "FLOAT")
    speed = RecordSettings(played_rpm=played, true_rpm=true)
    restore_file(flat, tmp_path / "a.wav", DRY, record=speed)
    undone = RecordSettings(played_rpm=played, true_rpm=true, undo_riaa=True)
    restore_file(equalised, tmp_path / "b.wav", DRY, record=undone)
    a, b = (soundfile.read(tmp_path / f"{name}.wav")[0] for name in "ab")
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_sixteen_bits_are_not_rounded_to_sixteen_bits_again_after_a_curve(tmp_path: Path) -> None:
    signal = 0.1 * np.random.default_rng(1).standard_normal(RATE)
    source = written(tmp_path / "side.wav", signal, "PCM_16")
    plain = restore_file(source, tmp_path / "plain.wav", DRY)
    curved = restore_file(source, tmp_path / "c.wav", DRY, record=RecordSettings(curve="riaa"))
    assert (plain.target_subtype, curved.target_subtype) == ("PCM_16", "PCM_24")


def test_removed_is_what_the_curve_makes_of_it(tmp_path: Path) -> None:
    t = np.arange(2 * RATE) / RATE
    signal = 0.1 * np.sin(2 * np.pi * 300 * t)
    signal[RATE : RATE + 8] += 0.5
    source = written(tmp_path / "side.wav", signal, "FLOAT")
    record = RecordSettings(curve="decca_78")
    restore_file(source, tmp_path / "dry.wav", DRY, record=record)
    restore_file(
        source, tmp_path / "wet.wav", Settings(), record=record, removed=tmp_path / "gone.wav"
    )
    dry, wet, gone = (soundfile.read(tmp_path / f"{n}.wav")[0] for n in ("dry", "wet", "gone"))
    assert np.abs(gone).max() > 0.2
    np.testing.assert_allclose(dry - wet, gone, atol=1e-7)
