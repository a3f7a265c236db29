"""Where a PulseAudio or PipeWire server has connected us. Has a thread of its own.

When a device goes away such a server moves our stream to another one and says nothing to us: an
input then delivers something else, in the worst case our own output. So the server's own news are
followed (``pactl subscribe``). Without that command, or another kind of sound system: no routes.
"""

import contextlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass

ASK_S = 2.0  # a server that takes longer hangs
AGAIN_S, SELDOM_S = 1.0, 30.0  # until a server that is gone, or never was, is looked for again
SETTLE_S = 0.02  # news come in crowds
# Ends with its input, so that it does not outlive an engine that is killed.
LISTEN = '"$0" subscribe & listening=$!; exec >&-; read -r _; kill $listening 2>&-'
STREAMS = {
    "input": ("source-outputs", "Source", "sources"),
    "output": ("sink-inputs", "Sink", "sinks"),
}


@dataclass(frozen=True, slots=True)
class Routes:
    """The devices that our own streams are connected to; empty where there is none."""

    input: str = ""
    output: str = ""
    present: frozenset[str] = frozenset()  # names of all devices there are

    def of(self, kind: str) -> str:
        """Of "input" or "output"."""
        return self.input if kind == "input" else self.output


class RouteWatch:
    """Follows where this process's streams are connected.

    Attributes
    ----------
    now : Routes or None
        None where nobody knows; its thread replaces it, the control thread reads.

    Parameters
    ----------
    when_removed : callable
        Takes "input" or "output" in the moment in which the device of our stream is removed;
        called on this thread.
    """

    def __init__(self, when_removed: Callable[[str], None]) -> None:
        self.now: Routes | None = None
        self._when_removed = when_removed
        self._ours: dict[str, str] = {}  # the numbers of the devices we are connected to
        self._ended = threading.Event()
        self._listening: subprocess.Popen[bytes] | None = None
        self._command = shutil.which("pactl")
        if self._command:
            threading.Thread(target=self._run, name="routes", daemon=True).start()

    def end(self) -> None:
        """Listen no more."""
        self._ended.set()
        if self._listening is not None and self._listening.stdin is not None:
            self._listening.stdin.close()

    def _run(self) -> None:
        pause_s = AGAIN_S
        while not self._ended.is_set():
            with contextlib.suppress(OSError):
                self._follow()
            pause_s = AGAIN_S if self.now else min(2 * pause_s, SELDOM_S)
            self.now = None
            self._ended.wait(pause_s)

    def _follow(self) -> None:
        assert self._command
        with subprocess.Popen(
            ["/bin/sh", "-c", LISTEN, self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_plain(),
        ) as listening:
            self._listening = listening
            assert listening.stdout
            news = listening.stdout.fileno()
            self.now = self._ask()
            # Also our own question is news (a client that comes and goes): only devices count.
            while (lines := os.read(news, 65_536)) and not self._ended.is_set():
                self._look_for_removals(lines)
                if re.search(rb"on (source|sink)", lines):
                    self._ended.wait(SETTLE_S)
                    self.now = self._ask()

    def _look_for_removals(self, lines: bytes) -> None:
        for device, number in re.findall(rb"'remove' on (source|sink) #(\d+)", lines):
            kind = "input" if device == b"source" else "output"
            if self._ours.get(kind) == number.decode():
                self._when_removed(kind)

    def _ask(self) -> Routes | None:
        found, present = {}, set()
        for kind, (streams, label, devices) in STREAMS.items():
            names = self._devices(devices)
            ours = our_device(self._answer(streams), label, os.getpid())
            if names is None:
                return None
            found[kind], self._ours[kind] = names.get(ours, ""), ours
            present |= set(names.values())
        return Routes(found["input"], found["output"], frozenset(present))

    def _devices(self, kind: str) -> dict[str, str] | None:
        lines = self._answer("short", kind).splitlines()
        rows = [line.split("\t") for line in lines if "\t" in line]
        return {row[0]: row[1] for row in rows} or None

    def _answer(self, *words: str) -> str:
        assert self._command
        try:
            answer = subprocess.run(
                [self._command, "list", *words],
                capture_output=True,
                env=_plain(),
                timeout=ASK_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return answer.stdout.decode(errors="replace")


def our_device(listing: str, label: str, pid: int) -> str:
    """Return the number of the device that a process's stream is connected to; empty if none.

    Parameters
    ----------
    listing : str
        What ``pactl list source-outputs`` or ``sink-inputs`` prints.
    label : str
        "Source" or "Sink".
    pid : int
    """
    for block in re.split(r"\n\s*\n", listing):
        device = re.search(rf"^\s*{label}: (\d+)", block, re.M)
        owner = re.search(r'application\.process\.id = "(\d+)"', block)
        if device and owner and int(owner[1]) == pid:
            return device[1]
    return ""


def _plain() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}
