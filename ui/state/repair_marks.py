"""Which repairs of which side are to be undone: kept for the window's life. No widgets."""

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal


class Mark(NamedTuple):
    """The number of a repair, and whether it is to be undone."""

    number: int
    is_undone: bool


class RepairMarks(QObject):
    """The marks of every side that was looked at.

    Signals
    -------
    marked : Path, Mark
        The person has marked a repair, or taken its mark away.
    changed : Path, Mark
        One is marked otherwise now, whoever did it.
    """

    marked = Signal(object, object)
    changed = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._undone: dict[Path, set[int]] = {}

    def undone(self, side: Path) -> frozenset[int]:
        """Numbers of a side's repairs that are to be undone."""
        return frozenset(self._undone.get(side, ()))

    def toggle(self, side: Path, number: int) -> None:
        """Undo a repair, or keep it after all."""
        mark = Mark(number, number not in self.undone(side))
        self.put_back(side, *mark)
        self.marked.emit(side, mark)

    def put_back(self, side: Path, number: int, is_undone: bool) -> None:
        """Mark a repair so."""
        numbers = self._undone.setdefault(side, set())
        (numbers.add if is_undone else numbers.discard)(number)
        self.changed.emit(side, Mark(number, is_undone))
