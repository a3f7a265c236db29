"""What everything that restores hop by hop offers, alone or wrapped around another. No thread."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from model.chain import ChainOutput
from model.hiss.record_hiss import KnownHiss
from model.settings import Settings


class HopChain(Protocol):
    """A chain with its state as a value; ``latency`` in samples, from hop in to hop out.

    ``step`` takes one hop, or several that are at hand, and gives the same bits either way.
    """

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


@runtime_checkable
class LearningChain(Protocol):
    """One that learns a record's hiss, and can begin with what was learned elsewhere."""

    def known_hiss(self, state: Any) -> KnownHiss: ...  # noqa: D102
    def with_hiss(self, state: Any, hiss: KnownHiss) -> Any: ...  # noqa: D102


def known_hiss(chain: HopChain, state: Any) -> KnownHiss:
    """What a chain has learned of the record's hiss; nothing where it does not learn."""
    return chain.known_hiss(state) if isinstance(chain, LearningChain) else ()


def with_hiss(chain: HopChain, state: Any, hiss: KnownHiss) -> Any:
    """The state of a chain that knows a record's hiss, where it can."""
    return chain.with_hiss(state, hiss) if isinstance(chain, LearningChain) else state
