"""The spectrogram with its controls: which sound, which scale, and the key to its colours."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.state.history import History
from ui.views.spectrogram import ALL, SpectrogramView
from ui.views.spectrum_columns import TOP_DBFS, Pane, Scale
from ui.widgets.controls import Option, Segments
from ui.widgets.language import tr
from ui.widgets.panel import Panel
from ui.widgets.theme import DARK, Theme, font, heat_table

PANES: dict[str, tuple[Pane, ...]] = {
    "all": ALL,
    "before": ("before",),
    "after": ("after",),
    "removed": ("removed",),
}
SCALES: dict[str, Scale] = {"log": "log", "linear": "linear"}


class SpectrogramPanel(Panel):
    """Header and view."""

    def __init__(self, history: History) -> None:
        super().__init__(tr("Spectrogram"), foot=6)
        self.view = SpectrogramView(history)
        self.key = HeatKey()
        self.scale = Segments(
            tr("Frequency"),
            (
                Option("log", tr("Log"), tr("Octaves of equal height")),
                Option("linear", tr("Linear"), tr("Kilohertz of equal height")),
            ),
            quiet=True,
        )
        self.scale.chosen.connect(self.choose_scale)
        self.panes = Segments(
            tr("Spectrogram of"),
            (
                Option("all", tr("All"), tr("All three, one above the other")),
                Option("before", tr("Before"), tr("The record as it comes in")),
                Option("after", tr("After"), tr("What is left of it")),
                Option("removed", tr("Removed"), tr("What was taken out")),
            ),
            quiet=True,
        )
        self.panes.chosen.connect(self.choose_panes)
        for widget in (self.key, self.scale, self.panes):
            self.header.addWidget(widget)
        self.body.addWidget(self.view, 1)

    def choose_scale(self, value: str) -> None:
        """Show octaves or kilohertz of equal height."""
        self.scale.show_value(value)
        self.view.set_scale(SCALES[value])

    def choose_panes(self, value: str) -> None:
        """Show one sound, or all three."""
        self.panes.show_value(value)
        self.view.show_panes(PANES[value])

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self.view.set_theme(theme)
        self.key.set_theme(theme)

    def fold(self, narrow: bool) -> None:
        """Leave out what a narrow window has no room for."""
        self.title.setVisible(not narrow)
        self.key.setVisible(not narrow)

    def set_range(self, range_db: int) -> None:
        """How many dB the colours span."""
        self.view.set_range(range_db)
        self.key.set_range(range_db)


class HeatKey(QWidget):
    """A bar with the colours from faint to loud and the levels at its ends."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(200, 16)
        self.setAccessibleName(tr("Colours of the spectrogram, in dBFS"))
        self._theme, self._range_db = DARK, 80

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self._theme = theme
        self.update()

    def set_range(self, range_db: int) -> None:
        """How many dB the colours span."""
        self._range_db = range_db
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw bar and figures."""
        painter = QPainter(self)
        painter.setFont(font(12))
        painter.setPen(QColor(self._theme.muted))
        low, high = (
            f"−{self._range_db - TOP_DBFS:.0f}",
            f"−{-TOP_DBFS:.0f} dBFS",
        )
        left, right = QRectF(0, 0, 34, 16), QRectF(124, 0, 76, 16)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(left, Qt.AlignmentFlag.AlignRight | middle, low)
        painter.drawText(right, Qt.AlignmentFlag.AlignLeft | middle, high)
        bar = QImage(bytes(range(256)), 256, 1, 256, QImage.Format.Format_Indexed8)
        bar.setColorTable(list(heat_table(self._theme)))
        painter.drawImage(QRectF(40, 5, 78, 6), bar)
