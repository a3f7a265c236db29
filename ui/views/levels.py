"""Levels in and out from telemetry: RMS, peak, peak hold and clip lamps. GUI thread."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from realtime.telemetry import SILENCE_DBFS, Telemetry
from ui.widgets.language import figure, later, tr
from ui.widgets.theme import DARK, Theme, caption_font, font, mix

CLIPPED = later("clipped")
FLOOR_DBFS = -60.0
TICKS_DBFS = (0, -6, -12, -18, -24, -36, -48)
HOLD_S, FALL_DB_S = 1.5, 20.0
LAMP, FOOT, GUTTER, BAR, BAR_GAP, GROUP_GAP = 22, 46, 30, 17, 3, 14  # px


@dataclass(slots=True)
class Ballistics:
    """How one channel's bar moves: up at once, down slowly, its peak held for a moment."""

    rms: float = SILENCE_DBFS
    peak: float = SILENCE_DBFS
    hold: float = SILENCE_DBFS
    held_s: float = 0.0

    def follow(self, peak: float, rms: float, elapsed_s: float) -> None:
        """Take over new levels, in dBFS."""
        self.rms = max(rms, self.rms - FALL_DB_S * elapsed_s)
        self.peak = max(peak, self.peak - FALL_DB_S * elapsed_s)
        self.held_s += elapsed_s
        if peak >= self.hold:
            self.hold, self.held_s = peak, 0.0
        elif self.held_s > HOLD_S:
            self.hold = max(peak, self.hold - FALL_DB_S * elapsed_s)


@dataclass(slots=True)
class Group:
    """One side of the machine: what goes in, or what comes out."""

    name: str
    bars: list[Ballistics] = field(default_factory=lambda: [Ballistics(), Ballistics()])
    clipped: int = 0  # samples, as telemetry counts them
    lamp: bool = False  # stays lit until it is clicked

    def follow(
        self, peaks: Sequence[float], rms: Sequence[float], clipped: int, elapsed_s: float
    ) -> None:
        """Take over one telemetry snapshot; mono shows on both bars."""
        for i, bar in enumerate(self.bars):
            at = min(i, len(peaks) - 1)
            if peaks:
                bar.follow(peaks[at], rms[at], elapsed_s)
            else:
                bar.follow(SILENCE_DBFS, SILENCE_DBFS, elapsed_s)
        self.lamp = self.lamp or clipped > self.clipped
        self.clipped = clipped


