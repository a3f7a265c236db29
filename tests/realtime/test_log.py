"""The log: where it lies, what it says of a run, and that it never stands in anybody's way."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_tools import ROOT, refusal, shellac

from model.errors import RestorationError
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.engine_log import EngineLog
from realtime.logbook import FILE_NAME, RotatingLog, log, log_path, logging_to
from realtime.telemetry import EngineEvent, Telemetry


@pytest.mark.parametrize(
    ("system", "environment", "wanted"),
    [
        ("linux", {"HOME": "/h"}, "/h/.local/state/shellac/shellac.log"),
        ("linux", {"HOME": "/h", "XDG_STATE_HOME": "/var/s"}, "/var/s/shellac/shellac.log"),
        ("linux", {"HOME": "/h", "XDG_STATE_HOME": "s"}, "/h/.local/state/shellac/shellac.log"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Logs/Shellac/shellac.log"),
        ("win32", {"LOCALAPPDATA": "/ann/Local"}, "/ann/Local/Shellac/shellac.log"),
        ("linux", {"HOME": "/h", "SHELLAC_LOG": "/tmp/mine"}, "/tmp/mine"),
        ("linux", {"HOME": "/h", "SHELLAC_LOG": "none"}, None),
    ],
)
def test_the_log_lies_where_the_system_keeps_logs(
    system: str, environment: dict[str, str], wanted: str | None
) -> None:
    assert log_path(None, environment, system) == (Path(wanted) if wanted else None)


def test_the_command_line_wins_over_the_environment() -> None:
    assert log_path("a.log", {"SHELLAC_LOG": "b.log"}) == Path("a.log")
    assert log_path("none", {"SHELLAC_LOG": "b.log"}) is None


def test_a_live_run_leaves_versions_devices_and_settings(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "shellac.log"
    result = shellac(
        *("live", "--input", "demo", "--output", "none", "--seconds", "1", "--depth", "0.6"),
        *("--log", path),
    )
    assert result.returncode == 0, result.stderr
    told = path.read_text("utf-8")
    for wanted in (
        "command: live --input demo",
        r"Python 3\.\d+\.\d+ on .*numpy \d",
        "running: worn_record.flac to none, 44100 Hz, 2 channels, latency [0-9.]+ ms",
        r"settings at .*depth=0\.6",
        r"stopped after 1\.\d s: \d+ hops.*xruns_in 0",
    ):
        assert re.search(wanted, told), told
    assert told.rstrip().endswith("shellac: ended")


def test_an_error_is_logged_as_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log"
    message = refusal("--log", path, "verify", tmp_path / "nowhere")
    assert f"ERROR shellac: {message.removeprefix('shellac: ')}" in path.read_text("utf-8")


def test_a_log_that_was_named_and_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "name another file" in refusal("--log", tmp_path / "file" / "log", "curves")


def test_without_a_place_for_its_log_the_program_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = shellac("curves", env={"SHELLAC_LOG": str(tmp_path / "file" / "log")})
    assert (result.returncode, result.stderr) == (0, "")


def test_an_unexpected_error_leaves_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), logging_to(tmp_path / "log", ["live"]):
        _ = 1 / 0
    told = (tmp_path / "log").read_text("utf-8")
    assert "Traceback" in told
    assert "ZeroDivisionError" in told


def test_nothing_is_left_running_or_open_behind_a_log(tmp_path: Path) -> None:
    before = list(log.handlers)
    for _ in range(3):
        with pytest.raises(RestorationError), logging_to(tmp_path / "log", []):
            raise RestorationError("the needle is worn")
    assert log.handlers == before
    assert (tmp_path / "log").read_text("utf-8").count("the needle is worn") == 3


@pytest.mark.parametrize("module", ["engine.engine_log", "devices.listing", "batch.many_files"])
def test_without_a_log_nothing_is_said_in_its_place(module: str) -> None:
    script = f"from realtime.{module} import log; log.error('the needle is worn')"
    result = run_script(script)
    assert (result.stdout, result.stderr) == ("", "")


def run_script(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )


TAKEN = """
import contextlib, os, sys
from realtime.stderr import StderrCapture
words = StderrCapture()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is taken there")
def test_what_a_library_prints_is_taken_line_by_line_and_what_we_print_is_shown() -> None:
    result = run_script(
        TAKEN
        + """
os.write(2, b"Expression failed\\nhalf")
print(words.take(), words.take())
os.write(2, b" a line \\xff\\n")
print(words.take())
print("the needle is worn", file=sys.stderr)
"""
    )
    assert result.stdout.splitlines() == ["['Expression failed'] []", "['half a line \\\\xff']"]
    assert result.stderr == "the needle is worn\n"


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is taken there")
def test_a_library_that_raves_waits_for_nobody_and_fills_no_log() -> None:
    result = run_script(
        TAKEN
        + """
for _ in range(100_000):
    with contextlib.suppress(BlockingIOError):
        os.write(2, b"Expression failed\\n")
print(len(words.take()))
"""
    )
    assert (result.stdout, result.stderr) == ("20\n", "")


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("shellac", logging.INFO, "", 0, text, None, None)


