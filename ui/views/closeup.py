"""The waveform seen so near that single samples count: lines instead of columns. GUI thread."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.state.history import F32, History
from ui.views.wall_rows import wall_colours
from ui.views.wave_columns import (
    ACTED,
    DETECTED,
    RAMP_STEPS,
    RAMP_WALL,
    WALL_HEARD,
    WALL_LEFT,
    WALLS_DAMAGED,
    colour_table,
)
from ui.widgets.theme import Theme, mix

DOTS_FROM_PX = 7.0  # samples further apart than this are drawn as dots too
EDGE = 8  # samples read beyond both edges, so that lines leave the view


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the history on a piece of the screen."""

    start: float  # display index at the left edge
    samples_per_px: float
    area: QRectF  # both lanes and what is between
    lane_px: float
    strip_px: float
    gain: float
    channel: int | None
    walls_px: float = 0.0  # of the walls of the groove, below the strip
    heard: tuple[bool, ...] = (True, True)

    def x(self, index: NDArray[np.float64]) -> NDArray[np.float64]:
        """Screen positions of display indices."""
        return self.area.left() + (index - self.start) / self.samples_per_px

    def y(self, samples: F32, lane_top: float) -> NDArray[np.float64]:
        """Screen heights of sound within one lane."""
        shown = np.clip(samples.astype(np.float64) * self.gain, -1.0, 1.0)
        return lane_top + (1.0 - shown) * 0.5 * self.lane_px


def paint_closeup(painter: QPainter, history: History, stretch: Stretch, theme: Theme) -> None:
    """Draw before above, after below with the removed defect behind it, detectors between."""
    first = int(stretch.start) - EDGE
    last = first + int(stretch.area.width() * stretch.samples_per_px) + 2 * EDGE
    before, after, analytical, learned, mask = (
        history.read(name, first, last, stretch.channel)
        for name in ("dry", "restored", "analytical", "learned", "mask")
    )
    x = stretch.x(np.arange(first, last, dtype=np.float64))
    upper = stretch.area.top()
    lower = upper + stretch.lane_px + stretch.strip_px + stretch.walls_px
    painter.save()
    painter.setClipRect(stretch.area)
    by_learned = learned > analytical
    for chosen, colour, share in (
        ((mask >= ACTED) & ~by_learned, theme.analytical, 0.20),
        ((mask >= ACTED) & by_learned, theme.learned, 0.24),
    ):
        for left, right in _runs(chosen, x):
            for top in (upper, lower):
                ground = QRectF(left, top, right - left, stretch.lane_px)
                painter.fillRect(ground, mix(theme.well, colour, share))
    _strip(painter, stretch, x, analytical, theme.analytical, 0, theme)
    _strip(painter, stretch, x, learned, theme.learned, 1, theme)
    if stretch.walls_px:
        masks = np.stack([history.read("mask", first, last, wall) for wall in (0, 1)])
        _walls(painter, stretch, x, masks, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _trace(painter, stretch, x, stretch.y(before, lower), QColor(theme.removed), thin=True)
    _trace(painter, stretch, x, stretch.y(before, upper), QColor(theme.before))
    _trace(painter, stretch, x, stretch.y(after, lower), QColor(theme.after))
    painter.restore()


def mask_runs(mask: F32) -> list[tuple[int, int]]:
    """Start and end (exclusive) of every stretch that was acted upon, in samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask >= ACTED, [False]]).astype(int)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _runs(chosen: NDArray[np.bool_], x: NDArray[np.float64]) -> list[tuple[float, float]]:
    half = (x[1] - x[0]) / 2
    return [(x[a] - half, x[b - 1] + half) for a, b in mask_runs(chosen.astype(np.float32))]


def _trace(
    painter: QPainter,
    stretch: Stretch,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    colour: QColor,
    *,
    thin: bool = False,
) -> None:
    pen = QPen(colour, 1.0 if thin else 1.5)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(pyqtgraph.arrayToQPath(x, y))
    if stretch.samples_per_px * DOTS_FROM_PX < 1.0 and not thin:
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        for centre in map(QPointF, x.tolist(), y.tolist()):
            painter.drawEllipse(centre, 2.2, 2.2)


def _strip(
    painter: QPainter,
    stretch: Stretch,
    x: NDArray[np.float64],
    probability: F32,
    colour: str,
    row: int,
    theme: Theme,
) -> None:
    half = stretch.strip_px / 2
    top = stretch.area.top() + stretch.lane_px + row * half + 1
    painter.fillRect(QRectF(stretch.area.left(), top, stretch.area.width(), half - 1), theme.grid)
    width = 1.0 / stretch.samples_per_px + 0.5
    for i in np.flatnonzero(probability > DETECTED):
        shade = mix(theme.grid, colour, float(min(probability[i], 1.0)))
        painter.fillRect(QRectF(x[i] - width / 2, top, width, half - 1), shade)


def _walls(
    painter: QPainter,
    stretch: Stretch,
    x: NDArray[np.float64],
    masks: F32,
    theme: Theme,
) -> None:
    half, width = stretch.walls_px / 2, 1.0 / stretch.samples_per_px + 0.5
    table, plain = colour_table(theme), (WALL_HEARD, WALLS_DAMAGED, WALL_LEFT)
    for wall in (0, 1):
        top = stretch.area.top() + stretch.lane_px + stretch.strip_px + wall * half + 1
        indices = wall_colours(masks, stretch.heard, wall, (RAMP_WALL, RAMP_STEPS), plain)
        ground = WALL_HEARD if stretch.heard[wall] else WALL_LEFT
        row = QRectF(stretch.area.left(), top, stretch.area.width(), half - 1)
        painter.fillRect(row, QColor.fromRgba(table[ground]))
        for i in np.flatnonzero(indices != ground):
            place = QRectF(x[i] - width / 2, top, width, half - 1)
            painter.fillRect(place, QColor.fromRgba(table[int(indices[i])]))
