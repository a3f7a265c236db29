"""The log file that a maintainer asks for: where it lies, and how lines get there.

Whoever has something to say puts it into a queue and goes on; a thread of its own writes. Neither
callbacks nor the worker say anything: what happens there is counted, and the engine's log (see
``realtime.engine.engine_log``) looks at the counts once a second.
"""

import contextlib
import logging
import logging.handlers
import os
import queue
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from model.errors import RestorationError
from realtime.user_paths import expanded, home

log = logging.getLogger("shellac")
log.addHandler(logging.NullHandler())  # without a log file nothing is said anywhere
log.propagate = False

VARIABLE = "SHELLAC_LOG"
NO_LOG = "none"
FILE_NAME = "shellac.log"
MOST_BYTES, OLDER_FILES = 1_000_000, 4  # 5 MB in all
LINE = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
PACKAGES = (
    *("shellac", "numpy", "scipy", "sounddevice", "rtmixer", "soundfile", "soxr"),
    *("PySide6_Essentials", "pyqtgraph"),
)


def log_path(
    wanted: str | Path | None = None,
    environment: Mapping[str, str] = os.environ,
    system: str = sys.platform,
) -> Path | None:
    """Return where the log lies; None if none is wanted.

    Parameters
    ----------
    wanted : str or Path, optional
        A file, or ``none``. Otherwise the variable ``SHELLAC_LOG`` says it, otherwise it lies
        where the system keeps a user's logs.
    environment, system : optional
        Those of this process if not given.
    """
    named = str(wanted) if wanted else environment.get(VARIABLE, "")
    if named == NO_LOG:
        return None
    if named:
        return expanded(named)
    own = home(environment)
    if system == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else own / "AppData" / "Local") / "Shellac" / FILE_NAME
    if system == "darwin":
        return own / "Library" / "Logs" / "Shellac" / FILE_NAME
    state = environment.get("XDG_STATE_HOME", "")
    # The XDG specification has relative paths ignored.
    folder = Path(state) if state.startswith("/") else own / ".local" / "state"
    return folder / "shellac" / FILE_NAME


@contextlib.contextmanager
def logging_to(wanted: str | Path | None, command: Sequence[str]) -> Iterator[Path | None]:
    """Keep a log while a command runs; gives the file, or None where there is none.

    Parameters
    ----------
    wanted : str or Path or None
        See :func:`log_path`.
    command : sequence of str
        As the person gave it.

    Raises
    ------
    RestorationError
        A file that was named cannot be written. The usual one just is not kept then.
    """
    path = log_path(wanted)
    try:
        listener = _started(path) if path else None
    except OSError as error:
        if wanted:
            raise RestorationError(
                f"the log {path} cannot be written: {error.strerror}; name another file"
            ) from None
        path = listener = None
    hooks = sys.excepthook, threading.excepthook
    try:
        sys.excepthook, threading.excepthook = _note_unexpected, _note_unexpected_of_thread
        log.info("command: %s", " ".join(command) or "(the window)")
        log.info("%s", versions_line())
        yield path
        log.info("ended")
    except RestorationError as error:
        log.error("%s", " ".join(str(error).split()))
        raise
    except KeyboardInterrupt:
        log.info("interrupted")
        raise
    except Exception:
        log.exception("not expected")
        raise
    finally:
        sys.excepthook, threading.excepthook = hooks
        if listener is not None:
            _ended(listener)


def versions_line() -> str:
    """Return versions of interpreter, system and packages, in one line."""
    import platform

    found = {name: version for name in PACKAGES if (version := version_of(name))}
    packages = ", ".join(f"{name} {version}" for name, version in found.items())
    return f"Python {platform.python_version()} on {platform.platform()}; {packages}"


def version_of(package: str) -> str:
    """Return a package's version; empty if it is not installed."""
    from importlib import metadata  # heavy: it reads e-mail headers

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


class RotatingLog(logging.handlers.RotatingFileHandler):
    """A log that several programs may write at once, and that never disturbs any of them.

    When one of them has moved the file on, the others notice and follow.
    """

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        super().__init__(path, maxBytes=most_bytes, backupCount=OLDER_FILES, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; on the listener's thread."""
        with contextlib.suppress(OSError):
            self._follow()
        super().emit(record)

    def doRollover(self) -> None:  # noqa: N802 (the handler's name for it)
        """Begin a new file; go on with the old one where that is not possible."""
        with contextlib.suppress(OSError):  # Windows refuses while another program has it open
            super().doRollover()
        if self.stream is None:
            self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Let a full disk be: sound goes on, and a terminal is no place for a traceback."""

    def close(self) -> None:
        """Give the file back, whether it takes the last line or not."""
        with contextlib.suppress(OSError):
            super().close()

    def _follow(self) -> None:
        if self.stream is None or sys.platform == "win32":
            return
        mine = os.fstat(self.stream.fileno())
        try:
            there = Path(self.baseFilename).stat()
        except FileNotFoundError:
            there = None
        if there is None or (there.st_ino, there.st_dev) != (mine.st_ino, mine.st_dev):
            self.stream.close()
            self.stream = self._open()


def _note_unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log what Qt, which swallows errors of its slots, reports as unhandled; then print it."""
    log.error("not expected", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


def _note_unexpected_of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None:
        log.error("not expected in a thread", exc_info=failed.exc_value)
    threading.__excepthook__(failed)


def _started(path: Path) -> logging.handlers.QueueListener:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = RotatingLog(path)
    file.setFormatter(logging.Formatter(LINE))
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(lines, file)
    listener.start()
    log.addHandler(logging.handlers.QueueHandler(lines))
    log.setLevel(logging.INFO)
    return listener


def _ended(listener: logging.handlers.QueueListener) -> None:
    for handler in [h for h in log.handlers if isinstance(h, logging.handlers.QueueHandler)]:
        log.removeHandler(handler)
        handler.close()
    listener.stop()  # after the last line was written
    for file in listener.handlers:
        file.close()
