"""The kind: sound that is whole, but coded in a way of its own, is called damaged.

What can be decoded on and on is read; all else is one line that names the coding and what helps.
"""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, refusal, shellac, write_side

from model.errors import RestorationError
from realtime.soundfiles.reading import blocks_of, open_sound

TONE = 0.2 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
TELEPHONE = {  # by container and coding: what libsndfile writes, and cannot go back in
    ("wav", "GSM610"): "GSM 6.10",
    ("wav", "G721_32"): "G721 ADPCM",
    ("wav", "NMS_ADPCM_16"): "NMS ADPCM",
    ("au", "G721_32"): "G721 ADPCM",
    ("au", "G723_24"): "G723 ADPCM",
    ("au", "G723_40"): "G723 ADPCM",
}


def wav_of(path: Path, tag: int, content: bytes) -> Path:
    """Write coded sound into a WAV file, as recorders and phones do."""
    more = struct.pack("<HHIHHH", 12, 1, 2, 417, 1, 0) if tag == 0x55 else struct.pack("<H", 0)
    form = struct.pack("<HHIIHH", tag, 1, RATE, 16_000, 1, 0) + more
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(content)) + content
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def read(path: Path) -> np.ndarray:
    with open_sound(path) as sound:
        return np.concatenate(list(blocks_of(sound)), axis=1)


@pytest.mark.parametrize(("container", "coding"), TELEPHONE, ids="-".join)
def test_codings_of_telephones_are_named(tmp_path: Path, container: str, coding: str) -> None:
    path = tmp_path / f"side.{container}"
    soundfile.write(path, TONE[:8000], 8000, coding)
    with pytest.raises(RestorationError) as refused:
        open_sound(path)
    assert f"{TELEPHONE[container, coding]}, which cannot be restored" in str(refused.value)
    assert "make PCM of it first" in str(refused.value)


@pytest.mark.parametrize(
    ("tag", "coding"),
    [(0x50, "MPEG layer 2"), (0xFF, "AAC"), (0x161, "WMA"), (0x2000, "something else")],
)
def test_wav_of_something_else_says_what_it_holds(tmp_path: Path, tag: int, coding: str) -> None:
    path = wav_of(tmp_path / "side.wav", tag, bytes(range(256)) * 40)
    with pytest.raises(RestorationError, match=f"does not hold PCM but {coding}"):
        open_sound(path)


def test_refused_coding_is_one_line_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "side.wav"
    soundfile.write(path, TONE[:8000], 8000, "GSM610")
    message = refusal("restore", path, "--output", tmp_path / "out.wav")
    assert f"{path} holds sound coded as GSM 6.10" in message
    assert "damaged" not in message
    assert not (tmp_path / "out.wav").exists()


def test_mp3_in_a_wav_file_is_the_same_as_by_itself(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    quiet_after_loud = TONE * np.where(np.arange(RATE) < RATE // 3, 1, 0.02)
    sound = np.tile(quiet_after_loud, 4) + 1e-3 * rng.standard_normal(4 * RATE)
    plain = tmp_path / "plain.mp3"
    soundfile.write(plain, sound, RATE, bitrate_mode="VARIABLE", compression_level=0.9)
    content = plain.read_bytes()
    first = content.find(b"\xff\xfb")
    path = wav_of(tmp_path / "side.wav", 0x55, content[first:])
    one, other = read(plain), read(path)
    # The first frame tells MP3's own readers of the delay, and those of WAV nothing.
    n = min(one.shape[1], other.shape[1]) - 2 * RATE // 10
    late = int(np.argmax(np.correlate(other[0, : 2 * RATE], one[0, :RATE], "valid")))
    np.testing.assert_allclose(other[0, late : late + n], one[0, :n], atol=1e-4)
    assert other.shape[1] >= 4 * RATE - 2 * 1152


def test_names_are_read_as_utf8_whatever_the_locale(tmp_path: Path) -> None:
    names = ("Läufer", "長い歌", "Пластинка", "a\u0308 b", "🎻")
    sides = [write_side(tmp_path / f"{name}.wav") for name in names]
    (tmp_path / "größer").mkdir()
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    options = ("--output", tmp_path / "größer", "--bypass", "--model", "none")
    result = shellac("restore", *sides, *options, env=locale)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.isascii()
    for name in names:
        (sidecar,) = (tmp_path / "größer").glob(f"{name}*.json")
        assert name in json.loads(sidecar.read_text("utf-8"))["files"]["restored"]["name"]
