"""Where a file that is played stands: pause, a place to go to, time and length. GUI thread."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from realtime.telemetry import Telemetry
from realtime.units import clock
from ui.widgets.language import tr
from ui.widgets.number_control import JumpSlider
from ui.widgets.panel import Text
from ui.widgets.theme import font

STEPS = 10_000  # of the slider, however long the file is
SETTLE_S = 0.7  # after a seek: until then the place is where the person put it


class PlayBar(QWidget):
    """Shown while a file or the demo record is the input.

    Signals
    -------
    pause_pressed : bool
        Stand still, or go on.
    sought : float
        Go on at this second of the file.
    """

    pause_pressed = Signal(bool)
    sought = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._length_s, self._at_s, self._paused = 0.0, 0.0, False
        self._now_s = self._settles_at_s = 0.0  # monotonic, of the window's frames
        self.pause = QPushButton(tr("Pause"))
        self.pause.setProperty("role", "small")
        self.pause.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pause.setToolTip(tr("Let the file stand still, or go on (P)"))
        self.pause.setAccessibleName(tr("Let the file stand still"))
        self.pause.setMinimumWidth(72)
        self.pause.clicked.connect(self.toggle)
        self.slider = JumpSlider()
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setAccessibleName(tr("Place in the file"))
        self.slider.setToolTip(tr("Where in the file it plays; Ctrl+Left and Ctrl+Right: 10 s"))
        self.slider.actionTriggered.connect(lambda _: self._go_where_the_slider_is())
        self.slider.sliderPressed.connect(self._go_where_the_slider_is)
        self.slider.sliderReleased.connect(self._go_where_the_slider_is)
        self.time = Text("", "muted", font(12))
        self.time.setMinimumWidth(92)
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 14, 0)
        row.setSpacing(12)
        row.addWidget(self.pause)
        row.addWidget(self.slider, 1)
        row.addWidget(self.time)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def toggle(self) -> None:
        """Stand still, or go on."""
        if self.isVisible() and self.isEnabled():
            self.pause_pressed.emit(not self._paused)

    def go(self, seconds: float) -> None:
        """Go on or back by so much."""
        if self.isVisible() and self.isEnabled():
            self._go_to(self._at_s + seconds)

    def refresh(self, telemetry: Telemetry, now_s: float) -> None:
        """Show where it stands."""
        self._length_s, self._paused = telemetry.file_length_s, telemetry.paused
        is_there = self._length_s > 0 and telemetry.state == "running"
        if is_there == self.isHidden():
            self.setVisible(is_there)
        if not is_there:
            return
        self.setEnabled(not telemetry.recording)
        self.pause.setText(tr("Play") if self._paused else tr("Pause"))
        self.pause.setAccessibleName(
            tr("Go on") if self._paused else tr("Let the file stand still")
        )
        self._now_s = now_s
        if self.slider.isSliderDown() or now_s < self._settles_at_s:
            return
        self._show(telemetry.file_s)
        self.slider.setValue(round(self._at_s / self._length_s * STEPS))

    def _go_where_the_slider_is(self) -> None:
        at_s = self.slider.sliderPosition() / STEPS * self._length_s
        if self.slider.isSliderDown():
            self._show(at_s)
        else:
            self._go_to(at_s)

    def _go_to(self, at_s: float) -> None:
        at_s = min(max(at_s, 0.0), self._length_s)
        self._settles_at_s = self._now_s + SETTLE_S
        self._show(at_s)
        self.slider.setValue(round(at_s / max(self._length_s, 1e-9) * STEPS))
        self.sought.emit(at_s)

    def _show(self, at_s: float) -> None:
        self._at_s = min(at_s, self._length_s)
        self.time.say(f"{clock(self._at_s)} / {clock(self._length_s)}")
