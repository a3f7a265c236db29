"""Colours and fonts of the window, dark and light. Plain values; used on the GUI thread.

Every colour carries one meaning throughout: amber is the record as it comes in, teal what comes
out, coral what the analytical detector takes away, violet what the learned one does. Coral leans
towards rose, so that it is told from amber by eyes without the green-sensitive cones as well.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication

ThemeChoice = Literal["system", "dark", "light"]
SMALLEST_PX = 12  # nothing is written smaller


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, as ``#rrggbb``."""

    name: str
    window: str  # behind everything
    panel: str
    well: str  # where signals are drawn
    raised: str  # buttons and fields
    hover: str
    border: str
    grid: str
    text: str
    muted: str  # captions and axes
    faint: str  # what is switched off
    before: str
    before_body: str
    after: str
    after_body: str
    on_accent: str  # text on a teal or coral ground
    analytical: str
    learned: str
    removed: str
    crackle: str
    clicks: str
    pops: str
    good: str
    warn: str
    bad: str
    heat: tuple[str, ...]  # the spectrogram, from silence to full scale


DARK = Theme(
    name="dark",
    window="#0b0e13",
    panel="#12171e",
    well="#0a0d12",
    raised="#1b222c",
    hover="#252e3a",
    border="#252d38",
    grid="#1b222b",
    text="#e2e7ee",
    muted="#a0abb9",
    faint="#848f9d",
    before="#f0b35a",
    before_body="#7d6037",
    after="#4fd8c0",
    after_body="#2a7469",
    on_accent="#07120f",
    analytical="#fa6473",
    learned="#a98bff",
    removed="#fa6473",
    crackle="#ffe2ae",
    clicks="#fa6473",
    pops="#c65a86",
    good="#4fd8c0",
    warn="#f0b35a",
    bad="#fa6473",
    heat=("#0a0d12", "#141a35", "#38205f", "#7b2a72", "#c5446a", "#f27d55", "#fcc56f", "#fff7d6"),
)

LIGHT = Theme(
    name="light",
    window="#e9ecf0",
    panel="#f8f9fb",
    well="#ffffff",
    raised="#ffffff",
    hover="#e6eaef",
    border="#cdd4dc",
    grid="#e7ebef",
    text="#19212b",
    muted="#46525f",
    faint="#606b77",
    before="#8a5200",
    before_body="#e0b36f",
    after="#00707a",
    after_body="#79bcc4",
    on_accent="#ffffff",
    analytical="#a60037",
    learned="#6a45d8",
    removed="#a60037",
    crackle="#d99a3d",
    clicks="#c01a48",
    pops="#5e2a6e",
    good="#00707a",
    warn="#8a5200",
    bad="#a60037",
    heat=("#ffffff", "#eef1fb", "#d3d3f0", "#b79ad6", "#c0609f", "#c93b53", "#7c1d3c", "#2b0a1c"),
)


def theme_for(choice: ThemeChoice) -> Theme:
    """The theme asked for; ``"system"`` follows the desktop and is dark where it has no opinion."""
    if choice == "system":
        hints = QGuiApplication.styleHints()
        return LIGHT if hints.colorScheme() == Qt.ColorScheme.Light else DARK
    return LIGHT if choice == "light" else DARK


@cache
def font(size_px: float, *, weight: int = 400, tracking_px: float = 0.0) -> QFont:
    """The window's typeface; digits have one width, so that running numbers stand still."""
    made = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    made.setFamilies(["Inter", "Noto Sans", "DejaVu Sans", *made.families()])
    made.setPixelSize(max(round(size_px), SMALLEST_PX))
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    if tracking_px:
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, tracking_px)
    return made


@cache
def caption_font() -> QFont:
    """Small tracked capitals, for the name of a panel or a figure."""
    made = QFont(font(12, weight=500, tracking_px=0.6))
    made.setCapitalization(QFont.Capitalization.AllUppercase)
    return made


@cache
def mix(below: str, above: str, share: float) -> QColor:
    """``share`` (0..1) of one colour laid over another."""
    a, b = QColor(below), QColor(above)
    parts = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return QColor(*(round(low + share * (high - low)) for low, high in parts))


@cache
def heat_table(theme: Theme) -> tuple[int, ...]:
    """256 colours as Qt's ``0xffrrggbb``, crowded where the loud music is."""
    return _ramp(theme.heat, 256, bend=0.75)


@cache
def ramp(low: str, high: str, steps: int) -> tuple[int, ...]:
    """``steps`` colours from one to the other, as Qt's ``0xffrrggbb``."""
    return _ramp((low, high), steps)


def _ramp(anchors: tuple[str, ...], steps: int, bend: float = 1.0) -> tuple[int, ...]:
    colours = [QColor(name) for name in anchors]
    rgb = np.array([(c.red(), c.green(), c.blue()) for c in colours], np.float64)
    at, known = np.linspace(0, 1, steps), np.linspace(0, 1, len(anchors)) ** bend
    channels = [np.interp(at, known, rgb[:, c]).round() for c in range(3)]
    red, green, blue = (channel.astype(int) for channel in channels)
    packed = 0xFF000000 | red << 16 | green << 8 | blue
    return tuple(int(colour) for colour in packed)
