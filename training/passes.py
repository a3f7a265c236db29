"""Whole signals through the streaming networks: the same forward, zero state, delay taken off."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.denoiser_network import Denoiser
from model.detector_network import STEP, ImpulseDetector


def detect(network: ImpulseDetector, wave: Tensor, runner: nn.Module | None = None) -> Tensor:
    """Return logits ``[B, T]`` for ``wave [B, T]``, aligned with it.

    Parameters
    ----------
    runner : module, optional
        What is called in place of ``network``: its distributed wrapper.
    """
    n_samples = wave.shape[1]
    padding = network.latency + (-n_samples - network.latency) % STEP
    padded = functional.pad(wave, (0, padding))
    logits, _ = (runner or network)(padded, network.initial_state(wave.shape[0]))
    result: Tensor = logits[:, network.latency : network.latency + n_samples]
    return result.float()


def denoise(network: Denoiser, wave: Tensor, runner: nn.Module | None = None) -> Tensor:
    """Return the denoised ``[B, T]`` for ``wave [B, T]``, aligned with it."""
    window, hop, n_samples = network.shape.window, network.shape.hop, wave.shape[1]
    shape = torch.sin(torch.pi * torch.arange(window, device=wave.device) / window)
    padded = functional.pad(wave, (network.latency, network.latency + -n_samples % hop))
    frames = padded.unfold(1, window, hop) * shape
    spectra = torch.view_as_real(torch.fft.rfft(frames, dim=2)).transpose(2, 3)
    restored, _ = (runner or network)(spectra, network.initial_state(wave.shape[0]))
    parts = restored.float().transpose(2, 3).contiguous()
    pieces = torch.fft.irfft(torch.view_as_complex(parts), window, dim=2)
    pieces = pieces * shape / (window / hop / 2)
    total: Tensor = functional.fold(
        pieces.transpose(1, 2), (1, padded.shape[1]), (1, window), stride=(1, hop)
    )
    return total[:, 0, 0, network.latency : network.latency + n_samples]
