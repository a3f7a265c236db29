"""Chunks that say what a WAV file holds: ``bext`` (EBU Tech 3285) and ``LIST INFO``. Any thread.

No library that is kept up writes them. They are put behind the samples, so that no sample moves;
the size in the header is brought up to date last.
"""

import io
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from realtime.soundfiles.description import Description, as_ascii
from realtime.soundfiles.id3 import id3_of

RIFF_LIMIT = 2**32 - 1  # bytes; RF64 keeps its sizes in ds64
BEXT_VERSION = 1
INFO_KEYS = {  # our tags by the names that players know
    "title": b"INAM",
    "artist": b"IART",
    "label": b"IPUB",
    "date": b"ICRD",
    "comment": b"ICMT",
    "encoder": b"ISFT",
    "tracknumber": b"ITRK",
    "album": b"IPRD",
    "genre": b"IGNR",
    "copyright": b"ICOP",
}


def append_description(path: Path, description: Description) -> None:
    """Describe a finished WAV or RF64 file.

    Raises
    ------
    OSError
        It cannot be written.
    ValueError
        It is no WAV file, or a description would take it past 4 GiB.
    """
    chunks = _chunk(b"bext", bext_body(description)) + _chunk(b"LIST", _info_body(description))
    if more := _id3_body(description):
        chunks += _chunk(b"id3 ", more)
    with path.open("r+b") as file:
        kind, end = _end_of_samples(file)
        riff_bytes = end + len(chunks) - 8
        if kind == b"RIFF" and riff_bytes > RIFF_LIMIT:
            raise ValueError(f"{path} is too long for a description")
        file.truncate(end)  # also lengthens it by a pad byte that was left out
        file.seek(end)
        file.write(chunks)
        file.flush()
        os.fsync(file.fileno())
        if kind == b"RIFF":
            file.seek(4)
            file.write(struct.pack("<I", riff_bytes))
        else:
            file.seek(20)
            file.write(struct.pack("<Q", riff_bytes))
        file.flush()
        os.fsync(file.fileno())


def bext_body(description: Description) -> bytes:
    """Return the content of a ``bext`` chunk; what ASCII cannot say is spelled as near as it can.

    The loudness fields and the UMID are left empty, as version 1 has it.
    """
    started = description.started
    fixed = struct.pack(
        "<256s32s32s10s8sQH254x",
        as_ascii(description.summary)[:256],
        as_ascii(description.record.operator or description.originator)[:32],
        as_ascii(description.reference)[:32],
        f"{started:%Y-%m-%d}".encode(),
        f"{started:%H:%M:%S}".encode(),
        description.samples_since_midnight,
        BEXT_VERSION,
    )
    history = "".join(f"{line}\r\n" for line in description.coding_history)
    return fixed + as_ascii(history, keep_lines=True) + b"\0"


def _info_body(description: Description) -> bytes:
    known = {**description.all_tags(), "encoder": [description.originator]}
    parts = [
        _chunk(key, "; ".join(known[name]).encode("utf-8") + b"\0")
        for name, key in INFO_KEYS.items()
        if known.get(name)
    ]
    return b"INFO" + b"".join(parts)


def _id3_body(description: Description) -> bytes:
    """Return what was carried over and has no place in ``LIST INFO``: the cover, and rare names."""
    carried = description.carried
    if not carried.pictures and carried.texts.keys() <= INFO_KEYS.keys():
        return b""
    body = io.BytesIO()
    id3_of(description).save(body)
    return body.getvalue()


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _end_of_samples(file: BinaryIO) -> tuple[bytes, int]:
    """Return RIFF or RF64, and where the chunk after the samples would begin."""
    kind, data_bytes_64 = file.read(12)[:4], 0
    if kind not in (b"RIFF", b"RF64"):
        raise ValueError(f"{file.name} is no WAV file")
    for name, start, size in _chunks(file):
        if name == b"ds64":
            file.seek(start + 8)
            data_bytes_64 = struct.unpack("<Q", file.read(8))[0]
        if name == b"data":
            size = data_bytes_64 if kind == b"RF64" else size
            return kind, start + size + size % 2
    raise ValueError(f"{file.name} has no samples")


def _chunks(file: BinaryIO) -> Iterable[tuple[bytes, int, int]]:
    start = 12
    while len(header := _read_at(file, start, 8)) == 8:
        name, size = struct.unpack("<4sI", header)
        yield name, start + 8, size
        start += 8 + size + size % 2


def _read_at(file: BinaryIO, start: int, n: int) -> bytes:
    file.seek(start)
    return file.read(n)
