"""Folders of sides: all of them, each once, one that fails alone."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, refusal, shellac

from model.checkpoints import shipped_checkpoints
from realtime.archive.repairs import ENDING as REPAIRS
from realtime.archive.sidecar import ENDING, hash_of
from realtime.archive.verify import verify_folder
from realtime.batch.folders import found_sounds


def write_short(path: Path, seed: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = 0.05 * np.random.default_rng(seed).standard_normal(RATE // 4)
    soundfile.write(path, noise, RATE)
    return path


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Three sides in two folders, beside what is no side."""
    folder = tmp_path / "collection"
    write_short(folder / "a.wav", 1)
    write_short(folder / "victor" / "a.wav", 2)
    write_short(folder / "victor" / "b.flac", 3)
    write_short(folder / "victor" / "b_restored.flac", 4)
    write_short(folder / ".hidden" / "c.wav", 5)
    (folder / "notes.txt").write_text("no sound")
    return folder


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


WANTED = ["a_restored.wav", "victor/a_restored.wav", "victor/b_restored.flac"]


def sounds_in(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith((ENDING, REPAIRS))
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_folder_is_restored_with_all_below_it(collection: Path, output: Path, jobs: str) -> None:
    result = shellac("restore", collection, "--output", output, "--jobs", jobs)
    assert (result.returncode, result.stderr) == (0, "")
    assert sounds_in(output) == WANTED
    assert verify_folder(output)[1] == 0
    table = result.stdout.splitlines()[-5:]
    assert table[0].split() == ["file", "length", "speed", "impulses", "per", "s", "removed"]
    assert [line.split()[0] for line in table[1:4]] == ["restored"] * 3
    assert table[4].startswith("3 restored: 0:00 of sound in")


def test_resume_leaves_out_what_is_done_and_goes_on(collection: Path, output: Path) -> None:
    command = ("restore", collection, "--output", output, "--resume")
    shellac(*command)
    victor = output / "victor"
    (victor / "b_restored.flac").unlink()
    before = {name: (output / name).stat().st_mtime_ns for name in WANTED[:2]}
    result = shellac(*command)
    assert (result.returncode, result.stderr) == (0, "")
    assert sounds_in(output) == WANTED
    assert before == {name: (output / name).stat().st_mtime_ns for name in WANTED[:2]}
    assert result.stdout.splitlines()[-1].startswith("1 restored, 2 done before: ")


def test_resume_touches_nothing_that_has_changed_since(collection: Path, output: Path) -> None:
    command = ("restore", collection, "--output", output, "--resume")
    shellac(*command)
    edited = output / "a_restored.wav"
    edited.write_bytes(edited.read_bytes() + b"mine")
    result = shellac(*command)
    assert result.returncode == 2
    assert "a_restored.wav" in result.stderr
    assert "add --overwrite" in result.stderr
    assert edited.read_bytes().endswith(b"mine")
    result = shellac(*command, "--depth", "0.3")
    assert result.stderr.count("was restored with other settings") == 2
    assert shellac(*command, "--overwrite").returncode == 0
    assert verify_folder(output)[1] == 0


def test_resume_does_not_take_an_unknown_file_for_a_result(collection: Path, output: Path) -> None:
    write_short(output / "a_restored.wav", 9)
    result = shellac("restore", collection, "--output", output, "--resume")
    assert result.returncode == 2
    assert "nothing says how it was made" in result.stderr
    assert sounds_in(output) == WANTED


def test_failing_file_stands_in_the_table_and_stops_nobody(collection: Path, output: Path) -> None:
    (collection / "victor" / "bad.wav").write_text("no sound")
    result = shellac("restore", collection, "--output", output)
    assert result.returncode == 2
    assert sounds_in(output) == WANTED
    assert any(line.startswith("FAILED") and "bad.wav" in line for line in _lines(result.stdout))
    assert result.stdout.splitlines()[-1].startswith("3 restored, 1 failed: ")
    assert result.stderr.splitlines()[-1] == "shellac: 1 of 4 files could not be restored"


def _lines(text: str) -> list[str]:
    return text.splitlines()


def test_output_within_the_folder_is_not_restored_again(collection: Path) -> None:
    output = collection / "restored"
    output.mkdir()
    write_short(output / "x.wav")
    found = [sound.path for sound in found_sounds([collection], output)]
    assert found == [
        collection / "a.wav",
        collection / "victor" / "a.wav",
        collection / "victor" / "b.flac",
    ]


def test_empty_folder_is_one_line(tmp_path: Path, output: Path) -> None:
    (tmp_path / "none").mkdir()
    assert "holds no sound files" in refusal("restore", tmp_path / "none", "--output", output)


def test_walls_are_aligned_for_each_file_and_resume_knows(tmp_path: Path, output: Path) -> None:
    noise = np.convolve(np.random.default_rng(7).standard_normal(RATE), np.hanning(12), "same")
    for name, late in (("a", 2), ("b", 5)):
        walls = 0.05 * np.stack([noise, np.roll(noise, late)], axis=1)
        soundfile.write(tmp_path / f"{name}.wav", walls, RATE, "PCM_24")
    command = ("restore", tmp_path / "a.wav", tmp_path / "b.wav", "--output", output, "--resume")
    shellac(*command, "--align-walls")
    offsets = [
        json.loads(path.read_text())["record"]["wall_offset_us"] * 1e-6 * RATE
        for path in sorted(output.glob(f"*{ENDING}"))
    ]
    assert offsets == [pytest.approx(2.0, abs=0.1), pytest.approx(5.0, abs=0.1)]
    assert "2 done before" in shellac(*command, "--align-walls").stdout


def test_every_side_is_restored_by_its_own_record(tmp_path: Path, output: Path) -> None:
    for name in ("a", "b", "c_raw"):
        write_short(tmp_path / f"{name}.wav")
    (tmp_path / "a.yaml").write_text("title: First\ncurve: riaa\n")
    recorded = {"record": {"title": "Third", "curve": "decca_78"}}
    (tmp_path / f"c{ENDING}").write_text(json.dumps(recorded))
    result = shellac("restore", tmp_path, "--output", output, "--gain", "-1")
    assert (result.returncode, result.stderr) == (0, "")
    records = [json.loads(path.read_text())["record"] for path in sorted(output.glob(f"*{ENDING}"))]
    assert [(r["title"], r["curve"], r["gain_db"]) for r in records] == [
        ("First", "riaa", -1.0),
        ("", "flat", -1.0),
        ("Third", "decca_78", -1.0),
    ]


def test_spoilt_record_beside_a_side_is_one_line(tmp_path: Path, output: Path) -> None:
    write_short(tmp_path / "a.wav")
    (tmp_path / "a.yaml").write_text("curve: disco\n")
    said = refusal("restore", tmp_path / "a.wav", "--output", output)
    assert "a.yaml, line 1: curve is 'disco'" in said


def test_sidecar_names_the_networks_and_resume_minds_them(tmp_path: Path, output: Path) -> None:
    command = ("restore", write_short(tmp_path / "a.wav"), "--output", output, "--resume")
    shellac(*command)
    content = json.loads((output / f"a_restored.wav{ENDING}").read_text())
    shipped = {path.name: hash_of(path) for path in shipped_checkpoints()}
    assert content["checkpoints"] == shipped
    assert "done before" in shellac(*command).stdout
    assert "restored with other networks" in refusal(*command, "--model", "none")
    shellac(*command, "--model", "none", "--overwrite")
    content = json.loads((output / f"a_restored.wav{ENDING}").read_text())
    assert content["checkpoints"] == {}
