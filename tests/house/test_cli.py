"""The command line as a person meets it: help at once, one line when something is wrong."""

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from cli_tools import ROOT, refusal, shellac, write_side

import main

HEAVY = {"PySide6", "pyqtgraph", "torch", "sounddevice", "rtmixer", "training", "ui"}


@pytest.fixture
def side(tmp_path: Path) -> Path:
    """Two seconds of a chord with clicks."""
    return write_side(tmp_path / "side.wav")


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], *([command, "--help"] for command in main.COMMANDS)],
    ids=" ".join,
)
def test_help_is_there_at_once(arguments: list[str]) -> None:
    script = (
        "import sys, json, main\n"
        "try: main.main(sys.argv[1:])\n"
        "except SystemExit as stop: assert not stop.code\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=180,
    )
    loaded = json.loads(result.stdout.splitlines()[-1])
    assert not {name.split(".")[0] for name in loaded} & (HEAVY | {"numpy", "yaml", "rich"})
    commands = {name for name in loaded if name.endswith("_command")}
    assert commands == {main.COMMANDS[name][0] for name in arguments if name in main.COMMANDS}


def test_help_shows_every_command() -> None:
    help_text = shellac("--help").stdout
    for command in main.COMMANDS:
        assert re.search(rf"^  +{command} +[A-Z]", help_text, re.M)
    assert "--demo" in help_text


def test_every_command_does_what_the_table_says_of_it() -> None:
    for module, purpose in main.COMMANDS.values():
        command = import_module(module)
        assert command.run.__doc__ == purpose
        assert callable(command.add_arguments)


def test_restoring_needs_neither_window_nor_networks(side: Path, tmp_path: Path) -> None:
    script = (
        "import sys, main\n"
        "assert main.main(sys.argv[1:]) == 0\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, "restore", str(side), "--output", str(tmp_path / "o.wav")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=180,
    )
    for name in HEAVY:
        assert f"'{name}'" not in result.stdout


def test_unknown_preset_key_names_file_key_and_line(side: Path, tmp_path: Path) -> None:
    preset = tmp_path / "mine.yaml"
    preset.write_text((ROOT / "presets" / "light.yaml").read_text() + "colour: blue\n")
    line = len(preset.read_text().splitlines())
    for command in (["restore", side, "--output", tmp_path / "o.wav"], ["live", "--input", "demo"]):
        message = refusal(*command, "--preset", preset)
        assert f"{preset}, line {line}: unknown key 'colour'" in message


def test_impossible_share_names_the_range(side: Path, tmp_path: Path) -> None:
    message = refusal("restore", side, "--output", tmp_path / "o.wav", "--depth", "1.5")
    assert "depth is 1.5; it must lie in 0..1" in message
    message = refusal("restore", side, "--output", tmp_path / "o.wav", "--protection", "-1")
    assert "protection is -1.0; it must lie in 0..1" in message


def test_wrong_option_is_one_line() -> None:
    assert "--channels" in refusal("live", "--channels", "3")
    assert "--seconds" in refusal("live", "--seconds", "-1")
    assert "--output" in refusal("restore", "side.wav")
    for number in ("0", "two"):
        message = refusal("restore", "side.wav", "--output", "o.wav", "--jobs", number)
        assert (
            f"--jobs: '{number}' is not possible; it must be a whole number, 1 or more" in message
        )
    assert "sing" in refusal("sing")


def test_impossible_stream_names_the_range() -> None:
    assert "4000..192000" in refusal("live", "--input", "demo", "--sample-rate", "1000000")
    assert "32..8192" in refusal("live", "--input", "demo", "--block", "1")


def test_window_without_a_display_says_what_to_do_instead() -> None:
    env = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    for arguments in ([], ["--demo"]):
        assert "live --input demo" in refusal(*arguments, env=env)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
@pytest.mark.parametrize("platform", ["", "no_such_platform"])
def test_a_display_that_does_not_answer_is_said_and_not_died_of(platform: str) -> None:
    env = {"DISPLAY": ":47111", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": platform}
    assert "in a terminal use 'shellac live'" in refusal("--demo", env=env)
