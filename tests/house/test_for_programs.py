"""What other programs read of this one: JSON of one form, completion, the man page; and quiet."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, ROOT, shellac, write_side

import main
from model.errors import RestorationError
from realtime.answers import document
from realtime.completion import SHELLS
from realtime.devices import listing
from realtime.devices.listing import Device
from realtime.upkeep import doctor
from realtime.upkeep.doctor import Finding

FORM = ("program", "version", "schema", "command", "ok", "error", "result")
QUICK = ("--bypass", "--model", "none")
TURNTABLE = Device("turn\udcfftable \u266b", "ALSA", 2, 0, 44_100, True, False)


def asked(
    capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0
) -> tuple[object, dict[str, object]]:
    """Run a command with ``--json``; returns its result and the document around it."""
    assert main.main([*map(str, arguments), "--json"]) == code
    told, errors = capsys.readouterr()
    assert told.isascii()
    answer = json.loads(told)
    assert tuple(answer) == FORM
    assert answer["program"] == "shellac"
    assert answer["version"] == main.VERSION
    assert answer["schema"] == 1
    assert answer["command"] == arguments[0]
    assert answer["ok"] is (code == 0) is (answer["error"] is None)
    assert errors == ("" if code == 0 else f"shellac: {answer['error']}\n")
    return answer["result"], answer


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stereo side and its restored file."""
    folder = tmp_path_factory.mktemp("archive")
    write_side(folder / "side.wav")
    options = ("--output", folder / "restored.wav", *QUICK, "--groove", "lateral")
    assert shellac("restore", folder / "side.wav", *options).returncode == 0
    return folder


# --- JSON


def test_devices_are_told_with_names_of_any_letters(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "list_devices", lambda: [TURNTABLE])
    result, _ = asked(capsys, "devices")
    assert isinstance(result, list)
    assert result[0]["name"] == TURNTABLE.name
    assert (result[0]["inputs"], result[0]["default_rate"]) == (2, 44_100)
    assert result[0]["is_default_input"] is True
    monkeypatch.setattr(listing, "list_devices", list)
    result, answer = asked(capsys, "devices", code=2)
    assert result == []
    assert "connect one" in str(answer["error"])


def test_curves_are_told_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    result, _ = asked(capsys, "curves")
    assert isinstance(result, list)
    curves = {curve["name"]: curve for curve in result}
    assert next(iter(curves)) == "flat"
    assert curves["riaa"]["constants"] == {
        "bass_shelf_s": pytest.approx(3180e-6),
        "turnover_s": pytest.approx(318e-6),
        "rolloff_s": pytest.approx(75e-6),
    }
    result, _ = asked(capsys, "curves", "--label", "Columbia", "--year", "1944", "--region", "us")
    assert isinstance(result, list)
    assert result[0]["curve"] == "columbia_78"
    result, _ = asked(capsys, "curves", "--label", "Nobody's", code=2)
    assert result is None


def test_walls_are_told_as_numbers(capsys: pytest.CaptureFixture[str], archive: Path) -> None:
    result, _ = asked(capsys, "walls", archive / "side.wav")
    assert isinstance(result, dict)
    assert result["kind"] == "lateral"
    assert result["correlation"] > 0.9
    assert abs(result["offset_us"]) < 1


def test_verified_sides_are_told_one_by_one_also_where_one_has_changed(
    capsys: pytest.CaptureFixture[str], archive: Path, tmp_path: Path
) -> None:
    result, _ = asked(capsys, "verify", archive)
    assert result == [{"name": "restored.wav", "ok": True, "complaint": ""}]
    for path in archive.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "side.wav").write_bytes(b"")
    result, answer = asked(capsys, "verify", tmp_path, code=2)
    assert isinstance(result, list)
    assert result[0]["ok"] is False
    assert "side.wav has 0 bytes" in result[0]["complaint"]
    assert "1 of 1 sides do not match" in str(answer["error"])
    result, _ = asked(capsys, "verify", tmp_path / "nowhere", code=2)
    assert result is None


