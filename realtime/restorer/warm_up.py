"""A restorer that will not be slow at its first hops. Any thread."""

from collections.abc import Callable
from functools import partial

import numpy as np

from model.chain import ANALYTICAL, Chain
from model.checkpoints import Models
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.config import block_length
from realtime.restorer.hop_chain import HopChain
from realtime.restorer.pipeline import StreamRestorer

WARM_UP_BLOCKS = 8  # the first takes twice as long as any other, the second none longer


def warmed_restorer(
    sample_rate: int,
    channels: int,
    settings: Settings,
    models: Models = ANALYTICAL,
    record: RecordSettings | None = None,
    guarded: Callable[[Chain, int], HopChain] | None = None,
) -> StreamRestorer:
    """Return a fresh restorer after another one has worked for a moment.

    What is slow only the first time (imports, plans, page faults) is over before sound flows.
    ``guarded`` is put around the chain of the fresh one.
    """
    bare, whole = partial(Chain, models=models), block_length(sample_rate)

    def with_guard(rate: int, channels: int) -> HopChain:
        chain = bare(rate, channels)
        return guarded(chain, sample_rate) if guarded else chain

    def fresh(factory: Callable[[int, int], HopChain]) -> StreamRestorer:
        return StreamRestorer(sample_rate, channels, factory, block=whole, record=record)

    rehearsal = fresh(bare)
    # As good as noise here, and without the library of random numbers, which loads slowly.
    block = 0.05 * np.sin(np.arange(channels * whole) ** 2.0).reshape(channels, whole)
    block[:, 100:110] += 0.5
    for _ in range(WARM_UP_BLOCKS):
        rehearsal.process(block.astype(np.float32), settings)
    return fresh(with_guard)
