"""From a folder of music to measured networks in one command, on a very small scale."""

import json
from pathlib import Path

import pytest
import soundfile as sf
import torch
from training_music import small_music

from model.networks.learned import load_learned
from training import build_checkpoints
from training.build_checkpoints import EDITIONS
from training.build_checkpoints import main as build_main

RATE = 44_100


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    torch.set_num_threads(1)
    for number, genre in enumerate(("brass", "jazz", "jazz")):
        Path("music", genre).mkdir(parents=True, exist_ok=True)
        music = small_music(1.5, RATE, number)
        sf.write(f"music/{genre}/{number}.flac", music, RATE)
    Path("sides").mkdir()
    sf.write("sides/side.flac", small_music(1.0, RATE, 9), RATE)
    return tmp_path


def test_one_command_gives_two_networks_their_figures_and_their_cards(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_checkpoints, "RIVALS_NEED", ("a_package_that_nobody_has",))
    Path("fitted.yaml").write_text("impulse_rate: 3\n")
    arguments = ["--music", "music", "--real", "sides", "-o", "built", "--held-out", "brass/*"]
    arguments += ["--artifacts", "fitted.yaml", "--licences", "made for the test", "--quick"]
    assert build_main(arguments) == 0
    assert "a_package_that_nobody_has not installed" in capsys.readouterr().out
    for kind in ("detector", "denoiser"):
        network = load_learned(Path(f"built/{kind}_{EDITIONS[kind]}.onnx"))
        notes = network.card.notes
        assert network.card.kind == kind
        assert notes["step"] == 4
        assert notes["data"]["recordings"] == ["1.flac", "2.flac"]
        assert notes["data"]["held_out"] == "brass/*"
        card = Path(f"built/{kind}_{EDITIONS[kind]}.md").read_text()
        assert "made for the test" in card
        assert "--artifacts fitted.yaml --held-out 'brass/*' --quick -o OUT" in card
        assert "SVG" in Path(f"built/{kind}_{EDITIONS[kind]}.svg").read_text().upper()[:400]
        assert f'artifacts: "{folder / "fitted.yaml"}"' in Path(f"built/{kind}.yaml").read_text()
    figures = json.loads(Path("built/detector_2.json").read_text())
    assert figures["clips"] == ["0"]
    assert all(len(row["transparency"]) == 1 for row in figures["rows"])
    noises = json.loads(Path("built/denoiser_2.json").read_text())["noise"]
    assert "white hiss, 25 dB" in noises


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--held-out", "organ/*"], "nothing in music matches organ/*"),
        (["--held-out", "*"], "all are held out by *"),
        (["--held-out", "brass/*", "--artifacts", "none.yaml"], "none.yaml"),
        (["--music", "nowhere"], "there is no file or folder nowhere"),
        (["--scores", "music"], "--scores needs --render MINUTES"),
        (["-o", "sides/side.flac"], "cannot write into sides/side.flac"),
    ],
)
def test_what_cannot_be_built_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert build_main(["--music", "music", "-o", "built", "--quick", *arguments]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert complaint in line
    assert line.startswith("error: ")


def test_all_music_can_be_packed_and_a_pack_is_a_place_of_music(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_main(["--music", "music", "-o", "packed", "--pack-only"]) == 0
    assert "0.1 minutes of music in packed/music.pack" in capsys.readouterr().out
    assert not list(Path("packed").glob("*.onnx"))
    arguments = ["--music", "packed/music.pack", "-o", "built", "--held-out", "brass/*"]
    assert build_main([*arguments, "--kinds", "denoiser", "--quick"]) == 0
    notes = load_learned(Path(f"built/denoiser_{EDITIONS['denoiser']}.onnx")).card.notes
    assert notes["data"]["recordings"] == ["1.flac", "2.flac"]
    assert [path.name for path in Path("built/held_out").iterdir()] == ["0.flac"]
