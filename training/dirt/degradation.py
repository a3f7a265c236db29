"""Draws the dirt of one record: every number is settled here, nothing is applied. Any thread."""

from dataclasses import dataclass

import numpy as np

from training.dirt.click_variety import varied
from training.dirt.events import Event, Kind, draw, draw_height, draw_log, draw_walls
from training.dirt.parameters import ArtifactParameters, Range
from training.dirt.real_damage import learn_from_discs, with_real_damage
from training.harvest.click_bank import ClickBank, Role

CLUSTER_GAP_S = 0.004  # mean distance of a click to the one that it follows
THUMP_PERIODS = 2.5  # a thump dies away within so many periods
SCRATCH_JITTER_S = 0.0003  # a scratch never comes back at exactly the same place


@dataclass(frozen=True, slots=True)
class Degradation:
    """All that will happen to one record; the same value gives the same dirt, bit for bit."""

    seed: int
    duration: float
    events: tuple[Event, ...]
    level_following: float
    surface_noise_level: float
    noise_tilt_db: float
    noise_high_cut_hz: float
    noise_grain: float
    swish_depth: float
    swish_phase: float
    rpm: float
    wall_correlation: float
    rumble_level: float
    hum_level: float
    hum_frequency_hz: float
    low_cut_hz: float
    high_cut_hz: float
    horns: tuple[tuple[float, float, float], ...]  # frequency in Hz, gain in dB, Q
    tracing_distortion: float
    codec_quality: float | None
    music_over_hiss_db: float = 0.0  # not 0: settles surface_noise_level when the music is known
    hiss_gain_db: tuple[float, ...] = ()  # of a real disc, from 0 to HISS_TOP_HZ; else the slope
    has_steep_end: bool = False  # the music ends as sharply as a digital filter cuts


def draw_degradation(
    parameters: ArtifactParameters,
    duration: float,
    seed: int,
    bank: ClickBank | None = None,
    role: Role = "train",
) -> Degradation:
    """Draw one record.

    Parameters
    ----------
    parameters : ArtifactParameters
    duration : float
        Seconds of signal that it is meant for.
    seed : int
        Not negative.
    bank : ClickBank, optional
        Real clicks and hiss, for the share of records that have them; the shipped one by default.
    role : str
        Only the bank's stretches of that role are drawn from.
    """
    rng = np.random.default_rng(seed)
    p = parameters
    correlation = draw(rng, p.wall_correlation)
    rpm = draw(rng, p.rpm)
    events = _draw_events(rng, p, duration, rpm, correlation)
    quality = draw(rng, p.codec_quality)
    learned = learn_from_discs(p, duration, seed, rpm, correlation, bank, role)
    events = with_real_damage(events, p, learned, seed)
    events = varied(events, p, duration, seed, correlation, bank, role)
    return Degradation(
        seed=seed,
        duration=duration,
        events=tuple(sorted(events, key=lambda event: event.time)),
        level_following=draw(rng, p.level_following),
        surface_noise_level=draw(rng, p.surface_noise_level),
        noise_tilt_db=draw(rng, p.noise_tilt_db),
        noise_high_cut_hz=draw_log(rng, p.noise_high_cut_hz),
        noise_grain=draw(rng, p.noise_grain),
        swish_depth=draw(rng, p.swish_depth),
        swish_phase=rng.uniform(0, 2 * np.pi),
        rpm=rpm,
        wall_correlation=correlation,
        rumble_level=draw(rng, p.rumble_level),
        hum_level=draw(rng, p.hum_level),
        hum_frequency_hz=float(rng.choice(p.hum_frequency_hz)),
        low_cut_hz=draw_log(rng, p.low_cut_hz),
        high_cut_hz=draw_log(rng, p.high_cut_hz),
        horns=_draw_horns(rng, p),
        tracing_distortion=draw(rng, p.tracing_distortion),
        codec_quality=quality if rng.random() < draw(rng, p.codec_share) else None,
        music_over_hiss_db=learned.music_over_hiss_db,
        hiss_gain_db=learned.hiss_gain_db,
        has_steep_end=learned.has_steep_end,
    )


def _draw_horns(
    rng: np.random.Generator, p: ArtifactParameters
) -> tuple[tuple[float, float, float], ...]:
    count = round(draw(rng, p.horn_resonances))
    ranges = (Range(150, 3000), p.horn_gain_db, Range(1, 6))
    return tuple(
        (draw_log(rng, ranges[0]), draw(rng, ranges[1]), draw(rng, ranges[2])) for _ in range(count)
    )


