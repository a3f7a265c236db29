"""What is computed together, once or for one frame only is what it is one by one and anew."""

import numpy as np
import torch
from scipy.linalg import toeplitz

from model.declicking.ar import GapSystem, estimate_ar
from model.networks.denoiser_live import LiveDenoiser
from model.networks.denoiser_network import Denoiser, DenoiserShape

N = 2816
RNG = np.random.default_rng(78)
NOISE = RNG.standard_normal((3, N)).cumsum(axis=1) * np.hanning(N)
MODELS = estimate_ar(NOISE, 32)


def test_scattered_gaps_are_solved_as_the_whole_matrix_would_be() -> None:
    gram = MODELS[0].gram
    index = np.sort(RNG.choice(600, 90, replace=False))
    whole = toeplitz(np.concatenate([gram, np.zeros(600 - len(gram))]))[np.ix_(index, index)]
    ridge, target = RNG.uniform(0.1, 2.0, 90) * gram[0], RNG.standard_normal(90)
    expected = np.linalg.solve(whole + np.diag(ridge), target)
    found = GapSystem(gram, index).solve(target, ridge)
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(expected).max())


def test_the_denoiser_of_one_frame_is_the_denoiser() -> None:
    torch.manual_seed(78)
    network = Denoiser(DenoiserShape(window=512, span=256, hop=128, width=8, hidden=8)).eval()
    spectra = 10 * torch.randn(2, 6, 2, 257)
    with torch.inference_mode():
        whole, after = network(spectra, network.initial_state(2))
        live, state, frames = LiveDenoiser(network), network.initial_state(2), []
        for n in range(6):
            frame, state = live(spectra[:, n : n + 1], state)
            frames.append(frame)
    # Sums of some hundred float32 products, in another order.
    torch.testing.assert_close(torch.cat(frames, dim=1), whole, rtol=1e-5, atol=1e-4)
    for ours, theirs in zip(state, after, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
