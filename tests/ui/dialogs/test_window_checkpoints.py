"""Choosing trained networks in the window, as a person does, on an engine that does as told."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from window_tools import CommandedEngine, figures, window_on

from realtime.config import StreamConfig
from ui.dialogs.checkpoint_chooser import ALONE, LOAD, SHIPPED, CheckpointChooser
from ui.window import MainWindow


def running(qtbot: QtBot, window: MainWindow) -> None:
    window.opener.open(StreamConfig("demo"))
    qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)


def pick(chooser: CheckpointChooser, text: str) -> None:
    chooser.activated.emit(chooser.findText(text))


def test_the_chooser_shows_what_is_in_use_and_offers_the_rest(qtbot: QtBot) -> None:
    chooser = CheckpointChooser()
    qtbot.addWidget(chooser)
    chooser.show_names("detector_2", "denoiser_1")
    texts = [chooser.itemText(row) for row in range(chooser.count())]
    assert texts == ["Detector: detector_2 · denoiser: denoiser_1", SHIPPED, ALONE, LOAD]
    with qtbot.waitSignal(chooser.chosen) as chosen:
        pick(chooser, ALONE)
    assert chosen.args == [("none",)]
    assert chooser.currentIndex() == 0


def test_another_choice_opens_the_same_sound_anew_and_is_remembered(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        running(qtbot, window)
        before = len(CommandedEngine.opened)
        pick(window.diagnostics.checkpoint, ALONE)
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) > before, timeout=30_000)
        assert CommandedEngine.opened[-1].config.models == ("none",)
        assert CommandedEngine.opened[-1].config.input == "demo"
        assert window.memory.models == ("none",)


def test_a_file_that_is_no_model_is_named_and_the_sound_goes_on(
    qtbot: QtBot, tmp_path: Path
) -> None:
    strange = tmp_path / "strange.onnx"
    strange.write_bytes(b"not a network")
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        running(qtbot, window)
        engine = CommandedEngine.opened[-1]
        window.opener.use_models((str(strange),))
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: "strange.onnx" in banner.sentence.text().lower(), timeout=10_000)
        assert CommandedEngine.opened[-1] is engine and not engine.stopped
        assert window.memory.models == ()


@pytest.mark.parametrize("agrees", [False, True])
def test_a_recording_is_ended_for_other_networks_only_if_the_person_agrees(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agrees: bool
) -> None:
    asked: list[str] = []

    def answer(_: object, deed: str, __: str) -> bool:
        asked.append(deed)
        return agrees

    monkeypatch.setattr("ui.conduct.take_guard.agrees_to_end", answer)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        running(qtbot, window)
        engine = CommandedEngine.opened[-1]
        engine.now = figures(state="running", recording=True)
        window.opener.use_models(("none",))
        qtbot.waitUntil(lambda: bool(asked), timeout=30_000)
        assert asked == ["Use other networks"]
        qtbot.waitUntil(lambda: engine.stopped == agrees, timeout=30_000)
        assert window.memory.models == (("none",) if agrees else ())


@pytest.mark.parametrize("demo", [True, False])
def test_a_remembered_network_that_is_gone_gives_way_to_the_shipped_ones(
    qtbot: QtBot, tmp_path: Path, demo: bool
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.memory.models = (str(tmp_path / "gone.onnx"),)
        window.memory.config = StreamConfig("demo")
        window.open_first(demo=demo)
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: "gone.onnx" in banner.sentence.text(), timeout=10_000)
        assert "The shipped networks are used instead" in banner.sentence.text()
        assert CommandedEngine.opened[-1].config.models == ()
