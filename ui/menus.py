"""What stands in the menus of the main window. GUI thread."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from ui.actions import Alternatives, Command, fill_menu
from ui.spectrogram import RANGES_DB

if TYPE_CHECKING:
    from ui.window import MainWindow

ABOUT = (
    "Shellac restores 78 rpm records while they play.\n\n"
    "Amber is the record as it comes in, teal what comes out; coral and violet mark what the "
    "analytical and the learned detector take away."
)


def build_menus(window: "MainWindow") -> None:
    """Fill the menu bar."""
    desk, presets, waveform = window.desk, window.desk.presets, window.desk.waveform
    monitor = desk.monitor
    fill_menu(
        window,
        "&File",
        [
            Command("&Devices…", window.opener.choose_devices, "Ctrl+D"),
            Command("&Groove, curve and label…", window.record_holder.show, "Ctrl+G"),
            Command("Play a &file as the turntable…", window.opener.choose_file, "Ctrl+O"),
            Command("Play the de&mo record", window.opener.demo),
            Command("&Trained networks…", window.opener.choose_models),
            None,
            Command("&Record or stop", window.recordings.toggle, "Ctrl+R"),
            Command("Record from &needle drop to lift", window.recordings.wait_for_needle),
            Command("Set a mar&ker", window.session.mark, "M"),
            Command("Recording f&older…", window.recordings.choose_folder),
            Alternatives(
                "Recording forma&t",
                (("flac", "FLAC, 24 bit"), ("wav", "WAV, 32 bit float")),
                window.memory.record_format,
                window.recordings.set_format,
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
            Command("&Original or restored", lambda: monitor.toggle("dry"), "B"),
            Command("&Removed or restored", lambda: monitor.toggle("removed"), "R"),
            None,
            Command("&Louder", lambda: monitor.turn_volume(1.0), "Ctrl+Up"),
            Command("&Softer", lambda: monitor.turn_volume(-1.0), "Ctrl+Down"),
            None,
            Command("&Bypass, recording included", window.toggle_bypass, "Ctrl+B"),
        ],
    )
    fill_menu(
        window,
        "&View",
        [
            Command("&Freeze", window.toggle_freeze, shown_key="Space"),
            Command("&Next click", lambda: waveform.step(1), "N"),
            Command("&Previous click", lambda: waveform.step(-1), "Shift+N"),
            Command("Look nea&rer", lambda: waveform.view.zoom(1 / 1.6), shown_key="+"),
            Command("Show &more time", lambda: waveform.view.zoom(1.6), shown_key="−"),
            Command("&Usual time", waveform.view.show_usual, shown_key="0"),
            None,
            Command("Reset &clip lamps", desk.levels.reset_clip, "Ctrl+L"),
            Alternatives(
                "Spectrogram ran&ge",
                tuple((str(db), f"{db} dB") for db in RANGES_DB),
                str(desk.spectrogram.view.range_db),
                lambda db: desk.spectrogram.set_range(int(db)),
            ),
            Alternatives(
                "&Colours",
                (("system", "As the desktop"), ("dark", "Dark"), ("light", "Light")),
                window.memory.theme,
                lambda choice: window.set_theme_choice(
                    "dark" if choice == "dark" else "light" if choice == "light" else "system"
                ),
            ),
            None,
            Command("F&ull screen", lambda: _toggle_full_screen(window), "F11"),
        ],
    )
    fill_menu(
        window,
        "&Help",
        [Command("&About Shellac", lambda: QMessageBox.about(window, "Shellac", ABOUT))],
    )


def _toggle_full_screen(window: "MainWindow") -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()
