"""How long an MP3 really is: its frames counted, one by one. Any thread.

A decoder goes by what the first frame says of the length, or guesses it from the bit rate. Streams
have no such frame; files put together have one that speaks of their first part only.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from model.errors import RestorationError
from realtime.containers.patched_view import PatchedView, Piece, Stretch

LAYER_3, LAYER_2, LAYER_1 = 1, 2, 3  # as a header counts them
MPEG_1 = 3
RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
KBIT = {  # by MPEG 1 or not, and layer
    (True, LAYER_1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, LAYER_2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, LAYER_3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, LAYER_1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, LAYER_2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, LAYER_3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
TAG_BYTES = 128  # ID3v1, at the end
INFO_BYTES = 120  # of Xing with all its fields
HAS_FRAMES, HAS_BYTES = 1, 2  # what a Xing frame says
TOLERANCE = 3  # frames by which delay and padding may make a decoded file shorter


class Header(NamedTuple):
    """One frame, as its first four bytes have it."""

    version: int
    layer: int
    rate: int
    channels: int
    length: int  # bytes
    samples: int
    side_info: int  # bytes in front of which nothing else is said, header included


class Counted(NamedTuple):
    """What is in a file.

    Attributes
    ----------
    header : Header
        Of the first frame with sound.
    frames : int
        With sound.
    stretches : tuple of Stretch
        Where they lie.
    info : bytes
        The first frame that says how long it is; empty without one.
    declared : int
        How many frames that one speaks of; 0 if of none.
    mixed : bool
        Whether rate or channels change on the way.
    """

    header: Header
    frames: int
    stretches: tuple[Stretch, ...]
    info: bytes
    declared: int
    mixed: bool


def counted(path: Path) -> Counted | None:
    """Count the frames of an MP3 file; None where there is no frame in it.

    Raises
    ------
    OSError, ValueError
        It cannot be read, or is empty.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        first: Header | None = None
        frames, declared, info, mixed = 0, 0, b"", False
        stretches: list[Stretch] = []
        for position, header in _frames(content):
            if (said := _declared(content, position, header)) is not None:
                info = info or bytes(content[position : position + header.length])
                declared += said
                continue
            first = first or header
            mixed |= (header.rate, header.channels) != (first.rate, first.channels)
            frames += 1
            if stretches and sum(stretches[-1]) == position:
                position, length = stretches.pop()
                stretches.append(Stretch(position, length + header.length))
            else:
                stretches.append(Stretch(position, header.length))
    if first is None:
        return None
    return Counted(first, frames, tuple(stretches), info, declared, mixed)


def whole_mp3(path: Path, frames_told: int) -> PatchedView | None:
    """Return the file with a true length in front; None where a decoder knows it by itself.

    Parameters
    ----------
    path : Path
    frames_told : int
        Samples that the decoder takes it to have.

    Raises
    ------
    RestorationError
        It was cut off, or is put together from parts that do not go together.
    OSError, ValueError
        It cannot be read.
    """
    found = counted(path)
    if found is None:
        return None
    samples, rate = found.frames * found.header.samples, found.header.rate
    if found.declared > found.frames + TOLERANCE:
        missing = (found.declared - found.frames) * found.header.samples
        raise RestorationError(
            f"{path} is damaged: it ends at {samples / rate:.1f} s, {missing / rate:.1f} s of what "
            "it says to hold are missing; get it again"
        )
    if frames_told > samples - (TOLERANCE + 1) * found.header.samples and not found.mixed:
        if frames_told <= samples + found.header.samples:
            return None
    elif found.mixed:
        raise RestorationError(
            f"{path} is put together from parts of different rate or channels, of which one alone "
            "would be heard; split it, or convert it to WAV first"
        )
    if found.header.layer != LAYER_3:
        raise RestorationError(
            f"{path} does not say how long it is, and cannot be read to its end; convert it to WAV"
        )
    pieces: list[Piece] = [_info_frame(found, path), *found.stretches]
    return PatchedView(path, pieces)


