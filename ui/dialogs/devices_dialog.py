"""Choosing devices: input, output, sample rate, channels, delay; the list can be refreshed.

The list comes from a short-lived process by way of the session's thread, so the window never
waits for the sound system. GUI thread.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
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
from realtime.devices.input_probe import RATES_HZ, ProbeLine, own_channels
from realtime.devices.listing import Device, Kind, list_devices
from ui.dialogs.input_meter import InputMeter
from ui.panels.banner import as_sentence
from ui.state.session import Session
from ui.state.startup import full_name, is_record
from ui.widgets.controls import Choice
from ui.widgets.language import figure, is_german, later, tr
from ui.widgets.panel import Text
from ui.widgets.theme import font
from ui.widgets.told import told

SOUND_FILES = later("Sound (*.wav *.flac *.aif *.aiff *.ogg *.mp3);;All files (*)")
DELAYS = (
    (later("Short (25 ms)"), 256, 0.025),
    (later("Safe on a busy computer (100 ms)"), 512, 0.1),
)


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
        self.setWindowTitle(tr("Devices"))
        self.setMinimumWidth(520)
        self._session = session
        self._config = config or StreamConfig(input=DEMO_INPUT)
        self.input, self.output = _choice(tr("Input")), _choice(tr("Output"))
        self.rate, self.channels, self.delay = (
            _choice(tr("Sample rate")),
            _choice(tr("Channels")),
            _choice(tr("Delay of the devices")),
        )
        self.meter = InputMeter()
        self.meter.told.connect(self._show_probed)
        self._inputs: dict[str, int] = {}  # channels of each, by name
        self.remark = Text("", "muted", font(12))
        self.remark.setWordWrap(True)
        self.refresh_button = QPushButton(tr("Refresh"))
        self.refresh_button.setToolTip(tr("Look for devices again (F5)"))
        self.refresh_button.setShortcut("F5")
        self.refresh_button.clicked.connect(self.look)
        self._fill_fixed()
        self._lay_out()
        self._fill([])
        self.input.currentIndexChanged.connect(lambda _: self._input_chosen())
        self.finished.connect(lambda _: self.meter.stop())
        self.look()

    def look(self) -> None:
        """Ask which devices there are; the choice stays where it was."""
        self.refresh_button.setEnabled(False)
        self.remark.say(tr("Looking for devices…"), "muted")
        self._session.ask(list_devices, self._found)

    def chosen(self) -> StreamConfig:
        """What stands in the dialog."""
        _, block, latency_s = DELAYS[self.delay.currentIndex()]
        channels, first_channel = self._chosen_pair()
        return StreamConfig(
            input=str(self.input.currentData()),
            output=self.output.currentData(),
            sample_rate=self.rate.currentData(),
            channels=channels,
            first_channel=first_channel,
            block=block,
            latency_s=latency_s,
            allow_null_output=True,
        )

    def _found(self, answer: Sequence[Device] | RestorationError) -> None:
        self.refresh_button.setEnabled(True)
        if isinstance(answer, RestorationError):
            self.remark.say(as_sentence(told(str(answer))), "warn")
            return
        n_in = sum(device.inputs > 0 for device in answer)
        n_out = sum(device.outputs > 0 for device in answer)
        self.remark.say(
            tr("{n_in} inputs and {n_out} outputs found", n_in=n_in, n_out=n_out), "muted"
        )
        self._fill(answer)
        self._input_chosen()

    def _input_chosen(self) -> None:
        """Offer the channels that this input has, and hear it."""
        name = self.input.currentData()
        if name is None:  # the list is being made anew
            return
        wanted, last = self._chosen_pair(), (self._config.channels, self._config.first_channel)
        pairs = channel_pairs(self._inputs.get(name, sum(last) - 1))
        is_there = any(pair == wanted for _, pair in pairs)  # the former input may have had more
        _refill(self.channels, pairs, wanted if is_there else (2, 1))
        self._show_rates(RATES_HZ)
        if name not in self._inputs:
            self.meter.stop()
        elif self._session.recording:  # nothing touches the sound system while a side is recorded
            self.meter.stop()
            self.remark.say(tr("levels are shown while nothing is recorded"), "muted")
        else:
            self.meter.listen_to(name)

    def _chosen_pair(self) -> tuple[int, int]:
        number, first = self.channels.currentData()
        return int(number), int(first)

    def _show_probed(self, line: ProbeLine) -> None:
        if line.error:
            self.remark.say(as_sentence(told(line.error)), "muted")
        elif line.rates:
            self._show_rates(line.rates)
            listed = ("; " if is_german() else ", ").join(
                figure("{khz:g}", khz=hz / 1000) for hz in line.rates
            )
            self.remark.say(tr("this input takes {listed} kHz", listed=listed), "muted")

    def _show_rates(self, supported: Sequence[int]) -> None:
        for i, hz in enumerate(RATES_HZ, 1):
            rate = figure("{khz:g} kHz", khz=hz / 1000)
            self.rate.setItemText(i, rate if hz in supported else tr("{rate} (refused)", rate=rate))

    def _fill(self, devices: Sequence[Device]) -> None:
        self._inputs = {full_name(d): own_channels(d) for d in devices if d.inputs}
        inputs = [(tr("Demo record"), DEMO_INPUT), *_listed(devices, "input")]
        outputs: list[tuple[str, str | None]] = [(tr("System default"), None)]
        outputs += _listed(devices, "output")
        outputs.append((tr("None (silent)"), NULL_OUTPUT))
        first_time = not self.input.count()
        chosen_input = self._config.input if first_time else self.input.currentData()
        with QSignalBlocker(self.input):
            _refill(self.input, inputs, chosen_input)
        chosen = self._config.output if first_time else self.output.currentData()
        _refill(self.output, outputs, chosen)

    def _fill_fixed(self) -> None:
        config = self._config
        rates = [
            (tr("The input's own"), None),
            *((figure("{khz:g} kHz", khz=hz / 1000), hz) for hz in RATES_HZ),
        ]
        _refill(self.rate, rates, config.sample_rate)
        usual = (config.channels, config.first_channel)
        _refill(self.channels, channel_pairs(sum(usual) - 1), usual)
        near = min(range(len(DELAYS)), key=lambda i: abs(DELAYS[i][2] - config.latency_s))
        _refill(self.delay, [(tr(delay[0]), i) for i, delay in enumerate(DELAYS)], near)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Play a file as the turntable"), "", tr(SOUND_FILES)
        )
        if name:
            listed = [
                (self.input.itemText(i), self.input.itemData(i)) for i in range(self.input.count())
            ]
            _refill(self.input, listed, name)

    def _agree(self) -> None:
        self.accept()
        self.agreed.emit(self.chosen())

    def _lay_out(self) -> None:
        file_button = QPushButton(tr("File…"))
        file_button.setToolTip(tr("Play a sound file as if it were the turntable"))
        file_button.clicked.connect(self._choose_file)
        grid = QGridLayout()
        grid.setVerticalSpacing(10)
        grid.setHorizontalSpacing(14)
        for row, choice in enumerate(
            (self.input, self.channels, self.rate, self.output, self.delay)
        ):
            name = Text(choice.accessibleName(), "muted")
            name.setBuddy(choice)
            grid.addWidget(name, row if row == 0 else row + 1, 0)
            grid.addWidget(choice, row if row == 0 else row + 1, 1)
        grid.addWidget(self.meter, 1, 1)
        grid.addWidget(file_button, 0, 2)
        grid.setColumnStretch(1, 1)
        buttons = QDialogButtonBox()
        self.open_button = buttons.addButton(tr("Open"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.open_button.setProperty("role", "primary")
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
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


def channel_pairs(inputs: int) -> list[tuple[str, tuple[int, int]]]:
    """Return what may be taken of so many channels: words, and number and first of them."""
    if inputs <= 2:
        return [(tr("Stereo"), (2, 1)), (tr("Mono"), (1, 1))]
    pairs = [(tr("Stereo: {n} and {next}", n=n, next=n + 1), (2, n)) for n in range(1, inputs, 2)]
    return pairs + [(tr("Mono: {n}", n=n), (1, n)) for n in range(1, inputs + 1)]


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
        label = Path(str(wanted)).name if is_file else tr("{name} (not there)", name=wanted)
        items, values = [*items, (label, wanted)], [*values, wanted]
    choice.clear()
    for label, value in items:
        choice.addItem(label, value)
    choice.setCurrentIndex(values.index(wanted))
