"""What is done to a record's sound is done once, however often and by whichever way it is restored.

The kind: a result is taken for a transfer, and what is known of the record (curve, groove, RIAA,
speed, gain, filters) is applied to sound that has it already.
"""

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, shellac
from numpy.typing import NDArray

from model.chain import Chain
from model.checkpoints import load_models
from model.groove.record import DESCRIPTIVE, RecordSettings
from model.settings import Settings
from realtime.archive.sidecar import known_record, origin_of
from realtime.batch.jobs import RestoreJob, plan_jobs
from realtime.batch.restore import restore_file
from realtime.config import StreamConfig
from realtime.engine.engine import Engine

F64 = NDArray[np.float64]
PLAIN = Settings(bypass=True)
LIGHT = partial(Chain, models=load_models(("none",)))
PATIENCE_S = 60.0

TREATMENTS: list[dict[str, Any]] = [
    {"gain_db": 15.0},
    {"curve": "riaa"},
    {"curve": "custom", "turnover_hz": 500.0, "rolloff_db": 12.0, "bass_shelf_hz": 50.0},
    {"undo_riaa": True},
    {"groove": "vertical"},
    {"wall_balance_db": 4.0},
    {"wall_offset_us": 100.0},
    {"rumble_hz": 60.0, "rumble_slope_db": 48},
    {"hum": "50 Hz", "hum_harmonics": 3},
    {"played_rpm": 70.0},
    {"true_rpm": 85.0},
]


