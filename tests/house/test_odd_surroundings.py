"""Surroundings that a program seldom meets: streams closed, no home, a parent that is killed.

The kind: what has nothing to do with sound stops the sound, or leaves something behind.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import MAIN, RATE, refusal, shellac, started, wait_for, write_side

from model.errors import RestorationError
from realtime.devices.listing import list_devices
from realtime.logbook import log_path
from realtime.user_paths import expanded, home

QUICK = ("--bypass", "--model", "none")


# --- standard streams


@pytest.mark.parametrize(
    "streams",
    [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full 2>/dev/full"],
)
@pytest.mark.parametrize("command", ["restore", "live"])
def test_closed_or_full_streams_cost_no_result(tmp_path: Path, streams: str, command: str) -> None:
    side = write_side(tmp_path / "side.wav")
    words = {
        "restore": f"restore {side} --output {tmp_path}/out.wav --bypass --model none",
        "live": f"live --input {side} --output none --record {tmp_path} --format wav "
        "--name out --bypass --model none",
    }[command]
    line = f"exec {sys.executable} {MAIN} {words} {streams}"
    result = subprocess.run(["/bin/sh", "-c", line], capture_output=True, timeout=180, check=False)
    assert b"Traceback" not in result.stderr + result.stdout
    assert result.returncode == (2 if ">/dev/full 2>" in streams else 0)
    (found,) = tmp_path.glob("out*restored.wav" if command == "live" else "out.wav")
    worn, _ = soundfile.read(side)
    np.testing.assert_allclose(soundfile.read(found)[0], worn, atol=2**-22)


def test_many_lines_that_nobody_can_read_stop_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    long = [write_side(tmp_path / f"{'n' * 150}{number}.wav") for number in range(2)]
    sides = [path.rename(path) for path in long]
    words = " ".join(map(str, sides))
    line = f"{sys.executable} {MAIN} restore {words} --output {folder} {' '.join(QUICK)} >/dev/full"
    result = subprocess.run(["/bin/sh", "-c", line], capture_output=True, timeout=180, check=False)
    assert result.returncode == 2
    assert result.stderr.decode().splitlines() == [
        "shellac: what was to be told could not be written: No space left on device"
    ]
    assert len(list(folder.glob("*.wav"))) == 2


# --- no home

WITHOUT_HOME = """
import os, sys
os.environ.pop("HOME", None)
import pwd
def nobody(_):
    raise KeyError("uid not found")
pwd.getpwuid = nobody
sys.argv = sys.argv[1:]
import runpy
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("command", ["restore", "live", "curves"])
def test_user_without_a_home_can_do_everything(tmp_path: Path, command: str) -> None:
    side = write_side(tmp_path / "side.wav")
    words = {
        "restore": ("restore", side, "--output", tmp_path / "out.wav", *QUICK),
        "live": ("live", "--input", side, "--output", "none", *QUICK),
        "curves": ("curves",),
    }[command]
    kept = {
        n: v for n, v in os.environ.items() if n not in ("HOME", "SHELLAC_LOG", "XDG_STATE_HOME")
    }
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_HOME, str(MAIN), *map(str, words)],
        capture_output=True,
        text=True,
        env={**kept, "TMPDIR": str(tmp_path)},
        timeout=180,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert list(tmp_path.glob("shellac-*/.local/state/shellac/shellac.log"))


def test_home_of_nobody_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("~nouser_here/x.wav", "~nouser_here"):
        with pytest.raises(RestorationError, match="nobody knows whose home that is"):
            expanded(path)
    assert "whose home" in refusal("live", "--input", "~nouser_here/x.wav", "--output", "none")
    assert "whose home" in refusal("curves", "--log", "~nouser_here/log")
    side = write_side(tmp_path / "side.wav")
    options = ("--output", tmp_path / "o.wav", "--model", "~nouser_here/m.onnx")
    assert "whose home" in refusal("restore", side, *options)
    monkeypatch.setattr(Path, "home", classmethod(lambda _: (_ for _ in ()).throw(RuntimeError())))
    assert home({}).name.startswith("shellac-")
    assert home({"HOME": "/somewhere"}) == Path("/somewhere")
    assert log_path(None, {}, "linux") is not None


