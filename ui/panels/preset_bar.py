"""The preset bar: choose, save, save as, revert, and a mark when something was turned since."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMessageBox, QPushButton, QWidget

from model.errors import RestorationError
from model.presets import preset_fields
from model.settings import Settings
from ui.state.preset_store import Preset, PresetStore
from ui.widgets.binder import Binder, same_preset
from ui.widgets.controls import Choice
from ui.widgets.language import tr
from ui.widgets.panel import Panel, Text
from ui.widgets.theme import font


class Loaded(NamedTuple):
    """A preset and the settings that apply with it."""

    preset: Preset | None
    settings: Settings


class PresetBar(Panel):
    """Loads presets into the binder and saves them from it.

    Signals
    -------
    failed : str
        A preset could not be read or written; one sentence for the person.
    loaded : Loaded, Loaded
        What applied before, and what the person has chosen instead.
    """

    failed = Signal(str)
    loaded = Signal(object, object)

    def __init__(self, binder: Binder, store: PresetStore) -> None:
        super().__init__(tr("Preset"))
        self._binder, self._store = binder, store
        self.listed: list[Preset] = []
        self._current: Preset | None = None
        self._saved = binder.settings  # as the current preset's file has it
        self.mark = Text("", "warn", font(12, weight=600))
        self.header.addWidget(self.mark)
        self.choice = Choice()
        self.choice.setAccessibleName(tr("Preset"))
        self.choice.setToolTip(
            tr("How strongly the record is worked on; files can be dropped here")
        )
        self.choice.activated.connect(lambda i: self.load(self.listed[i]))
        self.save_button = self._button(
            tr("Save"), self.save, tr("Write the changes into this preset")
        )
        self.save_as_button = self._button(
            tr("Save as…"), self.ask_name, tr("Keep this under a new name")
        )
        self.revert_button = self._button(
            tr("Revert"), self.revert, tr("Go back to the preset as saved")
        )
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in (self.save_button, self.save_as_button, self.revert_button):
            row.addWidget(button, 1)
        self.body.addWidget(self.choice)
        self.body.addWidget(self._buttons)
        binder.changed.connect(self._compare)
        self._list()

    def fold(self, low: bool) -> None:
        """Leave out the buttons where there is no room below: the menu has them too."""
        self._buttons.setVisible(not low)

    @property
    def current(self) -> Preset | None:
        """The preset that was loaded or saved last."""
        return self._current

    def load(self, preset: Preset) -> bool:
        """Take over a preset; on failure everything stays as it was."""
        try:
            settings = self._store.load(preset, self._binder.settings)
        except RestorationError as error:
            self._list()
            self.failed.emit(str(error))
            return False
        before = Loaded(self._current, self._binder.settings)
        self._became(preset, settings)
        self._binder.load(settings)
        self.loaded.emit(before, Loaded(preset, settings))
        return True

    def put_back(self, loaded: Loaded) -> None:
        """Let another preset be the current one, and settings apply that need not be its own."""
        kept = {spec.name: getattr(loaded.settings, spec.name) for spec in preset_fields()}
        settings = saved = replace(self._binder.settings, **kept)
        if loaded.preset is not None:
            # Where its file is gone, this is what there is of it.
            with contextlib.suppress(RestorationError):
                saved = self._store.load(loaded.preset, settings)
        self._became(loaded.preset, saved)
        self._binder.load(settings)

    def load_file(self, path: Path) -> bool:
        """Take over a preset file from anywhere."""
        return self.load(self._store.find(path))

    def load_remembered(self, name_or_path: str) -> bool:
        """Take over what was in use last time: a shipped preset's name, or a path."""
        shipped = {preset.name: preset for preset in self.listed if preset.shipped}
        if name_or_path in shipped:
            return self.load(shipped[name_or_path])
        return self.load_file(Path(name_or_path))

    def save(self) -> None:
        """Write the current preset; a shipped one is saved under a new name."""
        if self._current is None or self._current.shipped:
            self.ask_name()
            return
        try:
            self._store.save(self._current, self._binder.settings)
        except RestorationError as error:
            self.failed.emit(str(error))
        else:
            self._became(self._current, self._binder.settings)

    def ask_name(self) -> None:
        """Ask for a name, then save under it."""
        name, agreed = QInputDialog.getText(self, tr("Save preset as"), tr("Name of the preset:"))
        if agreed and not (self._store.has(name) and not self._may_replace(name)):
            self.save_as(name)

    def save_as(self, name: str) -> None:
        """Save under a name of the person's own."""
        try:
            preset = self._store.save_as(name, self._binder.settings)
        except RestorationError as error:
            self.failed.emit(str(error))
        else:
            self._became(preset, self._binder.settings)

    def revert(self) -> None:
        """Go back to what the preset holds."""
        if self._current is not None:
            self.load(self._current)

    def _may_replace(self, name: str) -> bool:
        question = tr("There is a preset “{name}” already. Write over it?", name=name)
        answer = QMessageBox.question(self, tr("Save preset as"), question)
        return answer == QMessageBox.StandardButton.Yes

    def _became(self, preset: Preset | None, saved: Settings) -> None:
        self._current, self._saved = preset, saved
        self._list()
        self._compare()

    def _compare(self, _: object = None) -> None:
        changed = not same_preset(self._binder.settings, self._saved)
        own = self._current is not None and not self._current.shipped
        self.mark.say("● " + tr("changed") if changed else "")
        self.revert_button.setEnabled(changed)
        self.save_button.setEnabled(changed and own)

    def _list(self) -> None:
        self.listed = self._store.presets()
        current = self._current
        if current is not None and current not in self.listed:
            self.listed.append(current)  # dropped in from elsewhere
        self.choice.clear()
        for preset in self.listed:
            self.choice.addItem(preset_title(preset))
        self.choice.setCurrentIndex(self.listed.index(current) if current else -1)

    def _button(self, label: str, act: object, tip: str) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "small")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tip)
        button.setAccessibleName(tr("{deed} preset", deed=label.rstrip("…")))
        button.clicked.connect(act)
        return button


def preset_title(preset: Preset) -> str:
    """Return what the window calls a preset."""
    return tr(preset.name.capitalize()) if preset.shipped else preset.name
