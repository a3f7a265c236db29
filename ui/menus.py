"""What stands in the menus of the main window. GUI thread."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtWidgets import QMainWindow

from ui.actions import Alternatives, Command, fill_menu
from ui.conduct.banner_messages import BannerMessages
from ui.conduct.opener import Opener
from ui.conduct.record_holder import RecordHolder
from ui.conduct.recordings import Recordings
from ui.dialogs.about import show_about
from ui.dialogs.diagnostics_dialog import DiagnosticsDialog
from ui.dialogs.level_dialog import LevelDialog
from ui.panels.layout import Desk
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.views.spectrogram import RANGES_DB
from ui.widgets.theme import ThemeChoice

FORMATS = (
    ("flac", "FLAC, 24 bit"),
    ("bwf", "For an archive: Broadcast Wave, 24 bit"),
    ("wav", "WAV, 32 bit float"),
)
SIZES = (("100", "100 %"), ("125", "125 %"), ("150", "150 %"))


class Commanded(NamedTuple):
    """What the menus act upon, and what only the window itself can do."""

    session: Session
    memory: Memory
    desk: Desk
    opener: Opener
    recordings: Recordings
    record_holder: RecordHolder
    toggle_bypass: Callable[[], None]
    toggle_freeze: Callable[[], None]
    set_theme: Callable[[ThemeChoice], None]
    diagnostics: DiagnosticsDialog
    messages: BannerMessages
    choose_repairs: Callable[[], None]
    level: LevelDialog
    choose_format: Callable[[str], None]


def build_menus(window: QMainWindow, on: Commanded) -> None:
    """Fill the menu bar."""
    desk, presets, waveform = on.desk, on.desk.presets, on.desk.waveform
    monitor = desk.monitor
    fill_menu(
        window,
        "&File",
        [
            Command("&Devices…", on.opener.choose_devices, "Ctrl+D"),
            Command("&Groove, curve and label…", on.record_holder.show, "Ctrl+G"),
            Command("Play a &file as the turntable…", on.opener.choose_file, "Ctrl+O"),
            Command("Play the de&mo record", on.opener.demo),
            Command("&Trained networks…", on.opener.choose_models),
            None,
            Command("&Record or stop", on.recordings.toggle, "Ctrl+R"),
            Command("Record from &needle drop to lift", on.recordings.wait_for_needle),
            Command("Set a mar&ker", on.session.mark, "M"),
            Command("Recording f&older…", on.recordings.choose_folder),
            Command("Re&pairs of a side…", on.choose_repairs),
            Alternatives(
                "Recording form&at",
                FORMATS,
                on.memory.record_format,
                on.choose_format,
            ),
            None,
            Command("&Quit", window.close, "Ctrl+Q"),
        ],
    )
    fill_menu(
        window,
        "&Preset",
        [
            Command("&Save", presets.save, "Ctrl+S"),
            Command("Save &as…", presets.ask_name, "Ctrl+Shift+S"),
            Command("&Revert", presets.revert, "Ctrl+Shift+Z"),
        ],
    )
    fill_menu(
        window,
        "&Listen",
        [
            Command("Or&iginal or restored", lambda: monitor.toggle("dry"), "B"),
            Command("&Removed or restored", lambda: monitor.toggle("removed"), "R"),
            None,
            Command("&Pause the file, or go on", desk.play_bar.toggle, "P"),
            Command("Ten seconds bac&k", lambda: desk.play_bar.go(-10.0), "Ctrl+Left"),
            Command("Ten seconds &on", lambda: desk.play_bar.go(10.0), "Ctrl+Right"),
            None,
            Command("Lo&uder", lambda: monitor.turn_volume(1.0), "Ctrl+Up"),
            Command("&Softer", lambda: monitor.turn_volume(-1.0), "Ctrl+Down"),
            Command("Set the &level of the input…", on.level.listen),
            None,
            Command("&Bypass, recording included", on.toggle_bypass, "Ctrl+B"),
        ],
    )
    fill_menu(
        window,
        "&View",
        [
            Command("&Freeze", on.toggle_freeze, "Space"),
            Command("&Next click", lambda: waveform.step(1), "N"),
            Command("&Previous click", lambda: waveform.step(-1), "Shift+N"),
            Command("Look nea&rer", lambda: waveform.view.zoom(1 / 1.6), shown_key="+"),
            Command("Show &more time", lambda: waveform.view.zoom(1.6), shown_key="−"),
            Command("&Usual time", waveform.view.show_usual, shown_key="0"),
            None,
            Command("Reset clip &lamps", desk.levels.reset_clip, "Ctrl+L"),
            Alternatives(
                "Spectrogram ran&ge",
                tuple((str(db), f"{db} dB") for db in RANGES_DB),
                str(desk.spectrogram.view.range_db),
                lambda db: desk.spectrogram.set_range(int(db)),
            ),
            Alternatives(
                "&Colours",
                (("system", "As the desktop"), ("dark", "Dark"), ("light", "Light")),
                on.memory.theme,
                lambda choice: on.set_theme(
                    "dark" if choice == "dark" else "light" if choice == "light" else "system"
                ),
            ),
            Alternatives(
                "&Size, from the next start",
                SIZES,
                str(on.memory.size_percent),
                lambda percent: _choose_size(on.memory, int(percent)),
            ),
            Command("What &happened", on.messages.show_list, "Ctrl+J"),
            None,
            Command("Full scr&een", lambda: _toggle_full_screen(window), "F11"),
        ],
    )
    fill_menu(
        window,
        "&Help",
        [
            Command("&Diagnostics…", on.diagnostics.show_log),
            Command("&About Shellac", lambda: show_about(window, on.diagnostics.show_log)),
        ],
    )


def _choose_size(memory: Memory, percent: int) -> None:
    memory.size_percent = percent


def _toggle_full_screen(window: QMainWindow) -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()
