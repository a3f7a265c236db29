"""The side that was recorded last, or a finished one that is opened: its card. GUI thread."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from model.errors import RestorationError
from realtime.archive.interface_errors import interface_errors, told
from realtime.archive.side_facts import SideFacts, side_facts
from realtime.batch.side import Side, open_side
from realtime.recording.recorder import RecordingReport
from realtime.soundfiles.reading import open_sound
from ui.panels.transport import Transport
from ui.state.session import Session
from ui.widgets.told import told as told_in_window


class FinishedSide(QObject):
    """Shows the card at once, and its figures when both files have been read.

    Signals
    -------
    spoiled : str
        What the interface did to the untouched file, in one line.

    Attributes
    ----------
    raw : Path or None
        The untouched file of that side.
    """

    spoiled = Signal(str)

    def __init__(self, session: Session, transport: Transport) -> None:
        super().__init__(transport)
        self.raw: Path | None = None
        self._is_opened = False  # its card is there because its file plays
        self._session, self._transport = session, transport

    def show(self, report: RecordingReport) -> None:
        """Show what there is of a side that has just ended."""
        is_from_device = not self._session.plays_file
        raw, restored, rate = report.raw_path, report.restored_path, report.sample_rate
        self.raw, self._is_opened = raw, False
        self._transport.show_ended(report.seconds, f"{raw.name}\n{restored.name}")

        def known(_: SideFacts) -> None:
            if is_from_device:
                self._session.look_up(lambda: told(interface_errors(raw), rate), found)

        def found(answer: str | RestorationError) -> None:
            if answer and isinstance(answer, str):
                self.spoiled.emit(f"{raw.name}: {told_in_window(answer)}")

        self._show_facts(raw, restored, known)

    def look_at(self, path: Path) -> None:
        """Show the card of a finished side whose file plays now; of another file none."""
        self.leave()

        def found(answer: tuple[Side, float] | RestorationError) -> None:
            config = self._session.config
            is_there = config is not None and Path(config.input) == path
            if isinstance(answer, RestorationError) or not is_there or self._session.recording:
                return
            side, seconds = answer
            self.raw, self._is_opened = side.original, True
            tip = f"{side.original.name}\n{side.restored.name}"
            self._transport.show_ended(seconds, tip)
            self._show_facts(side.original, side.restored)

        self._session.look_up(lambda: _side_at(path), found)

    def _show_facts(
        self, raw: Path, restored: Path, known: Callable[[SideFacts], None] = lambda _: None
    ) -> None:
        def answered(answer: SideFacts | RestorationError) -> None:
            if raw != self.raw:
                return  # the next side has ended meanwhile
            if isinstance(answer, RestorationError):
                self._transport.card.show_unknown(told_in_window(str(answer)))
            else:
                self._transport.card.show_facts(answer)
                known(answer)

        self._session.look_up(lambda: side_facts(raw, restored), answered)

    def leave(self) -> None:
        """Something else plays: the card of a side that only was opened goes with it."""
        if self._is_opened:
            self.raw, self._is_opened = None, False
            self._transport.show_begun()


def _side_at(path: Path) -> tuple[Side, float]:
    """Return a side with its length in seconds."""
    side = open_side(path)
    with open_sound(side.original) as sound:
        return side, sound.frames / sound.samplerate
