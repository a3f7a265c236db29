"""What the window remembers from one day to the next. GUI thread.

Devices are kept by name, because their numbers move when something is plugged in.
"""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.config import RECORD_FORMATS, StreamConfig
from ui.widgets.language import LANGUAGES
from ui.widgets.theme import ThemeChoice

_DEFAULTS = StreamConfig(input="default")


class Memory:
    """Typed access to the desktop's settings store."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings("Shellac", "Shellac")

    @property
    def geometry(self) -> QByteArray | None:
        """Where the window was; None at the first start."""
        value = self._store.value("window/geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def theme(self) -> ThemeChoice:
        """Dark, light, or as the desktop is."""
        value = self._text("window/theme", "system")
        return "dark" if value == "dark" else "light" if value == "light" else "system"

    @theme.setter
    def theme(self, value: ThemeChoice) -> None:
        self._store.setValue("window/theme", value)

    @property
    def preset(self) -> str:
        """Path of the preset in use, or a shipped one's name."""
        return self._text("preset", "default")

    @preset.setter
    def preset(self, value: str) -> None:
        self._store.setValue("preset", value)

    @property
    def settings(self) -> Settings | None:
        """What was turned last, saved as a preset or not; None at the first start.

        Bypass, what is listened to and learned are not: a day begins with the restored sound.
        """
        known = self._fields("settings")
        kept = {spec.name for spec in fields(Settings)} - {"bypass", "monitor", "learn_hiss"}
        try:
            return (
                Settings(**{name: known[name] for name in kept & known.keys()}) if known else None
            )
        except (ValueError, TypeError):  # written by another version, or by hand
            return None

    @settings.setter
    def settings(self, value: Settings) -> None:
        self._store.setValue("settings", json.dumps(asdict(value)))

    @property
    def record(self) -> RecordSettings:
        """Groove, curve, speed and label of the record played last."""
        try:
            return RecordSettings(**self._fields("record"))
        except (ValueError, TypeError, RestorationError):
            return RecordSettings()

    @record.setter
    def record(self, value: RecordSettings) -> None:
        self._store.setValue("record/settings", json.dumps(asdict(value)))

    @property
    def size_percent(self) -> int:
        """How large everything is drawn, 100 to 150."""
        return min(max(self._whole("window/size", 100), 100), 150)

    @size_percent.setter
    def size_percent(self, value: int) -> None:
        self._store.setValue("window/size", value)

    @property
    def language(self) -> str:
        """``"en"``, ``"de"``, or ``"system"`` for the desktop's."""
        value = self._text("window/language", "system")
        return value if value in dict(LANGUAGES) else "system"

    @language.setter
    def language(self, value: str) -> None:
        self._store.setValue("window/language", value)

    @property
    def last_folder(self) -> Path:
        """Where a file was opened last."""
        return Path(self._text("files/folder", str(self.record_folder)))

    @last_folder.setter
    def last_folder(self, value: Path) -> None:
        self._store.setValue("files/folder", str(value))

    def view(self, name: str, default: str, options: tuple[str, ...]) -> str:
        """One choice of a view, such as the spectrogram's scale."""
        value = self._text(f"view/{name}", default)
        return value if value in options else default

    def keep_view(self, name: str, value: str) -> None:
        """Remember a choice of a view."""
        self._store.setValue(f"view/{name}", value)

    @property
    def record_folder(self) -> Path:
        """Where recordings go."""
        place = QStandardPaths.StandardLocation.MusicLocation
        usual = Path(QStandardPaths.writableLocation(place)) / "Shellac"
        return Path(self._text("record/folder", str(usual)))

    @record_folder.setter
    def record_folder(self, value: Path) -> None:
        self._store.setValue("record/folder", str(value))

    @property
    def record_name(self) -> str:
        """Template of the files' names; empty for date and time."""
        return self._text("record/name", "")

    @record_name.setter
    def record_name(self, value: str) -> None:
        self._store.setValue("record/name", value)

    @property
    def stop_at_run_out(self) -> bool:
        """Whether a side ends by itself in the run-out groove."""
        return self._text("record/stop_at_run_out", "no") == "yes"

    @stop_at_run_out.setter
    def stop_at_run_out(self, value: bool) -> None:
        self._store.setValue("record/stop_at_run_out", "yes" if value else "no")

    @property
    def record_format(self) -> str:
        """One of ``RECORD_FORMATS``."""
        value = self._text("record/format", "flac")
        return value if value in RECORD_FORMATS else "flac"

    @record_format.setter
    def record_format(self, value: str) -> None:
        self._store.setValue("record/format", value)

    @property
    def models(self) -> tuple[str, ...]:
        """The networks chosen last, as they were named; empty for the shipped ones."""
        return tuple(filter(None, self._text("models", "").split("\n")))

    @models.setter
    def models(self, value: tuple[str, ...]) -> None:
        self._store.setValue("models", "\n".join(value))

    @property
    def config(self) -> StreamConfig | None:
        """The devices chosen last; None when none ever were."""
        name = self._text("devices/input", "")
        if not name:
            return None
        usual_ms = round(1000 * _DEFAULTS.latency_s)
        try:
            return StreamConfig(
                input=name,
                output=self._text("devices/output", "") or None,
                sample_rate=self._whole("devices/sample_rate", 0) or None,
                channels=self._whole("devices/channels", _DEFAULTS.channels),
                first_channel=self._whole("devices/first_channel", 1),
                block=self._whole("devices/block", _DEFAULTS.block),
                latency_s=self._whole("devices/latency_ms", usual_ms) / 1000,
                allow_null_output=True,
            )
        except ValueError:  # written by another version, or by hand
            return None

    @config.setter
    def config(self, value: StreamConfig) -> None:
        self._store.setValue("devices/input", value.input)
        self._store.setValue("devices/output", value.output or "")
        self._store.setValue("devices/sample_rate", value.sample_rate or 0)
        self._store.setValue("devices/channels", value.channels)
        self._store.setValue("devices/first_channel", value.first_channel)
        self._store.setValue("devices/block", value.block)
        self._store.setValue("devices/latency_ms", round(1000 * value.latency_s))

    def _fields(self, key: str) -> dict[str, Any]:
        key = "record/settings" if key == "record" else key
        try:
            known = json.loads(self._text(key, "{}"))
        except ValueError:
            return {}
        return known if isinstance(known, dict) else {}

    def _text(self, key: str, default: str) -> str:
        return str(self._store.value(key, default))

    def _whole(self, key: str, default: int) -> int:
        try:
            return int(self._text(key, str(default)))
        except ValueError:
            return default
