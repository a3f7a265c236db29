"""What listeners and musicians hear of a restoration, as models of them say."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from training_music import small_music

from model.errors import RestorationError
from training.denoise_benchmark import main as denoise_main
from training.judging import perceived
from training.judging.perceived import missing_listeners, mushra_score, note_f1, opinion

RATE = perceived.NOTE_RATE
LOUD = np.full(perceived.NOTE_WINDOW, 0.9, np.float32)


@pytest.fixture
def note_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package whose network takes a sample for the probability of a note in each cell."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    cells = 172 * 88
    numbers = {"start": [0], "end": [cells], "axis": [1], "shape": [-1, 172, 88]}
    graph = helper.make_graph(
        [
            helper.make_node("Slice", ["sound", "start", "end", "axis"], ["first"]),
            helper.make_node("Reshape", ["first", "shape"], [perceived._NOTES]),
        ],
        "notes",
        [helper.make_tensor_value_info("sound", kind, [None, perceived.NOTE_WINDOW, 1])],
        [helper.make_tensor_value_info(perceived._NOTES, kind, [None, 172, 88])],
        [
            onnx.numpy_helper.from_array(np.array(value, np.int64), name)
            for name, value in numbers.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    file = tmp_path / "basic_pitch" / perceived._NOTE_FILE
    file.parent.mkdir(parents=True)
    (tmp_path / "basic_pitch" / "__init__.py").write_text("import tensorflow_that_is_not_there\n")
    onnx.save(model, file)
    monkeypatch.syspath_prepend(tmp_path)
    perceived._note_network.cache_clear()


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    yield
    perceived._note_network.cache_clear()


@pytest.mark.usefixtures("note_network")
def test_the_same_notes_are_found_whole_and_half_of_them_by_two_thirds() -> None:
    assert note_f1(LOUD, LOUD, RATE) == 1.0
    half = LOUD.copy()
    half[: 172 * 44] = 0.1
    assert note_f1(LOUD, half, RATE) == pytest.approx(2 / 3)
    assert np.isnan(note_f1(0 * LOUD, 0 * LOUD, RATE))


@pytest.mark.usefixtures("note_network")
def test_a_sound_of_any_length_and_rate_has_notes() -> None:
    music = small_music(3.0, 44_100)
    assert note_f1(np.abs(music), np.abs(music), 44_100) == 1.0
    assert np.isnan(note_f1(music[:0], music[:0], 44_100))


def test_an_opinion_is_asked_for_at_the_rate_that_the_listener_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listener: Any = ModuleType("zimtohrli")
    listener.mos_from_signals = lambda a, b: 5.0 if len(a) == len(b) == 48_000 else 1.0
    monkeypatch.setitem(sys.modules, "zimtohrli", listener)
    music = small_music(1.0, 44_100)
    assert opinion(music, music, 44_100) == 5.0


def test_a_mark_is_asked_for_at_the_rate_and_the_full_scale_that_the_model_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model: Any = ModuleType("seabass.core.models.mms")

    def marked(test: Any, reference: Any, rate: int) -> float:
        assert test.shape == reference.shape == (1, 48_000)
        assert rate == perceived.OPINION_RATE
        return float(100 * np.max(np.abs(test)) / np.max(np.abs(reference)))

    model.estimated_mean_mushra_score = marked
    for name in ("seabass", "seabass.core", "seabass.core.models"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "seabass.core.models.mms", model)
    music = small_music(1.0, 44_100)
    assert mushra_score(music, music, 44_100) == 100.0
    assert mushra_score(music, music / np.float32(4), 44_100) == pytest.approx(25.0)


def test_listeners_that_are_not_installed_are_named_with_their_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(perceived, "find_spec", lambda _name: None)
    monkeypatch.setitem(sys.modules, "zimtohrli", None)
    monkeypatch.setitem(sys.modules, "seabass.core.models.mms", None)
    command = "pip install --no-deps zimtohrli basic-pitch seabass-2f resampy numba llvmlite"
    assert missing_listeners() == command
    for measured in (opinion, mushra_score, note_f1):
        with pytest.raises(RestorationError, match="is not installed: pip install"):
            measured(LOUD, LOUD, RATE)
    assert denoise_main(["clips", "--heard"]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.endswith(f"is not installed: {command}")