def write_two_walls(path: Path, subtype: str = "FLOAT") -> Path:
    """Half a second in which each wall, the bass and the hum matter."""
    t = np.arange(RATE // 2) / RATE
    rng = np.random.default_rng(5)
    left = 0.02 * np.sin(2 * np.pi * 100 * t) + 0.005 * np.sin(2 * np.pi * 3000 * t)
    right = -0.5 * left + 0.002 * rng.standard_normal(len(t))
    soundfile.write(path, np.stack([left, right], 1), RATE, subtype)
    return path


def planned(sources: list[Path], folder: Path, **how: Any) -> list[RestoreJob]:
    folder.mkdir(exist_ok=True)
    return plan_jobs(sources, folder, record=known_record, **how)


def restore(job: RestoreJob, record: RecordSettings | None = None) -> Path:
    restore_file(
        job.source,
        job.target,
        PLAIN,
        chain_factory=LIGHT,
        record=record or job.record,
        sidecar=job.sidecar,
        models=("none",),
    )
    return job.target


def sound(path: Path) -> F64:
    return np.asarray(soundfile.read(path, always_2d=True)[0])


def test_every_field_is_either_a_description_or_a_treatment_that_is_tried_here() -> None:
    tried = {name for record in TREATMENTS for name in record}
    assert tried | {*DESCRIPTIVE, "hiss_at"} == {spec.name for spec in fields(RecordSettings)}


def test_a_result_is_not_asked_for_the_hiss_that_it_has_no_longer(tmp_path: Path) -> None:
    side = write_two_walls(tmp_path / "side.wav")
    (job,) = planned([side], tmp_path / "first")
    restore(job, RecordSettings(title="Once", hiss_at="0-0.4"))
    (again,) = planned([job.target], tmp_path / "again")
    assert again.record == RecordSettings(title="Once")


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize("wanted", TREATMENTS, ids=lambda wanted: next(iter(wanted)))
def test_a_result_that_is_restored_again_stays_as_it_is(
    tmp_path: Path, suffix: str, wanted: dict[str, Any]
) -> None:
    subtype = "PCM_24" if suffix == ".flac" else "FLOAT"
    side = write_two_walls(tmp_path / f"side{suffix}", subtype)
    record = RecordSettings(title="Once", label="Victor", year=1927, **wanted)
    (job,) = planned([side], tmp_path / "first")
    first = sound(restore(job, record))
    before = sound(side)
    assert first.shape != before.shape or np.abs(first - before).max() > 1e-4  # it does something
    for number in range(2):
        (job,) = planned([job.target], tmp_path / f"again_{number}")
        assert job.record == RecordSettings(title="Once", label="Victor", year=1927)
        assert "not done a second time" in job.remarks[0]
        np.testing.assert_array_equal(sound(restore(job)), first)


def test_what_is_wanted_on_the_command_line_is_done_to_a_result_too(tmp_path: Path) -> None:
    side = write_two_walls(tmp_path / "side.wav")
    once, twice, plain = (tmp_path / f"{n}.wav" for n in ("once", "twice", "plain"))
    quick = ("--bypass", "--model", "none")
    assert shellac("restore", side, "--output", once, "--gain", "6", *quick).returncode == 0
    result = shellac("restore", once, "--output", plain, *quick)
    assert (result.returncode, result.stderr) == (0, "")
    assert "it was restored before" in result.stdout
    np.testing.assert_array_equal(sound(plain), sound(once))
    assert shellac("restore", once, "--output", twice, "--gain", "6", *quick).returncode == 0
    np.testing.assert_allclose(sound(twice), sound(once) * 10 ** (6 / 20), rtol=1e-5)


def test_a_yaml_file_of_the_same_name_is_not_done_again_to_the_result_beside_it(
    tmp_path: Path,
) -> None:
    side = write_two_walls(tmp_path / "side.wav")
    (tmp_path / "side.yaml").write_text("gain_db: 12\ntitle: Once\n")
    (job,) = plan_jobs([side], tmp_path / "side.flac", record=known_record)
    assert job.record.gain_db == 12
    restore(job)
    (again,) = planned([tmp_path / "side.flac"], tmp_path / "again")
    assert again.record == RecordSettings(title="Once")
    (still,) = planned([side], tmp_path / "still")
    assert still.record.gain_db == 12  # the transfer itself


def test_a_batch_leaves_out_what_was_made_from_a_file_in_it(tmp_path: Path) -> None:
    side = write_two_walls(tmp_path / "side.wav")
    (job,) = plan_jobs([side], tmp_path / "better.wav", record=known_record)
    restore(job, RecordSettings(gain_db=6.0))
    folder = tmp_path / "out"
    folder.mkdir()
    result = shellac(
        *("restore", side, job.target, "--output", folder, "--bypass", "--model", "none")
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "better.wav: left out: it was made from side.wav, which is here as well" in result.stdout
    assert "1 restored, 1 left out" in result.stdout
    assert [path.name for path in folder.glob("*.wav")] == ["side_restored.wav"]
    by_folder = planned([tmp_path], folder, overwrite=True)
    assert {job.source.name: bool(job.left_out) for job in by_folder} == {
        "side.wav": False,
        "better.wav": True,
    }


def test_resuming_finds_the_same_record_as_the_first_time(tmp_path: Path) -> None:
    side = write_two_walls(tmp_path / "side.wav")
    (job,) = plan_jobs([side], tmp_path / "better.wav", record=known_record)
    restore(job, RecordSettings(curve="riaa", title="Once"))
    command = ("restore", job.target, "--output", tmp_path / "out", "--resume")
    (tmp_path / "out").mkdir()
    for word in (" -> ", "done before"):
        result = shellac(*command, "--bypass", "--model", "none")
        assert (result.returncode, result.stderr) == (0, "")
        assert word in result.stdout
    np.testing.assert_array_equal(
        sound(tmp_path / "out" / "better_restored.wav"), sound(job.target)
    )


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give the raw file of a live recording that was played with a gain and another curve."""

    def made(file_format: str) -> Path:
        folder = tmp_path_factory.mktemp("live")
        side = write_two_walls(folder / "side.wav")
        config = StreamConfig(
            str(side),
            "none",
            record_folder=folder,
            record_format=file_format,
            models=("none",),
            record=RecordSettings(gain_db=12.0, undo_riaa=True, played_rpm=80.0, title="Live"),
        )
        os.environ["SHELLAC_LOG"] = "none"
        with Engine(config, PLAIN) as engine:
            until = time.monotonic() + PATIENCE_S
            while engine.telemetry().state == "running":
                assert time.monotonic() < until
                time.sleep(0.05)
            raw = Path(engine.telemetry().raw_path)
        side.unlink()
        return raw

    return made


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_of_a_recording_only_the_raw_file_is_played_as_the_record_was(
    tmp_path: Path, recording: Callable[[str], Path], file_format: str
) -> None:
    raw = recording(file_format)
    heard = raw.with_name(raw.name.replace("_raw", "_restored"))
    assert not origin_of(raw).is_result
    assert origin_of(heard).made_from == raw
    (from_raw,) = planned([raw], tmp_path / "raw")
    assert (from_raw.record.gain_db, from_raw.record.played_rpm) == (12.0, 80.0)
    (alone,) = planned([heard], tmp_path / "heard")
    assert alone.record == RecordSettings(title="Live")
    np.testing.assert_array_equal(sound(restore(alone)), sound(heard))
    both = planned([raw, heard], tmp_path / "both")
    assert [bool(job.left_out) for job in both] == [False, True]
    assert raw.name in both[1].left_out


def test_a_copy_or_a_track_beside_a_recording_is_no_transfer(
    tmp_path: Path, recording: Callable[[str], Path]
) -> None:
    """Their names lead to the recording's sidecar, which speaks of the raw file."""
    raw = recording("wav")
    heard = raw.with_name(raw.name.replace("_raw", "_restored"))
    copy = raw.with_name(raw.name.replace("_raw", ""))
    shutil.copy(heard, copy)
    assert known_record(copy) == RecordSettings(title="Live")


@pytest.mark.parametrize(
    "files", [None, [], {}, {"source": 5}, {"source": {"name": "\0"}}, {"raw": {"name": 3}}]
)
def test_a_sidecar_that_lies_about_its_files_still_makes_no_transfer(
    tmp_path: Path, files: object
) -> None:
    side = write_two_walls(tmp_path / "side.wav")
    content = {"kind": "restoration", "record": {"gain_db": 20.0, "title": "T"}, "files": files}
    (tmp_path / "side.wav.shellac.json").write_text(json.dumps(content))
    assert origin_of(side).made_from is None
    assert known_record(side) == RecordSettings(title="T")


@pytest.mark.parametrize(
    "text",
    [
        "version: 3\nservices: db\n",
        "- a\n- list\n",
        "name: playlist\ntracks: [1, 2]\n",
        "&anchor foo: bar\n",
        "just words\n",
    ],
)
def test_a_yaml_file_of_somebody_else_is_left_alone(tmp_path: Path, text: str) -> None:
    side = write_two_walls(tmp_path / "side.wav")
    (tmp_path / "side.yaml").write_text(text)
    assert known_record(side) == RecordSettings()


def test_a_record_file_at_fault_fails_its_own_side_alone(tmp_path: Path) -> None:
    good, bad = (write_two_walls(tmp_path / f"{name}.wav") for name in ("good", "bad"))
    (tmp_path / "bad.yaml").write_text("gain_dB: 3\n")
    folder = tmp_path / "out"
    folder.mkdir()
    result = shellac("restore", good, bad, "--output", folder, "--bypass", "--model", "none")
    assert result.returncode == 2
    assert "bad.yaml, line 1: unknown key 'gain_dB'" in result.stderr
    assert "1 restored, 1 failed" in result.stdout
    assert (folder / "good_restored.wav").exists()
