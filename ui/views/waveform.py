"""The scrolling waveform with the detection mask over it; wheel, drag and keys move the view.

Seen from afar it is drawn as columns of pixels, from near as lines. GUI thread.
"""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from ui.state.history import History
from ui.state.history import Signal as Signal_
from ui.views.closeup import Stretch, paint_closeup
from ui.views.time_scale import GUTTER, SCALE, moment_text, paint_time_scale
from ui.views.viewport import USUAL_S, Viewport
from ui.views.wall_rows import wall_words
from ui.views.wave_columns import ColumnRing, Lanes
from ui.widgets.language import figure, tr
from ui.widgets.theme import DARK, Theme, caption_font, font

CLOSEUP_BELOW = 4.0  # samples per device pixel
ARROW_SHARE = 0.1  # of the view, that an arrow key moves


class WaveformView(QWidget):
    """Before above, after below, detectors between.

    Signals
    -------
    view_changed
        Span, freeze or gain are different now.
    pointed : str
        Time and level under the mouse; empty when it has left.
    """

    view_changed = Signal()
    pointed = Signal(str)

    def __init__(self, history: History) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(84)
        self.setAccessibleName(tr("Waveform before and after, with the detection mask"))
        self.setToolTip(tr("Wheel: zoom. Space: freeze. Frozen: drag, arrow keys; N: next click."))
        self.port = Viewport(history)
        self._ring: ColumnRing | None = None
        self._ring_key: tuple[object, ...] = ()
        self._theme = DARK
        self._walls: tuple[bool, ...] = ()  # those that are listened to; none: not shown
        self._dragged_from: QPointF | None = None
        self.setMouseTracking(True)

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self._theme, self._ring_key = theme, ()
        self.update()

    def refresh(self) -> None:
        """Draw what is new; called for every frame."""
        if self.port.frozen or not self.port.history.sample_rate:
            return
        if self._samples_per_pixel() < CLOSEUP_BELOW or self._advance():
            self.update(self._area().toRect())

    def restart(self) -> None:
        """Begin anew with another stream."""
        self._ring_key = ()
        self.freeze(False)

    def freeze(self, on: bool) -> None:
        """Stand still at this moment, or go on with the stream."""
        self.port.freeze(on)
        self._changed()

    def set_channel(self, channel: int | None) -> None:
        """Show one channel, or the mean of both."""
        self.port.channel = channel
        self._changed()

    def show_walls(self, heard: tuple[bool, ...]) -> None:
        """Show the walls of the groove below the mask, or nothing of them.

        ``heard`` says which are listened to, empty where they do not make one sound.
        """
        if heard != self._walls:
            self._walls = heard
            self._changed()

    def zoom(self, factor: float, at_px: float | None = None) -> None:
        """Show ``factor`` times as much time; what is under ``at_px`` stays there when frozen."""
        area = self._area()
        share = 0.5 if at_px is None else (at_px - area.left()) / area.width()
        self.port.zoom(factor, share)
        self._changed()

    def show_usual(self) -> None:
        """Go back to the usual span."""
        self.zoom(USUAL_S / self.port.span_s)

    def step_to_click(self, direction: int) -> bool:
        """Freeze and centre the next (1) or previous (-1) repaired click; False without one."""
        found = self.port.step_to_click(direction)
        self._changed()
        return found

    def fit_gain(self) -> None:
        """Choose the height that suits the last seconds; called now and then."""
        if self.port.fit_gain():
            self._changed()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw lanes, and where it is needed names and times."""
        painter = QPainter(self)
        theme, area, port = self._theme, self._area(), self.port
        painter.fillRect(area, QColor(theme.well))
        if port.history.sample_rate:
            if self._samples_per_pixel() < CLOSEUP_BELOW:
                paint_closeup(painter, port.history, self._stretch(), theme)
            else:
                self._advance()
                self._paint_ring(painter)
        if area.contains(event.rect()):
            return  # only the sound has moved on
        painter.fillRect(QRectF(0, 0, GUTTER, self.height()), QColor(theme.panel))
        painter.fillRect(QRectF(GUTTER, area.bottom(), area.width(), SCALE), QColor(theme.panel))
        self._paint_names(painter)
        right_s = port.history.seconds_at(port.right) if port.frozen else None
        scale = QRectF(area.left(), area.bottom(), area.width(), SCALE)
        paint_time_scale(painter, scale, port.span_s, right_s, theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: ARG002, N802
        """Draw anew in the new size."""
        self._ring_key = ()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom."""
        turns = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        if turns:
            self.zoom(0.8**turns, event.position().x())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of a frozen picture."""
        self._dragged_from = event.position() if self.port.frozen else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag a frozen picture along; without a button tell what is under the mouse."""
        if not event.buttons():
            self._dragged_from = None
            self.pointed.emit(self._told_at(event.position()))
        if self._dragged_from is not None and self.port.frozen:
            moved = event.position().x() - self._dragged_from.x()
            self._dragged_from = event.position()
            self.port.pan(-moved * self.port.span / self._area().width())
            self._changed()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: ARG002, N802
        """Nothing is under the mouse any more."""
        self.pointed.emit("")

    def _told_at(self, at: QPointF) -> str:
        """Time and the highest level of the lane at a place."""
        area, port, history = self._area(), self.port, self.port.history
        if not history.sample_rate or not area.contains(at):
            return ""
        per_px = port.span / area.width()
        index = port.right - (area.right() - at.x()) * per_px
        after_top = self._lanes().after_top / self.devicePixelRatioF()
        if (words := self._walls_at(at, index, per_px)) is not None:
            return words
        lane: Signal_ = "dry" if at.y() < after_top else "restored"
        first = int(index - per_px / 2)
        sound = history.read(lane, first, first + max(int(per_px), 1), port.channel)
        peak = float(np.abs(sound).max(initial=0.0))
        level = (
            figure("{db:.1f} dB", db=20 * np.log10(peak)).replace("-", "−")
            if peak > 1e-6
            else tr("silence")
        )
        return f"{self._moment(index)}  ·  {level}"

    def _walls_at(self, at: QPointF, index: float, per_px: float) -> str | None:
        """Which wall speaks at a place of their rows."""
        lanes, ratio = self._lanes(), self.devicePixelRatioF()
        if not self._walls or not lanes.walls_top <= at.y() * ratio < lanes.after_top:
            return None
        first = int(index - per_px / 2)
        last = first + max(int(per_px), 1)
        history = self.port.history
        masks = np.stack([history.read("mask", first, last, wall) for wall in (0, 1)])
        return f"{self._moment(index)}  ·  {wall_words(masks, self._walls)}"

    def _moment(self, index: float) -> str:
        port, history = self.port, self.port.history
        seconds = (
            history.seconds_at(index) if port.frozen else (index - port.right) / history.sample_rate
        )
        return moment_text(seconds, port.span_s, live=not port.frozen)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Pan a frozen picture with the arrow keys; the rest is the window's."""
        direction = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if direction is None or not self.port.frozen:
            event.ignore()
            return
        self.port.pan(direction * ARROW_SHARE * self.port.span)
        self._changed()

    def _area(self) -> QRectF:
        return QRectF(GUTTER, 0, max(self.width() - GUTTER, 1), max(self.height() - SCALE, 1))

    def _samples_per_pixel(self) -> float:
        return self.port.span / (self._area().width() * self.devicePixelRatioF())

    def _lanes(self) -> Lanes:
        ratio = self.devicePixelRatioF()
        return Lanes.fit(int(self._area().height() * ratio), ratio, walls=bool(self._walls))

    def _advance(self) -> bool:
        """Bring the ring of columns up to date; False when there was nothing new."""
        port, step = self.port, self._samples_per_pixel()
        width = int(self._area().width() * self.devicePixelRatioF())
        standstill = port.right if port.frozen else None
        key = (width, self._lanes(), step, port.channel, port.gain, standstill)
        if self._ring is None or key != self._ring_key:
            self._ring, self._ring_key = ColumnRing(width, self._lanes(), self._theme), key
        heard = self._walls or (True, True)
        return self._ring.advance(
            port.history, int(port.right / step), step, port.channel, port.gain, heard
        )

    def _paint_ring(self, painter: QPainter) -> None:
        if self._ring is not None:
            ratio = self.devicePixelRatioF()
            self._ring.image.paint(painter, GUTTER, 0, self._ring.end, ratio)

    def _stretch(self) -> Stretch:
        area, ratio, lanes, port = self._area(), self.devicePixelRatioF(), self._lanes(), self.port
        return Stretch(
            start=port.right - port.span,
            samples_per_px=port.span / area.width(),
            area=area,
            lane_px=lanes.lane / ratio,
            strip_px=lanes.strip / ratio,
            gain=port.gain,
            channel=port.channel,
            walls_px=lanes.walls / ratio,
            heard=self._walls or (True, True),
        )

    def _paint_names(self, painter: QPainter) -> None:
        theme, ratio, lanes = self._theme, self.devicePixelRatioF(), self._lanes()
        lane, lower = lanes.lane / ratio, lanes.after_top / ratio
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(caption_font())
        for name, colour, top in (
            (tr("before"), theme.before, 0.0),
            (tr("after"), theme.after, lower),
        ):
            painter.setPen(QColor(colour))
            painter.drawText(QRectF(0, top, GUTTER, lane), middle, name)
        painter.setFont(font(12))
        painter.setPen(QColor(theme.muted))
        walls = lanes.walls_top / ratio
        painter.drawText(QRectF(0, lane - 3, GUTTER, walls - lane + 6), middle, tr("mask"))
        if lanes.walls:
            painter.drawText(QRectF(0, walls - 3, GUTTER, lower - walls + 6), middle, tr("walls"))

    def _changed(self) -> None:
        self.update()
        self.view_changed.emit()
