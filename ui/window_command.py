"""``shellac`` without a command: the window, or one line why there can be none."""

import argparse
import os
import sys

from model.errors import RestorationError


def run(args: argparse.Namespace) -> None:
    """Open the window."""
    has_display = any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )
    if sys.platform.startswith("linux") and not has_display:
        raise RestorationError(
            "there is no display for the window; in a terminal use 'shellac live --input demo', "
            "or see 'shellac --help'"
        )
    from realtime.engine.child import begin_early

    begin_early()  # it is ready when somebody presses Listen
    try:
        from ui.app import main as open_window
    except ImportError as error:
        raise RestorationError(
            f"the window cannot open: {error}; run 'make install', or use 'shellac live'"
        ) from None
    arguments = ["--demo"] if args.demo else []
    if args.open:
        arguments += ["--open", str(args.open)]
    if args.record:
        arguments += ["--record", str(args.record)]
    if code := open_window(arguments):
        raise RestorationError(f"the window ended with code {code}")
