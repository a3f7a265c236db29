"""The waveform with its controls: channel, zoom, freeze, and stepping from click to click."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from realtime.telemetry import Telemetry
from ui.state.history import History
from ui.views.waveform import WaveformView
from ui.widgets.controls import Option, Segments
from ui.widgets.language import figure, later, tr
from ui.widgets.panel import Legend, Panel, Text
from ui.widgets.theme import Theme, font

CHANNELS = (
    Option("both", "L+R", later("The mean of both groove walls; the mask of either")),
    Option("0", "L", later("Left channel")),
    Option("1", "R", later("Right channel")),
)

DETECTORS = {
    later("analytical"): later("What the analytical detector found"),
    later("learned"): later("What the learned detector found"),
}


class WaveformPanel(Panel):
    """Header and view.

    Signals
    -------
    channel_chosen : int or None
        The person looks at one channel, or at the mean of both.
    """

    channel_chosen = Signal(object)

    def __init__(self, history: History) -> None:
        super().__init__(tr("Waveform"), foot=6)
        self.view = WaveformView(history)
        self.legend = {name: Legend(tr(name), tr(tip)) for name, tip in DETECTORS.items()}
        self.span = Text("", "muted", font(12))
        self.walls = Text("", "muted", font(12))
        self.walls.hide()
        self._is_narrow = False
        self.previous = self._button("‹", tr("Previous click (Shift+N)"), lambda: self.step(-1))
        self.next = self._button(tr("click ›"), tr("Next click (N)"), lambda: self.step(1))
        self.out = self._button("−", tr("Show more time (−)"), lambda: self.view.zoom(1.6))
        self.closer = self._button("+", tr("Look nearer (+)"), lambda: self.view.zoom(1 / 1.6))
        self.freeze_button = self._button(tr("Freeze"), tr("Stand still (space bar)"), lambda: None)
        self.freeze_button.setCheckable(True)
        self.channel = Segments(tr("Channel"), CHANNELS, quiet=True)
        self.channel.chosen.connect(self._choose_channel)
        for legend in self.legend.values():
            self.header.insertWidget(self.header.count() - 1, legend)
        for widget in (
            *(self.walls, self.span, self.out, self.closer, self.previous, self.next),
            *(self.channel, self.freeze_button),
        ):
            self.header.addWidget(widget)
        self.body.addWidget(self.view, 1)
        self.view.view_changed.connect(self._describe)
        self._describe()

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours."""
        self.view.set_theme(theme)
        for name, legend in self.legend.items():
            legend.colour(getattr(theme, name))

    def fold(self, narrow: bool) -> None:
        """Leave out what wheel, keys and tooltips do as well."""
        self._is_narrow = narrow
        for widget in (*self.legend.values(), self.span, self.out, self.closer):
            widget.setVisible(not narrow)

    def refresh(self, telemetry: Telemetry) -> None:
        """Show how damaged each wall of the groove is, where both make one sound."""
        t = telemetry
        self.view.show_walls(t.walls_heard)
        is_shown = bool(t.walls_heard) and len(t.wall_damage) == len(t.walls_heard)
        self.walls.setVisible(is_shown and not self._is_narrow)
        if is_shown:
            left, right = (figure("{percent:.1f}", percent=100 * share) for share in t.wall_damage)
            self.walls.say(tr("walls L {left}, R {right} %", left=left, right=right), "muted")
            self.walls.setToolTip(
                tr(
                    "How much of the last 3 s is damaged on either wall of the groove.\n"
                    "The right one is {late_us:+.1f} µs late and raised by {raised_db:+.2f} dB.",
                    late_us=t.wall_offset_us,
                    raised_db=t.wall_balance_db,
                )
            )

    def step(self, direction: int) -> None:
        """Freeze on the next or previous click."""
        if not self.view.step_to_click(direction):
            self.span.say(tr("no click there"), "warn")

    def _choose_channel(self, value: str) -> None:
        channel = None if value == "both" else int(value)
        self.view.set_channel(channel)
        self.channel_chosen.emit(channel)

    def _describe(self) -> None:
        port = self.view.port
        span = port.span_s
        shown = figure("{s:.1f} s", s=span) if span >= 1 else figure("{ms:.3g} ms", ms=1000 * span)
        gain = figure(", ×{gain:.1f}", gain=port.gain) if port.gain > 1 else ""
        self.span.say(f"{shown}{gain}", "muted")
        self.freeze_button.setChecked(port.frozen)

    def _button(self, label: str, tip: str, act: object) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "tiny")
        button.setFont(font(12, weight=500))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(act)
        return button
