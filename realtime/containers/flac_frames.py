"""Where a FLAC file that was cut off holds its last whole frame (RFC 9639, 9). On any thread.

A killed encoder leaves whole frames, a header that knows of most of them, and now and then a torn
end. Frames are told by their sync code, the checksum of their header and that of their content.
"""

from pathlib import Path
from typing import NamedTuple

SEARCHED_BYTES = 2**20  # of the file's end; a frame of 24 bit stereo takes up to 25 kB
SYNC = b"\xff\xf8"  # blocks of fixed length; with the last bit set they are numbered by sample
BEHIND_STREAMINFO = 42  # bytes
MOST_FALSE_STARTS = 12  # chance finds that are looked behind


class FrameStart(NamedTuple):
    """One header: where it stands, which block it begins, and how many samples that has."""

    position: int
    number: int
    samples: int


class WholeFrames(NamedTuple):
    """What can be decoded: ``samples`` in front of byte ``end``."""

    samples: int
    end: int


def whole_frames(path: Path, block: int) -> WholeFrames:
    """Return how much of a FLAC file of one fixed block length is whole.

    Raises
    ------
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        length = file.seek(0, 2)
        offset = max(BEHIND_STREAMINFO, length - SEARCHED_BYTES)
        file.seek(offset)
        tail = file.read()
    starts = list(_frame_starts(tail, block))
    ends = [len(tail)]
    for start in reversed(starts):
        for end in ends[-MOST_FALSE_STARTS:]:
            if _crc16(tail[start.position : end]) == 0:  # the checksum stands behind its frame
                return WholeFrames(start.number * block + start.samples, offset + end)
        ends.append(start.position)
    return WholeFrames(0, length)


def _frame_starts(tail: bytes, block: int) -> list[FrameStart]:
    found, position = [], tail.find(SYNC)
    while position >= 0:
        header = _read_header(tail[position : position + 16], block)
        if header is not None:
            found.append(FrameStart(position, *header))
        position = tail.find(SYNC, position + 1)
    return found


def _read_header(header: bytes, block: int) -> tuple[int, int] | None:
    """Return number and samples of a block; None when this is no header."""
    if len(header) < 16:
        return None
    size_code, rate_code = header[2] >> 4, header[2] & 15
    number_bytes = _coded_length(header[4])
    if not number_bytes or not size_code or rate_code == 15:
        return None
    at = 4 + number_bytes
    extra = {6: 1, 7: 2}.get(size_code, 0)
    samples = int.from_bytes(header[at : at + extra], "big") + 1 if extra else block
    at += extra + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if at >= len(header) or _crc8(header[:at]) != header[at]:
        return None
    return _coded_number(header[4 : 4 + number_bytes]), samples


def _coded_length(first: int) -> int:
    """How many bytes a number takes that is coded like a character of UTF-8; 0 if it is none."""
    ones = 8 - (first ^ 0xFF).bit_length()
    return 1 if ones == 0 else ones if 2 <= ones <= 7 else 0


def _coded_number(coded: bytes) -> int:
    number = coded[0] if len(coded) == 1 else coded[0] & (0x7F >> len(coded))
    for byte in coded[1:]:
        number = number << 6 | byte & 0x3F
    return number


def _table(polynomial: int, bits: int) -> list[int]:
    top, mask, table = 1 << (bits - 1), (1 << bits) - 1, []
    for byte in range(256):
        crc = byte << (bits - 8)
        for _ in range(8):
            crc = (crc << 1 ^ polynomial if crc & top else crc << 1) & mask
        table.append(crc)
    return table


CRC8, CRC16 = _table(0x07, 8), _table(0x8005, 16)


def _crc8(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc = CRC8[crc ^ byte]
    return crc


def _crc16(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc = (crc << 8 & 0xFF00) ^ CRC16[crc >> 8 ^ byte]
    return crc
