"""What the dirt generator may draw: one frozen value, as named YAML sets or from code. Any thread.

Every parameter is a range. *Per record* ranges are drawn once for a whole signal, *per event*
ranges anew for each impulse. Levels are shares of the programme's peak, so that a quiet clip
gets the same record as a loud one.
"""

import math
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from model.errors import RestorationError
from model.flat_yaml import Entry, read_flat_yaml, write_text_atomically

SEVERITIES_DIR = Path(__file__).resolve().parent / "severities"
SEVERITIES = ("light", "default", "heavy")


class Range(NamedTuple):
    """A closed interval that a value is drawn from; equal ends fix it."""

    low: float
    high: float


def _range(low: float, high: float, least: float, most: float, unit: str, help: str) -> Any:
    return field(
        default=Range(low, high),
        metadata={"least": least, "most": most, "unit": unit, "help": help},
    )


@dataclass(frozen=True, slots=True)
class ArtifactParameters:
    """The dirt of one kind of record; see each field's ``help``, ``unit`` and limits.

    Raises
    ------
    ValueError, TypeError
        On creation, naming the field, the value and the allowed range.
    """

    impulse_rate: Range = _range(10, 10, 0, 500, "1/s", "Clicks per second, per record")
    impulse_amplitude: Range = _range(0.1, 0.5, 0, 4, "share", "Click height, per event")
    impulse_tail: Range = _range(1, 1, 0.1, 10, "", "Pareto exponent of the heights; low is heavy")
    impulse_duration_ms: Range = _range(0.02, 3, 0.01, 20, "ms", "Click length, per event")
    duration_skew: Range = _range(1.5, 1.5, 0.2, 8, "", "Above 1 makes short clicks commoner")
    positive_share: Range = _range(0.5, 0.7, 0, 1, "share", "Clicks that point upwards, per record")
    ring_share: Range = _range(0.5, 0.8, 0, 1, "share", "Clicks that ring, per record")
    ring_frequency_hz: Range = _range(700, 7000, 50, 20000, "Hz", "Pitch of the ringing, per event")
    clustering: Range = _range(
        0.1, 0.3, 0, 0.95, "share", "Clicks close behind another, per record"
    )
    level_following: Range = _range(
        0.2, 0.5, 0, 1, "share", "0: as high in pauses as in loud music; 1: follows the level"
    )
    pop_rate: Range = _range(0.1, 0.5, 0, 50, "1/s", "Long pops per second, per record")
    pop_duration_ms: Range = _range(3, 20, 1, 20, "ms", "Pop length, per event")
    thump_rate: Range = _range(0, 0.1, 0, 10, "1/s", "Thumps per second, per record")
    thump_frequency_hz: Range = _range(15, 60, 5, 200, "Hz", "Pitch of a thump, per event")
    scratches: Range = _range(
        0, 2, 0, 20, "", "Scratches that come back each revolution, per record"
    )
    rpm: Range = _range(78.26, 78.26, 16, 130, "rpm", "Speed of the turntable, per record")
    crackle_level: Range = _range(
        0.01, 0.02, 0, 1, "share", "Usual height of a crackle, per record"
    )
    crackle_rate: Range = _range(40, 150, 0, 5000, "1/s", "Crackles per second, per record")
    surface_noise_level: Range = _range(0.015, 0.03, 0, 1, "share", "RMS of the hiss, per record")
    noise_tilt_db: Range = _range(-4, 0, -15, 6, "dB/octave", "Slope of the hiss above 500 Hz")
    noise_high_cut_hz: Range = _range(7000, 16000, 1000, 24000, "Hz", "Where the hiss ends")
    noise_grain: Range = _range(
        0.1, 0.5, 0, 1, "share", "Roughness of the hiss from moment to moment"
    )
    swish_depth: Range = _range(0, 0.4, 0, 1, "share", "Swell of the hiss with each revolution")
    wall_correlation: Range = _range(
        0, 0.4, 0, 1, "share", "Noise and clicks that both groove walls share"
    )
    rumble_level: Range = _range(0, 0.01, 0, 1, "share", "RMS of the motor rumble below 40 Hz")
    hum_level: Range = _range(0, 0.003, 0, 1, "share", "RMS of the mains hum")
    hum_frequency_hz: Range = _range(
        50, 60, 40, 70, "Hz", "Mains frequency: the nearer end is drawn"
    )
    low_cut_hz: Range = _range(30, 120, 5, 1000, "Hz", "Where the recorded music begins")
    high_cut_hz: Range = _range(6000, 16000, 1000, 24000, "Hz", "Where the recorded music ends")
    horn_resonances: Range = _range(0, 2, 0, 8, "", "Peaks of the recording horn, per record")
    horn_gain_db: Range = _range(1, 6, 0, 20, "dB", "Height of a horn resonance")
    tracing_distortion: Range = _range(
        0, 0.1, 0, 1, "samples", "How far a wide stylus skews the wave"
    )
    music_over_hiss_db: Range = _range(
        0, 0, 0, 60, "dB", "RMS of music over hiss, instead of surface_noise_level; 0 leaves it"
    )
    disc_hiss_share: Range = _range(
        0, 0, 0, 1, "share", "Chance that the hiss has the colour of a real disc's"
    )
    steep_end_share: Range = _range(
        0, 0, 0, 1, "share", "Chance that the music ends as sharply as a filter cuts"
    )
    real_click_share: Range = _range(
        0, 0, 0, 1, "share", "Chance of a real disc's clicks, alone or among made ones"
    )
    real_click_density: Range = _range(
        0.02, 1.8, 0.001, 10, "", "How often they come against that disc, per record"
    )
    real_click_over_hiss_db: Range = _range(
        -3, 18, -30, 60, "dB", "Their energy over the hiss's at that disc's density, per record"
    )
    replace_share: Range = _range(
        0, 0, 0, 1, "share", "Clicks that replace the sound instead of adding to it, per record"
    )
    smooth_share: Range = _range(
        0, 0, 0, 1, "share", "Clicks without a sharp edge, within the music's band, per record"
    )
    burst_rate: Range = _range(
        0, 0, 0, 50, "1/s", "Scratches that die over tens of ms per second, per record"
    )
    burst_duration_ms: Range = _range(4, 40, 1, 100, "ms", "Length of such a scratch, per event")
    click_over_noise_db: Range = _range(
        0,
        0,
        0,
        80,
        "dB",
        "Click height over what is unforeseen around it, the highest of a record anywhere in the "
        "range; 0: impulse_amplitude says it",
    )
    resonance_share: Range = _range(
        0, 0, 0, 1, "share", "Clicks that are damped resonances, per record"
    )
    scattered_click_share: Range = _range(
        0, 0, 0, 1, "share", "Chance of a real disc's clicks one by one, at heights of their own"
    )
    codec_share: Range = _range(0, 0, 0, 1, "share", "Chance of a lossy-codec pass at the end")
    codec_quality: Range = _range(0.2, 0.8, 0, 1, "share", "Quality of that pass, per record")

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, _checked(spec, getattr(self, spec.name)))

    def with_ranges(self, **ranges: float | tuple[float, float]) -> "ArtifactParameters":
        """Return a copy with some ranges replaced; a plain number fixes a value."""
        return replace(self, **ranges)  # type: ignore[arg-type]


