"""What a record is and how it was cut: one frozen value beside ``model.settings``. Any thread.

``Settings`` say what is taken out of the sound; :class:`RecordSettings` say how the groove becomes
sound, and what stands on the label. They have a file of their own
(:mod:`model.groove.record_file`).
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any

from model.groove.curve_table import CUSTOM, curve_names, named_curves
from model.groove.kinds import GROOVES, JOINT, POLARITY
from model.groove.rumble import HIGHEST_HZ, LOWEST_HZ, SLOPES_DB
from model.groove.stretch import stretch_in
from model.groove.time_constants import TimeConstants, custom_constants

STANDARD_RPM = 78.26
LONGEST_TEXT = 200  # characters
LEAST_HISS_S = 0.25  # that something can be learned from
DESCRIPTIVE = (  # fields that say what a record is, and leave its sound alone
    *("title", "performer", "label", "catalogue", "matrix", "side", "year", "region"),
    *("stylus", "cartridge", "preamplifier", "converter", "operator", "notes"),
)
OTHER_SIDE = {"A": "B", "B": "A", "1": "2", "2": "1"}
HUM_HZ = {"none": 0.0, "50 Hz": 50.0, "60 Hz": 60.0}


def _number(default: float, low: float, high: float, unit: str, help: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "unit": unit, "help": help})


def _choice(default: object, options: tuple[Any, ...], help: str) -> Any:
    return field(default=default, metadata={"options": options, "help": help})


def _switch(help: str) -> Any:
    return field(default=False, metadata={"help": help})


def _text(help: str) -> Any:
    return field(default="", metadata={"help": help})


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """One side: how it is played and what is known of it.

    Each field carries its range (``low``, ``high``) or ``options``, and a ``help`` line. As made
    without arguments it leaves the sound alone, bit for bit.

    Raises
    ------
    ValueError, TypeError
        On creation, naming the field, the value and the allowed range.
    """

    undo_riaa: bool = _switch("The phono stage has applied RIAA: undo it before anything else.")
    groove: str = _choice("stereo", GROOVES, "What is taken from the two walls of the groove.")
    wall_offset_us: float = _number(
        0.0, -1000.0, 1000.0, "us", "By how much the right wall comes later than the left."
    )
    wall_balance_db: float = _number(
        0.0, -20.0, 20.0, "dB", "How much the right wall is raised against the left."
    )
    rumble_hz: float = _number(
        0.0, 0.0, HIGHEST_HZ, "Hz", f"High-pass against rumble, from {LOWEST_HZ:g} Hz; 0 is off."
    )
    rumble_slope_db: int = _choice(24, SLOPES_DB, "How steep that is, dB per octave.")
    hum: str = _choice("none", tuple(HUM_HZ), "Mains hum to take out, harmonics included.")
    hum_harmonics: int = _number(8, 1, 40, "harmonics", "How many of them, the first included.")
    curve: str = _choice("flat", curve_names(), "The record's playback curve, see shellac curves.")
    turnover_hz: float = _number(
        0.0, 0.0, 2000.0, "Hz", "Of the custom curve: below it the bass rises; 0 is none."
    )
    rolloff_db: float = _number(
        0.0, 0.0, 30.0, "dB", "Of the custom curve: how far 10 kHz is lowered."
    )
    bass_shelf_hz: float = _number(
        0.0, 0.0, 500.0, "Hz", "Of the custom curve: where the bass stops rising; 0 is none."
    )
    gain_db: float = _number(0.0, -30.0, 30.0, "dB", "After the curve, which may lift the bass.")
    played_rpm: float = _number(
        STANDARD_RPM, 10.0, 200.0, "rpm", "How fast the record turned when it was played."
    )
    true_rpm: float = _number(
        STANDARD_RPM, 10.0, 200.0, "rpm", "How fast it has to turn to sound as it was made."
    )
    hiss_at: str = _text(
        "Where nothing but the groove is heard, such as 0:00.5-0:02: its hiss is learned there."
    )
    stylus: str = _text("What it was played with, such as '3.0 mil truncated elliptical'.")
    cartridge: str = _text("The pickup that the stylus sat in.")
    preamplifier: str = _text("Phono stage, with its settings, such as 'flat, 40 dB'.")
    converter: str = _text("What made numbers of the sound, such as the interface.")
    operator: str = _text("Who makes the transfer.")
    title: str = _text("What is played.")
    performer: str = _text("Who plays.")
    label: str = _text("The company, as printed.")
    catalogue: str = _text("Catalogue number.")
    matrix: str = _text("Matrix and take, from the run-out.")
    side: str = _text("A, B, 1, 2 ...")
    year: int = _number(0, 0, 2100, "", "Of the recording; 0 is unknown.")
    region: str = _choice("", ("", "us", "uk", "europe"), "Where it was made, for its curve.")
    notes: str = _text("Anything else.")

    def __post_init__(self) -> None:
        for spec in fields(self):
            _check(spec.name, getattr(self, spec.name), spec.metadata, spec.default)
        if 0 < self.rumble_hz < LOWEST_HZ:
            raise ValueError(
                f"rumble_hz is {self.rumble_hz!r}; it must be 0 (off) or "
                f"lie in {LOWEST_HZ:g}..{HIGHEST_HZ:g} Hz"
            )
        _check_stretch("hiss_at", self.hiss_at)
        self.constants()  # a shelf above its turnover is refused

    def constants(self) -> TimeConstants:
        """Return the corners of the playback curve."""
        if self.curve == CUSTOM:
            return custom_constants(self.turnover_hz, self.rolloff_db, self.bass_shelf_hz)
        return named_curves()[self.curve].constants

    def only_described(self) -> "RecordSettings":
        """Return what is known of the record, without anything that is done to its sound."""
        return RecordSettings(**{name: getattr(self, name) for name in DESCRIPTIVE})

    def turned_over(self) -> "RecordSettings":
        """Return the other side of the same record, of which only the disc is known yet."""
        turned = OTHER_SIDE.get(self.side.upper(), "")
        other = turned.lower() if self.side.islower() else turned
        return replace(self, title="", matrix="", notes="", side=other, hiss_at="")

    @property
    def hiss_stretch_s(self) -> tuple[float, float] | None:
        """From when to when only the groove is heard, in seconds of the transfer; None: unknown."""
        return stretch_in(self.hiss_at) if self.hiss_at else None

    @property
    def speed(self) -> float:
        """How much faster than it was played the record has to run."""
        return self.true_rpm / self.played_rpm

    @property
    def needs_two_walls(self) -> bool:
        """True when a mono transfer cannot be treated so."""
        return self.groove != "stereo" or bool(self.wall_offset_us or self.wall_balance_db)

    @property
    def makes_one_sound(self) -> bool:
        """True when both walls become one sound before it is restored, on one channel."""
        return self.groove in JOINT or self.groove in POLARITY

    @property
    def delays(self) -> tuple[str, bool]:
        """What of it makes the sound later; where that differs, the sound is opened anew."""
        kinds = {**dict.fromkeys(JOINT, "joint"), **dict.fromkeys(POLARITY, "best")}
        return kinds.get(self.groove, ""), self.wall_offset_us != 0.0

    @property
    def is_plain(self) -> bool:
        """True when the sound is to be left as the groove gives it, but for its speed."""
        return (
            not (self.undo_riaa or self.needs_two_walls or self.rumble_hz or self.gain_db)
            and self.hum == "none"
            and self.constants().is_flat
        )


def _check(name: str, value: object, limits: Any, default: object) -> None:
    if "options" in limits:
        if value not in limits["options"] or isinstance(value, bool):
            options = ", ".join(repr(o) if o == "" else str(o) for o in limits["options"])
            raise ValueError(f"{name} is {value!r}; choose one of: {options}")
    elif isinstance(default, bool):
        if not isinstance(value, bool):
            raise TypeError(f"{name} is {value!r}; it must be true or false")
    elif isinstance(default, str):
        _check_text(name, value)
    else:
        kinds = int if isinstance(default, int) else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise TypeError(f"{name} is {value!r}; it must be a number")
        low, high = limits["low"], limits["high"]
        if not low <= value <= high:  # false of NaN too
            unit = f" {limits['unit']}".rstrip()
            raise ValueError(f"{name} is {value!r}; it must lie in {low:g}..{high:g}{unit}")


def _check_stretch(name: str, text: str) -> None:
    if not text:
        return
    try:
        start, end = stretch_in(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if end - start < LEAST_HISS_S:
        raise ValueError(f"{name} is {text!r}; a stretch must last {LEAST_HISS_S:g} s or longer")


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}; it must be text, put it in quotes")
    if len(value) > LONGEST_TEXT or not (value.isprintable() or not value):
        raise ValueError(f"{name} must be one line of at most {LONGEST_TEXT} characters")
