"""Faults while a record plays, through a real sound server: what is said, what is on disk."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from conftest import HERE, started_sound_server
from numpy.typing import NDArray
from sound_tools import SOUND_RATE

from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.recording.recorder import RecordingReport

pytestmark = pytest.mark.alone

F32 = NDArray[np.float32]
PATIENCE_S = 60.0
UNEVEN_S = 0.25  # between a command and its effect, on a busy machine
WHEN_LOST_S = 0.3  # of sound on the wire and in buffers of a server that is killed


class Server:
    """A sound server that a test may ill-treat."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables
        self._place = Path(variables["VIRTUAL_SOUND_DIR"])

    @property
    def pid(self) -> int:
        return int((self._place / "pid").read_text())

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def start(self) -> None:
        environment = {**os.environ, **self._variables}
        command = [str(HERE / "virtual_sound.sh"), "start"]
        subprocess.run(command, check=True, timeout=PATIENCE_S, env=environment)

    def let_be_the_headphones_of(self, other: "Server") -> None:
        """From now on the other server's device of that name leads here."""
        table = other._place / "asound.conf"
        here = f'server "{self._variables["PULSE_SERVER"]}" device "headphones"'
        table.write_text(table.read_text().replace('device "headphones"', here))

    def remove(self, device: str) -> None:
        modules = subprocess.run(
            ["pactl", "list", "short", "modules"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        (number,) = (line.split()[0] for line in modules if f"sink_name={device} " in line)
        subprocess.run(["pactl", "unload-module", number], check=True)

    def add(self, device: str) -> None:
        sink = f"sink_name={device} norewinds=1 format=float32le rate={SOUND_RATE} channels=2"
        command = ["pactl", "load-module", "module-null-sink", *sink.split()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with started_sound_server(f"/tmp/shellac_faults_{os.getpid()}") as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield Server(variables)


class Player:
    """Plays records that are never twice the same into the turntable, and finds them again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def play(self, seed: int) -> float:
        """Begin; returns when that was, in monotonic seconds."""
        path = self._folder / f"record_{seed}.wav"
        soundfile.write(path, noise(seed), SOUND_RATE, "FLOAT")
        began = time.monotonic()
        command = ["paplay", "--device=turntable", str(path)]
        self._running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return began

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait(PATIENCE_S)


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    player = Player(tmp_path)
    yield player
    player.end()


def noise(seed: int, seconds: float = 60.0) -> F32:
    n = int(seconds * SOUND_RATE)
    return (0.1 * np.random.default_rng(seed).standard_normal((n, 2))).astype(np.float32)


class Listener:
    """Takes in what an engine says."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.heard: list[tuple[str, str]] = []

    def __call__(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._listen()

    def until(self, kind: str, words: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not any(kind == k and words in message for k, message in self.heard):
            assert time.monotonic() < until, self.heard
            self._listen()

    def _listen(self) -> None:
        self.heard += [(event.kind, event.message) for event in self._engine.events()]
        time.sleep(0.01)

    def until_sound(self, seconds: float = 0.5) -> None:
        """So much more of the record has gone through the engine."""
        heard, since = 0, self._engine.display().end
        until = time.monotonic() + PATIENCE_S
        while heard < seconds * SOUND_RATE:
            assert time.monotonic() < until, f"no sound comes; {self.heard}"
            self._listen()
            chunk = self._engine.display(since)
            heard, since = heard + int(np.count_nonzero(chunk.dry[0])), chunk.end

    def of(self, kind: str) -> list[str]:
        return [message for k, message in self.heard if k == kind]


def run_to_end(
    folder: Path, act: Callable[[Engine, Listener], None], **wanted: Any
) -> tuple[RecordingReport, dict[str, Any]]:
    """Record while something happens; returns the report and the sidecar."""
    config = StreamConfig(
        "turntable", "headphones", record_folder=folder, record_format="wav", **wanted
    )
    with Engine(config, Settings()) as engine:
        act(engine, Listener(engine))
        report: RecordingReport = engine.stop_recording()
    assert report.sidecar is not None
    return report, json.loads(report.sidecar.read_text())


def raw_sound(report: RecordingReport) -> F32:
    raw, restored = (
        soundfile.read(path, dtype="float32")[0] for path in (report.raw_path, report.restored_path)
    )
    assert len(raw) == len(restored) == report.samples
    return np.asarray(raw)


def found_at(raw: F32, seed: int, skipped: int = 0) -> int:
    """Where the ``skipped``-th sample of a record stands in what was recorded."""
    needle = noise(seed)[skipped : skipped + 64, 0]
    for start in np.flatnonzero(raw[:, 0] == needle[0]):
        if np.array_equal(raw[start : start + 64, 0], needle):
            return int(start)
    raise AssertionError(f"record {seed} is not in the recording from sample {skipped} on")


def the_gap(content: dict[str, Any]) -> tuple[int, int]:
    (gap,) = content["gaps"]
    assert gap["reason"] == "input away"
    return gap["sample"], gap["sample"] + gap["length"]


def test_killed_sound_server_that_is_started_again_leaves_a_gap_of_the_measured_length(
    tmp_path: Path, server: Server, player: Player, capfd: pytest.CaptureFixture[str]
) -> None:
    began = {}

    def act(_: Engine, listen: Listener) -> None:
        began[1] = player.play(1)
        listen(2.0)
        server.send(signal.SIGKILL)
        listen.until("error", "input 'turntable' has ended")
        listen.until("error", "output 'headphones' has ended")
        listen(1.0)
        server.start()
        listen.until("back", "input 'turntable' is back after")
        listen.until("back", "output 'headphones' is back after")
        began[2] = player.play(2)
        listen(2.0)

    report, content = run_to_end(tmp_path, act)
    raw = raw_sound(report)
    start, end = the_gap(content)
    first, second = found_at(raw, 1), found_at(raw, 2)
    # Nothing of what had come in is missing or changed, up to the gap and from it on.
    assert start - first > (2.0 - UNEVEN_S - WHEN_LOST_S) * SOUND_RATE
    np.testing.assert_array_equal(raw[first:start], noise(1)[: start - first])
    assert not raw[start:end].any()
    assert second >= end
    np.testing.assert_array_equal(raw[second:], noise(2)[: len(raw) - second])
    # The gap is as long as the time that passed: both records lie as far apart as they were.
    apart_s = (second - first) / SOUND_RATE
    assert apart_s == pytest.approx(began[2] - began[1], abs=UNEVEN_S)
    # What PortAudio thinks of it is for the log: the terminal shows our sentences alone.
    assert capfd.readouterr().err == ""


def test_input_that_is_removed_and_comes_back_is_taken_up_at_its_own_place_in_time(
    tmp_path: Path, server: Server, player: Player
) -> None:
    began = {}

    def act(engine: Engine, listen: Listener) -> None:
        began[1] = player.play(1)
        listen(2.0)
        server.remove("turntable")  # the server gives us the headphones' sound instead, unasked
        listen.until("error", "'turntable' was removed, and the sound server gives us 'headphones")
        listen(1.0)
        assert engine.telemetry().input_age_s > 0.5  # so that the window does not say "live"
        server.add("turntable")
        listen.until("back", "input 'turntable' is back after")
        began[2] = player.play(2)
        listen(2.0)

    report, content = run_to_end(tmp_path, act)
    raw = raw_sound(report)
    start, end = the_gap(content)
    first, second = found_at(raw, 1), found_at(raw, 2)
    assert start - first > (2.0 - UNEVEN_S - WHEN_LOST_S) * SOUND_RATE
    foreign = np.flatnonzero((raw[first:start] != noise(1)[: start - first]).any(axis=1))
    assert len(foreign) < 0.1 * SOUND_RATE  # until it was heard of
    assert not raw[start:end].any()
    np.testing.assert_array_equal(raw[second:], noise(2)[: len(raw) - second])
    apart_s = (second - first) / SOUND_RATE
    assert apart_s == pytest.approx(began[2] - began[1], abs=UNEVEN_S)


def test_output_that_is_removed_costs_the_recording_nothing_and_sounds_again_when_it_is_back(
    tmp_path: Path, server: Server, player: Player
) -> None:
    heard = tmp_path / "heard.wav"
    # The server plays on what is default then, which would be the turntable itself.
    server.add("speakers")
    subprocess.run(["pactl", "set-default-sink", "speakers"], check=True)

    def act(engine: Engine, listen: Listener) -> None:
        player.play(1)
        listen(1.5)
        server.remove("headphones")
        listen.until("error", "output 'headphones' ")  # removed, or ended in the confusion
        listen(1.5)
        assert engine.telemetry().recording
        server.add("headphones")
        listen.until("back", "output 'headphones' is back after")
        listen(0.5)
        command = ["parecord", "--device=headphones.monitor", "--file-format=wav", str(heard)]
        with subprocess.Popen(command) as recorder:
            listen(1.5)
            recorder.terminate()

    report, content = run_to_end(tmp_path, act)
    raw = raw_sound(report)
    first = found_at(raw, 1)
    np.testing.assert_array_equal(raw[first:], noise(1)[: len(raw) - first])
    assert content["gaps"] == content["xruns"] == []
    sound, _ = soundfile.read(heard, dtype="float32")
    assert np.abs(sound).max() > 0.1


def test_output_that_ends_is_opened_anew_beside_an_input_that_runs(
    tmp_path: Path, server: Server, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started_sound_server(f"/tmp/shellac_output_{os.getpid()}") as variables:
        output = Server(variables)
        output.let_be_the_headphones_of(server)

        def act(_: Engine, listen: Listener) -> None:
            player.play(1)
            listen(1.5)
            output.send(signal.SIGKILL)
            listen.until("error", "output 'headphones' has ended")
            listen(1.0)
            output.start()
            listen.until("back", "output 'headphones' is back")
            listen(1.0)
            assert [text for text in listen.of("error") if text.startswith("input")] == []

        report, content = run_to_end(tmp_path, act)
    raw = raw_sound(report)
    first = found_at(raw, 1)
    np.testing.assert_array_equal(raw[first:], noise(1)[: len(raw) - first])
    assert content["gaps"] == content["xruns"] == []


@pytest.mark.parametrize(("whom", "seconds"), [("server", 1.5), ("engine", 2.0), ("engine", 7.0)])
def test_what_stands_still_for_seconds_and_goes_on_loses_no_sample(
    tmp_path: Path, server: Server, player: Player, whom: str, seconds: float
) -> None:
    """As near to suspend and resume as a process can get."""

    def act(engine: Engine, listen: Listener) -> None:
        player.play(1)
        listen(1.5)
        pid = server.pid if whom == "server" else engine._process.pid
        assert pid
        os.kill(pid, signal.SIGSTOP)
        listen(seconds)
        os.kill(pid, signal.SIGCONT)
        listen(3.0)

    report, content = run_to_end(tmp_path, act)
    raw = raw_sound(report)
    first = found_at(raw, 1)
    np.testing.assert_array_equal(raw[first:], noise(1)[: len(raw) - first])
    assert content["gaps"] == content["xruns"] == []


def test_server_that_hangs_for_long_is_let_go_and_taken_up_when_it_wakes(
    tmp_path: Path, server: Server, player: Player
) -> None:
    passed: list[float] = []

    def act(_: Engine, listen: Listener) -> None:
        began = player.play(1)
        listen(1.5)
        server.send(signal.SIGSTOP)
        listen.until("error", "input 'turntable' has not moved for")
        listen.until("error", "the sound system hangs")
        server.send(signal.SIGCONT)
        listen.until("back", "input 'turntable' is back")
        listen.until("back", "output 'headphones' is back")
        listen.until_sound()
        passed.append(time.monotonic() - began)

    report, content = run_to_end(tmp_path, act)
    raw = raw_sound(report)
    assert {gap["reason"] for gap in content["gaps"]} == {"input away"}
    start = content["gaps"][0]["sample"]  # a server that has just woken up may stutter
    assert raw[-SOUND_RATE // 2 :].any()
    first = found_at(raw, 1)
    # Whatever it did: the recording is as long as the time that passed.
    assert (len(raw) - first) / SOUND_RATE == pytest.approx(passed[0], abs=2 * UNEVEN_S)
    np.testing.assert_array_equal(raw[first:start], noise(1)[: start - first])


def listeners() -> set[int]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"subscribe" in (process / "cmdline").read_bytes():
                found.add(int(process.name))
        except OSError:
            continue
    return found


def test_nobody_listens_on_for_an_engine_that_was_killed(server: Server) -> None:
    before = listeners()
    engine = Engine(StreamConfig("turntable", "headphones"))
    engine.start()
    until = time.monotonic() + PATIENCE_S
    while not listeners() - before:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert engine._process.pid
    os.kill(engine._process.pid, signal.SIGKILL)
    while listeners() - before:
        assert time.monotonic() < until, "it still listens"
        time.sleep(0.05)
    engine.stop()
