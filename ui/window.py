"""The main window: joins session, settings and views, and decides nothing about the sound."""

import time
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox

from model.settings import Settings
from realtime.telemetry import Telemetry
from ui.conduct.banner_buttons import after_failed_recording
from ui.conduct.banner_messages import BannerMessages
from ui.conduct.frame_clock import FrameClock
from ui.conduct.opener import Opener
from ui.conduct.record_holder import RecordHolder
from ui.conduct.recordings import Recordings
from ui.menus import Commanded, build_menus
from ui.panels.layout import Desk
from ui.state.history import History
from ui.state.preset_store import PresetStore
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.widgets.binder import Binder
from ui.widgets.stylesheet import apply_theme
from ui.widgets.theme import ThemeChoice, theme_for

PRESET_ENDINGS = (".yaml", ".yml")
GAIN_EVERY_S = 1.0
ZOOM = 1.6  # of one key press


class MainWindow(QMainWindow):
    """What the person sees.

    Parameters
    ----------
    session, memory, store
        The engine's holder, what is remembered, and where presets are.
    """

    def __init__(self, session: Session, memory: Memory, store: PresetStore) -> None:
        super().__init__()
        self.session, self.memory = session, memory
        self.history = History()
        self.binder = Binder(Settings())
        self.desk = Desk(self.binder, self.history, store)
        self.clock = FrameClock(session, self.history)
        self.recordings = Recordings(session, self.desk.transport, memory)
        self.opener = Opener(session, memory, self.binder, self)
        self.messages = self.opener.messages = self._banner_messages()
        self.record_holder = RecordHolder(session, self.desk.header, self)
        self._gain_at_s = 0.0
        self._asks = True  # before a recording is ended by closing
        self.setWindowTitle("Shellac")
        self.setMinimumSize(1180, 700)
        self.setAcceptDrops(True)
        self.setCentralWidget(self.desk)
        build_menus(self, self._commanded())
        self._connect()
        self._remember()
        self.apply_theme()

    def open_first(
        self, *, demo: bool, record_folder: Path | None = None, file: Path | None = None
    ) -> None:
        """Let the frames run, and open a file that is named, or what there is."""
        self.clock.start()
        if file is not None and file.suffix.lower() not in PRESET_ENDINGS:
            self.opener.file(file, record_folder)
            return
        self.opener.first(demo=demo, record_folder=record_folder)
        if file is not None:
            self.take_file(file)

    def toggle_freeze(self) -> None:
        """Let both pictures stand still, or go on."""
        view = self.desk.waveform.view
        view.freeze(not view.port.frozen)

    def toggle_bypass(self) -> None:
        """Pass the input through untouched, recording included."""
        self.binder.set("bypass", not self.binder.settings.bypass)

    def set_theme_choice(self, choice: ThemeChoice) -> None:
        """Dark, light, or as the desktop is."""
        self.memory.theme = choice
        self.apply_theme()

    def apply_theme(self) -> None:
        """Give everything the colours that hold now."""
        theme = theme_for(self.memory.theme)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        self.desk.set_theme(theme)

    def take_file(self, path: Path) -> None:
        """A preset is loaded, anything else played as if it were the turntable."""
        if path.suffix.lower() in PRESET_ENDINGS:
            self.desk.presets.load_file(path)
        else:
            self.opener.file(path)

    def close_unasked(self) -> None:
        """End a running recording and everything else: nobody is there to answer."""
        self._asks = False
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Keys that no focused control wanted: the space bar freezes."""
        view = self.desk.waveform.view
        acts = {
            Qt.Key.Key_Space: self.toggle_freeze,
            Qt.Key.Key_Plus: lambda: view.zoom(1 / ZOOM),
            Qt.Key.Key_Minus: lambda: view.zoom(ZOOM),
            Qt.Key.Key_0: view.show_usual,
        }
        act = acts.get(Qt.Key(event.key()))
        if act is None or (event.isAutoRepeat() and event.key() == Qt.Key.Key_Space):
            super().keyPressEvent(event)
        else:
            act()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Welcome one file."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Load a preset, or play a sound file."""
        self.take_file(Path(event.mimeData().urls()[0].toLocalFile()))
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask if a recording runs; then end everything in good order."""
        if self.recordings.running and self._asks and not self._agrees_to_end():
            event.ignore()
            return
        self.clock.stop()
        self.memory.geometry = self.saveGeometry()
        current = self.desk.presets.current
        if current is not None:
            self.memory.preset = current.name if current.shipped else str(current.path)
        self.session.close()
        event.accept()

    def _agrees_to_end(self) -> bool:
        question = "A recording is running. End it, keep both files, and quit?"
        answer = QMessageBox.question(self, "Shellac", question)
        return answer == QMessageBox.StandardButton.Yes

    def _commanded(self) -> Commanded:
        return Commanded(
            self.session,
            self.memory,
            self.desk,
            self.opener,
            self.recordings,
            self.record_holder,
            self.toggle_bypass,
            self.toggle_freeze,
            self.set_theme_choice,
        )

    def _banner_messages(self) -> BannerMessages:
        opener, recordings = self.opener, self.recordings
        return BannerMessages(
            self.desk.header.banner,
            recordings,
            {
                "reopen": opener.again,
                "replay": opener.again,
                "unrecorded": opener.again,
                "devices": opener.choose_devices,
                "demo": opener.demo,
                "folder": recordings.move_elsewhere,
                "show_files": recordings.show_files,
            },
        )

    def _connect(self) -> None:
        desk, messages, waveform = self.desk, self.messages, self.desk.waveform
        spectrogram = desk.spectrogram.view
        self.binder.changed.connect(self.session.post)
        self.session.record_failed.connect(self._tell_recording_failed)
        self.opener.opened.connect(self._begin_anew)
        desk.header.devices_pressed.connect(self.opener.choose_devices)
        desk.status.checkpoint.chosen.connect(self.opener.use_models)
        desk.status.checkpoint.load_pressed.connect(self.opener.choose_models)
        desk.presets.failed.connect(lambda text: messages.tell("error", text))
        waveform.freeze_button.clicked.connect(self.toggle_freeze)
        port = waveform.view.port
        waveform.view.view_changed.connect(
            lambda: spectrogram.freeze(port.history if port.frozen else None)
        )
        waveform.channel_chosen.connect(spectrogram.set_channel)
        self.clock.beat.connect(self._beat)
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _: self.apply_theme())

    def _tell_recording_failed(self, sentence: str) -> None:
        self.messages.tell("error", sentence, after_failed_recording(sentence))

    def _remember(self) -> None:
        memory, presets = self.memory, self.desk.presets
        if memory.geometry is not None:
            self.restoreGeometry(memory.geometry)
        else:
            self.resize(1280, 720)
        if not presets.load_remembered(memory.preset):
            presets.load_remembered("default")

    def _begin_anew(self) -> None:
        self.history.clear()
        self.desk.restart()

    def _beat(self, telemetry: Telemetry, elapsed_s: float) -> None:
        now_s, desk = time.monotonic(), self.desk
        for event in self.session.events():
            self.messages.hear(event, telemetry)
        desk.refresh(telemetry, now_s, elapsed_s, bypass=self.binder.settings.bypass)
        if self.isMinimized():
            return
        if now_s - self._gain_at_s > GAIN_EVERY_S:
            self._gain_at_s = now_s
            desk.waveform.view.fit_gain()
        desk.waveform.view.refresh()
        desk.spectrogram.view.refresh()
