"""Records a side through everything that goes wrong, with clicks and keys, and counts what is lost.

    long_run.py [--seconds 75] [--pictures FOLDER]

The real window runs under Xvfb on virtual devices (xvfb, pulseaudio). A record whose samples are
all different plays into the turntable; its arm is a virtual source that is taken away and brought
back. The person chooses devices, fills in the label, turns a slider, records, sets a marker, drops
a photograph and, by mistake, a sound file, sees the arm unplugged, works on while busy loops take
the computer, tries to quit, stops, quits, and starts the program again, which must know everything
and record another side. Then each sample that was played is looked for in the untouched files.
Ends with 1 where one is missing while the arm was there.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.screen import display  # noqa: E402 (found by way of the line above)

SIZE = "1280x720"
PATIENCE_S = 150.0
# Seconds of the recording at which things happen.
MARK_S, PHOTO_S, FILE_S, UNPLUG_S, BUSY_S, QUIT_S = 4.0, 6.0, 8.0, 11.0, 24.0, 36.0
AWAY_S, BUSY_FOR_S, SECOND_SIDE_S = 4.0, 8.0, 8.0
LATE_S = 5.0  # at most, from the arm's return until its sound is in the file
CLOCK_S = 0.1  # by which the silence may be longer or shorter than what is missing
LABEL = {"title": "Stardust", "performer": "Isham Jones", "label": "Brunswick", "year": 1930}


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, flush=True)


def pactl(*words: str) -> str:
    """Ask the sound server; returns its answer."""
    return subprocess.run(["pactl", *words], check=True, capture_output=True, text=True).stdout


def plug_in() -> str:
    """Put the arm on the turntable; returns what takes it off again."""
    source = ("module-remap-source", "source_name=arm", "master=turntable.monitor", "remix=no")
    return pactl("load-module", *source).strip()


class Person:
    """Drives one window with mouse and keys.

    Parameters
    ----------
    folder : Path
        Of the whole run; the recordings go below it.
    pictures : Path or None
        Where to keep what is seen on the way.
    """

    def __init__(self, folder: Path, pictures: Path | None) -> None:
        from PySide6.QtTest import QTest

        from ui.app import application
        from ui.state.preset_store import PresetStore
        from ui.state.remembered import Memory
        from ui.state.session import Session
        from ui.window import MainWindow

        self.app, self.test = application(), QTest
        self.folder, self.pictures = folder, pictures
        self.memory = Memory()
        self.window = MainWindow(Session(), self.memory, PresetStore())
        self.window.setGeometry(0, 0, *map(int, SIZE.split("x")))
        self.window.show()
        self.window.activateWindow()
        self.window.open_first(demo=False)
        self.wait("the sound", lambda: self.telemetry.state == "running")

    @property
    def telemetry(self) -> Any:
        """The latest figures."""
        return self.window.session.telemetry()

    def wait(self, what: str, is_so: Callable[[], bool], then_s: float = 0.0) -> None:
        """Let the window run until something is so, and a while on."""
        end = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > end:
                self.see("in_vain")
                raise SystemExit(f"long_run: waited in vain for {what}")
            self.test.qWait(30)
        self.test.qWait(round(1000 * then_s))

    def wait_recorded(self, seconds: float) -> None:
        """Let the recording become so long."""
        self.wait(f"{seconds:.0f} s", lambda: self.telemetry.recorded_s >= seconds)

    def wait_told(self, words: str) -> str:
        """Wait for a sentence with these words; returns the whole of it."""
        log = self.window.messages.log
        told = lambda: [n for n in log.latest() if words in n.sentence]  # noqa: E731
        self.wait(f"{words!r}", lambda: bool(told()))
        return f"{told()[0].time} {told()[0].sentence}"

    def click(self, widget: Any) -> None:
        """Press a button, as soon as it can be pressed."""
        from PySide6.QtCore import Qt

        self.wait("a button that can be pressed", widget.isEnabled)
        self.test.mouseClick(widget, Qt.MouseButton.LeftButton)

    def key(self, key: str, widget: Any = None) -> None:
        """Press a key, as a menu writes it."""
        from PySide6.QtGui import QKeySequence

        pressed = QKeySequence(key)[0]
        self.window.activateWindow()  # no window manager does it here
        self.wait("the focus", self.window.isActiveWindow)
        at = widget or self.window.focusWidget() or self.window
        self.test.keyClick(at, pressed.key(), pressed.keyboardModifiers())

    def drop(self, path: Path) -> None:
        """Let a file fall onto the window."""
        from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
        from PySide6.QtGui import QDragEnterEvent, QDropEvent

        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        middle = QPointF(self.window.rect().center())
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        copy = Qt.DropAction.CopyAction
        enters = QDragEnterEvent(middle.toPoint(), copy, data, left, none)
        self.app.sendEvent(self.window, enters)
        self.app.sendEvent(self.window, QDropEvent(middle, copy, data, left, none))

    def answers_with_enter(self) -> Callable[[], str]:
        """Press Enter at the next question; what is returned gives it, once it is answered."""
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QMessageBox

        said: list[str] = []

        def look() -> None:
            box = self.app.activeModalWidget()
            if not isinstance(box, QMessageBox):
                QTimer.singleShot(50, look)
                return
            said.append(f"{box.text()} {box.informativeText()}")
            QTimer.singleShot(300, lambda: answer(box))

        def answer(box: QMessageBox) -> None:
            self.see(f"question_{box.informativeText()[1:5].strip()}")
            self.test.keyClick(box, "\r")

        QTimer.singleShot(50, look)
        return lambda: said[0] if said else ""

    def see(self, name: str) -> None:
        """Keep what is on the screen."""
        if self.pictures is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            picture = self.app.primaryScreen().grabWindow(0)
            picture.save(str(self.pictures / f"long_run_{name}.png"))

    def remembered(self) -> dict[str, Any]:
        """What has to be there at the next start."""
        window, telemetry = self.window, self.telemetry
        return {
            "settings": asdict(window.binder.settings),
            "preset": window.desk.presets.choice.currentText(),
            "record": asdict(window.session.record),
            "files": window.session.record_name,
            "scale": window.desk.spectrogram.scale.value(),
            "folder": str(window.desk.transport.folder),
            "format": window.desk.transport.file_format,
            "run-out": window.session.stop_at_run_out,
            "input": telemetry.input_name,
            "output": telemetry.output_name,
        }


def first_life(folder: Path, pictures: Path | None, player: list[str]) -> dict[str, Any]:
    """Record the first side; returns what came of it."""
    from PySide6.QtGui import QImage

    person = Person(folder, pictures)
    window, found = person.window, dict[str, Any]()
    choose_devices(person)
    set_up(person)
    person.click(window.desk.transport.button)
    person.wait_recorded(0.5)
    playing = subprocess.Popen(player)
    person.wait_recorded(MARK_S)
    person.key("M")
    say(f"  marked: {person.wait_told('arker')}")
    person.wait_recorded(PHOTO_S)
    photo = QImage(64, 64, QImage.Format.Format_RGB888)
    photo.fill(0x804020)
    photo.save(str(folder / "label.png"))
    person.drop(folder / "label.png")
    say(f"  photo: {person.wait_told('label.png')}")
    person.wait_recorded(FILE_S)
    question = person.answers_with_enter()
    person.drop(ROOT / "presets" / "demo" / "worn_record.flac")
    person.wait("the question", lambda: bool(question()))
    say(f"  asked: {question()}")
    person.wait_recorded(UNPLUG_S)
    pactl("unload-module", found_arm())
    gone = time.monotonic()
    say(f"  unplugged: {person.wait_told('until it is back')}")
    person.see("unplugged")
    person.wait("the time", lambda: time.monotonic() > gone + AWAY_S)
    plug_in()
    found["away_s"] = time.monotonic() - gone
    told = person.wait_told("'arm' is back after")
    say(f"  plugged in after {found['away_s']:.1f} s: {told}")
    person.wait_recorded(BUSY_S)
    with busy():
        say("  busy loops begin")
        person.wait_recorded(BUSY_S + BUSY_FOR_S)
        person.see("busy")
    person.wait_recorded(QUIT_S)
    question = person.answers_with_enter()
    person.key("Ctrl+Q")
    person.wait("the question", lambda: bool(question()))
    say(f"  asked: {question()}")
    if not window.isVisible() or not person.telemetry.recording:
        raise SystemExit("long_run: Enter at the question ended the recording")
    person.wait("the end of the record", lambda: playing.poll() is not None, 1.0)
    person.click(window.desk.transport.button)
    card = window.desk.transport.card
    person.wait("the card", lambda: card.isVisible() and "LUFS" in card.facts["loudness"].text())
    found["card"] = {name: text.text() for name, text in card.facts.items()}
    person.see("card")
    found["raw"] = person.telemetry.raw_path
    found["remembered"] = person.remembered()
    person.key("Ctrl+Q")
    if window.isVisible():
        raise SystemExit("long_run: the window is still there")
    return found


def second_life(folder: Path, pictures: Path | None, player: list[str]) -> dict[str, Any]:
    """Start again, see whether everything is as it was, and record another side."""
    person = Person(folder, pictures)
    found: dict[str, Any] = {"remembered": person.remembered()}
    person.see("again")
    person.click(person.window.desk.transport.button)
    person.wait_recorded(0.5)
    subprocess.run(player, check=True)
    person.wait("the end", lambda: True, 1.0)
    person.click(person.window.desk.transport.button)
    person.wait("the end of the recording", lambda: not person.telemetry.recording)
    found["raw"] = person.telemetry.raw_path
    person.key("Ctrl+Q")
    return found


def choose_devices(person: Person) -> None:
    """Open the arm and the headphones in the devices' dialog."""
    from ui.dialogs.devices_dialog import DevicesDialog

    person.key("Ctrl+D")
    (dialog,) = person.window.findChildren(DevicesDialog)

    def is_listed(choice: Any, name: str) -> bool:
        if choice.findText(name) >= 0:
            return True
        if dialog.refresh_button.isEnabled():  # the list took too long on a busy computer
            person.click(dialog.refresh_button)
        return False

    for choice, name in ((dialog.input, "arm, ALSA"), (dialog.output, "headphones, ALSA")):
        person.wait(name, lambda choice=choice, name=name: is_listed(choice, name))  # type: ignore[misc]
        choice.setCurrentIndex(choice.findText(name))
    person.click(dialog.open_button)
    is_open = lambda: "arm" in person.telemetry.input_name  # noqa: E731
    person.wait("the arm", is_open, 1.0)


