"""Lets the hiss be learned for two seconds and no longer: music is none. GUI thread."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from model.settings import Settings
from ui.widgets.binder import Binder
from ui.widgets.language import tr

LEARNING_MS = 2000


class HissLearning(QObject):
    """Turns the switch off again.

    Signals
    -------
    learned : str
        That it is done, in one sentence.
    """

    learned = Signal(str)

    def __init__(self, binder: Binder, parent: QObject) -> None:
        super().__init__(parent)
        self._binder = binder
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LEARNING_MS)
        self._timer.timeout.connect(self._end)
        binder.changed.connect(self._follow)

    def _follow(self, settings: Settings) -> None:
        if settings.learn_hiss and not self._timer.isActive():
            self._timer.start()
        elif not settings.learn_hiss:
            self._timer.stop()

    def _end(self) -> None:
        self._binder.load(replace(self._binder.settings, learn_hiss=False))
        self.learned.emit(tr("This record\u2019s hiss is known now, until the needle is lifted"))
