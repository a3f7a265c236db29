"""What stands in the menus of the main window. GUI thread."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtWidgets import QMainWindow

from ui.actions import Alternatives, Command, fill_menu
from ui.conduct.banner_messages import BannerMessages
from ui.conduct.opener import Opener
from ui.conduct.record_holder import RecordHolder
from ui.conduct.recordings import Recordings
from ui.conduct.undoing import Undoing
from ui.dialogs.about import show_about
from ui.dialogs.diagnostics_dialog import DiagnosticsDialog
from ui.dialogs.level_dialog import LevelDialog
from ui.panels.layout import Desk
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.views.spectrogram import RANGES_DB
from ui.widgets.language import LANGUAGES, later, tr
from ui.widgets.theme import ThemeChoice

FORMATS = (
    ("flac", later("FLAC, 24 bit")),
    ("bwf", later("For an archive: Broadcast Wave, 24 bit")),
    ("wav", later("WAV, 32 bit float")),
)
THEMES = (
    ("system", later("As the desktop")),
    ("dark", later("Dark colours")),
    ("light", later("Light colours")),
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
    undoing: Undoing


def build_menus(window: QMainWindow, on: Commanded) -> None:
    """Fill the menu bar."""
    desk, presets, waveform = on.desk, on.desk.presets, on.desk.waveform
    monitor = desk.monitor
    fill_menu(
        window,
        tr("&File"),
        [
            Command(tr("&Devices…"), on.opener.choose_devices, "Ctrl+D"),
            Command(tr("&Groove, curve and label…"), on.record_holder.show, "Ctrl+G"),
            Command(tr("Play a &file as the turntable…"), on.opener.choose_file, "Ctrl+O"),
            Command(tr("Play the de&mo record"), on.opener.demo),
            Command(tr("&Trained networks…"), on.opener.choose_models),
            None,
            Command(tr("&Record or stop"), on.recordings.toggle, "Ctrl+R"),
            Command(tr("Record from &needle drop to lift"), on.recordings.wait_for_needle),
            Command(tr("Set a mar&ker"), on.session.mark, "M"),
            Command(tr("Recording f&older…"), on.recordings.choose_folder),
            Command(tr("Re&pairs of a side…"), on.choose_repairs),
            Alternatives(
                tr("Recording form&at"),
                FORMATS,
                on.memory.record_format,
                on.choose_format,
            ),
            None,
            Command(tr("&Quit"), window.close, "Ctrl+Q"),
        ],
    )
    fill_menu(window, tr("&Edit"), [on.undoing.undo, on.undoing.redo])
    fill_menu(
        window,
        tr("&Preset"),
        [
            Command(tr("&Save"), presets.save, "Ctrl+S"),
            Command(tr("Save &as…"), presets.ask_name, "Ctrl+Shift+S"),
            Command(tr("&Revert"), presets.revert),
        ],
    )
    fill_menu(
        window,
        tr("&Listen"),
        [
            Command(tr("Or&iginal or restored"), lambda: monitor.toggle("dry"), "B"),
            Command(tr("&Removed or restored"), lambda: monitor.toggle("removed"), "R"),
            None,
            Command(tr("&Pause the file, or go on"), desk.play_bar.toggle, "P"),
            Command(tr("Ten seconds bac&k"), lambda: desk.play_bar.go(-10.0), "Ctrl+Left"),
            Command(tr("Ten seconds &on"), lambda: desk.play_bar.go(10.0), "Ctrl+Right"),
            None,
            Command(tr("Lo&uder"), lambda: monitor.turn_volume(1.0), "Ctrl+Up"),
            Command(tr("&Softer"), lambda: monitor.turn_volume(-1.0), "Ctrl+Down"),
            Command(tr("Set the &level of the input…"), on.level.listen),
            None,
            Command(tr("&Bypass, recording included"), on.toggle_bypass, "Ctrl+B"),
        ],
    )
    fill_menu(
        window,
        tr("&View"),
        [
            Command(tr("&Freeze"), on.toggle_freeze, "Space"),
            Command(tr("&Next click"), lambda: waveform.step(1), "N"),
            Command(tr("&Previous click"), lambda: waveform.step(-1), "Shift+N"),
            Command(tr("Look nea&rer"), lambda: waveform.view.zoom(1 / 1.6), shown_key="+"),
            Command(tr("Show &more time"), lambda: waveform.view.zoom(1.6), shown_key="−"),
            Command(tr("&Usual time"), waveform.view.show_usual, shown_key="0"),
            None,
            Command(tr("Reset clip &lamps"), desk.levels.reset_clip, "Ctrl+L"),
            Alternatives(
                tr("Spectrogram ran&ge"),
                tuple((str(db), f"{db} dB") for db in RANGES_DB),
                str(desk.spectrogram.view.range_db),
                lambda db: desk.spectrogram.set_range(int(db)),
            ),
            Alternatives(
                tr("&Colours"),
                THEMES,
                on.memory.theme,
                lambda choice: on.set_theme(
                    "dark" if choice == "dark" else "light" if choice == "light" else "system"
                ),
            ),
            Alternatives(
                tr("&Size, from the next start"),
                SIZES,
                str(on.memory.size_percent),
                lambda percent: _choose_size(on.memory, int(percent)),
            ),
            Alternatives(
                tr("L&anguage, from the next start"),
                (("system", later("As the desktop")), *LANGUAGES),
                on.memory.language,
                lambda language: _choose_language(on, language),
            ),
            Command(tr("What &happened"), on.messages.show_list, "Ctrl+J"),
            None,
            Command(tr("Full scr&een"), lambda: _toggle_full_screen(window), "F11"),
        ],
    )
    fill_menu(
        window,
        tr("&Help"),
        [
            Command(tr("&Diagnostics…"), on.diagnostics.show_log),
            Command(tr("&About Shellac"), lambda: show_about(window, on.diagnostics.show_log)),
        ],
    )


def _choose_size(memory: Memory, percent: int) -> None:
    memory.size_percent = percent


def _choose_language(on: Commanded, language: str) -> None:
    on.memory.language = language
    on.messages.tell("info", tr("the window speaks that language from its next start on"))


def _toggle_full_screen(window: QMainWindow) -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()
