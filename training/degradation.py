"""Draws the dirt of one record: every number is settled here, nothing is applied. Any thread."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from training.parameters import ArtifactParameters, Range

Kind = Literal["crackle", "click", "pop", "thump", "scratch", "resonance", "smooth", "scuff"]

CLUSTER_GAP_S = 0.004  # mean distance of a click to the one that it follows
THUMP_PERIODS = 2.5  # a thump dies away within so many periods
SCRATCH_JITTER_S = 0.0003  # a scratch never comes back at exactly the same place
RESONANCE_MS, RESONANCE_HZ = (0.3, 5.0), (300.0, 12_000.0)
SMOOTH_MS = (0.09, 0.7)
SCUFF_MS = (5.0, 40.0)
HEIGHT_SKEW = 1.5  # low clicks are commoner than high ones


class Event(NamedTuple):
    """One impulse before it meets a signal: times in seconds, heights in shares of the peak.

    ``gains`` is the height on each groove wall; ``seed`` settles the fine structure.
    ``over_noise_db``, where it is not 0, settles the height in place of ``amplitude``: over what
    is unforeseen in music and hiss around. Where it ``replaces``, no music is left.
    """

    kind: Kind
    time: float
    duration: float
    amplitude: float
    polarity: int
    ring_hz: float
    gains: tuple[float, float]
    seed: int
    over_noise_db: float = 0.0
    replaces: bool = False


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
    hiss_below_music_db: float = 0.0
    high_cut_order: int = 5


def draw_degradation(parameters: ArtifactParameters, duration: float, seed: int) -> Degradation:
    """Draw one record.

    Parameters
    ----------
    parameters : ArtifactParameters
    duration : float
        Seconds of signal that it is meant for.
    seed : int
        Not negative.
    """
    rng = np.random.default_rng(seed)
    p = parameters
    correlation = _draw(rng, p.wall_correlation)
    rpm = _draw(rng, p.rpm)
    events = _draw_events(rng, p, duration, rpm, correlation)
    quality = _draw(rng, p.codec_quality)
    return Degradation(
        seed=seed,
        duration=duration,
        events=tuple(sorted(events, key=lambda event: event.time)),
        level_following=_draw(rng, p.level_following),
        surface_noise_level=_draw(rng, p.surface_noise_level),
        noise_tilt_db=_draw(rng, p.noise_tilt_db),
        noise_high_cut_hz=_draw_log(rng, p.noise_high_cut_hz),
        noise_grain=_draw(rng, p.noise_grain),
        swish_depth=_draw(rng, p.swish_depth),
        swish_phase=rng.uniform(0, 2 * np.pi),
        rpm=rpm,
        wall_correlation=correlation,
        rumble_level=_draw(rng, p.rumble_level),
        hum_level=_draw(rng, p.hum_level),
        hum_frequency_hz=float(rng.choice(p.hum_frequency_hz)),
        low_cut_hz=_draw_log(rng, p.low_cut_hz),
        high_cut_hz=_draw_log(rng, p.high_cut_hz),
        horns=_draw_horns(rng, p),
        tracing_distortion=_draw(rng, p.tracing_distortion),
        codec_quality=quality if rng.random() < _draw(rng, p.codec_share) else None,
        hiss_below_music_db=_draw(rng, p.hiss_below_music_db),
        high_cut_order=round(_draw(rng, p.high_cut_order)),
    )


def _draw(rng: np.random.Generator, limits: Range) -> float:
    return float(rng.uniform(*limits))


def _draw_log(rng: np.random.Generator, limits: Range) -> float:
    return float(np.exp(rng.uniform(np.log(limits.low), np.log(limits.high))))


def _draw_height(rng: np.random.Generator, limits: Range, tail: float) -> float:
    """Bounded Pareto: few high, many low, all within the limits."""
    low, high = limits
    if low <= 0 or high <= low:
        return float(rng.uniform(low, high))
    rarest = (low / high) ** tail
    return float(low * (1 - rng.random() * (1 - rarest)) ** (-1 / tail))


def _draw_horns(
    rng: np.random.Generator, p: ArtifactParameters
) -> tuple[tuple[float, float, float], ...]:
    count = round(_draw(rng, p.horn_resonances))
    ranges = (Range(150, 3000), p.horn_gain_db, Range(1, 6))
    return tuple(
        (_draw_log(rng, ranges[0]), _draw(rng, ranges[1]), _draw(rng, ranges[2]))
        for _ in range(count)
    )


def _draw_events(
    rng: np.random.Generator,
    p: ArtifactParameters,
    duration: float,
    rpm: float,
    correlation: float,
) -> list[Event]:
    draw = _EventDraw(rng, p, correlation)
    clicks = rng.poisson(_draw(rng, p.impulse_rate) * duration)
    events = [draw.click(time) for time in _clustered(rng, p, clicks, duration)]
    level = _draw(rng, p.crackle_level)
    crackles = rng.poisson(_draw(rng, p.crackle_rate) * duration) if level > 0 else 0
    events += [draw.crackle(time, level) for time in rng.uniform(0, duration, crackles)]
    for rate, make in ((p.pop_rate, draw.pop), (p.thump_rate, draw.thump)):
        count = rng.poisson(_draw(rng, rate) * duration)
        events += [make(time) for time in rng.uniform(0, duration, count)]
    for _ in range(round(_draw(rng, p.scratches))):
        events += draw.scratch(duration, 60 / rpm)
    if p.scuff_rate.high > 0:
        count = rng.poisson(_draw(rng, p.scuff_rate) * duration)
        events += [draw.scuff(time) for time in rng.uniform(0, duration, count)]
    return [event for event in events if event.amplitude > 0]


def _clustered(
    rng: np.random.Generator, p: ArtifactParameters, count: int, duration: float
) -> list[float]:
    """Spread clicks evenly, then move some close behind another one."""
    times = rng.uniform(0, duration, count)
    moved = rng.random(count) < _draw(rng, p.clustering)
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
        self._positive = _draw(rng, p.positive_share)
        self._ringing = _draw(rng, p.ring_share)
        self._tail = _draw(rng, p.impulse_tail)
        self._skew = _draw(rng, p.duration_skew)
        # what a parameter set does not know draws nothing: old sets give their old records
        self._highest_db, self._resonating, self._smooth, self._replacing = (
            _draw(rng, limits) if limits.high > 0 else 0.0
            for limits in (
                p.click_over_noise_db,
                p.resonance_share,
                p.smooth_share,
                p.replaced_share,
            )
        )

    def click(self, time: float) -> Event:
        return self._freed(self._kind_of_click(time))

    def _kind_of_click(self, time: float) -> Event:
        if self._resonating and self._rng.random() < self._resonating:
            duration = 1e-3 * _draw_log(self._rng, Range(*RESONANCE_MS))
            event = self._event("resonance", time, duration, self._height())
            return event._replace(ring_hz=_draw_log(self._rng, Range(*RESONANCE_HZ)))
        if self._smooth and self._rng.random() < self._smooth:
            duration = 1e-3 * _draw_log(self._rng, Range(*SMOOTH_MS))
            return self._event("smooth", time, duration, self._height())
        low, high = self._p.impulse_duration_ms
        duration = low * (high / low) ** (self._rng.random() ** self._skew) / 1000
        return self._event("click", time, duration, self._height())

    def _freed(self, event: Event) -> Event:
        """Give a click its height over the noise, and let some leave nothing of the music."""
        if self._highest_db:
            low = self._p.click_over_noise_db.low
            height = low + (self._highest_db - low) * self._rng.random() ** HEIGHT_SKEW
            event = event._replace(over_noise_db=float(height))
        if self._replacing and self._rng.random() < self._replacing:
            event = event._replace(replaces=True)
        return event

    def scuff(self, time: float) -> Event:
        duration = 1e-3 * _draw_log(self._rng, Range(*SCUFF_MS))
        return self._freed(self._event("scuff", time, duration, self._height()))

    def crackle(self, time: float, level: float) -> Event:
        height = level * float(np.exp(0.6 * self._rng.standard_normal()))
        duration = 1e-3 * _draw_log(self._rng, Range(0.02, 0.3))
        return self._event("crackle", time, duration, height)

    def pop(self, time: float) -> Event:
        duration = 1e-3 * _draw_log(self._rng, self._p.pop_duration_ms)
        pitch = _draw(self._rng, Range(0.7, 2.5)) / duration
        return self._event("pop", time, duration, self._height())._replace(ring_hz=pitch)

    def thump(self, time: float) -> Event:
        pitch = _draw_log(self._rng, self._p.thump_frequency_hz)
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
            over = first.over_noise_db and max(0.1, first.over_noise_db + 20 * np.log10(fading))
            if 0 <= time < duration:
                events.append(
                    first._replace(
                        kind="scratch",
                        time=float(time),
                        amplitude=float(height),
                        over_noise_db=float(over),
                    )
                )
        return events

    def _height(self) -> float:
        return _draw_height(self._rng, self._p.impulse_amplitude, self._tail)

    def _event(self, kind: Kind, time: float, duration: float, amplitude: float) -> Event:
        rng = self._rng
        rings = rng.random() < self._ringing
        polarity = 1 if rng.random() < self._positive else -1
        ring_hz = _draw_log(rng, self._p.ring_frequency_hz) if rings else 0.0
        seed = int(rng.integers(2**31))
        return Event(kind, time, duration, amplitude, polarity, ring_hz, self._walls(), seed)

    def _walls(self) -> tuple[float, float]:
        """A lateral scar hits both walls alike, most damage one wall more than the other."""
        if self._rng.random() < self._correlation:
            return (1.0, 1.0)
        other = float(self._rng.uniform(0, 0.6)) * float(self._rng.choice([-1.0, 1.0]))
        return (1.0, other) if self._rng.random() < 0.5 else (other, 1.0)
