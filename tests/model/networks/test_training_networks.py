"""The networks: state is a value, delay is declared, and the exported file is the same network."""

import itertools
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper
from spectra_tools import synthesise

from model.errors import RestorationError
from model.networks.building import AnyNetwork, build_network
from model.networks.denoiser_network import Denoiser, DenoiserShape
from model.networks.detector_network import LONGEST_LATENCY, PIECE, DetectorShape, ImpulseDetector
from model.networks.learned import LearnedDenoiser, LearnedDetector, load_learned
from model.networks.onnx_file import HOP
from model.networks.spectra import analyse, overlap_gain, window_pair
from training.benchmarks.systems import run_detector
from training.learning.onnx_export import TOLERANCE, export_network, largest_difference
from training.learning.passes import denoise, detect

F32 = NDArray[np.float32]
CONFIG = {"sample_rate": 44100}
SHAPES = [
    ("detector", {"width": 8, "depth": 3, "rounds": 2}),
    ("denoiser", {"width": 8, "hidden": 12}),
    ("denoiser", {"width": 8, "hidden": 12, "window": 1024}),
]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def untrained(kind: str, shape: dict[str, int]) -> AnyNetwork:
    """A network whose every weight matters."""
    torch.manual_seed(7)
    network = build_network(kind, shape)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    return network.eval()


def run_denoiser(model: LearnedDenoiser, audio: F32, reduction_db: float) -> F32:
    """Denoise ``[channels, samples]`` hop by hop, the delay taken off."""
    n_samples = audio.shape[1]
    padded = np.pad(audio, ((0, 0), (0, model.latency + -n_samples % HOP)))
    state, pieces = model.initial_state(audio.shape[0]), []
    for start in range(0, padded.shape[1], HOP):
        restored, state = model.step(padded[:, start : start + HOP], state, reduction_db)
        pieces.append(restored)
    return np.concatenate(pieces, axis=1)[:, model.latency :][:, :n_samples]


