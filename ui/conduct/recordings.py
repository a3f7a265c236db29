"""Beginning and ending recordings, and where they go. GUI thread; the engine does the writing."""

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from realtime.recording.recorder import RecordingReport
from realtime.units import clock
from ui.panels.transport import Transport
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.widgets.language import tr
from ui.widgets.told import told


class Recordings(QObject):
    """Joins the transport's buttons to the session, and remembers folder and format."""

    def __init__(self, session: Session, transport: Transport, memory: Memory) -> None:
        super().__init__(transport)
        self._session, self._transport, self._memory = session, transport, memory
        self._last_folder = memory.record_folder
        transport.folder, transport.file_format = memory.record_folder, memory.record_format
        transport.record_pressed.connect(self.toggle)
        transport.folder_pressed.connect(self.choose_folder)
        transport.run_out.setChecked(memory.stop_at_run_out)
        transport.run_out_chosen.connect(self.end_at_run_out)
        session.stop_at_run_out = memory.stop_at_run_out

    @property
    def running(self) -> bool:
        """True while two files grow, or are just about to."""
        return self._session.recording

    def toggle(self) -> None:
        """Begin both files, or end them; a press while one of the two is under way is ignored."""
        if self._session.commanding:
            return
        if self.running:
            self._session.stop_recording()
        else:
            self._session.start_recording(self._transport.folder, self._transport.file_format)

    def wait_for_needle(self) -> None:
        """Let the needle begin and end recordings from now on."""
        if not self._session.commanding and not self.running:
            transport = self._transport
            self._session.wait_for_needle(transport.folder, transport.file_format)

    def end_at_run_out(self, on: bool) -> None:
        """Let sides end by themselves in the run-out groove, the one that runs as well."""
        self._memory.stop_at_run_out = on
        self._session.end_at_run_out(on)

    def choose_folder(self) -> bool:
        """Ask where recordings go; False when the question was dismissed."""
        now = str(self._transport.folder)
        folder = QFileDialog.getExistingDirectory(self._transport, tr("Record into"), now)
        if folder:
            self.set_folder(Path(folder))
        return bool(folder)

    def set_folder(self, folder: Path) -> None:
        """Let recordings go there from the next one on."""
        self._memory.record_folder = self._transport.folder = folder
        self._transport.look_again()

    def set_format(self, file_format: str) -> None:
        """Record as FLAC or WAV from the next recording on."""
        self._memory.record_format = self._transport.file_format = file_format
        self._transport.look_again()

    def move_elsewhere(self) -> None:
        """Ask for a better place than the one that failed, and record there from now on."""
        if self.choose_folder() and not self.running:
            self.toggle()

    def sentence(self, report: RecordingReport) -> str:
        """What a finished recording has left behind."""
        self._last_folder = report.raw_path.parent
        if report.error:
            return tr("the recording has ended early: {error}", error=told(report.error))
        return tr(
            "saved {length} in two files that line up: {raw} and {restored}",
            length=clock(report.seconds),
            raw=report.raw_path.name,
            restored=report.restored_path.name,
        )

    def show_files(self) -> None:
        """Open the folder of the last recording on the desktop."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._last_folder)))
