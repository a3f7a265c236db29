"""What the window says when something goes wrong, and which button stands beside it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from window_tools import RATE, START_MS, CommandedEngine, WatchedEngine, click, window_on

from model.errors import RestorationError
from realtime.config import StreamConfig
from realtime.devices.input_probe import line_of
from realtime.devices.listing import Device
from realtime.telemetry import About, EngineEvent, Telemetry
from ui import display
from ui.dialogs.devices_dialog import DevicesDialog
from ui.dialogs.input_meter import InputMeter
from ui.state import startup
from ui.window import MainWindow

TURNTABLE = Device("USB Turntable", "ALSA", 2, 0, 48_000, True, False)
HEADPHONES = Device("Headphones", "ALSA", 0, 2, 44_100, False, True)


def running(qtbot: QtBot, window: MainWindow, config: StreamConfig) -> CommandedEngine:
    """Open something and wait until it runs."""
    window.clock.start()
    window.opener.open(config, remember=False)
    qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)
    return CommandedEngine.opened[-1]


def happens(engine: CommandedEngine, message: str, about: About = "") -> None:
    """Let the engine report that something was lost."""
    engine.happened.append(EngineEvent("error", message, about=about))


def said(qtbot: QtBot, window: MainWindow, words: str) -> str:
    """Wait for a sentence with these words; returns its button's label."""
    banner = window.desk.header.banner
    qtbot.waitUntil(lambda: banner.isVisible() and words in banner.sentence.text(), timeout=30_000)
    return banner.button.text() if banner.button.isVisible() else ""


def test_a_lost_input_offers_to_start_again(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("USB Turntable"))
        happens(engine, "input 'USB Turntable' has ended: device unplugged", "input")
        assert said(qtbot, window, "Input 'USB Turntable' has ended") == "Start again"
        click(window.desk.header.banner.button)
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) == 2, timeout=30_000)
        assert engine.stopped and CommandedEngine.opened[-1].config.input == "USB Turntable"


def test_a_lost_output_leaves_the_recording_alone(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("USB Turntable"))
        click(window.desk.transport.button)
        qtbot.waitUntil(lambda: window.desk.transport.button.recording, timeout=30_000)
        happens(engine, "output 'Headphones' has ended: device unplugged", "output")
        assert said(qtbot, window, "'Headphones' has ended") == "Choose devices…"
        assert engine.now.recording and not engine.stopped


def test_a_full_disk_asks_for_another_folder(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    better = tmp_path / "better"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(better))
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("USB Turntable"))
        click(window.desk.transport.button)
        qtbot.waitUntil(lambda: window.desk.transport.button.recording, timeout=30_000)
        full = "no space left on /mnt/full"
        engine.recording_fails(full)  # both files are closed, and the sound goes on
        happens(engine, f"the recording has stopped: {full}", "recording")
        qtbot.waitUntil(lambda: not window.desk.transport.button.recording, timeout=30_000)
        assert said(qtbot, window, "no space left") == "Record elsewhere…"
        click(window.desk.header.banner.button)
        assert window.desk.transport.folder == window.memory.record_folder == better
        qtbot.waitUntil(lambda: engine.now.recording, timeout=30_000)
        assert engine.now.raw_path.startswith(str(better))
        assert not engine.stopped


def test_a_dismissed_question_for_a_folder_records_nowhere(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("USB Turntable"))
        before = window.memory.record_folder
        window.recordings.move_elsewhere()
        assert window.memory.record_folder == before
        assert not window.session.commanding and not engine.now.recording


def test_a_device_that_stands_still_is_not_called_live(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("USB Turntable"))
        state = window.desk.header.state
        live = engine.now
        for now, words in (
            (replace(live, input_age_s=3.0), "no input"),
            (live, "live"),
            (replace(live, output_age_s=3.0), "no output"),
        ):
            engine.now = now
            qtbot.waitUntil(lambda shown=words: shown in state.text(), timeout=30_000)  # type: ignore[misc]


