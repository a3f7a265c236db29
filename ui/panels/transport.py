"""The record button with running time, the two files, and what the disk still holds. GUI thread."""

import os
import shutil
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from realtime.telemetry import Telemetry
from realtime.units import clock, size
from realtime.user_paths import home
from ui.panels.side_card import SideCard
from ui.widgets.language import as_written, later, tr
from ui.widgets.panel import Elided, Panel, Text, caption, vertical_line
from ui.widgets.theme import DARK, Theme, font, mix

CAPTIONS = (later("raw"), later("restored"))
BYTES_PER_SAMPLE = {
    "wav": 4,
    "bwf": 3,
    "flac": 3,
}  # of each file; FLAC at worst, it usually takes half
LOOK_AT_DISK_S = 2.0
LOW_DISK_S = 600.0  # of sound; less is shown in amber


class RecordButton(QAbstractButton):
    """A round lamp to press: a dot to begin, a square to end."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(QSize(46, 46))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(False)
        self.recording = False
        self._theme = DARK
        self.show_recording(False)

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self._theme = theme
        self.update()

    def show_recording(self, on: bool) -> None:
        """Show a square while recording."""
        self.recording = on
        self.setAccessibleName(tr("Stop recording") if on else tr("Record"))
        self.setToolTip(
            tr("End both files (Ctrl+R)")
            if on
            else tr("Record the untouched and the restored sound, side by side (Ctrl+R)")
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw ring and sign."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, middle = self._theme, QPointF(self.width() / 2, self.height() / 2)
        colour = QColor(theme.bad if self.isEnabled() else theme.faint)
        ground = mix(theme.panel, theme.bad, 0.30 if self.recording else 0.12)
        if self.underMouse() and self.isEnabled():
            ground = mix(theme.panel, theme.bad, 0.38)
        painter.setBrush(ground)
        painter.setPen(QPen(QColor(theme.text) if self.hasFocus() else colour, 2.0))
        painter.drawEllipse(middle, 20.0, 20.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if self.recording:
            painter.drawRoundedRect(QRectF(middle.x() - 7, middle.y() - 7, 14, 14), 2.5, 2.5)
        else:
            painter.drawEllipse(middle, 9.0, 9.0)


class Transport(Panel):
    """Everything about the two files.

    Signals
    -------
    record_pressed
        Begin, or end.
    folder_pressed
        Choose where recordings go.
    needle_pressed
        Wait for the needle, or wait no longer.
    run_out_chosen : bool
        End a side by itself in the run-out groove, or not.
    """

    record_pressed = Signal()
    folder_pressed = Signal()
    needle_pressed = Signal()
    run_out_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__(tr("Recording"), titled=False)
        self.folder = Path()
        self.file_format = "flac"
        self.next_name = ""  # of the next recording; empty for date and time
        self._disk_looked_at_s = -LOOK_AT_DISK_S
        # The figures may come later than the news: a card that is shown already stays.
        self._was_recording = False
        self._ended_s: float | None = None  # length of the last side, while none is recorded
        self.button = RecordButton()
        self.button.clicked.connect(self.record_pressed)
        self.time = Text("0:00", "faint", font(28, weight=600))
        self.time.setMinimumWidth(112)
        self.time.setAccessibleName(tr("Recorded time"))
        self.raw, self.restored = Elided("muted", font(12)), Elided("muted", font(12))
        self.card = SideCard()
        self.needle = QPushButton(tr("Wait for needle"))
        self.needle.setProperty("role", "small")
        self.needle.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.needle.setToolTip(tr("Record each side by itself, from the needle's drop to its lift"))
        self.needle.setAccessibleName(tr("Wait for the needle"))
        self.needle.clicked.connect(self.needle_pressed)
        self.run_out = QPushButton(tr("Stop at run-out"))
        self.run_out.setProperty("role", "small")
        self.run_out.setCheckable(True)
        self.run_out.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.run_out.setToolTip(
            tr(
                "End the recording by itself once the needle has been in the run-out groove for\n"
                "ten turns: the music is gone, and what is left comes back once a turn.\n"
                "Nothing is cut."
            )
        )
        self.run_out.setAccessibleName(tr("End recordings by themselves in the run-out groove"))
        self.run_out.clicked.connect(lambda on: self.run_out_chosen.emit(bool(on)))
        self._captions = {name: caption(tr(name)) for name in CAPTIONS}
        self.disk = Text("", "muted", font(12))
        self.left, self.is_little = "", False  # of the disk, for its lamp
        self.choose = QPushButton(tr("Folder…"))
        self.choose.setProperty("role", "small")
        self.choose.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choose.setToolTip(tr("Choose the folder for recordings"))
        self.choose.setAccessibleName(tr("Choose the folder for recordings"))
        self.choose.clicked.connect(self.folder_pressed)
        self._lay_out()

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self.button.set_theme(theme)

    def fold(self, narrow: bool) -> None:
        """Give up what a narrow window has no room for; the disk's lamp says the same."""
        self.disk.setVisible(not narrow)
        self.choose.setVisible(not narrow)
        self._line.setVisible(not narrow)

    def refresh(self, telemetry: Telemetry, now_s: float) -> None:
        """Show how the recording stands; looks at the disk every two seconds."""
        recording = telemetry.recording
        if recording and not self._was_recording:
            self.pages.setCurrentIndex(0)
        self._was_recording = recording
        self.needle.setVisible(not recording)
        self.needle.setEnabled(telemetry.state == "running")
        self.button.setEnabled(recording or telemetry.state == "running")
        if recording != self.button.recording:
            self.button.show_recording(recording)
        if recording:
            self.time.say(clock(telemetry.recorded_s), "bad")
        elif self._ended_s is not None:
            self.time.say(clock(self._ended_s), "")
        elif not telemetry.raw_path:
            self.time.say("0:00", "faint")
        else:
            self.time.say(self.time.text(), "")
        if telemetry.raw_path:
            self._say_files("raw", Path(telemetry.raw_path).name)
            self._say_files("restored", Path(telemetry.restored_path).name)
        else:
            self._say_files("raw", shown_folder(self.folder), later("folder"))
            said = self.next_name or tr("untouched and restored, in step to the sample")
            self._say_files("restored", said, later("files"))
        if now_s - self._disk_looked_at_s >= LOOK_AT_DISK_S:
            self._disk_looked_at_s = now_s
            self._show_disk(telemetry)

    def show_ended(self, seconds: float, tip: str) -> None:
        """Show the card of the side that has ended; it stays until the next one begins."""
        self._ended_s = seconds
        self.card.show_length(seconds, tip)
        self.pages.setCurrentIndex(1)

    def show_begun(self) -> None:
        """Another side begins."""
        self._ended_s = None
        self.pages.setCurrentIndex(0)

    def show_waiting(self, on: bool) -> None:
        """Show whether the needle is waited for."""
        self.needle.setText(tr("Cancel wait") if on else tr("Wait for needle"))
        self.needle.setAccessibleName(tr("Wait no longer") if on else tr("Wait for the needle"))

    def show_next_name(self, name: str) -> None:
        """Show what the next recording will be called; empty for date and time."""
        self.next_name = name

    def look_again(self) -> None:
        """The folder is another one: look at its disk at the next refresh."""
        self._disk_looked_at_s = -LOOK_AT_DISK_S

    def _say_files(self, name: str, text: str, instead: str = "") -> None:
        """A file's name, or ``instead`` of one what the next recording will be."""
        label = self.raw if name == "raw" else self.restored
        label.say(text, "muted" if instead else "")
        self._captions[name].say(tr(instead or name))

    def _show_disk(self, telemetry: Telemetry) -> None:
        free = telemetry.free_bytes if telemetry.recording else _free_bytes(self.folder)
        if free is None:
            self.disk.say(tr("disk not there"), "warn")
            self.left, self.is_little = tr("not there"), True
            return
        text, role = as_written(size(free)), "muted"
        self.left, self.is_little = text, False
        if telemetry.sample_rate:
            per_second = 2 * telemetry.sample_rate * telemetry.channels
            left_s = free / (per_second * BYTES_PER_SAMPLE[self.file_format])
            text = tr("{room} free, {time} left", room=text, time=span_text(left_s))
            role = "warn" if left_s < LOW_DISK_S else "muted"
            self.left, self.is_little = (
                tr("{time} left", time=span_text(left_s)),
                left_s < LOW_DISK_S,
            )
        self.disk.say(text, role)

    def _lay_out(self) -> None:
        files = QGridLayout()
        files.setHorizontalSpacing(12)
        files.setVerticalSpacing(4)
        for row, (name, label) in enumerate(zip(CAPTIONS, (self.raw, self.restored), strict=True)):
            self._captions[name].setMinimumWidth(self._captions["restored"].sizeHint().width())
            files.addWidget(self._captions[name], row, 0)
            files.addWidget(label, row, 1)
        files.setColumnStretch(1, 1)
        line = QHBoxLayout()
        line.setSpacing(14)
        for widget in (self.button, self.time, vertical_line()):
            line.addWidget(widget)
        named = QWidget()
        files.setContentsMargins(0, 0, 0, 0)
        named.setLayout(files)
        self.pages = QStackedWidget()
        self.pages.addWidget(named)
        self.pages.addWidget(self.card)
        self.pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line.addWidget(self.pages, 1)
        self._line = vertical_line()
        line.addWidget(self._line)
        line.addWidget(self.disk)
        by_itself = QVBoxLayout()
        by_itself.setSpacing(4)
        by_itself.addStretch(1)
        by_itself.addWidget(self.needle)
        by_itself.addWidget(self.run_out)
        by_itself.addStretch(1)
        line.addLayout(by_itself)
        line.addWidget(self.choose)
        self.body.addLayout(line)


def span_text(seconds: float) -> str:
    """A time in words short enough for a meter: ``41 min``, ``6 h``, ``12 days``."""
    if seconds < 5400:
        return tr("{n:.0f} min", n=seconds / 60)
    hours = seconds / 3600
    return tr("{n:.0f} h", n=hours) if hours < 72 else tr("{n:.0f} days", n=hours / 24)


def shown_folder(folder: Path) -> str:
    """Return a folder as its owner calls it: ``~/Music/Shellac``, where there is that sign."""
    own = home()
    if os.name == "posix" and folder != own and folder.is_relative_to(own):
        return f"~/{folder.relative_to(own)}"
    return str(folder)


def _free_bytes(folder: Path) -> int | None:
    """Room on the disk that the folder is, or will be, on."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None
