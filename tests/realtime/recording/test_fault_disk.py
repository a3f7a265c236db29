"""A disk that fills up, a folder that goes away, an engine that dies: nothing recorded is lost."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, shellac, started, wait_for
from pytestqt.qtbot import QtBot
from window_tools import START_MS, WatchedEngine, click, engine_of, window_on

from model.settings import Settings
from realtime.archive.verify import verify_folder
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.recording.disk_space import DiskSpace
from realtime.telemetry import EngineEvent

DISK_BYTES = 8 * 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for a few seconds."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def side(tmp_path: Path) -> Path:
    """Noise that no encoder makes smaller."""
    sound = 0.5 * np.random.default_rng(78).uniform(-1, 1, (60 * RATE, 2)).astype(np.float32)
    soundfile.write(tmp_path / "side.wav", sound, RATE, "FLOAT")
    return tmp_path / "side.wav"


def events_until(engine: Engine, words: str) -> list[EngineEvent]:
    """All that was said up to these words: other news may follow in the same breath."""
    found: list[EngineEvent] = []

    def arrived() -> bool:
        found.extend(engine.events())
        return any(words in event.message for event in found)

    wait_for(arrived)
    last = next(i for i, event in enumerate(found) if words in event.message)
    return found[: last + 1]


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_disk_that_fills_up_is_said_before_and_ends_with_two_whole_files(
    small_disk: Path, side: Path, file_format: str
) -> None:
    config = StreamConfig(str(side), "none", record_folder=small_disk, record_format=file_format)
    with Engine(config, Settings()) as engine:
        events = events_until(engine, "recorded ")
        heard_s = engine.telemetry().seconds
        wait_for(lambda: engine.telemetry().seconds > heard_s)  # the sound goes on
        assert not engine.telemetry().recording
    said = [(event.kind, event.message) for event in events]
    warned = next(i for i, (kind, text) in enumerate(said) if kind == "warning")
    ended = next(i for i, (kind, text) in enumerate(said) if kind == "error")
    assert warned < ended
    assert f"the disk of {small_disk} has room for about" in said[warned][1]
    assert said[ended][1].startswith(
        f"the recording has stopped: the disk of {small_disk} is full; both files are whole"
    )
    report = events[-1].report
    assert report.error == "" and report.seconds > 3.0
    lines, mismatches = verify_folder(small_disk)
    assert (len(lines), mismatches) == (1, 0)
    played = soundfile.read(side, frames=report.samples, dtype="float32")[0]
    raw = soundfile.read(report.raw_path, dtype="float32")[0]
    assert np.abs(raw - played).max() <= 2**-24


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_disk_that_somebody_else_fills_at_once_keeps_what_is_written(
    small_disk: Path, side: Path, file_format: str
) -> None:
    config = StreamConfig(str(side), "none", record_folder=small_disk, record_format=file_format)
    with Engine(config, Settings()) as engine:
        wait_for(lambda: engine.telemetry().recorded_s > 3.0)
        with pytest.raises(OSError, match="No space"), (small_disk / "film").open("wb") as film:
            while True:
                film.write(bytes(2**16))
                film.flush()
        events = events_until(engine, "the recording has stopped: ")
        wait_for(lambda: not engine.telemetry().recording)
        assert engine.telemetry().state == "running"
    raw, restored = (next(small_disk.glob(f"*_{part}.*")) for part in ("raw", "restored"))
    assert min(soundfile.info(path).frames for path in (raw, restored)) > 2.0 * RATE
    assert str(small_disk) in events[-1].message
    (small_disk / "film").unlink()
    assert shellac("recover", small_disk).returncode == 0  # where there was no room for a sidecar
    lines, mismatches = verify_folder(small_disk)
    assert (len(lines), mismatches) == (1, 0)


def test_folder_that_is_removed_is_said_and_the_sound_goes_on(tmp_path: Path, side: Path) -> None:
    folder = tmp_path / "transfers"
    folder.mkdir()
    config = StreamConfig(str(side), "none", record_folder=folder)
    with Engine(config, Settings()) as engine:
        wait_for(lambda: engine.telemetry().recorded_s > 0.5)
        shutil.rmtree(folder)
        events = events_until(engine, "the recording has stopped: ")
        assert "the file was removed while it was recorded" in events[-1].message
        wait_for(lambda: not engine.telemetry().recording)
        folder.mkdir()
        engine.start_recording(folder)  # the same again works at once
        wait_for(lambda: engine.telemetry().recorded_s > 0.5)
        report = engine.stop_recording()
    assert report.error == "" and verify_folder(folder)[1] == 0


def test_minutes_left_are_said_once_each_and_by_the_size_that_files_really_have(
    tmp_path: Path,
) -> None:
    files = tmp_path / "raw.flac", tmp_path / "restored.flac"
    for file in files:
        file.write_bytes(bytes(100_000))
    watch = DiskSpace(tmp_path, 44_100, 2, "flac", files)
    per_minute = 2 * 44_100 * 2 * 3 * 60  # at worst
    room = [watch.warning(round(minutes * per_minute) + 4_000_000, 1.0) for minutes in (11, 9, 8)]
    assert [bool(sentence) for sentence in room] == [False, True, False]
    assert room[1] == f"the disk of {tmp_path} has room for about 9 minutes more"
    assert watch.warning(4 * per_minute + 4_000_000, 1.0).endswith("about 4 minutes more")
    # In a hundred seconds both grew by 100 kB: at 2 kB/s the rest is enough for hours.
    assert watch.warning(per_minute, 100.0) == ""
    assert watch.is_full(3_000_000) and not watch.is_full(4_000_000)


def test_terminal_whose_engine_dies_says_so_and_has_finished_the_recording(tmp_path: Path) -> None:
    arguments = ("live", "--input", "demo", "--output", "none", "--record", tmp_path)
    with started(*arguments) as process:
        wait_for(lambda: any(path.stat().st_size > 200_000 for path in tmp_path.glob("*raw*")))
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        engine = next(pid for pid in children if b"spawn_main" in command_of(pid))
        os.kill(int(engine), signal.SIGKILL)
        output, errors = process.communicate(timeout=180)
    assert process.returncode == 2
    assert len(errors.splitlines()) == 1
    assert "the engine stopped unexpectedly; recovered" in errors
    assert "stopped unexpectedly (exit code -9)" in output
    assert verify_folder(tmp_path)[1] == 0


def command_of(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_window_whose_engine_dies_offers_to_start_again_and_has_finished_the_recording(
    qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "transfers"
    folder.mkdir()
    with window_on(qtbot, tmp_path, WatchedEngine) as window:
        window.open_first(demo=True, record_folder=folder)
        session, banner = window.session, window.desk.header.banner
        qtbot.waitUntil(lambda: session.telemetry().recorded_s > 2.0, timeout=START_MS)
        dead = engine_of(window)
        assert dead._process.pid
        os.kill(dead._process.pid, signal.SIGKILL)
        words = "stopped unexpectedly; recovered"
        qtbot.waitUntil(lambda: words in banner.sentence.text(), timeout=START_MS)
        assert banner.button.text() == "Start again"
        assert verify_folder(folder)[1] == 0
        content = json.loads(next(folder.glob("*.shellac.json")).read_text())
        assert content["files"]["raw"]["samples"] > 1.0 * RATE
        click(banner.button)
        qtbot.waitUntil(lambda: session.telemetry().state == "running", timeout=START_MS)
        assert engine_of(window) is not dead


def test_a_clock_that_jumps_moves_no_sample(tmp_path: Path, side: Path) -> None:
    """Read by every Python of this test at its start: each second the clock goes back an hour."""
    (tmp_path / "sitecustomize.py").write_text(
        "import time\n"
        "now, began = time.time, time.monotonic()\n"
        "time.time = lambda: now() - 3600 * int(time.monotonic() - began)\n"
    )
    folder = tmp_path / "transfers"
    folder.mkdir()
    began = time.monotonic()
    result = shellac(
        *("live", "--input", side, "--output", "none", "--seconds", "4", "--format", "wav"),
        *("--record", folder),
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert result.returncode == 0, result
    assert time.monotonic() - began > 4.0  # at the record's own pace
    raw = soundfile.read(next(folder.glob("*_raw.wav")), dtype="float32")[0]
    assert len(raw) >= 4 * RATE
    np.testing.assert_array_equal(raw, soundfile.read(side, frames=len(raw), dtype="float32")[0])
    assert verify_folder(folder)[1] == 0
    assert "0 samples lost" in result.stdout
