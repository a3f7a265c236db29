"""What strangers may hand over: each bad file is one clear line, exit code 2, and does no harm.

Presets have tests of their own (``test_presets``), networks too (``test_training_networks``,
``test_checkpoints``); what is here goes through the doors that were left.
"""

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import soundfile
import torch
from cli_tools import RATE, refusal, shellac
from onnx import helper, numpy_helper

import main
from model.checkpoints import CHECKPOINTS_DIR
from model.errors import RestorationError, one_line
from model.groove.record_file import load_record
from model.networks.learned import load_learned
from model.presets import PRESETS_DIR
from model.settings import Settings
from realtime.archive.sidecar import hash_of, known_record
from realtime.archive.sidecar_reading import MAX_BYTES
from realtime.archive.verify import verify_folder
from realtime.batch.jobs import RestoreJob
from realtime.batch.restore import restore_file
from realtime.batch.resume import is_done
from realtime.batch.tracks import marked_cuts
from realtime.devices import listing as devices
from realtime.restorer.checkpoint_files import usable_models
from realtime.soundfiles.file_names import file_name
from realtime.soundfiles.reading import open_sound

PLAIN = Settings(declick=False)
LIGHT = (PRESETS_DIR / "light.yaml").read_text()


def said(work: Callable[[], object]) -> str:
    """Return the one line with which something is refused."""
    with pytest.raises(RestorationError) as caught:
        work()
    message = str(caught.value)
    assert message and "\n" not in message and len(message) < 600
    return message


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Return the one line of a command that ends with 2, run in this process."""
    assert main.main([str(argument) for argument in arguments]) == 2
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("shellac: ")
    return lines[0]


# Sound files


def sound_bytes(container: str = "WAV", subtype: str = "PCM_16") -> bytes:
    noise = 0.1 * np.random.default_rng(1).standard_normal((RATE // 10, 2))
    buffer = io.BytesIO()
    soundfile.write(buffer, noise, RATE, subtype, format=container)
    return buffer.getvalue()


def patched(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


WAV, FLAC, AIFF, AU = (sound_bytes(name) for name in ("WAV", "FLAC", "AIFF", "AU"))
COMM = AIFF.index(b"COMM")
REFUSED = {
    "zero channels.wav": (patched(WAV, 22, b"\0\0"), "cannot be read as sound"),
    "65535 channels.wav": (patched(WAV, 22, b"\xff\xff"), "cannot be read as sound"),
    "zero bits.wav": (patched(WAV, 34, b"\0\0"), "cannot be read as sound"),
    "unknown codec.wav": (patched(WAV, 20, b"\x34\x12"), "cannot be read as sound"),
    "header only.wav": (WAV[:44], "holds no samples"),
    "cut header.flac": (FLAC[:60], "cannot be read as sound"),
    "half.flac": (FLAC[: len(FLAC) // 2], "is damaged: it ends at 0.0 s, after 0 of 4410 samples"),
    "2^31 samples.flac": (patched(FLAC, 22, b"\x80\0\0\0"), "after 0 of 2147483648 samples"),
    "2^36 samples.flac": (
        patched(FLAC, 21, bytes([FLAC[21] | 15]) + b"\xff" * 4),
        "of 68719476735 samples",
    ),
    "zero channels.aiff": (patched(AIFF, COMM + 8, b"\0\0"), "cannot be read as sound"),
    "zero channels.au": (patched(AU, 20, bytes(4)), "cannot be read as sound"),
    "half.ogg": (sound_bytes("OGG", "VORBIS")[:2000], "cannot be read as sound"),
    "cut.mp3": (sound_bytes("MP3", "MPEG_LAYER_III")[:60], "cannot be read as sound"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_sound_file_that_lies_is_one_line_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    content, complaint = REFUSED[name]
    source = tmp_path / name
    source.write_bytes(content)
    message = said(lambda: restore_file(source, tmp_path / "out.wav", PLAIN))
    assert name in message and complaint in message
    assert [path.name for path in tmp_path.iterdir()] == [name]


TAKEN_AS_FAR_AS_IT_GOES = {
    "2^32 bytes.wav": (patched(WAV, 40, b"\xff" * 4), 4410),
    "riff and data 2^32.wav": (patched(patched(WAV, 4, b"\xff" * 4), 40, b"\xff" * 4), 4410),
    "fewer than there are.wav": (patched(WAV, 40, b"\x10\0\0\0"), 4),
    "half a sample.wav": (WAV[:-1], 4409),
    "2^31 samples.aiff": (patched(AIFF, COMM + 10, b"\x80\0\0\0"), 4410),
    "unknown length.au": (patched(AU, 8, b"\xff" * 4), 4410),
    "half.aiff": (AIFF[: len(AIFF) // 2], 2198),
}


@pytest.mark.parametrize("name", TAKEN_AS_FAR_AS_IT_GOES)
def test_a_header_that_declares_too_much_is_read_to_the_real_end(tmp_path: Path, name: str) -> None:
    content, samples = TAKEN_AS_FAR_AS_IT_GOES[name]
    (tmp_path / name).write_bytes(content)
    restore_file(tmp_path / name, tmp_path / "out.wav", PLAIN)
    assert soundfile.info(tmp_path / "out.wav").frames == samples


@pytest.mark.parametrize(
    "samples",
    [
        np.full(5000, 1e-40),
        np.full(5000, 1.0),
        np.sign(np.sin(np.arange(5000) / 9) + 1e-9),
        np.array([1e-45]),
        np.where(np.arange(5000) % 2, 1e30, -1e30),
    ],
    ids=["denormal", "DC", "full-scale square", "one denormal", "1e30"],
)
def test_odd_but_finite_sound_is_restored_in_full_length(tmp_path: Path, samples: Any) -> None:
    soundfile.write(tmp_path / "odd.wav", samples, RATE, "FLOAT")
    report = restore_file(tmp_path / "odd.wav", tmp_path / "out.wav", Settings())
    restored, _ = soundfile.read(tmp_path / "out.wav")
    assert restored.shape == samples.shape
    assert np.isfinite(restored).all()
    assert np.abs(restored).max() <= 1.13 * np.abs(samples.astype(np.float32)).max()
    assert min(report.crackle, report.clicks, report.pops) >= 0


def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    for name in ("side.wav", "mine.yaml", "side_restored.shellac.json"):
        os.mkfifo(tmp_path / name)
    assert "is not a file" in said(lambda: open_sound(tmp_path / "side.wav"))
    assert "is not a file" in said(lambda: load_record(tmp_path / "mine.yaml"))
    lines, mismatches = verify_folder(tmp_path)
    assert mismatches == 1 and "it is not a file" in lines[0]


# Names


@pytest.mark.parametrize("name", ["two words.wav", "line\nbreak.wav", "Ständchen № 7 ∞.wav"])
def test_spaces_line_breaks_and_any_letter_go_through_every_door(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a b\nç"
    folder.mkdir()
    (folder / name).write_bytes(WAV)
    preset = folder / f"{name}.yaml"
    preset.write_text(LIGHT, "utf-8")
    arguments = ["restore", folder / name, "--output", folder / "out.wav", "--preset", preset]
    assert main.main([*map(str, arguments), "--model", "none"]) == 0
    assert main.main(["verify", str(folder)]) == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2 and printed.err == ""
    preset.write_text(LIGHT.replace("depth", "dep\\th"), "utf-8")
    assert one_line(preset) in told(capsys, *arguments, "--overwrite")


# What it prints cannot be handed from one process of the tests to another.
@pytest.mark.alone
def test_a_name_that_is_no_text_is_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = os.fsencode(tmp_path) + b"/side\xff.wav"
    Path(os.fsdecode(path)).write_bytes(WAV)
    line = told(capsys, "restore", os.fsdecode(path), "--output", tmp_path / "out.wav")
    assert "side\\udcff.wav has a name that is not UTF-8; rename it" in line


def test_a_terminal_without_umlauts_shows_them_by_their_codes(tmp_path: Path) -> None:
    side = tmp_path / "Lied\x1b[2J ä.wav"
    side.write_bytes(WAV)
    arguments = ("restore", side, "--output", tmp_path / "o.wav", "--model", "none")
    result = shellac(*arguments, env={"PYTHONIOENCODING": "ascii"})
    assert (result.returncode, result.stderr) == (0, "")
    assert "Lied\\x1b[2J \\xe4.wav" in result.stdout


def test_a_device_may_be_called_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "USB\x1b[31m\nPhono <b>µ</b> ∞\u202e"
    odd = devices.Device(name, "ALSA\t", 2, 0, RATE, True, False)
    other = devices.Device("", "ALSA", 2, 2, RATE, False, True)
    monkeypatch.setattr(devices, "list_devices", lambda: [odd, other])
    assert main.main(["devices"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 4  # a heading, two devices, an explanation
    assert "USB\\x1b[31m Phono <b>µ</b> ∞\\u202e" in printed[1]
    assert devices.pick_device([odd, other], name, "input") is odd
    message = said(lambda: devices.pick_device([odd, other], "\x1b[31m", "output"))
    assert "\x1b" not in one_line(message)


def test_a_record_s_title_cannot_lead_a_recording_out_of_its_folder() -> None:
    from datetime import UTC, datetime

    from model.groove.record import RecordSettings

    record = RecordSettings(title="../../etc/pass\\wd: *?", performer=". .")
    name = file_name("{performer} - {title}", record, datetime(2026, 1, 1, tzinfo=UTC))
    assert not set(name) & set('/\\:*?"<>|') and not name.startswith(".")


# Records


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: &a [x]\nb: *a\n", "anchors"),
        ("year: " + "9" * 400, "far too long"),
        ("year: 0x" + "f" * 20_000, "far too long"),
        ("year: " + "9" * 59, "0..2100"),
        ("year: 1908.5", "must be a number"),
        ("played_rpm: .nan", "10..200"),
        ("played_rpm: .inf", "10..200"),
        ("played_rpm: 1:1:1:1:1:1:1:1:1:1", "10..200"),
        ("bass_shelf_hz: ", "must be a number"),  # judged late; fuzzing found it
        ("hum: [50 Hz]", "flat"),
        ("curve: !!python/name:os.system x", "tags"),
        ("groove: 3", "choose one of"),
        ("title: " + "x" * 300, "at most 200"),
        ('title: "a\\nb"', "one line"),
        ("[" * 30_000, "flat"),
        ("#" * 70_000, "larger than"),
        ("\0", "not a text file"),
    ],
    ids=lambda text: text[:24],
)
def test_a_hostile_record_names_its_file_and_its_fault(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "side.yaml"
    path.write_text(text)
    message = said(lambda: load_record(path))
    assert str(path) in message and complaint in message


def test_a_spoilt_preset_or_record_ends_the_command_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "side.wav").write_bytes(WAV)
    (tmp_path / "mine.yaml").write_text(LIGHT.replace("depth: 0.8", "depth: .nan"))
    command = ("restore", tmp_path / "side.wav", "--output", tmp_path / "out.wav")
    assert "0..1" in told(capsys, *command, "--preset", tmp_path / "mine.yaml")
    (tmp_path / "side.yaml").write_text("year: " + "9" * 400)
    assert "side.yaml, line 1: the value of 'year'" in told(capsys, *command)
    assert not (tmp_path / "out.wav").exists()


# Sidecars

DIGEST = "0" * 64
FACTS: dict[str, Any] = {"name": "side.wav", "bytes": len(WAV), "sha256": DIGEST}


def sidecar(**changes: Any) -> str:
    files = {"source": FACTS, "restored": {**FACTS, "name": "out.wav"}}
    return json.dumps({"schema": 1, "files": files, "speed": 1.0, **changes})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Expecting value"),
        ("[1, 2]", "it holds no fields"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        ("9" * 5000, "Exceeds the limit"),
        (sidecar(speed=float("nan")), "NaN is no number"),
        (sidecar().replace("1.0", "1e999"), "'speed' must be a number"),
        (sidecar(speed=0), "'speed' must be a number"),
        (sidecar(speed=-1.0), "'speed' must be a number"),
        (sidecar(speed=True), "'speed' must be a number"),
        (sidecar(speed="1"), "'speed' must be a number"),
        (sidecar(speed=10**400), "'speed' must be a number"),
        (sidecar(files=[FACTS, FACTS]), "'files' does not name two"),
        (sidecar(files={"source": FACTS}), "'files' does not name two"),
        (sidecar(files={"source": 1, "restored": 2}), "'source' is no list of facts"),
        (sidecar(files={"a": {**FACTS, "name": 7}, "b": FACTS}), "'a' has no usable 'name'"),
        (sidecar(files={"a": {**FACTS, "name": "x\0"}, "b": FACTS}), "'a' has no usable 'name'"),
        (sidecar(files={"a": {**FACTS, "name": "/dev/zero"}, "b": FACTS}), "absolute 'name'"),
        (sidecar(files={"a": {**FACTS, "bytes": 1e3}, "b": FACTS}), "no usable 'bytes'"),
        (sidecar(files={"a": {**FACTS, "sha256": "x"}, "b": FACTS}), "no usable 'sha256'"),
        ("\ufeff{}", "BOM"),
        (" " * (MAX_BYTES + 1), "larger than 32 MiB"),
    ],
    ids=lambda text: text[:40],
)
def test_a_hostile_sidecar_is_a_mismatch_in_one_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "side.wav").write_bytes(WAV)
    (tmp_path / "out.wav.shellac.json").write_text(text, "utf-8")
    (line,), mismatches = verify_folder(tmp_path)
    assert mismatches == 1
    assert line.startswith("MISMATCH out.wav: ") and complaint in line and len(line) < 600
    assert known_record(tmp_path / "out.wav").is_plain  # what is not known is left open


def test_files_that_are_no_sound_are_a_mismatch_even_with_a_true_hash(tmp_path: Path) -> None:
    files = {}
    for name in ("side.wav", "out.wav"):
        (tmp_path / name).write_bytes(b"no sound at all")
        files[name] = {"name": name, "bytes": 15, "sha256": hash_of(tmp_path / name)}
    (tmp_path / "out.wav.shellac.json").write_text(sidecar(files=files))
    (line,), mismatches = verify_folder(tmp_path)
    assert mismatches == 1 and "its files cannot be compared as sound" in line


@pytest.mark.parametrize(
    "markers", [5, "x", [1], [{"sample": "x"}], [{"sample": float("inf")}], [{}], {"a": 1}]
)
def test_markers_that_are_none_are_said_so(tmp_path: Path, markers: object) -> None:
    text = json.dumps({"markers": markers}).replace("Infinity", "1e999")
    (tmp_path / "out.wav.shellac.json").write_text(text)
    assert "no readable sidecar" in said(lambda: marked_cuts(tmp_path / "out.wav"))


@pytest.mark.parametrize("record", [5, [], {"year": 10**400}, {"nonsense": 1}, {"hum": []}])
def test_a_spoilt_record_in_a_sidecar_counts_as_unknown(tmp_path: Path, record: object) -> None:
    (tmp_path / "out.wav.shellac.json").write_text(json.dumps({"record": record}))
    assert known_record(tmp_path / "out.wav").is_plain


@pytest.mark.parametrize("settings", [None, [], [7], {}, [{}]])
def test_resume_does_not_stumble_over_a_sidecar_without_settings(
    tmp_path: Path, settings: object
) -> None:
    files = {}
    for name in ("side.wav", "out.wav"):
        (tmp_path / name).write_bytes(WAV)
        files[name] = {"name": name, "bytes": len(WAV), "sha256": hash_of(tmp_path / name)}
    beside = tmp_path / "out.wav.shellac.json"
    beside.write_text(sidecar(files=files, settings=settings))
    job = RestoreJob(tmp_path / "side.wav", tmp_path / "out.wav", sidecar=beside, resume=True)
    assert "--overwrite" in said(lambda: is_done(job, PLAIN))


# Networks


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.target), "w")


def test_a_pickle_in_a_checkpoint_is_refused_with_2_and_never_runs(tmp_path: Path) -> None:
    target = tmp_path / "it_ran"
    (tmp_path / "side.wav").write_bytes(WAV)
    (tmp_path / "evil.pth").write_bytes(pickle.dumps(Bomb(target)))
    line = refusal(
        *("restore", tmp_path / "side.wav", "--output", tmp_path / "out.wav"),
        *("--model", tmp_path / "evil.pth"),
    )
    assert "evil.pth" in line and "not a checkpoint" in line
    assert not target.exists() and not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize(
    "content",
    [
        {"format": 1, "networks": [], "config": {}, "progress": {}},
        {"format": 1, "networks": {"detector": 5}, "config": {}, "progress": {}},
        {"format": 1, "networks": {"detector": {"shape": 1, "weights": {}}}, "config": {}},
        {
            **{"format": 1, "config": {}, "progress": {}},
            "networks": {"detector": {"shape": {}, "weights": {"a": "b"}}},
        },
    ],
    ids=["list", "number", "no progress", "text for weights"],
)
def test_a_checkpoint_of_the_wrong_make_is_not_built(tmp_path: Path, content: object) -> None:
    from training.learning.checkpoint import load_checkpoint

    torch.save(content, tmp_path / "odd.pth")
    assert "is not a whole checkpoint" in said(lambda: load_checkpoint(tmp_path / "odd.pth"))


def test_a_checkpoint_that_unpacks_to_gigabytes_is_refused_unopened(tmp_path: Path) -> None:
    from training.learning.checkpoint import load_checkpoint

    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"x")
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (0xF0000000).to_bytes(4, "little")  # of the directory
    path.write_bytes(content)
    assert "unpacks to 3 GiB" in said(lambda: load_checkpoint(path))


def swollen(doublings: int) -> bytes:
    """A detector whose result is doubled so often and cut down again: harmless operators only."""
    model = onnx.load(CHECKPOINTS_DIR / "detector_2.onnx")
    last = model.graph.output[0].name
    for n in range(doublings):
        model.graph.node.append(helper.make_node("Concat", [last, last], [f"twice{n}"], axis=0))
        last = f"twice{n}"
    for name, numbers in (("from", [0, 0]), ("to", [2, 512])):
        model.graph.initializer.append(numpy_helper.from_array(np.array(numbers), name))
    model.graph.node.append(helper.make_node("Slice", [last, "from", "to"], ["cut"]))
    model.graph.output[0].name = "cut"
    return bytes(model.SerializeToString())


def test_a_graph_that_swells_is_tried_where_it_can_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "bomb.onnx").write_bytes(swollen(24))  # 2 x 512 floats become 64 GiB
    message = said(lambda: usable_models((str(tmp_path / "bomb.onnx"),)))
    assert "bomb.onnx" in message
    assert "does not work as a detector" in message or "more memory or time" in message


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("input", "is not a model that can be run|more memory|does not work as a detector"),
        ("nothing times 2^60", "a tensor has more than"),
        ("negative", "a tensor has more than"),
    ],
)
def test_absurd_shapes_are_refused(tmp_path: Path, change: str, complaint: str) -> None:
    model = onnx.load(CHECKPOINTS_DIR / "detector_2.onnx")
    if change == "input":
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2**40
    elif change == "negative":
        model.graph.initializer[0].dims[0] = -5
    else:
        model.graph.initializer[0].dims[:] = [0, 2**60]
    (tmp_path / "odd.onnx").write_bytes(model.SerializeToString())
    message = said(lambda: usable_models((str(tmp_path / "odd.onnx"),)))
    assert any(part in message for part in complaint.split("|")), message


def test_the_runtime_s_second_format_is_not_read(tmp_path: Path) -> None:
    # One unknown field of ONNX whose content is the other format's mark at its place.
    disguise = b"\x7a\x84\x01\x00ORTM" + bytes(127)
    model = (CHECKPOINTS_DIR / "detector_2.onnx").read_bytes()
    (tmp_path / "two_faces.onnx").write_bytes(disguise + model)
    assert load_learned(tmp_path / "two_faces.onnx").name == "detector_2"  # what was looked through