def _frames(content: mmap.mmap) -> Iterator[tuple[int, Header]]:
    position, end, kind = 0, len(content), None
    while position + 4 <= end:
        if content[position : position + 3] == b"ID3":
            position += _id3_length(content, position)
            continue
        if content[position : position + 3] == b"TAG":
            position += TAG_BYTES
            continue
        header = _header(content, position)
        # What is no frame can look like one: behind a gap the next one must follow at once.
        if header is None or (kind != header[:2] and not _is_followed(content, position, header)):
            kind = None
            position = content.find(b"\xff", position + 1)
            if position < 0:
                return
            continue
        if position + header.length > end:  # torn
            return
        kind = header[:2]
        yield position, header
        position += header.length


def _header(content: mmap.mmap | bytes, position: int) -> Header | None:
    four = content[position : position + 4]
    if len(four) < 4 or four[0] != 0xFF or four[1] & 0xE0 != 0xE0:
        return None
    version, layer = four[1] >> 3 & 3, four[1] >> 1 & 3
    bit_rate, rate_code, padding = four[2] >> 4, four[2] >> 2 & 3, four[2] >> 1 & 1
    if version == 1 or layer == 0 or bit_rate in (0, 15) or rate_code == 3:
        return None
    rate = RATES_HZ[version][rate_code]
    bits = KBIT[version == MPEG_1, layer][bit_rate - 1] * 1000
    channels = 1 if four[3] >> 6 == 3 else 2
    if layer == LAYER_1:
        return Header(version, layer, rate, channels, (12 * bits // rate + padding) * 4, 384, 4)
    samples = 576 if layer == LAYER_3 and version != MPEG_1 else 1152
    side = {(True, 1): 17, (True, 2): 32, (False, 1): 9, (False, 2): 17}[
        version == MPEG_1, channels
    ]
    length = samples // 8 * bits // rate + padding
    return Header(version, layer, rate, channels, length, samples, 4 + side)


def _is_followed(content: mmap.mmap, position: int, header: Header) -> bool:
    """Whether another frame of the kind stands behind this one, or the file's end or a tag."""
    behind = position + header.length
    if behind >= len(content) or content[behind : behind + 3] in (b"TAG", b"ID3", b"APE"):
        return behind <= len(content)
    following = _header(content, behind)
    return following is not None and following[:2] == header[:2]


def _id3_length(content: mmap.mmap, position: int) -> int:
    head = content[position : position + 10]
    if len(head) < 10:
        return len(head)
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _declared(content: mmap.mmap, position: int, header: Header) -> int | None:
    """Return the frames that an info frame speaks of; None if this one holds sound."""
    if header.layer != LAYER_3:
        return None
    at = position + header.side_info
    name = content[at : at + 4]
    if name in (b"Xing", b"Info"):
        flags = int.from_bytes(content[at + 4 : at + 8], "big")
        return int.from_bytes(content[at + 8 : at + 12], "big") if flags & HAS_FRAMES else 0
    at = position + 36
    return (
        int.from_bytes(content[at + 14 : at + 18], "big")
        if content[at : at + 4] == b"VBRI"
        else None
    )


def _info_frame(found: Counted, path: Path) -> bytes:
    """Return a Xing frame with the true number of frames, and the delay if that is known."""
    at = found.header.side_info
    kept = found.info
    flags = (
        int.from_bytes(kept[at + 4 : at + 8], "big")
        if kept[at : at + 4] in (b"Xing", b"Info")
        else 0
    )
    if flags & HAS_FRAMES and len(kept) >= at + 12:
        body = bytearray(kept)
    else:
        with path.open("rb") as file:
            file.seek(found.stretches[0].start)
            four = bytearray(file.read(4))
        four[1] |= 1  # no checksum
        four[2] = (9 << 4) | (four[2] & 0x0C)  # a bit rate with room for it, no padding
        made = _header(bytes(four), 0)
        assert made is not None  # only its bit rate was changed, to one that exists
        body = bytearray(made.length)
        body[:4] = four
        body[at : at + 4] = b"Xing"
        flags = HAS_FRAMES | HAS_BYTES
        body[at + 4 : at + 8] = flags.to_bytes(4, "big")
    body[at + 8 : at + 12] = found.frames.to_bytes(4, "big")
    if flags & HAS_BYTES:
        length = len(body) + sum(stretch.length for stretch in found.stretches)
        body[at + 12 : at + 16] = length.to_bytes(4, "big")
    return bytes(body)
