"""Makes of a training checkpoint files that the live program loads. Main thread.

Each network becomes one ONNX file whose state fields are extra inputs and outputs. A file is
written only after its output was found equal to torch's, hop by hop.
"""

import io
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from model.errors import RestorationError
from model.networks.building import AnyNetwork
from model.networks.denoiser_live import LiveDenoiser
from model.networks.denoiser_network import Denoiser
from model.networks.learned import load_learned
from model.networks.onnx_file import FORMAT, HOP, open_network
from training.learning.checkpoint import load_checkpoint, networks_of
from training.learning.config import PLACES

OPSET = 17
TOLERANCE = 1e-5  # of full scale, or of a probability
CHECKED_HOPS = 24


def export_checkpoint(checkpoint: Path, output: Path) -> list[Path]:
    """Write one file per network of the checkpoint and return their paths.

    A checkpoint of both networks gives ``NAME.detector.onnx`` and ``NAME.denoiser.onnx``.

    Raises
    ------
    RestorationError
        If the checkpoint is unusable, the result differs from torch, or cannot be written.
    """
    content = load_checkpoint(checkpoint)
    networks = networks_of(content, checkpoint)
    written = []
    for kind, network in networks.items():
        path = output if len(networks) == 1 else output.with_suffix(f".{kind}{output.suffix}")
        export_network(network, path, content["config"], _notes(content))
        written.append(path)
    return written


def export_network(
    network: AnyNetwork, path: Path, config: dict[str, Any], notes: dict[str, Any]
) -> None:
    """Write one network with its metadata; see :func:`export_checkpoint`."""
    packed = _with_metadata(_traced(network.eval()), _metadata(network, path, config, notes))
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".onnx", delete=False) as file:
            file.write(packed)
        temporary = Path(file.name)
    except OSError as error:
        raise RestorationError(f"cannot write {path}: {error.strerror}") from None
    try:
        difference = largest_difference(network, temporary)
        if not difference <= TOLERANCE:
            raise RestorationError(
                f"{path} was not written: it differs from torch by {difference:.2g}, "
                f"more than {TOLERANCE:g}"
            )
        load_learned(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def largest_difference(network: AnyNetwork, exported: Path) -> float:
    """Feed both the same noisy hops and return how far apart their outputs ever are."""
    _, runtime = open_network(exported)
    rng = np.random.default_rng(5)
    state, theirs = network.initial_state(2), runtime.initial_state(2)
    worst = 0.0
    for _ in range(CHECKED_HOPS):
        signal = rng.standard_normal(_signal_shape(network, 2)).astype(np.float32)
        with torch.inference_mode():
            ours, state = network(torch.from_numpy(signal), state)
        result, theirs = runtime.run(signal, theirs)
        if network.kind == "detector":
            ours, result = torch.sigmoid(ours), torch.sigmoid(torch.from_numpy(result)).numpy()
        worst = max(worst, float(np.max(np.abs(ours.numpy() - result))))
    return worst


class _Flat(nn.Module):
    """The network with its state as a plain argument list, which is what ONNX knows."""

    def __init__(self, network: AnyNetwork) -> None:
        super().__init__()
        self.network = LiveDenoiser(network) if isinstance(network, Denoiser) else network

    def forward(self, signal: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        result, after = self.network(signal, state)
        return (result, *after)


def _signal_shape(network: AnyNetwork, channels: int) -> tuple[int, ...]:
    if network.kind == "detector":
        return (channels, HOP)
    return (channels, 1, 2, network.shape.window // 2 + 1)  # type: ignore[union-attr]


def _traced(network: AnyNetwork) -> bytes:
    state = network.initial_state(2)
    names = [f"state_{n}" for n in range(len(state))]
    inputs, outputs = ["signal", *names], ["result", *(f"next_{name}" for name in names)]
    example = (torch.zeros(_signal_shape(network, 2)), *state)
    axes = {name: {0: "channels"} for name in (*inputs, *outputs)}
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # the tracer serves this torch; the newer exporter needs a package more and gives the same
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Flat(network),
            example,
            buffer,  # type: ignore[arg-type]
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def _with_metadata(packed: bytes, metadata: dict[str, str]) -> bytes:
    import onnx

    model = onnx.load_from_string(packed)
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _metadata(
    network: AnyNetwork, path: Path, config: dict[str, Any], notes: dict[str, Any]
) -> dict[str, str]:
    window = network.shape.window if network.kind == "denoiser" else HOP  # type: ignore[union-attr]
    numbers = {
        "sample_rate": config["sample_rate"],
        "hop": HOP,
        "latency": network.latency,
        "window": window,
    }
    texts = {"shellac_format": FORMAT, "kind": network.kind, "name": path.stem}
    return (
        texts | {key: str(value) for key, value in numbers.items()} | {"notes": json.dumps(notes)}
    )


def _notes(content: dict[str, Any]) -> dict[str, Any]:
    config, progress = dict(content["config"]), content["progress"]
    for name in (*PLACES, "artifacts"):  # of another machine: only what they are called matters
        config[name] = Path(config.get(name) or "").name
    return {
        "architecture": {kind: item["shape"] for kind, item in content["networks"].items()},
        "training": config,
        "data": progress.get("data", {}),
        "figures": progress.get("figures", {}),
        "step": progress.get("step", 0),
    }
