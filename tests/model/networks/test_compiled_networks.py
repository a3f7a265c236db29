"""Networks run by the compiled core: the numbers of ONNX Runtime, and the same bits however many
frames or channels are heard at once."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from test_chain import clicked, music_on_shellac

from model.chain import HOP, Chain, ChainOutput, joined
from model.checkpoints import Models, load_models, shipped_checkpoints
from model.core import BASELINE
from model.errors import RestorationError
from model.networks.graph import read_graph
from model.networks.network import CompiledNetwork
from model.networks.onnx_file import open_network
from model.networks.onnx_guard import refuse_strange_graph
from model.networks.plan import UnknownError
from model.networks.runtime import RuntimeNetwork
from model.settings import Settings

F32 = NDArray[np.float32]
RATE = 44_100
ROOT = Path(__file__).parents[3]
Shape = Sequence[int | str]


@cache
def shipped() -> Models:
    return load_models()


def both(content: bytes) -> tuple[CompiledNetwork, RuntimeNetwork, tuple[int, ...]]:
    """A network run by the core and by ONNX Runtime, and the shape of one channel's signal."""
    graph = read_graph(content)
    shape = tuple(n or 0 for n in graph.inputs[0].shape[1:])
    return CompiledNetwork(graph), RuntimeNetwork(content, Path("network.onnx")), shape


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("path", shipped_checkpoints(), ids=lambda path: path.stem)
def test_a_shipped_network_answers_as_with_onnx_runtime(path: Path, channels: int) -> None:
    """Over loud and faint frames, silence among them; its memory must not drift away either."""
    core, runtime, shape = both(path.read_bytes())
    rng = np.random.default_rng(channels)
    ours, theirs = core.initial_state(channels), runtime.initial_state(channels)
    for frame in range(100):
        level = 0 if frame % 17 == 5 else 10 ** rng.uniform(-4, 0)
        signal = (level * rng.standard_normal((channels, *shape))).astype(np.float32)
        one, ours = core.run(signal, ours)
        other, theirs = runtime.run(signal, theirs)
        np.testing.assert_allclose(one, other, atol=2e-5 * max(1.0, np.abs(other).max()))
    flat = np.concatenate([part.reshape(channels, -1) for part in theirs], axis=1)
    np.testing.assert_allclose(ours[0], flat, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("path", shipped_checkpoints(), ids=lambda path: path.stem)
def test_frames_and_channels_together_give_the_bits_of_each_alone(path: Path) -> None:
    _, network = open_network(path)
    assert isinstance(network, CompiledNetwork)
    shape = [n or 0 for n in read_graph(path.read_bytes()).inputs[0].shape[1:]]
    signal = np.random.default_rng(1).standard_normal((19, 2, *shape)).astype(np.float32)
    together, last = network.run_all(signal, network.initial_state(2))
    for channel in range(2):
        state = network.initial_state(1)
        for frame, result in zip(signal, together, strict=True):
            before = [part.copy() for part in state]
            alone, after = network.run(frame[channel : channel + 1], state)
            np.testing.assert_array_equal(result[channel], alone[0])
            np.testing.assert_array_equal(state, before)  # a state is a value
            state = after
        np.testing.assert_array_equal(last[0][channel], state[0][0])


def test_the_shipped_networks_need_no_onnx_runtime() -> None:
    said = (
        "import sys; sys.modules['onnxruntime'] = None;"
        "from model.checkpoints import load_models; print(*(m.name for m in load_models()))"
    )
    result = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["detector_2", "denoiser_1"]


def test_every_processor_gives_the_same_network_but_for_rounding() -> None:
    """The library for wide vectors adds a product in one go, the one for all processors in two."""
    said = (
        "import numpy as np, sys; from model.checkpoints import load_models\n"
        "sound = np.random.default_rng(0).standard_normal((1, 20480)).astype(np.float32)\n"
        "detector, denoiser = load_models()\n"
        "one, _ = detector.step(sound, detector.initial_state(1))\n"
        "two, _ = denoiser.step(sound, denoiser.initial_state(1), 24.0)\n"
        "sys.stdout.buffer.write(np.stack([one, two]).tobytes())"
    )
    heard = []
    for baseline in ("", "1"):
        result = subprocess.run(
            [sys.executable, "-c", said],
            cwd=ROOT,
            env={**os.environ, BASELINE: baseline},
            capture_output=True,
            check=True,
        )
        heard.append(np.frombuffer(result.stdout, np.float32))
    np.testing.assert_allclose(heard[0], heard[1], atol=2e-5)


# One operator at a time

ROWS = [("channels", 24, 13), ("channels", 24, 64), ("channels", 5, 1)]
Made = tuple[list[Any], dict[str, NDArray[Any]]]  # nodes from "x" to "y", constants


def numbers(*shape: int) -> F32:
    return np.random.default_rng(78).standard_normal(shape).astype(np.float32)


def ints(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def node(operator: str, *others: str, **attributes: Any) -> list[Any]:
    return [helper.make_node(operator, ["x", *others], ["y"], **attributes)]


def packed(made: Made, shape: Shape, result: Shape = ("channels", "of", "its", "own")) -> bytes:
    """A network whose signal goes through some operators, and whose state counts frames."""
    nodes, constants = made
    constants = {**constants, "one": np.ones(1, np.float32)}
    nodes = [*nodes, helper.make_node("Add", ["state", "one"], ["after"])]
    inputs = {"x": shape, "state": ("channels", 1)}
    outputs = {"y": result, "after": ("channels", 1)}
    takes, gives = (
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in group.items()]
        for group in (inputs, outputs)
    )
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "made", takes, gives, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def known(channels: int, length: int) -> dict[str, Made]:
    """Every operator that the core runs, in the ways that differ, over ``[C, channels, n]``."""
    operators: dict[str, Made] = {
        name: (node(name), {})
        for name in ("Relu", "Sigmoid", "Tanh", "Exp", "Abs", "Sign", "Neg", "Identity")
    }
    size = [helper.make_node("Abs", ["x"], ["size"])]
    for name in ("Log", "Sqrt"):
        operators[name] = ([*size, helper.make_node(name, ["size"], ["y"])], {})
    for name in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
        operators[f"{name} a row"] = (node(name, "w"), {"w": numbers(channels, 1)})
        operators[f"{name} a number"] = (node(name, "w"), {"w": numbers()})
        operators[f"{name} to a number"] = (
            [helper.make_node(name, ["w", "x"], ["y"])],
            {"w": numbers(1)},
        )
        operators[f"{name} another"] = ([*size, *node(name, "size")], {})
    bounds = {"low": np.array(-0.5, np.float32), "high": np.array(0.7, np.float32)}
    operators["Clip"] = (node("Clip", "low", "high"), bounds)
    operators["Clip above"] = (node("Clip", "", "high"), bounds)
    for outputs, taps, apart, pads in ((7, 5, 1, 2), (8, 1, 1, 0), (1, 3, 2, 2), (24, 5, 12, 24)):
        weights = {"w": numbers(outputs, channels, taps), "b": numbers(outputs)}
        kind: dict[str, Any] = {"dilations": [apart], "pads": [pads, pads]}
        kind["kernel_shape"] = [taps]
        operators[f"Conv to {outputs} by {taps}"] = (node("Conv", "w", "b", **kind), weights)
    weights = {"w": numbers(3, channels, 1)}
    operators["Conv without bias"] = (node("Conv", "w", kernel_shape=[1]), weights)
    turned = [helper.make_node("Transpose", ["x"], ["t"], perm=[0, 2, 1])]
    for outputs in (1, 8, 24, 31, 96):
        made = {"w": numbers(channels, outputs), "b": numbers(outputs)}
        multiplied = helper.make_node("MatMul", ["t", "w"], ["m"])
        added = helper.make_node("Add", ["b", "m"], ["y"])
        operators[f"MatMul to {outputs}"] = ([*turned, multiplied, added], made)
    operators["Transpose"] = (node("Transpose", perm=[0, 2, 1]), {})
    for axis in (1, 2):
        operators[f"ReduceMean {axis}"] = (node("ReduceMean", axes=[axis], keepdims=1), {})
        axes = {"axes": ints(axis - 3)}
        operators[f"ReduceSum {axis}"] = (node("ReduceSum", "axes", keepdims=0), axes)
        cut = {"first": ints(-1), "last": ints(1 << 40), "axes": ints(axis)}
        operators[f"Slice {axis}"] = (node("Slice", "first", "last", "axes"), cut)
        operators[f"Concat {axis}"] = ([*size, *node("Concat", "size", axis=axis)], {})
        operators[f"Gather {axis}"] = (node("Gather", "i", axis=axis), {"i": np.array(0)})
        operators[f"Unsqueeze {axis}"] = (node("Unsqueeze", "axes"), {"axes": ints(axis)})
    for counted in (0, 1):
        kind = {"kernel_shape": [5], "pads": [2, 2]}
        kind["count_include_pad"] = counted
        operators[f"AveragePool {counted}"] = (node("AveragePool", **kind), {})
    operators["Reshape"] = (node("Reshape", "to"), {"to": ints(0, 1, -1)})
    rows = [*turned, helper.make_node("Reshape", ["t", "rows"], ["r"])]
    rows += [
        helper.make_node("Tanh", ["r"], ["h"]),
        helper.make_node("Reshape", ["h", "to"], ["y"]),
    ]
    operators["Reshape to rows and back"] = (
        rows,
        {"rows": ints(-1, channels), "to": ints(-1, length, channels)},
    )
    operators["Flatten"] = (node("Flatten", axis=1), {})
    operators["nothing done"] = (node("Identity"), {})
    return operators


@pytest.mark.parametrize("shape", ROWS, ids=lambda shape: f"{shape[1]} by {shape[2]}")
@pytest.mark.parametrize("name", known(1, 1))
def test_each_operator_gives_what_onnx_runtime_gives(name: str, shape: Shape) -> None:
    channels = int(shape[1])
    nodes, constants = known(channels, int(shape[2]))[name]
    content = packed((nodes, constants), shape, ())
    try:
        core, runtime, of_one = both(content)
    except UnknownError as reason:
        # a shape may leave nothing to an operator; then it is not the core that must say so
        assert "nothing" in str(reason), reason
        return
    for scale in (1.0, 1e-3, 20.0):
        signal = (scale * np.random.default_rng(3).standard_normal((3, *of_one))).astype(np.float32)
        signal[0, 0, :1] = 0
        ours, (counted,) = core.run(signal, core.initial_state(3))
        theirs, _ = runtime.run(signal, runtime.initial_state(3))
        np.testing.assert_allclose(
            ours.reshape(-1), theirs.reshape(-1), rtol=3e-6, atol=1e-6 * np.abs(theirs[1:]).max()
        )
        assert (counted == 1).all()


STRANGE: dict[str, Made] = {
    "channels in more rows than one": (node("Reshape", "to"), {"to": ints(-1, 24)}),
    "channels averaged": (node("ReduceMean", axes=[0], keepdims=1), {}),
    "channels joined": (
        [
            helper.make_node("Reshape", ["x", "to"], ["r"]),
            helper.make_node("ReduceMean", ["r"], ["y"], axes=[1], keepdims=1),
        ],
        {"to": ints(1, -1)},
    ),
    "channels cut": (
        node("Slice", "first", "last", "axes"),
        {"first": ints(0), "last": ints(1), "axes": ints(0)},
    ),
    "an operator it does not know": (node("Softplus"), {}),
    "a stride": (node("AveragePool", kernel_shape=[2], strides=[2]), {}),
    "a filter whose taps are more than there are samples": (
        node("Conv", "w", kernel_shape=[3]),
        {"w": np.ones((2, 24, 3), np.float32)},
    ),
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_the_core_does_not_know_is_left_to_onnx_runtime(name: str) -> None:
    shape = ("channels", 24, 1 if "filter" in name else 8)
    with pytest.raises(UnknownError):
        CompiledNetwork(read_graph(packed(STRANGE[name], shape)))


def mixing(path: Path) -> Path:
    """Write a detector in which the channels meet."""
    rows: list[str | int | None] = ["channels", 512]
    nodes = [
        helper.make_node("ReduceMean", ["signal"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Add", ["mean", "state_0"], ["next_state_0"]),
        helper.make_node("Sub", ["signal", "next_state_0"], ["result"]),
    ]
    graph = helper.make_graph(
        nodes,
        "mixing",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, rows) for n in ("signal", "state_0")],
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, rows)
            for n in ("result", "next_state_0")
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    known = onnx.load(str(shipped_checkpoints()[-1])).metadata_props
    helper.set_model_props(model, {item.key: item.value for item in known})
    onnx.save(model, str(path))
    return path


def test_a_network_that_mixes_its_channels_still_runs(tmp_path: Path) -> None:
    _, network = open_network(mixing(tmp_path / "mixing.onnx"))
    assert isinstance(network, RuntimeNetwork)
    signal = np.ones((9, 2, 512), np.float32)
    result, (state,) = network.run_all(signal, network.initial_state(2))
    assert (result[-1] == 1 - 9).all() and (state == 9).all()


def test_a_network_beyond_the_core_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RestorationError, match=r"mixing\.onnx needs .*pip install onnxruntime"):
        open_network(mixing(tmp_path / "mixing.onnx"))


def test_a_network_too_large_for_any_use_is_not_laid_out() -> None:
    doubled = [helper.make_node("Concat", ["x", "x"], ["d0"], axis=2)]
    doubled += [
        helper.make_node("Concat", [f"d{n}", f"d{n}"], [f"d{n + 1}"], axis=2) for n in range(40)
    ]
    doubled += [helper.make_node("ReduceSum", ["d40"], ["y"], keepdims=1)]
    with pytest.raises(UnknownError, match="numbers"):
        CompiledNetwork(read_graph(packed((doubled, {}), ("channels", 24, 8))))


def test_a_damaged_network_is_refused_or_runs_but_never_leads_astray() -> None:
    """Single bytes changed anywhere: whatever can still be laid out must stay in its memory."""
    rng, ran = np.random.default_rng(78), 0
    made = [packed(one, ("channels", 24, 13), ()) for one in known(24, 13).values()]
    for content in made:
        for _ in range(12):
            damaged = bytearray(content)
            for at in rng.integers(len(damaged), size=2):
                damaged[at] = rng.choice([0, 1, 127, 255, damaged[at] ^ 1])
            try:
                refuse_strange_graph(bytes(damaged), "made")
                network = CompiledNetwork(read_graph(bytes(damaged)))
            except (RestorationError, UnknownError, ValueError):
                continue
            signal = np.zeros((1, 2, network._plan.n_signal), np.float32)
            result, _ = network.run_all(signal, network.initial_state(2))
            ran += result.size > 0
    assert ran > len(made)  # most bytes are weights and names


def of_hops(
    signal: F32, chain: Chain, sizes: list[int], settings: list[Settings]
) -> tuple[ChainOutput, int]:
    """Restore a signal in so many hops at a time, and as many settings; how many channels last."""
    state, outputs, at = chain.initial_state(), [], 0
    for size, setting in zip(sizes, settings, strict=True):
        output, state = chain.step(signal[:, at : at + size * HOP], state, setting)
        outputs.append(output)
        at += size * HOP
    return joined(outputs), len(state.peak)


def test_hops_together_give_the_bits_of_hops_alone() -> None:
    """Walls that are alike at first, a needle in silence, and controls that are turned."""
    music = clicked(music_on_shellac(1.0), [4_000, 15_000, 22_000, 35_000], height=0.2)
    sound = np.concatenate([np.zeros((1, 6 * HOP), np.float32), music], axis=1)
    sound = np.repeat(sound, 2, axis=0)
    sound[1, 18_000:] *= np.float32(0.7)
    turned = replace(Settings(), depth=0.6, hiss_reduction_db=18.0)
    sizes, chain = [26, 1, 2, 18], Chain(RATE, 2, shipped())
    settings = [Settings(), turned, replace(turned, bypass=True), Settings()]
    together, channels = of_hops(sound, chain, sizes, settings)
    alone, _ = of_hops(
        sound,
        chain,
        [1] * sum(sizes),
        [setting for size, setting in zip(sizes, settings, strict=True) for _ in range(size)],
    )
    assert channels == 2
    assert together.impulses == alone.impulses and together.impulses
    for one, other in zip(together[:5], alone[:5], strict=True):
        np.testing.assert_array_equal(one, other)
