"""Nothing ends a recording unasked: each way that could is tried, and what a picture becomes."""

import errno
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from window_tools import RATE, CommandedEngine, click, window_on

from model.errors import RestorationError
from realtime.archive.label_picture import add_label_picture
from realtime.archive.sidecar import hash_of, label_pictures
from realtime.archive.sidecar_reading import read_pictures
from realtime.config import StreamConfig
from realtime.telemetry import EngineEvent, Telemetry
from ui.dialogs.keep_recording import KEEP, agrees_to_end
from ui.panels.banner import as_sentence
from ui.state.condition import Conditions
from ui.window import MainWindow

Way = Callable[[MainWindow, Path], object]


def dropped(window: MainWindow, path: Path) -> None:
    """Let a file fall onto the window."""
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile(str(path))])
    none, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    window.dropEvent(QDropEvent(QPointF(50, 50), copy, dragged, Qt.MouseButton.LeftButton, none))


def sound_in(folder: Path) -> Path:
    """A second of soft noise."""
    noise = 0.01 * np.random.default_rng(7).standard_normal((RATE, 2))
    soundfile.write(folder / "other.wav", noise, RATE)
    return folder / "other.wav"


def recording(qtbot: QtBot, window: MainWindow) -> CommandedEngine:
    """Open the turntable and record."""
    window.clock.start()
    window.opener.open(StreamConfig("USB Turntable"), remember=False)
    qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)
    click(window.desk.transport.button)
    qtbot.waitUntil(lambda: window.desk.transport.button.recording, timeout=30_000)
    return CommandedEngine.opened[-1]


WAYS: dict[str, Way] = {
    "start again": lambda window, _: window.opener.again(),
    "demo record": lambda window, _: window.opener.demo(),
    "devices": lambda window, _: window.opener.open(StreamConfig("Line In")),
    "opened file": lambda window, folder: window.opener.file(sound_in(folder)),
    "dropped file": lambda window, folder: dropped(window, sound_in(folder)),
    "file in the devices": lambda window, folder: window.opener.open(
        StreamConfig(str(sound_in(folder)))
    ),
    "groove": lambda window, _: window.record_holder._change(
        replace(window.session.record, groove="best")
    ),
    "networks": lambda window, _: window.opener.use_models(("none",)),
    "quit": lambda window, _: window.closeEvent(QCloseEvent()),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_that_would_end_a_recording_asks_once_and_keeps_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    asked: list[str] = []

    def keeps(_: object, deed: str, __: str) -> bool:
        asked.append(deed)
        return False

    monkeypatch.setattr("ui.conduct.take_guard.agrees_to_end", keeps)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = recording(qtbot, window)
        WAYS[way](window, tmp_path)
        qtbot.waitUntil(lambda: bool(asked), timeout=30_000)
        assert len(asked) == 1
        assert engine.now.recording and not engine.stopped
        assert len(CommandedEngine.opened) == 1
        engine.stop_recording()


def test_enter_and_escape_keep_the_recording(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
            seen: list[str] = []

            def press_it(key: Qt.Key = key, seen: list[str] = seen) -> None:
                box = QApplication.activeModalWidget()
                assert isinstance(box, QMessageBox)
                default = box.defaultButton()
                seen.append(default.text() if default else "")
                QTest.keyClick(box, key)

            QTimer.singleShot(50, press_it)
            assert not agrees_to_end(window, "Play the demo record", "1:23")
            assert seen == [KEEP]


def test_a_recording_is_ended_where_the_person_wants_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.conduct.take_guard.agrees_to_end", lambda *_: True)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = recording(qtbot, window)
        window.opener.demo()
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) == 2, timeout=30_000)
        assert engine.stopped


@pytest.mark.parametrize("name", ["notes.txt", "broken.wav"])
def test_what_is_no_sound_ends_nothing_and_is_named(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("ui.conduct.take_guard.agrees_to_end", lambda *_: pytest.fail("asked"))
    (tmp_path / name).write_bytes(b"RIFF and then nothing that is sound")
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = recording(qtbot, window)
        dropped(window, tmp_path / name)
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: name in banner.sentence.text(), timeout=30_000)
        assert "stays as it is" in banner.sentence.text()
        assert engine.now.recording and not engine.stopped
        engine.stop_recording()


