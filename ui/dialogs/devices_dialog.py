"""Choosing devices: input, output, sample rate, channels, delay; the list can be refreshed.

The list comes from a short-lived process by way of the session's thread, so the window never
waits for the sound system. GUI thread.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from model.errors import RestorationError
from realtime.config import DEMO_INPUT, NULL_OUTPUT, StreamConfig
from realtime.devices.listing import Device, Kind, list_devices
from ui.state.session import Session
from ui.state.startup import full_name, is_record
from ui.widgets.controls import Choice
from ui.widgets.panel import Text
from ui.widgets.theme import font

SOUND_FILES = "Sound (*.wav *.flac *.aif *.aiff *.ogg *.mp3);;All files (*)"
RATES_HZ = (44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
DELAYS = (("Short (25 ms)", 256, 0.025), ("Safe on a busy computer (100 ms)", 512, 0.1))


class DevicesDialog(QDialog):
    """Asks what the engine is to be opened with.

    Signals
    -------
    agreed : StreamConfig
        Open this.
    """

    agreed = Signal(object)

    def __init__(self, session: Session, config: StreamConfig | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Devices")
        self.setMinimumWidth(520)
        self._session = session
        self._config = config or StreamConfig(input=DEMO_INPUT)
        self.input, self.output = _choice("Input"), _choice("Output")
        self.rate, self.channels, self.delay = (
            _choice("Sample rate"),
            _choice("Channels"),
            _choice("Delay of the devices"),
        )
        self.remark = Text("", "muted", font(12))
        self.remark.setWordWrap(True)
        self.refresh_button = QPushButton("Refresh")
        self.refresh_button.setToolTip("Look for devices again (F5)")
        self.refresh_button.setShortcut("F5")
        self.refresh_button.clicked.connect(self.look)
        self._fill_fixed()
        self._lay_out()
        self._fill([])
        self.look()

    def look(self) -> None:
        """Ask which devices there are; the choice stays where it was."""
        self.refresh_button.setEnabled(False)
        self.remark.say("Looking for devices…", "muted")
        self._session.ask(list_devices, self._found)

    def chosen(self) -> StreamConfig:
        """What stands in the dialog."""
        _, block, latency_s = DELAYS[self.delay.currentIndex()]
        return StreamConfig(
            input=str(self.input.currentData()),
            output=self.output.currentData(),
            sample_rate=self.rate.currentData(),
            channels=int(self.channels.currentData()),
            block=block,
            latency_s=latency_s,
            allow_null_output=True,
        )

    def _found(self, answer: Sequence[Device] | RestorationError) -> None:
        self.refresh_button.setEnabled(True)
        if isinstance(answer, RestorationError):
            self.remark.say(str(answer), "warn")
            return
        n_in = sum(device.inputs > 0 for device in answer)
        n_out = sum(device.outputs > 0 for device in answer)
        self.remark.say(f"{n_in} inputs and {n_out} outputs found", "muted")
        self._fill(answer)

    def _fill(self, devices: Sequence[Device]) -> None:
        inputs = [("Demo record", DEMO_INPUT), *_listed(devices, "input")]
        outputs: list[tuple[str, str | None]] = [("System default", None)]
        outputs += _listed(devices, "output")
        outputs.append(("None (silent)", NULL_OUTPUT))
        first_time = not self.input.count()
        _refill(self.input, inputs, self._config.input if first_time else self.input.currentData())
        chosen = self._config.output if first_time else self.output.currentData()
        _refill(self.output, outputs, chosen)

    def _fill_fixed(self) -> None:
        config = self._config
        rates = [("The input's own", None), *((f"{hz / 1000:g} kHz", hz) for hz in RATES_HZ)]
        _refill(self.rate, rates, config.sample_rate)
        _refill(self.channels, [("Stereo", 2), ("Mono", 1)], config.channels)
        near = min(range(len(DELAYS)), key=lambda i: abs(DELAYS[i][2] - config.latency_s))
        _refill(self.delay, [(delay[0], i) for i, delay in enumerate(DELAYS)], near)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Play a file as the turntable", "", SOUND_FILES)
        if name:
            listed = [
                (self.input.itemText(i), self.input.itemData(i)) for i in range(self.input.count())
            ]
            _refill(self.input, listed, name)

    def _agree(self) -> None:
        self.accept()
        self.agreed.emit(self.chosen())

    def _lay_out(self) -> None:
        file_button = QPushButton("File…")
        file_button.setToolTip("Play a sound file as if it were the turntable")
        file_button.clicked.connect(self._choose_file)
        grid = QGridLayout()
        grid.setVerticalSpacing(10)
        grid.setHorizontalSpacing(14)
        for row, choice in enumerate(
            (self.input, self.output, self.rate, self.channels, self.delay)
        ):
            name = Text(choice.accessibleName(), "muted")
            name.setBuddy(choice)
            grid.addWidget(name, row, 0)
            grid.addWidget(choice, row, 1)
        grid.addWidget(file_button, 0, 2)
        grid.setColumnStretch(1, 1)
        buttons = QDialogButtonBox()
        self.open_button = buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self.open_button.setProperty("role", "primary")
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.addButton(self.refresh_button, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.accepted.connect(self._agree)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addLayout(grid)
        column.addWidget(self.remark)
        column.addStretch(1)
        column.addWidget(buttons)


def _choice(name: str) -> Choice:
    choice = Choice()
    choice.setAccessibleName(name)
    choice.setMinimumContentsLength(24)
    return choice


def _listed(devices: Sequence[Device], kind: Kind) -> list[tuple[str, str]]:
    return [(full_name(d), full_name(d)) for d in devices if d.channels(kind)]


def _refill(choice: Choice, items: Sequence[tuple[str, object]], wanted: object) -> None:
    """List other items and choose ``wanted``, which is listed even if it is not there just now."""
    values = [value for _, value in items]
    if wanted not in values:
        is_file = isinstance(wanted, str) and is_record(wanted)
        label = Path(str(wanted)).name if is_file else f"{wanted} (not there)"
        items, values = [*items, (label, wanted)], [*values, wanted]
    choice.clear()
    for label, value in items:
        choice.addItem(label, value)
    choice.setCurrentIndex(values.index(wanted))
