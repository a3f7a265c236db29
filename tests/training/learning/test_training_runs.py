"""Trainings from beginning to end: they learn, go on after a kill, export, and stop in time."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile as sf
import torch
from training_music import small_music

from model.networks.learned import LearnedDenoiser, LearnedDetector, load_learned
from training.dirt.artifacts import apply_degradation
from training.dirt.degradation import draw_degradation
from training.dirt.parameters import load_artifacts
from training.evaluate import main as evaluate_main
from training.export import main as export_main
from training.judging.metrics import snr_db
from training.learning import trainer as trainer_module
from training.learning.checkpoint import load_checkpoint
from training.learning.dataset import Example
from training.learning.trainer import Trainer
from training.train import main as train_main

ROOT = Path(__file__).resolve().parents[3]
SMALL = """
train: both
data_dir: music
run_dir: run
sample_rate: 16000
chunk_duration: 0.3
batch_size: 4
steps: 8
warmup_steps: 2
validate_every: 4
validation_chunks: 2
checkpoint_every: 100
threads: 1
denoiser_width: 8
denoiser_hidden: 12
detector_width: 8
detector_depth: 3
detector_rounds: 1
"""


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten pieces of a second, which nobody changes."""
    place = tmp_path_factory.mktemp("music")
    for seed in range(10):
        sf.write(place / f"{seed}.wav", small_music(1.0, 16000, seed), 16000)
    return place


@pytest.fixture
def folder(tmp_path: Path, music: Path) -> Path:
    (tmp_path / "music").symlink_to(music)
    return tmp_path


def config(folder: Path, *changes: str, name: str = "config.yaml") -> Path:
    """Write the small configuration; each change replaces or adds a line."""
    lines = {line.split(":")[0]: line for line in SMALL.strip().splitlines()}
    lines |= {change.split(":")[0]: change for change in changes}
    path = folder / name
    path.write_text("\n".join(lines.values()) + "\n")
    return path


