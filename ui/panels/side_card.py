"""What is to be known of the side that was recorded last; stays until the next one. GUI thread."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from realtime.archive.side_facts import SideFacts
from realtime.units import clock
from ui.widgets.language import figure, later, tr
from ui.widgets.panel import Text
from ui.widgets.theme import font

FACTS = (
    ("length", later("Length of both files")),
    (
        "silences",
        later("Silence that stands for sound that is missing, because the input was away"),
    ),
    (
        "untouched",
        later("Seconds of the restored file in which the computer was too busy to restore"),
    ),
    (
        "clipped",
        later("Samples of the untouched file at full scale; turn the gain down if there are any"),
    ),
    ("impulses", later("Clicks, crackle and pops that were repaired")),
    ("loudness", later("Integrated loudness of the restored file, ITU-R BS.1770")),
)
NAMES = {
    "length": later("Length"),
    "silences": later("Silences"),
    "untouched": later("Untouched"),
    "clipped": later("Clipped"),
    "impulses": later("Impulses"),
    "loudness": later("Loudness"),
}
COLUMNS = 3


class SideCard(QWidget):
    """Six facts and two buttons.

    Signals
    -------
    play_pressed, files_pressed, repairs_pressed, again_pressed
        Hear the side; open its folder; look at its repairs; restore it once more, or call that off.
    """

    play_pressed = Signal()
    repairs_pressed = Signal()
    files_pressed = Signal()
    again_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[str, Text] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for i, (name, tip) in enumerate(FACTS):
            said, value = Text(tr(NAMES[name]), "muted"), Text("…", "", font(12, weight=500))
            for widget in (said, value):
                widget.setToolTip(tr(tip))
            value.setAccessibleName(tr(NAMES[name]))
            line, column = i % 2, 2 * (i // 2)
            grid.addWidget(said, line, column)
            grid.addWidget(value, line, column + 1)
            self.facts[name] = value
        for column in range(COLUMNS):
            grid.setColumnStretch(2 * column + 1, 1)
        self.play = self._button(tr("Play"), tr("Hear this side in the window"), self.play_pressed)
        self.repairs = self._button(
            tr("Repairs…"), tr("Look at the doubtful ones, and undo them"), self.repairs_pressed
        )
        self.files = self._button(tr("Show files"), tr("Open the folder"), self.files_pressed)
        self.again = self._button(
            tr("Restore again"),
            tr("Make another restored file with what is set now; the former one stays"),
            self.again_pressed,
        )
        buttons = QGridLayout()
        buttons.setSpacing(4)
        for i, button in enumerate((self.play, self.repairs, self.files, self.again)):
            buttons.addWidget(button, i // 2, i % 2)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addLayout(grid, 1)
        row.addLayout(buttons)

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
                value.say(tr("unknown"), "warn")
        self.setToolTip(reason)

    def show_facts(self, facts: SideFacts) -> None:
        """Show all of it."""
        silences = (
            figure("{gaps}, {gap_s:.1f} s", gaps=facts.gaps, gap_s=facts.gap_s)
            if facts.gaps
            else tr("none")
        )
        dry = figure("{s:.1f} s", s=facts.dry_s) if facts.dry_s else tr("none")
        loud = (
            tr("silence")
            if math.isnan(facts.loudness_lufs)
            else figure("{lufs:.1f} LUFS", lufs=facts.loudness_lufs)
        )
        clipped = figure("{n:,}", n=facts.clipped) if facts.clipped else tr("none")
        for name, text, is_odd in (
            ("length", clock(facts.seconds), False),
            ("silences", silences, facts.gaps > 0),
            ("untouched", dry, facts.dry_s > 0),
            ("clipped", clipped, facts.clipped > 0),
            ("impulses", figure("{n:,}", n=facts.impulses), False),
            ("loudness", loud.replace("-", "−"), False),
        ):
            self.facts[name].say(text, "warn" if is_odd else "")

    def show_again(self, percent: int | None) -> None:
        """Show how far it is restored once more; None when that is over."""
        is_over = percent is None
        self.again.setText(tr("Restore again") if is_over else tr("Cancel ({n} %)", n=percent))

    def _button(self, label: str, tip: str, signal: object) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "small")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tip)
        button.setAccessibleName(tr("{label}: the side recorded last", label=label))
        button.clicked.connect(signal)
        return button
