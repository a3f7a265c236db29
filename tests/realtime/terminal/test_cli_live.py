"""Live sessions and devices through the command line, with a sound card and without."""

import os
import re
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from cli_tools import RATE, refusal, shellac, started, wait_for, write_side

NO_SERVER = {"PULSE_SERVER": "unix:/nowhere"}
SOUND_CARDS = Path("/proc/asound/cards")
without_cards = pytest.mark.skipif(
    SOUND_CARDS.exists() and "no soundcards" not in SOUND_CARDS.read_text(),
    reason="this machine has a sound card",
)


@without_cards
def test_live_without_a_sound_card_still_restores_and_records(tmp_path: Path) -> None:
    result = shellac(
        "live", "--input", "demo", "--record", tmp_path, "--seconds", "2", env=NO_SERVER
    )
    assert result.returncode == 0, result
    for word in ("impulses", "per second", "latency", "load", "xruns"):
        assert word in result.stdout
    raw, restored = sorted(tmp_path.glob("*raw*")), sorted(tmp_path.glob("*restored*"))
    assert len(raw) == len(restored) == 1
    assert str(raw[0]) in result.stdout and str(restored[0]) in result.stdout
    assert soundfile.info(raw[0]).frames == soundfile.info(restored[0]).frames >= 2 * RATE


def test_file_plays_to_its_end_and_stops(tmp_path: Path) -> None:
    side = write_side(tmp_path / "side.wav")
    result = shellac(
        "live", "--input", side, "--output", "none", "--record", tmp_path, "--format", "wav"
    )
    assert result.returncode == 0, result
    raw = next(tmp_path.glob("*raw*.wav"))
    np.testing.assert_array_equal(soundfile.read(raw)[0], soundfile.read(side)[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_keeps_what_was_recorded(tmp_path: Path, number: signal.Signals) -> None:
    arguments = ("live", "--input", "demo", "--output", "none", "--record", tmp_path)
    with started(*arguments) as process:
        wait_for(lambda: any(tmp_path.glob("*raw*")))
        time.sleep(1.0)
        os.killpg(process.pid, number)
        output, errors = process.communicate(timeout=180)
    assert (process.returncode, errors) == (0, "")
    assert "raw " in output
    raw, restored = (next(tmp_path.glob(f"*{kind}*")) for kind in ("raw", "restored"))
    assert soundfile.info(raw).frames == soundfile.info(restored).frames > 0.5 * RATE


def test_engine_leaves_the_end_to_the_program_that_is_late(tmp_path: Path) -> None:
    arguments = ("live", "--input", "demo", "--output", "none", "--record", tmp_path)
    with started(*arguments) as process:
        wait_for(lambda: any(tmp_path.glob("*raw*")))
        for child in psutil.Process(process.pid).children(recursive=True):
            child.terminate()
        time.sleep(0.5)  # on a busy machine the same signal is seen so much later
        process.terminate()
        output, errors = process.communicate(timeout=180)
    assert (process.returncode, errors) == (0, "")
    assert "raw " in output


def test_live_into_a_missing_folder_is_refused(tmp_path: Path) -> None:
    message = refusal(
        "live", "--input", "demo", "--output", "none", "--record", tmp_path / "nowhere"
    )
    assert "nowhere" in message


def test_unreadable_live_input_is_named(tmp_path: Path) -> None:
    for name, content in (("bad.wav", b""), ("bad.mp3", b"just some text")):
        (tmp_path / name).write_bytes(content)
        assert name in refusal("live", "--input", tmp_path / name, "--output", "none")
    assert "gone.wav" in refusal("live", "--input", tmp_path / "gone.wav", "--output", "none")


@pytest.mark.usefixtures("sound_server")
def test_devices_shows_what_can_be_opened() -> None:
    result = shellac("devices")
    assert (result.returncode, result.stderr) == (0, "")
    turntable = next(line for line in result.stdout.splitlines() if "turntable" in line)
    assert "ALSA" in turntable and "44100" in turntable
    assert re.search(r"^ *(in|out|in/out) ", result.stdout, re.M)


@pytest.mark.usefixtures("sound_server")
def test_unknown_device_lists_the_near_names() -> None:
    assert "'turntable'" in refusal("live", "--input", "turntabel", "--output", "none")
    assert "'headphones'" in refusal("live", "--input", "demo", "--output", "headfones")


@without_cards
def test_no_device_at_all_says_so() -> None:
    assert "no sound device" in refusal("devices", env=NO_SERVER)
    assert "no sound input device" in refusal("live", env=NO_SERVER)
    assert "'USB'" in refusal("live", "--input", "USB", env=NO_SERVER)


def test_missing_portaudio_names_the_remedy(tmp_path: Path) -> None:
    # Read by every Python of this test at its start: a machine without the library.
    (tmp_path / "sitecustomize.py").write_text(
        "import ctypes.util\n"
        "found = ctypes.util.find_library\n"
        "ctypes.util.find_library = lambda name: None if 'portaudio' in name else found(name)\n"
    )
    env = {"PYTHONPATH": str(tmp_path)}
    for command in (["devices"], ["live"], ["live", "--input", "USB"]):
        assert "apt-get install libportaudio2" in refusal(*command, env=env)
    record = tmp_path / "record"
    record.mkdir()
    result = shellac("live", "--input", "demo", "--record", record, "--seconds", "1", env=env)
    assert result.returncode == 0, result
    assert "PortAudio is missing" in result.stdout
    assert len(list(record.iterdir())) >= 2


def test_window_that_is_killed_leaves_its_recording(tmp_path: Path) -> None:
    record, home = tmp_path / "record", tmp_path / "home"
    record.mkdir()
    env = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with started("--demo", "--record", record, env=env) as process:
        wait_for(lambda: any(path.stat().st_size > 100_000 for path in record.glob("*raw*")))
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=180)
    assert process.returncode == 0
    raw, restored = (next(record.glob(f"*{kind}*")) for kind in ("raw", "restored"))
    assert soundfile.info(raw).frames == soundfile.info(restored).frames > 0.5 * RATE
