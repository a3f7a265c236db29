"""How long, how fast and with what a soak runs. Plain data."""

from dataclasses import dataclass
from pathlib import Path

from model.checkpoints import Selection
from realtime.soak.endless_record import CHANNELS, RATE

FORMATS = ("wav", "flac")  # in turn
SIDE_BYTES_PER_S = 2 * 4 * RATE * CHANNELS  # both files, WAV


@dataclass(frozen=True)
class SoakPlan:
    """What was asked for.

    Attributes
    ----------
    audio_s : float
        Of sound in all.
    speed : float or None
        Times real time, without devices; ``inf`` as fast as it goes; None is real time on devices.
    side_s : float
        Of sound until a side is finished, checked and deleted.
    folder : Path
        For the side being recorded.
    losses_per_hour : float
        Of the devices, in the mean; in real time only.
    busy : bool
        Another program takes one core all the time; in real time only.
    """

    audio_s: float
    speed: float | None
    side_s: float
    folder: Path
    seed: int = 78
    models: Selection = ()
    losses_per_hour: float = 0.0
    busy: bool = False

    @property
    def disk_bytes(self) -> int:
        """What one side takes, and as much again to spare."""
        return round(2 * self.side_s * SIDE_BYTES_PER_S)
