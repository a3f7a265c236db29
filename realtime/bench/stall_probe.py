"""Does the machine itself stand still? Threads that only sleep note how late they are woken.

One on each core: a virtual machine may take away one core and leave the other. They take real-time
priority where permitted, as the engine does: what delays them delays the engine and the sound
server as well, and a run during which they were delayed by more than a buffer says nothing about
either.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

STEP_S = 0.002


class StallProbe:
    """The watch, from creation to ``worst_s`` or ``end``."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "realtime.bench.stall_probe"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def worst_s(self) -> float:
        """End the watch; the longest time the machine stood still, in seconds."""
        self._process.send_signal(signal.SIGTERM)
        worst, _ = self._process.communicate(timeout=10)
        return float(worst or 0.0)

    def end(self) -> None:
        """End the watch if nobody asked."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def main() -> None:
    """Sleep until SIGTERM, then print the worst lateness of any core in seconds."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
    worst_s = dict.fromkeys(cores, 0.0)
    watches = [threading.Thread(target=_watch, args=(core, worst_s, ended)) for core in cores]
    for watch in watches:
        watch.start()
    for watch in watches:
        watch.join()
    print(max(worst_s.values()))


def _watch(core: int, worst_s: dict[int, float], ended: threading.Event) -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setaffinity(0, {core})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
    before = time.monotonic()
    while not ended.is_set():
        time.sleep(STEP_S)
        now = time.monotonic()
        worst_s[core] = max(worst_s[core], now - before - STEP_S)
        before = now


if __name__ == "__main__":
    main()
