"""Headers that do not know how long their sound is, put right beside the file. Any thread.

A stream has no length when it begins, and a recorder that died never came to write one: the header
says nothing, or everything. What is there is what counts.
"""

import struct
from collections.abc import Callable
from pathlib import Path

from realtime.containers.flac_frames import whole_frames
from realtime.containers.patched_view import PatchedView, Stretch

UNKNOWN = 0x7FFFFF00  # bytes; from here on a size of 32 bits says that it is not known
FLAC_HEADER = 42  # bytes
COUNT_AT = 18  # byte of a FLAC header: rate, channels, bits and 36 bits of length


def whole_flac(path: Path) -> PatchedView | None:
    """Return a file whose header knows of all samples; None where it does already."""
    with path.open("rb") as file:
        head = file.read(FLAC_HEADER)
    packed = int.from_bytes(head[COUNT_AT : COUNT_AT + 8], "big")
    if len(head) < FLAC_HEADER or packed & (2**36 - 1):
        return None
    samples = whole_frames(path, int.from_bytes(head[8:10], "big")).samples
    if not samples:
        return None
    patched = head[:COUNT_AT] + (packed | samples).to_bytes(8, "big") + head[COUNT_AT + 8 :]
    return PatchedView(path, [patched, Stretch(FLAC_HEADER, path.stat().st_size - FLAC_HEADER)])


def whole_wav(path: Path) -> PatchedView | None:
    """Return a file whose header speaks of all samples, where a recorder died or streamed."""
    length = path.stat().st_size
    with path.open("rb") as file:
        if file.read(12)[8:] != b"WAVE":
            return None
        file.seek(0)
        at, declared = _chunk(file.read(2**16), b"data", "<")
        if not at or UNKNOWN > declared > 0:
            return None
        file.seek(at + 8)
        if not declared and _are_chunks(file.read(2**20), length - at - 8):
            return None  # it really is empty: what follows are other chunks
        file.seek(0)
        head = bytearray(file.read(at + 8))
    data = length - at - 8
    struct.pack_into("<I", head, 4, min(length - 8, 2**32 - 1))
    struct.pack_into("<I", head, at + 4, min(data, 2**32 - 1))
    return PatchedView(path, [bytes(head), Stretch(at + 8, data)]) if data else None


def whole_aiff(path: Path) -> PatchedView | None:
    """Return the same for AIFF, which also counts its samples."""
    length = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(2**16)
    if head[8:12] not in (b"AIFF", b"AIFC"):
        return None
    common, _ = _chunk(head, b"COMM", ">")
    at, declared = _chunk(head, b"SSND", ">")
    if not common or not at or common > at or UNKNOWN > declared > 8:
        return None
    channels, _, bits = struct.unpack_from(">hIh", head, common + 8)
    frame = channels * (-(-bits // 8))
    data = length - at - 16
    if frame <= 0 or data < frame:
        return None
    patched = bytearray(head[: at + 16])
    struct.pack_into(">I", patched, 4, min(length - 8, 2**32 - 1))
    struct.pack_into(">I", patched, common + 10, data // frame)
    struct.pack_into(">I", patched, at + 4, min(data + 8, 2**32 - 1))
    return PatchedView(path, [bytes(patched), Stretch(at + 16, data)])


def whole_rf64(path: Path) -> PatchedView | None:
    """Return the same for a WAV of 64 bit sizes, which stand in a chunk of their own."""
    length = path.stat().st_size
    with path.open("rb") as file:
        head = bytearray(file.read(2**16))
    sizes, _ = _chunk(head, b"ds64", "<")
    at, _ = _chunk(head, b"data", "<")
    if not sizes or not at or struct.unpack_from("<Q", head, sizes + 16)[0]:
        return None
    struct.pack_into("<QQ", head, sizes + 8, length - 8, length - at - 8)
    return PatchedView(path, [bytes(head[: at + 8]), Stretch(at + 8, length - at - 8)])


def whole_au(path: Path) -> PatchedView | None:
    """Return the same for AU, which knows a sign for a length that is not known, but not 0."""
    with path.open("rb") as file:
        head = bytearray(file.read(12))
    if len(head) < 12 or any(head[8:12]):
        return None
    head[8:12] = b"\xff" * 4
    return PatchedView(path, [bytes(head), Stretch(12, path.stat().st_size - 12)])


def whole_caf(path: Path) -> PatchedView | None:
    """Return the same for CAF, whose last chunk may be as long as it happens to be."""
    length, at = path.stat().st_size, 8
    with path.open("rb") as file:
        head = bytearray(file.read(2**16))
    while at + 12 <= len(head):
        size = struct.unpack_from(">q", head, at + 4)[0]
        if head[at : at + 4] == b"data" and size <= 0:
            struct.pack_into(">q", head, at + 4, length - at - 12)
            return PatchedView(path, [bytes(head[: at + 12]), Stretch(at + 12, length - at - 12)])
        at += 12 + max(size, 0)
    return None


def _chunk(head: bytes | bytearray, wanted: bytes, order: str) -> tuple[int, int]:
    """Return where a chunk begins, 0 for nowhere, and its declared size."""
    at = 12
    while at + 8 <= len(head):
        name, size = head[at : at + 4], struct.unpack_from(f"{order}I", head, at + 4)[0]
        if name == wanted:
            return at, size
        at += 8 + size + size % 2
    return 0, 0


def _are_chunks(content: bytes, length: int) -> bool:
    """Whether what stands there is a row of chunks up to the file's end."""
    at = 0
    while at + 8 <= min(length, len(content)):
        if not (content[at : at + 4].isascii() and content[at : at + 4].decode().isprintable()):
            return False
        size = struct.unpack_from("<I", content, at + 4)[0]
        at += 8 + size + size % 2
    return length - 1 <= at <= length + 1


WHOLE: dict[bytes, Callable[[Path], PatchedView | None]] = {
    b"RIFF": whole_wav,
    b"RF64": whole_rf64,
    b"FORM": whole_aiff,
    b".snd": whole_au,
    b"caff": whole_caf,
}
