"""The scrolling spectrogram: before, after and what was removed, on one time scale. GUI thread."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.state.history import History
from ui.views.spectrum_columns import LOWEST_HZ, Pane, Scale, SpectrumRing, level_at, rows_for
from ui.views.time_scale import GUTTER, SCALE, moment_text, paint_time_scale
from ui.views.viewport import USUAL_S
from ui.widgets.language import figure, later, tr
from ui.widgets.theme import DARK, Theme, caption_font, font

PANE_GAP = 3  # px
SHORTEST_LIVE_S = 2.0  # of running sound
LABELS_LOG_HZ = (1_000, 10_000, 100, 3_000, 300)  # the most telling first
LABELS_LINEAR_HZ = (5_000, 10_000, 15_000, 20_000, *range(1_000, 24_001, 1_000))
LABEL_ROOM_PX = 17.0
RANGES_DB = (60, 80, 100)
PANE_NAMES: dict[Pane, str] = {
    "before": later("before"),
    "after": later("after"),
    "removed": later("removed"),
}
ALL: tuple[Pane, ...] = ("before", "after", "removed")


class SpectrogramView(QWidget):
    """One to three spectrograms, one above the other.

    Signals
    -------
    pointed : str
        Time, frequency and level under the mouse; empty when it has left.
    """

    pointed = Signal(str)

    def __init__(self, history: History) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumHeight(84)
        self.setAccessibleName(tr("Spectrogram before, after and removed"))
        self.panes: tuple[Pane, ...] = ALL
        self.scale: Scale = "log"
        self.range_db = 80
        self.channel: int | None = None
        self._live = history
        self._still: History | None = None
        self._right: float | None = None  # display index at the right edge of a standstill
        self._span_s = USUAL_S
        self.setMouseTracking(True)
        self._ring: SpectrumRing | None = None
        self._theme = DARK

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self._theme = theme
        self.restart()

    def show_panes(self, panes: tuple[Pane, ...]) -> None:
        """Choose what is shown."""
        self.panes = panes
        self.restart()

    def set_scale(self, scale: Scale) -> None:
        """Logarithmic or linear frequency."""
        self.scale = scale
        self.restart()

    def set_range(self, range_db: int) -> None:
        """How many dB lie between the darkest and the brightest colour."""
        self.range_db = range_db
        self.restart()

    def set_channel(self, channel: int | None) -> None:
        """Show one channel, or the mean of both."""
        self.channel = channel
        self.restart()

    def restart(self) -> None:
        """Draw everything anew."""
        self._ring = None
        self.update()

    @property
    def frozen(self) -> bool:
        """True while the picture stands still."""
        return self._still is not None

    def freeze(self, still: History | None) -> None:
        """Show a standstill of the stream, or catch up with it (None)."""
        self.follow(still, None, self._span_s)

    def follow(self, still: History | None, right: float | None, span_s: float) -> None:
        """Show what the waveform shows: so much time, up to ``right`` where it stands still.

        Of running sound no less than what can be transformed thirty times a second.
        """
        right = right if still is not None else None
        span_s = span_s if still is not None else max(span_s, SHORTEST_LIVE_S)
        before = (self._still is not None, self._right, self._span_s)
        self._still, self._right, self._span_s = still, right, span_s
        if (self._still is not None, right, span_s) == before:
            return
        if (right, span_s) != before[1:]:
            self._ring = None
        self.refresh()
        self.update()

    def refresh(self) -> None:
        """Draw what is new; called for every frame."""
        if not self.frozen and self._advance():
            self.update(self._area().toRect())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the panes and their names, and where it is needed both scales."""
        painter = QPainter(self)
        theme, area = self._theme, self._area()
        if self._ring is None:
            self._advance()
        if self._ring is not None:
            ratio = self.devicePixelRatioF()
            self._ring.image.paint(painter, GUTTER, 0, self._ring.end, ratio)
        else:
            painter.fillRect(area, QColor(theme.heat[0]))
        self._paint_gaps(painter)
        for pane, top in zip(self.panes, self._tops(), strict=True):
            self._paint_tag(painter, pane, QPointF(area.left() + 6, top + 6))
        if area.contains(event.rect()):
            return  # only the sound has moved on
        painter.fillRect(QRectF(0, 0, GUTTER, self.height()), QColor(theme.panel))
        painter.fillRect(QRectF(GUTTER, area.bottom(), area.width(), SCALE), QColor(theme.panel))
        for top in self._tops():
            self._paint_frequencies(painter, top)
        scale = QRectF(area.left(), area.bottom(), area.width(), SCALE)
        history = self._history()
        right_s = history.seconds_at(self._right_index()) if self.frozen else None
        paint_time_scale(painter, scale, self._span_s, right_s, theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: ARG002, N802
        """Draw anew in the new size."""
        self.restart()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell what is under the mouse."""
        self.pointed.emit(self._told_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: ARG002, N802
        """Nothing is under the mouse any more."""
        self.pointed.emit("")

    def _told_at(self, at: QPointF) -> str:
        """Time, frequency and level at a place."""
        area, history = self._area(), self._history()
        if not history.sample_rate or not area.contains(at):
            return ""
        right, rate = self._right_index(), history.sample_rate
        index = right - (area.right() - at.x()) / area.width() * self._span_s * rate
        height = self._pane_height() / self.devicePixelRatioF()
        tops = self._tops()
        pane = max(i for i, top in enumerate(tops) if at.y() >= top)
        share = min(max((at.y() - tops[pane]) / height, 0.0), 1.0)
        highest = rate / 2
        if self.scale == "log":
            hz = highest * (LOWEST_HZ / highest) ** share
        else:
            hz = highest * (1.0 - share)
        level = level_at(history, self.panes[pane], index, hz, self.channel)
        live = not self.frozen
        seconds = (index - right) / rate if live else history.seconds_at(index)
        frequency = figure("{khz:.2f} kHz", khz=hz / 1000) if hz >= 1000 else f"{hz:.0f} Hz"
        told = f"{level:.0f} dB".replace("-", "−")
        return f"{moment_text(seconds, self._span_s, live=live)}  ·  {frequency}  ·  {told}"

    def _right_index(self) -> float:
        return float(self._history().end) if self._right is None else self._right

    def _history(self) -> History:
        return self._still or self._live

    def _area(self) -> QRectF:
        return QRectF(GUTTER, 0, max(self.width() - GUTTER, 1), max(self.height() - SCALE, 1))

    def _pane_height(self) -> int:
        """Device pixels of one pane."""
        n, ratio = len(self.panes), self.devicePixelRatioF()
        room = self._area().height() * ratio - (n - 1) * self._gap()
        return max(int(room / n), 4)

    def _gap(self) -> int:
        return round(PANE_GAP * self.devicePixelRatioF())

    def _tops(self) -> list[float]:
        """Where the panes begin."""
        pitch = (self._pane_height() + self._gap()) / self.devicePixelRatioF()
        return [i * pitch for i in range(len(self.panes))]

    def _advance(self) -> bool:
        history, area, ratio = self._history(), self._area(), self.devicePixelRatioF()
        if not history.sample_rate or not self.isVisible():
            return False
        width = int(area.width() * ratio)
        if self._ring is None:
            height = self._pane_height()
            rows = rows_for(height, self.scale, history.sample_rate)
            self._ring = SpectrumRing(width, height, self._gap(), self.panes, rows, self._theme)
        step = self._span_s * history.sample_rate / width
        return self._ring.advance(history, step, self.channel, self.range_db, self._right)

    def _paint_gaps(self, painter: QPainter) -> None:
        """Fill between the panes, and what whole pixels leave over below the last one."""
        area, panel = self._area(), QColor(self._theme.panel)
        height = self._pane_height() / self.devicePixelRatioF()
        for top in self._tops()[:-1]:
            painter.fillRect(QRectF(area.left(), top + height, area.width(), PANE_GAP), panel)
        left_over = self._tops()[-1] + height
        painter.fillRect(
            QRectF(area.left(), left_over, area.width(), area.bottom() - left_over), panel
        )

    def _paint_frequencies(self, painter: QPainter, top: float) -> None:
        painter.setFont(font(12))
        painter.setPen(QColor(self._theme.muted))
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for hz, y in self._labels(self._pane_height() / self.devicePixelRatioF()):
            painter.drawText(QRectF(0, top + y - 8, GUTTER - 8, 16), align, _hz_text(hz))
            painter.drawLine(QPointF(GUTTER - 5, top + y), QPointF(GUTTER - 2, top + y))

    def _paint_tag(self, painter: QPainter, pane: Pane, at: QPointF) -> None:
        name = tr(PANE_NAMES[pane]).upper()
        painter.setFont(caption_font())
        width = painter.fontMetrics().horizontalAdvance(name) + 12
        box = QRectF(at.x(), at.y(), width, 16)
        ground = QColor(self._theme.panel)
        ground.setAlpha(215)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(box, 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QColor(getattr(self._theme, pane)))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    def _labels(self, height: float) -> list[tuple[float, float]]:
        """Frequencies in Hz with their distance from the pane's top, none too near another."""
        highest = (self._history().sample_rate or 44_100) / 2
        chosen: list[tuple[float, float]] = []
        wanted = LABELS_LOG_HZ if self.scale == "log" else LABELS_LINEAR_HZ
        for hz in (hz for hz in wanted if hz <= highest):
            if self.scale == "log":
                y = height * np.log(highest / hz) / np.log(highest / LOWEST_HZ)
            else:
                y = height * (1.0 - hz / highest)
            fits = 6.0 <= y <= height - 6.0
            if fits and all(abs(y - other) >= LABEL_ROOM_PX for _, other in chosen):
                chosen.append((float(hz), float(y)))
        return chosen


def _hz_text(hz: float) -> str:
    return figure("{khz:g} kHz", khz=hz / 1000) if hz >= 1000 else f"{hz:g} Hz"
