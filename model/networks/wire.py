"""Reads the wire format of protocol buffers, as far as ONNX needs it. Any thread.

What is read is never copied: every field is a view into the file's bytes.
"""

from collections.abc import Iterator
from typing import NamedTuple

NUMBER, BYTES = 0, 2  # wire types


class Field(NamedTuple):
    """One field of a message: a number or bytes, and all of it as it stands in the file."""

    number: int
    value: int
    content: memoryview
    raw: memoryview


def fields(message: memoryview) -> Iterator[Field]:
    """Yield the fields of a message in the order of the file.

    Raises
    ------
    ValueError, IndexError
        If it is cut off or no message.
    """
    at = 0
    while at < len(message):
        began = at
        key, at = message[at], at + 1  # nearly every number is of one byte
        if key > 127:
            key, at = _varint(message, began)
        number, wire = key >> 3, key & 7
        value, content = 0, message[:0]
        if wire == NUMBER:
            value, at = _varint(message, at)
        elif wire == BYTES:
            length, after = message[at], at + 1
            length, at = (length, after) if length < 128 else _varint(message, at)
            content, at = message[at : at + length], at + length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if at > len(message):
            raise ValueError("cut off")
        yield Field(number, value, content, message[began:at])


def packed(content: memoryview) -> Iterator[int]:
    """Yield the numbers of a packed field."""
    at = 0
    while at < len(content):
        value, at = _varint(content, at)
        yield value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("number too long")
