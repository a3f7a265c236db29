"""The card beside a network: what it is, what it heard, how to build it again. Any thread."""

from pathlib import Path
from typing import Any

from model.errors import RestorationError
from model.flat_yaml import write_text_atomically
from model.networks.onnx_file import Card

PURPOSE = {
    "detector": "Says of each sample how likely it lies in a click; votes beside the analytical "
    "detector.",
    "denoiser": "Lowers the hiss that is left behind the declicker, band by band.",
}


def write_card(network: Path, card: Card, command: str, figures: str = "") -> Path:
    """Write ``NAME.md`` beside a network.

    Parameters
    ----------
    network : Path
        The exported file.
    card : Card
        What the file says of itself.
    command : str
        Builds it again.
    figures : str
        Markdown, such as a benchmark's table.

    Raises
    ------
    RestorationError
        If it cannot be written.
    """
    path = network.with_suffix(".md")
    try:
        write_text_atomically(path, card_text(card, network.stat().st_size, command, figures))
    except OSError as error:
        raise RestorationError(f"cannot write {path}: {error.strerror}") from None
    return path


def card_text(card: Card, size: int, command: str, figures: str = "") -> str:
    """Return the card as Markdown."""
    notes = card.notes
    data: dict[str, Any] = notes.get("data", {})
    training: dict[str, Any] = notes.get("training", {})
    shape = notes.get("architecture", {}).get(card.kind, {})
    recordings = data.get("recordings", [])
    lines = [
        f"# {card.name}",
        "",
        PURPOSE[card.kind],
        "",
        f"- Sample rate {card.sample_rate} Hz, hop {card.hop} samples, latency {card.latency} "
        f"samples, {size / 1e6:.2f} MB.",
        "- Architecture: " + ", ".join(f"{key} {value}" for key, value in shape.items()) + ".",
        f"- Trained for {notes.get('step', 0)} steps of {training.get('batch_size')} chunks of "
        f"{training.get('chunk_duration')} s, seed {training.get('seed')}.",
        f"- Heard {len(recordings)} recordings, {data.get('seconds', 0) / 60:.0f} minutes: "
        + ", ".join(recordings)
        + ".",
        f"- Never heard: {data.get('held_out') or 'nothing was held out'}.",
        f"- Licences of the recordings: {data.get('licences') or 'not stated'}.",
        f"- Built by `{command}`.",
        "",
        "## At the end of its training, on what it had not heard",
        "",
        "| figure | value |",
        "| --- | ---: |",
        *(f"| {name} | {value:.3f} |" for name, value in notes.get("figures", {}).items()),
        "",
    ]
    if figures:
        lines += ["## Measured", "", figures, ""]
    return "\n".join(lines)