def test_the_log_is_cut_into_files_of_a_limited_number(tmp_path: Path) -> None:
    file = RotatingLog(tmp_path / FILE_NAME, most_bytes=1000)
    for number in range(500):
        file.emit(record(f"line {number:04}"))
    file.close()
    files = sorted(tmp_path.iterdir())
    assert len(files) == 5
    assert all(path.stat().st_size <= 1000 for path in files)
    assert "line 0499" in (tmp_path / FILE_NAME).read_text("utf-8")


def test_a_program_goes_on_in_the_file_that_another_one_has_begun(tmp_path: Path) -> None:
    one, other = (RotatingLog(tmp_path / FILE_NAME) for _ in range(2))
    other.emit(record("before"))
    one.doRollover()
    other.emit(record("after"))
    one.close()
    other.close()
    assert (tmp_path / FILE_NAME).read_text("utf-8") == "after\n"
    assert (tmp_path / f"{FILE_NAME}.1").read_text("utf-8") == "before\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_no_reason_to_say_anything(capsys: pytest.CaptureFixture[str]) -> None:
    file = RotatingLog(Path("/dev/full"))
    file.handle(record("a line"))
    file.close()
    assert capsys.readouterr() == ("", "")


class Running:
    """An engine as its log sees it."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.telemetry = Telemetry(state="running")
        self.log = EngineLog(
            StreamConfig("demo", block=512), lambda: self.settings, lambda: self.telemetry
        )


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the engine's log says, as it says it."""
    monkeypatch.setattr(log, "propagate", True)
    caplog.set_level(logging.INFO, "shellac")

    class Lines(list[str]):
        def __contains__(self, part: object) -> bool:
            return any(str(part) in message for message in caplog.messages)

        def __len__(self) -> int:
            return len(caplog.messages)

    return Lines()


def test_only_what_was_asked_for_specially_is_told_of_the_streams(lines: list[str]) -> None:
    Running()
    assert "opening: input=demo, block=512" in lines


def test_a_setting_is_logged_once_and_alone(lines: list[str]) -> None:
    engine = Running()
    engine.log.look()
    engine.settings = Settings(depth=0.25)
    engine.log.look()
    assert "s: depth=0.25" in lines
    told = len(lines)
    engine.log.look()
    assert len(lines) == told


def test_xruns_are_logged_with_what_came_since(lines: list[str]) -> None:
    engine = Running()
    engine.telemetry = Telemetry(xruns_in=2, lost_samples=512)
    engine.log.look()
    engine.telemetry = Telemetry(xruns_in=5, lost_samples=512)
    engine.log.look()
    assert "xruns_in +2 to 2, lost_samples +512 to 512" in lines
    assert "xruns_in +3 to 5" in lines


def test_events_keep_their_weight(caplog: pytest.LogCaptureFixture, lines: list[str]) -> None:
    Running().log.note(EngineEvent("error", "input 'USB' has ended", 12.0))
    assert "error at 12.0 s: input 'USB' has ended" in lines
    assert caplog.records[-1].levelno == logging.ERROR


def test_an_engine_that_never_ran_ends_in_the_log_all_the_same(lines: list[str]) -> None:
    engine = Running()
    engine.log.end(engine.telemetry)
    engine.log.end(engine.telemetry)
    assert len(lines) == 2
