"""What the chosen input hears and can do, while it is being chosen. GUI thread.

The figures come from a process of their own (``realtime.devices.input_probe``), so that a driver
that hangs hangs there.
"""

from PySide6.QtCore import QProcess, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from realtime.devices.input_probe import ProbeLine, line_of
from ui.state.child_process import started
from ui.widgets.language import tr
from ui.widgets.theme import font

LOWEST_DB = -60.0
BAR_PX, GAP_PX, NAME_PX, FIGURE_PX = 14, 4, 22, 66
MOST_BARS = 8
FALL_DB = 2.0  # from one look to the next


class InputMeter(QWidget):
    """A bar for each channel of one input.

    Signals
    -------
    told : ProbeLine
        What the input said of itself, rates or why it cannot be heard.
    """

    told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.peaks: tuple[float, ...] = ()
        self._process: QProcess | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Level of each channel of the input"))
        self.setToolTip(tr("What each channel of this input hears now, dBFS"))
        self.setVisible(False)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A bar below the other."""
        bars = min(len(self.peaks), MOST_BARS)
        return QSize(200, bars * (BAR_PX + GAP_PX))

    def listen_to(self, name: str) -> None:
        """Hear another input from now on."""
        self.stop()
        self._process = started(self, self._read, "realtime.devices.input_probe", name)

    def stop(self) -> None:
        """Hear nothing any more."""
        process, self._process = self._process, None
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._read)
            process.kill()
            process.waitForFinished(1000)
            process.deleteLater()
        self.show_line(ProbeLine(peaks=()))

    def show_line(self, line: ProbeLine) -> None:
        """Show what was said."""
        if line.peaks is not None:
            count_before, before = len(self.peaks), self.peaks
            if count_before == len(line.peaks):
                pairs = zip(line.peaks, before, strict=True)
                self.peaks = tuple(max(peak, last - FALL_DB) for peak, last in pairs)
            else:
                self.peaks = line.peaks
                self.setVisible(bool(self.peaks))
                self.updateGeometry()
            levels = ", ".join(
                tr("{i} at {peak:.0f}", i=i, peak=peak) for i, peak in enumerate(self.peaks, 1)
            )
            self.setAccessibleDescription(
                tr("channel {levels} dBFS", levels=levels) if levels else ""
            )
            self.update()
        if line.rates is not None or line.error:
            self.told.emit(line)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw number, bar and figure of each channel."""
        painter = QPainter(self)
        painter.setFont(font(12))
        colours = self.palette()
        names = colours.color(QPalette.ColorRole.PlaceholderText)
        for i, peak in enumerate(self.peaks[:MOST_BARS]):
            top = float(i * (BAR_PX + GAP_PX))
            painter.setPen(names)
            left = QRectF(0.0, top, NAME_PX - 6.0, BAR_PX)
            across = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(left, across, str(i + 1))
            room = QRectF(NAME_PX, top + 3.0, self.width() - NAME_PX - FIGURE_PX, BAR_PX - 6.0)
            painter.fillRect(room, colours.color(QPalette.ColorRole.Midlight))
            share = min(max(1.0 - peak / LOWEST_DB, 0.0), 1.0)
            filled = QRectF(room.left(), room.top(), share * room.width(), room.height())
            painter.fillRect(filled, colours.color(QPalette.ColorRole.Highlight))
            text = f"{peak:.0f} dBFS".replace("-", "−") if peak > LOWEST_DB else tr("silent")
            painter.drawText(QRectF(room.right(), top, FIGURE_PX, BAR_PX), across, text)

    def _read(self) -> None:
        if self._process is None:
            return
        while self._process is not None and self._process.canReadLine():
            said = bytes(self._process.readLine().data()).decode("utf-8", "replace")
            self.show_line(line_of(said))
