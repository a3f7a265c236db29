"""The kind: what a source says of itself is lost on the way to what is made of it.

Title, artist, cover and whatever else stands in a file's tags, in every container that knows tags,
comes out in every other one; what is known of the record comes on top.
"""

import base64
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, TALB, TIT2, TPE1, TXXX
from mutagen.oggvorbis import OggVorbis

from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.batch.restore import restore_file
from realtime.batch.tracks import split_at
from realtime.soundfiles.carried_tags import MOST_TEXT, carried_tags

RATE = 44_100
COVER = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
BEFORE = {
    "title": "Vesti la giubba",
    "artist": "Enrico Caruso",
    "album": "Victor 88061",
    "restorer": "the archive, København",
}
FORMATS = ("flac", "wav", "ogg", "mp3", "aiff")


def flac_picture() -> Picture:
    picture = Picture()
    picture.type, picture.mime, picture.desc, picture.data = 3, "image/png", "front", COVER
    return picture


def tagged_side(folder: Path, ending: str, name: str = "side") -> Path:
    """A third of a second of hiss, with tags and a cover in the manner of its container."""
    path = folder / f"{name}.{ending}"
    hiss = 0.01 * np.random.default_rng(1).standard_normal(RATE // 3)
    soundfile.write(path, hiss, RATE)
    file: Any = mutagen.File(path)
    if ending in ("flac", "ogg"):
        for key, value in BEFORE.items():
            file[key] = value
        file["replaygain_track_gain"] = "-7.03 dB"
        file["comment"] = "from the attic"
        if ending == "flac":
            file.add_picture(flac_picture())
        else:
            encoded = base64.b64encode(flac_picture().write()).decode()
            file["metadata_block_picture"] = [encoded]
    else:
        if file.tags is None:
            file.add_tags()
        for frame in (
            TIT2(encoding=3, text=BEFORE["title"]),
            TPE1(encoding=3, text=BEFORE["artist"]),
            TALB(encoding=3, text=BEFORE["album"]),
            TXXX(encoding=3, desc="restorer", text=BEFORE["restorer"]),
            TXXX(encoding=3, desc="REPLAYGAIN_TRACK_GAIN", text="-7.03 dB"),
            COMM(encoding=3, lang="eng", desc="", text="from the attic"),
            APIC(encoding=3, mime="image/png", type=3, desc="front", data=COVER),
        ):
            file.tags.add(frame)
    file.save()
    return path


def restored(source: Path, target: Path, record: RecordSettings | None = None) -> Path:
    restore_file(
        source,
        target,
        Settings(bypass=True),
        record=record,
        sidecar=target.with_suffix(".json"),
    )
    return target


@pytest.mark.parametrize("ending", FORMATS)
def test_tags_and_cover_come_from_every_container(tmp_path: Path, ending: str) -> None:
    target = restored(tagged_side(tmp_path, ending), tmp_path / "out.flac")
    file = FLAC(target)
    for key, value in BEFORE.items():
        assert file[key] == [value]
    assert "replaygain_track_gain" not in file  # of sound that was not restored
    assert file["comment"][0] == "from the attic"
    assert file["comment"][1].startswith("restored")
    assert file["encoder"][0].startswith("Shellac")
    (picture,) = file.pictures
    assert (picture.type, picture.mime, picture.desc) == (3, "image/png", "front")
    assert picture.data == COVER
    assert len(soundfile.read(target)[0]) == RATE // 3


@pytest.mark.parametrize("ending", [ending for ending in FORMATS if ending != "flac"])
def test_tags_and_cover_go_into_every_container(tmp_path: Path, ending: str) -> None:
    target = restored(tagged_side(tmp_path, "flac"), tmp_path / f"out.{ending}")
    found = carried_tags(target)
    for key, value in BEFORE.items():
        assert found.texts[key] == (value,)
    (picture,) = found.pictures
    assert picture.content == COVER
    assert abs(len(soundfile.read(target)[0]) - RATE // 3) < 2500  # MP3 has a delay of its own
    if ending == "ogg":
        assert OggVorbis(target)["comment"][0] == "from the attic"


def test_what_is_known_of_the_record_comes_on_top(tmp_path: Path) -> None:
    record = RecordSettings(title="On with the motley", year=1907)
    file = FLAC(restored(tagged_side(tmp_path, "flac"), tmp_path / "out.flac", record))
    assert file["title"] == ["On with the motley"]
    assert file["date"] == ["1907"]
    assert file["artist"] == ["Enrico Caruso"]


def test_wav_without_a_cover_needs_only_the_words_that_players_know(tmp_path: Path) -> None:
    path = tmp_path / "side.flac"
    soundfile.write(path, np.zeros(RATE // 3), RATE)
    file = FLAC(path)
    file["title"], file["artist"] = "Vesti la giubba", "Enrico Caruso"
    file.save()
    target = restored(path, tmp_path / "out.wav")
    assert b"id3 " not in target.read_bytes()
    with soundfile.SoundFile(target) as sound:
        assert (sound.title, sound.artist) == ("Vesti la giubba", "Enrico Caruso")
    again = FLAC(restored(target, tmp_path / "again.flac"))
    assert again["title"] == ["Vesti la giubba"]


def test_restoring_twice_says_everything_once(tmp_path: Path) -> None:
    once = restored(tagged_side(tmp_path, "flac"), tmp_path / "once.flac")
    twice = FLAC(restored(once, tmp_path / "twice.flac"))
    assert len(twice["comment"]) == 1
    assert twice["source"] == ["file once.flac"]
    assert twice["album"] == [BEFORE["album"]]
    assert len(twice.pictures) == 1


def test_tracks_carry_the_tags_of_their_side(tmp_path: Path) -> None:
    side = tagged_side(tmp_path, "flac")
    record = RecordSettings(title="Prologue")
    paths = split_at(side, tmp_path, [RATE // 6], record, "{title} {track}")
    for number, path in enumerate(paths, 1):
        file = FLAC(path)
        assert file["title"] == ["Prologue"]
        assert file["artist"] == ["Enrico Caruso"]
        assert file["tracknumber"] == [str(number)]
        assert file.pictures[0].data == COVER


@pytest.mark.parametrize("fault", ["no tags", "torn", "too much", "no sound"])
def test_tags_that_cannot_be_read_cost_nothing(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "side.flac"
    if fault != "no sound":
        soundfile.write(path, np.zeros(1000), RATE)
    if fault == "too much":
        file = FLAC(path)
        file["lyrics"] = "la " * MOST_TEXT
        file.save()
    if fault == "torn":
        path = tagged_side(tmp_path, "flac", "torn")
        content = bytearray(path.read_bytes())
        content[60:90] = b"\xff" * 30
        path.write_bytes(content)
    found = carried_tags(path)
    assert sum(len(v) for values in found.texts.values() for v in values) <= MOST_TEXT
    if fault in ("no tags", "too much", "no sound"):
        assert not found.texts
        assert not found.pictures
