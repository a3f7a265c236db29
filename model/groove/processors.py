"""The processors that a record needs before and after its restoration. Runs where the chain runs.

Order: undo RIAA, hum | (speed) | groove, rumble | declick, denoise | playback curve, gain. What
comes before the speed happened in the room, at the speed of the room.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.groove.groove import Processor, groove_processors
from model.groove.hum import HumFilter
from model.groove.iir import Cascade
from model.groove.playback_curve import playback_filter, riaa_undo_filter
from model.groove.record import HUM_HZ, RecordSettings
from model.groove.rumble import rumble_filter

F64 = NDArray[np.float64]


class Row:
    """Processors one after the other, used like one; an empty row is the identity.

    Attributes
    ----------
    latency : int
        Samples, of all of them.
    """

    def __init__(self, processors: Sequence[Processor]) -> None:
        self.processors = tuple(processors)
        self.latency = sum(processor.latency for processor in self.processors)

    def __bool__(self) -> bool:
        return bool(self.processors)

    def initial_state(self, channels: int) -> tuple[Any, ...]:
        """Return the states before the first sample."""
        return tuple(processor.initial_state(channels) for processor in self.processors)

    def step(self, samples: F64, state: tuple[Any, ...]) -> tuple[F64, tuple[Any, ...]]:
        """Pass float64 ``[channels, n]`` through all of them."""
        after = []
        for processor, before in zip(self.processors, state, strict=True):
            samples, next_state = processor.step(samples, before)
            after.append(next_state)
        return samples, tuple(after)


def room_processors(record: RecordSettings, sample_rate: float) -> list[Processor]:
    """Return what undoes the phono stage and the mains; ``sample_rate`` (Hz) is the device's."""
    row: list[Processor] = []
    if record.undo_riaa:
        row.append(riaa_undo_filter(sample_rate))
    if mains_hz := HUM_HZ[record.hum]:
        row.append(HumFilter(mains_hz, record.hum_harmonics, sample_rate))
    return row


def wall_processors(record: RecordSettings, sample_rate: float) -> list[Processor]:
    """Return what brings the walls together; at ``sample_rate`` the record runs at true speed."""
    return groove_processors(
        record.groove, record.wall_offset_us, record.wall_balance_db, sample_rate
    )


def sound_processors(record: RecordSettings, sample_rate: float) -> list[Processor]:
    """Return what comes between groove and restoration, at the same rate."""
    if not record.rumble_hz:
        return []
    return [rumble_filter(record.rumble_hz, record.rumble_slope_db, sample_rate)]


def curve_processors(record: RecordSettings, sample_rate: float) -> list[Processor]:
    """Return what comes after the restoration; at ``sample_rate`` the record runs true."""
    row: list[Processor] = []
    curve = playback_filter(record.constants(), sample_rate)
    if curve is not None:
        row.append(curve)
    if record.gain_db:
        gain = 10.0 ** (record.gain_db / 20)
        row.append(Cascade(np.array([[gain, 0.0, 0.0, 1.0, 0.0, 0.0]])))
    return row
