"""What the fields of a record and their values are called in the window. Words, no widgets."""

from typing import Any

from model.groove.curve_table import CUSTOM, named_curves

NAMES = {
    "groove": "Groove",
    "wall_offset_us": "Right wall late by",
    "wall_balance_db": "Right wall raised by",
    "undo_riaa": "Undo RIAA of the phono stage",
    "curve": "Playback curve",
    "turnover_hz": "Turnover",
    "rolloff_db": "Roll-off at 10 kHz",
    "bass_shelf_hz": "Bass shelf",
    "gain_db": "Gain after it",
    "rumble_hz": "Rumble filter",
    "rumble_slope_db": "Its slope",
    "hum": "Hum",
    "hum_harmonics": "Its harmonics",
    "played_rpm": "Played at",
    "true_rpm": "True speed",
    "title": "Title",
    "performer": "Performer",
    "label": "Label",
    "catalogue": "Catalogue no.",
    "matrix": "Matrix and take",
    "side": "Side",
    "year": "Year",
    "region": "Made in",
    "stylus": "Stylus",
    "cartridge": "Cartridge",
    "preamplifier": "Preamplifier",
    "converter": "Converter",
    "operator": "Operator",
    "notes": "Notes",
}
GROOVE_NAMES = {
    "stereo": "Stereo, as it comes",
    "lateral": "Lateral: L+R",
    "vertical": "Vertical: L−R",
    "left": "Left wall alone",
    "right": "Right wall alone",
    "best": "Best wall",
    "best_vertical": "Best wall, vertical",
}
REGION_NAMES = {"": "unknown", "us": "America", "uk": "Britain", "europe": "Europe"}
STEPS = {"wall_offset_us": 1.0, "wall_balance_db": 0.1, "played_rpm": 0.01, "true_rpm": 0.01}
DIGITS = {"wall_offset_us": 1, "wall_balance_db": 1, "played_rpm": 2, "true_rpm": 2}
OFF = {"rumble_hz": "off", "turnover_hz": "none", "bass_shelf_hz": "none", "year": "unknown"}


def label_of(name: str, value: Any) -> str:
    """Return what a value of a field is called."""
    if name == "groove":
        return GROOVE_NAMES[value]
    if name == "region":
        return REGION_NAMES[value]
    if name == "rumble_slope_db":
        return f"{value} dB per octave"
    if name == "curve":
        if value == CUSTOM:
            return "Custom"
        title = named_curves()[value].title
        return title[:1].upper() + title[1:]
    return str(value)
