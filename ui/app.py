"""Opens the window: the application object, the session, and the loop until it is closed."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ui.display import check_display
from ui.state.preset_store import PresetStore
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.widgets.icon import window_icon
from ui.widgets.language import use_language
from ui.window import MainWindow


def main(arguments: Sequence[str] | None = None) -> int:
    """Show the window until it is closed; returns the exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        ``--demo`` opens on the bundled record, ``--open FILE`` on a sound file or with a preset,
        ``--record DIR`` records from the first sample. The command line's if not given.

    Raises
    ------
    RestorationError
        There is no display that Qt can use.
    """
    parser = argparse.ArgumentParser(prog="shellac", description="Opens the window.")
    parser.add_argument("--demo", action="store_true", help="open on the bundled record")
    parser.add_argument("--open", type=Path, metavar="FILE", help="open on a sound file")
    parser.add_argument("--record", type=Path, metavar="DIR", help="record from the first sample")
    args = parser.parse_args(arguments)
    check_display()
    app = application()
    use_language(Memory().language)
    window = MainWindow(Session(), Memory(), PresetStore())
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the frame timer lets the interpreter run it
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: window.close_unasked())
    window.show()
    window.open_first(demo=args.demo, record_folder=args.record, file=args.open)
    return app.exec()


def application() -> QApplication:
    """The one application object of this process, made if there is none yet."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QGuiApplication.setDesktopFileName("shellac")
    size = Memory().size_percent
    if size != 100 and "QT_SCALE_FACTOR" not in os.environ:
        os.environ["QT_SCALE_FACTOR"] = str(size / 100)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Shellac")
    app.setOrganizationName("Shellac")
    app.setWindowIcon(window_icon())
    return app


if __name__ == "__main__":
    sys.exit(main())
