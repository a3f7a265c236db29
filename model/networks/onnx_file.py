"""Opens a trained network with ONNX Runtime and reads the card inside the file. Any thread."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError
from model.networks.long_run import unrolled
from model.networks.onnx_guard import refuse_strange_graph

F32 = NDArray[np.float32]
NetworkState = tuple[F32, ...]

MAX_BYTES = 64 * 1024 * 1024
FORMAT = "1"  # of the metadata; raised when an older program could misread it
HOP = 512  # of the networks; the chain's hop is a multiple of it
LONG_RUN = 16  # frames that are heard at once where so many are at hand, as of a file
SAME = 1e-6  # of the largest value, how far a long run may lie from as many short ones
MAX_LATENCY = {"detector": 800, "denoiser": 512}  # samples, what the chain has room for
MAX_WINDOW = 8192  # samples that a denoiser analyses
MAX_STATE = 1_000_000  # elements per channel


class Card(NamedTuple):
    """What a model file says of itself; ``notes`` holds data, licences, figures."""

    name: str
    kind: str
    sample_rate: int
    hop: int
    latency: int
    window: int
    notes: dict[str, Any]


def open_network(path: Path) -> tuple[Card, "Network"]:
    """Read a model file, refuse what is unsafe, return its card and the network ready to run.

    Raises
    ------
    RestorationError
        In one line: unreadable, damaged, unsafe, made for another chain, or ONNX Runtime missing.
    """
    content = _read(path)
    refuse_strange_graph(content, path.name)
    session = _open(content, path)
    try:
        card = _card(session.get_modelmeta().custom_metadata_map, path)
    except (KeyError, ValueError, TypeError) as error:
        raise RestorationError(f"{path} is not a Shellac model: {error}") from None
    return card, Network(session, path, content)


class Network:
    """One inference session: its first input and output are the signal, the others the state.

    Where many frames are at hand, as of a file, they are heard in long runs.
    """

    def __init__(self, session: Any, path: Path, content: bytes) -> None:
        self._session, self._content, self._path = session, content, path
        inputs, outputs = session.get_inputs(), session.get_outputs()
        if len(inputs) != len(outputs) or not inputs:
            raise RestorationError(f"{path} takes {len(inputs)} inputs and gives {len(outputs)}")
        self._names = [item.name for item in inputs]
        self._shapes = [_state_shape(item, path) for item in inputs[1:]]
        self._signal_shape = inputs[0].shape[1:]

    def initial_state(self, channels: int) -> NetworkState:
        """Return zeros: no network remembers anything before the first sample."""
        shapes = [[channels if n is None else n for n in shape] for shape in self._shapes]
        return tuple(np.zeros(shape, np.float32) for shape in shapes)

    def spread(self, state: NetworkState, channels: int) -> NetworkState:
        """The state of one channel as that of several which have sounded alike so far."""
        axes = [shape.index(None) if None in shape else None for shape in self._shapes]
        return tuple(
            part if axis is None else np.repeat(part, channels, axis)
            for part, axis in zip(state, axes, strict=True)
        )

    def run(self, signal: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        """Return what the network makes of one frame of ``signal``, and the next state."""
        return self._run(self._session, signal, state)

    def run_all(self, signal: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        """Return what the network makes of frame after frame of ``signal``, and the last state.

        ``signal`` float32 ``[frames, channels, ...]`` as for as many calls of :meth:`run`, and
        the result as of as many.
        """
        results, at = [], 0
        if len(signal) >= LONG_RUN and self.long_run is not None:
            while len(signal) - at >= LONG_RUN:
                rows = signal[at : at + LONG_RUN].reshape(-1, *signal.shape[2:])
                result, state = self._run(self.long_run, rows, state)
                results.append(result.reshape(LONG_RUN, signal.shape[1], *result.shape[1:]))
                at += LONG_RUN
        for frame in signal[at:]:
            result, state = self.run(frame, state)
            results.append(result[None])
        return np.concatenate(results), state

    @cached_property
    def long_run(self) -> Any:
        """The session for ``LONG_RUN`` frames at once; None where the graph allows of none."""
        try:
            return self.open_long_run()
        except Exception:  # of a stranger's graph: the runtime's exceptions share no base class
            return None

    def open_long_run(self) -> Any:
        """Return such a session, or None if it is not heard to give the same as single frames.

        Raises
        ------
        Exception
            Whatever comes of a graph that cannot be laid out so, or asks for too much memory.
        """
        session = _open(unrolled(self._content, LONG_RUN), self._path)
        shape = (LONG_RUN, 2, *self._signal_shape)
        signal = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        state = self.initial_state(2)
        together, last = self._run(session, signal.reshape(-1, *shape[2:]), state)
        for frame, result in zip(signal, together.reshape(LONG_RUN, 2, -1), strict=True):
            alone, state = self.run(frame, state)
            if not _are_same(alone.reshape(2, -1), result):
                return None
        return session if all(map(_are_same, state, last)) else None

    def _run(self, session: Any, signal: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        feed = dict(zip(self._names, (np.ascontiguousarray(signal), *state), strict=True))
        first, *after = session.run(None, feed)
        return first, tuple(after)


def _are_same(one: F32, other: F32) -> bool:
    return bool(np.abs(one - other).max() <= SAME * max(1.0, float(np.abs(one).max())))


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise RestorationError(f"{path} is not a file; give a .onnx model")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"cannot read the model {path}: {reason}") from None
    if len(content) > MAX_BYTES:
        raise RestorationError(f"{path} is larger than {MAX_BYTES >> 20} MiB; no model is")
    return content


def _open(content: bytes, path: Path) -> Any:
    try:
        import onnxruntime as ort  # heavy: only whoever loads a model pays for it
    except ImportError:
        raise RestorationError(
            f"{path} needs ONNX Runtime, which is not installed; pip install onnxruntime"
        ) from None
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The runtime knows a second format by its fifth byte; only this one has been looked through.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's exceptions share no base class of its own
        reason = str(error).splitlines()[0][:160]
        raise RestorationError(f"{path} is not a model that can be run: {reason}") from None


def _card(metadata: dict[str, str], path: Path) -> Card:
    if metadata.get("shellac_format") != FORMAT:
        raise RestorationError(
            f"{path} is not a Shellac model of format {FORMAT}; export it with training.export"
        )
    kind = metadata["kind"]
    if kind not in MAX_LATENCY:
        raise ValueError(f"kind is {kind[:40]!r}; known are {', '.join(MAX_LATENCY)}")
    notes = json.loads(metadata.get("notes", "{}"))
    numbers = {name: int(metadata[name]) for name in ("sample_rate", "hop", "latency", "window")}
    card = Card(metadata["name"][:80], kind, notes=notes, **numbers)
    if card.hop != HOP:
        raise ValueError(f"its hop is {card.hop} samples; it must be {HOP}")
    if not 0 <= card.latency <= MAX_LATENCY[kind]:
        raise ValueError(f"its latency is {card.latency}; there is room for {MAX_LATENCY[kind]}")
    span = card.latency + card.hop
    if kind == "denoiser" and not (span <= card.window <= MAX_WINDOW and card.window % 2 == 0):
        raise ValueError(f"its window of {card.window} does not fit its latency {card.latency}")
    if kind == "denoiser" and (span % card.hop or span < 2 * card.hop):
        raise ValueError(f"its latency of {card.latency} is no multiple of its hop {card.hop}")
    if not 4000 <= card.sample_rate <= 200_000:
        raise ValueError(f"its sample rate is {card.sample_rate} Hz")
    return card


def _state_shape(item: Any, path: Path) -> list[int | None]:
    """Fixed sizes as they are, None for the one axis that counts channels."""
    shape = [size if isinstance(size, int) else None for size in item.shape]
    fixed = [size for size in shape if size is not None]
    sane = all(1 <= size <= MAX_STATE for size in fixed) and np.prod(fixed) <= MAX_STATE
    if item.type != "tensor(float)" or shape.count(None) != 1 or not sane:
        raise RestorationError(f"{path}: the state {item.name[:40]!r} has shape {item.shape}")
    return shape
