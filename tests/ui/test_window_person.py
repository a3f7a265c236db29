"""A person at the window, with the real engine behind it: what is pressed is what happens."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from window_tools import (
    START_MS,
    WatchedEngine,
    click,
    clicking_record,
    engine_of,
    press,
    window_on,
)

from model.presets import load_preset, preset_fields
from realtime.archive.repairs import read_repairs, repairs_beside
from realtime.archive.verify import verify_folder
from realtime.batch.revert import Wanted, revert_side
from realtime.batch.side import open_side
from realtime.config import StreamConfig
from realtime.recording.recorder import RecordingReport
from ui.dialogs.level_dialog import advice_for
from ui.window import MainWindow

EDGE_S = 0.4  # the hand's time: a press and the hop it falls into are not known more exactly
AUDIBLE = 0.01  # full scale; a click of the test record is 0.5


def recorded_to(qtbot: QtBot, window: MainWindow, seconds: float) -> None:
    """Wait until so much is in the files."""
    qtbot.waitUntil(lambda: window.session.telemetry().recorded_s >= seconds, timeout=20_000)


def monitors(engine: WatchedEngine) -> list[str]:
    """What was to be heard, in the order it was chosen."""
    return [settings.monitor for settings in engine.posted]


def loudest(removed: NDArray[np.float64], rate: int, start_s: float, end_s: float) -> float:
    """The highest sample of a stretch of what was removed."""
    return float(np.abs(removed[round(start_s * rate) : round(end_s * rate)]).max())


def test_a_person_records_turns_compares_bypasses_and_stops(qtbot: QtBot, tmp_path: Path) -> None:
    record = clicking_record(tmp_path / "side.wav", 30.0)
    with window_on(qtbot, tmp_path, WatchedEngine) as window:
        desk, reports = window.desk, list[RecordingReport]()
        window.session.recorded.connect(reports.append)
        window.clock.start()
        window.opener.open(StreamConfig(str(record), "none"), remember=False)
        qtbot.waitUntil(lambda: window.session.telemetry().seconds > 0.3, timeout=START_MS)
        engine = engine_of(window)

        qtbot.waitUntil(desk.transport.button.isEnabled, timeout=30_000)
        click(desk.transport.button)
        recorded_to(qtbot, window, 1.2)
        assert "_raw.flac" in desk.transport.raw.toolTip()

        press(desk.suppression.how_much.slider, Qt.Key.Key_End)
        assert engine.posted[-1].depth == 1.0
        assert desk.presets.mark.text() == "● changed"

        press(desk.presets.choice, Qt.Key.Key_Down)
        heavy = load_preset("heavy")
        for spec in preset_fields():
            assert getattr(engine.posted[-1], spec.name) == getattr(heavy, spec.name)
        assert desk.presets.mark.text() == ""

        press(desk.waveform.view, Qt.Key.Key_B)
        assert monitors(engine)[-1] == "dry"
        press(desk.waveform.view, Qt.Key.Key_R)
        assert monitors(engine)[-1] == "removed"
        assert desk.monitor.choice.value() == "removed"
        recorded_to(qtbot, window, window.session.telemetry().recorded_s + 0.6)
        press(desk.waveform.view, Qt.Key.Key_R)
        assert monitors(engine)[-1] == "restored"

        bypassed_at = window.session.telemetry().recorded_s
        press(desk.waveform.view, Qt.Key.Key_B, ctrl=True)
        assert engine.posted[-1].bypass
        recorded_to(qtbot, window, bypassed_at + 1.2)
        assert desk.header.bypassed.text() == "BYPASS"

        click(desk.transport.button)
        qtbot.waitUntil(lambda: bool(reports), timeout=20_000)
        news = window.messages.log
        qtbot.waitUntil(
            lambda: any("two files that line up" in one.sentence for one in news.latest()),
            timeout=30_000,
        )

    (report,) = reports
    raw, rate = soundfile.read(report.raw_path, always_2d=True)
    restored, restored_rate = soundfile.read(report.restored_path, always_2d=True)
    source, _ = soundfile.read(record, always_2d=True)
    assert report.raw_path.parent == tmp_path / "recordings"
    assert not report.error
    assert rate == restored_rate == 44_100
    assert raw.shape == restored.shape == (report.samples, 2)
    start = find(source[:, 0], raw[:2000, 0])
    assert np.array_equal(raw, source[start : start + len(raw)])
    removed = raw - restored
    assert loudest(removed, rate, 0.1, bypassed_at - EDGE_S) > AUDIBLE  # listening changed nothing
    assert loudest(removed, rate, bypassed_at + EDGE_S, len(raw) / rate) == 0.0


def find(sound: NDArray[np.float64], piece: NDArray[np.float64]) -> int:
    """Where a piece begins; its noise makes it unlike any other."""
    first = np.flatnonzero(sound == piece[0])
    return next(int(at) for at in first if np.array_equal(sound[at : at + len(piece)], piece))


def test_the_record_ends_and_can_be_played_again(qtbot: QtBot, tmp_path: Path) -> None:
    record = clicking_record(tmp_path / "short.wav", 1.0)
    with window_on(qtbot, tmp_path, WatchedEngine) as window:
        banner = window.desk.header.banner
        window.clock.start()
        window.opener.open(StreamConfig(str(record), "none"), remember=False)
        qtbot.waitUntil(lambda: banner.button.text() == "Play it again", timeout=START_MS)
        first = engine_of(window)
        assert (
            sum(sum(second) for second in window.desk.impulses.history()) >= 5
        )  # nine clicks, and a hand's breadth of doubt
        click(banner.button)
        qtbot.waitUntil(
            lambda: window.session.telemetry().state == "running" and engine_of(window) != first,
            timeout=START_MS,
        )


def test_what_is_turned_while_the_engine_starts_is_not_lost(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, WatchedEngine) as window:
        window.clock.start()
        window.opener.open(StreamConfig("demo", "none"), remember=False)
        window.binder.set("sensitivity", 0.8)
        qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=START_MS)
        assert engine_of(window).posted[-1].sensitivity == pytest.approx(0.8)


def test_a_day_at_the_window_loses_nothing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def keeps(_: object, deed: str, __: str) -> bool:
        asked.append(deed)
        return False

    monkeypatch.setattr("ui.conduct.take_guard.agrees_to_end", keeps)
    record = clicking_record(tmp_path / "side.wav", 30.0)
    photo, broken = tmp_path / "photo.png", tmp_path / "broken.flac"
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0xFF804020)
    assert image.save(str(photo))
    broken.write_bytes(b"fLaC and no more")
    with window_on(qtbot, tmp_path, WatchedEngine) as window:
        desk, reports = window.desk, list[RecordingReport]()
        window.session.recorded.connect(reports.append)
        window.binder.set("hiss_reduction_db", 0.0)  # so that what is reverted is the raw sound
        window.clock.start()
        window.opener.open(StreamConfig(str(record), "none"), remember=False)
        qtbot.waitUntil(lambda: window.session.telemetry().seconds > 0.3, timeout=START_MS)
        click(desk.transport.button)
        recorded_to(qtbot, window, 1.0)
        press(desk.waveform.view, Qt.Key.Key_M)
        window.take_file(photo)
        window.take_file(broken)
        window.opener.demo()
        assert not window.close()
        recorded_to(qtbot, window, 2.0)
        assert asked == ["Play the demo record", "Quit"]
        click(desk.transport.button)
        qtbot.waitUntil(lambda: bool(reports), timeout=20_000)
        loudness = desk.transport.card.facts["loudness"]
        qtbot.waitUntil(lambda: "LUFS" in loudness.text(), timeout=20_000)
        assert desk.transport.time.text() == desk.transport.card.facts["length"].text()
        told = [news.sentence for news in window.messages.log.latest()]
        assert any("Marker 1 at 0:0" in sentence for sentence in told)
        assert any("broken.flac" in sentence for sentence in told)
    (report,) = reports
    raw, _ = soundfile.read(report.raw_path, always_2d=True)
    source, _ = soundfile.read(record, always_2d=True)
    start = find(source[:, 0], raw[:2000, 0])
    assert np.array_equal(raw, source[start : start + len(raw)])  # no sample is lost
    assert report.sidecar is not None
    content = json.loads(report.sidecar.read_text())
    assert len(content["markers"]) == 1
    assert [picture["name"] for picture in content["pictures"]] == [
        report.raw_path.name.replace("_raw.flac", "_label.png")
    ]
    repairs = read_repairs(repairs_beside(report.restored_path))
    assert len(repairs) > 20  # ten clicks a second on two walls
    reverted = tmp_path / "reverted.flac"
    revert_side(open_side(report.raw_path), Wanted(between=((0.0, 99.0),)), reverted)
    assert np.array_equal(soundfile.read(reverted, always_2d=True)[0], raw)
    assert verify_folder(report.raw_path.parent)[1] == 0


@pytest.mark.parametrize(
    ("peak", "words"),
    [(-80.0, "loudest part"), (-20.0, "up by 14 dB"), (-7.0, "is right"), (0.0, "overdriven")],
)
def test_the_level_assistant_says_what_to_do_about_the_gain(peak: float, words: str) -> None:
    assert words in advice_for(peak)[0]
