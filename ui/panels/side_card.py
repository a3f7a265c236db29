"""What is to be known of the side that was recorded last; stays until the next one. GUI thread."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from realtime.archive.side_facts import SideFacts
from realtime.units import clock
from ui.widgets.panel import Text
from ui.widgets.theme import font

FACTS = (
    ("length", "Length of both files"),
    ("silences", "Silence that stands for sound that is missing, because the input was away"),
    ("untouched", "Seconds of the restored file in which the computer was too busy to restore"),
    ("clipped", "Samples of the untouched file at full scale; turn the gain down if there are any"),
    ("impulses", "Clicks, crackle and pops that were repaired"),
    ("loudness", "Integrated loudness of the restored file, ITU-R BS.1770"),
)
COLUMNS = 3


class SideCard(QWidget):
    """Six facts and two buttons.

    Signals
    -------
    play_pressed, files_pressed, repairs_pressed
        Hear the side; open its folder; look at its repairs.
    """

    play_pressed = Signal()
    repairs_pressed = Signal()
    files_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[str, Text] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for i, (name, tip) in enumerate(FACTS):
            said, value = Text(name.capitalize(), "muted"), Text("…", "", font(12, weight=500))
            for widget in (said, value):
                widget.setToolTip(tip)
            value.setAccessibleName(name)
            row, column = i % 2, 2 * (i // 2)
            grid.addWidget(said, row, column)
            grid.addWidget(value, row, column + 1)
            self.facts[name] = value
        for column in range(COLUMNS):
            grid.setColumnStretch(2 * column + 1, 1)
        self.play = self._button("Play", "Hear this side in the window", self.play_pressed)
        self.repairs = self._button(
            "Repairs…", "Look at the doubtful ones, and undo them", self.repairs_pressed
        )
        self.files = self._button("Show files", "Open the folder", self.files_pressed)
        row_ = QHBoxLayout(self)
        row_.setContentsMargins(0, 0, 0, 0)
        row_.setSpacing(10)
        row_.addLayout(grid, 1)
        row_.addWidget(self.play)
        row_.addWidget(self.repairs)
        row_.addWidget(self.files)

    def show_length(self, seconds: float, tip: str) -> None:
        """Begin with what is known at once; the rest is counted."""
        for value in self.facts.values():
            value.say("…", "muted")
        self.facts["length"].say(clock(seconds), "")
        self.setToolTip(tip)

    def show_unknown(self, reason: str) -> None:
        """Say that the files could not be read."""
        for name, value in self.facts.items():
            if name != "length":
                value.say("unknown", "warn")
        self.setToolTip(reason)

    def show_facts(self, facts: SideFacts) -> None:
        """Show all of it."""
        silences = f"{facts.gaps}, {facts.gap_s:.1f} s" if facts.gaps else "none"
        dry = f"{facts.dry_s:.1f} s" if facts.dry_s else "none"
        loud = "silence" if math.isnan(facts.loudness_lufs) else f"{facts.loudness_lufs:.1f} LUFS"
        for name, text, is_odd in (
            ("length", clock(facts.seconds), False),
            ("silences", silences, facts.gaps > 0),
            ("untouched", dry, facts.dry_s > 0),
            ("clipped", f"{facts.clipped:,}" if facts.clipped else "none", facts.clipped > 0),
            ("impulses", f"{facts.impulses:,}", False),
            ("loudness", loud.replace("-", "−"), False),
        ):
            self.facts[name].say(text, "warn" if is_odd else "")

    def _button(self, label: str, tip: str, signal: object) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "small")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tip)
        button.setAccessibleName(f"{label}: the side recorded last")
        button.clicked.connect(signal)
        return button
