"""Training checkpoints: written whole or not at all, read as data only. Main thread."""

import os
import zipfile
from pathlib import Path
from typing import Any

import torch

from model.errors import RestorationError
from model.networks.building import AnyNetwork, build_network, network_shape

FORMAT = 1
MAX_BYTES = 2 * 2**30  # with the optimiser; ours are a thousandth of it


def save_checkpoint(
    path: Path, networks: dict[str, AnyNetwork], config: dict[str, Any], progress: dict[str, Any]
) -> None:
    """Write weights, architecture, configuration and everything a resumed run needs.

    Parameters
    ----------
    networks : dict
        By kind.
    progress : dict
        Step, optimiser, losses; plain values and tensors only.
    """
    content = {
        "format": FORMAT,
        "networks": {
            kind: {"shape": network_shape(network), "weights": network.state_dict()}
            for kind, network in networks.items()
        },
        "config": config,
        "progress": progress,
    }
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise RestorationError(f"cannot write the checkpoint {path}: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint; nothing in the file is executed.

    Raises
    ------
    RestorationError
        If it cannot be read or is none of ours.
    """
    try:
        _refuse_swelling(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise RestorationError(f"cannot read the checkpoint {path}: {error.strerror}") from None
    except RestorationError:
        raise
    except Exception:  # the unpickler lets through whatever a stranger's opcodes provoke
        raise RestorationError(
            f"{path} is not a checkpoint of this program, or it is damaged"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RestorationError(f"{path} is not a checkpoint of this program (format {FORMAT})")
    if complaint := _misses(content):
        raise RestorationError(f"{path} is not a whole checkpoint: {complaint}")
    return content


def _refuse_swelling(path: Path) -> None:
    """Checkpoints are stored as they are; one that is packed may unpack to anything."""
    if path.stat().st_size > MAX_BYTES:
        raise RestorationError(f"{path} is larger than {MAX_BYTES >> 30} GiB; no checkpoint is")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_BYTES:
            raise RestorationError(f"{path} unpacks to {unpacked >> 30} GiB; no checkpoint does")


def _misses(content: dict[str, Any]) -> str:
    """Return what a checkpoint lacks; empty for a whole one."""
    for key in ("networks", "config", "progress"):
        if not isinstance(content.get(key), dict):
            return f"it has no {key}"
    for kind, stored in content["networks"].items():
        shape, weights = (
            (stored.get("shape"), stored.get("weights")) if isinstance(stored, dict) else ("", "")
        )
        if not (isinstance(kind, str) and isinstance(shape, dict) and isinstance(weights, dict)):
            return f"its network {str(kind)[:40]!r} has no shape or no weights"
        if not all(isinstance(value, torch.Tensor) for value in weights.values()):
            return f"its network {kind[:40]!r} has weights that are no tensors"
    return ""


def networks_of(content: dict[str, Any], path: Path) -> dict[str, AnyNetwork]:
    """Build the networks that a loaded checkpoint holds."""
    networks = {}
    for kind, stored in content["networks"].items():
        network = build_network(kind, stored["shape"])
        restore_weights(network, stored["weights"], path)
        networks[kind] = network.eval()
    return networks


def restore_weights(network: AnyNetwork, weights: dict[str, Any], path: Path) -> None:
    """Load weights into ``network``; those of another architecture are refused in one line."""
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in weights.items()}
    if expected != found:
        wrong = sorted(set(expected.items()) ^ set(found.items()))
        name, shape = wrong[0]
        raise RestorationError(
            f"{path} holds another architecture: {len(wrong)} tensors differ, first {name} {shape}"
        )
    network.load_state_dict(weights)
