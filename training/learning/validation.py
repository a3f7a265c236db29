"""How far a training has come: on dirt that was made, and on real records. Main thread."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model.networks.building import AnyNetwork
from model.networks.denoiser_network import Denoiser
from model.networks.detector_network import ImpulseDetector
from training.judging.metrics import detection_scores, snr_db
from training.learning.dataset import Example
from training.learning.losses import LossWeights, denoiser_loss, detector_loss
from training.learning.passes import denoise, detect
from training.signals.audio_files import find_audio, load_audio

REAL_SECONDS = 10
THRESHOLD = 0.5


def denoiser_input(example: Example) -> Tensor:
    """Return what a declicker leaves to the denoiser: the hiss, and some of the impulses."""
    left = example.degraded - example.without_impulses
    return example.without_impulses + example.residue[:, None] * left


def network_loss(
    network: AnyNetwork,
    example: Example,
    weights: LossWeights,
    runner: torch.nn.Module | None = None,
) -> tuple[dict[str, Tensor], Tensor]:
    """Return the loss terms of one network on a batch, and what it made of it."""
    if isinstance(network, ImpulseDetector):
        logits = detect(network, example.degraded, runner)
        terms = detector_loss(logits, example.label, example.care, example.is_clean, weights)
        return terms, logits
    assert isinstance(network, Denoiser)
    restored = denoise(network, denoiser_input(example), runner)
    terms = denoiser_loss(restored, example.clean, example.label, example.is_clean, weights)
    return terms, restored


@torch.inference_mode()
def validate(
    networks: dict[str, AnyNetwork],
    batches: Iterable[Example],
    weights: LossWeights,
    sample_rate: int,
) -> dict[str, float]:
    """Return losses and figures by name, averaged over the batches; lower ``loss`` is better.

    For a detector ``f1``, ``precision``, ``recall`` and ``false alarms/s`` on clean input; for a
    denoiser ``SNR gain dB`` on degraded and ``transparency dB`` on clean input.
    """
    collected: dict[str, list[float]] = {}
    for example in batches:
        total = 0.0
        for kind, network in networks.items():
            terms, result = network_loss(network, example, weights)
            total += sum(float(term) for term in terms.values())
            for name, term in terms.items():
                collected.setdefault(f"{kind} {name} loss", []).append(float(term))
            for name, value in _figures(kind, example, result.cpu(), sample_rate):
                collected.setdefault(f"{kind} {name}", []).append(value)
        collected.setdefault("loss", []).append(total)
    return {name: _mean(values) for name, values in collected.items()}


@torch.inference_mode()
def validate_on_records(
    networks: dict[str, AnyNetwork], folder: Path, sample_rate: int, device: torch.device
) -> dict[str, float]:
    """Return what the networks do to real records, where nobody knows the truth.

    ``impulses/s`` that the detector sees; how much quieter the denoiser makes the quietest and
    the loudest tenth of the record: the first is hiss, the second should stay near 0 dB.
    """
    collected: dict[str, list[float]] = {}
    for path in find_audio(folder):
        audio, _ = load_audio(path, sample_rate)
        wave = torch.from_numpy(audio.mean(axis=0)[: REAL_SECONDS * sample_rate])[None].to(device)
        for network in networks.values():
            if isinstance(network, ImpulseDetector):
                found = (torch.sigmoid(detect(network, wave)) > THRESHOLD).float()
                starts = float((found[:, 1:] > found[:, :-1]).sum())
                collected.setdefault("real impulses/s", []).append(
                    starts * sample_rate / wave.shape[1]
                )
            else:
                quiet, loud = _changes(wave[0], denoise(network, wave)[0], sample_rate)
                collected.setdefault("real quiet dB", []).append(quiet)
                collected.setdefault("real loud dB", []).append(loud)
    return {name: _mean(values) for name, values in collected.items()}


def _figures(
    kind: str, example: Example, result: Tensor, sample_rate: int
) -> Iterable[tuple[str, float]]:
    seconds = result.shape[1] / sample_rate
    e = example
    rows = [row.cpu().numpy() for row in (e.clean, e.label, e.care, e.is_clean)]
    given = denoiser_input(example).cpu().numpy()
    for n, (clean, label, care, is_clean) in enumerate(zip(*rows, strict=True)):
        if kind == "detector":
            found = torch.sigmoid(result[n]).numpy() > THRESHOLD
            if is_clean:
                alarms = int(np.sum(found[1:] & ~found[:-1]))
                yield "false alarms/s", alarms / seconds
            else:
                scores = detection_scores(found, label > 0, sample_rate, neutral=care == 0)
                yield from (("precision", scores.precision), ("recall", scores.recall))
                yield "f1", scores.f1
        elif is_clean:
            yield "transparency dB", min(snr_db(clean, result[n].numpy()), 120.0)
        else:
            before = snr_db(clean, given[n])
            yield "SNR gain dB", min(snr_db(clean, result[n].numpy()), 120.0) - before


def _changes(before: Tensor, after: Tensor, sample_rate: int) -> tuple[float, float]:
    """Return the change of level in the quietest and in the loudest tenth of 50 ms frames."""
    size = sample_rate // 20
    count = len(before) // size
    levels = [w[: count * size].reshape(count, size).square().mean(1) for w in (before, after)]
    order = torch.argsort(levels[0])
    order = order[levels[0][order] > 1e-12]  # digital silence says nothing
    tenth = max(1, len(order) // 10)
    changes = []
    for place in (order[:tenth], order[-tenth:]):
        ratio = (levels[1][place].sum() + 1e-20) / (levels[0][place].sum() + 1e-20)
        changes.append(float(10 * torch.log10(ratio)))
    return changes[0], changes[1]


def _mean(values: list[float]) -> float:
    finite = [value for value in values if np.isfinite(value)]
    return float(np.mean(finite)) if finite else float("nan")
