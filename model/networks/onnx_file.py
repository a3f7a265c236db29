"""Opens a trained network and reads the card inside the file. Any thread.

What :mod:`training.export` writes, the compiled core runs. A network with operators that the core
does not know is run by ONNX Runtime, where that is installed.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from model.declicking.ar import plan_of
from model.errors import RestorationError
from model.networks.graph import read_graph
from model.networks.network import CompiledNetwork, Network
from model.networks.onnx_guard import refuse_strange_graph
from model.networks.plan import UnknownError
from model.networks.runtime import RuntimeNetwork

MAX_BYTES = 64 * 1024 * 1024
FORMAT = "1"  # of the metadata; raised when an older program could misread it
HOP = 512  # of the networks; the chain's hop is a multiple of it
MAX_LATENCY = {"detector": 800, "denoiser": 512}  # samples, what the chain has room for
MAX_WINDOW = 8192  # samples that a denoiser analyses


class Card(NamedTuple):
    """What a model file says of itself; ``notes`` holds data, licences, figures."""

    name: str
    kind: str
    sample_rate: int
    hop: int
    latency: int
    window: int
    notes: dict[str, Any]


def open_network(path: Path) -> tuple[Card, Network]:
    """Read a model file, refuse what is unsafe, return its card and the network ready to run.

    Raises
    ------
    RestorationError
        In one line: unreadable, damaged, unsafe, made for another chain, or beyond the core while
        ONNX Runtime is missing.
    """
    content = _read(path)
    refuse_strange_graph(content, path.name)
    network: Network
    try:
        graph = read_graph(content)
        network, properties = CompiledNetwork(graph), graph.properties
    except (UnknownError, ValueError):
        network = RuntimeNetwork(content, path)
        properties = network.properties
    try:
        return _card(properties, path), network
    except (KeyError, ValueError, TypeError) as error:
        raise RestorationError(f"{path} is not a Shellac model: {error}") from None


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
    if kind == "denoiser":
        plan_of(card.window)  # says if there is none
    if not 4000 <= card.sample_rate <= 200_000:
        raise ValueError(f"its sample rate is {card.sample_rate} Hz")
    return card
