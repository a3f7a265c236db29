"""The playback curve as a picture: what it does to each frequency. GUI thread."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from model.groove.playback_curve import analogue_gain_db
from model.groove.record import RecordSettings
from ui.widgets.language import tr
from ui.widgets.theme import font

LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0
MARKS_HZ = ((50.0, "50"), (100.0, "100"), (500.0, "500"), (1000.0, "1 k"), (10_000.0, "10 k"))
LINES_DB = (-20, -10, 0, 10, 20)
HIGHEST_DB = 24.0
LEFT_PX, FOOT_PX, POINTS = 30.0, 17.0, 160


class CurveGraph(QWidget):
    """A small graph, 20 Hz to 20 kHz, gain 1 at 1 kHz."""

    def __init__(self) -> None:
        super().__init__()
        self.frequencies = np.geomspace(LOWEST_HZ, HIGHEST_HZ, POINTS)
        self.gains_db: NDArray[np.float64] = np.zeros(POINTS)
        self.setMinimumHeight(104)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Graph of the playback curve"))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Twice as wide as high, or wider."""
        return QSize(240, 120)

    def show_record(self, record: RecordSettings) -> None:
        """Draw the curve of a record, without its gain."""
        self.gains_db = analogue_gain_db(record.constants(), self.frequencies)
        ends = tr(
            "{low_db:+.1f} dB at 20 Hz, {high_db:+.1f} dB at 20 kHz",
            low_db=self.gains_db[0],
            high_db=self.gains_db[-1],
        )
        self.setToolTip(ends)
        self.setAccessibleDescription(ends)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw grid, figures and curve."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(12))
        area = QRectF(LEFT_PX, 4.0, self.width() - LEFT_PX - 4.0, self.height() - FOOT_PX - 4.0)
        colours = self.palette()
        grid = QPen(colours.color(QPalette.ColorRole.Midlight), 1.0)
        names = QPen(colours.color(QPalette.ColorRole.PlaceholderText))
        for db in LINES_DB:
            y = _y(area, float(db))
            painter.setPen(grid)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if db % 20 == 0:
                painter.setPen(names)
                box = QRectF(0.0, y - 8.0, LEFT_PX - 5.0, 16.0)
                across = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, across, f"{db:+d}".replace("-", "−") if db else "0")
        for hz, name in MARKS_HZ:
            x = _x(area, hz)
            painter.setPen(grid)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(names)
            box = QRectF(x - 30.0, area.bottom(), 60.0, FOOT_PX)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
        painter.setPen(QPen(colours.color(QPalette.ColorRole.Highlight), 2.0))
        pairs = zip(self.frequencies, self.gains_db, strict=True)
        points = [QPointF(_x(area, float(hz)), _y(area, float(db))) for hz, db in pairs]
        painter.drawPolyline(QPolygonF(points))


def _x(area: QRectF, hz: float) -> float:
    share = float(np.log(hz / LOWEST_HZ) / np.log(HIGHEST_HZ / LOWEST_HZ))
    return area.left() + share * area.width()


def _y(area: QRectF, db: float) -> float:
    within = min(max(db, -HIGHEST_DB), HIGHEST_DB)
    return area.center().y() - within / HIGHEST_DB * area.height() / 2
