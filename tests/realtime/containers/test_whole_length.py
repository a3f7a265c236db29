"""Files that hold more than their header knows of: every sample is read, or the file is refused.

The kind: a length is believed that nobody had counted (streams, recorders that died, files put
together), and the end of the sound is missing without a word.
"""

import struct
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import refusal, shellac
from numpy.typing import NDArray

from model.chain import Chain
from model.checkpoints import load_models
from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.archive.sidecar import sidecar_of_restored
from realtime.archive.verify import complaint_about
from realtime.batch.restore import restore_file
from realtime.batch.tracks import split_at
from realtime.config import StreamConfig
from realtime.containers.mpeg_frames import counted
from realtime.devices.file_input import FileInput
from realtime.engine.engine import Engine
from realtime.soundfiles.reading import blocks_of, open_sound

F64 = NDArray[np.float64]
RATE = 44_100
QUICK = ("--bypass", "--model", "none")
FRAME = 1152  # samples of an MP3 frame


def loud_then_quiet(seconds: float, rate: int = RATE, channels: int = 1) -> F64:
    """What a variable bit rate takes very unevenly."""
    rng, n = np.random.default_rng(0), round(seconds * rate)
    t = np.arange(n) / rate
    signal = 0.3 * np.sin(2764.6 * t) * np.where(t < 1, 1, 0.02)
    signal[: min(n, rate)] += 0.2 * rng.standard_normal(min(n, rate))
    return np.tile(signal[:, None], channels)


def mp3(
    path: Path, seconds: float = 8.0, rate: int = RATE, mode: str = "VARIABLE", channels: int = 1
) -> bytes:
    soundfile.write(path, loud_then_quiet(seconds, rate, channels), rate, bitrate_mode=mode)
    return path.read_bytes()


def without_info(path: Path) -> bytes:
    """As a stream begins: without the frame that says how long it is."""
    found = counted(path)
    assert found is not None
    return path.read_bytes()[found.stretches[0].start :]


def read(path: Path) -> F64:
    with open_sound(path) as sound:
        blocks = [block.astype(np.float64).T for block in blocks_of(sound)]
        whole = np.concatenate(blocks)
        assert len(whole) == sound.frames
    return whole / (2.0**31 if np.abs(whole).max() > 100 else 1.0)


