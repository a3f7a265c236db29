"""From the two walls of the groove to what was cut into it. Runs wherever the chain runs.

Ordinary 78s are cut laterally: both walls carry the same. Edison and early Pathe records are cut
vertically: the walls are in opposite phase.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model.groove.kinds import POLARITY, SHARES

F64 = NDArray[np.float64]


class Processor(Protocol):
    """One step of the way from groove to sound: float64 ``[channels, hop]`` in and out."""

    @property
    def latency(self) -> int: ...  # noqa: D102
    def initial_state(self, channels: int) -> Any: ...  # noqa: D102
    def step(self, samples: F64, state: Any) -> tuple[F64, Any]: ...  # noqa: D102


class WallMix:
    """Gives both channels the same share of each wall.

    Parameters
    ----------
    groove : str
        A key of ``SHARES``.
    """

    latency = 0

    def __init__(self, groove: str) -> None:
        self._shares = np.array(SHARES[groove])[:, None]

    def initial_state(self, channels: int) -> None:
        """There is nothing to remember."""

    def step(self, walls: F64, state: None) -> tuple[F64, None]:
        """Mix float64 ``[2, n]``."""
        mixed = np.sum(walls * self._shares, axis=0)
        return np.stack([mixed, mixed]), state


def groove_processors(
    groove: str, offset_us: float, balance_db: float, sample_rate: float
) -> list[Processor]:
    """Return what brings the walls together and makes the sound of them; nothing for stereo.

    Lateral and vertical walls are only brought together: what makes one sound of them listens to
    both.
    """
    row: list[Processor] = []
    if offset_us or balance_db:
        from model.walls.wall_alignment import WallAlignment  # only who needs it loads it

        row.append(WallAlignment(sample_rate, offset_us, balance_db))
    if groove in SHARES:
        row.append(WallMix(groove))
    elif groove in POLARITY:
        from model.walls.best_wall import BestWall  # only who needs it loads it

        row.append(BestWall(sample_rate, POLARITY[groove]))
    return row
