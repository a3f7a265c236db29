"""The repairs of a finished side, the most doubtful first: seen near, heard, kept or undone.

A click on one plays it again and again at the output in use; B turns from before to after and
back. What is undone gets its untouched sound back in a new file beside the side; the side itself
stays as it was. Files are read and written on the thread for files, the rest is on the GUI thread.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from model.errors import RestorationError
from realtime.archive.repairs import Repair
from realtime.batch.audit import chosen_repairs, row_of
from realtime.batch.revert import Reverted, Wanted, revert_side
from realtime.batch.side import Side, open_side
from realtime.batch.stretch import SideStretch, stretch_around
from realtime.telemetry import DisplayChunk
from ui.dialogs.repair_ear import AFTER, BEFORE, RepairEar
from ui.state.history import History
from ui.state.repair_marks import Mark, RepairMarks
from ui.state.session import Session
from ui.views.waveform import WaveformView
from ui.widgets.language import later, tr
from ui.widgets.panel import Text
from ui.widgets.theme import Theme
from ui.widgets.told import told

MOST_SHOWN = 2000  # of the repairs, the most doubtful
COLUMNS = (
    *(later("undo"), later("no."), later("time"), later("wall")),
    *(later("ms"), later("dB"), later("certainty")),
)
MARK = "✕"
SEEN_S = 0.03  # around a repair
CERTAINTY = 6


class Opened(NamedTuple):
    """A side, and those of its repairs that are shown."""

    side: Side
    sample_rate: int
    shown: list[tuple[int, Repair]]


class RepairsDialog(QDialog):
    """Lists, shows and undoes.

    Signals
    -------
    written : str
        One sentence: which file there is now.
    """

    written = Signal(str)

    def __init__(
        self, session: Session, sound: Path, theme: Theme, marks: RepairMarks, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Repairs of {name}", name=sound.name))
        self.resize(720, 560)
        self._session, self._sound, self._marks = session, sound, marks
        self._opened: Opened | None = None
        self.ear: RepairEar = RepairEar(session, self)
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels([tr(name) for name in COLUMNS])
        self.table.setAccessibleName(tr("Repairs, the most doubtful first"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.currentCellChanged.connect(lambda row, *_: self._show(row))
        self.table.cellClicked.connect(lambda *_: self.hear(self.ear.role))
        self.table.cellDoubleClicked.connect(lambda row, _: self.toggle(row))
        self.view = WaveformView(History())
        self.view.set_theme(theme)
        self.view.setMinimumHeight(150)
        self.remark = Text(tr("Reading the side…"), "muted")
        self.remark.setWordWrap(True)
        self.ear.failed.connect(lambda reason: self.remark.say(told(reason), "bad"))
        self.ear.changed.connect(self._show_heard)
        self.before = self._button(tr("Hear &before"), lambda: self._press(BEFORE))
        self.after = self._button(tr("Hear &after"), lambda: self._press(AFTER))
        for button in (self.before, self.after):
            button.setCheckable(True)
            button.setToolTip(tr("In a loop, as loud as the other; B turns to the other (B)"))
        self.mark = self._button(
            tr("&Undo this repair"), lambda: self.toggle(self.table.currentRow())
        )
        self.write = self._button(tr("&Write without the undone ones"), self._write)
        marks.changed.connect(self._mark_changed)
        self._lay_out()
        QShortcut(QKeySequence("B"), self, lambda: self.hear(1 - self.ear.role))
        session.look_up(lambda: _opened(sound), self._found)

    @property
    def undone(self) -> set[int]:
        """Numbers of the repairs that are to be undone."""
        if self._opened is None:
            return set()
        there = {number for number, _ in self._opened.shown}
        return there & self._marks.undone(self._opened.side.restored)

    def toggle(self, row: int) -> None:
        """Undo a repair, or keep it after all; Ctrl+Z takes that back."""
        if self._opened is not None and row >= 0:
            self._marks.toggle(self._opened.side.restored, self._opened.shown[row][0])

    def _mark_changed(self, side: Path, mark: Mark) -> None:
        """Show a mark, whether it was set here or by undo and redo."""
        if self._opened is None or side != self._opened.side.restored:
            return
        for row, (number, _) in enumerate(self._opened.shown):
            if number == mark.number:
                self._item(row, 0).setText(MARK if mark.is_undone else "")
                self.table.setCurrentCell(row, CERTAINTY)
        self._say()

    def _found(self, answer: Opened | RestorationError) -> None:
        if isinstance(answer, RestorationError):
            self.remark.say(told(str(answer)), "bad")
            return
        self._opened = answer
        self.table.setRowCount(len(answer.shown))
        undone = self.undone  # marked before, in this window's life
        for row, (number, repair) in enumerate(answer.shown):
            texts = (text.replace("-", "−") for text in row_of(number, repair, answer.sample_rate))
            cells = (MARK if number in undone else "", *texts)
            for column, text in enumerate(cells):
                item = QTableWidgetItem(f"{text} %" if column == CERTAINTY else text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                self.table.setItem(row, column, item)
        self._say()
        if answer.shown:
            self.table.setCurrentCell(0, CERTAINTY)
            self.table.setFocus()

    def _say(self) -> None:
        if self._opened is None:
            return
        n, all_ = len(self._opened.shown), len(self._opened.side.repairs)
        undone = len(self.undone)
        of = tr("{n} of {all}", n=n, all=all_) if n < all_ else f"{all_}"
        self.remark.say(tr("{of} repairs; {undone} to be undone", of=of, undone=undone), "muted")
        for button in (self.before, self.after, self.mark):
            button.setEnabled(n > 0)
        self.write.setEnabled(undone > 0)
        row = self.table.currentRow()
        is_undone = row >= 0 and bool(self._item(row, 0).text())
        self.mark.setText(tr("&Keep this repair") if is_undone else tr("&Undo this repair"))

    def _show(self, row: int) -> None:
        if self._opened is None or row < 0:
            return
        self._say()
        if self.ear.number is not None:
            self.hear(self.ear.role)
        side, repair = self._opened.side, self._opened.shown[row][1]

        def shown(answer: SideStretch | RestorationError) -> None:
            if isinstance(answer, RestorationError):
                self.remark.say(told(str(answer)), "bad")
            elif self.table.currentRow() == row:
                self._draw(answer, repair)

        self._session.look_up(lambda: stretch_around(side, repair, SEEN_S), shown)

    def _draw(self, stretch: SideStretch, repair: Repair) -> None:
        mask = np.zeros_like(stretch.restored)
        begin = repair.start - stretch.start
        mask[repair.wall, begin : begin + repair.length] = repair.certainty
        nothing = np.zeros_like(mask)
        history = History()
        history.append(
            DisplayChunk(
                0, stretch.sample_rate, stretch.original, stretch.restored, mask, nothing, mask
            )
        )
        history.zero_s = -stretch.start / stretch.sample_rate
        self.view.port.look_at(history, stretch.restored.shape[1] / stretch.sample_rate)
        self.view.set_channel(repair.wall)

    def hear(self, role: int) -> None:
        """Play the chosen repair in a loop, before or after."""
        row = self.table.currentRow()
        if self._opened is not None and row >= 0:
            self.ear.hear(self._opened.side, *self._opened.shown[row], role)

    def done(self, result: int) -> None:
        """Fall silent with the dialog."""
        self.ear.end()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Fall silent with the dialog."""
        self.ear.end()
        super().closeEvent(event)

    def _press(self, role: int) -> None:
        """Hear one version; what is heard already ends."""
        if self.ear.number is not None and self.ear.role == role:
            self.ear.silence()
        else:
            self.hear(role)

    def _show_heard(self) -> None:
        is_heard = self.ear.number is not None
        self.before.setChecked(is_heard and self.ear.role == BEFORE)
        self.after.setChecked(is_heard and self.ear.role == AFTER)

    def _write(self) -> None:
        if self._opened is None:
            return
        side, wanted = self._opened.side, Wanted(frozenset(self.undone))
        target = _free_name(self._sound)
        self.write.setEnabled(False)
        self.remark.say(tr("Writing {name}…", name=target.name), "muted")

        def done(answer: Reverted | RestorationError) -> None:
            self._say()
            if isinstance(answer, RestorationError):
                self.remark.say(told(str(answer)), "bad")
                return
            sentence = tr(
                "{name} is written: {sentence}", name=target.name, sentence=told(answer.sentence)
            )
            self.remark.say(sentence, "good")
            self.written.emit(sentence)

        self._session.look_up(lambda: revert_side(side, wanted, target), done)

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        assert item is not None
        return item

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in (self.before, self.after, self.mark):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.write)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        column.addWidget(self.table, 1)
        column.addWidget(self.view)
        column.addWidget(self.remark)
        column.addLayout(row)

    def _button(self, label: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(label)
        button.setAccessibleName(label.replace("&", ""))
        button.setAutoDefault(False)
        button.setEnabled(False)
        button.clicked.connect(lambda _=False: act())
        return button


def _opened(sound: Path) -> Opened:
    side = open_side(sound)
    first = stretch_around(side, Repair(0, 1, 0, 0.0, 1.0), 0.0)
    return Opened(side, first.sample_rate, chosen_repairs(side, "doubt", MOST_SHOWN))


def _free_name(sound: Path) -> Path:
    """Return a name beside the side that nothing has yet."""
    stem = sound.stem.removesuffix("_raw").removesuffix("_restored")
    numbers = range(1, 10_000)
    names = (sound.with_name(f"{stem}_revised{n if n > 1 else ''}{sound.suffix}") for n in numbers)
    return next(name for name in names if not name.exists())
