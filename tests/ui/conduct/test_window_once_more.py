"""A finished side is restored once more in the background, beside the former result."""

from pathlib import Path

import numpy as np
import soundfile
from cli_tools import shellac
from pytestqt.qtbot import QtBot
from window_tools import CommandedEngine, clicking_record, window_on

from realtime.archive.sidecar import sidecar_of_restored
from ui.conduct.once_more import free_name

WAIT_MS = 90_000  # a busy machine takes its time to start a process


def test_a_finished_side_is_made_anew_with_what_is_set_now_and_nothing_is_lost(
    qtbot: QtBot, tmp_path: Path
) -> None:
    raw = clicking_record(tmp_path / "side_raw.wav", 1.0)
    former = tmp_path / "side_restored.wav"
    former.write_bytes(b"the former one")
    untouched = raw.read_bytes()
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.finished.raw = raw
        window.binder.set("depth", 1.0)
        window.binder.set("hiss_reduction_db", 0.0)
        card = window.desk.transport.card
        with qtbot.waitSignal(window.once_more.done, timeout=WAIT_MS) as told:
            card.again.click()
            assert card.again.text() == "Cancel (0 %)"
        assert card.again.text() == "Restore again"
        assert told.args[0].startswith("side_restored_2.wav is made with what is set now")
    made = tmp_path / "side_restored_2.wav"
    assert raw.read_bytes() == untouched and former.read_bytes() == b"the former one"
    before, after = (soundfile.read(path)[0] for path in (raw, made))
    assert before.shape == after.shape
    assert np.abs(after).max() < 0.5 * np.abs(before).max()  # its clicks are gone
    assert sidecar_of_restored(made).exists()


def test_a_finished_side_that_is_opened_has_its_card_and_is_made_anew(
    qtbot: QtBot, tmp_path: Path
) -> None:
    raw = clicking_record(tmp_path / "side_raw.wav", 2.0)
    restored = tmp_path / "side_restored.wav"
    shellac("restore", raw, "--output", restored, "--model", "none", "--hiss-reduction-db", "0")
    other = clicking_record(tmp_path / "other.wav", 1.0)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        transport = window.desk.transport
        card = transport.card
        window.opener.file(restored)
        qtbot.waitUntil(lambda: "LUFS" in card.facts["loudness"].text(), timeout=WAIT_MS)
        assert card.isVisible() and card.facts["length"].text() == "0:02"
        assert window.finished.raw == raw
        with qtbot.waitSignal(window.once_more.done, timeout=WAIT_MS):
            card.again.click()
        assert (tmp_path / "side_restored_2.wav").exists()
        window.opener.file(other)  # no side: nothing is known of it
        qtbot.waitUntil(lambda: not card.isVisible(), timeout=WAIT_MS)
        assert window.finished.raw is None


def test_what_is_called_off_leaves_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    raw = clicking_record(tmp_path / "side_raw.wav", 60.0)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.finished.raw = raw
        card = window.desk.transport.card
        card.again.click()
        qtbot.waitUntil(lambda: card.again.text() not in ("", "Cancel (0 %)"), timeout=WAIT_MS)
        card.again.click()
        assert card.again.text() == "Restore again"
    kept = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert kept <= {"side_raw.wav", "memory.ini"}


def test_a_side_that_cannot_be_read_is_told_in_a_line(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.finished.raw = tmp_path / "gone_raw.wav"
        with qtbot.waitSignal(window.once_more.failed, timeout=WAIT_MS) as told:
            window.desk.transport.card.again.click()
        assert "does not exist" in told.args[0]


def test_every_other_result_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert free_name(tmp_path / "a_raw.flac").name == "a_restored_2.flac"
    (tmp_path / "a_restored_2.flac").touch()
    assert free_name(tmp_path / "a_raw.flac").name == "a_restored_3.flac"
