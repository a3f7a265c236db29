"""Which trained networks there are to choose from, and which are in use. GUI thread."""

from PySide6.QtCore import Signal

from model.checkpoints import NO_MODELS, Selection, shipped_checkpoints
from ui.widgets.controls import Choice

SHIPPED = "The networks that came with the program"
ALONE = "The analytical detector alone"
LOAD = "Load…"
TIP = "The trained networks in use; another choice opens the sound anew"


class CheckpointChooser(Choice):
    """Shows detector and denoiser in use; lists what else could be.

    Signals
    -------
    chosen : Selection
        What to work with from now on: empty for the shipped networks, ``("none",)`` for none.
    load_pressed
        A file shall be looked for.
    """

    chosen = Signal(object)
    load_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Checkpoint")
        self.setToolTip(TIP)
        self.setProperty("role", "flat")
        self.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self._names = ("", "")
        self.show_names("analytical", "none")
        self.activated.connect(self._choose)

    def show_names(self, detector: str, denoiser: str) -> None:
        """Show what the engine says that it works with."""
        if (detector, denoiser) == self._names:
            return
        self._names = (detector, denoiser)
        self.clear()
        self.addItem(f"Detector: {detector or 'none'} · denoiser: {denoiser or 'none'}")
        choices: list[tuple[str, Selection]] = [(ALONE, (NO_MODELS,))]
        if shipped_checkpoints():
            choices.insert(0, (SHIPPED, ()))
        for text, selection in choices:
            self.addItem(text, selection)
        self.addItem(LOAD)

    def _choose(self, row: int) -> None:
        text, selection = self.itemText(row), self.itemData(row)
        self.setCurrentIndex(0)  # what is in use stands there until the engine says otherwise
        if text == LOAD:
            self.load_pressed.emit()
        elif row > 0:
            self.chosen.emit(selection)
