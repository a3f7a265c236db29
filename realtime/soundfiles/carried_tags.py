"""What a source says of itself in its tags, for what is made of it: title, artist, cover and more.

On the caller's thread. A source whose tags cannot be read says nothing; its sound is restored all
the same.
"""

import contextlib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import soundfile

from realtime.soundfiles.id3 import FRAMES

MOST_TEXT = 2**20  # characters, all values together
MOST_PICTURE = 2**24 - 2**12  # bytes; a FLAC block cannot hold more
MOST_PICTURES = 16
# True of the source's own samples or file, and not of what is made of them.
ITS_OWN = {
    *("encoder", "encoded-by", "encodedby", "encoder_options", "encodersettings", "encoding"),
    *("codinghistory", "source", "cuesheet", "length", "md5", "bpm", "tracktotal", "totaltracks"),
    *("waveformatextensible_channel_mask", "metadata_block_picture", "coverart", "software"),
}
ITS_OWN_BEGIN = ("replaygain_", "r128_", "accurate", "acoustid_", "itunnorm", "itunsmpb")
OURS = "Shellac"  # begins the encoder of what this program wrote


@dataclass(frozen=True, slots=True)
class CarriedPicture:
    """An embedded picture; ``kind`` as ID3 counts them, 3 is the front cover."""

    kind: int
    mime: str
    words: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CarriedTags:
    """Tags by the names of Vorbis comments in lower case, each with all its values."""

    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pictures: tuple[CarriedPicture, ...] = ()


def carried_tags(path: Path) -> CarriedTags:
    """Return what a sound file's tags say that is true of a restored copy as well."""
    texts: dict[str, list[str]] = {}
    pictures: list[CarriedPicture] = []
    with contextlib.suppress(Exception), warnings.catch_warnings():  # mutagen has many kinds
        warnings.simplefilter("ignore")
        _read(path, texts, pictures)
    if not texts:
        failures = contextlib.suppress(OSError, RuntimeError, UnicodeError)
        with failures, soundfile.SoundFile(path) as sound:
            texts = {name: [value] for name, value in sound.copy_metadata().items()}
    is_ours = any(value.startswith(OURS) for value in texts.get("encoder", ()))
    left = {*ITS_OWN, "comment"} if is_ours else ITS_OWN
    kept = {
        name: tuple(value for value in values if value)
        for name, values in texts.items()
        if name not in left and not name.startswith(ITS_OWN_BEGIN)
    }
    if sum(len(value) for values in kept.values() for value in values) > MOST_TEXT:
        kept = {}
    whole = [picture for picture in pictures if 0 < len(picture.content) <= MOST_PICTURE]
    return CarriedTags({n: v for n, v in kept.items() if v}, tuple(whole[:MOST_PICTURES]))


def _read(path: Path, texts: dict[str, list[str]], pictures: list[CarriedPicture]) -> None:
    import mutagen
    from mutagen.flac import FLAC
    from mutagen.id3 import ID3

    file: Any = mutagen.File(path)
    if file is None or file.tags is None:
        return
    if isinstance(file.tags, ID3):
        _read_id3(file.tags, texts, pictures)
        return
    for name, value in file.tags:
        texts.setdefault(name.lower(), []).append(value)
    found = file.pictures if isinstance(file, FLAC) else _embedded(texts)
    for picture in found:
        pictures.append(CarriedPicture(int(picture.type), picture.mime, picture.desc, picture.data))


def _embedded(texts: dict[str, list[str]]) -> Iterable[Any]:
    """Yield the pictures of an Ogg file, which are written as text."""
    import base64

    from mutagen.flac import Picture

    for value in texts.get("metadata_block_picture", ()):
        yield Picture(base64.b64decode(value))


def _read_id3(tags: Any, texts: dict[str, list[str]], pictures: list[CarriedPicture]) -> None:
    names = {frame: name for name, frame in FRAMES.items()}
    for frame in tags.values():
        kind = frame.FrameID
        if kind == "APIC":
            pictures.append(CarriedPicture(int(frame.type), frame.mime, frame.desc, frame.data))
        elif kind == "COMM":
            texts.setdefault("comment", []).extend(map(str, frame.text))
        elif kind == "TXXX":
            texts.setdefault(frame.desc.lower() or "comment", []).extend(map(str, frame.text))
        elif kind in names:
            texts.setdefault(names[kind], []).extend(map(str, frame.text))