def _draw_events(
    rng: np.random.Generator,
    p: ArtifactParameters,
    duration: float,
    rpm: float,
    correlation: float,
) -> list[Event]:
    maker = _EventDraw(rng, p, correlation)
    clicks = rng.poisson(draw(rng, p.impulse_rate) * duration)
    events = [maker.click(time) for time in _clustered(rng, p, clicks, duration)]
    level = draw(rng, p.crackle_level)
    crackles = rng.poisson(draw(rng, p.crackle_rate) * duration) if level > 0 else 0
    events += [maker.crackle(time, level) for time in rng.uniform(0, duration, crackles)]
    for rate, make in ((p.pop_rate, maker.pop), (p.thump_rate, maker.thump)):
        count = rng.poisson(draw(rng, rate) * duration)
        events += [make(time) for time in rng.uniform(0, duration, count)]
    for _ in range(round(draw(rng, p.scratches))):
        events += maker.scratch(duration, 60 / rpm)
    return [event for event in events if event.amplitude > 0]


def _clustered(
    rng: np.random.Generator, p: ArtifactParameters, count: int, duration: float
) -> list[float]:
    """Spread clicks evenly, then move some close behind another one."""
    times = rng.uniform(0, duration, count)
    moved = rng.random(count) < draw(rng, p.clustering)
    if count > 1:
        leaders = rng.choice(times, count)
        followers = leaders + rng.exponential(CLUSTER_GAP_S, count)
        times = np.where(moved & (followers < duration), followers, times)
    return [float(time) for time in times]


class _EventDraw:
    """Draws single events; holds what all clicks of one record have in common."""

    def __init__(self, rng: np.random.Generator, p: ArtifactParameters, correlation: float) -> None:
        self._rng = rng
        self._p = p
        self._correlation = correlation
        self._positive = draw(rng, p.positive_share)
        self._ringing = draw(rng, p.ring_share)
        self._tail = draw(rng, p.impulse_tail)
        self._skew = draw(rng, p.duration_skew)

    def click(self, time: float) -> Event:
        low, high = self._p.impulse_duration_ms
        duration = low * (high / low) ** (self._rng.random() ** self._skew) / 1000
        return self._event("click", time, duration, self._height())

    def crackle(self, time: float, level: float) -> Event:
        height = level * float(np.exp(0.6 * self._rng.standard_normal()))
        duration = 1e-3 * draw_log(self._rng, Range(0.02, 0.3))
        return self._event("crackle", time, duration, height)

    def pop(self, time: float) -> Event:
        duration = 1e-3 * draw_log(self._rng, self._p.pop_duration_ms)
        pitch = draw(self._rng, Range(0.7, 2.5)) / duration
        return self._event("pop", time, duration, self._height())._replace(ring_hz=pitch)

    def thump(self, time: float) -> Event:
        pitch = draw_log(self._rng, self._p.thump_frequency_hz)
        event = self._event("thump", time, THUMP_PERIODS / pitch, self._height())
        return event._replace(ring_hz=pitch)

    def scratch(self, duration: float, revolution: float) -> list[Event]:
        """One scratch: the same click again and again while the groove crosses it."""
        first = self.click(float(self._rng.uniform(0, min(revolution, duration))))
        turns = int(self._rng.integers(4, 40))
        events = []
        for turn in range(turns):
            time = first.time + turn * revolution + SCRATCH_JITTER_S * self._rng.standard_normal()
            fading = 0.3 + 0.7 * np.sin(np.pi * (turn + 0.5) / turns)
            height = first.amplitude * fading * self._rng.uniform(0.8, 1.2)
            if 0 <= time < duration:
                events.append(
                    first._replace(kind="scratch", time=float(time), amplitude=float(height))
                )
        return events

    def _height(self) -> float:
        return draw_height(self._rng, self._p.impulse_amplitude, self._tail)

    def _event(self, kind: Kind, time: float, duration: float, amplitude: float) -> Event:
        rng = self._rng
        rings = rng.random() < self._ringing
        polarity = 1 if rng.random() < self._positive else -1
        ring_hz = draw_log(rng, self._p.ring_frequency_hz) if rings else 0.0
        seed = int(rng.integers(2**31))
        walls = draw_walls(rng, self._correlation)
        return Event(kind, time, duration, amplitude, polarity, ring_hz, walls, seed)
