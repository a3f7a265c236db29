"""A file is heard in long runs: other sums together at a time, the same bits of each."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper
from test_chain import clicked, music_on_shellac

from model.chain import HOP, Chain, ChainOutput, joined
from model.checkpoints import Models, load_models, shipped_checkpoints
from model.networks.onnx_file import LONG_RUN, open_network
from model.settings import Settings

F32 = NDArray[np.float32]
RATE = 44_100


@cache
def shipped() -> Models:
    return load_models()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("path", shipped_checkpoints(), ids=lambda path: path.stem)
def test_a_long_run_of_a_shipped_network_gives_the_bits_of_its_frames(
    path: Path, channels: int
) -> None:
    _, network = open_network(path)
    assert network.long_run is not None
    frames = 2 * LONG_RUN + 3
    shape = (frames, channels, *network._signal_shape)
    signal = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    together, last = network.run_all(signal, network.initial_state(channels))
    state = network.initial_state(channels)
    for frame, result in zip(signal, together, strict=True):
        alone, state = network.run(frame, state)
        np.testing.assert_array_equal(result, alone)
    for one, other in zip(last, state, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_that_mixes_its_channels_is_heard_frame_by_frame(tmp_path: Path) -> None:
    path = tmp_path / "mixing.onnx"
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
    _, network = open_network(path)
    assert network.long_run is None
    signal = np.ones((LONG_RUN, 2, 512), np.float32)
    result, (state,) = network.run_all(signal, network.initial_state(2))
    assert (result[-1] == 1 - LONG_RUN).all() and (state == LONG_RUN).all()


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
