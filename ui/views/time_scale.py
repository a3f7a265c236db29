"""What scrolling views share: the room for names at the left, and the times below."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ui.widgets.language import figure, tr
from ui.widgets.theme import Theme, font

GUTTER, SCALE = 68, 19  # px that scrolling views leave: names at the left, times below
STEPS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
LABEL_PX = 96.0  # room that a label wants


def paint_time_scale(
    painter: QPainter, area: QRectF, span_s: float, right_s: float | None, theme: Theme
) -> None:
    """Times along the lower edge: before now, or of the stream when ``right_s`` is given."""
    step = tick_step(span_s, area.width())
    right = 0.0 if right_s is None else right_s
    painter.setFont(font(12))
    tick = int((right - span_s) / step) - 1
    while (time_s := tick * step) <= right + 1e-9:
        x = area.right() - (right - time_s) / span_s * area.width()
        if x >= area.left():
            painter.setPen(QColor(theme.border))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.top() + 4))
            painter.setPen(QColor(theme.muted))
            _label(painter, area, x, _time_text(time_s, step, live=right_s is None))
        tick += 1


def moment_text(seconds: float, span_s: float, *, live: bool) -> str:
    """One moment, as finely as the span shown deserves."""
    step = span_s / 1000
    if live:
        return _time_text(seconds, step, live=True)
    return _time_text(seconds, step, live=False)


def tick_step(span_s: float, width_px: float) -> float:
    """The finest step between labels for which there is room."""
    fitting = (step for step in STEPS_S if step / span_s * width_px >= LABEL_PX)
    return next(fitting, STEPS_S[-1])


def _time_text(time_s: float, step: float, *, live: bool) -> str:
    decimals = (
        0 if step >= 1 else 1 if step >= 0.1 else 2 if step >= 0.01 else 4 if step < 0.001 else 3
    )
    if live:
        return (
            tr("now")
            if abs(time_s) < step / 2
            else figure("−{s:.{decimals}f} s", s=abs(time_s), decimals=decimals)
        )
    minutes, seconds = divmod(round(abs(time_s), decimals), 60.0)
    sign = "−" if round(time_s, decimals) < 0 else ""  # before the recording began
    return f"{sign}{int(minutes)}:{seconds:0{3 + decimals if decimals else 2}.{decimals}f}"


def _label(painter: QPainter, area: QRectF, x: float, text: str) -> None:
    box = QRectF(x - 46, area.top() + 3, 92, area.height() - 3)
    align = Qt.AlignmentFlag.AlignHCenter
    if box.right() > area.right():
        box.moveRight(area.right())
        align = Qt.AlignmentFlag.AlignRight
    if box.left() < area.left():
        return
    painter.drawText(box, align | Qt.AlignmentFlag.AlignTop, text)
