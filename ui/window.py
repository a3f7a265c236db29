"""The main window: joins session, settings and views, and decides nothing about the sound."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QFileDialog, QMainWindow

from model.settings import Settings
from realtime.archive.label_picture import looks_like_picture
from realtime.config import ARCHIVE_HZ, StreamConfig
from realtime.telemetry import EngineEvent, Telemetry
from ui.conduct.banner_buttons import GROOVES, after_failed_recording
from ui.conduct.banner_messages import BannerMessages
from ui.conduct.finished_side import FinishedSide
from ui.conduct.frame_clock import FrameClock
from ui.conduct.hiss_learning import HissLearning
from ui.conduct.label_pictures import LabelPictures
from ui.conduct.once_more import OnceMore
from ui.conduct.opener import Opener
from ui.conduct.record_holder import RecordHolder
from ui.conduct.recordings import Recordings
from ui.conduct.take_guard import TakeGuard
from ui.conduct.undoing import Undoing
from ui.dialogs.devices_dialog import SOUND_FILES
from ui.dialogs.diagnostics_dialog import DiagnosticsDialog
from ui.dialogs.level_dialog import LevelDialog
from ui.dialogs.repairs_dialog import RepairsDialog
from ui.menus import Commanded, build_menus
from ui.panels.layout import Desk
from ui.panels.spectrogram_panel import PANES, SCALES
from ui.state.changes import Changes
from ui.state.condition import Conditions
from ui.state.history import History
from ui.state.preset_store import PresetStore
from ui.state.remembered import Memory
from ui.state.repair_marks import RepairMarks
from ui.state.session import Session
from ui.views.spectrogram import RANGES_DB
from ui.widgets.binder import Binder
from ui.widgets.icon import window_icon
from ui.widgets.language import figure, tr
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
        self.conditions = Conditions()
        self.guard = TakeGuard(session, self)
        self.recordings = Recordings(session, self.desk.transport, memory)
        self.opener = Opener(session, memory, self.binder, self.guard, self)
        self.messages = self.opener.messages = self._banner_messages()
        self.record_holder = RecordHolder(
            session, self.desk.header, memory, self.guard, self, self.history
        )
        self.record_holder.next_named.connect(self.desk.transport.show_next_name)
        self.record_holder.tell_name()
        self.marks = RepairMarks()
        self.changes = Changes()
        self.undoing = Undoing(
            self.changes, self.binder, self.desk.presets, self.record_holder, self.marks, self
        )
        self.finished = FinishedSide(session, self.desk.transport)
        card = self.desk.transport.card
        self.hiss = HissLearning(self.binder, self)
        self.once_more = OnceMore(session, self.finished, card, lambda: self.binder.settings)
        self.pictures = LabelPictures(session, self.messages.tell)
        self.diagnostics = DiagnosticsDialog(session, self)
        self.level = LevelDialog(self)
        self._gain_at_s = 0.0
        self._asks = True  # before a recording is ended by closing
        self.setWindowTitle("Shellac")
        self.setWindowIcon(window_icon())
        self.setMinimumSize(940, 540)
        self.setAcceptDrops(True)
        self.setCentralWidget(self.desk)
        self.desk.setFocus()
        build_menus(self, self._commanded())
        self._connect()
        self._remember()
        self.changes.clear()  # what was remembered is where the person begins
        self.undoing.serve(self)
        self.apply_theme()

    def open_first(
        self, *, demo: bool, record_folder: Path | None = None, file: Path | None = None
    ) -> None:
        """Let the frames run, and open a file that is named, or what there is."""
        self.clock.start()
        self.record_holder.restore()
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
        """A preset is loaded, a picture is the label's, anything else played as the turntable."""
        if path.suffix.lower() in PRESET_ENDINGS:
            self.desk.presets.load_file(path)
        elif looks_like_picture(path):
            self.pictures.take(path)
        else:
            self.opener.file(path)

    def choose_format(self, file_format: str) -> None:
        """Record in another format; an archive's wants a rate that the input may not have."""
        self.recordings.set_format(file_format)
        telemetry = self.session.telemetry()
        is_low = 0 < telemetry.sample_rate < ARCHIVE_HZ and not self.session.plays_file
        if file_format == "bwf" and is_low:
            now = figure("{khz:g} kHz", khz=telemetry.sample_rate / 1000)
            sentence = tr(
                "archives ask for {khz:g} kHz; the input is open at {now}",
                khz=ARCHIVE_HZ / 1000,
                now=now,
            )
            self.messages.tell("info", sentence, "archive_rate")

    def choose_repairs(self) -> None:
        """Ask for a side whose repairs are to be looked at."""
        title, folder = tr("Repairs of a side"), str(self.desk.transport.folder)
        name, _ = QFileDialog.getOpenFileName(self, title, folder, tr(SOUND_FILES))
        if name:
            self.show_repairs(Path(name))

    def show_repairs(self, sound: Path) -> RepairsDialog:
        """Open the list of a side's repairs beside the window."""
        theme = theme_for(self.memory.theme)
        dialog = RepairsDialog(self.session, sound, theme, self.marks, self)
        self.undoing.serve(dialog)
        dialog.written.connect(lambda sentence: self.messages.tell("info", sentence, "show_files"))
        dialog.show()
        return dialog

    def close_unasked(self) -> None:
        """End a running recording and everything else: nobody is there to answer."""
        self._asks = False
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Keys that no focused control wanted; Enter presses what has the focus, Space freezes."""
        view = self.desk.waveform.view
        acts: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Plus: lambda: view.zoom(1 / ZOOM),
            Qt.Key.Key_Minus: lambda: view.zoom(ZOOM),
            Qt.Key.Key_0: view.show_usual,
            Qt.Key.Key_Return: self._press_focused,
            Qt.Key.Key_Enter: self._press_focused,
            Qt.Key.Key_Escape: self.desk.setFocus,
        }
        if act := acts.get(Qt.Key(event.key())):
            act()
        else:
            super().keyPressEvent(event)

    def _press_focused(self) -> None:
        focused = self.focusWidget()
        if isinstance(focused, QAbstractButton) and focused.isEnabled():
            focused.click()
        elif isinstance(focused, QComboBox):
            focused.showPopup()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Welcome one file."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Load a preset, keep a picture of the label, or play a sound file."""
        self.take_file(Path(event.mimeData().urls()[0].toLocalFile()))
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask if a recording runs; then end everything in good order."""
        if self._asks and not self.guard.allows(tr("Quit")):
            event.ignore()
            return
        self.clock.stop()
        self.once_more.call_off()
        self.memory.geometry = self.saveGeometry()
        self.memory.settings = self.binder.settings
        spectrogram = self.desk.spectrogram
        self.memory.keep_view("scale", spectrogram.scale.value())
        self.memory.keep_view("panes", spectrogram.panes.value())
        self.memory.keep_view("range", str(spectrogram.view.range_db))
        current = self.desk.presets.current
        if current is not None:
            self.memory.preset = current.name if current.shipped else str(current.path)
        self.session.close()
        event.accept()

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
            self.diagnostics,
            self.messages,
            self.choose_repairs,
            self.level,
            self.choose_format,
            self.undoing,
        )

    def _banner_messages(self) -> BannerMessages:
        opener, recordings = self.opener, self.recordings
        return BannerMessages(
            self.desk.header.banner,
            recordings,
            self.session.telemetry,
            {
                "reopen": opener.again,
                "replay": opener.again,
                "unrecorded": opener.again,
                "devices": opener.choose_devices,
                "archive_rate": opener.at_archive_rate,
                "demo": opener.demo,
                "folder": recordings.move_elsewhere,
                "show_files": recordings.show_files,
                **{step: partial(self._use_groove, step) for step in GROOVES},
            },
            self,
        )

    def _use_groove(self, groove: str) -> None:
        self.record_holder.use_groove(groove)

    def _connect(self) -> None:
        desk, messages, waveform = self.desk, self.messages, self.desk.waveform
        spectrogram = desk.spectrogram.view
        self.binder.changed.connect(self.session.post)
        desk.play_bar.sought.connect(self.session.seek)
        desk.play_bar.pause_pressed.connect(self._pause)
        self.session.refused.connect(lambda sentence: messages.tell("warning", sentence))
        self.finished.spoiled.connect(
            lambda sentence: messages.tell("warning", sentence, "show_files")
        )
        self.hiss.learned.connect(lambda sentence: messages.tell("info", sentence))
        self.once_more.done.connect(lambda sentence: messages.tell("info", sentence, "show_files"))
        self.once_more.failed.connect(lambda sentence: messages.tell("error", sentence))
        self.session.record_failed.connect(self._tell_recording_failed)
        self.session.opened.connect(self._look_at_side)
        self.opener.opened.connect(self._begin_anew)
        desk.header.devices_pressed.connect(self.opener.choose_devices)
        checkpoint = self.diagnostics.checkpoint
        checkpoint.chosen.connect(self.opener.use_models)
        checkpoint.load_pressed.connect(self.opener.choose_models)
        desk.transport.needle_pressed.connect(self._toggle_needle)
        desk.transport.card.play_pressed.connect(self._play_finished)
        desk.transport.card.files_pressed.connect(self.recordings.show_files)
        desk.transport.card.repairs_pressed.connect(self._show_finished_repairs)
        desk.presets.failed.connect(lambda text: messages.tell("error", text))
        waveform.freeze_button.clicked.connect(self.toggle_freeze)
        port = waveform.view.port
        waveform.view.view_changed.connect(
            lambda: spectrogram.follow(
                port.history if port.frozen else None, port.right, port.span_s
            )
        )
        for view in (waveform.view, spectrogram):
            view.pointed.connect(desk.status.readout.say)
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
        if (settings := memory.settings) is not None:
            self.binder.load(settings)
        spectrogram = self.desk.spectrogram
        spectrogram.choose_scale(memory.view("scale", "log", tuple(SCALES)))
        spectrogram.choose_panes(memory.view("panes", "all", tuple(PANES)))
        ranges = tuple(str(db) for db in RANGES_DB)
        spectrogram.set_range(int(memory.view("range", "80", ranges)))

    def _begin_anew(self) -> None:
        self.history.clear()
        self.conditions.restart()
        self.desk.restart()

    def _toggle_needle(self) -> None:
        if self.conditions.waits_for_needle:
            self.session.stop_waiting()
            self.conditions.needle_is_off()
        else:
            self.recordings.wait_for_needle()

    def _pause(self, on: bool) -> None:
        """A file stands still, and its pictures with it."""
        self.session.pause(on)
        view = self.desk.waveform.view
        if view.port.frozen != on:
            view.freeze(on)

    def _play_finished(self) -> None:
        if (raw := self.finished.raw) is not None:
            self.opener.file(raw)

    def _show_finished_repairs(self) -> None:
        if (raw := self.finished.raw) is not None:
            self.show_repairs(raw)

    def _look_at_side(self, config: StreamConfig) -> None:
        """A finished side that is opened has its card, as one that was just recorded."""
        path = Path(config.input)
        if self.session.plays_file and path.is_file() and path != self.finished.raw:
            self.finished.look_at(path)
        elif not self.session.plays_file or not path.is_file():
            self.finished.leave()

    def _hear(self, event: EngineEvent, telemetry: Telemetry) -> None:
        self.conditions.hear(event)
        self.messages.hear(event, telemetry)
        if event.kind == "recording_started":
            self.desk.transport.show_begun()
        elif event.kind == "recording_stopped" and event.report is not None:
            self.finished.show(event.report)
            self.pictures.recording_ended(event.report.raw_path)

    def _beat(self, telemetry: Telemetry, elapsed_s: float) -> None:
        now_s, desk = time.monotonic(), self.desk
        for event in self.session.events():
            self._hear(event, telemetry)
        late_s = telemetry.latency_ms / 1000
        began_s = telemetry.recording_began_s + late_s if telemetry.recording else 0.0
        self.history.zero_s = began_s
        desk.refresh(
            telemetry,
            now_s,
            elapsed_s,
            bypass=self.binder.settings.bypass,
            plays_file=self.session.plays_file,
        )
        disk = (desk.transport.left, desk.transport.is_little)
        desk.status.show_lamps(self.conditions.lamps(telemetry, disk))
        desk.transport.show_waiting(self.conditions.waits_for_needle)
        self.diagnostics.refresh(telemetry)
        self.level.refresh(telemetry)
        self.pictures.look(telemetry)
        if self.isMinimized():
            return
        if now_s - self._gain_at_s > GAIN_EVERY_S:
            self._gain_at_s = now_s
            desk.waveform.view.fit_gain()
        desk.waveform.view.refresh()
        desk.spectrogram.view.refresh()
