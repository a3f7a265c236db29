"""Somebody who never leaves a control alone: seeded changes of settings, presets and the record."""

from collections import Counter
from dataclasses import Field, fields, replace
from typing import Any

import numpy as np

from model.groove.record import RecordSettings
from model.presets import load_preset, preset_names
from model.settings import Settings

EVERY_S = {  # between two changes of a kind, in the mean; exponentially distributed
    "setting": 4.0,
    "preset": 60.0,
    "bypass": 45.0,
    "record": 120.0,
}
BYPASS_S = 4.0  # long enough to prove that both files line up, bit for bit
LEFT_ALONE = ("bypass", "monitor_gain_db", "learn_hiss")
RECORDS = (  # every second turn goes back to the plain record
    {"curve": "decca_78", "gain_db": -6.0},
    {"undo_riaa": True, "curve": "flat", "gain_db": -12.0},
    {"rumble_hz": 30.0, "hum": "50 Hz"},
)


class ControlChanges:
    """What was turned up to a moment; the same seed turns the same.

    A loss of the devices is only called for here; whoever runs the devices carries it out.

    Attributes
    ----------
    settings, record
        As they stand now.
    counts : Counter
        How often each kind of change was made.
    """

    def __init__(self, seed: int, losses_per_hour: float = 0.0) -> None:
        self._dice = np.random.default_rng([seed, 3])
        self.settings, self.record = load_preset("default"), RecordSettings()
        self.counts: Counter[str] = Counter()
        losses = {"loss": 3600 / losses_per_hour} if losses_per_hour else {}
        self._every_s = EVERY_S | losses
        self._due_s = {kind: self._wait_s(kind) for kind in self._every_s}
        self._bypass_ends_s = float("inf")

    def turn(self, seconds: float) -> set[str]:
        """Make all changes that are due at ``seconds`` of sound; returns which kinds they were."""
        made = set()
        if seconds >= self._bypass_ends_s:
            self._bypass_ends_s = float("inf")
            self.settings = replace(self.settings, bypass=False)
            made.add("bypass")
        for kind, due_s in self._due_s.items():
            if seconds >= due_s:
                self._due_s[kind] = seconds + self._wait_s(kind)
                self._change(kind, seconds)
                self.counts[kind] += 1
                made.add(kind)
        return made

    def _change(self, kind: str, seconds: float) -> None:
        if kind == "setting":
            free = [spec for spec in fields(Settings) if spec.name not in LEFT_ALONE]
            spec = free[self._dice.integers(len(free))]
            self.settings = replace(self.settings, **{spec.name: self._value(spec)})
        elif kind == "preset":
            names = preset_names()
            name = names[self._dice.integers(len(names))]
            self.settings = load_preset(name, base=self.settings)
        elif kind == "bypass":
            self.settings = replace(self.settings, bypass=True)
            self._bypass_ends_s = seconds + BYPASS_S
        elif kind == "record":
            plain = self.record == RecordSettings()
            choice: Any = RECORDS[self._dice.integers(len(RECORDS))] if plain else {}
            self.record = RecordSettings(**choice)

    def _value(self, spec: Field[Any]) -> Any:
        if "options" in spec.metadata:
            options = spec.metadata["options"]
            return options[self._dice.integers(len(options))]
        if isinstance(spec.default, bool):
            return bool(self._dice.random() < 0.8)
        low, high = spec.metadata["low"], spec.metadata["high"]
        return round(float(self._dice.uniform(low, high)), 3)

    def _wait_s(self, kind: str) -> float:
        return float(self._dice.exponential(self._every_s[kind]))
