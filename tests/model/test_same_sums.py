"""What is computed together, once or for one frame only is what it is one by one and anew."""

import numpy as np
import torch
from scipy.linalg import toeplitz

from model.declicking.ar import GapSystem, Whitener, estimate_ar, spectrum_of
from model.declicking.rebuild import Layout, ridges_of
from model.networks.denoiser_live import LiveDenoiser
from model.networks.denoiser_network import Denoiser, DenoiserShape

N = 2816
RNG = np.random.default_rng(78)
NOISE = RNG.standard_normal((3, N)).cumsum(axis=1) * np.hanning(N)
MODELS = estimate_ar(NOISE, 32)


def test_one_exchanged_predictor_whitens_as_a_whitener_made_anew() -> None:
    first, second, third = MODELS
    exchanged = Whitener([first, first, third], N).replaced([1], [second])
    anew = Whitener(MODELS, N)
    gains = np.ones(N // 2 + 1)
    for ours, theirs in zip(
        exchanged.views(spectrum_of(NOISE), gains),
        anew.views(spectrum_of(NOISE), gains),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(exchanged.whitened(NOISE), anew.whitened(NOISE))
    np.testing.assert_array_equal(exchanged.residuals(NOISE), anew.residuals(NOISE))


def test_both_views_at_once_are_the_field_and_the_whitened_signal() -> None:
    whitener, gains = Whitener(MODELS, N), np.linspace(0.0, 1.0, N // 2 + 1)
    field, above = whitener.views(spectrum_of(NOISE), gains)
    np.testing.assert_allclose(field, whitener.field(NOISE), atol=1e-12 * np.abs(field).max())
    np.testing.assert_allclose(
        above, whitener.whitened(NOISE, gains), atol=1e-12 * np.abs(above).max()
    )


def test_ridges_of_many_runs_are_each_run_s_own() -> None:
    lengths = np.array([1, 5, 40, 2, 17])
    damage, scale = RNG.standard_normal(lengths.sum()), RNG.uniform(0.5, 2.0, len(lengths))
    together = ridges_of(damage, Layout.of(lengths), scale)
    alone = [
        ridges_of(part, Layout.of(lengths[k : k + 1]), scale[k : k + 1])
        for k, part in enumerate(np.split(damage, np.cumsum(lengths)[:-1]))
    ]
    np.testing.assert_allclose(together, np.concatenate(alone), rtol=1e-12)


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
