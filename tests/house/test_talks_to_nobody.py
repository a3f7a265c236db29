"""The program talks to nobody: no connection, no name look-up, no file but those it speaks of.

The kind: a library that reports home, in whichever process it is loaded.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_tools import MAIN, ROOT, write_side

SWITCH = "ORT_DISABLE_TELEMETRY"
WORDS = ("socket", "connect", "sendto", "sendmsg", "openat")
LOOKS_UP_NAMES = ("resolv.conf", "nsswitch.conf", "/etc/hosts", "gai.conf")
COMMANDS = {
    "restore": ("restore", "side.wav", "--output", "out.wav"),
    "two at a time": ("restore", "side.wav", "b.wav", "--output", "folder", "--jobs", "2"),
    "own network": ("restore", "side.wav", "--output", "out.wav", "--model", "detector"),
    "live": ("live", "--input", "demo", "--output", "none", "--seconds", "1", "--record", "folder"),
    "doctor": ("doctor",),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder to work in, with a home of its own."""
    write_side(tmp_path / "side.wav")
    shutil.copy(tmp_path / "side.wav", tmp_path / "b.wav")
    (tmp_path / "folder").mkdir()
    (tmp_path / "home").mkdir()
    return tmp_path


def command_of(name: str) -> list[str]:
    words = list(COMMANDS[name])
    if "detector" in words:
        words[words.index("detector")] = str(next((ROOT / "model").rglob("detector_*.onnx")))
    return [sys.executable, str(MAIN), *words]


def own_home(place: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    kept.pop(SWITCH, None)
    kept["HOME"] = str(place / "home")
    kept["TMPDIR"] = str(place / "home")
    kept["SHELLAC_LOG"] = "none"
    return kept


@pytest.mark.parametrize("name", COMMANDS)
def test_no_file_appears_that_nobody_asked_for(place: Path, name: str) -> None:
    result = subprocess.run(
        command_of(name),
        cwd=place,
        env=own_home(place),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert name == "doctor" or result.returncode == 0, result.stderr
    assert [path for path in (place / "home").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["restore", "two at a time", "live"])
def test_no_connection_is_made_and_no_name_looked_up(place: Path, name: str) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("needs strace: apt-get install strace")
    trace = place / "trace"
    watched = ["-f", "--seccomp-bpf", "-qq", "-e", f"trace={','.join(WORDS)}", "-o", str(trace)]
    result = subprocess.run(
        [strace, *watched, *command_of(name)],
        cwd=place,
        env=own_home(place),
        capture_output=True,
        text=True,
        timeout=400,
    )
    if "ptrace" in result.stderr:
        pytest.skip("nobody may be watched here")
    assert result.returncode == 0, result.stderr
    calls = trace.read_text(errors="replace").splitlines()
    assert any("side.wav" in call or "worn_record" in call for call in calls)  # it does see
    abroad = [call for call in calls if re.search(r"AF_INET|sin_addr|sin6_addr", call)]
    assert abroad == []
    assert [call for call in calls if any(word in call for word in LOOKS_UP_NAMES)] == []


@pytest.mark.parametrize(
    "first", ["model.chain", "realtime.engine.engine", "ui.state.session", "training.export"]
)
def test_the_switch_is_set_whatever_is_loaded_first(first: str) -> None:
    words = f"import os, {first}; print(os.environ['{SWITCH}'])"
    environment = {name: value for name, value in os.environ.items() if name != SWITCH}
    environment["PYTHONPATH"] = str(ROOT)
    result = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, env=environment, timeout=240
    )
    assert result.stdout.strip() == "1", result.stderr
