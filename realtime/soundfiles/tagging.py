"""Writes a description into a finished sound file: chunks in WAV, tags everywhere else.

On the thread that finished the file. A file that stands under its final name already is never
touched in place, but for WAV, where nothing but the end is written.
"""

import base64
import contextlib
import shutil
from pathlib import Path
from typing import Any

from model.errors import RestorationError
from realtime.soundfiles.broadcast_wave import append_description
from realtime.soundfiles.carried_tags import CarriedPicture
from realtime.soundfiles.description import Description
from realtime.soundfiles.file_names import part_of
from realtime.soundfiles.id3 import id3_of

CHUNKED = ("WAV", "RF64")
TAGGED = ("FLAC", "OGG", "MP3", "AIFF")


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
    for name, values in description.all_tags().items():
        file[name] = values
    file["codinghistory"] = description.coding_history
    pictures = [_flac_picture(picture) for picture in description.carried.pictures]
    if container == "FLAC":
        for picture in pictures:
            file.add_picture(picture)
    elif pictures:
        blocks = [base64.b64encode(picture.write()).decode("ascii") for picture in pictures]
        file["metadata_block_picture"] = blocks
    file.save()


def _flac_picture(carried: CarriedPicture) -> Any:
    from mutagen.flac import Picture

    picture: Any = Picture()
    picture.type, picture.mime = carried.kind, carried.mime
    picture.desc, picture.data = carried.words, carried.content
    return picture


def _tag_with_id3(path: Path, container: str, description: Description) -> None:
    from mutagen.aiff import AIFF
    from mutagen.mp3 import MP3

    file: Any = (AIFF if container == "AIFF" else MP3)(str(path))
    if file.tags is None:
        file.add_tags()
    for frame in id3_of(description).values():
        file.tags.add(frame)
    file.save()
