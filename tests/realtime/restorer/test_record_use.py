"""The record as a person uses it: on the command line, and live with both walls kept."""

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, refusal, shellac, write_side

from model.groove.record import RecordSettings
from model.groove.record_file import save_record
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.engine import Engine


@pytest.fixture
def skewed(tmp_path: Path) -> Path:
    """Both walls of a noise, the right one four samples late and 2 dB down."""
    noise = np.convolve(np.random.default_rng(7).standard_normal(2 * RATE), np.hanning(12), "same")
    walls = 0.05 * np.stack([noise, np.roll(noise, 4) * 10 ** (-2 / 20)], axis=1)
    path = tmp_path / "skewed.wav"
    soundfile.write(path, walls, RATE, subtype="FLOAT")
    return path


def test_walls_are_measured_and_aligned(skewed: Path, tmp_path: Path) -> None:
    words = shellac("walls", skewed).stdout.split()
    assert float(words[1]) * 1e-6 * RATE == pytest.approx(4.0, abs=0.1)
    assert float(words[3]) == pytest.approx(2.0, abs=0.1)
    assert words[-1] == "lateral)"
    for name, options in (("askew", []), ("aligned", ["--align-walls"])):
        options = [*options, "--bypass"]
        result = shellac("restore", skewed, "--output", tmp_path / f"{name}.wav", *options)
        assert (result.returncode, result.stderr) == (0, "")
    askew, aligned = (
        np.diff(soundfile.read(tmp_path / f"{n}.wav")[0], axis=1) for n in ("askew", "aligned")
    )
    assert aligned[1000:-1000].std() < 0.05 * askew.std()


def test_curves_are_listed_and_suggested(tmp_path: Path) -> None:
    listed = shellac("curves").stdout
    assert "columbia_78    - / 530 / 100" in listed
    suggested = shellac("curves", "--label", "Columbia", "--year", "1944", "--region", "us").stdout
    assert suggested.startswith("columbia_78 ")
    assert "no curve is known" in refusal("curves", "--label", "Nobody")


def test_record_file_and_options_shape_the_restoration(tmp_path: Path) -> None:
    side = write_side(tmp_path / "side.wav")
    save_record(tmp_path / "side.yaml", RecordSettings(groove="right", curve="riaa"))
    target = tmp_path / "out.wav"
    record = ("--record-settings", tmp_path / "side.yaml", "--curve", "flat")
    settings = (*record, "--hiss-reduction-db", "0")
    result = shellac("restore", side, "--output", target, *settings)
    assert (result.returncode, result.stderr) == (0, "")
    out, worn = soundfile.read(target)[0], soundfile.read(side)[0]
    np.testing.assert_allclose(out[:, 0], worn[:, 1], atol=2**-22)  # that wall has no clicks
    np.testing.assert_array_equal(out[:, 0], out[:, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--rumble", "3"), "rumble_hz is 3.0; it must be 0"),
        (("--curve", "disco"), "curve is 'disco'"),
        (("--curve", "auto"), "say both with --label and --year"),
        (("--turnover", "100", "--bass-shelf", "300"), "below turnover_hz"),
        (("--record-settings", "gone.yaml"), "cannot read gone.yaml"),
        (("--speed-from", "0"), "played_rpm is 0.0"),
    ],
)
def test_impossible_record_is_one_line(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    side = write_side(tmp_path / "side.wav")
    assert message in refusal("restore", side, "--output", tmp_path / "o.wav", *options)


def test_live_keeps_both_walls_in_the_raw_file(tmp_path: Path) -> None:
    side = write_side(tmp_path / "side.wav")
    record = RecordSettings(groove="lateral", curve="american_78_8")
    config = StreamConfig(
        str(side), "none", record_folder=tmp_path, record_format="wav", record=record
    )
    with Engine(config, Settings(bypass=True)) as engine:
        until = time.monotonic() + 180
        while engine.telemetry().state == "running" and time.monotonic() < until:
            time.sleep(0.05)
        telemetry = engine.telemetry()
    worn = soundfile.read(side)[0]
    raw = soundfile.read(telemetry.raw_path)[0]
    restored = soundfile.read(telemetry.restored_path)[0]
    np.testing.assert_array_equal(raw, worn)
    assert len(restored) == len(raw)
    np.testing.assert_array_equal(restored[:, 0], restored[:, 1])
    from realtime.batch.restore import restore_file

    restore_file(side, tmp_path / "file.wav", Settings(bypass=True), record=record)
    offline = soundfile.read(tmp_path / "file.wav")[0]
    np.testing.assert_allclose(restored, offline, atol=2**-22)


def test_mono_input_with_a_groove_is_refused_in_one_line(tmp_path: Path) -> None:
    mono = tmp_path / "mono.wav"
    soundfile.write(mono, np.zeros(RATE), RATE)
    assert "needs both walls" in refusal(
        "restore", mono, "--output", tmp_path / "o.wav", "--groove", "best"
    )
    assert "needs both walls" in refusal(
        "live", "--input", mono, "--output", "none", "--groove", "best"
    )
