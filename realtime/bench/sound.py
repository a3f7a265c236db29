"""Virtual devices for the benchmark: a private sound server, players and recorders on its sinks."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError

F32 = NDArray[np.float32]
Array = NDArray[np.float64]

RATE, CHANNELS = 44_100, 2
SCRIPT = Path(__file__).parents[2] / "tests" / "virtual_sound.sh"
FORMAT = ("--raw", "--format=float32le", f"--rate={RATE}", f"--channels={CHANNELS}")
FRAME = 4 * CHANNELS  # bytes of one sample of all channels


@contextmanager
def virtual_devices() -> Iterator[None]:
    """Devices ``turntable`` and ``headphones``, for this process and what it starts.

    Raises
    ------
    RestorationError
        PulseAudio is not installed or does not start.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="shellac_bench_") as folder:
        os.environ["VIRTUAL_SOUND_DIR"] = f"{folder}/server"
        os.environ["VIRTUAL_SOUND_RATE"] = str(RATE)
        started = subprocess.run([SCRIPT, "start"], capture_output=True, text=True, check=False)
        if started.returncode:
            raise RestorationError(started.stderr.strip().splitlines()[-1])
        exports = subprocess.run([SCRIPT, "env"], capture_output=True, text=True, check=True)
        for line in exports.stdout.splitlines():
            name, value = line.removeprefix("export ").split("=", 1)
            os.environ[name] = value.strip("'")
        try:
            yield
        finally:
            subprocess.run([SCRIPT, "stop"], check=False)
            os.environ.clear()
            os.environ.update(before)


class Capture:
    """Records a sink's monitor; every sample gets the time at which it came out.

    Samples arrive in bursts: the burst that was least late tells when the first sample was due,
    all others follow at the sampling rate. Two captures are late by the same amount, so that the
    time between them is right to about a millisecond.
    """

    def __init__(self, device: str) -> None:
        command = ["parec", f"--device={device}.monitor", "--latency-msec=50", *FORMAT]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0)
        self._chunks: list[bytes] = []
        self._began = float("inf")
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self) -> None:
        assert self._process.stdout is not None
        total = 0
        while chunk := self._process.stdout.read(65536):
            self._chunks.append(chunk)
            total += len(chunk)
            self._began = min(self._began, time.monotonic() - total / FRAME / RATE)

    def stop(self) -> tuple[F32, float]:
        """End; returns float32 ``[samples, channels]`` and the monotonic time of the first."""
        self._process.terminate()
        self._thread.join()
        self._process.wait()
        joined = b"".join(self._chunks)
        whole = len(joined) // FRAME * FRAME
        return np.frombuffer(joined[:whole], np.float32).reshape(-1, CHANNELS), self._began


def play(signal: F32, device: str = "turntable") -> None:
    """Play float32 ``[samples, channels]`` into a sink; returns when it is through."""
    command = ["pacat", f"--device={device}", *FORMAT]
    content = np.ascontiguousarray(signal, "<f4").tobytes()
    subprocess.run(command, input=content, check=True)


@contextmanager
def busy_core() -> Iterator[None]:
    """An endless loop on the last core, at normal priority."""
    code = "import os\nos.sched_setaffinity(0, {max(os.sched_getaffinity(0))})\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code]) as loop:
        time.sleep(0.2)
        try:
            yield
        finally:
            loop.kill()
