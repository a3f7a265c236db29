"""What is missing from a recording of a known signal, to the sample."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

NEEDLE = 32  # samples that must agree to call a place found
HORIZON = 10 * 44_100  # samples within which the thread is picked up again
STRIDE = 64
CHUNK = 1 << 20


class Losses(NamedTuple):
    """Counted in samples of the known signal; ``first`` is where it begins in the recording."""

    first: int
    lost: int  # not there, or not as they were
    slipped: int  # places where one sample was put in or taken out for the sake of a clock


class Match(NamedTuple):
    """A stretch of ``length`` samples that both have: where it begins in either."""

    at_known: int
    at_recorded: int
    length: int


def matches(known: F32, recorded: F32) -> list[Match]:
    """Return the stretches of a known signal that a recording has, in the order of time.

    Between two of them something is missing, or was put in; silence of any length may stand there.
    """
    found: list[Match] = []
    at_known = at_recorded = 0
    while at_known < len(known):
        skipped, passed = _pick_up(known[at_known:], recorded[at_recorded:])
        at_known, at_recorded = at_known + skipped, at_recorded + passed
        length = _agreement(known[at_known:], recorded[at_recorded:])
        if not length:
            break
        found.append(Match(at_known, at_recorded, length))
        at_known, at_recorded = at_known + length, at_recorded + length
    return found


def locate(needle: F32, haystack: F32) -> int:
    """Where ``needle`` (its first samples) stands in ``haystack``, ``[n, channels]``; or -1."""
    needle = needle[:NEEDLE]
    for start in np.flatnonzero(haystack[:, 0] == needle[0, 0]):
        if np.array_equal(haystack[start : start + len(needle)], needle):
            return int(start)
    return -1


def losses(known: F32, recorded: F32, until: int | None = None) -> Losses:
    """Walk along both signals, float32 ``[n, channels]``, and count what does not come through.

    What begins to differ after sample ``until`` of the known signal does not count: a block in
    which a sample was slipped can only be told from a loss by what follows it.
    """
    until = len(known) if until is None else until
    at_known, at_recorded = _pick_up(known, recorded)
    first, lost, slipped = at_recorded, at_known, 0
    while at_known < until:
        good = _agreement(known[at_known:], recorded[at_recorded:])
        at_known, at_recorded = at_known + good, at_recorded + good
        if at_known >= until:
            break
        skipped, passed = _pick_up(
            known[at_known : at_known + HORIZON], recorded[at_recorded : at_recorded + HORIZON]
        )
        if abs(skipped - passed) == 1 and skipped < 1024:
            slipped += 1
        else:
            lost += skipped
        at_known, at_recorded = at_known + skipped, at_recorded + passed
    return Losses(first, lost, slipped)


def _agreement(known: F32, recorded: F32) -> int:
    """How many samples agree from the start."""
    n = min(len(known), len(recorded))
    for start in range(0, n, CHUNK):
        end = min(start + CHUNK, n)
        differs = (known[start:end] != recorded[start:end]).any(axis=1)
        if differs.any():
            return start + int(np.argmax(differs))
    return n


def _pick_up(known: F32, recorded: F32) -> tuple[int, int]:
    """How far to go in both until they agree again; all of ``known`` when they never do."""
    for start in range(0, max(len(known) - NEEDLE, 0), STRIDE):
        found = locate(known[start : start + NEEDLE], recorded)
        if found >= 0:
            back = 0  # the needle was set every so often: go back to where the agreement begins
            while (
                back < min(start, found, STRIDE)
                and (known[start - back - 1] == recorded[found - back - 1]).all()
            ):
                back += 1
            return start - back, found - back
    return len(known), 0
