"""What the fields of a record and their values are called in the window. Words, no widgets."""

from dataclasses import fields
from typing import Any

from model.groove.curve_table import CUSTOM, named_curves
from model.groove.record import RecordSettings
from ui.widgets.language import figure, later, tr

NAMES = {
    "groove": later("Groove"),
    "wall_offset_us": later("Right wall late by"),
    "wall_balance_db": later("Right wall raised by"),
    "undo_riaa": later("Undo RIAA of the phono stage"),
    "curve": later("Playback curve"),
    "turnover_hz": later("Turnover"),
    "rolloff_db": later("Roll-off at 10 kHz"),
    "bass_shelf_hz": later("Bass shelf"),
    "gain_db": later("Gain after it"),
    "rumble_hz": later("Rumble filter"),
    "rumble_slope_db": later("Its slope"),
    "hum": later("Hum"),
    "hum_harmonics": later("Its harmonics"),
    "played_rpm": later("Played at"),
    "true_rpm": later("True speed"),
    "title": later("Title"),
    "performer": later("Performer"),
    "label": later("Label"),
    "catalogue": later("Catalogue no."),
    "matrix": later("Matrix and take"),
    "side": later("Side"),
    "year": later("Year"),
    "region": later("Made in"),
    "hiss_at": later("Groove alone at"),
    "stylus": later("Stylus"),
    "cartridge": later("Cartridge"),
    "preamplifier": later("Preamplifier"),
    "converter": later("Converter"),
    "operator": later("Operator"),
    "notes": later("Notes"),
}
GROOVE_NAMES = {
    "stereo": later("Stereo, as it comes"),
    "lateral": later("Lateral: L+R"),
    "vertical": later("Vertical: L−R"),
    "left": later("Left wall alone"),
    "right": later("Right wall alone"),
    "best": later("Best wall"),
    "best_vertical": later("Best wall, vertical"),
}
GROOVES_IN_SHORT = {
    "stereo": later("stereo"),
    "lateral": later("lateral"),
    "vertical": later("vertical"),
    "left": later("left"),
    "right": later("right"),
    "best": later("best"),
    "best_vertical": later("best vertical"),
}
REGION_NAMES = {
    "": later("unknown"),
    "us": later("America"),
    "uk": later("Britain"),
    "europe": later("Europe"),
}
STEPS = {"wall_offset_us": 1.0, "wall_balance_db": 0.1, "played_rpm": 0.01, "true_rpm": 0.01}
DIGITS = {"wall_offset_us": 1, "wall_balance_db": 1, "played_rpm": 2, "true_rpm": 2}
UNITS = {"us": "µs", "rpm": later("rpm")}
OFF = {
    "rumble_hz": later("off"),
    "turnover_hz": later("none"),
    "bass_shelf_hz": later("none"),
    "year": later("unknown"),
}


def label_of(name: str, value: Any) -> str:
    """Return what a value of a field is called."""
    if name == "groove":
        return tr(GROOVE_NAMES[value])
    if name == "region":
        return tr(REGION_NAMES[value])
    if name == "rumble_slope_db":
        return tr("{value} dB per octave", value=value)
    if name == "hum" and value == "none":
        return tr("off")
    if name == "curve":
        if value == CUSTOM:
            return tr("Custom")
        title = tr(named_curves()[value].title)
        return title[:1].upper() + title[1:]
    return tr(value) if isinstance(value, str) else str(value)


def written(name: str, value: Any) -> str:
    """Return a value of a field with its unit, as the field shows it."""
    spec = next(spec.metadata for spec in fields(RecordSettings) if spec.name == name)
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if "options" in spec:
        return label_of(name, value)
    if isinstance(value, str):
        return value
    if not value and name in OFF:
        return tr(OFF[name])
    unit = "" if spec["unit"] == "harmonics" else tr(UNITS.get(spec["unit"], spec["unit"]))
    digits = 0 if isinstance(value, int) else DIGITS.get(name, 1)
    return figure("{value:.{digits}f} {unit}", value=value, digits=digits, unit=unit).rstrip()
