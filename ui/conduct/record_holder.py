"""The record of the window: shown in the header, changed in a dialog, handed to the engine.

GUI thread.
"""

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from model.errors import RestorationError
from model.groove.record import RecordSettings
from realtime.soundfiles.description import treatment
from realtime.soundfiles.file_names import DEFAULT, file_name, refuse_unknown_fields
from ui.conduct.take_guard import TakeGuard
from ui.dialogs.record_dialog import RecordDialog
from ui.dialogs.record_names import GROOVES_IN_SHORT
from ui.panels.header import Header
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
    """

    next_named = Signal(str)

    def __init__(
        self,
        session: Session,
        header: Header,
        memory: Memory,
        guard: TakeGuard,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._memory, self._guard = memory, guard
        session.record = memory.record
        session.record_name = _usable(memory.record_name)
        self.dialog: RecordDialog | None = None  # made when it is first asked for
        self._session, self._header, self._window = session, header, parent
        header.record_pressed.connect(self.show)
        session.record_renewed.connect(self._answer)
        self._show_in_header(session.record)

    def show(self) -> None:
        """Open the dialog beside the window, or bring it to the front."""
        if self.dialog is None:
            self.dialog = RecordDialog(
                self._session.record, self._window, self._session.record_name
            )
            self.dialog.changed.connect(self._change)
            self.dialog.named.connect(self._name)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def use_groove(self, groove: str) -> None:
        """Take another groove for the rest of the record; asks before that ends a recording."""
        if groove == self._session.record.groove:
            return
        self._change(replace(self._session.record, groove=groove))
        if self.dialog is not None:
            self.dialog.load(self._session.record)

    def _change(self, record: RecordSettings) -> None:
        ends = self._session.would_reopen(record)
        if ends and not self._guard.allows(tr("Change the delay of the groove")):
            self._answer(tr(STAYS))
            return
        self._memory.record = record
        self._show_in_header(record)
        self._session.renew_record(record, may_end_recording=ends)

    def _name(self, template: str) -> None:
        self._memory.record_name = template
        self._session.name_files(template)
        self.tell_name()

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
