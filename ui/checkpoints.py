"""Which trained networks there are to choose from, and which are in use. GUI thread."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel

import model
from ui.controls import Choice

CHECKPOINTS_DIR = Path(model.__file__).resolve().parent / "checkpoints"
LOAD = "Load…"
NOTHING_TO_LOAD_INTO = (
    "No trained network comes with this version, and its chain has no place for one yet"
)


def shipped_checkpoints(folder: Path = CHECKPOINTS_DIR) -> list[Path]:
    """Return the networks that came with the program."""
    return sorted(folder.glob("*.onnx"))


class CheckpointChooser(Choice):
    """Shows detector and denoiser in use; lists what else could be."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Checkpoint")
        self.setProperty("role", "flat")
        self.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self._names = ("", "")
        self.show_names("analytical", "none")

    def show_names(self, detector: str, denoiser: str) -> None:
        """Show what the engine says that it works with."""
        if (detector, denoiser) == self._names:
            return
        self._names = (detector, denoiser)
        self.clear()
        self.addItem(f"Detector: {detector or 'none'} · denoiser: {denoiser or 'none'}")
        for path in shipped_checkpoints():
            self.addItem(path.stem, path)
        self.addItem(LOAD)
        items = self.model()
        if isinstance(items, QStandardItemModel):
            for row in range(1, self.count()):
                items.item(row).setEnabled(False)
                self.setItemData(row, NOTHING_TO_LOAD_INTO, Qt.ItemDataRole.ToolTipRole)
        self.setToolTip(f"{NOTHING_TO_LOAD_INTO}; the analytical detector works alone.")
