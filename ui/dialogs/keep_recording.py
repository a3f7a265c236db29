"""The one question before a recording is ended by something that was not meant to end it.

GUI thread.
"""

from PySide6.QtWidgets import QMessageBox, QWidget

from ui.widgets.language import later, tr

KEEP = later("Keep recording")


def agrees_to_end(parent: QWidget, deed: str, recorded: str) -> bool:
    """Ask whether a recording may end for something else; no is the answer of Enter and Escape.

    Parameters
    ----------
    deed : str
        What would be done, as a button says it: "Play the demo record".
    recorded : str
        How long the recording is by now.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(tr("A recording is running"))
    box.setText(tr("A recording is running ({recorded}).", recorded=recorded))
    box.setInformativeText(
        tr("“{deed}” would end it. What has been recorded is kept either way.", deed=deed)
    )
    keep = box.addButton(tr(KEEP), QMessageBox.ButtonRole.RejectRole)
    end = box.addButton(tr("End it: {deed}", deed=deed), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    agreed = box.clickedButton() is end
    box.deleteLater()
    return agreed
