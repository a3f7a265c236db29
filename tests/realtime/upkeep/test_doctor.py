"""The doctor: a sound installation is called so, and each fault is named with its remedy."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from cli_tools import shellac

from model.checkpoints import CHECKPOINTS_DIR, load_models, shipped_checkpoints
from model.errors import RestorationError
from realtime.telemetry import Telemetry
from realtime.upkeep import doctor
from realtime.upkeep.doctor import HASHES, Finding, judge
from realtime.upkeep.portaudio import HostApis
from realtime.upkeep.self_test import SelfTest, _shift, run_self_test

WELL = SelfTest(
    Telemetry(seconds=5.0, latency_ms=34.8, load_p50=0.2, load_p99=0.3, realtime_priority=True),
    lost=0,
    shift=0,
    finite=True,
    errors=(),
)


def wrong(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state == "WRONG"]


@pytest.mark.usefixtures("sound_server")
def test_a_sound_installation_is_told_with_all_that_a_maintainer_asks_for(tmp_path: Path) -> None:
    log = tmp_path / "shellac.log"
    told = shellac("doctor", "--log", log).stdout
    for wanted in (
        "Python 3.",
        "numpy ",
        "PortAudio V",
        "ALSA (",
        "turntable, ALSA: ",
        "GB free in this folder",
        str(log),
        " ms in the chain, proven by an impulse",
        *(sha256(path.read_bytes()).hexdigest() for path in shipped_checkpoints()),
    ):
        assert wanted in told
    # A computer that is busy with other things is told of as well, and says nothing about us.
    faults = [line for line in told.splitlines() if line.startswith("WRONG")]
    assert [line for line in faults if "load" not in line] == []


def test_a_missing_sound_system_makes_the_doctor_fail_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = "PortAudio is missing; install it with 'sudo apt-get install libportaudio2'"

    def refuse() -> HostApis:
        raise RestorationError(missing)

    monkeypatch.setattr(doctor, "list_host_apis", refuse)
    [finding] = wrong(doctor._sound_system())
    assert finding.told == "PortAudio is missing"
    assert "apt-get install libportaudio2" in finding.lines()[1]


def test_a_computer_without_an_input_is_told_to_connect_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "list_devices", list)
    told = "\n".join("\n".join(finding.lines()) for finding in wrong(doctor._devices()))
    assert "no sound input device" in told
    assert "-> connect the turntable's interface" in told


@pytest.fixture
def copied_networks(tmp_path: Path) -> Path:
    shutil.copytree(CHECKPOINTS_DIR, tmp_path / "checkpoints")
    return tmp_path / "checkpoints"


def test_the_shipped_networks_are_those_of_the_list(copied_networks: Path) -> None:
    findings = list(doctor._networks(copied_networks))
    renew = f"after changing networks: cd {CHECKPOINTS_DIR.name}; sha256sum *.onnx > {HASHES}"
    assert not wrong(findings), renew
    assert len(findings) == len(shipped_checkpoints())


def spoil(network: Path) -> None:
    content = bytearray(network.read_bytes())
    content[len(content) // 2] ^= 1
    network.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (spoil, "is not what was shipped"),
        (Path.unlink, "is missing"),
        (lambda path: shutil.copy(path, path.with_name("other.onnx")), "is not what was shipped"),
        (lambda path: path.with_name(HASHES).unlink(), "cannot be read"),
    ],
)
def test_a_network_that_was_changed_is_named(
    copied_networks: Path, harm: Callable[[Path], object], told: str
) -> None:
    harm(min(copied_networks.glob("*.onnx")))
    [finding] = wrong(doctor._networks(copied_networks))
    assert told in finding.told
    assert "take the program's files anew" in finding.remedy


def test_a_disk_that_is_nearly_full_is_said_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=200_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    findings = wrong(doctor._disk())
    assert len(findings) == 2
    assert "0.2 GB free" in findings[0].told
    assert "make room" in findings[0].remedy


def test_a_log_that_cannot_be_written_is_told_with_another_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    [finding] = wrong(doctor._log(str(tmp_path / "file" / "log")))
    assert "SHELLAC_LOG" in finding.remedy


def test_the_last_errors_of_the_log_are_repeated(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"2026 1 ERROR shellac: fault {n}\n2026 1 INFO ok\n" for n in range(9)))
    told = [finding.told[-1] for finding in doctor._log(str(log)) if finding.what == "last error"]
    assert told == ["6", "7", "8"]


def test_a_check_that_breaks_down_does_not_cost_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken() -> Iterable[Finding]:
        raise FileNotFoundError(2, "No such file or directory", "/gone")

    monkeypatch.setattr(doctor, "_disk", broken)
    monkeypatch.setattr(doctor, "run_self_test", lambda: WELL)
    findings = list(doctor.examine("none"))
    assert "/gone: No such file or directory" in [finding.told for finding in wrong(findings)]
    assert findings[-1].what == "priority"


def test_a_good_run_is_good() -> None:
    assert [finding.state for finding in judge(WELL)] == ["ok"] * 4


@pytest.mark.parametrize(
    ("ill", "what"),
    [
        (WELL._replace(shift=3), "latency"),
        (WELL._replace(shift=None), "latency"),
        (WELL._replace(lost=512), "engine"),
        (WELL._replace(finite=False), "engine"),
        (WELL._replace(errors=("the restoration failed: no memory",)), "engine"),
        (WELL._replace(telemetry=replace(WELL.telemetry, load_p50=0.95)), "load"),
        (WELL._replace(telemetry=replace(WELL.telemetry, xruns_out=1)), "load"),
    ],
)
def test_each_fault_of_a_run_is_found_with_a_remedy(ill: SelfTest, what: str) -> None:
    [finding] = wrong(judge(ill))
    assert finding.what == what
    assert finding.remedy


@pytest.mark.alone
def test_the_real_engine_passes_its_own_test() -> None:
    tested = run_self_test(1.5)
    assert (tested.lost, tested.shift, tested.finite, tested.errors) == (0, 0, True, ())
    denoiser = load_models().denoiser
    assert denoiser is not None
    assert tested.telemetry.denoiser_name == denoiser.name


def test_an_impulse_that_comes_late_or_changed_is_noticed() -> None:
    raw = np.zeros((1000, 2), np.float32)
    raw[400] = 0.5
    assert _shift(raw, raw, 800) == 0
    assert _shift(raw, np.roll(raw, 7, axis=0), 800) == 7
    assert _shift(raw, np.float32(0.9) * raw, 800) is None
    assert _shift(raw, np.zeros_like(raw), 800) is None