def noise(channels: int, hops: int, seed: int = 0) -> torch.Tensor:
    return 0.1 * torch.randn(channels, hops * HOP, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    paths = {}
    for kind, shape in SHAPES[:2]:
        paths[kind] = folder / f"{kind}.onnx"
        export_network(untrained(kind, shape), paths[kind], CONFIG, {"data": "made up"})
    return paths


@torch.inference_mode()
@pytest.mark.parametrize("kind_and_shape", SHAPES)
def test_a_stream_in_pieces_equals_the_whole(kind_and_shape: tuple[str, dict[str, int]]) -> None:
    network = untrained(*kind_and_shape).double()
    if isinstance(network, ImpulseDetector):
        signal = noise(2, 13).double()
        cuts = [0, 1, 8, 11, 13]
        pieces = [signal[:, a * HOP : b * HOP] for a, b in itertools.pairwise(cuts)]
    else:
        signal = torch.randn(2, 13, 2, network.shape.window // 2 + 1).double()
        pieces = list(torch.split(signal, [1, 7, 3, 2], dim=1))
    whole, last = network(signal, network.initial_state(2))
    state, parts = network.initial_state(2), []
    for piece in pieces:
        part, state = network(piece, state)
        parts.append(part)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, rtol=0, atol=1e-12)
    for ours, theirs in zip(state, last, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


@torch.inference_mode()
def test_the_detector_hears_no_more_of_the_future_than_it_declares() -> None:
    network = untrained(*SHAPES[0])
    assert isinstance(network, ImpulseDetector)
    signal = noise(1, 8)
    changed = signal.clone()
    changed[:, 2000:] = noise(1, 8, seed=1)[:, 2000:]
    before, after = detect(network, signal), detect(network, changed)
    # the samples of a piece share a level, so they are judged when all of it has come
    told = (before != after).any(dim=0).nonzero()[0].item()
    assert 2000 - network.latency - PIECE < told <= 2000 - network.latency + PIECE
    full = DetectorShape()
    assert full.latency <= LONGEST_LATENCY


@torch.inference_mode()
def test_the_detector_does_not_care_how_loud_it_is() -> None:
    network = untrained(*SHAPES[0])
    assert isinstance(network, ImpulseDetector)
    signal = noise(1, 8)
    loud, soft = (detect(network, gain * signal) for gain in (5.0, 0.05))
    torch.testing.assert_close(loud[:, 2048:], soft[:, 2048:], rtol=0, atol=0.05)


@torch.inference_mode()
def test_dense_clicks_do_not_deafen_the_detector() -> None:
    """A level that clicks raise would make them look small; the mean of roots hardly does."""
    from model.networks.detector_network import _levels

    quiet = torch.randn(1, 40, 256, generator=torch.Generator().manual_seed(0)).abs()
    crackling = quiet.clone()
    crackling[:, :, ::8] *= 30  # one inner frame in eight
    state = torch.zeros(1, 5, 15)
    before, after = (_levels(x, state, 256)[0][:, :, -1].mean() for x in (quiet, crackling))
    plain = crackling.mean() / quiet.mean()
    assert after / before < 0.75 * plain


@torch.inference_mode()
def test_the_denoiser_hears_no_more_of_the_future_than_it_declares() -> None:
    network = untrained(*SHAPES[1])
    assert isinstance(network, Denoiser)
    signal = noise(1, 10)
    changed = signal.clone()
    at = 6 * HOP
    changed[:, at:] = noise(1, 10, seed=1)[:, at:]
    before, after = denoise(network, signal), denoise(network, changed)
    due = at - network.latency
    torch.testing.assert_close(before[:, :due], after[:, :due], rtol=0, atol=0)
    assert (before[:, due:] != after[:, due:]).any()


@pytest.mark.parametrize(("window", "span"), [(1024, 1024), (2048, 1024), (4096, 1536)])
def test_unchanged_spectra_give_the_input_back(window: int, span: int) -> None:
    hop, latency = 512, span - 512
    signal = noise(2, 9).numpy()
    history = np.zeros((2, window - hop), np.float32)
    tail = np.zeros((2, latency), np.float32)
    pieces = []
    for start in range(0, signal.shape[1], hop):
        spectrum, history = analyse(history, signal[:, start : start + hop], span, hop)
        piece, tail = synthesise(spectrum, tail, hop)
        pieces.append(piece)
    output = np.concatenate(pieces, axis=1)
    np.testing.assert_allclose(output[:, latency:], signal[:, :-latency], atol=1e-6)


def test_windows_that_cannot_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="hop is 500; it must divide the span of 1024"):
        overlap_gain(1024, 500)
    with pytest.raises(ValueError, match="span is 4096; it must be even and at most the window"):
        window_pair(2048, 4096)


@pytest.mark.parametrize("kind_and_shape", SHAPES)
def test_the_exported_file_is_the_same_network(
    kind_and_shape: tuple[str, dict[str, int]], tmp_path: Path
) -> None:
    network, path = untrained(*kind_and_shape), tmp_path / "model.onnx"
    export_network(network, path, CONFIG, {})
    assert largest_difference(network, path) <= TOLERANCE


def test_a_file_that_would_differ_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.learning.onnx_export.TOLERANCE", 0.0)
    network, path = untrained(*SHAPES[1]), tmp_path / "model.onnx"
    with pytest.raises(RestorationError, match="was not written: it differs from torch by"):
        export_network(network, path, CONFIG, {})
    assert list(tmp_path.iterdir()) == []


def test_the_live_detector_gives_the_trained_probabilities(files: dict[str, Path]) -> None:
    model = load_learned(files["detector"])
    network = untrained(*SHAPES[0])
    assert isinstance(model, LearnedDetector)
    assert isinstance(network, ImpulseDetector)
    assert (model.name, model.sample_rate, model.latency) == ("detector", 44100, network.latency)
    signal = noise(2, 6)[:, :-100]
    with torch.inference_mode():
        trained = torch.sigmoid(detect(network, signal)).numpy()
    np.testing.assert_allclose(run_detector(model, signal.numpy()), trained, atol=1e-5)


def test_the_live_denoiser_gives_the_trained_sound(files: dict[str, Path]) -> None:
    model = load_learned(files["denoiser"])
    network = untrained(*SHAPES[1])
    assert isinstance(model, LearnedDenoiser)
    assert isinstance(network, Denoiser)
    signal = noise(2, 6)[:, :-100]
    with torch.inference_mode():
        trained = denoise(network, signal).numpy()
    live = run_denoiser(model, signal.numpy(), reduction_db=200.0)
    np.testing.assert_allclose(live, trained, atol=1e-6)


def test_no_reduction_is_exactly_transparent(files: dict[str, Path]) -> None:
    model = load_learned(files["denoiser"])
    assert isinstance(model, LearnedDenoiser)
    signal = noise(2, 6).numpy()
    np.testing.assert_array_equal(run_denoiser(model, signal, reduction_db=0.0), signal)


@pytest.mark.parametrize("reduction_db", [6.0, 12.0])
def test_no_bin_is_turned_down_further_than_asked_for(
    files: dict[str, Path], reduction_db: float
) -> None:
    model = load_learned(files["denoiser"])
    assert isinstance(model, LearnedDenoiser)
    signal = noise(1, 40).numpy()
    reduced = run_denoiser(model, signal, reduction_db)
    change = 10 * np.log10(np.mean(reduced**2) / np.mean(signal**2))
    assert -reduction_db - 0.1 < change < 0


def test_two_streams_of_one_model_do_not_disturb_each_other(files: dict[str, Path]) -> None:
    model = load_learned(files["denoiser"])
    assert isinstance(model, LearnedDenoiser)
    a, b = noise(1, 5).numpy(), noise(1, 5, seed=1).numpy()
    alone = run_denoiser(model, a, 12.0)
    first, second = model.initial_state(1), model.initial_state(1)
    together = []
    for start in range(0, a.shape[1], HOP):
        piece, first = model.step(a[:, start : start + HOP], first, 12.0)
        _, second = model.step(b[:, start : start + HOP], second, 12.0)
        together.append(piece)
    output = np.concatenate(together, axis=1)[:, model.latency :]
    np.testing.assert_array_equal(output, alone[:, : output.shape[1]])


def strange(path: Path, change: str) -> None:
    """Turn a good file into one that a stranger might send."""
    model = onnx.load(path)
    if change == "operator":
        model.graph.node[0].op_type = "If"
    elif change == "domain":
        model.graph.node[0].domain = "com.example"
    elif change == "external":
        tensor = model.graph.initializer[0]
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="/etc/passwd")
    elif change == "function":
        function = helper.make_function("x", "f", ["a"], ["a"], [], [])
        model.functions.append(function)
    elif change == "latency":
        next(p for p in model.metadata_props if p.key == "latency").value = "4096"
    elif change == "hop":
        next(p for p in model.metadata_props if p.key == "hop").value = "100"
    elif change == "kind":
        next(p for p in model.metadata_props if p.key == "kind").value = "denoiser"
        next(p for p in model.metadata_props if p.key == "window").value = "560"
    elif change == "format":
        del model.metadata_props[:]
    elif change == "state":
        model.graph.input[1].type.tensor_type.shape.dim[1].dim_value = 10**9
    path.write_bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("operator", "not a model that is safe to load: it uses the operator 'If'"),
        ("domain", "not a model that is safe to load: it uses custom operators of 'com.example'"),
        ("external", "not a model that is safe to load: it keeps data in another file"),
        ("function", "not a model that is safe to load: it defines functions of its own"),
        ("latency", "its latency is 4096; there is room for"),
        ("hop", "its hop is 100 samples"),
        ("format", "is not a Shellac model of format 1"),
        ("kind", "does not work as a denoiser|does not fit its latency|there is room for 512"),
        ("state", "is not a model that can be run|has shape"),
    ],
)
def test_a_stranger_s_model_is_refused_in_one_line(
    files: dict[str, Path], tmp_path: Path, change: str, complaint: str
) -> None:
    path = tmp_path / "strange.onnx"
    shutil.copy(files["detector"], path)
    strange(path, change)
    with pytest.raises(RestorationError, match=complaint) as refused:
        load_learned(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVE", b"\xff" * 1000, None])
def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RestorationError, match=r"model\.onnx") as refused:
        load_learned(path)
    assert "\n" not in str(refused.value)


