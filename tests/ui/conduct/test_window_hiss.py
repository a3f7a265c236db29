"""The hiss is learned for two seconds at a press, and no step to be undone comes of it."""

from pathlib import Path

from pytestqt.qtbot import QtBot
from window_tools import CommandedEngine, click, window_on

from ui.conduct.hiss_learning import LEARNING_MS


def test_a_press_learns_for_two_seconds_and_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        switch = window.desk.suppression.learn
        switch.setEnabled(True)
        undo = window.undoing.undo.text()
        with qtbot.waitSignal(window.hiss.learned, timeout=10 * LEARNING_MS) as told:
            click(switch)
            assert window.binder.settings.learn_hiss
        assert not window.binder.settings.learn_hiss and not switch.isChecked()
        assert "hiss is known now" in told.args[0]
        assert window.undoing.undo.text() == undo


def test_a_second_press_ends_it_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        switch = window.desk.suppression.learn
        switch.setEnabled(True)
        click(switch)
        click(switch)
        assert not window.binder.settings.learn_hiss
        with qtbot.assertNotEmitted(window.hiss.learned, wait=LEARNING_MS + 300):
            pass


def test_nothing_can_be_learned_without_a_denoiser(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        suppression = window.desk.suppression
        suppression.checkpoints("analytical", "none")
        assert not suppression.learn.isEnabled()
        assert "No trained denoiser" in suppression.learn.toolTip()
        suppression.checkpoints("detector_2", "denoiser_1")
        assert suppression.learn.isEnabled()
