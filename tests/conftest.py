"""What several test files share: a private sound server, and a watch on the machine's stalls."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# As main.py does, and before numpy is loaded: helper threads gain nothing on small matrices.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# Tests borrow sounds of one another by the bare name, from whatever folder theirs lie in.
HERE = Path(__file__).parent
sys.path += sorted({str(path.parent) for path in HERE.rglob("test_*.py")})

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from sound_tools import SOUND_RATE  # noqa: E402

from realtime.bench.stall_probe import StallProbe  # noqa: E402

# Whoever asks for one of these is alone with its kind, as is what is marked so.
ALONE = {"sound_server_environment", "doomed_sound_server", "stall_probe", "qtbot"}
# They take minutes: begun last, they would leave the other cores idle.
FIRST = {"test_training_runs.py", "test_no_drift.py", "test_build_checkpoints.py"}
SERVERS_LOST: list[str] = []  # what they said, of those that ended by themselves
PATIENCE_S = 90.0  # for what takes a moment on a machine that has nothing else to do
os.environ["SHELLAC_LOG"] = "none"  # the log of whoever runs the tests is not theirs


@contextmanager
def started_sound_server(folder: str, channels: int = 2) -> Iterator[dict[str, str]]:
    """A PulseAudio of our own with two null sinks; gives the variables that lead to it."""
    if not (shutil.which("pulseaudio") and shutil.which("parecord")):
        pytest.skip("needs PulseAudio: apt-get install pulseaudio pulseaudio-utils")
    place = {
        "VIRTUAL_SOUND_DIR": folder,
        "VIRTUAL_SOUND_RATE": str(SOUND_RATE),
        "VIRTUAL_SOUND_CHANNELS": str(channels),
    }
    virtual_sound("start", place)
    words = [line.removeprefix("export ").split("=", 1) for line in virtual_sound("env", place)]
    yield place | {name: value.strip("'") for name, value in words}
    virtual_sound("stop", place)


def virtual_sound(what: str, place: dict[str, str]) -> list[str]:
    """Have the script that keeps the server do something; the lines that it prints."""
    done = subprocess.run(
        [HERE / "virtual_sound.sh", what],
        env={**os.environ, **place},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="session")
def sound_server_environment() -> Iterator[dict[str, str]]:
    """The server that most tests share."""
    with started_sound_server(f"/tmp/shellac_sound_{os.getpid()}") as variables:
        yield variables


@pytest.fixture
def sound_server(sound_server_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices ``turntable`` and ``headphones`` for the length of one test.

    PulseAudio has been seen to end by itself, with a segmentation fault in its null sink: the
    test that was at it fails and is tried once more, and no other one with it.
    """
    if told := virtual_sound("start", sound_server_environment):
        SERVERS_LOST.append(" ".join(told))
    for name, value in sound_server_environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def wide_sound_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same devices with four channels each."""
    with started_sound_server(f"/tmp/shellac_wide_{os.getpid()}", channels=4) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.fixture
def doomed_sound_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """The same devices, from a server that this test may kill: call the fixture's value."""
    with started_sound_server(f"/tmp/shellac_doomed_{os.getpid()}") as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        pid = int((Path(variables["VIRTUAL_SOUND_DIR"]) / "pid").read_text())
        yield lambda: os.kill(pid, signal.SIGKILL)


@pytest.fixture
def qtbot(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The window's robot, which waits for whatever comes as long as a busy machine needs."""

    def patient(wait: Callable[..., Any]) -> Callable[..., Any]:
        def waits(*arguments: Any, timeout: float = 0, **more: Any) -> Any:
            return wait(*arguments, timeout=max(timeout, round(1000 * PATIENCE_S)), **more)

        return waits

    for name in ("waitUntil", "waitSignal"):
        monkeypatch.setattr(qtbot, name, patient(getattr(qtbot, name)))
    return qtbot


@pytest.fixture
def stall_probe() -> Iterator[StallProbe]:
    """Runs beside a test; a machine that stands still longer than a buffer makes it void."""
    probe = StallProbe()
    yield probe
    probe.end()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let each test hear the same noise of its module, whichever have run before in its process."""
    noise = getattr(getattr(item, "module", None), "RNG", None)
    if isinstance(noise, np.random.Generator):
        noise.bit_generator.state = np.random.default_rng(78).bit_generator.state


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs sound in time: a sound server, the window, the stall probe.

    That is one process's, test by test, beside those of all others: it mostly waits for sound. An
    engine that plays a file into nothing is late now and then beside other tests, and says so;
    whoever asks what comes out of it then is marked by hand.
    """
    items.sort(key=lambda item: item.path.name not in FIRST)
    for item in items:
        if ALONE & set(getattr(item, "fixturenames", ())):
            item.add_marker("alone")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what proved nothing, what passed at a second try, and how many inputs were tried."""
    reasons = [
        report.longrepr[2]
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple) and "inconclusive" in report.longrepr[2]
    ]
    stood_still = "; ".join(reasons) or "the machine never stood still for too long"
    terminalreporter.write_line(f"{len(reasons)} tests were inconclusive: {stood_still}")
    again = sorted({report.nodeid for report in terminalreporter.stats.get("rerun", ())})
    terminalreporter.write_line(f"{len(again)} tests were tried twice")
    for name in again:
        terminalreporter.write_line(f"  {name}")
    terminalreporter.write_line(f"{len(SERVERS_LOST)} sound servers ended by themselves")
    for told in SERVERS_LOST:
        terminalreporter.write_line(f"  {told}")
    reports = [report for found in terminalreporter.stats.values() for report in found]
    counts = [
        number
        for report in reports
        for name, number in getattr(report, "user_properties", ())
        if name == "inputs tried" and getattr(report, "when", "") == "teardown"
    ]
    if counts:
        terminalreporter.write_line(f"fuzzed with {sum(counts)} inputs ({counts} by test)")