def picture_in(folder: Path) -> Path:
    """A small photograph."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0xFF804020)
    assert image.save(str(folder / "photo.png"))
    return folder / "photo.png"


def test_a_picture_dropped_while_recording_lies_beside_the_side(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = recording(qtbot, window)
        dropped(window, picture_in(tmp_path))
        kept = tmp_path / "recordings" / "side_label.png"
        qtbot.waitUntil(kept.exists, timeout=30_000)
        assert kept.read_bytes() == (tmp_path / "photo.png").read_bytes()
        assert engine.now.recording and not engine.stopped
        engine.stop_recording()


def test_a_picture_dropped_before_waits_for_the_next_side(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        dropped(window, picture_in(tmp_path))
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: "next side" in banner.sentence.text(), timeout=30_000)
        engine = recording(qtbot, window)
        qtbot.waitUntil((tmp_path / "recordings" / "side_label.png").exists, timeout=30_000)
        engine.stop_recording()


def test_a_text_that_is_called_a_picture_is_none(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "label.jpg").write_text("not a photograph")
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        dropped(window, tmp_path / "label.jpg")
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: "no picture" in banner.sentence.text(), timeout=30_000)


@pytest.mark.parametrize("kind", ["marked", "waiting", "back"])
def test_harmless_news_have_no_button(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = recording(qtbot, window)
        engine.happened.append(EngineEvent(kind, "something harmless"))  # type: ignore[arg-type]
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: "harmless" in banner.sentence.text(), timeout=30_000)
        assert not banner.button.isVisible()
        engine.stop_recording()


def test_a_lamp_goes_out_by_its_own_good_news_alone(qtbot: QtBot, tmp_path: Path) -> None:
    gone = "input 'USB Turntable' was removed: silence is recorded until it is back"
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine, lamp = recording(qtbot, window), window.desk.status.lamp
        engine.happened.append(EngineEvent("error", gone, about="input"))
        qtbot.waitUntil(lambda: lamp("input").role == "bad", timeout=30_000)
        assert window.desk.header.banner.button.text() != "Start again"
        engine.happened.append(EngineEvent("back", "it keeps up again", about="computer"))
        qtbot.waitUntil(
            lambda: "keeps up" in window.desk.header.banner.sentence.text(), timeout=30_000
        )
        assert lamp("input").role == "bad" and lamp("input").tip == gone
        engine.happened.append(EngineEvent("back", "input is back", about="input"))
        qtbot.waitUntil(lambda: lamp("input").role == "good", timeout=30_000)
        engine.stop_recording()


def test_the_lamp_of_a_recording_that_failed_burns_until_the_next_one() -> None:
    conditions = Conditions()
    running = Telemetry(state="running")
    conditions.hear(EngineEvent("error", "the recording has stopped: gone", about="recording"))
    assert conditions.lamps(running, ("1 h", False))["recording"].role == "bad"
    conditions.restart()
    assert conditions.lamps(running, ("1 h", False))["recording"].role == "bad"
    conditions.hear(EngineEvent("recording_started", "recording", about="recording"))
    assert conditions.lamps(running, ("1 h", False))["recording"].role == "faint"


def test_the_needle_is_waited_for_and_no_longer(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.clock.start()
        window.opener.open(StreamConfig("USB Turntable"), remember=False)
        qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)
        button, lamp = window.desk.transport.needle, window.desk.status.lamp
        qtbot.waitUntil(button.isEnabled, timeout=30_000)
        click(button)
        qtbot.waitUntil(lambda: lamp("needle").text == "waiting", timeout=30_000)
        assert button.text() == "Cancel wait"
        click(button)
        qtbot.waitUntil(lambda: lamp("needle").text == "off", timeout=30_000)
        assert button.text() == "Wait for needle"


def test_the_sidecar_names_the_picture_that_comes_after_the_side(tmp_path: Path) -> None:
    picture = picture_in(tmp_path)
    (tmp_path / "side.shellac.json").write_text(json.dumps({"schema": 1}))
    copy = add_label_picture(picture, tmp_path / "side_raw.flac")
    again = add_label_picture(picture_in(tmp_path), tmp_path / "side_restored.flac")
    assert (copy.name, again.name) == ("side_label.png", "side_label2.png")
    named = json.loads((tmp_path / "side.shellac.json").read_text())["pictures"]
    assert [line["name"] for line in named] == ["side_label.png", "side_label2.png"]
    assert named[0]["bytes"] == picture.stat().st_size


def test_no_side_ever_finds_half_a_picture_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    side, picture = tmp_path / "side_raw.flac", picture_in(tmp_path)
    found: list[list[Path]] = []

    def half_of(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:20])
        found.append(label_pictures(side))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", half_of)
    with pytest.raises(RestorationError, match="cannot be written: No space left"):
        add_label_picture(picture, side)
    assert found == [[]]
    assert list(tmp_path.iterdir()) == [picture]


def test_what_a_sidecar_says_of_pictures_is_checked(tmp_path: Path) -> None:
    (tmp_path / "side.shellac.json").write_text(json.dumps({"schema": 1}))
    copy = add_label_picture(picture_in(tmp_path), tmp_path / "side_raw.flac")
    (facts,) = read_pictures(tmp_path / "side.shellac.json")
    assert (facts.name, facts.sha256) == (copy.name, hash_of(copy))
    (tmp_path / "side.shellac.json").write_text(json.dumps({"pictures": [{"name": "/etc/passwd"}]}))
    with pytest.raises(RestorationError, match="absolute"):
        read_pictures(tmp_path / "side.shellac.json")


def test_archive_format_offers_the_rate_that_archives_ask_for(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.clock.start()
        window.opener.open(StreamConfig("USB Turntable"), remember=False)
        qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)
        window.choose_format("bwf")
        assert (window.memory.record_format, window.desk.transport.file_format) == ("bwf", "bwf")
        banner = window.desk.header.banner
        assert "Archives ask for 96 kHz" in banner.sentence.text()
        assert banner.remedy is not None
        banner.remedy.act()
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) == 2, timeout=30_000)
        assert CommandedEngine.opened[1].config.sample_rate == 96_000


def test_what_the_interface_spoiled_is_told_after_the_side(qtbot: QtBot, tmp_path: Path) -> None:
    sound = np.random.default_rng(7).integers(-(2**20), 2**20, (2 * RATE, 2)) / 2**23
    sound[40_000:40_512] = sound[39_488:40_000]
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = recording(qtbot, window)
        for path in (engine.now.raw_path, engine.now.restored_path):
            soundfile.write(path, sound, RATE, "PCM_24")
        engine.stop_recording()
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: "repeated samples" in banner.sentence.text(), timeout=30_000)


def test_record_and_stop_need_not_wait_for_a_name_or_a_marker(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    def slowly(engine: CommandedEngine, template: str) -> None:
        assert done.wait(30)
        engine.config = replace(engine.config, record_name=template)

    monkeypatch.setattr(CommandedEngine, "name_files", slowly)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.clock.start()
        window.opener.open(StreamConfig("USB Turntable"), remember=False)
        qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)
        window.session.name_files("{title}")
        click(window.desk.transport.button)  # while a busy computer still takes the name
        done.set()
        qtbot.waitUntil(lambda: window.desk.transport.button.recording, timeout=30_000)
        assert CommandedEngine.opened[-1].config.record_name == "{title}"


def test_a_sentence_begins_with_a_capital_but_a_file_is_called_as_it_is() -> None:
    assert as_sentence("input 'USB' is back") == "Input 'USB' is back."
    assert as_sentence("label.png is the label's picture") == "label.png is the label's picture."
    assert as_sentence("saved.") == "Saved."


def test_the_card_stays_though_the_figures_come_later_than_the_news(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        transport = window.desk.transport
        now = Telemetry(state="running", sample_rate=RATE, channels=2)
        recording = replace(now, recording=True, recorded_s=4.0)
        transport.refresh(recording, 0.0)
        transport.show_ended(4.0, "side")
        transport.refresh(recording, 0.1)
        transport.refresh(now, 0.2)
        assert transport.card.isVisible() and transport.time.text() == "0:04"
        transport.refresh(recording, 0.3)
        assert not transport.card.isVisible()