def start(path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "training.train", str(path), *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def weights(path: Path) -> dict[str, torch.Tensor]:
    networks = load_checkpoint(path)["networks"]
    return {
        f"{kind}.{name}": value
        for kind, stored in networks.items()
        for name, value in stored["weights"].items()
    }


def test_ten_clips_are_learned_exported_and_restored(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config(
        folder,
        "artifacts: heavy",
        "steps: 80",
        "validate_every: 80",
        "validation_chunks: 10",
        "chunk_duration: 0.5",
        "batch_size: 3",
        "learning_rate: 0.015",
        "clean_share: 0.0",
        "augment: false",
        "denoiser_width: 16",
        "denoiser_hidden: 24",
    )
    assert train_main([str(path)]) == 0
    shown = capsys.readouterr().out
    before, after = (float(loss) for loss in re.findall(r", loss (-?[\d.]+)", shown))
    gain = float(re.findall(r"SNR gain dB (-?[\d.]+)", shown)[-1])
    print(f"loss before {before:.3f}, after {after:.3f}; SNR gain {gain:.2f} dB")
    assert after < before - 0.3
    assert gain > 3.0

    assert export_main([str(folder / "run/best.pth"), "-o", str(folder / "mine.onnx")]) == 0
    detector = load_learned(folder / "mine.detector.onnx")
    denoiser = load_learned(folder / "mine.denoiser.onnx")
    assert isinstance(detector, LearnedDetector)
    assert isinstance(denoiser, LearnedDenoiser)
    assert denoiser.card.notes["data"]["recordings"] == [f"{n}.wav" for n in range(10)]
    assert denoiser.card.notes["figures"]["denoiser SNR gain dB"] == pytest.approx(gain, abs=0.01)

    clean = small_music(1.0, 16000, 3)
    record = draw_degradation(load_artifacts("heavy"), 1.0, seed=5)
    degraded, truth = apply_degradation(clean, 16000, record)
    sf.write(folder / "side.wav", degraded, 16000, subtype="FLOAT")
    files = [str(folder / f"mine.{kind}.onnx") for kind in ("detector", "denoiser")]
    restore = [sys.executable, "main.py", "restore", str(folder / "side.wav")]
    restore += ["--output", str(folder / "restored.wav"), "--model", files[0], "--model", files[1]]
    restore += ["--hiss-reduction-db", "12"]
    done = subprocess.run(restore, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "detector mine.detector, denoiser mine.denoiser" in done.stdout
    restored = sf.read(folder / "restored.wav", dtype="float32")[0]
    assert snr_db(truth.clean, restored) > snr_db(truth.clean, degraded) + 3.0

    report = folder / "report"
    arguments = ["default", str(folder / "run/best.pth"), "--data", str(folder / "music")]
    copy = f"copy={sys.executable} -c 'import shutil, sys; shutil.copy(*sys.argv[1:])'"
    arguments += ["--peer", copy + " {input} {output}", "--severity", "heavy", "--per-genre", "2"]
    assert evaluate_main([*arguments, "-o", str(report)]) == 0
    rows = (report / "evaluation.csv").read_text().splitlines()
    assert len(rows) == 1 + 3 * 2
    header = rows[0].split(",")
    values = [dict(zip(header, row.split(","), strict=True)) for row in rows[1:]]
    gains = {
        name: [float(row["SNR gain dB"]) for row in values if row["system"] == name]
        for name in ("copy", "best")
    }
    assert gains["copy"] == pytest.approx([0.0, 0.0])
    assert min(gains["best"]) > 2.0
    assert {row["transparency dB"] for row in values if row["system"] == "copy"} == {"120"}


@pytest.mark.parametrize("averaged_over", [0, 5])
def test_a_killed_run_goes_on_to_the_same_numbers(folder: Path, averaged_over: int) -> None:
    both = ("steps: 16", f"averaged_over: {averaged_over}")
    whole = config(folder, "run_dir: whole", *both, name="whole.yaml")
    assert train_main([str(whole)]) == 0
    torn = config(folder, "run_dir: torn", *both, name="torn.yaml")
    process = start(torn)
    deadline = time.monotonic() + 300
    while not (folder / "torn/last.pth").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert load_checkpoint(folder / "torn/last.pth")["progress"]["step"] in (4, 8, 12)
    assert not list((folder / "torn").glob(".*.part")) or process.returncode == -signal.SIGKILL
    assert train_main([str(torn), "--resume"]) == 0
    ours, theirs = weights(folder / "torn/last.pth"), weights(folder / "whole/last.pth")
    for name, value in theirs.items():
        torch.testing.assert_close(ours[name], value, rtol=0, atol=0, msg=name)


def test_what_is_kept_is_the_mean_of_the_weights_of_its_steps(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = Trainer._learn
    seen: list[dict[str, torch.Tensor]] = []

    def learn_and_look(trainer: Trainer, batch: Example) -> dict[str, float]:
        terms = learn(trainer, batch)
        networks = trainer.networks
        seen.append({k: v.clone() for k, v in networks["denoiser"].state_dict().items()})
        return terms

    monkeypatch.setattr(Trainer, "_learn", learn_and_look)
    more = ("train: denoiser", "steps: 4", "averaged_over: 8")
    assert train_main([str(config(folder, *more))]) == 0
    content = load_checkpoint(folder / "run/last.pth")
    last = content["progress"]["last_step"]["denoiser"]
    for name, value in content["networks"]["denoiser"]["weights"].items():
        mean = torch.stack([weights[name] for weights in seen]).mean(dim=0)
        torch.testing.assert_close(value, mean, msg=name)
        torch.testing.assert_close(last[name], seen[-1][name])


def test_on_a_slow_computer_progress_is_kept_between_validations(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = Trainer._learn

    def learn_three(trainer: Trainer, batch: Example) -> dict[str, float]:
        if trainer.step == 3:
            raise KeyboardInterrupt
        return learn(trainer, batch)

    monkeypatch.setattr(trainer_module, "SAVE_EVERY_S", 0.0)
    monkeypatch.setattr(Trainer, "_learn", learn_three)
    assert train_main([str(config(folder, "train: denoiser", "validate_every: 100"))]) == 130
    assert load_checkpoint(folder / "run/last.pth")["progress"]["step"] == 3


def test_two_processes_train_one_network(folder: Path) -> None:
    path = config(folder, "steps: 4", "validate_every: 4", "device: cpu", "workers: 0")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "training.train", str(path)]
    result = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.count("recordings, ") == 1  # one process speaks
    alone = config(folder, "steps: 4", "validate_every: 4", "run_dir: alone", name="alone.yaml")
    double = alone.read_text().replace("batch_size: 4", "batch_size: 8")
    alone.write_text(double)
    assert train_main([str(alone)]) == 0
    # two batches of four, averaged, are nearly one of eight: only masked means differ a little
    together, single = weights(folder / "run/last.pth"), weights(folder / "alone/last.pth")
    assert load_checkpoint(folder / "run/last.pth")["progress"]["step"] == 4
    names = [name for name in single if name.startswith("denoiser")]
    for name in names:
        torch.testing.assert_close(together[name], single[name], rtol=0.05, atol=0.01, msg=name)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            "impulse_los_weight: 0.2",
            r"config.yaml, line \d+: unknown key 'impulse_los_weight'; did",
        ),
        ("steps: many", r"config.yaml, line \d+: steps is 'many'; it must be of type int"),
        (
            "impulse_loss_weight: 7",
            r"line \d+: impulse_loss_weight is 7.0; it must lie in 0.01..0.9",
        ),
        ("train: everything", r"line \d+: train is 'everything'; choose detector, denoiser, both"),
        ("impulse_rate_low: 99", "impulse_rate_low is above impulse_rate_high"),
        ("data_dir: ", "'data_dir' must name the folder of music"),
        ("data_dir: nowhere", "there is no file or folder"),
        ("detector_depth: 7", None),
        ("device: cuda", None if torch.cuda.is_available() else "asks for a GPU and there is none"),
        ("artifacts: ruin.yaml", "cannot read .*ruin.yaml"),
    ],
)
def test_a_wrong_configuration_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], change: str, complaint: str | None
) -> None:
    if complaint is None:
        pytest.skip("allowed here")
    assert train_main([str(config(folder, change))]) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 1
    assert re.search(complaint, errors[0])


