"""Clicks as widely varied as a detector may meet them: resonances, dulled ones, the disc's own
clicks one by one, and heights over what cannot be foreseen around them. Drawn here, any thread.

It has dice of its own: a set that asks for none of it gives the same dirt as before.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from training.dirt.events import WAVE_RATE, Event, draw, draw_log, draw_walls
from training.dirt.parameters import ArtifactParameters, Range
from training.harvest.click_bank import ClickBank, Role, shipped_bank

F64 = NDArray[np.float64]

DICE = 1917  # beside the record's seed
RESONANCE_S = Range(0.0003, 0.005)
RESONANCE_HZ = Range(300, 12_000)
DULLED_SHARE = 0.5  # of the smooth clicks are torn ones that some filter has dulled
DULLED_HZ = Range(3000, 8000)
DULLED_S = Range(0.00009, 0.0007)
HEIGHT_SKEW = 1.5  # low clicks are commoner than high ones
HIGHEST_BURST_DB = 30.0  # what stands higher for so long is an attack, not a scratch
SCATTERED_RATE = Range(1, 300)  # 1/s
SCATTERED_DB = Range(3, 30)  # over the unforeseen, where the set does not say it
PACE = Range(0.7, 1.4)  # of a real click played at another speed, by another stylus
COLOUR = Range(-0.4, 0.4)  # of a gentle first-order filter
CHANGES = ("click", "scratch", "smooth", "dulled", "resonance", "burst")


def varied(
    events: Sequence[Event],
    p: ArtifactParameters,
    duration: float,
    seed: int,
    correlation: float,
    bank: ClickBank | None = None,
    role: Role = "train",
) -> list[Event]:
    """Return one record's events with some of another kind, at other heights, or added."""
    rng = np.random.default_rng((seed, DICE))
    resonating, highest = draw(rng, p.resonance_share), draw(rng, p.click_over_noise_db)
    scattered = rng.random() < draw(rng, p.scattered_click_share)
    changed = [_of_another_kind(rng, event, resonating) for event in events]
    if scattered:
        changed += _scattered(rng, duration, correlation, bank or shipped_bank(), role)
    if not highest:
        return changed
    lowest = p.click_over_noise_db.low
    measured = []
    for event in changed:
        if event.kind in CHANGES:
            most = min(highest, HIGHEST_BURST_DB) if event.kind == "burst" else highest
            height = lowest + max(0.0, most - lowest) * rng.random() ** HEIGHT_SKEW
            event = event._replace(over_noise_db=height)
        measured.append(event)
    return measured


def _of_another_kind(rng: np.random.Generator, event: Event, resonating: float) -> Event:
    if event.kind == "click" and resonating > 0 and rng.random() < resonating:
        length, pitch = draw_log(rng, RESONANCE_S), draw_log(rng, RESONANCE_HZ)
        return event._replace(kind="resonance", duration=length, ring_hz=pitch)
    if event.kind == "smooth" and resonating > 0 and rng.random() < DULLED_SHARE:
        length, edge = draw_log(rng, DULLED_S), draw_log(rng, DULLED_HZ)
        return event._replace(kind="dulled", duration=length, ring_hz=edge)
    return event


def _scattered(
    rng: np.random.Generator, duration: float, correlation: float, bank: ClickBank, role: Role
) -> list[Event]:
    """The disc's clicks anywhere, each at a pace, a colour and a height of its own."""
    choices = bank.of_role(role)
    count = rng.poisson(draw_log(rng, SCATTERED_RATE) * duration) if len(choices) else 0
    events = []
    for time in np.sort(rng.uniform(0, duration, count)):
        index = int(rng.choice(choices))
        wave = _recoloured(_paced(bank[index].wave, draw(rng, PACE)), draw(rng, COLOUR))
        shape = wave / (np.max(np.abs(wave)) or 1.0)
        event = Event(
            kind="real",
            time=float(time),
            duration=len(wave) / WAVE_RATE,
            amplitude=1.0,
            polarity=1 if rng.random() < 0.5 else -1,
            ring_hz=0.0,
            gains=draw_walls(rng, correlation),
            seed=index,
            wave=tuple(float(value) for value in shape),
            over_noise_db=draw(rng, SCATTERED_DB),
        )
        events.append(event)
    return events


def _paced(wave: NDArray[np.float32], pace: float) -> F64:
    """``pace`` above 1 makes a click shorter; its ends stay near zero."""
    padded = np.concatenate([[0.0], wave, [0.0]])
    paced = np.interp(np.arange(0.0, len(padded) - 1, pace), np.arange(len(padded)), padded)
    return np.asarray(paced)


def _recoloured(wave: F64, colour: float) -> F64:
    return np.asarray(lfilter([1 - abs(colour)], [1.0, -colour], wave))