def set_up(person: Person) -> None:
    """Say which record it is, choose a preset, turn what it does not say, and where files go."""
    window = person.window
    window.record_holder.show()
    panel = window.record_holder.dialog
    assert panel is not None
    for name, value in LABEL.items():
        panel._take(name, value)
    panel.name.choice.setCurrentText("{performer} - {title}")
    panel.name._take()
    window.desk.presets.load_remembered("heavy")
    window.binder.set("sensitivity", 0.4)
    person.key("Ctrl+Down", window.desk)  # the volume
    person.click(window.desk.spectrogram.scale.button("linear"))
    window.choose_format("wav")  # keeps every bit
    person.memory.record_folder = window.desk.transport.folder = person.folder / "Records"


def found_arm() -> str:
    """Return the number of the module that is the arm."""
    modules = pactl("list", "short", "modules").splitlines()
    (number,) = (line.split()[0] for line in modules if "source_name=arm" in line)
    return number


@contextmanager
def busy() -> Iterator[None]:
    """Keep every core busy twice over."""
    loops = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def judge(played: Path, raw: Path, first: int, until: int, away_s: float) -> bool:
    """Look for every sample, say what is missing, and whether it may be."""
    from realtime.bench.compare import matches
    from realtime.bench.sound import RATE

    known = np.memmap(played, np.float32, "r").reshape(-1, 2)[first:until]
    recorded, _ = soundfile.read(raw, dtype="float32", always_2d=True)
    restored = soundfile.info(str(raw).replace("_raw", "_restored"))
    stretches, is_well = matches(known, recorded), restored.frames == len(recorded)
    say(f"{raw.name}: {len(recorded) / RATE:.1f} s; restored file as long: {is_well}")
    lost, holes, ended = 0, 0, (0, stretches[0].at_recorded if stretches else 0)
    for at_known, at_recorded, length in stretches:
        missing, silent = at_known - ended[0], at_recorded - ended[1]
        if missing or silent:
            holes += 1
            is_away = holes == 1 and away_s > 0 and missing / RATE > away_s / 2
            kept = abs(missing - silent) / RATE
            quiet = not recorded[ended[1] : at_recorded].any()
            say(f"  at {ended[1] / RATE:.2f} s: {missing} samples missing, {missing / RATE:.2f} s")
            say(f"    {silent} stand for them, silent: {quiet}; time kept to {1000 * kept:.1f} ms")
            if is_away:
                late = missing / RATE - away_s
                say(
                    f"    the arm was away for {away_s:.2f} s, and heard {late:.2f} s after it came"
                )
                is_well &= late < LATE_S and kept < CLOCK_S and quiet
            else:
                lost += missing
        ended = (at_known + length, at_recorded + length)
    lost += len(known) - ended[0]
    say(f"  lost while the arm was there: {lost} samples of {len(known)}, {lost / RATE:.3f} s")
    return is_well and not lost


