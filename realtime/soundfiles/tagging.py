"""Writes a description into a finished sound file: chunks in WAV, tags everywhere else.

On the thread that finished the file. A file that stands under its final name already is never
touched in place, but for WAV, where nothing but the end is written.
"""

import contextlib
import shutil
from pathlib import Path
from typing import Any

from model.errors import RestorationError
from realtime.soundfiles.broadcast_wave import append_description
from realtime.soundfiles.description import Description
from realtime.soundfiles.file_names import part_of

CHUNKED = ("WAV", "RF64")
TAGGED = ("FLAC", "OGG", "MP3", "AIFF")
ID3_TEXT = {
    "title": "TIT2",
    "artist": "TPE1",
    "label": "TPUB",
    "date": "TDRC",
    "encoder": "TSSE",
    "tracknumber": "TRCK",
}


def describe_file(path: Path, container: str, description: Description) -> None:
    """Write the description into a file that nobody reads yet.

    Parameters
    ----------
    path : Path
    container : str
        libsndfile's name; one that knows no tags is left as it is.
    description : Description

    Raises
    ------
    RestorationError
        It cannot be written.
    """
    try:
        if container in CHUNKED:
            append_description(path, description)
        elif container in TAGGED:
            _tag(path, container, description)
    except (OSError, ValueError) as error:
        raise RestorationError(f"{path} cannot be described: {error}") from None
    except Exception as error:  # mutagen has many kinds
        raise RestorationError(f"{path} cannot be tagged: {error}") from None


def describe_published(path: Path, container: str, description: Description) -> None:
    """Do the same to a file that is there for everybody: it changes in one moment or not at all.

    Raises
    ------
    RestorationError
        It cannot be written; the file is as it was.
    """
    if container not in TAGGED:
        describe_file(path, container, description)
        return
    copy = part_of(path)
    try:
        shutil.copyfile(path, copy)
        describe_file(copy, container, description)
        copy.replace(path)
    except OSError as error:
        raise RestorationError(f"{path} cannot be tagged: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            copy.unlink(missing_ok=True)


def _tag(path: Path, container: str, description: Description) -> None:
    if container in ("FLAC", "OGG"):
        _tag_with_comments(path, container, description)
    else:
        _tag_with_id3(path, container, description)


def _tag_with_comments(path: Path, container: str, description: Description) -> None:
    from mutagen.flac import FLAC
    from mutagen.oggvorbis import OggVorbis

    file: Any = (FLAC if container == "FLAC" else OggVorbis)(str(path))
    for name, value in description.tags().items():
        file[name] = value
    file["codinghistory"] = description.coding_history
    file.save()


def _tag_with_id3(path: Path, container: str, description: Description) -> None:
    import mutagen.id3
    from mutagen.aiff import AIFF
    from mutagen.mp3 import MP3

    frames: Any = mutagen.id3
    file: Any = (AIFF if container == "AIFF" else MP3)(str(path))
    if file.tags is None:
        file.add_tags()
    for name, value in description.tags().items():
        if frame := ID3_TEXT.get(name):
            file.tags.add(getattr(frames, frame)(encoding=3, text=value))
        elif name == "comment":
            file.tags.add(frames.COMM(encoding=3, lang="eng", desc="", text=value))
        else:
            file.tags.add(frames.TXXX(encoding=3, desc=name, text=value))
    file.save()
