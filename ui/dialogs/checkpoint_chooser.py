"""Which trained networks there are to choose from, and which are in use. GUI thread."""

from PySide6.QtCore import Signal

from model.checkpoints import NO_MODELS, Selection, shipped_checkpoints
from ui.widgets.controls import Choice
from ui.widgets.language import later, tr

SHIPPED = later("The networks that came with the program")
ALONE = later("The analytical detector alone")
LOAD = later("Load…")
TIP = later("The trained networks in use; another choice opens the sound anew")


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
        self.setAccessibleName(tr("Checkpoint"))
        self.setToolTip(tr(TIP))
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
        self.addItem(
            tr(
                "Detector: {detector} · denoiser: {denoiser}",
                detector=detector or tr("none"),
                denoiser=denoiser or tr("none"),
            )
        )
        choices: list[tuple[str, Selection]] = [(ALONE, (NO_MODELS,))]
        if shipped_checkpoints():
            choices.insert(0, (SHIPPED, ()))
        for text, selection in choices:
            self.addItem(tr(text), selection)
        self.addItem(tr(LOAD))

    def _choose(self, row: int) -> None:
        text, selection = self.itemText(row), self.itemData(row)
        self.setCurrentIndex(0)  # what is in use stands there until the engine says otherwise
        if text == tr(LOAD):
            self.load_pressed.emit()
        elif row > 0:
            self.chosen.emit(selection)
