"""What the listener may turn while the record plays: one frozen value, checked on creation.

The engine reads one :class:`Settings` per hop; a preset is the part of it that describes the
restoration (not the listening), saved as YAML by :mod:`model.presets`.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

Repair = Literal["interpolate", "attenuate"]
Monitor = Literal["restored", "dry", "removed"]


def _number(
    default: float, low: float, high: float, unit: str, help: str, *, in_preset: bool = True
) -> Any:
    return field(
        default=default,
        metadata={"low": low, "high": high, "unit": unit, "help": help, "in_preset": in_preset},
    )


def _choice(default: str, options: tuple[str, ...], help: str, *, in_preset: bool = True) -> Any:
    return field(
        default=default, metadata={"options": options, "help": help, "in_preset": in_preset}
    )


def _switch(default: bool, help: str, *, in_preset: bool = True) -> Any:
    return field(default=default, metadata={"help": help, "in_preset": in_preset})


@dataclass(frozen=True, slots=True)
class Settings:
    """One snapshot of every live control.

    Each field carries its range (``low``, ``high``) or ``options``, its ``unit``, a ``help`` line
    that says what to listen for, and ``in_preset``: whether a preset file stores it. Presets hold
    what is done to the record; ``bypass``, ``monitor`` and the monitor gain are how one listens.

    Raises
    ------
    ValueError, TypeError
        On creation, naming the field, the value and the allowed range.
    """

    declick: bool = _switch(True, "Find and repair clicks, crackle and pops.")
    repair: Repair = _choice(
        "interpolate",
        get_args(Repair),
        "How an impulse is removed: rebuilt from its surroundings, or turned down.",
    )
    sensitivity: float = _number(
        0.5, 0.0, 1.0, "share", "How faint an impulse is still caught; too high dulls attacks."
    )
    depth: float = _number(
        0.9, 0.0, 1.0, "share", "How much of a found impulse is taken out; lower sounds more worn."
    )
    longest_click_ms: float = _number(
        10.0, 0.1, 20.0, "ms", "Longest defect that is rebuilt; raise it for pops and thumps."
    )
    protection: float = _number(
        0.5, 0.0, 1.0, "share", "Holds back on brass, plosives and drums; raise it if they soften."
    )
    learned_balance: float = _number(
        0.5,
        0.0,
        1.0,
        "share",
        "0 trusts the analytical detector, 1 the learned one (needs a detector checkpoint).",
    )
    hiss_reduction_db: float = _number(
        0.0, 0.0, 30.0, "dB", "How far surface noise is lowered (needs a denoiser checkpoint)."
    )
    learn_hiss: bool = _switch(
        False,
        "Hold while the groove plays without music: this record's hiss is learned from it.",
        in_preset=False,
    )
    bypass: bool = _switch(
        False, "Pass the delayed input through untouched, recording included.", in_preset=False
    )
    monitor: Monitor = _choice(
        "restored",
        get_args(Monitor),
        "What the headphones play; the recording is not affected.",
        in_preset=False,
    )
    monitor_gain_db: float = _number(
        0.0, -60.0, 12.0, "dB", "Headphone volume; the recording is not affected.", in_preset=False
    )

    def __post_init__(self) -> None:
        for spec in fields(self):
            _check(spec.name, getattr(self, spec.name), spec.metadata, spec.default)


def _check(name: str, value: object, metadata: Any, default: object) -> None:
    if "options" in metadata:
        if value not in metadata["options"]:
            options = ", ".join(metadata["options"])
            raise ValueError(f"{name} is {value!r}; choose one of: {options}")
    elif isinstance(default, bool):
        if not isinstance(value, bool):
            raise TypeError(f"{name} is {value!r}; it must be true or false")
    else:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{name} is {value!r}; it must be a number")
        low, high = metadata["low"], metadata["high"]
        if not low <= value <= high:  # false of NaN too
            raise ValueError(
                f"{name} is {value!r}; it must lie in {low:g}..{high:g} {metadata['unit']}"
            )