def test_recording_before_the_sound_flows_says_to_wait(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, WatchedEngine) as window:
        window.clock.start()
        window.opener.open(StreamConfig("demo", "none"), remember=False)
        window.recordings.toggle()
        assert said(qtbot, window, "still starting; press again") == ""


def test_a_computer_that_cannot_start_the_engine_is_quoted(qtbot: QtBot, tmp_path: Path) -> None:
    class Starved(CommandedEngine):
        def start(self) -> None:
            raise OSError(12, "Cannot allocate memory")

    with window_on(qtbot, tmp_path, Starved) as window:
        window.clock.start()
        window.opener.open(StreamConfig("demo", "none"), remember=False)
        assert said(qtbot, window, "Cannot allocate memory") == "Choose devices…"
        assert not window.session.opening


def test_an_engine_that_died_is_started_again(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("demo"))
        engine.now = replace(engine.now, state="failed")
        happens(engine, "the engine stopped unexpectedly (exit code -9); start it again")
        assert said(qtbot, window, "stopped unexpectedly") == "Start again"
        assert "failed" in window.desk.header.state.text()
        assert not window.desk.transport.button.isEnabled()


def test_a_finished_recording_is_named_and_can_be_shown(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        running(qtbot, window, StreamConfig("demo"))
        button = window.desk.transport.button
        click(button)
        qtbot.waitUntil(lambda: button.recording and not window.session.commanding, timeout=30_000)
        click(button)
        assert said(qtbot, window, "Saved 1:30 in two files") == "Show the files"


def test_a_folder_that_cannot_be_made_is_an_error_with_a_way_out(
    qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        running(qtbot, window, StreamConfig("demo"))
        window.recordings.set_folder(tmp_path / "file" / "side")
        click(window.desk.transport.button)
        assert said(qtbot, window, "Cannot record into") == "Record elsewhere…"


def test_the_newest_is_in_the_line_and_all_of_it_in_the_list(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.messages.tell("error", "the disk is gone", "folder")
        window.messages.tell("info", "the record has ended", "replay")
        assert window.desk.header.banner.sentence.text() == "The record has ended."
        window.messages.show_list()
        rows = window.messages.list.rows
        assert [row[1:] for row in rows] == [
            ("The record has ended.", "Play it again"),
            ("The disk is gone.", "Record elsewhere…"),
        ]
        window.messages.list.close()


def test_the_first_start_takes_the_default_input(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "list_devices", lambda: [HEADPHONES, TURNTABLE])
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.open_first(demo=False)
        qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)
        assert CommandedEngine.opened[-1].config.input == "USB Turntable, ALSA"
        assert window.desk.header.banner.isHidden()


@pytest.mark.parametrize("record", [False, True])
def test_the_window_opens_on_a_file_that_is_named(
    qtbot: QtBot, tmp_path: Path, record: bool
) -> None:
    folder = tmp_path if record else None
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.open_first(demo=False, record_folder=folder, file=tmp_path / "side.wav")
        qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)
        (engine,) = CommandedEngine.opened
        assert engine.config.input == str(tmp_path / "side.wav")
        assert engine.config.record_folder == folder


def test_what_the_first_start_opens_is_recorded_where_that_was_asked_for(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "list_devices", lambda: [HEADPHONES, TURNTABLE])
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        CommandedEngine.refuses = "input 'USB Turntable' is in use by another program"
        window.open_first(demo=False, record_folder=tmp_path)
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) == 2, timeout=30_000)
        opened = [engine.config for engine in CommandedEngine.opened]
        assert [config.input for config in opened] == ["USB Turntable, ALSA", "demo"]
        assert {config.record_folder for config in opened} == {tmp_path}


def test_without_a_device_the_first_start_is_the_demo_record_and_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "list_devices", lambda: [HEADPHONES])
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.open_first(demo=False)
        assert said(qtbot, window, "this is the demo record") == "Choose devices…"
        assert CommandedEngine.opened[-1].config.input == "demo"