def test_a_run_is_neither_overwritten_nor_resumed_with_another_network(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = config(folder, "steps: 1", "validate_every: 1", "train: denoiser")
    assert train_main([str(first)]) == 0
    assert train_main([str(first)]) == 2
    assert "last.pth exists; --resume it" in capsys.readouterr().err
    other = config(folder, "train: denoiser", "denoiser_hidden: 24")
    assert train_main([str(other), "--resume"]) == 2
    assert "last.pth holds another architecture" in capsys.readouterr().err
    both = config(folder, "train: both")
    assert train_main([str(both), "--resume"]) == 2
    assert "last.pth holds denoiser; the configuration trains others" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 neither"])
def test_a_file_that_is_no_checkpoint_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = folder / "strange.pth"
    path.write_bytes(content)
    assert export_main([str(path), "-o", str(folder / "x.onnx")]) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 1
    assert "strange.pth is not a checkpoint of this program" in errors[0]


def test_a_checkpoint_that_would_run_code_is_not_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(folder / "trapped"),)

    torch.save({"format": 1, "networks": Trap()}, folder / "trap.pth")
    assert export_main([str(folder / "trap.pth"), "-o", str(folder / "x.onnx")]) == 2
    assert not (folder / "trapped").exists()
    assert "trap.pth is not a checkpoint" in capsys.readouterr().err


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_main([str(config(folder, "steps: 4", "train: denoiser"))]) == 0
    last = folder / "run/last.pth"
    content = load_checkpoint(last)
    content["networks"]["denoiser"]["weights"]["look.bias"][0] = float("nan")
    torch.save(content, last)
    broken = last.read_bytes()
    assert train_main([str(config(folder, "steps: 9", "train: denoiser")), "--resume"]) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert re.search(
        r"the loss is nan at step 4 \(batch of \d.wav.*last good checkpoint", errors[-1]
    )
    assert last.read_bytes() == broken  # nothing was written over it


def test_a_loss_that_is_no_number_before_any_checkpoint_promises_none(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        return {"spectral": torch.tensor(float("inf"))}, torch.zeros(1)

    monkeypatch.setattr("training.learning.trainer.network_loss", broken)
    assert train_main([str(config(folder, "train: denoiser"))]) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert re.search(
        r"the loss is inf at step 0 \(batch of \d.wav.*no checkpoint was due yet", line
    )
    assert not (folder / "run/last.pth").exists()


def test_a_training_may_begin_with_the_weights_of_another(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_main([str(config(folder, "steps: 2", "train: denoiser"))]) == 0
    first = load_checkpoint(folder / "run/last.pth")["networks"]["denoiser"]["weights"]
    # A step of no length: what comes out is what was begun with.
    more = ("run_dir: more", "start_from: run/last.pth", "learning_rate: 0.0", "weight_decay: 0.0")
    assert train_main([str(config(folder, "steps: 1", "train: denoiser", *more))]) == 0
    content = load_checkpoint(folder / "more/last.pth")
    assert content["progress"]["step"] == 1
    for name, value in content["networks"]["denoiser"]["weights"].items():
        torch.testing.assert_close(value, first[name])
    both = config(folder, "train: both", "run_dir: third", "start_from: run/last.pth")
    assert train_main([str(both)]) == 2
    assert "last.pth holds no detector" in capsys.readouterr().err
