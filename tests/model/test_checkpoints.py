"""Choosing trained networks: the shipped ones, a person's own, none; and what is refused."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from cli_tools import refusal, shellac, write_side

from model.checkpoints import CHECKPOINTS_DIR, Models, load_models, shipped_checkpoints
from model.errors import RestorationError
from model.networks.building import build_network
from realtime.restorer.checkpoint_files import usable_models
from training.learning.checkpoint import save_checkpoint
from training.learning.onnx_export import export_network

SMALL = {
    "detector": {"width": 8, "depth": 3, "rounds": 1},
    "denoiser": {"width": 8, "hidden": 8},
}
CONFIG = {"sample_rate": 44_100}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Own networks: one exported of each kind, and a training checkpoint of a detector."""
    torch.manual_seed(78)
    place = tmp_path_factory.mktemp("own")
    for kind, shape in SMALL.items():
        export_network(build_network(kind, shape), place / f"own_{kind}.onnx", CONFIG, {})
    detector = build_network("detector", SMALL["detector"])
    save_checkpoint(place / "trained.pth", {"detector": detector}, CONFIG, {})
    return place


def names(models: Models) -> tuple[str, str]:
    return tuple(model.name if model else "-" for model in models)  # type: ignore[return-value]


def test_the_shipped_networks_are_what_one_gets_unasked() -> None:
    kinds = [path.stem.split("_")[0] for path in shipped_checkpoints()]
    assert kinds == ["denoiser", "detector"]
    assert names(load_models()) == ("detector_2", "denoiser_1")


def test_every_shipped_network_has_its_card_and_is_small() -> None:
    for path in shipped_checkpoints():
        card = path.with_suffix(".md").read_text()
        assert "Licences of the recordings" in card and "Never heard" in card
    assert sum(path.stat().st_size for path in CHECKPOINTS_DIR.iterdir()) < 4e6


def test_an_own_network_takes_only_its_own_place(folder: Path) -> None:
    own = load_models((str(folder / "own_detector.onnx"),))
    assert names(own) == ("own_detector", "denoiser_1")


def test_none_leaves_both_places_empty_and_goes_with_nothing_else(folder: Path) -> None:
    assert load_models(("none",)) == Models()
    with pytest.raises(RestorationError, match="'none' and a model were both asked for"):
        load_models(("none", str(folder / "own_detector.onnx")))


def test_two_of_a_kind_are_refused(folder: Path) -> None:
    shutil.copy(folder / "own_detector.onnx", folder / "again.onnx")
    with pytest.raises(RestorationError, match=r"again\.onnx is a second detector"):
        load_models((str(folder / "own_detector.onnx"), str(folder / "again.onnx")))


def test_a_training_checkpoint_is_exported_on_the_fly(folder: Path) -> None:
    (exported,) = usable_models((str(folder / "trained.pth"),))
    assert names(load_models((exported,))) == ("trained", "denoiser_1")


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.target), "w")


def test_a_checkpoint_that_carries_code_is_refused_and_never_runs_it(tmp_path: Path) -> None:
    target = tmp_path / "it_ran"
    torch.save({"format": 1, "networks": Bomb(target)}, tmp_path / "a.pth")
    with pytest.raises(RestorationError, match="not a checkpoint of this program"):
        usable_models((str(tmp_path / "a.pth"),))
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("missing.onnx", None, "there is no model file .*missing.onnx; give a .onnx or .pth file"),
        ("notes.txt", b"text", "notes.txt is no model; give a .onnx or .pth file"),
        ("noise.onnx", b"\x08\x07noise", "noise.onnx .*(damaged|safe to load|can be run)"),
        ("empty.pth", b"", "empty.pth cannot be exported: .*not a checkpoint"),
    ],
)
def test_what_is_no_model_is_said_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    side = write_side(tmp_path / "side.wav")
    line = refusal(
        *("restore", side, "--output", tmp_path / "out.wav"), *("--model", tmp_path / name)
    )
    assert re.search(complaint, line), line
    assert not (tmp_path / "out.wav").exists()


def test_a_file_is_restored_with_the_networks_that_were_asked_for(
    tmp_path: Path, folder: Path
) -> None:
    side = write_side(tmp_path / "side.wav")
    restored: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = {}
    for name in ("none", str(folder / "own_denoiser.onnx")):
        target = tmp_path / f"{len(restored)}.wav"
        arguments = ("--output", target, "--model", name, "--hiss-reduction-db", "12")
        result = shellac("restore", side, *arguments)
        assert result.returncode == 0, result.stderr
        restored[name] = soundfile.read(target)[0]
    plain, denoised = restored.values()
    assert plain.shape == denoised.shape
    assert np.abs(plain - denoised).max() > 1e-3
