"""Decides what the session opens, and what is said when that fails. GUI thread."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from model.checkpoints import Selection, load_models
from model.errors import RestorationError
from realtime.config import ARCHIVE_HZ, DEMO_INPUT, StreamConfig
from realtime.restorer.checkpoint_files import usable_models
from realtime.soundfiles.reading import open_sound
from ui.conduct.banner_buttons import after_failed_open
from ui.conduct.banner_messages import BannerMessages
from ui.conduct.take_guard import TakeGuard
from ui.dialogs.devices_dialog import SOUND_FILES, DevicesDialog
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.state.startup import Start, demo_config, first_config, is_record
from ui.widgets.binder import Binder
from ui.widgets.language import later, tr

MODEL_FILES = later("Trained networks (*.onnx *.pth);;All files (*)")


class Opener(QObject):
    """Opens devices, files and the demo record.

    Signals
    -------
    opened
        Another stream begins: what was drawn of the last one is over.
    """

    opened = Signal()

    def __init__(
        self,
        session: Session,
        memory: Memory,
        binder: Binder,
        guard: TakeGuard,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._guard = guard
        # Set once by the window, which needs both to build either.
        self.messages: BannerMessages | None = None
        self._session, self._memory, self._binder = session, memory, binder
        self._window = parent
        self._falls_back = False  # a failed open leads to the demo record: first start only
        self._say_on_open = ""
        self._models: Selection = ()
        session.opened.connect(self._opened)
        session.open_failed.connect(self._failed)

    def first(self, *, demo: bool, record_folder: Path | None = None) -> None:
        """Open what was open last time, the default devices, or the demo record (and record it)."""
        self._falls_back = True
        remembered, names = self._memory.config, self._memory.models

        def look() -> tuple[Start, Selection]:
            models, trouble = _remembered_models(names)
            start = Start(demo_config()) if demo else first_config(remembered)
            said = ". ".join(filter(None, (start.sentence, trouble)))
            config = replace(start.config, record_folder=record_folder)
            return Start(config, said), models

        def begin(found: tuple[Start, Selection]) -> None:
            start, self._models = found
            self._open(start)

        self._session.ask(look, begin)

    def open(self, config: StreamConfig, *, remember: bool = True) -> None:
        """End what is open and open something else; a file is looked at before anything ends."""
        path = Path(config.input)
        if config.input != DEMO_INPUT and path.is_file():
            self._try_file(path, lambda: self._open_if_allowed(config, path.name, remember))
        else:
            self._open_if_allowed(config, config.input, remember)

    def demo(self) -> None:
        """Play the bundled record, to be heard where the sound went before."""
        config = self._session.config
        demo = demo_config(config.output if config else None)
        self._open_if_allowed(demo, tr("the demo record"), remember=False)

    def file(self, path: Path, record_folder: Path | None = None) -> None:
        """Play a file as if it were the turntable, and record it if a folder is named.

        One that is no sound changes nothing.
        """
        base = self._session.config or demo_config()
        record = replace(base, input=str(path), sample_rate=None, record_folder=record_folder)
        self.open(record, remember=False)

    def again(self) -> None:
        """Open the same once more."""
        config = self._session.config
        if config is not None and self._guard.allows(tr("Start again")):
            self._open(Start(replace(config, record_folder=None)))

    def at_archive_rate(self) -> None:
        """Open the same devices at the rate that archives ask for, from now on."""
        config = self._session.config
        if config is not None:
            self.open(replace(config, sample_rate=ARCHIVE_HZ, record_folder=None))

    def use_models(self, names: Selection) -> None:
        """Work with other networks from now on; they are tried before anything ends."""

        def act(answer: Selection | RestorationError) -> None:
            if isinstance(answer, RestorationError):
                self._tell_error(str(answer))
                return
            if not self._guard.allows(tr("Use other networks")):
                return
            self._models, self._memory.models = answer, names
            self._falls_back = False
            if (config := self._session.config) is not None:
                self._open(Start(replace(config, record_folder=None)))

        self._session.ask(lambda: _tried(names), act)

    def choose_models(self) -> None:
        """Ask for a file with trained networks."""
        title = tr("Load trained networks")
        name, _ = QFileDialog.getOpenFileName(self._window, title, "", tr(MODEL_FILES))
        if name:
            self.use_models((name,))

    def choose_devices(self) -> None:
        """Ask which devices to open."""
        dialog = DevicesDialog(self._session, self._session.config, self._window)
        dialog.agreed.connect(self.open)
        dialog.open()

    def choose_file(self) -> None:
        """Ask for a file to be played as if it were the turntable."""
        title = tr("Play a file as the turntable")
        folder = str(self._memory.last_folder)
        name, _ = QFileDialog.getOpenFileName(self._window, title, folder, tr(SOUND_FILES))
        if name:
            self._memory.last_folder = Path(name).parent
            self.file(Path(name))

    def _try_file(self, path: Path, act: Callable[[], None]) -> None:
        def look() -> None:
            open_sound(path).close()

        def answered(answer: RestorationError | None) -> None:
            if answer is None:
                act()
            else:
                self._tell_error(f"{answer}; what is open stays as it is")

        self._session.look_up(look, answered)

    def _open_if_allowed(self, config: StreamConfig, named: str, remember: bool) -> None:
        if not self._guard.allows(
            tr("Play {name}", name=named)
            if is_record(config.input)
            else tr("Open {name}", name=named)
        ):
            return
        if remember:
            self._memory.config = config
        self._falls_back = False
        self._open(Start(config))

    def _open(self, start: Start) -> None:
        self._say_on_open = start.sentence
        if self.messages is not None:
            self.messages.forget()
        config = replace(start.config, models=self._models)
        self._session.open(config, self._binder.settings)

    def _tell_error(self, sentence: str) -> None:
        if self.messages is not None:
            self.messages.tell("error", sentence)

    def _opened(self, _: StreamConfig) -> None:
        self.opened.emit()
        if self._say_on_open and self.messages is not None:
            self.messages.tell("info", self._say_on_open, "devices")

    def _failed(self, config: StreamConfig, message: str) -> None:
        record = is_record(config.input)
        if self._falls_back and not record:
            demo = demo_config(record_folder=config.record_folder)
            self._open(Start(demo, f"{message}; until then this is the demo record"))
        elif self.messages is not None:
            self.messages.tell("error", message, after_failed_open(message, is_record=record))


def _tried(names: Selection) -> Selection:
    """Return what the names stand for, after it has been loaded once."""
    selection = usable_models(names)
    if selection:  # the shipped ones are the engine's to load
        load_models(selection)
    return selection


def _remembered_models(names: Selection) -> tuple[Selection, str]:
    """Return the networks of last time, or the shipped ones and why."""
    try:
        return _tried(names), ""
    except RestorationError as error:
        return (), f"{error}. The shipped networks are used instead"
