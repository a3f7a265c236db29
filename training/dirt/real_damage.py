"""What real discs taught the generator: their own clicks and hiss, damage that replaces the sound,
scratches that die slowly, clicks without an edge. Drawn here, applied elsewhere. Any thread.

It has dice of its own: a set that asks for none of it gives the same dirt as before.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from training.dirt.events import Event, draw, draw_height, draw_log, draw_walls
from training.dirt.parameters import ArtifactParameters, Range
from training.harvest.click_bank import ClickBank, Role, shipped_bank

DICE = 78  # beside the record's seed
HISS_TOP_HZ = 22_050.0
HISS_POINTS = 65
MADE_BESIDE = 0.5  # of the records with real clicks have made ones as well
SMOOTH_HZ = Range(1500, 6000)  # lower ones look like the pulses of a voice or of brass
SMOOTH_PERIODS = Range(0.6, 1.2)
BURSTS_RETURN = 0.5  # of them come back with each turn
BURST_JITTER_S = 0.001
RETURN_HEIGHT = (0.6, 1.2)
CAN_REPLACE = ("click", "scratch", "pop", "burst")


class Learned(NamedTuple):
    """What one record has of it; ``events`` come beside the made ones."""

    events: list[Event]
    keeps_made: bool
    music_over_hiss_db: float
    hiss_gain_db: tuple[float, ...]
    has_steep_end: bool


def learn_from_discs(
    p: ArtifactParameters,
    duration: float,
    seed: int,
    rpm: float,
    correlation: float,
    bank: ClickBank | None = None,
    role: Role = "train",
) -> Learned:
    """Draw one record's share of it; the bank is only opened where it is needed."""
    rng = np.random.default_rng((seed, DICE))
    over_hiss = draw(rng, p.music_over_hiss_db)
    steep = bool(rng.random() < draw(rng, p.steep_end_share))
    has_disc_hiss = rng.random() < draw(rng, p.disc_hiss_share)
    has_real_clicks = rng.random() < draw(rng, p.real_click_share)
    colour: tuple[float, ...] = ()
    events: list[Event] = []
    if has_disc_hiss or has_real_clicks:
        bank = bank or shipped_bank()
    if has_disc_hiss and bank is not None:
        colour = _colour(rng, bank)
    if has_real_clicks and bank is not None:
        events += _real_track(rng, p, duration, correlation, bank, role)
    events += _bursts(rng, p, duration, 60 / rpm, correlation)
    keeps_made = not has_real_clicks or bool(rng.random() < MADE_BESIDE)
    return Learned(events, keeps_made, over_hiss, colour, steep)


def with_real_damage(
    events: Sequence[Event], p: ArtifactParameters, learned: Learned, seed: int
) -> list[Event]:
    """Put both kinds of events together; some lose their edge, some replace the sound."""
    rng = np.random.default_rng((seed, DICE, 1))
    smooth, replacing = draw(rng, p.smooth_share), draw(rng, p.replace_share)
    made = [e for e in events if learned.keeps_made or e.kind not in ("click", "crackle")]
    both = []
    for event in [*made, *learned.events]:
        if event.kind == "click" and smooth > 0 and rng.random() < smooth:
            event = _smoothed(rng, event)
        if event.kind in CAN_REPLACE and replacing > 0 and rng.random() < replacing:
            event = event._replace(replaces=True)
        both.append(event)
    return both


def _colour(rng: np.random.Generator, bank: ClickBank) -> tuple[float, ...]:
    record = int(rng.integers(len(bank.names)))
    gain = bank.hiss_gain(record, np.linspace(0, HISS_TOP_HZ, HISS_POINTS))
    return tuple(float(level) for level in 20 * np.log10(np.maximum(gain, 1e-6)))


def _real_track(
    rng: np.random.Generator,
    p: ArtifactParameters,
    duration: float,
    correlation: float,
    bank: ClickBank,
    role: Role,
) -> list[Event]:
    """A piece of the disc's own track: thinned, or laid over another piece.

    Heights are what they are against each other; all together stand over the hiss as drawn.
    """
    times, index, seconds = bank.timeline(role)
    if not len(index) or seconds <= 0:
        return []
    energy = sum(float(np.sum(bank[int(i)].wave.astype(np.float64) ** 2)) for i in index)
    per_sample = energy / (seconds * bank.sample_rate)
    level = 10 ** (draw(rng, p.real_click_over_hiss_db) / 20) / np.sqrt(per_sample)
    density = draw_log(rng, p.real_click_density)
    turned = 1 if rng.random() < 0.5 else -1
    events = []
    while density > 0:
        start = rng.uniform(0, seconds)
        for lap in range(int(duration / seconds) + 2):
            at = times - start + lap * seconds
            inside = (at >= 0) & (at < duration) & (rng.random(len(at)) < density)
            events += [
                _real(rng, bank, int(i), float(t), level, turned, correlation)
                for t, i in zip(at[inside], index[inside], strict=True)
            ]
        density -= 1
    return events


def _real(
    rng: np.random.Generator,
    bank: ClickBank,
    index: int,
    time: float,
    level: float,
    polarity: int,
    correlation: float,
) -> Event:
    wave = bank[index].wave.astype(np.float64)
    peak = float(np.max(np.abs(wave))) or 1.0
    shape = tuple(float(value) for value in wave / peak)
    length = len(wave) / bank.sample_rate
    walls = draw_walls(rng, correlation)
    return Event("real", time, length, level * peak, polarity, 0.0, walls, index, wave=shape)


def _bursts(
    rng: np.random.Generator,
    p: ArtifactParameters,
    duration: float,
    revolution: float,
    correlation: float,
) -> list[Event]:
    events = []
    for _ in range(rng.poisson(draw(rng, p.burst_rate) * duration)):
        time = float(rng.uniform(0, duration))
        length = draw_log(rng, p.burst_duration_ms) / 1000
        height = draw_height(rng, p.impulse_amplitude, draw(rng, p.impulse_tail))
        ring = draw_log(rng, p.ring_frequency_hz) if rng.random() < 0.5 else 0.0
        seed = int(rng.integers(2**31))
        walls = draw_walls(rng, correlation)
        first = Event("burst", time, length, height, 1, ring, walls, seed)
        events.append(first)
        if rng.random() < BURSTS_RETURN:
            events += _returning(rng, first, duration, revolution)
    return [event for event in events if event.amplitude > 0]


def _returning(
    rng: np.random.Generator, first: Event, duration: float, revolution: float
) -> list[Event]:
    """The same scratch in the next turns; another place of it is as splintered, not the same."""
    events = []
    for time in np.arange(first.time + revolution, duration, revolution):
        near = float(time + BURST_JITTER_S * rng.standard_normal())
        height = first.amplitude * float(rng.uniform(*RETURN_HEIGHT))
        seed = int(rng.integers(2**31))
        if 0 <= near < duration:
            events.append(first._replace(time=near, amplitude=height, seed=seed))
    return events


def _smoothed(rng: np.random.Generator, event: Event) -> Event:
    pitch = draw_log(rng, SMOOTH_HZ)
    length = draw(rng, SMOOTH_PERIODS) / pitch
    return event._replace(kind="smooth", ring_hz=pitch, duration=length)
