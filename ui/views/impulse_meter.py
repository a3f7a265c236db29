"""The impulse meter: how many clicks a second are found, and how it went over the last minutes.

Counts come from telemetry; this only takes differences and draws. GUI thread.
"""

from collections import deque
from typing import NamedTuple

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from realtime.telemetry import Telemetry
from ui.widgets.language import figure, later, tr
from ui.widgets.panel import Legend, Panel, Text
from ui.widgets.theme import Theme, caption_font, font

MINUTES = 3
SECONDS = 60 * MINUTES
KINDS = (
    ("pops", later("pops"), later("longer than 3 ms")),
    ("clicks", later("clicks"), later("up to 3 ms")),
    ("crackle", later("crackle"), later("up to 0.4 ms")),
)


TOPS = (10.0, 20.0, 40.0, 100.0, 200.0, 400.0, 1000.0, 2000.0, 4000.0)


class Counts(NamedTuple):
    """Impulses of one second."""

    pops: int
    clicks: int
    crackle: int


class ImpulseMeter(Panel):
    """The rate, large, beside its history split into crackle, clicks and pops."""

    def __init__(self) -> None:
        super().__init__(tr("Impulses"), foot=6)
        self._seconds: deque[Counts] = deque(maxlen=SECONDS)
        self._last = Counts(0, 0, 0)
        self._span = 0  # seconds shown
        self._top = 0.0  # of the scale, impulses per second
        self._next_s = 1.0  # audio time at which the running second is complete
        self.header.setSpacing(16)
        self._totals = {
            name: Legend(tr(label), f"{tr(label)}: {tr(length)}") for name, label, length in KINDS
        }
        for name, _, _ in reversed(KINDS):
            self.header.addWidget(self._totals[name])
        self.rate = Text("0.0", "", font(44, weight=600))
        self.rate.setAccessibleName(tr("Impulses per second"))
        self.rate.setToolTip(tr("Impulses found per second, over the last three seconds"))
        self.rate.setMinimumWidth(132)
        unit = Text(tr("per second"), "muted", caption_font())
        self._large = QWidget()
        number = QVBoxLayout()
        number.setSpacing(0)
        number.addStretch(1)
        number.addWidget(self.rate)
        number.addWidget(unit)
        number.addStretch(1)
        row = QHBoxLayout(self._large)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addLayout(number)
        self._plot = _plot()
        self._curves = [_curve(self._plot) for _ in KINDS]
        row.addWidget(self._plot, 1)
        self.body.addWidget(self._large, 1)
        self.short = Text("", "", font(12, weight=600))
        self.short.hide()
        self.header.insertWidget(1, self.short)
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self._plot.setBackground(theme.panel)
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
        for (name, _, _), curve in zip(reversed(KINDS), self._curves, strict=True):
            curve.setBrush(getattr(theme, name))
            self._totals[name].colour(getattr(theme, name))

    def fold(self, low: bool) -> None:
        """Shrink to one line where there is no room below."""
        self._large.setVisible(not low)
        self.title.setVisible(not low)
        self.short.setVisible(low)
        policy = QSizePolicy.Policy.Fixed if low else QSizePolicy.Policy.Preferred
        self.setSizePolicy(QSizePolicy.Policy.Preferred, policy)

    def history(self) -> list[Counts]:
        """Impulses of each second shown, oldest first."""
        return list(self._seconds)

    def restart(self) -> None:
        """Forget the history, for a new stream."""
        self._seconds.clear()
        self._last, self._next_s = Counts(0, 0, 0), 1.0
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Let the number grow with the panel."""
        super().resizeEvent(event)
        size_px = min(max(round(self.height() * 0.36), 44), 88)
        if self.rate.font().pixelSize() != size_px:
            self.rate.setFont(font(size_px, weight=600))
            self.rate.setFixedWidth(round(size_px * 3))

    def refresh(self, telemetry: Telemetry) -> None:
        """Show the newest figures; the history moves once a second of sound."""
        rate = telemetry.impulse_rate
        said = figure("{rate:.1f}" if rate < 99.95 else "{rate:.0f}", rate=rate)
        self.rate.say(said)
        self.short.say(f"{said} / s")
        for name, label, _ in KINDS:
            self._totals[name].say(f"{tr(label)} {_count_text(getattr(telemetry, name))}")
        if telemetry.seconds < self._next_s:
            return
        counts = Counts(telemetry.pops, telemetry.clicks, telemetry.crackle)
        passed = int(telemetry.seconds - self._next_s) + 1
        fresh = Counts(*(max(a - b, 0) for a, b in zip(counts, self._last, strict=True)))
        self._seconds.extend(_spread(fresh, passed))
        self._last, self._next_s = counts, self._next_s + passed
        self._draw()

    def _draw(self) -> None:
        n = len(self._seconds)
        x = np.arange(-n, 1, dtype=float)
        counts = np.array(self._seconds, float).reshape(n, len(KINDS))
        stacked = np.cumsum(counts, axis=1)
        # From the back: all three, then without crackle, then pops alone.
        for curve, heights in zip(self._curves, stacked.T[::-1], strict=True):
            curve.setData(x, heights)
        highest = float(stacked.max()) if n else 0.0
        self._show_span(60 if n <= 60 else SECONDS)
        top = next(step for step in TOPS if step >= highest or step == TOPS[-1])
        if top != self._top:
            self._top = top
            self._plot.setYRange(0.0, 1.08 * top, padding=0)
            self._plot.getAxis("left").setTicks([[(y, f"{y:g}") for y in (0, top / 2, top)]])

    def _show_span(self, seconds: int) -> None:
        """Begin with one minute, go on with three: an empty scale says nothing."""
        if seconds != self._span:
            self._span = seconds
            self._plot.setXRange(-seconds, 0, padding=0)
            step = 15 if seconds == 60 else 60
            ticks = [(float(-at), _ago(at)) for at in range(0, seconds, step)]
            self._plot.getAxis("bottom").setTicks([ticks])


def _ago(seconds: int) -> str:
    if not seconds:
        return tr("now")
    return f"−{seconds // 60} min" if seconds >= 60 else f"−{seconds} s"


def _count_text(count: int) -> str:
    return figure("{n:,}", n=count) if count < 100_000 else figure("{n:,}k", n=count // 1000)


def _spread(counts: Counts, seconds: int) -> list[Counts]:
    """Divide among several seconds what was found while the window stood still."""
    shares = ([n // seconds + (i < n % seconds) for i in range(seconds)] for n in counts)
    return [Counts(*second) for second in zip(*shares, strict=True)]


def _plot() -> pyqtgraph.PlotWidget:
    plot = pyqtgraph.PlotWidget()
    plot.setMinimumHeight(56)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.setAccessibleName(tr("Impulses per second over the last minutes"))
    plot.setToolTip(tr("Impulses in each second of the last three minutes"))
    plot.setMouseEnabled(x=False, y=False)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setViewportUpdateMode(
        pyqtgraph.QtWidgets.QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate
    )
    left, bottom = plot.getAxis("left"), plot.getAxis("bottom")
    for axis in (left, bottom):
        axis.setStyle(tickFont=font(12), tickLength=-4)
    left.setWidth(40)
    bottom.setHeight(22)
    return plot


def _curve(plot: pyqtgraph.PlotWidget) -> pyqtgraph.PlotCurveItem:
    curve = pyqtgraph.PlotCurveItem([0], [], stepMode="center", fillLevel=0, pen=None)
    plot.addItem(curve)
    return curve
