"""A screen without a screen, for tools that drive the real window: Xvfb on a number of its own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def display(size: str = "1280x720", scale: float = 1.0) -> Iterator[None]:
    """Give a screen of so many px, for this process and what it starts.

    Parameters
    ----------
    scale : float
        By which everything is drawn larger, as on a screen of many px.
    """
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as told:
        number = told.readline().strip()
    if not number:
        raise SystemExit("Xvfb does not start; sudo apt-get install xvfb")
    os.environ.update(DISPLAY=f":{number}", QT_QPA_PLATFORM="xcb", QT_SCALE_FACTOR=f"{scale:g}")
    try:
        yield
    finally:
        server.terminate()
        server.wait()