# --- a parent that is killed, a second interruption


def children_of(pid: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(process.name))
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def long_sides(folder: Path, how_many: int) -> list[Path]:
    rng = np.random.default_rng(2)
    noise = 0.1 * rng.standard_normal((60 * RATE, 2))
    paths = [folder / f"long_{number}.wav" for number in range(how_many)]
    for path in paths:
        soundfile.write(path, noise, RATE, "PCM_16")
    return paths


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    jobs = 2
    sides, folder = long_sides(tmp_path, jobs + 1), tmp_path / "out"
    folder.mkdir()
    process = started("restore", *sides, "--output", folder, "--jobs", str(jobs))
    wait_for(lambda: len(list(folder.glob(".*.part"))) == jobs)
    workers = children_of(process.pid)
    assert len(workers) >= jobs
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=180)
    wait_for(lambda: not any(is_running(pid) for pid in workers))
    assert list(folder.glob(".*")) == []  # what one of them had finished before is whole, and stays
    assert all(soundfile.info(path).frames == 60 * RATE for path in folder.glob("*.wav"))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_second_interruption_leaves_nothing_unfinished(tmp_path: Path, jobs: str) -> None:
    sides, folder = long_sides(tmp_path, 2), tmp_path / "out"
    folder.mkdir()
    process = started("restore", *sides, "--output", folder, "--jobs", jobs)
    wait_for(lambda: bool(list(folder.glob(".*.part"))))
    for _ in range(6):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.01)
    _, errors = process.communicate(timeout=180)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "shellac: interrupted"
    assert "Traceback" not in errors
    assert list(folder.iterdir()) == []


# --- words on the command line


def test_words_that_contradict_each_other_or_say_nothing_are_one_line(tmp_path: Path) -> None:
    side = write_side(tmp_path / "side.wav")
    other = write_side(tmp_path / "other.wav")
    out = ("--output", tmp_path / "out.wav")
    for option, value in (("--turnover", "1000"), ("--rolloff", "10"), ("--bass-shelf", "50")):
        for curve in ("riaa", "auto"):
            line = refusal("restore", side, *out, "--curve", curve, option, value)
            assert f"{option} is of a curve of your own, and --curve {curve} is another" in line
    assert "'' is no name" in refusal("restore", side, "--output", "")
    assert "'' is no name" in refusal("restore", side, *out, "--report", "")
    assert "'' is no name" in refusal("live", "--record", "")
    assert "'' is no name" in refusal("tracks", side, "--output", "")
    assert "is a file; many results need a folder" in refusal(
        "restore", side, other, "--output", side
    )
    assert "is a file" in refusal("live", "--input", side, "--output", "none", "--record", other)
    assert "is a file; name a folder" in refusal("tracks", side, "--output", other)


def test_side_without_a_pause_is_said_to_stay_whole(tmp_path: Path) -> None:
    side = write_side(tmp_path / "side.wav")
    (tmp_path / "tracks").mkdir()
    result = shellac("tracks", side, "--output", tmp_path / "tracks")
    assert (result.returncode, result.stderr) == (0, "")
    assert "there is no pause of 1 s; the side stays whole" in result.stdout


# --- names of devices

ALSA = b"""
pcm.T\xfcr { type null hint { show on description "Latin" } }
pcm.\xff\xfe { type null hint { show on description "Bytes" } }
"""


@pytest.mark.usefixtures("sound_server")
def test_device_whose_name_is_no_text_is_shown_and_disturbs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "asound.conf"
    table.write_bytes(Path(os.environ["ALSA_CONFIG_PATH"]).read_bytes() + ALSA)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(table))
    names = [device.name for device in list_devices()]
    assert {"T\\xfcr", "\\xff\\xfe", "turntable", "headphones"} <= set(names)
    result = shellac("devices")
    assert (result.returncode, result.stderr) == (0, "")
    assert "T\\xfcr" in result.stdout
    live = ("live", "--input", "turntable", "--output", "headphones", "--seconds", "1", *QUICK)
    result = shellac(*live)
    assert (result.returncode, result.stderr) == (0, "")
