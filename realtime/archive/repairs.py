"""Every repair of a side, kept beside it: where, how long, on which wall, how high, how sure.

A line of CSV each. Of a recording the worker hands them over and the recorder's thread writes them
with each commit of the sound; of a file the caller does both.
"""

import contextlib
import csv
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from model.chain import Impulse
from model.errors import RestorationError
from realtime.archive.sidecar import ENDING as SIDECAR_ENDING
from realtime.archive.sidecar import sidecar_of_pair, sidecar_of_restored
from realtime.soundfiles.file_names import fitted

ENDING = ".shellac.csv"  # no longer than the sidecar's: what has room for that has room for this
COLUMNS = ("sample", "length", "wall", "height", "certainty")
WALLS = ("left", "right")
MOST_LINES = 20_000_000  # a day and a night of a very worn record


class Repair(NamedTuple):
    """One repair of a side.

    Attributes
    ----------
    start, length : int
        In samples of the restored file.
    wall : int
        The channel.
    height : float
        The highest sample of what was found, full scale 1.
    certainty : float
        0.5 (as likely as not) to 1.
    """

    start: int
    length: int
    wall: int
    height: float
    certainty: float

    @property
    def end(self) -> int:
        """The sample after the last one."""
        return self.start + self.length


class RepairsFile:
    """Grows while a side is restored; opened with the first line that is written.

    Parameters
    ----------
    path : Path
        A file of that name is written over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._waiting: deque[Repair] = deque()  # worker appends, the writing thread takes
        self._file: TextIO | None = None
        self._failed = False

    def add(self, impulses: Iterable[Impulse], began_at: int = 0) -> None:
        """Take over what was found; positions count from ``began_at`` of the stream."""
        for found in impulses:
            start = found.start - began_at
            length = found.length + min(start, 0)  # what began before the file did
            if length > 0:
                self._waiting.append(
                    Repair(max(start, 0), length, found.channel, found.peak, found.certainty)
                )

    def commit(self) -> None:
        """Write what waits; a disk that refuses costs the list, never the sound."""
        if self._failed:
            self._waiting.clear()
            return
        try:
            if self._file is None:
                self._file = self.path.open("w", encoding="utf-8", newline="")
                self._file.write(",".join(COLUMNS) + "\n")
            while self._waiting:
                self._file.write(_line(self._waiting.popleft()))
            self._file.flush()
        except OSError:
            self._failed = True

    def close(self) -> None:
        """Write the rest and let the file go; whatever comes later is not taken."""
        self.commit()
        if self._file is not None and not self._failed:
            with contextlib.suppress(OSError):
                self._file.close()
        self._failed = True


def repairs_beside(sound: Path) -> Path:
    """Return where the repairs of a restored file stand, or of a recorded pair."""
    alone = repairs_of_restored(sound)
    is_alone = alone.exists() or sidecar_of_restored(sound).exists()
    return alone if is_alone else repairs_of_recording(sound)


def repairs_of_restored(target: Path) -> Path:
    """Return where the repairs of a restored file are written."""
    return target.with_name(fitted(target.name, ENDING))


def repairs_of_recording(sound: Path) -> Path:
    """Return where the repairs of a recorded pair stand, from the path of either file."""
    return sound.with_name(sidecar_of_pair(sound).name.removesuffix(SIDECAR_ENDING) + ENDING)


def write_repairs(path: Path, repairs: Sequence[Repair]) -> None:
    """Write a whole list.

    Raises
    ------
    RestorationError
        It cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(",".join(COLUMNS) + "\n")
            file.writelines(map(_line, repairs))
    except OSError as error:
        raise RestorationError(f"{path} cannot be written: {error.strerror or error}") from None


def read_repairs(path: Path) -> list[Repair]:
    """Return the repairs of a side in the order of time; their numbers count from 1 in it.

    A last line that was cut off is left out: the program may have been killed over it.

    Raises
    ------
    RestorationError
        There is no such list, or it is not one.
    """
    found: list[Repair] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            if next(lines, None) != list(COLUMNS):
                raise RestorationError(f"{path} is no list of repairs; restore the side again")
            for fields in lines:
                if repair := _repair(fields):
                    found.append(repair)
                if len(found) > MOST_LINES:
                    raise RestorationError(f"{path} has more lines than a side can have repairs")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        if isinstance(error, FileNotFoundError):
            raise RestorationError(
                f"{path} is not there: no repairs are known of this side; restore it anew"
            ) from None
        raise RestorationError(f"{path} cannot be read as a list of repairs: {error}") from None
    return sorted(found)


def _line(repair: Repair) -> str:
    wall = WALLS[repair.wall] if repair.wall < len(WALLS) else str(repair.wall)
    return f"{repair.start},{repair.length},{wall},{repair.height:.6f},{repair.certainty:.4f}\n"


def _repair(fields: list[str]) -> Repair | None:
    try:
        start, length, wall, height, certainty = fields
        repair = Repair(int(start), int(length), WALLS.index(wall), float(height), float(certainty))
    except ValueError:
        return None
    return repair if repair.start >= 0 and repair.length > 0 else None
