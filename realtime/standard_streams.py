"""Standard input, output and errors that are closed, missing or full: no reason to do no work.

Main thread, before anything else. What a command does does not hang on whether its lines are read.
"""

import errno
import io
import os
import sys
from typing import TextIO


class LenientOutput(io.RawIOBase):
    """A file descriptor that takes everything, and remembers why it could not.

    Attributes
    ----------
    trouble : str
        Empty if everything was written.
    """

    def __init__(self, fd: int) -> None:
        super().__init__()
        self.trouble = ""
        self._fd = fd

    def writable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._fd

    def isatty(self) -> bool:
        """Whether a person sees it."""
        return os.isatty(self._fd)

    def write(self, content: "bytes | memoryview") -> int:  # type: ignore[override]
        """Write, or leave it; a reader that left is still an error."""
        try:
            return os.write(self._fd, content)
        except BrokenPipeError:
            raise
        except OSError as error:
            if error.errno == errno.EAGAIN:
                raise
            self.trouble = error.strerror or str(error)
            return len(content)


def mend_standard_streams() -> None:
    """Let all three be there and take whatever is written."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:  # else the next file that is opened would be in its place
            null = os.open(os.devnull, os.O_RDWR)
            if null != fd:
                os.dup2(null, fd)
                os.close(null)
            os.set_inheritable(fd, True)  # the engine's process needs them as well
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (for the whole run)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _lenient(sys.stdout, 1)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _lenient(sys.stderr, 2)


def trouble_with_output() -> str:
    """Return why something was not written to standard output; empty if all was."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.trouble if isinstance(raw, LenientOutput) else ""


def _lenient(stream: TextIO | None, fd: int) -> TextIO:
    encoding = stream.encoding if stream is not None else "utf-8"
    if stream is not None:
        stream.flush()
    raw = LenientOutput(fd)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),  # type: ignore[type-var]  # typeshed wants one method more
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=fd == 2 or raw.isatty(),
    )