def test_tracks_are_told_with_their_place_in_the_side(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    songs = np.random.default_rng(3).uniform(-0.3, 0.3, 24 * RATE)
    songs[11 * RATE : 13 * RATE] *= 1e-3
    soundfile.write(tmp_path / "side.wav", songs, RATE, "PCM_16")
    (tmp_path / "tracks").mkdir()
    result, _ = asked(capsys, "tracks", tmp_path / "side.wav", "--output", tmp_path / "tracks")
    assert isinstance(result, list)
    first, second = result
    assert first["start_sample"] == 0
    assert second["start_sample"] == first["samples"]
    assert first["samples"] + second["samples"] == len(songs)
    assert all(Path(track["path"]).is_file() for track in result)


def test_findings_of_the_doctor_are_told_with_their_remedies(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    well, ill = Finding("disk", "ok", "room"), Finding("network", "WRONG", "gone", "take it anew")
    monkeypatch.setattr(doctor, "examine", lambda _log: [well])
    result, _ = asked(capsys, "doctor")
    assert result == [{"what": "disk", "state": "ok", "told": "room", "remedy": ""}]
    monkeypatch.setattr(doctor, "examine", lambda _log: [well, ill])
    result, _ = asked(capsys, "doctor", code=2)
    assert isinstance(result, list)
    assert result[1]["remedy"] == "take it anew"


def test_document_holds_nothing_that_is_no_json() -> None:
    told = document("1", "walls", {"a": float("nan"), "b": [float("inf"), Path("x")], 3: (1, None)})
    assert json.loads(told)["result"] == {"a": None, "b": [None, "x"], "3": [1, None]}
    assert RestorationError("one", result=[1]).result == [1]
    assert str(RestorationError("one", result=[1])) == "one"


# --- quiet


def test_quiet_restoring_tells_nothing_but_what_speaks_against_it(
    archive: Path, tmp_path: Path
) -> None:
    sound, rate = soundfile.read(archive / "side.wav")
    soundfile.write(tmp_path / "turned.wav", sound * [1, -1], rate)
    (tmp_path / "empty.wav").write_bytes(b"")
    sources = (
        archive / "side.wav",
        tmp_path / "turned.wav",
        tmp_path / "empty.wav",
        "--output",
        tmp_path / "more",
    )
    (tmp_path / "more").mkdir()
    result = shellac("restore", *sources, *QUICK, "--quiet", "--groove", "lateral")
    assert (result.returncode, result.stdout) == (2, "")
    remark, fault, end = result.stderr.splitlines()
    assert "opposite phase" in remark
    assert fault.startswith("shellac: ") and "empty.wav" in fault
    assert end == "shellac: 1 of 3 files could not be restored"


def test_quiet_playing_tells_nothing(archive: Path) -> None:
    side = archive / "side.wav"
    result = shellac("live", "--input", side, "--output", "none", *QUICK, "--quiet")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_quiet_checks_tell_only_what_is_wrong(
    capsys: pytest.CaptureFixture[str], archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main.main(["verify", str(archive), "--quiet"]) == 0
    assert main.main(["recover", str(archive), "--quiet"]) == 0
    findings = [Finding("disk", "ok", "room"), Finding("network", "WRONG", "gone", "again")]
    monkeypatch.setattr(doctor, "examine", lambda _log: findings)
    assert main.main(["doctor", "--quiet"]) == 2
    told, errors = capsys.readouterr()
    assert told.splitlines() == findings[1].lines()
    assert errors == "shellac: 1 of these answers are wrong; each says what helps\n"


# --- completion and the man page


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_is_given_every_command(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert main.main(["--print-completion", shell]) == 0
    told, _ = capsys.readouterr()
    for word in (*main.COMMANDS, "wait-for-needle", "print-completion"):
        assert word in told


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_completes_commands_options_and_choices(tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(shellac("--print-completion", "bash").stdout)

    def completed(*words: str) -> set[str]:
        line = " ".join(f"'{word}'" for word in words)
        asking = f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _shtab_shellac; "
        found = subprocess.run(
            ["bash", "-c", f'source {script}; {asking} echo "${{COMPREPLY[@]}}"'],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=180,
            check=True,
        )
        return set(found.stdout.split())

    assert completed("shellac", "re") == {"restore", "recover", "revert"}
    assert "--wait-for-needle" in completed("shellac", "live", "--w")
    assert completed("shellac", "live", "--monitor", "re") == {"restored", "removed"}
    (tmp_path / "side.wav").touch()
    assert completed("shellac", "walls", "si") == {"side.wav"}


def test_man_page_tells_every_command_and_option() -> None:
    page = subprocess.run(
        [sys.executable, ROOT / "tools" / "man_page.py"],
        capture_output=True,
        text=True,
        cwd="/",
        timeout=180,
        check=True,
    ).stdout
    assert f'"shellac {main.VERSION}"' in page
    plain = page.replace("\\-", "-")
    for command in main.COMMANDS:
        assert f"\n.SS shellac {command}\n" in page
    for option in ("--wait-for-needle", "--undo-riaa", "--json", "--resume", "--quiet"):
        assert f"\\fB{option}\\fR" in plain
    if groff := shutil.which("groff"):
        checked = subprocess.run(
            [groff, "-man", "-ww", "-z", "-Tascii"],
            input=page,
            capture_output=True,
            text=True,
            timeout=180,
            check=True,
        )
        assert checked.stderr == ""