def test_a_model_that_was_cut_off_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "half.onnx"
    path.write_bytes(files["detector"].read_bytes()[:5000])
    with pytest.raises(RestorationError, match=r"half\.onnx"):
        load_learned(path)


@pytest.mark.parametrize(
    ("kind", "shape", "complaint"),
    [
        ("oracle", {}, "unknown network 'oracle'; known are detector, denoiser"),
        ("detector", {"wisdom": 3}, "a detector has no wisdom"),
        ("detector", {"depth": 5, "rounds": 4}, "wait for .* samples; at most 800"),
        ("denoiser", {"hop": 500}, "hop is 500; it must divide the span"),
    ],
)
def test_an_impossible_network_is_refused(kind: str, shape: dict[str, int], complaint: str) -> None:
    with pytest.raises(RestorationError, match=complaint):
        build_network(kind, shape)


def test_bands_cover_every_bin_once() -> None:
    network = Denoiser(DenoiserShape(hidden=8))
    np.testing.assert_allclose(network.spread.sum(0).numpy(), 1.0, atol=1e-6)
    assert network.n_bands < 200


def test_what_is_known_of_the_hiss_outlasts_digital_silence(files: dict[str, Path]) -> None:
    model = load_learned(files["denoiser"])
    assert isinstance(model, LearnedDenoiser)
    before, silence = noise(2, 12).numpy(), np.zeros((2, 8 * HOP), np.float32)
    state = model.initial_state(2)
    for start in range(0, before.shape[1], HOP):
        _, state = model.step(before[:, start : start + HOP], state, 12.0)
    known = state.network
    for start in range(0, silence.shape[1], HOP):
        _, state = model.step(silence[:, start : start + HOP], state, 12.0)
    for now, then in zip(state.network, known, strict=True):
        np.testing.assert_array_equal(now, then)
    one_wall = np.stack([before[0], silence[0, 0].repeat(before.shape[1])])
    for start in range(0, before.shape[1], HOP):
        _, state = model.step(one_wall[:, start : start + HOP], state, 12.0)
    assert any((now[0] != then[0]).any() for now, then in zip(state.network, known, strict=True))
    assert all((now[1] == then[1]).all() for now, then in zip(state.network, known, strict=True))
