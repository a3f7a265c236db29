"""The program in a process of its own that has its modules already, so that it starts at once.

Loading Python and the modules takes as long as restoring seconds of sound. One process loads them
once, and whenever the program is wanted a copy of it (a fork) runs ``main.py``, from its first line
to its exit code. It imports nothing that ``restore`` would not.
"""

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
MAIN = ROOT / "main.py"
LOADED = (
    *("model", "numpy", "soundfile", "soxr", "yaml", "mutagen.flac", "importlib.metadata"),
    *("rich.console", "rich.progress", "rich.table", "realtime.logbook", "realtime.answers"),
    *("realtime.batch.restore_command", "realtime.batch.many_files"),
)
# What is read before the first line of main.py: a program with another one starts from nothing.
READ_BEFORE = ("PYTHON", "LC_", "LANG", "LD_", "OMP_", "OPENBLAS_", "MKL_")
MESSAGE_MAX = 1 << 17  # bytes


def is_possible() -> bool:
    """Whether this system can copy processes, and send files from one to another."""
    return sys.platform == "linux"


class WarmProgram:
    """Starts copies of one loaded program, one after the other; ends with the process that has it.

    Raises
    ------
    subprocess.TimeoutExpired
        A copy took longer than it was given; it has been killed.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel = ours
        self._environment = dict(os.environ)
        command = [sys.executable, __file__, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def suits(self, environment: dict[str, str]) -> bool:
        """Whether a program with these variables can do with what is loaded."""
        names = environment.keys() | self._environment.keys()
        return self._process.poll() is None and not any(
            environment.get(name) != self._environment.get(name)
            for name in names
            if name.startswith(READ_BEFORE)
        )

    def run(
        self, arguments: Sequence[str], environment: dict[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, within ``timeout`` seconds."""
        order = {"arguments": arguments, "environment": environment, "folder": str(Path.cwd())}
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as errors:
            files = [told.fileno(), errors.fileno()]
            socket.send_fds(self._channel, [json.dumps(order).encode()], files)
            pid = int(self._channel.recv(MESSAGE_MAX))
            self._channel.settimeout(timeout)
            try:
                code = int(self._channel.recv(MESSAGE_MAX))
            except TimeoutError as error:
                os.kill(pid, signal.SIGKILL)
                self._channel.settimeout(None)
                self._channel.recv(MESSAGE_MAX)
                raise subprocess.TimeoutExpired(list(arguments), timeout, _all(told)) from error
            finally:
                self._channel.settimeout(None)
            return subprocess.CompletedProcess(arguments, code, _text(told), _text(errors))


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _text(file: IO[bytes]) -> str:
    """What ``subprocess`` would make of it."""
    return _all(file).decode().replace("\r\n", "\n").replace("\r", "\n")


def _copies(channel: socket.socket) -> list[str] | None:
    """Copy this process at every order; returns the arguments in a copy, and None at the end."""
    threads = list(Path("/proc/self/task").iterdir())
    assert len(threads) == 1, "a copy would wait for what other threads hold"
    while True:
        message, files, *_ = socket.recv_fds(channel, MESSAGE_MAX, 2)
        if not message:
            return None
        order = json.loads(message)
        pid = os.fork()
        if pid == 0:
            channel.close()
            for place, file in enumerate(files, start=1):
                os.dup2(file, place)
                os.close(file)
            os.environ.clear()
            os.environ.update(order["environment"])
            os.chdir(order["folder"])
            return list(order["arguments"])
        for file in files:
            os.close(file)
        channel.send(str(pid).encode())
        channel.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # as it is for a program that lies there
    for name in LOADED:
        import_module(name)
    wanted = _copies(socket.socket(fileno=int(sys.argv[1])))
    if wanted is not None:
        sys.argv = [str(MAIN), *wanted]
        runpy.run_path(str(MAIN), run_name="__main__")
