"""Names that a file system does not take: shortened by bytes, and one file's fault stays its own.

The kind: lengths were counted in letters, file systems count bytes; and results have longer names
than what they are made from.
"""

import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, refusal, shellac

from model.groove.record import RecordSettings
from realtime.archive.sidecar import origin_of, sidecar_of_restored
from realtime.archive.verify import verify_folder
from realtime.soundfiles.file_names import (
    LONGEST,
    LONGEST_FILE_NAME,
    cut,
    file_name,
    fitted,
    part_of,
)

WHEN = datetime(2026, 5, 6)
QUICK = ("--bypass", "--model", "none")
LONG = {
    "letters": "a" * 245,
    "all there is room for": "b" * 251,
    "Chinese": "唱片" * 40,
    "Cyrillic": "ж" * 120,
    "emoji": "🎻" * 60,
    "combined": "e\u0301" * 80,
}


def write_sound(path: Path, seconds: float = 0.3) -> Path:
    rng = np.random.default_rng(3)
    soundfile.write(path, 0.1 * rng.standard_normal(round(seconds * RATE)), RATE, "PCM_16")
    return path


def is_taken(name: str) -> bool:
    return len(os.fsencode(name)) <= LONGEST_FILE_NAME


def test_every_long_name_in_a_folder_is_restored_and_verified(tmp_path: Path) -> None:
    collection, out = tmp_path / "collection", tmp_path / "out"
    collection.mkdir()
    out.mkdir()
    for stem in LONG.values():
        write_sound(collection / f"{stem}.wav")
    write_sound(collection / f"{LONG['letters'][:-1]}b.wav")  # begins as another one does
    write_sound(collection / "short.wav")
    result = shellac("restore", collection, "--output", out, *QUICK)
    assert (result.returncode, result.stderr) == (0, "")
    sounds = list(out.glob("*_restored.wav"))
    assert len(sounds) == len(LONG) + 2
    assert out / "short_restored.wav" in sounds
    lines, mismatches = verify_folder(out)
    assert (len(lines), mismatches) == (len(LONG) + 2, 0)
    assert all(origin_of(path).is_result for path in sounds)
    again = shellac("restore", collection, "--output", out, "--resume", *QUICK)
    assert again.stdout.count("done before, ") == len(LONG) + 2


def test_the_longest_output_that_can_be_named_has_its_sidecar(tmp_path: Path) -> None:
    side, target = write_sound(tmp_path / "side.wav"), tmp_path / f"{'x' * 251}.wav"
    result = shellac("restore", side, "--output", target, *QUICK)
    assert (result.returncode, result.stderr) == (0, "")
    assert sidecar_of_restored(target).exists()
    assert origin_of(target).made_from == side


@pytest.mark.parametrize("name", ["y" * 260, "ю" * 130, "長" * 90])
def test_what_is_too_long_is_one_line_and_costs_no_other_file(tmp_path: Path, name: str) -> None:
    side = write_sound(tmp_path / "side.wav")
    assert (
        "name too long" in refusal("restore", f"{name}.wav", "--output", tmp_path, *QUICK).lower()
    )
    for option in ("--output", "--removed", "--report"):
        words = ("restore", side, "--output", tmp_path / "fine.wav", *QUICK)
        assert "name too long" in refusal(*words, option, tmp_path / f"{name}.wav").lower()
    result = shellac("restore", f"{name}.wav", side, "--output", tmp_path, *QUICK)
    assert result.returncode == 2
    assert "1 restored, 1 failed" in result.stdout
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("letters", ["ж" * 147, "蓄音機" * 50, "🎻" * 70, "x" * 400])
def test_recorded_sides_and_tracks_get_names_that_fit(tmp_path: Path, letters: str) -> None:
    name = file_name(letters, RecordSettings(), WHEN)
    assert len(name.encode()) <= LONGEST
    assert letters.startswith(name)
    record = tmp_path / "recorded"
    record.mkdir()
    command = ("live", "--input", "demo", "--output", "none", "--seconds", "1", "--bypass")
    result = shellac(*command, "--model", "none", "--record", record, "--name", letters)
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(path.name for path in record.iterdir()) == sorted(
        f"{name}{ending}"
        for ending in (".shellac.csv", ".shellac.json", "_raw.flac", "_restored.flac")
    )
    assert verify_folder(record)[1] == 0


def test_tracks_with_long_names_stay_as_many_as_they_are(tmp_path: Path) -> None:
    t = np.arange(26 * RATE) / RATE
    music = 0.2 * np.sin(2 * np.pi * 440 * t) * ((t < 12) | (t > 14))
    soundfile.write(tmp_path / "side.wav", music + 1e-4 * np.sin(90 * t), RATE, "PCM_24")
    for number, template in enumerate(
        ("ж" * 147, "蓄音機" * 60 + "{track}", "{track}" + "x" * 300)
    ):
        folder = tmp_path / f"tracks_{number}"
        folder.mkdir()
        result = shellac("tracks", tmp_path / "side.wav", "--output", folder, "--name", template)
        assert (result.returncode, result.stderr) == (0, "")
        frames = [soundfile.info(path).frames for path in sorted(folder.iterdir())]
        assert len(frames) == 2
        assert sum(frames) == len(t)


@pytest.mark.parametrize("stem", LONG.values(), ids=LONG)
@pytest.mark.parametrize("ending", ["", ".shellac.json", "_restored.flac"])
def test_a_shortened_name_fits_and_tells_itself_from_its_neighbour(stem: str, ending: str) -> None:
    for more in ("", "tail"):
        made, other = fitted(stem + more, ending), fitted(stem + more + "!", ending)
        assert is_taken(made)
        assert made.endswith(ending)
        assert made != other
        assert part_of(Path(made)) != part_of(Path(made))
        assert is_taken(part_of(Path(made)).name)
    assert fitted("short", ending) == f"short{ending}"


def test_cutting_keeps_whole_letters() -> None:
    assert cut("aжb", 2) == "a"
    assert cut("aжb", 3) == "aж"
    assert cut("🎻🎻", 7) == "🎻"
    assert cut("plain", 99) == "plain"
