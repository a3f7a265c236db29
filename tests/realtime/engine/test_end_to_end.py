"""The whole way through a real sound server: a record played into one virtual device, the
headphones recorded from another, compared sample by sample with what the engine wrote to disk.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import started_sound_server, virtual_sound
from numpy.typing import NDArray
from sound_tools import SOUND_RATE

from model.errors import RestorationError
from model.settings import Settings
from realtime.bench.stall_probe import StallProbe
from realtime.children import child_environment, module_command
from realtime.config import StreamConfig
from realtime.devices.input_probe import line_of
from realtime.engine.engine import Engine
from realtime.telemetry import Telemetry

pytestmark = pytest.mark.alone

F32 = NDArray[np.float32]
SECONDS = 5.0
BUFFER_S = 0.1  # of the output: this is about every sample, not about a short delay
PATIENCE_S = 90.0
LIGHT = ("none",)  # without networks: a slow machine is to keep up, this is about the way there


def worn_record() -> F32:
    """A chord over hiss, never twice the same, with clicks; float32 ``[samples, 2]``."""
    rng = np.random.default_rng(78)
    n = int(SECONDS * SOUND_RATE)
    t = np.arange(n) / SOUND_RATE
    chord = sum(0.06 * np.sin(2 * np.pi * hz * t) for hz in (220.3, 331.7, 523.1))
    signal = 0.005 * rng.standard_normal((n, 2)) + np.asarray(chord)[:, None]
    onsets = rng.integers(0, n - 20, 60)
    for onset in onsets:
        signal[onset : onset + 6, rng.integers(2)] += rng.choice([-0.7, 0.7])
    return np.asarray(signal, np.float32)


@contextmanager
def headphones_recorded(path: Path) -> Iterator[None]:
    """Everything that the virtual headphones play goes into a WAV file."""
    command = [
        *("parecord", "--device=headphones.monitor", "--format=float32le", "--channels=2"),
        *(f"--rate={SOUND_RATE}", "--file-format=wav", "--latency-msec=50", str(path)),
    ]
    with subprocess.Popen(command) as recorder:
        try:
            wait_until(lambda: path.exists() and path.stat().st_size > SOUND_RATE)  # it runs
            yield
            before = path.stat().st_size
            lag = round((1.0 + BUFFER_S) * SOUND_RATE) * 2 * 4  # bytes still on their way
            wait_until(lambda: path.stat().st_size > before + lag)
        finally:
            recorder.terminate()
            recorder.wait(PATIENCE_S)


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)


def passed(engine: Engine, seconds: float) -> None:
    """Wait until so much more sound has gone through the engine."""
    end = engine.telemetry().seconds + seconds
    wait_until(lambda: engine.telemetry().seconds > end)


def play(path: Path) -> None:
    subprocess.run(playing_of(path), check=True, timeout=180)


def playing_of(path: Path) -> list[str]:
    """The command that plays a file into the turntable, channel by channel."""
    wide = ["--channel-map=front-left,front-right,rear-left,rear-right"]
    is_wide = soundfile.info(str(path)).channels == 4
    return ["paplay", "--device=turntable", *(wide if is_wide else []), str(path)]


def locate(needle: F32, haystack: F32) -> int:
    """Where a stretch of one channel begins in another signal, exactly; -1 when it is not there."""
    length = 64
    for start in np.flatnonzero(haystack[:, 0] == needle[0, 0]):
        if np.array_equal(haystack[start : start + length, 0], needle[:length, 0]):
            return int(start)
    return -1


def assert_contains(
    recorded: F32, played: F32, what: str, probe: StallProbe, figures: Telemetry
) -> None:
    """Every sample of ``played`` stands in ``recorded``, in one piece; ``figures`` are told."""
    start = locate(played, recorded)
    part = recorded[max(start, 0) : max(start, 0) + len(played)]
    if start >= 0 and np.array_equal(part, played):
        return
    worst_s = probe.worst_s()
    if worst_s > BUFFER_S:
        pytest.skip(f"inconclusive: the machine stood still for {worst_s * 1000:.0f} ms")
    n = min(len(part), len(played))
    wrong = np.flatnonzero((part[:n] != played[:n]).any(axis=1))
    end = locate(played[-SOUND_RATE // 4 :], recorded)
    moved = end - start - (len(played) - SOUND_RATE // 4)
    pytest.fail(
        f"{what}: found at {start}, {len(part)} of {len(played)} samples, first wrong ones "
        f"{wrong[:5].tolist()}, {len(wrong)} in all, the end moved by {moved} samples; "
        f"longest stall {worst_s * 1000:.0f} ms; {figures}"
    )


def run_live(tmp_path: Path, settings: Settings, record: F32) -> tuple[F32, F32, F32, Telemetry]:
    """Play ``record`` once; returns raw file, restored file, headphones, last telemetry."""
    soundfile.write(tmp_path / "record.wav", record, SOUND_RATE, "FLOAT")
    config = StreamConfig(
        *("turntable", "headphones"),
        latency_s=BUFFER_S,
        record_folder=tmp_path,
        record_format="wav",
        models=LIGHT,
    )
    with headphones_recorded(tmp_path / "headphones.wav"), Engine(config, settings) as engine:
        # Fresh devices are given a moment to settle before anything is heard.
        passed(engine, 1.0 + 2 * BUFFER_S)
        play(tmp_path / "record.wav")
        passed(engine, 0.5 + BUFFER_S)
        report = engine.stop_recording()
        telemetry = engine.telemetry()
    raw, _ = soundfile.read(report.raw_path, dtype="float32")
    restored, _ = soundfile.read(report.restored_path, dtype="float32")
    heard, _ = soundfile.read(tmp_path / "headphones.wav", dtype="float32")
    return raw, restored, heard, telemetry


@pytest.mark.usefixtures("sound_server")
def test_every_sample_arrives_on_disk_and_in_the_headphones(
    tmp_path: Path, stall_probe: StallProbe
) -> None:
    record = worn_record()
    raw, restored, heard, telemetry = run_live(tmp_path, Settings(), record)
    start = locate(record, raw)
    assert_contains(raw, record, "raw file", stall_probe, telemetry)
    assert len(restored) == len(raw)
    of_the_record = restored[start : start + len(record)]
    assert_contains(heard, of_the_record, "headphones", stall_probe, telemetry)
    assert (telemetry.xruns_in, telemetry.xruns_out, telemetry.lost_samples) == (0, 0, 0)
    assert telemetry.impulses >= 30
    assert np.abs(record - of_the_record).max() > 0.4  # clicks of 0.7, at a depth of 0.9


@pytest.mark.usefixtures("sound_server")
def test_bypass_plays_the_delayed_record_itself(tmp_path: Path, stall_probe: StallProbe) -> None:
    record = worn_record()[: 3 * SOUND_RATE]
    raw, restored, heard, telemetry = run_live(tmp_path, Settings(bypass=True), record)
    assert_contains(raw, record, "raw file", stall_probe, telemetry)
    assert_contains(restored, record, "restored file", stall_probe, telemetry)
    assert_contains(heard, record, "headphones", stall_probe, telemetry)


def test_a_sound_server_that_crashed_is_started_again_for_the_next_test() -> None:
    with started_sound_server(f"/tmp/shellac_crashed_{os.getpid()}") as place:
        os.kill(int((Path(place["VIRTUAL_SOUND_DIR"]) / "pid").read_text()), signal.SIGKILL)
        told = virtual_sound("start", place)
        assert len(told) == 1 and told[0].startswith("the sound server had ended")
        assert virtual_sound("start", place) == []
        sinks = subprocess.run(
            ["pactl", "list", "short", "sinks"],
            env={**os.environ, **place},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "headphones" in sinks.stdout


@pytest.mark.usefixtures("sound_server")
def test_an_unknown_input_lists_the_near_ones(tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match="no input device 'turntabel'; near names: 'turnt"):
        Engine(StreamConfig("turntabel", "none")).start()


@pytest.mark.usefixtures("sound_server")
def test_an_unknown_output_lists_the_near_ones(tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match="no output device 'headfones'; near names: 'head"):
        Engine(StreamConfig("turntable", "headfones")).start()


@pytest.mark.usefixtures("sound_server")
def test_a_mono_input_is_restored_in_mono(tmp_path: Path) -> None:
    record = worn_record()[:SOUND_RATE]
    soundfile.write(tmp_path / "record.wav", record, SOUND_RATE, "FLOAT")
    config = StreamConfig("turntable", "headphones", channels=1, record_folder=tmp_path)
    with Engine(config) as engine:
        play(tmp_path / "record.wav")
        report = engine.stop_recording()
    assert soundfile.info(report.raw_path).channels == 1
    assert soundfile.info(report.restored_path).frames == soundfile.info(report.raw_path).frames


def test_a_killed_sound_server_is_said_and_costs_no_recorded_sample(
    tmp_path: Path, doomed_sound_server: Callable[[], None]
) -> None:
    record = worn_record()
    soundfile.write(tmp_path / "record.wav", record, SOUND_RATE, "FLOAT")
    config = StreamConfig("turntable", "headphones", record_folder=tmp_path, record_format="wav")
    messages: list[str] = []
    with Engine(config) as engine:
        playing = subprocess.Popen(
            ["paplay", "--device=turntable", str(tmp_path / "record.wav")],
            stderr=subprocess.DEVNULL,
        )
        time.sleep(2.0)
        doomed_sound_server()
        playing.wait(PATIENCE_S)
        until = time.monotonic() + PATIENCE_S
        while len(messages) < 2 and time.monotonic() < until:
            messages += [event.message for event in engine.events() if event.kind == "error"]
            time.sleep(0.02)
        report = engine.stop_recording()
    for device in ("turntable", "headphones"):
        assert any(f"'{device}' has ended" in m or f"'{device}' has not" in m for m in messages)
    raw, _ = soundfile.read(report.raw_path, dtype="float32")
    restored, _ = soundfile.read(report.restored_path, dtype="float32")
    start = locate(record, raw)
    assert len(raw) == len(restored)
    sounding = np.flatnonzero(raw.any(axis=1))[-1] + 1  # then silence, as long as nothing comes
    assert sounding - start > SOUND_RATE  # a second at least of what had been played
    np.testing.assert_array_equal(raw[start:sounding], record[: sounding - start])


@pytest.mark.usefixtures("wide_sound_server")
def test_input_is_heard_before_it_is_chosen_and_its_second_pair_recorded(
    tmp_path: Path, stall_probe: StallProbe
) -> None:
    record = worn_record()[: 2 * SOUND_RATE]
    wide = np.concatenate([np.full_like(record, 0.001), record], axis=1)
    soundfile.write(tmp_path / "record.wav", wide, SOUND_RATE, "FLOAT")
    command = module_command("realtime.devices.input_probe", "turntable")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=child_environment()
    ) as probe:
        assert probe.stdout is not None
        assert SOUND_RATE in (line_of(probe.stdout.readline()).rates or ())
        playing = subprocess.Popen(playing_of(tmp_path / "record.wav"))
        highest = np.full(2, -120.0)  # the sound server makes a pair of any number
        while playing.poll() is None:
            peaks = line_of(probe.stdout.readline()).peaks
            assert peaks is not None
            highest = np.maximum(highest, peaks)
        probe.kill()
    assert highest.min() > -30.0

    config = StreamConfig(
        *("turntable", "none"), first_channel=3, record_folder=tmp_path, record_format="wav"
    )
    with Engine(config) as engine:
        passed(engine, 1.0)
        play(tmp_path / "record.wav")
        passed(engine, 0.5)
        report = engine.stop_recording()
        figures = engine.telemetry()
    raw, _ = soundfile.read(report.raw_path, dtype="float32")
    assert_contains(raw, record, "the second pair", stall_probe, figures)
