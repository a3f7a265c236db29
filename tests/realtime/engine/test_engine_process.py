"""The engine as a whole, in its own process, with a file as input and the null output."""

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.devices.listing import list_devices
from realtime.engine.engine import Engine
from realtime.restorer.pipeline import StreamRestorer
from realtime.telemetry import EngineEvent

F32 = NDArray[np.float32]
RATE = 44_100
ROOT = Path(__file__).parents[3]
WAIT_S = 90.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when it holds; a machine that needs longer than this is not working."""
    until = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.01)


def write_record(path: Path, seconds: float = 1.5, channels: int = 2, rate: int = RATE) -> F32:
    """A chord with clicks, written as float WAV; float32 ``[samples, channels]``."""
    t = np.arange(int(seconds * rate)) / rate
    chord = 0.2 * np.sin(2 * np.pi * 220.0 * t) + 0.1 * np.sin(2 * np.pi * 523.0 * t)
    record = np.tile(chord[:, None], channels).astype(np.float32)
    record[3000::4000, 0] += 0.6
    soundfile.write(path, record, rate, "FLOAT")
    return record


def events_until(engine: Engine, kind: str) -> list[EngineEvent]:
    """All that was said up to the first of this kind: other news may follow in the same breath."""
    found: list[EngineEvent] = []

    def arrived() -> bool:
        found.extend(engine.events())
        return any(event.kind == kind for event in found)

    wait_until(arrived)
    last = next(i for i, event in enumerate(found) if event.kind == kind)
    return found[: last + 1]


def test_a_file_is_played_recorded_and_ended_on_the_sample(tmp_path: Path) -> None:
    record = write_record(tmp_path / "side.wav")
    config = StreamConfig(
        str(tmp_path / "side.wav"), "none", record_folder=tmp_path, record_format="wav"
    )
    with Engine(config, Settings()) as engine:
        events = events_until(engine, "finished")
        telemetry = engine.telemetry()
        display = engine.display()
    assert {"started", "recording_started", "recording_stopped"} <= {e.kind for e in events}
    report = next(event.report for event in events if event.kind == "recording_stopped")
    raw, _ = soundfile.read(report.raw_path, dtype="float32")
    restored, _ = soundfile.read(report.restored_path, dtype="float32")
    np.testing.assert_array_equal(raw, record)
    restorer = StreamRestorer(RATE, 2)
    expected = restorer.process(record.T, Settings()).restored
    expected = np.concatenate([expected, restorer.flush(Settings()).restored], axis=1)
    np.testing.assert_array_equal(restored.T, expected[:, restorer.latency :])
    assert telemetry.finished
    assert telemetry.seconds == pytest.approx(len(record) / RATE)
    assert (telemetry.xruns_in, telemetry.xruns_out, telemetry.lost_samples) == (0, 0, 0)
    assert (telemetry.sample_rate, telemetry.channels) == (RATE, 2)
    np.testing.assert_array_equal(display.restored[:, -len(record) :], restored.T)


def test_a_mono_file_stays_mono(tmp_path: Path) -> None:
    record = write_record(tmp_path / "side.wav", channels=1)
    config = StreamConfig(str(tmp_path / "side.wav"), "none", record_folder=tmp_path)
    with Engine(config) as engine:
        events = events_until(engine, "finished")
    report = next(event.report for event in events if event.kind == "recording_stopped")
    assert soundfile.info(report.raw_path).channels == 1
    assert soundfile.info(report.restored_path).frames == len(record)


def test_the_pace_is_that_of_the_record(tmp_path: Path) -> None:
    write_record(tmp_path / "side.wav", seconds=60.0)
    with Engine(StreamConfig(str(tmp_path / "side.wav"), "none")) as engine:
        began, first = time.monotonic(), engine.telemetry().seconds
        time.sleep(1.5)
        passed, heard = time.monotonic() - began, engine.telemetry().seconds - first
    assert heard == pytest.approx(passed, abs=0.4)  # the buffer's length, both ways


def test_settings_reach_the_sound(tmp_path: Path) -> None:
    write_record(tmp_path / "side.wav", seconds=60.0)
    with Engine(StreamConfig(str(tmp_path / "side.wav"), "none"), Settings()) as engine:
        engine.post(Settings(bypass=True))
        time.sleep(0.3)
        since = engine.display().end
        wait_until(lambda: engine.display(since).end - since > RATE // 2)
        chunk = engine.display(since)
    np.testing.assert_array_equal(chunk.restored, chunk.dry)
    assert np.abs(chunk.dry).max() > 0.5


def test_recording_can_be_switched_on_and_off(tmp_path: Path) -> None:
    write_record(tmp_path / "side.wav", seconds=60.0)
    with Engine(StreamConfig(str(tmp_path / "side.wav"), "none")) as engine:
        with pytest.raises(RestorationError, match="nothing is being recorded"):
            engine.stop_recording()
        paths = set()
        for _ in range(2):
            engine.start_recording(tmp_path)
            with pytest.raises(RestorationError, match="running already"):
                engine.start_recording(tmp_path)
            wait_until(lambda: engine.telemetry().recorded_s > 0.3)
            assert engine.telemetry().free_bytes > 0
            report = engine.stop_recording()
            frames = [soundfile.info(p).frames for p in (report.raw_path, report.restored_path)]
            assert frames[0] == frames[1] > 0.2 * RATE
            paths.add(report.raw_path)
        wait_until(lambda: not engine.telemetry().recording)
    assert len(paths) == 2


def test_stopping_the_engine_finishes_the_recording(tmp_path: Path) -> None:
    record = write_record(tmp_path / "side.wav", seconds=60.0)
    config = StreamConfig(
        str(tmp_path / "side.wav"), "none", record_folder=tmp_path, record_format="wav"
    )
    engine = Engine(config)
    engine.start()
    wait_until(lambda: engine.telemetry().recorded_s > 0.5)
    paths = engine.telemetry().raw_path, engine.telemetry().restored_path
    engine.stop()
    assert engine.telemetry().state == "stopped"
    raw, restored = (soundfile.read(path, dtype="float32")[0] for path in paths)
    assert len(raw) == len(restored) > 0.4 * RATE
    np.testing.assert_array_equal(raw, record[: len(raw)])


def test_a_recording_that_fails_is_ended_and_said_each_time(tmp_path: Path) -> None:
    write_record(tmp_path / "side.wav", seconds=60.0)
    with Engine(StreamConfig(str(tmp_path / "side.wav"), "none")) as engine:
        for _ in range(2):
            engine.start_recording(tmp_path, "wav")
            Path(engine.telemetry().raw_path).unlink()
            events = events_until(engine, "recording_stopped")
            (trouble,) = [event.message for event in events if event.kind == "error"]
            assert trouble.startswith("the recording has stopped: ")
            assert "was removed while it was recorded" in events[-1].report.error
            wait_until(lambda: not engine.telemetry().recording)
        heard = engine.telemetry().seconds
        wait_until(lambda: engine.telemetry().seconds > heard)  # the sound goes on


def test_a_killed_engine_is_noticed_and_said(tmp_path: Path) -> None:
    write_record(tmp_path / "side.wav", seconds=60.0)
    engine = Engine(StreamConfig(str(tmp_path / "side.wav"), "none"))
    engine.start()
    assert engine._process.pid
    os.kill(engine._process.pid, signal.SIGKILL)
    events = events_until(engine, "error")
    assert "stopped unexpectedly (exit code -9)" in events[-1].message
    assert engine.telemetry().state == "failed"
    with pytest.raises(RestorationError, match="not running"):
        engine.start_recording(tmp_path)
    engine.stop()


ORPHAN = """
import sys, time
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
if __name__ == "__main__":
    engine = Engine(StreamConfig(sys.argv[1], "none"))
    engine.start()
    print(engine._process.pid, flush=True)
    time.sleep(60)
