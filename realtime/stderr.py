"""What C libraries print on stderr: swallowed for a moment, or taken for the log.

PortAudio prints lines of its source code when a device goes away, over whatever the terminal shows;
ALSA and JACK print while PortAudio looks for devices, and the MP3 decoder while it reads.
"""

import contextlib
import os
import sys
from collections.abc import Iterator

MOST_LINES = 20  # of one look; a library that raves must not fill the log
MOST_BYTES = 1 << 14


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Swallow what ALSA and JACK print while PortAudio looks at every device they could have."""
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


class StderrCapture:
    """Takes file descriptor 2 from the libraries; Python's own ``sys.stderr`` stays where it was.

    For the engine's process, control thread only. On Windows nothing is taken: there PortAudio
    keeps silent. The pipe never blocks its writers, who may be audio callbacks: what does not fit
    is dropped.
    """

    def __init__(self) -> None:
        self._reader = -1
        self._rest = b""
        if sys.platform == "win32":
            return
        sys.stderr.flush()
        sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
        self._reader, writer = os.pipe()
        for end in (self._reader, writer):
            os.set_blocking(end, False)
        os.dup2(writer, 2)
        os.close(writer)

    def take(self) -> list[str]:
        """Return the whole lines since the last call, at most ``MOST_LINES``."""
        if self._reader < 0:
            return []
        try:
            said = os.read(self._reader, MOST_BYTES)
        except BlockingIOError:
            return []
        *lines, self._rest = (self._rest + said).split(b"\n")
        if len(self._rest) > MOST_BYTES:
            self._rest = b""
        return [line.decode(errors="backslashreplace") for line in lines[:MOST_LINES]]
