"""Did the interface drop or repeat samples on the way? Read from a finished file. Caller's thread.

What a converter delivers is never twice the same: under all music lies noise of its own. Where a
stretch comes again bit for bit, or stands still amid sound that does not, a buffer was sent twice
or not filled. Samples that were left out without a trace cannot be told from a click on a record;
they are found where the device counted them.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.archive.sidecar import sidecar_content
from realtime.soundfiles.reading import blocks_of, open_sound
from realtime.units import clock

Keys = NDArray[np.uint64]
Kind = Literal["repeated", "held", "lost"]

SHORTEST = 32  # samples that must come again, or stand still
FARTHEST = 2**14  # samples between a stretch and its repetition
AT_ONCE = 3 * 2**14  # new samples looked at together
AROUND = 256  # samples on both sides of what stands still
LIVELY = 0.75  # share of samples that differ from the one before, in a converter's noise
TURNS = 4  # what repeats more often is a tone, made by a computer
FULL_SCALE = 1.0 - 2.0**-15
_BASE = 0x9E3779B97F4A7C15  # odd, with its bits well mixed
_INVERSE = pow(_BASE, -1, 2**64)


class InterfaceError(NamedTuple):
    """A stretch that the interface spoiled, in samples."""

    sample: int
    length: int
    kind: Kind


class Piece(NamedTuple):
    """A part of the file: where it begins, all channels as one number per sample, and which
    samples are at full scale.
    """

    start: int
    keys: Keys
    full: NDArray[np.bool_]


def interface_errors(raw: Path) -> list[InterfaceError]:
    """Look through an untouched file, and at what its sidecar says the device lost.

    Raises
    ------
    RestorationError
        The file cannot be read.
    """
    content = sidecar_content(raw)
    known = [(line["sample"], line["length"]) for line in _lines(content, "gaps", "length")]
    found = [
        InterfaceError(line["sample"], line["lost"], "lost")
        for line in _lines(content, "xruns", "lost")
        if line["lost"]
    ]
    with open_sound(raw) as sound:
        found += [
            error
            for error in _spoiled(_pieces(blocks_of(sound)))
            if not any(start <= error.sample < start + length for start, length in known)
        ]
    return sorted(found)


def told(errors: list[InterfaceError], sample_rate: int) -> str:
    """Return one line about them; empty where there are none."""
    if not errors:
        return ""
    counts = {kind: sum(error.kind == kind for error in errors) for kind in _WORDS}
    words = ", ".join(f"{_WORDS[kind]} {n} times" for kind, n in counts.items() if n)
    first = clock(errors[0].sample / sample_rate)
    return f"the interface {words}, first at {first}; look at cable, hub and buffer"


_WORDS: dict[Kind, str] = {
    "repeated": "repeated samples",
    "held": "stood still",
    "lost": "lost samples",
}


def _lines(content: dict[str, Any], name: str, count: str) -> Iterator[dict[str, int]]:
    """Yield the lines of a sidecar's list that have whole numbers where they are needed."""
    lines = content.get(name)
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, dict) and all(type(line.get(key)) is int for key in ("sample", count)):
            yield line


def _pieces(blocks: Iterable[NDArray[Any]]) -> Iterator[Piece]:
    """Yield the file in pieces that overlap by as much as is looked back."""
    keys, full = np.zeros(0, np.uint64), np.zeros(0, bool)
    start = 0
    for block in blocks:
        keys, full = np.append(keys, _key(block)), np.append(full, _is_full(block))
        if len(keys) >= AT_ONCE + FARTHEST:
            yield Piece(start, keys, full)
            start += len(keys) - FARTHEST
            keys, full = keys[-FARTHEST:], full[-FARTHEST:]
    yield Piece(start, keys, full)


def _key(block: NDArray[Any]) -> Keys:
    """Return one number per sample of all channels, bit for bit."""
    wide = block.astype(np.float64) if block.dtype != np.int32 else block.astype(np.int64)
    bits = np.ascontiguousarray(wide).view(np.uint64)
    key = np.zeros(block.shape[1], np.uint64)
    for channel in bits:
        key = (key ^ channel) * np.uint64(_BASE)
    return key


def _is_full(block: NDArray[Any]) -> NDArray[np.bool_]:
    scale = 2.0**31 if block.dtype == np.int32 else 1.0
    return np.asarray(np.any(np.abs(block / scale) >= FULL_SCALE, axis=0))


def _spoiled(pieces: Iterable[Piece]) -> list[InterfaceError]:
    """Return what is found in any piece; what two of them see is one error."""
    found: list[InterfaceError] = []
    for start, keys, full in pieces:
        if len(keys) <= 2 * SHORTEST:
            continue
        moves = np.append(True, keys[1:] != keys[:-1])
        found += [InterfaceError(start + at, n, "repeated") for at, n in _repeated(keys, moves)]
        found += [InterfaceError(start + at, n, "held") for at, n in _held(moves, full)]
    joined: list[InterfaceError] = []
    for error in sorted(found):
        last = joined[-1] if joined else None
        if last and last.kind == error.kind and error.sample < last.sample + last.length:
            end = max(last.sample + last.length, error.sample + error.length)
            joined[-1] = last._replace(length=end - last.sample)
        else:
            joined.append(error)
    return joined


def _repeated(keys: Keys, moves: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield where a stretch begins that was there before, and its length."""
    hashes = _rolling(keys)
    moving = np.cumsum(np.append(0, moves))
    lively = moving[SHORTEST:] - moving[:-SHORTEST] >= LIVELY * SHORTEST
    at = np.flatnonzero(lively)
    order = at[np.argsort(hashes[at], kind="stable")]
    same = hashes[order[1:]] == hashes[order[:-1]]
    later, lag = order[1:][same], (order[1:] - order[:-1])[same]
    by_place = np.argsort(later)
    later, lag = later[by_place], lag[by_place]
    if not len(later):
        return
    breaks = np.flatnonzero((np.diff(later) != 1) | (np.diff(lag) != 0)) + 1
    for places, lags in zip(np.split(later, breaks), np.split(lag, breaks), strict=True):
        length = len(places) + SHORTEST - 1
        if lags[0] <= FARTHEST and SHORTEST <= length <= TURNS * lags[0]:
            yield int(places[0]), length


def _rolling(keys: Keys) -> Keys:
    """Return one number for each stretch of so many samples, by where it begins."""
    n = len(keys)
    up = np.multiply.accumulate(np.append(np.uint64(1), np.full(n - 1, _BASE, np.uint64)))
    down = np.multiply.accumulate(np.append(np.uint64(1), np.full(n - 1, _INVERSE, np.uint64)))
    sums = np.append(np.uint64(0), np.cumsum(keys * down, dtype=np.uint64))
    rolled: Keys = (sums[SHORTEST:] - sums[:-SHORTEST]) * up[: n - SHORTEST + 1]
    return rolled


def _held(moves: NDArray[np.bool_], full: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield where the sound stands still amid sound that does not, and for how long."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], ~moves, [0]]).astype(np.int8)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        before, after = moves[max(0, begin - AROUND) : begin], moves[end : end + AROUND]
        if end - begin < SHORTEST or full[begin] or min(len(before), len(after)) < AROUND:
            continue
        if min(before.mean(), after.mean()) >= LIVELY:
            yield int(begin), int(end - begin)
