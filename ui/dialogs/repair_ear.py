"""Which repair is heard, before or after, and what else stands still meanwhile. GUI thread."""

from pathlib import Path

from PySide6.QtCore import QObject, QTemporaryDir, Signal

from model.errors import RestorationError
from realtime.archive.repairs import Repair
from realtime.batch.audit import cut_excerpts
from realtime.batch.side import Side
from realtime.config import NULL_OUTPUT
from ui.dialogs.excerpt_player import ExcerptPlayer
from ui.state.session import Session

BEFORE, AFTER = 0, 1


class RepairEar(QObject):
    """Plays one repair after the other, each in a loop, both versions equally loud.

    Signals
    -------
    changed
        Something else is heard, or nothing.
    failed : str
        Why nothing can be heard.

    Attributes
    ----------
    number : int or None
        Of the repair that is heard.
    role : int
        ``BEFORE`` or ``AFTER``.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.number: int | None = None
        self.role = BEFORE
        output = session.config.output if session.config else None
        self.player = ExcerptPlayer(self, None if output == NULL_OUTPUT else output)
        self.player.failed.connect(self._fail)
        self._session = session
        self._excerpts = QTemporaryDir()  # gone with this object
        self._holds_file = False  # the one in the window stands still for an excerpt

    def hear(self, side: Side, number: int, repair: Repair, role: int) -> None:
        """Play one repair; where it is heard already, its other version at the same place."""
        if self.number == number:
            self.role = role
            self.player.turn_to(role)
            self.changed.emit()
            return
        self.number, self.role = number, role
        self.changed.emit()
        folder = Path(self._excerpts.path())

        def cut(answer: list[Path] | RestorationError) -> None:
            if isinstance(answer, RestorationError):
                self._fail(str(answer))
            elif self.number == number:
                self._hold_file()
                self.player.play(answer[BEFORE], answer[AFTER], self.role)

        self._session.look_up(lambda: cut_excerpts(side, [(number, repair)], folder), cut)

    def silence(self) -> None:
        """Play nothing any more; the file in the window goes on."""
        self.player.pause()
        self._let_go()

    def end(self) -> None:
        """Fall silent for good."""
        self.player.stop()
        self._let_go()

    def _hold_file(self) -> None:
        """Let the file that is played stand still; one that is recorded is left alone."""
        session = self._session
        if session.plays_file and not session.recording and not session.telemetry().paused:
            self._holds_file = True
            session.pause(True)

    def _let_go(self) -> None:
        self.number = None
        if self._holds_file:
            self._holds_file = False
            self._session.pause(False)
        self.changed.emit()

    def _fail(self, reason: str) -> None:
        self._let_go()
        self.failed.emit(reason)
