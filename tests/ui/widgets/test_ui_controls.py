"""The controls and figures of the window, each by itself: what is turned, and what is shown."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QLocale, QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QInputDialog,
    QMenu,
    QMessageBox,
    QPushButton,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot
from window_tools import (
    RATE,
    CommandedEngine,
    click,
    cut_off,
    figures,
    press,
    second_of_silence,
    window_on,
)

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.presets import load_preset, preset_fields, save_preset
from model.settings import Settings
from ui.panels.suppression_panel import SuppressionPanel
from ui.panels.transport import Transport, span_text
from ui.state.preset_store import PresetStore
from ui.state.remembered import Memory
from ui.views.impulse_meter import ImpulseMeter
from ui.views.levels import FALL_DB_S, HOLD_S, Ballistics, LevelsView
from ui.widgets.binder import Binder
from ui.widgets.theme import DARK, LIGHT, Theme, caption_font, font, theme_for
from ui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
NUMBERS = [spec.name for spec in preset_fields() if "unit" in spec.metadata]

LARGE = {
    **{"state": "running", "sample_rate": 192_000, "channels": 2, "recording": True},
    **{"recorded_s": 36_000.0, "raw_path": "/a/very/long/name_raw.flac", "pops": 12_345},
    **{"crackle": 123_456, "clicks": 123_456, "impulse_rate": 1234.0, "xruns_in": 99_999},
    **{"lost_samples": 1_234_567, "latency_ms": 123.4, "load_p99": 1.0, "load_p50": 1.0},
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_slider_reaches_both_ends_of_its_settings_range(qtbot: QtBot, name: str) -> None:
    binder = Binder(Settings())
    control = binder.number(name, name)
    qtbot.addWidget(control)
    spec = next(spec for spec in preset_fields() if spec.name == name)
    for key, end in ((Qt.Key.Key_Home, "low"), (Qt.Key.Key_End, "high")):
        press(control.slider, key)
        assert getattr(binder.settings, name) == pytest.approx(spec.metadata[end])


def test_a_double_click_brings_the_default_back(qtbot: QtBot) -> None:
    binder = Binder(replace(Settings(), depth=0.2))
    control = binder.number("depth", "Depth")
    qtbot.addWidget(control)
    assert control.value() == 20
    click(control.slider, twice=True)
    assert binder.settings.depth == 0.9 and control.value() == 90
    binder.set("depth", 0.3)
    click(control.label, twice=True)
    assert binder.settings.depth == 0.9


def test_a_typed_figure_counts_in_its_unit(qtbot: QtBot) -> None:
    binder = Binder(Settings())
    control = binder.number("longest_click_ms", "Longest click")
    qtbot.addWidget(control)
    control.number.setFocus()
    control.number.selectAll()
    QTest.keyClicks(control.number, "4.5")
    press(control.number, Qt.Key.Key_Return)
    assert binder.settings.longest_click_ms == 4.5
    assert control.number.text() == "4.5 ms"


def test_a_turn_is_told_once_and_a_loaded_value_not_told_back(qtbot: QtBot) -> None:
    binder, told = Binder(Settings()), list[Settings]()
    control = binder.number("sensitivity", "Sensitivity")
    qtbot.addWidget(control)
    binder.changed.connect(told.append)
    press(control.slider, Qt.Key.Key_Right)
    assert [settings.sensitivity for settings in told] == [0.51]
    binder.load(replace(Settings(), sensitivity=0.123))
    assert binder.settings.sensitivity == 0.123  # not rounded to what the slider can show
    assert len(told) == 2 and control.value() == 12


def test_every_tooltip_says_what_to_listen_for_and_the_range(qtbot: QtBot) -> None:
    binder = Binder(Settings())
    panel = SuppressionPanel(binder)
    qtbot.addWidget(panel)
    for control, limits in (
        (panel.sensitivity, "0 to 100 %"),
        (panel.longest_click, "0.1 to 20 ms"),
        (panel.hiss, "0 to 30 dB"),
    ):
        assert limits in control.slider.toolTip()
        assert len(control.slider.toolTip()) > 80


def test_what_needs_a_checkpoint_is_off_and_says_why(qtbot: QtBot) -> None:
    panel = SuppressionPanel(Binder(Settings()))
    qtbot.addWidget(panel)
    panel.checkpoints("analytical", "none")
    assert not panel.hiss.isEnabled() and not panel.balance.isEnabled()
    assert "No trained denoiser" in panel.hiss.slider.toolTip()
    assert "No trained detector" in panel.balance.slider.toolTip()
    panel.checkpoints("shellac-detector", "shellac-denoiser")
    assert panel.hiss.isEnabled() and panel.balance.isEnabled()
    assert "No trained" not in panel.hiss.slider.toolTip()


def test_the_declick_switch_dims_what_it_rules(qtbot: QtBot) -> None:
    binder = Binder(Settings())
    panel = SuppressionPanel(binder)
    qtbot.addWidget(panel)
    click(panel.declick)
    assert not binder.settings.declick and not panel.how_much.isEnabled()
    click(panel.declick)
    assert binder.settings.declick and panel.how_much.isEnabled()


def test_a_held_peak_waits_then_falls() -> None:
    bar = Ballistics()
    bar.follow(-6.0, -20.0, 0.03)
    bar.follow(-40.0, -50.0, HOLD_S - 0.1)
    assert bar.hold == -6.0 and bar.peak == pytest.approx(-6.0 - FALL_DB_S * (HOLD_S - 0.1))
    bar.follow(-40.0, -50.0, 0.5)
    assert bar.hold == pytest.approx(-6.0 - FALL_DB_S * 0.5)


def test_a_clip_lamp_stays_lit_until_it_is_clicked(qtbot: QtBot) -> None:
    view = LevelsView()
    qtbot.addWidget(view)
    peaks = {"peak_in": (0.0, -3.0), "rms_in": (-10.0, -12.0)}
    view.refresh(figures(clipped_in=3, **peaks), 0.03)
    view.refresh(figures(clipped_in=3, peak_in=(-40.0,), rms_in=(-50.0,)), 0.03)
    assert [group.lamp for group in view.groups] == [True, False]
    click(view)
    view.refresh(figures(clipped_in=3, **peaks), 0.03)
    assert not view.groups[0].lamp


def test_impulses_fall_into_the_second_they_were_heard_in(qtbot: QtBot) -> None:
    meter = ImpulseMeter()
    qtbot.addWidget(meter)
    for tenth in range(31):
        seconds = tenth / 10
        found = int(10 * seconds) if seconds <= 1 else 10  # ten in the first second, then silence
        meter.refresh(figures(seconds=seconds, crackle=found, clicks=0, pops=0, impulse_rate=3.333))
    assert [sum(second) for second in meter.history()] == [10, 0, 0]
    assert meter.rate.text() == "3.3"


def test_a_stall_of_the_window_loses_no_impulse(qtbot: QtBot) -> None:
    meter = ImpulseMeter()
    qtbot.addWidget(meter)
    meter.refresh(figures(seconds=1.0, clicks=5))
    meter.refresh(figures(seconds=5.0, clicks=15))
    assert sum(second.clicks for second in meter.history()) == 15
    assert len(meter.history()) == 5


@pytest.mark.parametrize(
    ("seconds", "text"), [(59, "1 min"), (3600, "60 min"), (7200, "2 h"), (600_000, "7 days")]
)
def test_time_left_is_said_in_few_words(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


def test_little_room_on_the_disk_is_said_in_amber(qtbot: QtBot, tmp_path: Path) -> None:
    transport = Transport()
    qtbot.addWidget(transport)
    transport.folder = tmp_path
    told = {"state": "running", "sample_rate": RATE, "channels": 2, "recording": True}
    minute = 60 * 2 * 2 * 3 * RATE  # both files, both channels, three bytes
    transport.refresh(figures(free_bytes=5 * minute, recorded_s=65, raw_path="a", **told), 0.0)
    assert "5 min left" in transport.disk.text() and transport.disk.property("role") == "warn"
    assert transport.time.text() == "1:05"
    transport.refresh(figures(free_bytes=60 * minute, raw_path="a", **told), 10.0)
    assert "60 min left" in transport.disk.text() and transport.disk.property("role") == "muted"


def test_a_preset_of_ones_own_is_saved_found_and_reverted(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        bar, binder = window.desk.presets, window.binder
        binder.set("depth", 0.4)
        assert bar.mark.text() == "● changed" and not bar.save_button.isEnabled()
        bar.save_as("Caruso, 1904")
        assert bar.choice.currentText() == "Caruso_ 1904" and bar.mark.text() == ""
        binder.set("depth", 0.7)
        click(bar.revert_button)
        assert binder.settings.depth == 0.4
        binder.set("depth", 0.6)
        click(bar.save_button)
        assert load_preset(tmp_path / "presets" / "Caruso_ 1904.yaml").depth == 0.6
        assert bar.mark.text() == ""


@pytest.mark.parametrize("name", ["", "  ", "default"])
def test_a_preset_needs_a_name_that_is_free(tmp_path: Path, name: str) -> None:
    with pytest.raises(RestorationError, match="name"):
        PresetStore(tmp_path).save_as(name, Settings())


def drop(window: MainWindow, path: Path) -> None:
    """Let a file fall onto the window."""
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile(str(path))])
    copy = Qt.DropAction.CopyAction
    window.dropEvent(
        QDropEvent(QPointF(50, 50), copy, dragged, LEFT, Qt.KeyboardModifier.NoModifier)
    )


def test_a_dropped_preset_is_loaded_and_listening_stays(qtbot: QtBot, tmp_path: Path) -> None:
    save_preset(tmp_path / "worn.yaml", replace(Settings(), sensitivity=0.77))
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.binder.set("monitor", "removed")
        drop(window, tmp_path / "worn.yaml")
        assert window.binder.settings.sensitivity == 0.77
        assert window.binder.settings.monitor == "removed"
        assert window.desk.presets.choice.currentText() == "worn"


def test_a_faulty_preset_names_file_and_line_and_changes_nothing(
    qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "odd.yaml").write_text("declick: true\nwobble: 3\n")
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        before = window.binder.settings
        drop(window, tmp_path / "odd.yaml")
        sentence = window.desk.header.banner.sentence.text()
        assert "odd.yaml, line 2" in sentence and "wobble" in sentence
        assert window.binder.settings == before


def test_the_window_remembers_preset_and_place(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.desk.presets.load_remembered("heavy")
        window.resize(940, 740)  # no larger than the offscreen platform's screen
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        assert window.desk.presets.choice.currentText() == "Heavy"
        assert window.binder.settings == load_preset("heavy")
        assert (window.width(), window.height()) == (940, 740)


def test_every_control_has_a_name_and_can_be_reached_by_key(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        for kind in (QPushButton, QSlider, QComboBox, QDoubleSpinBox):
            for control in window.findChildren(kind):
                label = control.accessibleName()
                assert label, f"{control} in {control.parentWidget()} has no name"
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, (
                    f"{label}: no key leads there"
                )


def test_after_a_figure_is_typed_letters_are_commands_again(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        qtbot.waitUntil(window.isActiveWindow, timeout=30_000)
        number = window.desk.suppression.how_much.number
        number.setFocus()
        number.selectAll()
        QTest.keyClicks(number, "40")
        press(number, Qt.Key.Key_Return)
        assert window.binder.settings.depth == 0.4
        focused = window.focusWidget()
        assert focused is window.desk.suppression.how_much.slider
        press(focused, Qt.Key.Key_B)
        assert window.binder.settings.monitor == "dry"


@pytest.mark.parametrize("agrees", [True, False])
def test_a_preset_of_ones_own_is_not_written_over_unasked(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agrees: bool
) -> None:
    answer = QMessageBox.StandardButton.Yes if agrees else QMessageBox.StandardButton.No
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("mine", True))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answer)
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        presets = window.desk.presets
        window.binder.set("depth", 0.4)
        presets.ask_name()
        window.binder.set("depth", 0.6)
        presets.ask_name()
        assert load_preset(tmp_path / "presets" / "mine.yaml").depth == (0.6 if agrees else 0.4)


@pytest.mark.parametrize(("width", "height"), [(960, 560), (1280, 720), (1920, 1080)])
def test_no_text_is_cut_off(qtbot: QtBot, tmp_path: Path, width: int, height: int) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.resize(width, height)
        window.messages.tell(
            "warning", "there is no sound output device; going on without sound", "devices"
        )
        window.binder.set("bypass", True)
        telemetry = figures(**LARGE)
        window.clock.beat.emit(telemetry, 0.03)
        qtbot.wait(50)
        assert (window.width(), window.height()) == (width, height)
        assert window.minimumSizeHint().width() <= width
        assert window.minimumSizeHint().height() <= height
        for text in cut_off(window):
            pytest.fail(f"cut off: {text}")


def test_a_click_on_a_slider_takes_it_there(qtbot: QtBot) -> None:
    binder = Binder(Settings())
    control = binder.number("depth", "Depth")
    qtbot.addWidget(control)
    control.resize(276, 46)
    control.show()
    y = control.slider.height() // 2
    click(control.slider, QPoint(control.slider.width() // 2, y))
    assert binder.settings.depth == pytest.approx(0.5, abs=0.02)


def test_the_space_bar_freezes_whatever_has_the_focus(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        qtbot.waitUntil(window.isActiveWindow, timeout=30_000)
        port, space = window.desk.waveform.view.port, Qt.Key.Key_Space
        window.history.append(second_of_silence())
        desk = window.desk
        attenuate = desk.suppression.repair.button("attenuate")
        frozen = False
        for widget in (
            *(desk.waveform.view, desk.suppression.how_much.slider, attenuate),
            *(desk.presets.choice, desk.header.record, desk.transport.button),
        ):
            press(widget, space)
            frozen = not frozen
            assert port.frozen == frozen, widget.accessibleName()
            assert desk.spectrogram.view.frozen == frozen
        assert window.record_holder.dialog is None
        assert window.desk.suppression.repair.value() == "interpolate"
        press(attenuate, Qt.Key.Key_Return)  # Enter presses instead
        assert window.desk.suppression.repair.value() == "attenuate"


def test_the_focus_starts_nowhere(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine, focused=False) as window:
        qtbot.waitUntil(window.isActiveWindow, timeout=30_000)
        assert window.focusWidget() is window.desk


def test_no_key_means_two_things_in_a_menu(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        shortcuts: list[str] = []
        menus = [menu for menu in window.menuBar().findChildren(QMenu) if menu.title()]
        for actions in (window.menuBar().actions(), *(menu.actions() for menu in menus)):
            labels = [action.text().split("\t")[0] for action in actions if action.text()]
            letters = [label[label.index("&") + 1].lower() for label in labels if "&" in label]
            assert len(letters) == len(set(letters)), labels
            shortcuts += [a.shortcut().toString() for a in actions if not a.shortcut().isEmpty()]
        assert len(shortcuts) == len(set(shortcuts))


@pytest.mark.parametrize("country", ["de_DE", "en_US", "fr_FR"])
@pytest.mark.parametrize("typed", ["6.5", "6,5"])
def test_a_point_and_a_comma_are_the_same_in_every_country(
    qtbot: QtBot, country: str, typed: str
) -> None:
    binder = Binder(Settings())
    control = binder.number("longest_click_ms", "Longest click")
    qtbot.addWidget(control)
    control.number.setLocale(QLocale(country))
    control.number.selectAll()
    QTest.keyClicks(control.number, typed)
    press(control.number, Qt.Key.Key_Return)
    assert binder.settings.longest_click_ms == 6.5


@pytest.mark.parametrize("name", ["Default", "HEAVY", "light"])
def test_a_shipped_presets_name_is_taken_in_whatever_letters(tmp_path: Path, name: str) -> None:
    with pytest.raises(RestorationError, match="came with the program"):
        PresetStore(tmp_path).save_as(name, Settings())


def test_ones_own_presets_differ_by_more_than_capitals(tmp_path: Path) -> None:
    store = PresetStore(tmp_path)
    store.save_as("mine", Settings())
    assert store.has("Mine")
    store.save_as("Mine", replace(Settings(), depth=0.3))
    own = [preset.name for preset in store.presets() if not preset.shipped]
    assert own == ["Mine"]


def test_what_was_turned_and_played_is_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    record = RecordSettings(groove="lateral", curve="bsi_78", title="Una furtiva lagrima")
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.binder.load(
            replace(Settings(), depth=0.4, monitor_gain_db=-6.0, bypass=True, monitor="removed")
        )
        window.record_holder._change(record)
        window.desk.spectrogram.choose_scale("linear")
        window.desk.spectrogram.choose_panes("after")
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        assert window.binder.settings == replace(Settings(), depth=0.4, monitor_gain_db=-6.0)
        assert window.desk.presets.mark.text() == "● changed"
        assert window.session.record == record
        assert window.desk.header.record.text() == "Groove: lateral…"
        assert window.desk.spectrogram.view.scale == "linear"
        assert window.desk.spectrogram.view.panes == ("after",)


def test_every_text_is_large_enough_and_stands_out(qtbot: QtBot, tmp_path: Path) -> None:
    assert font(8).pixelSize() == caption_font().pixelSize() == 12
    grounds = ("window", "panel", "well", "raised")
    for theme in (DARK, LIGHT):
        for name in ("text", "muted", "faint", "before", "after", "removed", "good", "warn", "bad"):
            for ground in grounds:
                ratio = contrast(getattr(theme, name), getattr(theme, ground))
                assert ratio >= 4.5, f"{theme.name}: {name} on {ground} is {ratio:.2f}"
        for ground in ("after", "before", "removed"):
            assert contrast(theme.on_accent, getattr(theme, ground)) >= 4.5
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        for widget in window.findChildren(QWidget):
            size = widget.font().pixelSize()
            assert size < 0 or size >= 12, widget.accessibleName()


# What linear red, green and blue become in eyes that lack one kind of cone (Machado, Oliveira and
# Fernandes 2009, severity 1).
BLINDNESS = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
}
TOLD_APART = 20.0  # CIE 1976 difference
SIDE_BY_SIDE = (
    ("analytical", "learned"),  # the mask
    ("crackle", "clicks", "pops"),  # the meter
    ("before", "after", "removed"),  # what is heard
    ("good", "warn", "bad"),  # lamps
)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_what_lies_side_by_side_is_told_apart_without_one_kind_of_cone(
    kind: str, theme: Theme
) -> None:
    for names in SIDE_BY_SIDE:
        for one, other in combinations(names, 2):
            seen = [seen_as(getattr(theme, name), kind) for name in (one, other)]
            difference = float(np.linalg.norm(seen[0] - seen[1]))
            assert difference >= TOLD_APART, f"{one} and {other}: {difference:.1f}"


def seen_as(colour: str, kind: str) -> NDArray[np.float64]:
    """CIELAB, under D65, of what such an eye makes of ``#rrggbb``."""
    red, green, blue = np.clip(np.array(BLINDNESS[kind]) @ linear(colour), 0.0, 1.0)
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    f = [
        float(np.cbrt(v)) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29
        for v in (x, y, z)
    ]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances, WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``."""
    red, green, blue = linear(colour)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def linear(colour: str) -> NDArray[np.float64]:
    """Red, green and blue of ``#rrggbb`` as light, 0..1."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def test_alternatives_are_radio_buttons_and_levels_have_values(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        button = window.desk.monitor.choice.button("dry")
        told = QAccessible.queryAccessibleInterface(button)
        assert told.role() == QAccessible.Role.RadioButton
        window.desk.levels.refresh(figures(peak_in=(-6.0,), rms_in=(-20.0,)), 0.03)
        assert "in -6 dBFS" in window.desk.levels.accessibleDescription()


def test_the_theme_is_the_persons_choice_before_the_desktops(tmp_path: Path) -> None:
    memory = Memory(QSettings(str(tmp_path / "m.ini"), QSettings.Format.IniFormat))
    assert memory.theme == "system"
    memory.theme = "light"
    assert theme_for(memory.theme) is LIGHT and theme_for("dark") is DARK
