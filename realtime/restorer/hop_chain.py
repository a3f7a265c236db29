"""What everything that restores hop by hop offers, alone or wrapped around another. No thread."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model.chain import ChainOutput
from model.settings import Settings


class HopChain(Protocol):
    """A chain with its state as a value; ``latency`` in samples, from hop in to hop out."""

    hop: int
    latency: int

    @property
    def detector_name(self) -> str: ...  # noqa: D102
    @property
    def denoiser_name(self) -> str: ...  # noqa: D102
    def initial_state(self) -> Any: ...  # noqa: D102
    def step(  # noqa: D102
        self, hop: NDArray[np.float32], state: Any, settings: Settings
    ) -> tuple[ChainOutput, Any]: ...


class WalledChain(HopChain, Protocol):
    """One that can be told the difference of the two walls, ``[1, hop]``, that it works on."""

    def step(  # noqa: D102
        self,
        hop: NDArray[np.float32],
        state: Any,
        settings: Settings,
        *,
        difference: NDArray[np.float32] | None = None,
    ) -> tuple[ChainOutput, Any]: ...


class RelievableChain(HopChain, Protocol):
    """One that can do without some of its parts for a hop; the first of ``relief`` first."""

    relief: tuple[str, ...]

    def step(  # noqa: D102
        self,
        hop: NDArray[np.float32],
        state: Any,
        settings: Settings,
        without: frozenset[str] = ...,
        difference: NDArray[np.float32] | None = None,
    ) -> tuple[ChainOutput, Any]: ...
