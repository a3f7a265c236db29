"""Makes the pictures of README's way from the turntable to the file, docs/way_1.png and so on.

    pictures.py [FOLDER] [--language de]

The real window runs under Xvfb on virtual devices (xvfb, pulseaudio), the demo record plays into
the one called turntable, and the window is driven as a person drives it. Takes about a minute.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.screen import display  # noqa: E402 (found by way of the line above)

SIZE = "1280x720"
RECORD = ROOT / "presets" / "demo" / "worn_record.flac"
PATIENCE_S = 90.0
LAST = 5  # picture
HEARD_S = 9.0  # until the pictures of the window are full


@contextmanager
def playing() -> Iterator[None]:
    """Play the demo record into the turntable, again and again."""
    again = 'while paplay --device=turntable "$0"; do :; done'
    player = subprocess.Popen(["bash", "-c", again, str(RECORD)], start_new_session=True)
    try:
        yield
    finally:
        os.killpg(player.pid, signal.SIGTERM)
        player.wait()


class Photographer:
    """Drives one window and keeps its pictures."""

    def __init__(self, folder: Path, home: Path) -> None:
        from PySide6.QtCore import QSettings
        from PySide6.QtTest import QTest

        from realtime.config import StreamConfig
        from realtime.engine.engine import Engine
        from ui.app import application
        from ui.state.preset_store import PresetStore
        from ui.state.remembered import Memory
        from ui.state.session import Session
        from ui.window import MainWindow

        self.app, self.folder, self.test = application(), folder, QTest
        self.images: dict[int, Any] = {}
        memory = Memory(QSettings(str(home / "memory.ini"), QSettings.Format.IniFormat))
        memory.theme = "dark"
        memory.stop_at_run_out = True
        self.window = MainWindow(Session(Engine), memory, PresetStore(home / "presets"))
        self.window.setGeometry(0, 0, *map(int, SIZE.split("x")))
        self.window.show()
        self.window.clock.start()
        self.config = StreamConfig("turntable, ALSA", "headphones, ALSA", allow_null_output=True)

    def wait(self, what: str, is_so: Callable[[], bool], then_s: float = 0.0) -> None:
        """Let the window run until something is so, and a while on."""
        end = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > end:
                raise SystemExit(f"pictures: waited in vain for {what}")
            self.test.qWait(50)
        self.test.qWait(round(1000 * then_s))

    def open(self) -> None:
        """Open the devices and let the record play for a while."""
        session = self.window.session
        self.window.opener.open(self.config)
        self.wait("the sound", lambda: session.telemetry().state == "running")
        self.wait("the record", lambda: session.telemetry().seconds > HEARD_S)

    def devices(self) -> None:
        """First: which devices there are, and what they hear."""
        from ui.dialogs.devices_dialog import DevicesDialog

        self.window.opener.choose_devices()
        (dialog,) = self.window.findChildren(DevicesDialog)
        self.wait("the devices", lambda: dialog.input.findText("turntable, ALSA") >= 0)
        dialog.input.setCurrentIndex(dialog.input.findText("turntable, ALSA"))
        self.wait("the level", lambda: max(dialog.meter.peaks, default=-99.0) > -40.0, 0.5)
        self.take(1, dialog)
        dialog.reject()

    def record(self) -> None:
        """Second: a preset, and which record it is."""
        window = self.window
        window.record_holder.show()
        panel = window.record_holder.dialog
        assert panel is not None
        for name, text in (
            ("title", "The Stars and Stripes Forever"),
            ("performer", "Imperial Marimba Band"),
            ("label", "Edison"),
            ("year", 1917),
        ):
            panel._take(name, text)
        presets = window.desk.presets
        presets.load_remembered("default")
        self.test.qWait(3000)
        self.take(2)
        window.record_holder.show()

    def level(self) -> None:
        """Third: the gain of the interface."""
        self.window.level.listen()
        self.test.qWait(3000)
        self.take(3, self.window.level)
        self.window.level.close()

    def side(self) -> None:
        """Fourth and fifth: a side is recorded, and there are its files."""
        window, session = self.window, self.window.session
        self.test.mouseClick(window.desk.transport.button, self._left())
        self.wait("the recording", lambda: session.telemetry().recorded_s > HEARD_S)
        self.take(4)
        self.test.mouseClick(window.desk.transport.button, self._left())
        card = window.desk.transport.card
        is_told = lambda: card.isVisible() and "LUFS" in card.facts["loudness"].text()  # noqa: E731
        self.wait("the card", is_told, 0.5)
        self.take(5)

    def take(self, number: int, dialog: object = None) -> None:
        """Keep what is on the screen; what was told of a busy machine is put away."""
        from PySide6.QtCore import QPoint
        from PySide6.QtGui import QGuiApplication
        from PySide6.QtWidgets import QDialog

        if isinstance(dialog, QDialog):
            dialog.move(self.window.rect().center() - QPoint(*_half(dialog)))
            self.test.qWait(300)
        self.app.processEvents()
        if number < LAST:
            self.window.messages.forget()
            self.window.desk.header.banner.dismiss()
            self.test.qWait(100)
        self.images[number] = QGuiApplication.primaryScreen().grabWindow(0).toImage()

    def develop(self) -> None:
        """Write the pictures, with few colours: they are for a page."""
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QImage

        few = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
        indexed = QImage.Format.Format_Indexed8
        for number, image in self.images.items():
            path = self.folder / f"way_{number}.png"
            image.convertToFormat(indexed, palette_of(image), few).save(str(path), quality=0)
            print(f"{path} {path.stat().st_size / 1000:.0f} kB")

    def _left(self) -> object:
        from PySide6.QtCore import Qt

        return Qt.MouseButton.LeftButton


def palette_of(image: Any, most: int = 256) -> list[int]:
    """Return the colours that serve a picture best, as 0xffrrggbb (median cut)."""
    from PySide6.QtGui import QImage

    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    pixels = lines[:, : 3 * plain.width()].reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    # The square root keeps a thin line's colour beside a large plain ground.
    boxes, errors = [(colours.astype(float), np.sqrt(counts))], [1.0]
    while len(boxes) < most and max(errors) > 0:
        widest = int(np.argmax(errors))
        (c, w), _ = boxes.pop(widest), errors.pop(widest)
        axis = int(np.argmax((w[:, None] * (c - np.average(c, 0, w)) ** 2).sum(0)))
        is_low = c[:, axis] <= np.average(c[:, axis], weights=w)
        for kept in (is_low, ~is_low):
            if kept.any():
                boxes.append((c[kept], w[kept]))
                errors.append(float((w[kept, None] * (c[kept] - c[kept].mean(0)) ** 2).sum()))
    means = (np.average(c, 0, w).round().astype(int) for c, w in boxes)
    return [0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in means]


def _half(dialog: object) -> tuple[int, int]:
    """Return half of a dialog's width and height."""
    return dialog.width() // 2, dialog.height() // 2  # type: ignore[attr-defined]


def main() -> None:
    """Take all five."""
    parser = argparse.ArgumentParser(prog="pictures.py", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs")
    parser.add_argument("--language", choices=("en", "de"), default="en")
    args = parser.parse_args()
    from realtime.bench.sound import virtual_devices

    with virtual_devices(), display(SIZE), playing(), tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home  # recordings go to ~/Music/Shellac, as a new person's do
        from ui.app import application
        from ui.widgets.language import use_language

        application()
        use_language(args.language)
        photographer = Photographer(args.folder, Path(home))
        try:
            photographer.open()
            photographer.devices()
            photographer.record()
            photographer.level()
            photographer.side()
        finally:
            photographer.window.close_unasked()
        photographer.develop()


if __name__ == "__main__":
    main()