class LevelsView(QWidget):
    """Two pairs of bars with a scale in dBFS; a click puts the clip lamps out."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Levels in and out"))
        self.setToolTip(
            tr("RMS (bright), peak (dim), held peak (line), dBFS.\nA click resets CLIP.")
        )
        self.setFixedWidth(GUTTER + 4 * BAR + 2 * BAR_GAP + GROUP_GAP + 2)
        self.setMinimumHeight(160)
        self.groups = (Group(later("in")), Group(later("out")))
        self._shown: tuple[object, ...] = ()
        self._brushes: dict[tuple[str, int, float], QBrush] = {}
        self._theme = DARK

    def sizeHint(self) -> QSize:  # noqa: N802
        """As narrow as the bars, as high as there is room."""
        return QSize(self.width(), 300)

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self._theme = theme
        self.update()

    def restart(self) -> None:
        """Fall silent and put the lamps out, for a new stream."""
        self.groups = (Group(later("in")), Group(later("out")))
        self.update()

    def refresh(self, telemetry: Telemetry, elapsed_s: float) -> None:
        """Follow the newest levels; paints only when a pixel would move."""
        t = telemetry
        self.groups[0].follow(t.peak_in, t.rms_in, t.clipped_in, elapsed_s)
        self.groups[1].follow(t.peak_out, t.rms_out, t.clipped_out, elapsed_s)
        shown = tuple(
            (group.lamp, *((self._y(b.rms), self._y(b.peak), self._y(b.hold)) for b in group.bars))
            for group in self.groups
        )
        if shown != self._shown:
            self._shown = shown
            self._say_values()
            self.update(GUTTER - 6, 0, self.width(), self.height())

    def _say_values(self) -> None:
        """Let a screen reader have the figures, in whole decibels so that it has not too many."""
        heard = (max(bar.hold for bar in group.bars) for group in self.groups)
        text = ", ".join(
            f"{tr(group.name)} {tr('silence') if hold <= FLOOR_DBFS else f'{hold:.0f} dBFS'}"
            f"{f', {tr(CLIPPED)}' if group.lamp else ''}"
            for group, hold in zip(self.groups, heard, strict=True)
        )
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def reset_clip(self) -> None:
        """Put the clip lamps out."""
        for group in self.groups:
            group.lamp = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """Put the clip lamps out."""
        self.reset_clip()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw scale, bars, lamps and figures."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        if event.rect().left() < GUTTER - 6:
            self._paint_scale(painter)
        x = GUTTER
        for group in self.groups:
            width = 2 * BAR + BAR_GAP
            self._paint_lamp(painter, QRectF(x, 0, width, 17), group.lamp)
            for i, bar in enumerate(group.bars):
                self._paint_bar(painter, x + i * (BAR + BAR_GAP), bar)
            self._paint_foot(painter, QRectF(x - 6, self.height() - FOOT, width + 12, FOOT), group)
            x += width + GROUP_GAP

    def _y(self, dbfs: float) -> int:
        height = self.height() - LAMP - FOOT
        share = (min(max(dbfs, FLOOR_DBFS), 0.0) - FLOOR_DBFS) / -FLOOR_DBFS
        return round(LAMP + height * (1.0 - share))

    def _paint_scale(self, painter: QPainter) -> None:
        painter.setFont(font(12))
        painter.setPen(QColor(self._theme.muted))
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for tick in TICKS_DBFS:
            text = f"{tick}".replace("-", "−")
            painter.drawText(QRectF(0, self._y(tick) - 8, GUTTER - 7, 16), align, text)

    def _paint_bar(self, painter: QPainter, x: int, bar: Ballistics) -> None:
        theme, bottom = self._theme, self._y(FLOOR_DBFS)
        painter.fillRect(QRectF(x, LAMP, BAR, bottom - LAMP), self._track())
        for level, share in ((bar.peak, 0.38), (bar.rms, 1.0)):
            top = self._y(level)
            painter.fillRect(QRectF(x, top, BAR, bottom - top), self._brush(share))
        painter.setPen(QColor(theme.panel))
        for tick in TICKS_DBFS[1:]:
            y = self._y(tick)
            painter.drawLine(QPointF(x, y), QPointF(x + BAR - 1, y))
        if bar.hold > FLOOR_DBFS:
            colour = theme.bad if bar.hold >= -0.1 else theme.text
            painter.fillRect(QRectF(x, self._y(bar.hold) - 1, BAR, 2), QColor(colour))

    def _track(self) -> QColor:
        return mix(self._theme.well, self._theme.border, 0.45)

    def _brush(self, share: float) -> QBrush:
        """The colours of a bar, ``share`` (0..1) of their full strength; made once per height."""
        key = (self._theme.name, self.height(), share)
        if key not in self._brushes:
            self._brushes[key] = QBrush(self._gradient(share))
        return self._brushes[key]

    def _gradient(self, share: float) -> QLinearGradient:
        theme = self._theme
        gradient = QLinearGradient(0, self._y(FLOOR_DBFS), 0, self._y(0))
        for dbfs, colour in (
            (-60, theme.after),
            (-16, theme.after),
            (-8, theme.warn),
            (0, theme.bad),
        ):
            gradient.setColorAt(1.0 + dbfs / 60.0, mix(theme.well, colour, share))
        return gradient

    def _paint_lamp(self, painter: QPainter, box: QRectF, lit: bool) -> None:
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.bad) if lit else self._track())
        painter.drawRoundedRect(box, 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(font(12, weight=700))
        painter.setPen(QColor(theme.on_accent if lit else theme.faint))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "CLIP")

    def _paint_foot(self, painter: QPainter, box: QRectF, group: Group) -> None:
        hold = max(bar.hold for bar in group.bars)
        held = "−∞" if hold <= FLOOR_DBFS else figure("{hold:.1f}", hold=hold).replace("-", "−")
        painter.setFont(font(12, weight=600))
        painter.setPen(QColor(self._theme.text))
        align = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(box.adjusted(0, 6, 0, 0), align, held)
        painter.setFont(caption_font())
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(box.adjusted(0, 24, 0, 0), align, tr(group.name))