def is_remembered(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Say what the second start does not know."""
    for name, value in before.items():
        if after[name] != value:
            say(f"  forgotten: {name}: {value!r} became {after[name]!r}")
    say(f"remembered: {', '.join(name for name in before if before[name] == after[name])}")
    return before == after


def main() -> int:
    """Live twice, and judge."""
    parser = argparse.ArgumentParser(prog="long_run.py", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=75.0, help="played into the first side")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep what is seen")
    args = parser.parse_args()
    from realtime.bench.endurance import probed, write_unique_record
    from realtime.bench.sound import FORMAT, RATE, virtual_devices

    with tempfile.TemporaryDirectory(prefix="shellac_long_run_") as name, virtual_devices():
        folder = Path(name)
        keep_to_itself(folder)
        plug_in()
        played, cut = folder / "played", round(args.seconds * RATE)
        write_unique_record(played, args.seconds + SECOND_SIDE_S)
        whole = played.read_bytes()
        parts = (whole[: 8 * cut], whole[8 * cut :])
        found: list[dict[str, Any]] = []
        with display(SIZE), probed() as stall:
            for i, (life, part) in enumerate(zip((first_life, second_life), parts, strict=True)):
                (folder / f"part_{i}").write_bytes(part)
                player = ["pacat", "--device=turntable", *FORMAT, str(folder / f"part_{i}")]
                say(f"life {i + 1}")
                found.append(lived(life, folder, args.pictures, player))
        first, second = found
        say(f"the machine stood still for {stall[0]:.3f} s at most")
        say("card: " + ", ".join(f"{name} {text}" for name, text in first["card"].items()))
        sidecar = json.loads(Path(first["raw"].replace("_raw.wav", ".shellac.json")).read_text())
        say(f"sidecar: {len(sidecar['markers'])} marker, picture {sidecar.get('pictures')}")
        wells = [
            is_remembered(first["remembered"], second["remembered"]),
            judge(played, Path(first["raw"]), 0, cut, first["away_s"]),
            judge(played, Path(second["raw"]), cut, len(whole) // 8, 0.0),
        ]
    say("all is well" if all(wells) else "NOT all is well")
    return 0 if all(wells) else 1


def lived(
    life: Callable[..., dict[str, Any]], folder: Path, pictures: Path | None, player: list[str]
) -> dict[str, Any]:
    """Run one life in a process of its own: the next one knows only what lies on the disk."""
    anew = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, anew) as pool:  # its process may have children: the engine's
        return pool.submit(life, folder, pictures, player).result()


def keep_to_itself(folder: Path) -> None:
    """Let settings, presets, log and recordings lie below the folder; the arm has a name."""
    home = folder / "home"
    home.mkdir()
    for name in [name for name in os.environ if name.startswith("XDG_") and "RUNTIME" not in name]:
        del os.environ[name]
    os.environ["HOME"] = str(home)
    table = Path(os.environ["ALSA_CONFIG_PATH"])
    hint = 'hint { show on description "Tone arm" }'
    table.write_text(table.read_text() + f'pcm.arm {{ type pulse device "arm" {hint} }}\n')


if __name__ == "__main__":
    sys.exit(main())
