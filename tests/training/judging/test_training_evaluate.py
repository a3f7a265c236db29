"""The evaluation command: what it refuses, and what it writes for peers and damaged files."""

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from training_music import small_music

from training.evaluate import main
from training.judging.metrics import pesq_score

RATE = 16000
COPY = f"{sys.executable} -c 'import shutil, sys; shutil.copy(*sys.argv[1:])' {{input}} {{output}}"
FAIL = f"{sys.executable} -c 'raise SystemExit(3)' {{input}} {{output}}"


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    for genre in ("speech", "jazz"):
        Path("music", genre).mkdir(parents=True)
        sf.write(f"music/{genre}/clip.wav", small_music(1.0, RATE), RATE, subtype="FLOAT")
    Path("music/jazz/letter.wav").write_text("no sound at all")
    Path("letters").mkdir()
    Path("letters/letter.wav").write_text("no sound at all")
    Path("occupied").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["default", "--data", "empty"], "no recording in empty"),
        (["default", "--data", "nowhere"], "there is no file or folder nowhere"),
        (["default", "--data", "letters"], "letter.wav is not an audio file"),
        (["default", "--data", "music", "--seconds", "0"], "--seconds must be above 0"),
        (["default", "--data", "music", "-o", "occupied"], "cannot write into occupied"),
        (["ruin", "--data", "music"], "ruin"),
        (["ruin.pth", "--data", "music"], "cannot read the checkpoint ruin.pth"),
        (["letters/letter.wav", "--data", "music"], "letter.wav"),
        (["default", "--data", "music/speech", "--severity", "ruin.yaml"], "ruin.yaml"),
        (["default", "--data", "music", "--peer", "copy"], "write NAME=COMMAND"),
        (["default", "--data", "music/speech", "--peer", f"x={FAIL}"], "peer x failed"),
        (
            ["default", "--data", "music/speech", "--peer", "x=nosuchprogram {input} {output}"],
            "peer x failed",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_said_in_one_line(
    music: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert main([*arguments] if "-o" in arguments else [*arguments, "-o", "report"]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert complaint in line
    assert line.startswith("error: ")


def test_a_peer_that_copies_gains_nothing_and_a_letter_is_skipped(
    music: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["default", "--data", "music", "--severity", "heavy", "--peer", f"copy={COPY}"]
    assert main([*arguments, "-o", "report"]) == 0
    shown = capsys.readouterr()
    assert "letter.wav is not an audio file" in shown.err
    lines = Path("report/evaluation.csv").read_text().splitlines()
    names = lines[0].split(",")
    table = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
    assert {(row["system"], row["genre"]) for row in table} == {
        (system, genre) for system in ("default", "copy") for genre in ("speech", "jazz")
    }
    for row in table:
        if row["system"] == "copy":
            assert float(row["SNR gain dB"]) == 0
            assert float(row["removed 10 dB"]) == 0
            assert float(row["transparency dB"]) == 120
            assert row["F1"] == "nan"
    assert Path("report/evaluation.png").stat().st_size > 10_000


def test_without_the_pesq_package_the_score_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pesq", None)  # as if it were not installed
    speech = small_music(1.0, RATE)
    assert np.isnan(pesq_score(speech, speech, RATE))


def test_ffmpeg_is_a_peer_on_the_same_files(music: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    command = f"ffmpeg={ffmpeg} -y -i {{input}} -af adeclick=m=s -c:a pcm_f32le {{output}}"
    arguments = ["default", "--data", "music/jazz", "--severity", "heavy", "--peer", command]
    assert main([*arguments, "-o", "report"]) == 0
    lines = Path("report/evaluation.csv").read_text().splitlines()
    table = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    (theirs,) = [row for row in table if row["system"] == "ffmpeg"]
    assert float(theirs["impulse gain dB"]) > 0
    assert float(theirs["transparency dB"]) > 20
