"""The record on the command line: options for groove, curve, speed and label. No thread.

Imports nothing heavy before a command runs: the parser is made for ``--help`` as well.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.groove.kinds import GROOVES

if TYPE_CHECKING:
    from model.groove.record import RecordSettings

AUTO = "auto"  # of groove: heard from the file
TEXTS = (
    *("title", "performer", "label", "catalogue", "matrix", "side"),
    *("stylus", "cartridge", "preamplifier", "converter", "operator", "notes"),
)
RENAMED = {  # options that are shorter than the fields they set
    "wall_offset": "wall_offset_us",
    "wall_balance": "wall_balance_db",
    "rumble": "rumble_hz",
    "rumble_slope": "rumble_slope_db",
    "turnover": "turnover_hz",
    "rolloff": "rolloff_db",
    "bass_shelf": "bass_shelf_hz",
    "gain": "gain_db",
    "speed_from": "played_rpm",
    "speed_to": "true_rpm",
}
SAME = ("undo_riaa", "groove", "curve", "hiss_at", "year", "region", *TEXTS)


def add_record_options(parser: argparse.ArgumentParser) -> None:
    """Add what describes the record and how it is played."""
    group = parser.add_argument_group("record")
    add = group.add_argument
    add("--record-settings", type=Path, metavar="FILE.yaml", help="all of the following in a file")
    add(
        "--groove",
        choices=(*GROOVES, AUTO),
        help="what is taken from the two walls (stereo); auto hears it from a file",
    )
    add("--wall-offset", type=float, metavar="US", help="the right wall comes so much later")
    add("--wall-balance", type=float, metavar="DB", help="the right wall is raised so much")
    add("--undo-riaa", action="store_true", default=None, help="the phono stage applied RIAA")
    add("--curve", metavar="NAME|auto", help="playback curve (flat); auto goes by label and year")
    add("--turnover", type=float, metavar="HZ", help="of a curve of your own")
    add("--rolloff", type=float, metavar="DB", help="of a curve of your own, at 10 kHz")
    add("--bass-shelf", type=float, metavar="HZ", help="of a curve of your own")
    add("--rumble", type=float, metavar="HZ", help="high-pass, 15 to 100 Hz; 0 is off")
    add("--rumble-slope", type=int, metavar="DB", help="6 to 48 dB per octave (24)")
    add("--hum", choices=("none", "50", "60"), help="mains hum to take out")
    add("--gain", type=float, metavar="DB", help="after the curve")
    add(
        "--hiss-at",
        metavar="FROM-TO",
        help="learn the hiss of a file where only the groove is heard, such as 0:00.5-0:02",
    )
    add("--speed-from", type=float, metavar="RPM", help="how fast it was played (78.26)")
    add("--speed-to", type=float, metavar="RPM", help="how fast it should have turned (78.26)")
    for name in TEXTS:
        add(f"--{name}", metavar="TEXT", help=argparse.SUPPRESS)
    add("--year", type=int, help=argparse.SUPPRESS)
    add("--region", choices=("us", "uk", "europe"), help=argparse.SUPPRESS)
    group.description = (
        f"What is known of the record goes into its files: {', '.join('--' + t for t in TEXTS)} "
        "TEXT, --year N, --region us|uk|europe."
    )


def record_from(
    args: argparse.Namespace, known: "RecordSettings | None" = None, *, hears_groove: bool = False
) -> "RecordSettings":
    """Return the record's file with what the command line says on top.

    Parameters
    ----------
    args : Namespace
    known : RecordSettings, optional
        What is known otherwise; a file on the command line takes its place.
    hears_groove : bool
        Whether there is a file, so that the caller finds out the groove where it is ``auto``;
        stereo is returned for it.

    Raises
    ------
    RestorationError
        A value out of range, an unreadable file, or no curve to be suggested.
    """
    from dataclasses import replace

    from model.errors import RestorationError
    from model.groove.record import RecordSettings
    from model.groove.record_file import load_record

    base = known or RecordSettings()
    if args.record_settings:
        base = load_record(args.record_settings)
    wanted: dict[str, Any] = {name: getattr(args, name) for name in SAME}
    wanted |= {field: getattr(args, option) for option, field in RENAMED.items()}
    given = {name: value for name, value in wanted.items() if value is not None}
    if given.get("groove") == AUTO:
        if not hears_groove:
            raise RestorationError(
                "--groove auto listens to a file before it is restored; of what is still to be "
                "played choose one: " + ", ".join(GROOVES)
            )
        given["groove"] = "stereo"
    if "hiss_at" in given and not hears_groove:
        raise RestorationError(
            "--hiss-at is a stretch of a file; live, press h while nothing but the groove plays"
        )
    if args.hum:
        given["hum"] = args.hum if args.hum == "none" else f"{args.hum} Hz"
    corners = {"turnover_hz", "rolloff_db", "bass_shelf_hz"} & given.keys()
    if corners and given.get("curve", "custom") != "custom":
        first = min(corners, key=list(RENAMED.values()).index)
        option = next(name for name, field in RENAMED.items() if field == first)
        raise RestorationError(
            f"--{option.replace('_', '-')} is of a curve of your own, and --curve "
            f"{given['curve']} is another; leave out one of them"
        )
    if corners and "curve" not in given:
        given["curve"] = "custom"
    asks_label = given.get("curve") == "auto"
    if asks_label:
        del given["curve"]
    try:
        record = replace(base, **given)
    except (ValueError, TypeError) as error:
        raise RestorationError(str(error)) from None
    return replace(record, curve=_curve_for(record)) if asks_label else record


def _curve_for(record: "RecordSettings") -> str:
    from model.errors import RestorationError
    from model.groove.curve_table import suggested_curves

    found = suggested_curves(record.label, record.year or None, record.region)
    if not found:
        raise RestorationError(
            f"no curve is known for label {record.label!r}, year {record.year or 'unknown'}; "
            "say both with --label and --year, or choose one from 'shellac curves'"
        )
    return found[0].curve
