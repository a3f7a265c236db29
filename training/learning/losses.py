"""What the networks are trained to make small: named terms, each with a weight. Any device."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

COMPRESSION = 0.3  # of magnitudes, near what loudness does
RESOLUTIONS = (256, 1024, 4096)
USUAL_IMPULSE_WEIGHT = 0.3
QUIET = 1e-4
SEGMENT = 882  # samples, 20 ms at 44.1 kHz
QUIET_SEGMENT = 1e-5  # of the mean power: below it there is no music in a segment
HARMLESS, HARMLESS_ON_CLEAN = 10**-3.6, 1e-5  # of a segment's power: less error is not chased


@dataclass(frozen=True, slots=True)
class LossWeights:
    """How much each term counts.

    ``impulse`` 0.3 is usual; 0.2 acts against over-smoothing, 0.4 against impulses left over.
    ``clean`` weighs everything that happens to clean input, ``preserve`` what is missing
    against what is left over, ``overlap`` the share of impulses found as a whole.
    """

    impulse: float = USUAL_IMPULSE_WEIGHT
    spectral: float = 3.0
    waveform: float = 0.5
    segmental: float = 1.0
    clean: float = 1.0
    preserve: float = 0.5
    overlap: float = 0.3


def detector_loss(
    logits: Tensor, label: Tensor, care: Tensor, is_clean: Tensor, weights: LossWeights
) -> dict[str, Tensor]:
    """Return the terms for logits that are already aligned with ``label``; all ``[B, T]``."""
    odds = weights.impulse / (1 - weights.impulse)
    usual = USUAL_IMPULSE_WEIGHT / (1 - USUAL_IMPULSE_WEIGHT)
    missed = logits.new_tensor(2 * odds / usual)  # rare, so each counts double
    per_sample = functional.binary_cross_entropy_with_logits(
        logits, label, pos_weight=missed, reduction="none"
    )
    rows = 1 + (weights.clean - 1) * is_clean[:, None]
    impulse = (per_sample * care * rows).sum() / care.sum().clamp(min=1)
    probability = torch.sigmoid(logits) * care
    found = (probability * label).sum()
    overlap = 1 - (2 * found + 1) / (probability.sum() + label.sum() + 1)
    return {"impulse": 10 * impulse, "overlap": weights.overlap * overlap}


def denoiser_loss(
    restored: Tensor, clean: Tensor, label: Tensor, is_clean: Tensor, weights: LossWeights
) -> dict[str, Tensor]:
    """Return the terms for waves that are already aligned; all ``[B, T]``."""
    rows = 1 + (weights.clean - 1) * is_clean
    level = clean.square().mean(dim=1).sqrt() + QUIET
    error = (restored - clean) / level[:, None]
    spectral = sum(
        _compressed_difference(restored / level[:, None], clean / level[:, None], n, weights)
        for n in RESOLUTIONS
    )
    on_impulses = (error.abs() * label).sum(dim=1) / label.sum(dim=1).clamp(min=1)
    assert isinstance(spectral, Tensor)
    return {
        "spectral": weights.spectral * (rows * spectral).mean() / len(RESOLUTIONS),
        "waveform": weights.waveform * (rows * error.abs().mean(dim=1)).mean(),
        "segmental": weights.segmental * _segmental_error(restored, clean, is_clean, rows),
        "impulse": weights.impulse * on_impulses.mean(),
    }


def _segmental_error(restored: Tensor, clean: Tensor, is_clean: Tensor, rows: Tensor) -> Tensor:
    """Mean logarithm of noise over harmless noise in the segments that hold music, in bels."""
    count = clean.shape[1] // SEGMENT
    if count == 0:
        return clean.new_zeros(())
    shape = (clean.shape[0], count, SEGMENT)
    power = clean[:, : count * SEGMENT].reshape(shape).square().sum(dim=2)
    error = (restored - clean)[:, : count * SEGMENT].reshape(shape).square().sum(dim=2)
    harmless = HARMLESS + (HARMLESS_ON_CLEAN - HARMLESS) * is_clean[:, None]
    ratio = torch.log10((error + harmless * power + 1e-9) / (harmless * power + 1e-9))
    loud = (power > QUIET_SEGMENT * power.mean(dim=1, keepdim=True)) & (power > 1e-6)
    per_row = (ratio * loud).sum(dim=1) / loud.sum(dim=1).clamp(min=1)
    return (rows * per_row).mean()


def _compressed_difference(x: Tensor, y: Tensor, n_fft: int, weights: LossWeights) -> Tensor:
    """Squared difference of compressed magnitudes per row; what is missing counts extra."""
    window = torch.hann_window(n_fft, device=x.device, dtype=x.dtype)
    sizes = []
    for wave in (x, y):
        spectrum = torch.stft(
            wave, n_fft, n_fft // 2, window=window, return_complex=True, normalized=True
        )
        power = spectrum.real.square() + spectrum.imag.square()
        sizes.append((power + 1e-8) ** (COMPRESSION / 2))
    missing = sizes[1] - sizes[0]
    difference = missing.square() + weights.preserve * missing.clamp(min=0).square()
    return difference.mean(dim=(1, 2))
