"""Networks beyond the compiled core, run by ONNX Runtime, if it is installed. Any thread."""

from pathlib import Path
from typing import Any

import numpy as np

from model.errors import RestorationError
from model.networks.network import F32, NetworkState

MAX_STATE = 1_000_000  # elements per channel


class RuntimeNetwork:
    """One inference session: its first input and output are the signal, the others the state.

    Raises
    ------
    RestorationError
        If ONNX Runtime is missing, or the file is nothing that it can run.
    """

    def __init__(self, content: bytes, path: Path) -> None:
        self._session = _open(content, path)
        self.properties: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != len(outputs) or not inputs:
            raise RestorationError(f"{path} takes {len(inputs)} inputs and gives {len(outputs)}")
        self._names = [item.name for item in inputs]
        self._shapes = [_state_shape(item, path) for item in inputs[1:]]

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
        """Hear one frame."""
        feed = dict(zip(self._names, (np.ascontiguousarray(signal), *state), strict=True))
        first, *after = self._session.run(None, feed)
        return first, tuple(after)

    def run_all(self, signal: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        """Hear frame after frame."""
        results = []
        for frame in signal:
            result, state = self.run(frame, state)
            results.append(result)
        return np.stack(results), state


def _open(content: bytes, path: Path) -> Any:
    try:
        import onnxruntime as ort  # heavy: only whoever has such a network pays for it
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


def _state_shape(item: Any, path: Path) -> list[int | None]:
    """Fixed sizes as they are, None for the one axis that counts channels."""
    shape = [size if isinstance(size, int) else None for size in item.shape]
    fixed = [size for size in shape if size is not None]
    sane = all(1 <= size <= MAX_STATE for size in fixed) and np.prod(fixed) <= MAX_STATE
    if item.type != "tensor(float)" or shape.count(None) != 1 or not sane:
        raise RestorationError(f"{path}: the state {item.name[:40]!r} has shape {item.shape}")
    return shape