def load_artifacts(name_or_path: str | Path) -> ArtifactParameters:
    """Read a parameter set: ``light``, ``default``, ``heavy`` or a YAML file.

    A key that is absent keeps its usual range.

    Raises
    ------
    RestorationError
        Naming the file, the key and the line at fault.
    """
    path = Path(name_or_path)
    if name_or_path in SEVERITIES:
        path = SEVERITIES_DIR / f"{name_or_path}.yaml"
    specs = {spec.name: spec for spec in fields(ArtifactParameters)}
    values: dict[str, Range] = {}
    for entry in read_flat_yaml(path):
        if entry.key not in specs:
            raise RestorationError(
                f"{path}, line {entry.line}: unknown key {entry.key[:60]!r}; "
                f"an artifact set knows {', '.join(specs)}"
            )
        try:
            values[entry.key] = _checked(specs[entry.key], _parsed(entry))
        except (ValueError, TypeError) as error:
            raise RestorationError(f"{path}, line {entry.line}: {error}") from None
    return ArtifactParameters(**values)


def save_artifacts(path: Path, parameters: ArtifactParameters, title: str) -> None:
    """Write every range with its explanation; the file appears whole or not at all."""
    lines = [f"# {title}\n"]
    for spec in fields(parameters):
        low, high = getattr(parameters, spec.name)
        value = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        unit = f" ({spec.metadata['unit']})" if spec.metadata["unit"] else ""
        lines.append(f"# {spec.metadata['help']}{unit}\n{spec.name}: {value}\n")
    try:
        write_text_atomically(path, "\n".join(lines))
    except OSError as error:
        raise RestorationError(f"cannot write {path}: {error.strerror}") from None


def _parsed(entry: Entry) -> object:
    ends = entry.text.split(" to ")
    try:
        numbers = [float(end) for end in ends]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise ValueError(f"{entry.key} is {entry.text[:40]!r}; write a number or 'low to high'")
    return (numbers[0], numbers[-1])


def _checked(spec: Field[Any], value: object) -> Range:
    ends = (value, value) if isinstance(value, (int, float)) else value
    if not isinstance(ends, tuple | list) or len(ends) != 2:
        raise TypeError(f"{spec.name} is {value!r}; it must be a number or (low, high)")
    low, high = float(ends[0]), float(ends[1])
    least, most = spec.metadata["least"], spec.metadata["most"]
    if not (math.isfinite(low) and math.isfinite(high) and least <= low <= high <= most):
        raise ValueError(
            f"{spec.name} is {low:g} to {high:g}; "
            f"it must rise within {least:g} to {most:g} {spec.metadata['unit']}".rstrip()
        )
    return Range(low, high)
