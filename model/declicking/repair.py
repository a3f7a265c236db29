"""Repair one channel's region at one hop. Runs on the engine's worker.

Suspects are opened strongest first, rebuilt together by least squares, narrowed down to their
true edges, and rebuilt again, weighing the predictor against the size of the damage. Of those
that begin in the leaving hop, only those are kept whose repair explains the sound better. Here is
the order in which it happens; each step is a function of the compiled core, and its numbers stand
in :mod:`model.declicking.rules`.
"""

from typing import NamedTuple

import numpy as np

from model.declicking.desk import END, REGION, Desk, Judged
from model.declicking.thump import SHORTEST_S, PulseSearch

_PASSES = 2  # faint impulses show once the loud ones are rebuilt
_DENSE = 200  # samples; more are weighed once only: in dense crackle a second time gains nothing


class Finding(NamedTuple):
    """One repaired impulse: ``start`` counts from the hop's first sample, ``peak`` is removed."""

    start: int
    length: int
    peak: float


Findings = tuple[Finding, ...]


class Repaired(NamedTuple):
    """What a hop's repair tells: findings, and the verdicts on all suspects, in the region."""

    findings: Findings
    judged: tuple[Judged, ...]


def repair(desk: Desk, channel: int) -> Repaired:
    """Find, rebuild and settle in the channel that the desk is turned to and has looked at."""
    desk.begin()
    _examine(desk)
    verdicts = desk.judge()
    judged = tuple(one._replace(end=min(one.end, desk.last)) for one in verdicts)
    kept = [one for one in verdicts if one.likely >= 0.5]
    if not kept:
        return Repaired((), judged)
    if not desk.is_fresh:
        desk.take_stock()
        desk.rebuild()
    desk.refine()
    return Repaired(_settled(desk, channel, kept), judged)


def _examine(desk: Desk) -> None:
    """Mark the suspects of the region and rebuild them."""
    if desk.is_any_open_in_hop():
        desk.rebuild()  # with the newest predictor, before it is decided upon
        if not desk.has_suspects():
            return
        desk.look()
    for _ in range(_PASSES):
        if not desk.has_suspects() or not desk.open_suspects():
            return
        desk.rebuild()
        desk.narrow()
        for _ in range(1 if desk.n_open > _DENSE else 2):
            desk.weigh()
            desk.rebuild()
        desk.look()


def _settled(desk: Desk, channel: int, kept: list[Judged]) -> Findings:
    """Keep some repairs for good, and tell of them."""
    findings = [
        Finding(one.start - desk.first, one.end - one.start, desk.settle(one.start, one.end))
        for one in kept
    ]
    thresholds = desk.thresholds
    if thresholds.longest < SHORTEST_S * thresholds.sample_rate:
        return tuple(findings)
    search = PulseSearch(desk.region.clean[channel], thresholds.sample_rate)
    return tuple(_with_body(desk, channel, found, search) for found in findings)


def _with_body(desk: Desk, channel: int, found: Finding, search: PulseSearch) -> Finding:
    """Take out the slow pulse behind a crack, if there is one; the finding grows by it."""
    region = desk.region
    memory = region.clean[channel]
    offset = len(memory) - REGION  # from the region to the memory
    start = desk.first + found.start
    length = min(desk.thresholds.longest, END - start)
    pulse = search.behind(offset + start, length, found.peak)
    if pulse is None:
        return found
    gone = max(0, desk.first - (pulse[0] - offset))  # what has already left stays as it is
    begin, shape = pulse[0] - offset + gone, pulse[1][gone:]
    body = slice(begin, begin + len(shape))
    memory[offset + begin : offset + begin + len(shape)] -= shape
    search.listen()
    region.settled[channel, body] = region.unknown[channel, body] = True
    likely = region.probability[channel, body]
    likely[:] = np.maximum(likely, 0.9)
    peak = max(found.peak, float(np.abs(shape).max()))
    return Finding(begin - desk.first, len(shape), peak)


__all__ = ["Finding", "Findings", "Repaired", "repair"]
