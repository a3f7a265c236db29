"""What the program is, which version, and where its log lies. GUI thread."""

from collections.abc import Callable

from PySide6.QtWidgets import QMessageBox, QWidget

from realtime.archive.finished_files import originator
from realtime.logbook import log_path
from ui.widgets.icon import window_icon
from ui.widgets.language import later, tr

ABOUT = later(
    "Restores 78 rpm records while they play. This program talks to nobody: no sound, no name "
    "and no figure leaves this computer.\n\n"
    "Amber is the record as it comes in, teal what comes out; coral and violet mark what the "
    "two detectors take away."
)


def show_about(parent: QWidget, diagnose: Callable[[], None]) -> None:
    """Show it; one button leads to the diagnostics."""
    box = QMessageBox(parent)
    box.setWindowTitle(tr("About Shellac"))
    box.setIconPixmap(window_icon().pixmap(64, 64))
    box.setText(originator())
    box.setInformativeText(
        tr(ABOUT) + "\n\n" + tr("Log: {path}", path=log_path() or tr("none is kept"))
    )
    close = box.addButton(tr("Close"), QMessageBox.ButtonRole.AcceptRole)
    more = box.addButton(tr("Diagnostics…"), QMessageBox.ButtonRole.ActionRole)
    box.setDefaultButton(close)
    box.setEscapeButton(close)
    box.exec()
    wanted = box.clickedButton() is more
    box.deleteLater()
    if wanted:
        diagnose()
