"""Files through the command line: nothing lost, nothing overwritten, nothing half done."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, refusal, shellac, started, wait_for, write_side


@pytest.fixture
def side(tmp_path: Path) -> Path:
    """Two seconds of a chord with clicks."""
    return write_side(tmp_path / "side.wav")


def test_restored_file_lines_up_with_the_input(side: Path, tmp_path: Path) -> None:
    target, removed, mask = (tmp_path / f"{name}.wav" for name in ("out", "removed", "mask"))
    report = tmp_path / "report.json"
    result = shellac(
        "restore",
        side,
        "--output",
        target,
        "--removed",
        removed,
        "--mask",
        mask,
        "--report",
        report,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert str(target) in result.stdout
    worn, restored = soundfile.read(side)[0], soundfile.read(target)[0]
    assert soundfile.info(target).samplerate == RATE
    assert restored.shape == worn.shape
    taken, _ = soundfile.read(removed)
    assert np.abs(worn - restored - taken).max() < 2**-22  # a step of 24 bits
    assert soundfile.info(mask).frames == len(worn)
    assert json.loads(report.read_text())


def test_many_files_go_into_a_folder(side: Path, tmp_path: Path) -> None:
    other = tmp_path / "b side.flac"
    soundfile.write(other, *soundfile.read(side))
    folder = tmp_path / "restored"
    folder.mkdir()
    result = shellac("restore", side, other, "--output", folder, "--jobs", "2")
    assert (result.returncode, result.stderr) == (0, "")
    sounds = {"side_restored.wav", "b side_restored.flac"}
    sidecars = {f"{name}.shellac.json" for name in sounds}
    repairs = {f"{name}.shellac.csv" for name in sounds}
    assert {path.name for path in folder.iterdir()} == sounds | sidecars | repairs
    assert sum(" -> " in line for line in result.stdout.splitlines()) == 2


def test_jobs_do_not_change_the_sound(side: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(side.read_bytes())
    for jobs in ("1", "2"):
        (tmp_path / jobs).mkdir()
        shellac("restore", side, other, "--output", tmp_path / jobs, "--jobs", jobs)
    one, two = (soundfile.read(tmp_path / jobs / "other_restored.wav")[0] for jobs in "12")
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_one_bad_file_does_not_stop_the_others(side: Path, tmp_path: Path, jobs: str) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_text("this is no sound")
    folder = tmp_path / "restored"
    folder.mkdir()
    result = shellac("restore", bad, side, "--output", folder, "--jobs", jobs)
    assert result.returncode == 2
    assert "bad.wav" in result.stderr.splitlines()[0]
    assert result.stderr.splitlines()[-1] == "shellac: 1 of 2 files could not be restored"
    assert [path.name for path in folder.glob("*.wav")] == ["side_restored.wav"]


def test_existing_file_is_left_alone(side: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious.wav"
    target.write_bytes(b"precious")
    assert "exists already" in refusal("restore", side, "--output", target)
    assert target.read_bytes() == b"precious"
    assert shellac("restore", side, "--output", target, "--overwrite").returncode == 0
    assert soundfile.info(target).frames == 2 * RATE


def test_source_is_never_the_target(side: Path) -> None:
    before = side.read_bytes()
    assert "itself" in refusal("restore", side, "--output", side, "--overwrite")
    assert side.read_bytes() == before


def test_two_sources_of_one_name_are_not_mixed_up(side: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = tmp_path / "b" / "side.wav"
    other.write_bytes(side.read_bytes())
    assert "different folders" in refusal("restore", side, other, "--output", tmp_path)


def test_depth_zero_changes_nothing(side: Path, tmp_path: Path) -> None:
    target = tmp_path / "same.wav"
    nothing = ("--depth", "0", "--hiss-reduction-db", "0")
    assert shellac("restore", side, "--output", target, *nothing).returncode == 0
    np.testing.assert_array_equal(soundfile.read(target)[0], soundfile.read(side)[0])


def test_missing_input_is_named(tmp_path: Path) -> None:
    assert "gone.wav" in refusal("restore", tmp_path / "gone.wav", "--output", tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"just some text", b"RIFF\xff\xff\xff\xffWAVE", bytes(5000)],
    ids=["empty", "text", "cut header", "zeros"],
)
@pytest.mark.parametrize("name", ["bad.wav", "bad.flac", "bad.mp3"])
def test_unreadable_input_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    bad = tmp_path / name
    bad.write_bytes(content)
    folder = tmp_path / "out"
    folder.mkdir()
    assert name in refusal("restore", bad, "--output", folder)
    assert list(folder.iterdir()) == []


def test_wav_without_samples_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "silent.wav"
    soundfile.write(bad, np.zeros((0, 2)), RATE)
    assert "silent.wav" in refusal("restore", bad, "--output", tmp_path / "o.wav")


def test_thirty_two_channels_are_refused(tmp_path: Path) -> None:
    wide = tmp_path / "wide.wav"
    soundfile.write(wide, np.zeros((1000, 32)), RATE)
    message = refusal("restore", wide, "--output", tmp_path / "o.wav")
    assert "32" in message and "wide.wav" in message
    assert "32" in refusal("live", "--input", wide, "--output", "none")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, bad: float) -> None:
    odd = tmp_path / "odd.wav"
    signal = np.full((RATE, 1), 0.1, np.float32)
    signal[1000:1010] = bad
    soundfile.write(odd, signal, RATE, subtype="FLOAT")
    assert "odd.wav" in refusal("restore", odd, "--output", tmp_path / "o.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["odd.wav"]


def test_one_sample_is_a_file_too(tmp_path: Path) -> None:
    tiny, target = tmp_path / "tiny.wav", tmp_path / "o.wav"
    soundfile.write(tiny, np.array([0.5]), RATE)
    assert shellac("restore", tiny, "--output", target).returncode == 0
    assert soundfile.info(target).frames == 1


@pytest.mark.parametrize("option", ["--output", "--removed", "--mask", "--report"])
def test_missing_output_folder_is_named(side: Path, tmp_path: Path, option: str) -> None:
    others: list[str | Path] = [] if option == "--output" else ["--output", tmp_path / "out.wav"]
    nowhere = tmp_path / "nowhere" / "o.wav"
    assert f"{nowhere.parent} does not exist" in refusal("restore", side, *others, option, nowhere)
    assert not (tmp_path / "out.wav").exists()


def test_read_only_folder_is_named(side: Path) -> None:
    message = refusal("restore", side, "--output", "/proc/o.wav")  # read-only for root as well
    assert "/proc/o.wav" in message


def test_odd_file_names_are_just_names(side: Path, tmp_path: Path) -> None:
    odd = tmp_path / "-- side\n[red]Ä 78.wav"
    odd.write_bytes(side.read_bytes())
    folder = tmp_path / "out"
    folder.mkdir()
    result = shellac("restore", odd, "--output", folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert [path.name for path in folder.glob("*.wav")] == ["-- side\n[red]Ä 78_restored.wav"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_no_half_file(tmp_path: Path, jobs: str) -> None:
    long_side = np.random.default_rng(78).uniform(-0.1, 0.1, 300 * RATE).astype(np.float32)
    sources = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for source in sources:
        soundfile.write(source, long_side, RATE)
    folder = tmp_path / "out"
    folder.mkdir()
    with started("restore", *sources, "--output", folder, "--jobs", jobs) as process:
        wait_for(lambda: any(folder.iterdir()))  # it has begun to write
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=180)
    assert (process.returncode, output, errors) == (130, "", "shellac: interrupted\n")
    assert list(folder.iterdir()) == []
