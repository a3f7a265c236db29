"""The line at the foot of the window: a lamp for each part of the machine. GUI thread."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.state.condition import NAMES, PARTS, Lamp, Part
from ui.widgets.language import tr
from ui.widgets.panel import OneLine, Text
from ui.widgets.theme import font
from ui.widgets.told import told

SIGNS = {"good": "●", "warn": "◆", "bad": "▲", "faint": "○"}  # told apart without colour too


class StatusLine(QWidget):
    """A lamp, its name and a word each."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(0)
        self._shown: dict[Part, Lamp] = {}
        self._lamps: dict[Part, tuple[Text, Text, Text]] = {}
        for i, part in enumerate(PARTS):
            lamp = (
                Text("○", "faint", font(12)),
                Text(tr(NAMES[part]), "muted", font(12)),
                Text(""),
            )
            self._lamps[part] = lamp
            if i:
                row.addStretch(1)
            for piece, gap in zip(lamp, (5, 5, 0), strict=True):
                row.addWidget(piece)
                row.addSpacing(gap)
        row.addSpacing(18)
        self.readout = OneLine("muted")  # what the mouse is at
        self.readout.setAlignment(Qt.AlignmentFlag.AlignRight)
        row.addWidget(self.readout, 6)
        self.show_lamps({part: Lamp("faint", "") for part in PARTS})

    def show_lamps(self, lamps: dict[Part, Lamp]) -> None:
        """Light them."""
        for part, lamp in lamps.items():
            if self._shown.get(part) == lamp:
                continue
            self._shown[part] = lamp
            sign, name, word = self._lamps[part]
            sign.say(SIGNS[lamp.role], lamp.role)
            word.say(lamp.text, lamp.role if lamp.role in ("warn", "bad") else "")
            word.setVisible(bool(lamp.text))
            tip = told(lamp.tip)
            said = f"{tr(NAMES[part])}: {lamp.text or tr('in order')}"
            for widget in (sign, name, word):
                widget.setToolTip(f"{said}\n{tip}" if tip else said)
                widget.setAccessibleName(said)

    def lamp(self, part: Part) -> Lamp:
        """What one lamp shows."""
        return self._shown[part]
