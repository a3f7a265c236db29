"""Undo and redo for everything that is turned, chosen or marked in the window. GUI thread.

What is listened to (B, R) is no step: who compares turns to and fro, and would bury the rest. Nor
is what is learned: it cannot be unlearned.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

from model.groove.record import RecordSettings
from ui.conduct.record_holder import RecordHolder
from ui.dialogs.record_names import NAMES, written
from ui.panels.preset_bar import Loaded, PresetBar, preset_title
from ui.state.changes import Change, Changes
from ui.state.repair_marks import Mark, RepairMarks
from ui.widgets.binder import Binder, Turn
from ui.widgets.language import tr
from ui.widgets.number_control import Gestures

LISTENING = ("monitor", "learn_hiss")
MOST_NAMED = 3  # fields of the record, in a menu's line
LONGEST = 32  # characters of a text, in a menu's line


class Undoing(QObject):
    """Notes every step, and holds the two commands of the menu.

    Attributes
    ----------
    undo, redo : QAction
        To be added to a window whose keys they shall be.
    """

    def __init__(
        self,
        changes: Changes,
        binder: Binder,
        presets: PresetBar,
        holder: RecordHolder,
        marks: RepairMarks,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._changes, self._binder = changes, binder
        self._presets, self._holder, self._marks = presets, holder, marks
        self._gestures = Gestures()  # of the record's fields
        self.undo = self._action(("Ctrl+Z",), changes.undo)
        self.redo = self._action(("Ctrl+Shift+Z", "Ctrl+Y"), changes.redo)
        changes.changed.connect(self._name_actions)
        binder.turned.connect(self._turned)
        presets.loaded.connect(self._loaded)
        holder.changed.connect(self._record_changed)
        holder.renamed.connect(self._renamed)
        holder.made.connect(self.serve)
        marks.marked.connect(self._marked)
        self._name_actions()

    def serve(self, window: QWidget) -> None:
        """Let the keys work in another window, and in its fields once what was typed is taken."""
        window.addActions((self.undo, self.redo))
        for field in window.findChildren(QWidget):
            if isinstance(field, QLineEdit | QAbstractSpinBox):
                field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """A field takes back its own letters first; without any, the keys are the window's."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        pressed = QKeySequence(event.keyCombination())
        keys = (*self.undo.shortcuts(), *self.redo.shortcuts())
        edit = watched.lineEdit() if isinstance(watched, QAbstractSpinBox) else watched
        if pressed not in keys or not isinstance(edit, QLineEdit) or edit.isModified():
            return False
        event.ignore()
        return True

    def _action(self, keys: tuple[str, ...], act: Any) -> QAction:
        action = QAction(self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda _=False: act())
        return action

    def _name_actions(self) -> None:
        undo, redo = map(_no_mnemonic, (self._changes.undo_text, self._changes.redo_text))
        self.undo.setText(tr("&Undo: {what}", what=undo) if undo else tr("&Undo"))
        self.redo.setText(tr("&Redo: {what}", what=redo) if redo else tr("&Redo"))
        self.undo.setEnabled(bool(undo))
        self.redo.setEnabled(bool(redo))

    def _turned(self, turn: Turn) -> None:
        if turn.name in LISTENING:
            return
        name, binder = turn.name, self._binder

        def apply(value: Any) -> bool:
            binder.load(replace(binder.settings, **{name: value}))
            return True

        def told(before: Any, after: Any) -> str:
            return _became(
                binder.label(name), binder.written(name, before), binder.written(name, after)
            )

        self._changes.add(Change(turn.before, turn.after, apply, told, turn.gesture))

    def _loaded(self, before: Loaded, after: Loaded) -> None:
        def apply(loaded: Loaded) -> bool:
            self._presets.put_back(loaded)
            return True

        def told(before: Loaded, after: Loaded) -> str:
            one, other = (
                preset_title(loaded.preset) if loaded.preset else tr("none")
                for loaded in (before, after)
            )
            if one == other:
                return tr("back to the preset {name}", name=one)
            return _became(tr("Preset"), one, other)

        self._changes.add(Change(before, after, apply, told))

    def _record_changed(self, before: RecordSettings, after: RecordSettings) -> None:
        was, is_ = asdict(before), asdict(after)
        names = tuple(name for name in was if was[name] != is_[name])
        gesture = ("record", names, self._gestures.step())

        def told(before: dict[str, Any], after: dict[str, Any]) -> str:
            if len(names) == 1:
                values = (written(names[0], values[names[0]]) for values in (before, after))
                return _became(tr(NAMES[names[0]]), *map(_shortened, values))
            more = ["…"] if len(names) > MOST_NAMED else []
            return ", ".join([*(tr(NAMES[name]) for name in names[:MOST_NAMED]), *more])

        before_, after_ = ({name: values[name] for name in names} for values in (was, is_))
        self._changes.add(Change(before_, after_, self._holder.put_back, told, gesture))

    def _renamed(self, before: str, after: str) -> None:
        def told(before: str, after: str) -> str:
            return _became(tr("Name of the files"), *map(_shortened, (before, after)))

        self._changes.add(Change(before, after, self._holder.put_name_back, told))

    def _marked(self, side: Path, mark: Mark) -> None:
        def apply(is_undone: bool) -> bool:
            self._marks.put_back(side, mark.number, is_undone)
            return True

        def told(_: bool, is_undone: bool) -> str:
            # What the step did to the repair.
            if is_undone:
                return tr("raw sound for repair {n} of {name}", n=mark.number, name=side.name)
            return tr("repair {n} of {name} kept", n=mark.number, name=side.name)

        self._changes.add(Change(not mark.is_undone, mark.is_undone, apply, told))


def _became(name: str, before: str, after: str) -> str:
    return f"{name} {before or '–'} → {after or '–'}"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _no_mnemonic(text: str) -> str:
    return text.replace("&", 2 * "&")
