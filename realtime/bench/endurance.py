"""How many samples go missing in a long run on virtual devices; rival: a bare pass-through."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.settings import Settings
from realtime.bench.compare import Losses, losses
from realtime.bench.sound import CHANNELS, FORMAT, RATE, busy_core
from realtime.bench.stall_probe import StallProbe
from realtime.config import StreamConfig
from realtime.devices.input_names import DEMO_RECORD
from realtime.engine.engine import Engine
from realtime.recording.recorder import RecordingReport
from realtime.telemetry import Telemetry

F32 = NDArray[np.float32]

DITHER = 2e-4  # -74 dBFS of noise that never repeats: every sample of the run is one of a kind
LONGEST_STALL_S = 0.05  # of the machine; beyond, devices run dry whoever feeds them
REPEATS = 2
SETTLE_S = 1.0  # for devices to get going before the first sample is played
AFTER_S = 1.0  # played beyond what is judged, so that a slip at its end is not taken for a loss


class Endurance(NamedTuple):
    """One long run: what the engine counted, and what the comparison found."""

    telemetry: Telemetry
    raw: Losses  # raw file against what was played
    heard: Losses  # headphones against the restored file
    stall_s: float = 0.0  # the longest time the machine itself stood still

    @property
    def lost_samples(self) -> int:
        """Of the raw file and of the headphones together."""
        return self.raw.lost + self.heard.lost

    @property
    def xruns(self) -> int:
        """Of input and output together."""
        return self.telemetry.xruns_in + self.telemetry.xruns_out


def write_unique_record(path: Path, seconds: float) -> F32:
    """Write the demo record, over and over, with noise on top; raw float32 ``[n, 2]``, mapped.

    It is ``AFTER_S`` longer than asked.
    """
    record, _ = soundfile.read(DEMO_RECORD, dtype="float32", always_2d=True)
    rng = np.random.default_rng(78)
    missing = int((seconds + AFTER_S) * RATE)
    with path.open("wb") as file:
        while missing > 0:
            part = record[:missing]
            noise = rng.uniform(-DITHER, DITHER, part.shape)
            file.write((part * 0.99 + noise).astype("<f4").tobytes())
            missing -= len(part)
    return _mapped(path)


class Baseline(NamedTuple):
    """The same run without an engine."""

    heard: Losses  # headphones against what was played
    stall_s: float


class MayBeVoid(Protocol):
    """The outcome of a run that says nothing if the machine stood still meanwhile."""

    @property
    def stall_s(self) -> float:
        """The longest time the machine itself stood still."""


Run = TypeVar("Run", bound=MayBeVoid)


def undisturbed(run: Callable[[], Run]) -> Run:
    """Repeat a run during which the machine stood still; after some, take the quietest one."""
    quietest = run()
    for _ in range(REPEATS):
        if quietest.stall_s <= LONGEST_STALL_S:
            break
        print(f"the machine stood still for {quietest.stall_s:.2f} s: again", file=sys.stderr)
        quietest = min(quietest, run(), key=lambda done: done.stall_s)
    return quietest


def run_engine(seconds: float, *, busy: bool) -> Endurance:
    """Play a unique record for that long through the engine, recording all there is."""
    with tempfile.TemporaryDirectory(prefix="shellac_bench_") as name:
        folder = Path(name)
        played = write_unique_record(folder / "played", seconds)
        config = StreamConfig("turntable", "headphones", record_folder=folder, record_format="wav")
        with (
            headphones(folder / "heard"),
            busy_core() if busy else nullcontext(),
            Engine(config, Settings()) as engine,
            probed() as stall,
        ):
            time.sleep(SETTLE_S)
            play_file(folder / "played")
            time.sleep(0.5)
            report = engine.stop_recording()
            telemetry = engine.telemetry()
        return judge(played, report, telemetry, folder / "heard")._replace(stall_s=stall[0])


def judge(played: F32, report: RecordingReport, telemetry: Telemetry, heard: Path) -> Endurance:
    """Compare what was played, recorded and heard, sample by sample."""
    raw, _ = soundfile.read(report.raw_path, dtype="float32")
    restored, _ = soundfile.read(report.restored_path, dtype="float32")
    into_raw = losses(played, raw)
    part = restored[into_raw.first : into_raw.first + len(played)]
    judged = len(played) - round(AFTER_S * RATE)
    return Endurance(telemetry, into_raw, losses(part, _mapped(heard), judged))


def run_baseline(seconds: float, *, busy: bool) -> Baseline:
    """Let the same sound pass from device to device through rtmixer alone."""
    config = StreamConfig("turntable", "headphones")
    command = [sys.executable, "-m", "realtime.bench.passthrough"]
    command += [str(RATE), str(CHANNELS), str(config.block), str(config.latency_s)]
    with tempfile.TemporaryDirectory(prefix="shellac_bench_") as name:
        folder = Path(name)
        played = write_unique_record(folder / "played", seconds)
        with (
            headphones(folder / "heard"),
            busy_core() if busy else nullcontext(),
            subprocess.Popen(command, stdout=subprocess.PIPE) as passing,
            probed() as stall,
        ):
            assert passing.stdout is not None
            passing.stdout.readline()  # it is ready
            play_file(folder / "played")
            time.sleep(0.5)
            passing.terminate()
        return Baseline(losses(played, _mapped(folder / "heard")), stall[0])


class headphones:  # noqa: N801 (used like a function)
    """Write what the headphones play into a file of raw float32."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._file = self._path.open("wb")
        command = ["parec", "--device=headphones.monitor", "--latency-msec=50", *FORMAT]
        self._process = subprocess.Popen(command, stdout=self._file)
        time.sleep(0.3)

    def __exit__(self, *_: object) -> None:
        time.sleep(0.5)
        self._process.terminate()
        self._process.wait()
        self._file.close()


@contextmanager
def probed() -> Iterator[list[float]]:
    """Watch for stalls; the list holds the longest one, in seconds, when it is over."""
    probe, worst = StallProbe(), list[float]()
    try:
        yield worst
    finally:
        worst.append(probe.worst_s())


def play_file(path: Path) -> None:
    """Play raw float32 into the turntable; returns when it is through."""
    subprocess.run(["pacat", "--device=turntable", *FORMAT, str(path)], check=True)


def _mapped(path: Path) -> F32:
    whole = path.stat().st_size // (4 * CHANNELS)
    return np.memmap(path, np.float32, "r", shape=(whole, CHANNELS))
