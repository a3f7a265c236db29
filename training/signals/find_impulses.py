"""Runs the program's own chain over a whole recording and keeps what it found. Any thread."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chain import ANALYTICAL, HIGHEST_RATE, Chain, Impulse
from model.checkpoints import Models
from model.settings import Settings
from training.signals.audio_files import resampled

F32 = NDArray[np.float32]

# keener than one listens: on music made dirty it misses one impulse in fifty and finds up to
# three a second on clean music; at full sensitivity every second find would be music
ANALYSIS = Settings(sensitivity=0.75, protection=0.25, depth=1.0, longest_click_ms=20.0)


class Found(NamedTuple):
    """What the chain made of a recording; arrays are float32 ``[channels, samples]``."""

    impulses: list[Impulse]
    restored: F32
    removed: F32
    sample_rate: int


def find_impulses(audio: F32, sample_rate: int, settings: Settings = ANALYSIS) -> list[Impulse]:
    """Return the impulses of ``audio [channels, samples]``, sorted by their start."""
    return run_chain(audio, sample_rate, settings).impulses


def run_chain(
    audio: F32, sample_rate: int, settings: Settings = ANALYSIS, models: Models = ANALYTICAL
) -> Found:
    """Restore a whole recording hop by hop, its delay taken off; analytical unless given models.

    A rate above the chain's highest is halved until it fits.
    """
    while sample_rate > HIGHEST_RATE:
        audio, sample_rate = resampled(audio, 0.5), sample_rate // 2
    channels, n_samples = audio.shape
    chain = Chain(sample_rate, channels, models)
    hops = -(-(n_samples + chain.latency) // chain.hop)
    padded = np.pad(audio, ((0, 0), (0, hops * chain.hop - n_samples)))
    state = chain.initial_state()
    restored = np.empty_like(padded)
    impulses: list[Impulse] = []
    for hop in range(hops):
        place = slice(hop * chain.hop, (hop + 1) * chain.hop)
        output, state = chain.step(padded[:, place], state, settings)
        restored[:, place] = output.restored
        impulses.extend(output.impulses)
    result = restored[:, chain.latency : chain.latency + n_samples]
    inside = sorted(impulse for impulse in impulses if impulse.start < n_samples)
    return Found(inside, result, audio - result, sample_rate)