@pytest.mark.parametrize("tagged", [False, True])
@pytest.mark.parametrize(
    ("rate", "mode", "channels"),
    [
        (44_100, "VARIABLE", 1),
        (44_100, "CONSTANT", 2),
        (48_000, "VARIABLE", 2),
        (32_000, "AVERAGE", 1),
        (22_050, "VARIABLE", 1),
        (16_000, "CONSTANT", 2),
    ],
)
def test_mp3_without_a_length_is_decoded_to_its_end(
    tmp_path: Path, rate: int, mode: str, channels: int, tagged: bool
) -> None:
    mp3(tmp_path / "whole.mp3", 8.0, rate, mode, channels)
    stream = without_info(tmp_path / "whole.mp3")
    if tagged:
        stream = b"ID3\x04\0\0\0\0\x02\0" + bytes(256) + stream + b"TAG" + bytes(125)
    (tmp_path / "stream.mp3").write_bytes(stream)
    whole, found = read(tmp_path / "whole.mp3"), read(tmp_path / "stream.mp3")
    assert len(found) == pytest.approx(len(whole), abs=3 * FRAME)
    # The same sound: an info frame tells the encoder's delay as well, so it may come later.
    middle = whole[rate // 2 : rate, 0]
    shift = int(np.argmax(np.correlate(found[: 2 * rate, 0], middle, "valid"))) - rate // 2
    assert 0 <= shift < 3 * FRAME
    last = slice(len(whole) - rate, len(whole) - rate // 2)
    np.testing.assert_allclose(
        found[last.start + shift : last.stop + shift, 0], whole[last, 0], atol=1e-4
    )


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("mode", ["VARIABLE", "CONSTANT"])
def test_mp3_put_together_is_decoded_to_its_end(tmp_path: Path, mode: str, times: int) -> None:
    content = mp3(tmp_path / "one.mp3", 5.0, mode=mode)
    (tmp_path / "joined.mp3").write_bytes(times * content)
    one, joined = read(tmp_path / "one.mp3"), read(tmp_path / "joined.mp3")
    assert len(joined) == pytest.approx(times * len(one), abs=times * 3 * FRAME)
    np.testing.assert_array_equal(joined[: len(one) - FRAME], one[: len(one) - FRAME])
    assert np.abs(joined[-4 * RATE :]).max() > 0.005


def test_mp3_is_the_same_in_small_pieces_as_in_one(tmp_path: Path) -> None:
    """A frame of a quiet passage needs bits of many frames in front of it."""
    mp3(tmp_path / "whole.mp3", 3.0)
    found = counted(tmp_path / "whole.mp3")
    assert found is not None
    assert found.declared == found.frames
    plain, _ = soundfile.read(tmp_path / "whole.mp3", always_2d=True)
    np.testing.assert_allclose(read(tmp_path / "whole.mp3"), plain, atol=1e-6)


def test_mp3_that_was_cut_off_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    content = mp3(tmp_path / "whole.mp3", 8.0)
    (tmp_path / "cut.mp3").write_bytes(content[: len(content) // 2])
    line = refusal("restore", tmp_path / "cut.mp3", "--output", tmp_path / "out.wav", *QUICK)
    assert "is damaged: it ends at" in line
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 1), (44_100, 2), (22_050, 1)])
def test_mp3_of_parts_that_do_not_fit_is_refused(tmp_path: Path, rate: int, channels: int) -> None:
    parts = mp3(tmp_path / "a.mp3", 3.0), mp3(tmp_path / "b.mp3", 3.0, rate, channels=channels)
    (tmp_path / "joined.mp3").write_bytes(b"".join(parts))
    with pytest.raises(RestorationError, match="parts of different rate or channels"):
        open_sound(tmp_path / "joined.mp3")


def test_every_way_hears_the_same_end(tmp_path: Path) -> None:
    """File, archive, live and tracks."""
    stream = tmp_path / "stream.mp3"
    mp3(tmp_path / "whole.mp3", 4.0)
    stream.write_bytes(without_info(tmp_path / "whole.mp3"))
    length = len(read(stream))
    target = tmp_path / "out.wav"
    result = shellac("restore", stream, "--output", target, *QUICK)
    assert (result.returncode, result.stderr) == (0, "")
    assert soundfile.info(target).frames == length
    assert complaint_about(sidecar_of_restored(target)) == ""
    source = FileInput(stream, 2)
    heard = 0
    while not source.ending or source.available():
        heard += len(source.read(source.available()))
    source.close()
    assert heard == length
    (tmp_path / "tracks").mkdir()
    paths = split_at(stream, tmp_path / "tracks", [length // 2], RecordSettings(title="Songs"))
    assert sum(soundfile.info(path).frames for path in paths) == length


# --- headers that know nothing

Damage = Callable[[bytearray], None]


def _put(at: bytes, offset: int, what: bytes) -> Damage:
    def damage(content: bytearray) -> None:
        start = (content.index(at) if at else 0) + offset
        content[start : start + len(what)] = what

    return damage


def _flac(content: bytearray) -> None:
    content[21] &= 0xF0
    content[22:42] = bytes(20)


UNKNOWN: dict[str, tuple[str, str, tuple[Damage, ...]]] = {
    "flac.flac": ("FLAC", "PCM_16", (_flac,)),
    "deep.flac": ("FLAC", "PCM_24", (_flac,)),
    "zero.wav": ("WAV", "PCM_16", (_put(b"", 4, bytes(4)), _put(b"data", 4, bytes(4)))),
    "full.wav": ("WAV", "PCM_24", (_put(b"", 4, b"\xff" * 4), _put(b"data", 4, b"\xff" * 4))),
    "float.wav": ("WAV", "FLOAT", (_put(b"data", 4, bytes(4)),)),
    "header.wav": ("WAV", "PCM_16", (_put(b"", 4, b"\x24\0\0\0"), _put(b"data", 4, bytes(4)))),
    "long.wav": ("RF64", "PCM_16", (_put(b"ds64", 8, bytes(24)),)),
    "zero.aiff": (
        *("AIFF", "PCM_24"),
        (_put(b"", 4, bytes(4)), _put(b"COMM", 10, bytes(4)), _put(b"SSND", 4, bytes(4))),
    ),
    "eight.aiff": (
        *("AIFF", "PCM_16"),
        (_put(b"COMM", 10, bytes(4)), _put(b"SSND", 4, struct.pack(">I", 8))),
    ),
    "zero.au": ("AU", "PCM_16", (_put(b"", 8, bytes(4)),)),
    "full.au": ("AU", "PCM_16", (_put(b"", 8, b"\xff" * 4),)),
    "full.caf": ("CAF", "PCM_16", (_put(b"data", 4, b"\xff" * 8),)),
    "zero.caf": ("CAF", "PCM_24", (_put(b"data", 4, bytes(8)),)),
}


def unknown(path: Path, n: int = 50_001) -> F64:
    kind, subtype, damages = UNKNOWN[path.name]
    signal = 0.5 * np.random.default_rng(1).uniform(-1, 1, (n, 2))
    soundfile.write(path, signal, RATE, subtype, format=kind)
    whole = soundfile.read(path)[0]
    content = bytearray(path.read_bytes())
    for damage in damages:
        damage(content)
    path.write_bytes(content)
    return np.asarray(whole)


@pytest.mark.parametrize("name", UNKNOWN)
def test_sound_of_unknown_length_is_read_to_its_end(tmp_path: Path, name: str) -> None:
    whole = unknown(tmp_path / name)
    before = (tmp_path / name).read_bytes()
    np.testing.assert_allclose(read(tmp_path / name), whole, atol=1e-7)
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize("name", ["flac.flac", "zero.wav", "zero.aiff"])
def test_sound_of_unknown_length_is_restored_and_verified(tmp_path: Path, name: str) -> None:
    whole = unknown(tmp_path / name)
    target = tmp_path / "out.wav"
    restore_file(
        tmp_path / name,
        target,
        Settings(bypass=True),
        chain_factory=partial(Chain, models=load_models(("none",))),
        sidecar=sidecar_of_restored(target),
        models=("none",),
    )
    np.testing.assert_allclose(soundfile.read(target)[0], whole, atol=1e-7)
    assert complaint_about(sidecar_of_restored(target)) == ""


def test_live_sound_of_unknown_length_is_recorded_to_its_end(tmp_path: Path) -> None:
    whole = unknown(tmp_path / "zero.wav", 30_000)
    config = StreamConfig(
        *(str(tmp_path / "zero.wav"), "none"),
        record_folder=tmp_path,
        record_format="wav",
        models=("none",),
    )
    with Engine(config, Settings(bypass=True)) as engine:
        while engine.telemetry().state == "running":
            time.sleep(0.02)
        raw = engine.telemetry().raw_path
    np.testing.assert_allclose(soundfile.read(raw)[0], whole, atol=1e-7)


@pytest.mark.parametrize("chunk", [b"", b"LIST\x04\0\0\0INFO", b"bext\x02\0\0\0ab"])
def test_wav_that_really_is_empty_is_said_to_be(tmp_path: Path, chunk: bytes) -> None:
    soundfile.write(tmp_path / "empty.wav", np.zeros((0, 2)), RATE, "PCM_16")
    content = (tmp_path / "empty.wav").read_bytes()
    (tmp_path / "empty.wav").write_bytes(content[: content.index(b"data") + 8] + chunk)
    with pytest.raises(RestorationError, match="holds no samples"):
        open_sound(tmp_path / "empty.wav")


@pytest.mark.parametrize("suffix", ["flac", "ogg", "wav", "aiff"])
def test_two_files_in_one_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"joined.{suffix}"
    soundfile.write(path, loud_then_quiet(1.5), RATE)
    path.write_bytes(2 * path.read_bytes())
    line = refusal("restore", path, "--output", tmp_path / "out.wav", *QUICK)
    assert path.name in line
    assert not (tmp_path / "out.wav").exists()