"""


def test_the_engine_does_not_outlive_its_parent(tmp_path: Path) -> None:
    write_record(tmp_path / "side.wav", seconds=60.0)
    (tmp_path / "parent.py").write_text(ORPHAN)
    command = [sys.executable, str(tmp_path / "parent.py"), str(tmp_path / "side.wav")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
        parent.communicate()
    wait_until(lambda: not is_running(child))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("name", ["missing.wav", "notes.flac", "empty.wav", "many.wav"])
def test_a_bad_file_is_one_clear_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.flac").write_text("these are no samples")
    soundfile.write(tmp_path / "empty.wav", np.zeros((0, 2)), RATE)
    soundfile.write(tmp_path / "many.wav", np.zeros((100, 32)), RATE)
    with pytest.raises(RestorationError, match=name) as raised:
        Engine(StreamConfig(str(tmp_path / name), "none")).start()
    assert "\n" not in str(raised.value)


def test_a_missing_recording_folder_is_one_clear_line(tmp_path: Path) -> None:
    write_record(tmp_path / "side.wav")
    config = StreamConfig(str(tmp_path / "side.wav"), "none", record_folder=tmp_path / "gone")
    with pytest.raises(RestorationError, match="gone"):
        Engine(config).start()


@pytest.mark.parametrize("rate", [8_000, 96_000])
def test_a_file_of_any_rate_is_recorded_at_its_own(tmp_path: Path, rate: int) -> None:
    record = write_record(tmp_path / "side.wav", seconds=0.5, rate=rate)
    config = StreamConfig(
        str(tmp_path / "side.wav"), "none", record_folder=tmp_path, record_format="wav"
    )
    with Engine(config) as engine:
        events = events_until(engine, "finished")
        assert engine.telemetry().sample_rate == rate
    report = next(event.report for event in events if event.kind == "recording_stopped")
    np.testing.assert_array_equal(soundfile.read(report.raw_path, dtype="float32")[0], record)
    assert soundfile.info(report.restored_path).frames == len(record)


def test_without_an_output_the_demo_goes_on_silently(tmp_path: Path) -> None:
    if any(device.outputs for device in list_devices()):
        pytest.skip("this machine has a sound output")
    write_record(tmp_path / "side.wav", seconds=5.0)
    config = StreamConfig(str(tmp_path / "side.wav"), allow_null_output=True)
    with Engine(config) as engine:
        events = events_until(engine, "started")
        assert engine.telemetry().output_name == "none"
    assert any("going on without sound" in e.message for e in events if e.kind == "warning")
    with pytest.raises(RestorationError, match="no sound output device"):
        Engine(StreamConfig(str(tmp_path / "side.wav"))).start()


def test_missing_portaudio_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = 'raise OSError("PortAudio library not found")\n'  # what sounddevice does then
    (tmp_path / "sounddevice.py").write_text(missing)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    write_record(tmp_path / "side.wav", seconds=0.2)
    with pytest.raises(RestorationError, match="apt-get install libportaudio2"):
        list_devices()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RestorationError, match="apt-get install libportaudio2"):
        Engine(StreamConfig("turntable", "none")).start()
    with Engine(StreamConfig(str(tmp_path / "side.wav"), "none")) as engine:
        events_until(engine, "finished")  # a file without headphones needs no PortAudio


LARGE_BUFFERS = """
import os, sys, threading
import numpy as np
from realtime.engine.memory import keep_large_buffers_apart

def resident_mb():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

if sys.argv[1] == "apart":
    assert keep_large_buffers_apart()
np.ones(600_000)  # the largest that was ever given back
everybody = threading.Barrier(7)

def open_a_device():
    buffer = np.ones(550_000)  # 4.4 MB
    everybody.wait()
    del buffer
    everybody.wait()
    everybody.wait()

threads = [threading.Thread(target=open_a_device) for _ in range(6)]
before = resident_mb()
for thread in threads:
    thread.start()
everybody.wait()
everybody.wait()
print(resident_mb() - before)
everybody.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's way of keeping memory")
def test_buffers_of_devices_that_are_gone_go_back_to_the_system() -> None:
    kept_mb = {
        how: float(
            subprocess.run(
                [sys.executable, "-c", LARGE_BUFFERS, how],
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for how in ("apart", "as ever")
    }
    assert kept_mb["apart"] < 3
    assert kept_mb["as ever"] > 15  # else the library does it by itself
