"""Whole signals through the streaming networks: the same forward, zero state, delay taken off."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.networks.denoiser_network import Denoiser
from model.networks.detector_network import PIECE, ImpulseDetector
from model.networks.spectra import overlap_gain, window_pair


def detect(network: ImpulseDetector, wave: Tensor, runner: nn.Module | None = None) -> Tensor:
    """Return logits ``[B, T]`` for ``wave [B, T]``, aligned with it.

    Parameters
    ----------
    runner : module, optional
        What is called in place of ``network``: its distributed wrapper.
    """
    n_samples = wave.shape[1]
    padding = network.latency + (-n_samples - network.latency) % PIECE
    padded = functional.pad(wave, (0, padding))
    logits, _ = (runner or network)(padded, network.initial_state(wave.shape[0]))
    result: Tensor = logits[:, network.latency : network.latency + n_samples]
    return result.float()


def denoise(network: Denoiser, wave: Tensor, runner: nn.Module | None = None) -> Tensor:
    """Return the denoised ``[B, T]`` for ``wave [B, T]``, aligned with it."""
    window, span, hop = network.shape.window, network.shape.span, network.shape.hop
    n_samples, latency = wave.shape[1], network.latency
    before, after = (
        torch.from_numpy(shape.copy()).to(wave.device) for shape in window_pair(window, span)
    )
    padded = functional.pad(wave, (window - hop, latency + -n_samples % hop))
    frames = padded.unfold(1, window, hop) * before
    spectra = torch.view_as_real(torch.fft.rfft(frames, dim=2)).transpose(2, 3)
    restored, _ = (runner or network)(spectra, network.initial_state(wave.shape[0]))
    parts = restored.float().transpose(2, 3).contiguous()
    pieces = torch.fft.irfft(torch.view_as_complex(parts), window, dim=2)[:, :, -span:]
    pieces = pieces * after / overlap_gain(span, hop)
    length = span + (pieces.shape[1] - 1) * hop
    total: Tensor = functional.fold(pieces.transpose(1, 2), (1, length), (1, span), stride=(1, hop))
    return total[:, 0, 0, latency : latency + n_samples]
