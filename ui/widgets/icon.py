"""The window's icon: a record with its label, painted so that it is sharp at every size."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from ui.widgets.theme import DARK

SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


def window_icon() -> QIcon:
    """Return the icon in every size that a desktop asks for."""
    icon = QIcon()
    for size in SIZES_PX:
        icon.addPixmap(_record(size))
    return icon


def _record(size: int) -> QPixmap:
    """A black disc, half of its grooves worn, half restored, around an amber label."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle, radius = QPointF(size / 2, size / 2), 0.48 * size
    painter.setPen(QPen(QColor(DARK.muted), max(size / 64, 0.75)))
    painter.setBrush(QColor("#10151b"))
    painter.drawEllipse(middle, radius, radius)
    for share in (0.88, 0.72, 0.56) if size >= 32 else (0.74,):
        ring = QRectF(0, 0, 2 * share * radius, 2 * share * radius)
        ring.moveCenter(middle)
        painter.setPen(QPen(QColor(DARK.before), size / 28))
        painter.drawArc(ring, 100 * 16, 160 * 16)
        painter.setPen(QPen(QColor(DARK.after), size / 28))
        painter.drawArc(ring, -80 * 16, 160 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(DARK.before))
    painter.drawEllipse(middle, 0.36 * radius, 0.36 * radius)
    painter.setBrush(QColor("#10151b"))
    painter.drawEllipse(middle, 0.07 * radius, 0.07 * radius)
    painter.end()
    return pixmap
