"""What is known of a recording while it runs, on disk: a killed one can be finished from it.

One JSON line for the beginning, then one for whatever has been added since. The recorder's thread
writes it with each commit of the sound, the control thread begins and ends it. The file is locked
as long as somebody writes it, and gone once the sidecar is there.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

ENDING = ".shellac.unfinished"
SCHEMA = 1
UNTOUCHED_S = 10.0  # where files cannot be locked: nobody writes what has not changed for so long

Facts = dict[str, Any]


def journal_of_recording(raw: Path) -> Path:
    """Return where the journal of a recorded pair stands, from the path of its raw file."""
    return raw.with_name(f"{raw.stem.removesuffix('_raw')}{ENDING}")


class Journal:
    """Written while a recording runs.

    Parameters
    ----------
    path : Path
        A file of that name is written over.
    begun : dict
        What is known at the beginning.
    growing : callable
        Gives the lists that only grow, by name.
    changing : callable
        Gives everything else that changes, by name.

    Raises
    ------
    OSError
        It cannot be created.
    """

    def __init__(
        self,
        path: Path,
        begun: Facts,
        growing: Callable[[], dict[str, list[Any]]],
        changing: Callable[[], Facts],
    ) -> None:
        self.path = path
        self._growing, self._changing = growing, changing
        self._written: dict[str, int] = {}  # of each list; recorder's thread only
        self._last: Facts = {}
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        with contextlib.suppress(OSError):
            _lock(self._fd)
        self._append({"schema": SCHEMA, **begun})

    def commit(self) -> None:
        """Bring to the disk what is new; a disk that refuses is the recorder's business."""
        news: dict[str, Facts] = {"add": {}, "set": {}}
        for name, items in self._growing().items():
            known = self._written.get(name, 0)
            if fresh := items[known:]:
                news["add"][name] = [
                    asdict(item) if is_dataclass(item) and not isinstance(item, type) else item
                    for item in fresh
                ]
                self._written[name] = known + len(fresh)
        for name, value in self._changing().items():
            if self._last.get(name) != value:
                news["set"][name] = self._last[name] = value
        if news["add"] or news["set"]:
            with contextlib.suppress(OSError):
                self._append(news)

    def say_closed(self) -> None:
        """Note that both sound files are complete; what follows in them is no sound."""
        with contextlib.suppress(OSError):
            self._append({"set": {"closed": True}})

    def end(self, *, remove: bool) -> None:
        """Let it go; ``remove`` once the sidecar says all of it."""
        with contextlib.suppress(OSError):
            if remove:
                self.path.unlink(missing_ok=True)
            os.close(self._fd)

    def _append(self, line: Facts) -> None:
        os.write(self._fd, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        if hasattr(os, "fdatasync"):
            os.fdatasync(self._fd)


def read_journal(file: BinaryIO) -> Facts | None:
    """Return what a journal has gathered; None if its beginning cannot be read.

    A torn or damaged line ends it: what stood before still counts.
    """
    facts: Facts = {}
    for number, line in enumerate(file):
        try:
            content = json.loads(line)
            if number == 0:
                facts = dict(content)
                continue
            for name, items in content.get("add", {}).items():
                facts.setdefault(name, []).extend(items)
            facts.update(content.get("set", {}))
        except (ValueError, TypeError, AttributeError, RecursionError):
            break
    return facts if facts.get("schema") == SCHEMA else None


def is_being_written(file: BinaryIO) -> bool:
    """True while a recorder, or another recovery, holds it; else this file holds it from now on."""
    try:
        return not _lock(file.fileno())
    except OSError:  # a file system without locks
        return time.time() - os.fstat(file.fileno()).st_mtime < UNTOUCHED_S


def _lock(fd: int) -> bool:
    if fcntl is None:
        raise OSError("no locks here")
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