def test_without_portaudio_the_remedy_is_said_over_the_demo_record(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> list[Device]:
        raise RestorationError("PortAudio is missing; install it with 'sudo apt-get install'")

    monkeypatch.setattr(startup, "list_devices", missing)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.open_first(demo=False)
        said(qtbot, window, "PortAudio is missing")
        assert CommandedEngine.opened[-1].config.input == "demo"


def test_a_default_device_that_refuses_gives_way_to_the_demo_record(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "list_devices", lambda: [TURNTABLE])
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        CommandedEngine.refuses = "input 'USB Turntable' is in use by another program"
        window.open_first(demo=False)
        said(qtbot, window, "in use by another program; until then this is the demo record")
        assert window.session.telemetry().state == "running"


def test_a_device_of_last_time_that_is_away_is_named(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "list_devices", lambda: [TURNTABLE, HEADPHONES])
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.memory.config = StreamConfig("Old Sound Card, ALSA", sample_rate=96_000)
        window.open_first(demo=False)
        said(qtbot, window, "'Old Sound Card, ALSA'")
        assert CommandedEngine.opened[-1].config.input == "USB Turntable, ALSA"


def test_a_chosen_device_that_refuses_keeps_the_window_open(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        CommandedEngine.refuses = "input 'USB Turntable' refuses 96000 Hz; its own rate is 48000 Hz"
        window.clock.start()
        window.opener.open(StreamConfig("USB Turntable", sample_rate=96_000))
        assert said(qtbot, window, "refuses 96000 Hz") == "Choose devices…"
        assert window.session.telemetry().state == "new"


def test_the_dialog_lists_devices_keeps_the_choice_and_remembers_names(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [TURNTABLE, HEADPHONES]
    monkeypatch.setattr("ui.dialogs.devices_dialog.list_devices", lambda: list(found))
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        running(qtbot, window, StreamConfig("demo"))
        window.opener.choose_devices()
        (dialog,) = window.findChildren(DevicesDialog)
        qtbot.waitUntil(lambda: dialog.input.findText("USB Turntable, ALSA") >= 0, timeout=30_000)
        dialog.input.setCurrentText("USB Turntable, ALSA")
        dialog.rate.setCurrentText("96 kHz")
        dialog.channels.setCurrentText("Mono")
        found.clear()  # pulled out
        click(dialog.refresh_button)
        qtbot.waitUntil(lambda: "0 inputs" in dialog.remark.text(), timeout=30_000)
        assert dialog.input.currentText() == "USB Turntable, ALSA (not there)"
        click(dialog.open_button)
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) == 2, timeout=30_000)
        opened = CommandedEngine.opened[-1].config
        assert (opened.input, opened.sample_rate, opened.channels) == (
            "USB Turntable, ALSA",
            96_000,
            1,
        )
        assert window.memory.config == opened


def test_the_dialog_offers_the_channels_of_the_chosen_input_and_hears_them(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interface = replace(TURNTABLE, name="Eight inputs", inputs=8)
    monkeypatch.setattr("ui.dialogs.devices_dialog.list_devices", lambda: [TURNTABLE, interface])
    heard: list[str] = []
    monkeypatch.setattr(InputMeter, "listen_to", lambda _, name: heard.append(name))
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        running(qtbot, window, StreamConfig("demo"))
        window.opener.choose_devices()
        (dialog,) = window.findChildren(DevicesDialog)
        qtbot.waitUntil(lambda: dialog.input.findText("Eight inputs, ALSA") >= 0, timeout=30_000)
        dialog.input.setCurrentText("Eight inputs, ALSA")
        assert heard == ["Eight inputs, ALSA"]
        dialog.channels.setCurrentText("Stereo: 3 and 4")
        dialog.meter.show_line(line_of('{"rates": [44100, 96000]}'))
        assert dialog.remark.text() == "this input takes 44.1, 96 kHz"
        assert dialog.rate.findText("48 kHz (refused)") > 0
        dialog.meter.show_line(line_of('{"peaks": [-120.0, -90.0, -12.5, -13.0]}'))
        assert dialog.meter.isVisible()
        assert "3 at -12" in dialog.meter.accessibleDescription()
        dialog.meter.show_line(line_of("a library thinks aloud"))
        dialog.input.setCurrentText("USB Turntable, ALSA")  # it has no third channel
        assert dialog.channels.currentText() == "Stereo"
        dialog.input.setCurrentText("Eight inputs, ALSA")
        dialog.channels.setCurrentText("Mono: 5")
        click(dialog.open_button)
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) == 2, timeout=30_000)
        opened = CommandedEngine.opened[-1].config
        assert (opened.channels, opened.first_channel) == (1, 5)
        assert window.memory.config == opened


