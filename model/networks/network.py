"""A network that runs frame by frame, its state a value; and how the core runs one. Any thread.

Its signal and its states have a channel in each row of the first axis.
"""

import ctypes
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, address, function
from model.networks.graph import Graph
from model.networks.plan import Move, Step, lay_out

F32 = NDArray[np.float32]
NetworkState = tuple[F32, ...]

_run = function("network_run", (*(ADDRESS,) * 4, COUNT, COUNT))


class Network(Protocol):
    """What a detector or denoiser asks of its network."""

    def initial_state(self, channels: int) -> NetworkState:
        """Return zeros: no network remembers anything before the first sample."""

    def spread(self, state: NetworkState, channels: int) -> NetworkState:
        """The state of one channel as that of several which have sounded alike so far."""

    def run(self, signal: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        """Return what the network makes of one frame of ``signal``, and the next state."""

    def run_all(self, signal: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        """Return what the network makes of frame after frame of ``signal``, and the last state.

        ``signal`` float32 ``[frames, channels, ...]`` as for as many calls of :meth:`run`, and
        the result as of as many, the same bits.
        """


class _Told(ctypes.Structure):
    """``network_t`` of ``model/c/network.h``."""

    _fields_ = (
        ("memory", ctypes.c_void_p),
        ("steps", ctypes.POINTER(Step)),
        ("moves", ctypes.POINTER(Move)),
        *(
            (name, ctypes.c_int64)
            for name in ("n_steps", "n_moves", "signal", "n_signal", "result", "n_result")
        ),
        *((name, ctypes.c_int64) for name in ("state", "n_state")),
    )


class CompiledNetwork:
    """A network as a plan of the compiled core; its state is one row of numbers per channel.

    The memory that it works in is shared by all who run it: a call of the core keeps the
    interpreter, so that no two run at once.

    Raises
    ------
    UnknownError
        If the graph is beyond the core.
    """

    def __init__(self, graph: Graph) -> None:
        self._plan = plan = lay_out(graph)
        self._told = _Told(
            address(plan.memory),
            plan.steps,
            plan.moves,
            len(plan.steps),
            len(plan.moves),
            *(plan.signal, plan.n_signal, plan.result, plan.n_result, plan.state, plan.n_state),
        )
        self._network = ctypes.addressof(self._told)

    def initial_state(self, channels: int) -> NetworkState:
        """Return zeros, float32 ``[channels, n]``."""
        return (np.zeros((channels, self._plan.n_state), np.float32),)

    def spread(self, state: NetworkState, channels: int) -> NetworkState:
        """The state of one channel as that of several which have sounded alike so far."""
        return (np.repeat(state[0], channels, axis=0),)

    def run(self, signal: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        """Hear one frame."""
        results, after = self.run_all(signal[None], state)
        return results[0], after

    def run_all(self, signal: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        """Hear frame after frame."""
        signal = np.ascontiguousarray(signal, np.float32)
        after = state[0].copy()
        frames, channels = signal.shape[:2]
        if signal.size != frames * channels * self._plan.n_signal or len(after) != channels:
            raise ValueError(f"a signal of {signal.shape} and a state of {after.shape}")
        result = np.empty((frames, channels, self._plan.n_result), np.float32)
        if signal.size:
            _run(self._network, address(signal), address(result), address(after), frames, channels)
        return result.reshape(frames, channels, *self._plan.result_shape), (after,)
