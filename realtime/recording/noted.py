"""What the worker says of a block to whoever records it. Plain data."""

from collections.abc import Sequence
from typing import NamedTuple

from model.chain import Impulse
from model.settings import Settings


class Noted(NamedTuple):
    """What is to be written down of a block, which is from ``position`` of the stream.

    ``damaged`` counts its samples that are damaged, per wall.
    """

    settings: Settings
    impulses: Sequence[Impulse]
    lost_samples: int
    position: int = 0
    damaged: tuple[int, ...] = ()
