"""The record of the window: shown in the header, changed in a dialog, handed to the engine.

GUI thread.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from model.errors import RestorationError
from model.groove.record import RecordSettings
from realtime.soundfiles.description import treatment
from realtime.soundfiles.file_names import DEFAULT, file_name, refuse_unknown_fields
from ui.conduct.take_guard import TakeGuard
from ui.conduct.wall_measure import measuring
from ui.dialogs.record_dialog import RecordDialog
from ui.dialogs.record_dock import RecordDock
from ui.dialogs.record_names import GROOVES_IN_SHORT
from ui.panels.header import Header
from ui.state.history import History
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.widgets.language import later, tr
from ui.widgets.told import told

STAYS = later("the recording goes on, and the groove stays as it was")


class RecordHolder(QObject):
    """Joins header, dialog and session.

    Signals
    -------
    next_named : str
        What the next recording will be called; empty for date and time.
    changed : RecordSettings, RecordSettings
        What the person made of it, from what.
    renamed : str, str
        Files are called by another template: the former one, and the new one.
    made : RecordDialog
        The record's panel is there, when it is first asked for.
    """

    next_named = Signal(str)
    changed = Signal(object, object)
    renamed = Signal(str, str)
    made = Signal(object)

    def __init__(
        self,
        session: Session,
        header: Header,
        memory: Memory,
        guard: TakeGuard,
        parent: QMainWindow,
        history: History,
    ) -> None:
        super().__init__(parent)
        self._memory, self._guard = memory, guard
        session.record = memory.record
        session.record_name = _usable(memory.record_name)
        self.dialog: RecordDialog | None = None  # made when it is first asked for
        self._dock = RecordDock(parent)
        self._dock.close_pressed.connect(self.show)
        self._history = history
        self._session, self._header, self._window = session, header, parent
        header.record_pressed.connect(self.show)
        session.record_renewed.connect(self._answer)
        self._show_in_header(session.record)

    def show(self) -> None:
        """Open it beside the pictures or close it there; where there is no room, as a window."""
        if self._dock.isVisible():
            self._dock.close()
        elif self._dock.has_room():
            self._dock.take(self._made())
        else:
            self._dock.stand_alone(self._made())
        self._memory.keep_view("record", "docked" if self._dock.isVisible() else "closed")

    def restore(self) -> None:
        """Open it where it stood open last time."""
        if self._memory.view("record", "closed", ("docked", "closed")) == "docked":
            self._dock.take(self._made())
            self._dock.fit()

    def _made(self) -> RecordDialog:
        if self.dialog is None:
            self.dialog = RecordDialog(
                self._session.record, self._window, self._session.record_name
            )
            self.dialog.changed.connect(self._change)
            self.dialog.named.connect(self._name)
            self.dialog.measure_pressed.connect(self.measure)
            self.made.emit(self.dialog)
        return self.dialog

    def measure(self) -> None:
        """Measure the walls, and play the record with what was found."""

        def found(answer: tuple[RecordSettings, float] | RestorationError) -> None:
            dialog = self._made()
            if isinstance(answer, RestorationError):
                dialog.say(told(str(answer)), "warn")
                return
            record, correlation = answer
            dialog.load(record)
            dialog.say(tr("measured; the walls agree to {r:.2f}", r=correlation))
            self._change(record)

        self._made().say(tr("Measuring the walls…"))
        session = self._session
        session.look_up(measuring(session.config, session.record, self._history), found)

    def use_groove(self, groove: str) -> None:
        """Take another groove for the rest of the record; asks before that ends a recording."""
        if groove == self._session.record.groove:
            return
        self._change(replace(self._session.record, groove=groove))
        if self.dialog is not None:
            self.dialog.load(self._session.record)

    def put_back(self, values: dict[str, Any]) -> bool:
        """Give some fields other values; False where that would end a recording that goes on."""
        is_done = self._change(replace(self._session.record, **values))
        if self.dialog is not None:
            self.dialog.load(self._session.record)
        return is_done

    def put_name_back(self, template: str) -> bool:
        """Call the files by another template."""
        self._name(template)
        if self.dialog is not None:
            self.dialog.name.show_template(template)
        return True

    def _change(self, record: RecordSettings) -> bool:
        ends = self._session.would_reopen(record)
        if ends and not self._guard.allows(tr("Change the delay of the groove")):
            self._answer(tr(STAYS))
            return False
        before = self._session.record
        self._memory.record = record
        self._show_in_header(record)
        self._session.renew_record(record, may_end_recording=ends)
        self.changed.emit(before, record)
        return True

    def _name(self, template: str) -> None:
        before = self._session.record_name
        self._memory.record_name = template
        self._session.name_files(template)
        self.tell_name()
        self.renamed.emit(before, template)

    def tell_name(self) -> None:
        """Say what the next recording will be called, as far as that is known before its time."""
        template = self._session.record_name
        undated = template.replace("{date}", "…").replace("{time}", "…")
        try:
            name = file_name(undated, self._session.record, datetime.now()) if template else ""
        except RestorationError:
            name = ""
        self.next_named.emit("" if template == DEFAULT else name)

    def _answer(self, complaint: str) -> None:
        if self.dialog is not None and complaint:
            self.dialog.load(self._session.record)
            self.dialog.say(told(complaint), "bad")
        if complaint:
            self._memory.record = self._session.record
        self._show_in_header(self._session.record)

    def _show_in_header(self, record: RecordSettings) -> None:
        named = " · ".join(filter(None, (record.performer, record.title)))
        treated = ", ".join(told(part) for part in treatment(record).split(", "))
        self._header.show_record(tr(GROOVES_IN_SHORT[record.groove]), treated, named)
        self.tell_name()


def _usable(template: str) -> str:
    """Return the template, or nothing where another version knew fields that are not known now."""
    try:
        refuse_unknown_fields(template)
    except RestorationError:
        return ""
    return template
