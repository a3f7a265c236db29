"""A file as it should have been written: pieces of it, with other bytes in between. Any thread.

Read by libsndfile in the place of the file itself, which is never changed.
"""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Stretch(NamedTuple):
    """So many bytes of the file from one place on."""

    start: int
    length: int


Piece = Stretch | bytes


class PatchedView(io.RawIOBase):
    """Reads pieces of a file, and given bytes, as one file.

    Parameters
    ----------
    path : Path
    pieces : sequence of Stretch or bytes
        In the order in which they are to be read.

    Raises
    ------
    OSError
        The file cannot be opened.
    """

    def __init__(self, path: Path, pieces: Sequence[Piece]) -> None:
        super().__init__()
        self.name = str(path)
        self._file = path.open("rb")
        self._pieces = [piece for piece in pieces if _length(piece)]
        self._starts = [0]
        for piece in self._pieces:
            self._starts.append(self._starts[-1] + _length(piece))
        self._position = self._number = 0  # where reading goes on, and in which piece that is

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Return the byte that is read next."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go on from another byte."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._starts[-1]}
        self._position = max(0, base[whence] + offset)
        self._number = 0
        return self._position

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Fill the buffer as far as there is something; returns how many bytes that were."""
        wanted = memoryview(buffer).cast("B")
        done = 0
        while done < len(wanted):
            content = self._next(len(wanted) - done)
            if not content:
                break
            wanted[done : done + len(content)] = content
            done += len(content)
            self._position += len(content)
        return done

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _next(self, most: int) -> bytes:
        while self._number < len(self._pieces) and self._starts[self._number + 1] <= self._position:
            self._number += 1
        if self._number == len(self._pieces):
            return b""
        piece = self._pieces[self._number]
        inside = self._position - self._starts[self._number]
        length = min(most, _length(piece) - inside)
        if isinstance(piece, bytes):
            return piece[inside : inside + length]
        self._file.seek(piece.start + inside)
        return self._file.read(length)


def _length(piece: Piece) -> int:
    return piece.length if isinstance(piece, Stretch) else len(piece)
