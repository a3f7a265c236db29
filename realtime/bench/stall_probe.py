"""Does the machine itself stand still? A process that only sleeps notes how late it is woken.

It takes real-time priority where permitted, as the engine does: what delays it delays the engine
and the sound server as well, and a run during which it was delayed by more than a buffer says
nothing about either.
"""

import contextlib
import os
import signal
import subprocess
import sys
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
    """Sleep until SIGTERM, then print the worst lateness in seconds."""
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(20))
    worst_s, before = 0.0, time.monotonic()
    while not ended:
        time.sleep(STEP_S)
        now = time.monotonic()
        worst_s = max(worst_s, now - before - STEP_S)
        before = now
    print(worst_s)


if __name__ == "__main__":
    main()
