"""What the person changed, in the order of doing, to be undone and done again. No widgets.

One list for the whole window: sliders, presets, the record, the marks of repairs.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

MOST = 500  # steps; beyond, the oldest one is forgotten


@dataclass(frozen=True)
class Change:
    """One step.

    Attributes
    ----------
    before, after
        What was there and what is there since.
    apply : callable
        Puts either into place; False where the person, asked, would rather not.
    told : callable
        Says in a few words what became what.
    gesture : Hashable or None
        Changes of one gesture, such as a drag, are one step.
    """

    before: Any
    after: Any
    apply: Callable[[Any], bool]
    told: Callable[[Any, Any], str]
    gesture: Hashable | None = None


class Changes(QObject):
    """The steps done, and those undone since.

    Signals
    -------
    changed
        Another step would be undone or done again now.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._is_open = False  # the newest step's gesture may still go on
        self._is_moving = False  # what is put into place here is no new step

    def add(self, change: Change) -> None:
        """Note what has just been changed."""
        if self._is_moving:
            return
        self._undone.clear()
        last = self._done[-1] if self._done and self._is_open else None
        if last is not None and change.gesture is not None and last.gesture == change.gesture:
            change = replace(change, before=self._done.pop().before)
        if change.before != change.after:
            self._done.append(change)
        self._is_open = change.before != change.after
        del self._done[:-MOST]
        self.changed.emit()

    def undo(self) -> None:
        """Take the newest step back."""
        self._move(self._done, self._undone, lambda change: change.before)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._move(self._undone, self._done, lambda change: change.after)

    def clear(self) -> None:
        """Begin anew: nothing to undo."""
        self._done.clear()
        self._undone.clear()
        self.changed.emit()

    @property
    def undo_text(self) -> str:
        """What ``undo`` would take back; empty for nothing."""
        return _told(self._done)

    @property
    def redo_text(self) -> str:
        """What ``redo`` would do again; empty for nothing."""
        return _told(self._undone)

    def _move(
        self, source: list[Change], target: list[Change], value: Callable[[Change], Any]
    ) -> None:
        if not source or self._is_moving:
            return
        change = source[-1]
        self._is_moving, self._is_open = True, False
        try:
            is_done = change.apply(value(change))
        finally:
            self._is_moving = False
        if is_done:
            target.append(source.pop())
        self.changed.emit()


def _told(changes: list[Change]) -> str:
    return changes[-1].told(changes[-1].before, changes[-1].after) if changes else ""