def test_a_missing_recording_folder_offers_to_play_without(qtbot: QtBot, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with window_on(qtbot, tmp_path, WatchedEngine) as window:
        window.open_first(demo=True, record_folder=missing)
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: str(missing) in banner.sentence.text(), timeout=START_MS)
        assert banner.button.text() == "Play without recording"
        click(banner.button)
        qtbot.waitUntil(lambda: window.session.telemetry().seconds > 0, timeout=START_MS)


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        (
            "qt.qpa.xcb: could not connect to display :9\nxcb-cursor0 is needed",
            "':9' does not answer",
        ),
        ("From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed", "install libxcb-cursor0"),
        ("", "check DISPLAY"),
    ],
)
def test_what_qt_misses_becomes_one_line(
    monkeypatch: pytest.MonkeyPatch, complaint: str, words: str
) -> None:
    monkeypatch.setenv("DISPLAY", ":9")
    assert words in display.reason(complaint)


def test_closing_ends_the_engine(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("demo"))
    assert engine.stopped
    assert window.session.telemetry() == Telemetry()


def test_closing_while_the_engine_starts_leaves_none_behind(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.opener.open(StreamConfig("demo"), remember=False)
    qtbot.waitUntil(
        lambda: all(engine.stopped for engine in CommandedEngine.opened), timeout=30_000
    )
    assert window.session.telemetry().state != "running"


def test_the_display_of_another_stream_begins_anew(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        running(qtbot, window, StreamConfig("demo"))
        window.desk.impulses.refresh(Telemetry(seconds=1.0, clicks=7))
        window.desk.waveform.view.freeze(True)
        window.opener.demo()
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) == 2, timeout=30_000)
        qtbot.waitUntil(lambda: not window.desk.impulses.history(), timeout=30_000)
        assert window.history.end == 0 and not window.desk.waveform.view.port.frozen
        assert CommandedEngine.opened[0].now.sample_rate == RATE


def proposes(engine: CommandedEngine) -> None:
    """Let the engine find out that both walls carry the same."""
    sentence = "this is a lateral record: use both walls"
    engine.happened.append(EngineEvent("proposal", sentence, 12.0, groove="lateral"))


def test_a_lateral_record_is_proposed_with_one_button_and_nothing_changes_unasked(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("USB Turntable"))
        proposes(engine)
        assert said(qtbot, window, "This is a lateral record") == "Use both walls"
        assert window.session.record.groove == "stereo" and not engine.stopped
        click(window.desk.header.banner.button)
        qtbot.waitUntil(lambda: len(CommandedEngine.opened) == 2, timeout=30_000)
        assert CommandedEngine.opened[-1].config.record.groove == "lateral"
        assert window.memory.record.groove == "lateral"


def test_a_proposal_during_a_recording_asks_before_it_ends(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def agrees_to_nothing(_: object, deed: str, recorded: str) -> bool:
        asked.append(f"{deed} at {recorded}")
        return False

    monkeypatch.setattr("ui.conduct.take_guard.agrees_to_end", agrees_to_nothing)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        engine = running(qtbot, window, StreamConfig("USB Turntable"))
        click(window.desk.transport.button)
        qtbot.waitUntil(lambda: window.desk.transport.button.recording, timeout=30_000)
        proposes(engine)
        assert said(qtbot, window, "This is a lateral record") == "Use both walls"
        click(window.desk.header.banner.button)
        assert asked and engine.now.recording and not engine.stopped
        assert window.session.record.groove == window.memory.record.groove == "stereo"
        assert len(CommandedEngine.opened) == 1
