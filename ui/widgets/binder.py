"""Ties widgets to the fields of ``Settings``: one value in the middle, widgets around it.

The binder holds the settings that apply; a person's turn of a widget replaces them and tells the
engine, a loaded preset replaces them and tells the widgets. GUI thread.
"""

from collections.abc import Callable, Hashable
from dataclasses import Field, fields, replace
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from model.presets import preset_fields
from model.settings import Settings
from ui.widgets.controls import Segments, Switch
from ui.widgets.language import figure, tr
from ui.widgets.number_control import NumberControl


class Scale(NamedTuple):
    """How a field's number is shown: times ``factor``, in steps, with a unit behind it."""

    factor: float
    step: float
    suffix: str


SCALES = {
    "share": Scale(100.0, 1.0, " %"),
    "ms": Scale(1.0, 0.1, " ms"),
    "dB": Scale(1.0, 0.5, " dB"),
}


class Turn(NamedTuple):
    """One field, turned by the person; turns of one ``gesture``, as of a drag, belong together."""

    name: str
    before: Any
    after: Any
    gesture: Hashable | None


class Binder(QObject):
    """The settings of the window.

    Signals
    -------
    changed : Settings
        Something is different now, whoever turned it.
    turned : Turn
        The person has turned a widget.
    """

    changed = Signal(object)
    turned = Signal(object)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self._showers: dict[str, list[Callable[[Any], None]]] = {}
        self._labels: dict[str, str] = {}
        self._values: dict[str, Callable[[Any], str]] = {}  # as the widget writes them

    def set(self, name: str, value: Any, gesture: Hashable | None = None) -> None:
        """Change one field, and show it on every widget bound to it."""
        before = getattr(self.settings, name)
        if before != value:
            self.load(replace(self.settings, **{name: value}))
            self.turned.emit(Turn(name, before, value, gesture))

    def label(self, name: str) -> str:
        """What the window calls a field."""
        return self._labels.get(name, name)

    def written(self, name: str, value: Any) -> str:
        """A value of a field as its widget writes it."""
        write = self._values.get(name)
        return write(value) if write else tr("on") if value is True else tr("off")

    def load(self, settings: Settings) -> None:
        """Take over other settings, and show what differs."""
        before, self.settings = self.settings, settings
        for name, showers in self._showers.items():
            value = getattr(settings, name)
            if value != getattr(before, name):
                for shower in showers:
                    shower(value)
        if settings != before:
            self.changed.emit(settings)

    def number(self, name: str, label: str) -> NumberControl:
        """A new slider with its figure for one field; range, unit and help come from the field."""
        spec = field_of(name)
        scale = SCALES[spec.metadata["unit"]]
        low, high = (spec.metadata[end] * scale.factor for end in ("low", "high"))
        control = NumberControl(label, low, high, scale.step, scale.suffix)
        control.explain(tip_for(spec))
        control.turned.connect(
            lambda shown: self.set(
                name, _within(spec, shown / scale.factor), (name, control.gesture)
            )
        )
        control.reset.connect(lambda: self.set(name, spec.default, (name, control.gesture)))
        self._labels[name] = label
        self._values[name] = lambda value: control.written(value * scale.factor)
        self._show_on(name, lambda value: control.show_value(value * scale.factor))
        return control

    def switch(self, name: str, label: str) -> Switch:
        """A new check box for one field."""
        box = Switch(label)
        box.setAccessibleName(label)
        box.setToolTip(tip_for(field_of(name)))
        box.toggled.connect(lambda on: self.set(name, bool(on)))
        self._labels[name] = label
        self._show_on(name, box.setChecked)
        return box

    def follow(self, name: str, segments: Segments) -> None:
        """Bind a row of alternatives whose values are the field's options."""
        segments.chosen.connect(lambda value: self.set(name, value))
        self._labels[name] = segments.accessibleName()
        self._values[name] = lambda value: segments.button(value).text()
        self._show_on(name, segments.show_value)

    def _show_on(self, name: str, shower: Callable[[Any], None]) -> None:
        self._showers.setdefault(name, []).append(shower)
        shower(getattr(self.settings, name))


def field_of(name: str) -> Field[Any]:
    """The ``Settings`` field of that name, with its metadata."""
    return next(spec for spec in fields(Settings) if spec.name == name)


def tip_for(spec: Field[Any]) -> str:
    """What a tooltip says: what to listen for, the range, the default."""
    help_line = tr(spec.metadata["help"])
    if "unit" not in spec.metadata:
        return help_line
    scale = SCALES[spec.metadata["unit"]]
    values: tuple[float, ...] = (spec.metadata["low"], spec.metadata["high"], _default(spec))
    low, high, default = (figure("{value:g}", value=value * scale.factor) for value in values)
    said = tr(
        "{low} to {high}{unit}; a double click goes back to {default}.",
        low=low,
        high=high,
        unit=scale.suffix,
        default=default,
    )
    return f"{help_line}\n{said}"


def same_preset(one: Settings, other: Settings) -> bool:
    """True where both would be saved as the same preset."""
    return all(getattr(one, f.name) == getattr(other, f.name) for f in preset_fields())


def _default(spec: Field[Any]) -> Any:
    return spec.default


def _within(spec: Field[Any], value: float) -> float:
    # 0.1 ms and 29 % come back from the widget with a rounding error in the last digit.
    low, high = float(spec.metadata["low"]), float(spec.metadata["high"])
    return min(max(round(value, 6), low), high)
