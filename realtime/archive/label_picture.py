"""A photograph of the label: copied beside the side, and named in its sidecar. Caller's thread."""

import contextlib
import json
import shutil
from pathlib import Path

from model.errors import RestorationError
from model.flat_yaml import write_text_atomically
from realtime.archive.sidecar import (
    ENDING,
    LABEL,
    PICTURES,
    label_pictures,
    picture_facts,
    sidecar_of_pair,
    sidecar_of_restored,
)
from realtime.archive.sidecar_reading import read_sidecar
from realtime.soundfiles.file_names import part_of

MOST_BYTES = 200 * 2**20
SIGNS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")
WEBP = (b"RIFF", b"WEBP")


def looks_like_picture(path: Path) -> bool:
    """Whether a file is called as pictures are."""
    return path.suffix.lower() in PICTURES


def refuse_no_picture(path: Path) -> None:
    """Raise a RestorationError with one line for what is called a picture and is none."""
    try:
        n_bytes = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise RestorationError(f"{path} cannot be read: {error.strerror or error}") from None
    is_webp = head[:4] == WEBP[0] and head[8:12] == WEBP[1]
    if not (is_webp or head.startswith(SIGNS)):
        raise RestorationError(f"{path} is no picture, whatever its name says")
    if n_bytes > MOST_BYTES:
        raise RestorationError(f"{path} is larger than {MOST_BYTES >> 20} MiB; make it smaller")


def add_label_picture(picture: Path, sound: Path) -> Path:
    """Copy a picture beside a side, and into its sidecar if there is one already.

    While the side is being recorded there is none; it will name the picture when it is written.

    Parameters
    ----------
    picture : Path
    sound : Path
        Either file of a recorded pair, or a restored one.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    RestorationError
        It is no picture, cannot be read, or cannot be written there.
    """
    refuse_no_picture(picture)
    stem = sidecar_of_pair(sound).name.removesuffix(ENDING)
    taken = label_pictures(sound)
    if any(path.exists() and path.samefile(picture) for path in taken):
        return picture
    number = len(taken) + 1
    while True:
        count = "" if number == 1 else str(number)
        copy = sound.with_name(f"{stem}{LABEL}{count}{picture.suffix.lower()}")
        if not copy.exists():
            break
        number += 1
    part = part_of(copy)  # a side that ends meanwhile names whole pictures only
    try:
        shutil.copyfile(picture, part)
        part.replace(copy)
    except OSError as error:
        raise RestorationError(f"{copy} cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    for sidecar in (sidecar_of_pair(sound), sidecar_of_restored(sound)):
        if sidecar.is_file():
            _name_in(sidecar, sound)
            break
    return copy


def _name_in(sidecar: Path, sound: Path) -> None:
    content = read_sidecar(sidecar)
    content["pictures"] = [picture_facts(path) for path in label_pictures(sound)]
    try:
        write_text_atomically(sidecar, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise RestorationError(f"{sidecar} cannot be written: {error.strerror}") from None
