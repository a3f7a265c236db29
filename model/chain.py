"""The restoration chain: one hop in, one hop out, state as a value. Runs on the engine's worker.

The learned detector listens, the declicker repairs, the denoiser lowers what hiss is left, then
the mix with the equally delayed input. Every control glides over one hop, so that turning it
neither clicks nor shifts time.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.checkpoints import Models
from model.declicking import declick
from model.networks.learned import LearnedDetector
from model.settings import Settings

F32 = NDArray[np.float32]

HOP = 1024  # samples; the chain's fixed step
DENOISER_ROOM = 512  # samples of delay kept for the denoiser: loading one never shifts time
LOUDEST = np.float32(1.12)  # of the input's peak nearby, just under 1 dB: no output passes it
ANALYTICAL = Models()
DENOISER, DETECTOR = "denoiser", "detector"
NOTHING: frozenset[str] = frozenset()
REHEARSAL = 4  # hops until a detector that was left out has heard enough to have a say again
LOWEST_RATE, HIGHEST_RATE = 4000, 50_000  # Hz; beyond, the caller resamples


class Impulse(NamedTuple):
    """One repaired impulse; ``start`` counts samples of the chain's input since its beginning.

    ``peak`` is the height of what was found, full scale 1; ``certainty`` is 0.5 to 1.
    """

    start: int
    length: int
    channel: int
    peak: float
    certainty: float = 1.0


class Spared(NamedTuple):
    """A stretch of the chain's input, in samples, in which nothing is repaired."""

    start: int
    end: int
    channel: int | None = None  # None: on all of them


class ChainOutput(NamedTuple):
    """What one hop gives; every array is float32 ``[channels, hop]``, delayed by ``latency``.

    ``mask`` is the probability of what was acted upon, 0 elsewhere; ``analytical`` and ``learned``
    are the detectors' own probabilities in 0..1; ``dry`` is the input; what was removed is
    ``dry - restored``. ``impulses`` were settled with this hop and may lie up to
    ``DENOISER_ROOM`` samples ahead of it.
    """

    restored: F32
    dry: F32
    mask: F32
    analytical: F32
    learned: F32
    impulses: tuple[Impulse, ...]


class Glide(NamedTuple):
    """Where the gliding controls stood at the end of the last hop."""

    depth: float  # 0..1, 0 while declicking is off
    attenuation: float  # 0 interpolates, 1 attenuates
    wetness: float  # 0 while bypassed


class ChainState(NamedTuple):
    """Everything the chain remembers between two hops.

    It holds one channel alone as long as all channels have been alike.
    """

    detector: Any  # the learned detector's own, None without one
    unheard: int  # hops in which it listens and has no say yet
    heard: F32  # its probabilities that have not left yet, channels x samples
    declick: declick.DeclickState
    denoiser: Any  # the denoiser's own
    room: F32  # [dry, mask, analytical] x channels x DENOISER_ROOM
    peak: F32  # of the dry sound that left with the last hop, channels x 1
    glide: Glide | None  # None before the first hop: start where the settings stand
    position: int  # samples taken in so far
    difference: F32 | None = None  # of the walls, for the denoiser: as late as what is repaired


class Chain:
    """Declick and denoise with one declared latency. Immutable: many streams may share one.

    Parameters
    ----------
    sample_rate : int
        Hz, ``LOWEST_RATE`` to ``HIGHEST_RATE``; 44.1 and 48 kHz are what it is tuned for.
    channels : int
        Restored independently: a click on one wall leaves the other as it is. While all bring the
        same bits, as of a mono transfer, one of them is restored and copied.
    models : Models
        The trained networks; those that were made for another rate are left out.
    spared : sequence of Spared
        Where what was found stays as it came. It goes on to the denoiser as everything does, and
        what is found and repaired elsewhere is not changed by it.

    Attributes
    ----------
    relief : tuple of str
        What may rest when there is no time for all, the first to do so first.

    Raises
    ------
    ValueError
        If the rate or the number of channels is out of range.
    """

    def __init__(
        self,
        sample_rate: int,
        channels: int,
        models: Models = ANALYTICAL,
        spared: Sequence[Spared] = (),
    ) -> None:
        if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
            raise ValueError(
                f"sample_rate is {sample_rate} Hz; the chain runs at {LOWEST_RATE} to "
                f"{HIGHEST_RATE} Hz, resample first"
            )
        if channels < 1:
            raise ValueError(f"channels is {channels}; it must be 1 or more")
        self.sample_rate = sample_rate
        self.channels = channels
        self.hop = HOP
        self.latency = declick.LOOKAHEAD + DENOISER_ROOM
        self._spared = sorted(spared)
        self._begins = [span.start for span in self._spared]
        self._longest_spared = max((span.end - span.start for span in self._spared), default=0)
        fitting = models.fitting(sample_rate)
        self._detector = fitting.detector
        self._denoiser = fitting.denoiser or _Room()
        self.detector_name = fitting.detector.name if fitting.detector else "analytical"
        self.denoiser_name = fitting.denoiser.name if fitting.denoiser else "none"
        may_rest = ((DENOISER, fitting.denoiser), (DETECTOR, fitting.detector))
        self.relief = tuple(name for name, network in may_rest if network)

    def initial_state(self) -> ChainState:
        """The state before the first sample; assigning it is a reset."""
        detector = self._detector
        waits = self.latency - (detector.latency if detector else 0)
        # Silence so far, the same on all; but what is spared may be so on one wall alone.
        channels = self.channels if self._spared else 1
        return ChainState(
            detector.initial_state(channels) if detector else None,
            0,
            np.zeros((channels, waits), np.float32),
            declick.initial_state(channels, self.sample_rate),
            self._denoiser.initial_state(channels),
            np.zeros((3, channels, DENOISER_ROOM), np.float32),
            np.zeros((channels, 1), np.float32),
            None,
            0,
        )

    def step(
        self,
        hop: F32,
        state: ChainState,
        settings: Settings,
        without: frozenset[str] = NOTHING,
        difference: F32 | None = None,
    ) -> tuple[ChainOutput, ChainState]:
        """Restore one hop.

        Parameters
        ----------
        hop : float32 [channels, HOP]
            Finite samples, full scale is +-1.
        state : ChainState
            Left untouched; the next state is a new value.
        settings : Settings
            The snapshot for this hop.
        without : frozenset of str
            Which of ``relief`` rest for this hop, because there is no time for them.
        difference : float32 [1, HOP], optional
            Of the two walls that one channel was made of: it tells the denoiser their hiss.

        Raises
        ------
        ValueError
            If the hop has another shape.
        """
        if hop.shape != (self.channels, HOP):
            raise ValueError(f"hop is {hop.shape}; it must be {(self.channels, HOP)}")
        if len(state.peak) == self.channels:
            return self._restored(hop, state, settings, without, difference)
        if not _are_alike(hop):
            return self._restored(hop, self._spread(state), settings, without)
        output, after = self._restored(hop[:1], state, settings, without)
        return _copied(output, self.channels), after

    def _spread(self, state: ChainState) -> ChainState:
        """The state of one channel as that of all, which have been alike so far."""
        n, detector = self.channels, self._detector
        return state._replace(
            detector=detector.spread(state.detector, n) if detector else None,
            heard=np.repeat(state.heard, n, axis=0),
            declick=declick.spread(state.declick, n),
            denoiser=self._denoiser.spread(state.denoiser, n),
            room=np.repeat(state.room, n, axis=1),
            peak=np.repeat(state.peak, n, axis=0),
        )

    def _restored(
        self,
        hop: F32,
        state: ChainState,
        settings: Settings,
        without: frozenset[str],
        difference: F32 | None = None,
    ) -> tuple[ChainOutput, ChainState]:
        """Restore one hop of as many channels as the state holds."""
        aim = _aim(settings)
        last = state.glide or aim
        listens = None if DETECTOR in without else self._detector
        probability, detector = _judged(listens, hop, state.detector)
        unheard = max(state.unheard - 1, 0) if listens else REHEARSAL
        learned = None
        if listens and not unheard:
            learned = declick.Learned(probability, listens.latency)
        thresholds = declick.Thresholds.of(
            settings, self.sample_rate, has_learned=learned is not None
        )
        done, next_declick = declick.step(hop, state.declick, thresholds, learned)
        first = state.position - declick.LOOKAHEAD
        if self._spared:
            done = _sparing(done, first, self._spared_from(first, first + HOP))
        acts = aim.depth > 0 and aim.wetness > 0
        repaired = _apply(done, last, aim)
        beside, later = _as_late(difference, state.difference)
        wet, denoiser = _denoised(
            self._denoiser,
            repaired,
            state.denoiser,
            None if DENOISER in without else settings.hiss_reduction_db,
            beside,
        )
        mask = done.mask if acts else np.zeros_like(done.mask)
        rows = np.stack([done.original, mask, done.evidence])
        joined = np.concatenate([state.room, rows], axis=2)
        dry, mask, analytical = joined[:, :, :HOP]
        heard = np.concatenate([state.heard, probability], axis=1)
        wet = _bounded(wet, state.peak, joined[0])
        restored = _mix(wet, dry, last.wetness, aim.wetness)
        impulses = _impulses(done, first) if acts else ()
        output = ChainOutput(restored, dry, mask, analytical, heard[:, :HOP], impulses)
        return output, ChainState(
            detector,
            unheard,
            heard[:, HOP:],
            next_declick,
            denoiser,
            joined[:, :, HOP:],
            np.abs(dry).max(axis=1, keepdims=True),
            aim,
            state.position + HOP,
            later,
        )

    def _spared_from(self, first: int, end: int) -> list[Spared]:
        """Return the spared stretches that reach into one hop."""
        low = bisect_left(self._begins, first - self._longest_spared)
        high = bisect_left(self._begins, end)
        return [span for span in self._spared[low:high] if span.end > first]


class _Room:
    """Stands where no denoiser is: the same delay, nothing else."""

    def initial_state(self, channels: int) -> F32:
        return np.zeros((channels, DENOISER_ROOM), np.float32)

    def spread(self, state: F32, channels: int) -> F32:
        return np.repeat(state, channels, axis=0)

    def step(
        self, hop: F32, state: F32, _reduction_db: float, _difference: F32 | None = None
    ) -> tuple[F32, F32]:
        joined = np.concatenate([state, hop], axis=1)
        return joined[:, : hop.shape[1]], joined[:, hop.shape[1] :]


def _are_alike(hop: F32) -> bool:
    """Whether all channels hold the same bits."""
    bits = np.ascontiguousarray(hop).view(np.uint32)
    return bool((bits == bits[:1]).all())


def _copied(output: ChainOutput, channels: int) -> ChainOutput:
    """What one channel gave, on all of them."""
    every = (found._replace(channel=n) for n in range(channels) for found in output.impulses)
    restored, dry, mask, analytical, learned = (
        np.repeat(part, channels, axis=0) for part in output[:5]
    )
    return ChainOutput(restored, dry, mask, analytical, learned, tuple(every))


def _judged(detector: LearnedDetector | None, hop: F32, state: Any) -> tuple[F32, Any]:
    """Return the learned probability of each sample, as late as the detector is."""
    if detector is None:
        return np.zeros_like(hop), state
    parts = []
    for start in range(0, HOP, detector.hop):
        part, state = detector.step(hop[:, start : start + detector.hop], state)
        parts.append(part)
    return np.concatenate(parts, axis=1), state


def _as_late(difference: F32 | None, before: F32 | None) -> tuple[F32 | None, F32 | None]:
    """Return the walls' difference as late as what the declicker lets go, and what is to come."""
    if difference is None:
        return None, None
    if before is None:
        before = np.zeros((1, declick.LOOKAHEAD), np.float32)
    joined = np.concatenate([before, difference], axis=1)
    return joined[:, :HOP], joined[:, HOP:]


def _denoised(
    denoiser: Any, hop: F32, state: Any, reduction_db: float | None, difference: F32 | None
) -> tuple[F32, Any]:
    """Return the hop that leaves the denoiser, ``DENOISER_ROOM`` samples late; None: it rests."""
    beside = () if difference is None else (difference,)
    if reduction_db is None:
        left: tuple[F32, Any] = denoiser.pass_by(hop, state, *beside)
    else:
        left = denoiser.step(hop, state, reduction_db, *beside)
    return left


def _sparing(done: declick.DeclickHop, first: int, spans: list[Spared]) -> declick.DeclickHop:
    """Take back what was done in some stretches; ``first`` is the sample that leaves first."""
    if not spans:
        return done
    mask, findings = done.mask.copy(), list(done.findings)
    for channel in range(len(mask)):
        for span in spans:
            if span.channel in (None, channel):
                mask[channel, max(span.start - first, 0) : max(span.end - first, 0)] = 0.0
                findings[channel] = tuple(
                    found
                    for found in findings[channel]
                    if not span.start <= first + found.start < span.end
                )
    repaired = np.where(mask > 0, done.repaired, done.original)
    return done._replace(mask=mask, repaired=repaired, findings=tuple(findings))


def _aim(settings: Settings) -> Glide:
    return Glide(
        depth=settings.depth if settings.declick else 0.0,
        attenuation=1.0 if settings.repair == "attenuate" else 0.0,
        wetness=0.0 if settings.bypass else 1.0,
    )


def _ramp(start: float, end: float) -> F32 | np.float32:
    if start == end:
        return np.float32(end)
    return np.linspace(start, end, HOP + 1, dtype=np.float32)[1:]


def _apply(done: declick.DeclickHop, last: Glide, aim: Glide) -> F32:
    """``x + depth * (repaired - x)`` or ``x * (1 - depth * mask)``; exactly x where mask is 0."""
    if not done.mask.any():
        return done.original
    depth = _ramp(last.depth, aim.depth)
    attenuation = _ramp(last.attenuation, aim.attenuation)
    change = (1 - attenuation) * (done.repaired - done.original)
    change -= attenuation * done.mask * done.original
    return np.where(done.mask > 0, done.original + depth * change, done.original)


def _bounded(wet: F32, last_peak: F32, dry: F32) -> F32:
    """Keep the restored sound within 1 dB of its surroundings' peak, as they came.

    Whatever takes a part out of a full-scale sound may let the rest stand higher: of white noise
    without its treble, of a square wave without its edges. Where it does not, nothing changes.
    """
    limit = LOUDEST * np.maximum(last_peak, np.abs(dry).max(axis=1, keepdims=True))
    return np.clip(wet, -limit, limit)


def _mix(wet: F32, dry: F32, last: float, aim: float) -> F32:
    """Wet, dry, or the glide from one to the other."""
    if last == aim:
        return wet if aim == 1.0 else dry
    return dry + _ramp(last, aim) * (wet - dry)


def _impulses(done: declick.DeclickHop, first: int) -> tuple[Impulse, ...]:
    """What is told of a hop's repairs; of the certainty what leaves with the hop says enough."""
    return tuple(
        Impulse(
            first + found.start,
            found.length,
            channel,
            found.peak,
            float(done.mask[channel, found.start : found.start + found.length].max(initial=0.5)),
        )
        for channel, findings in enumerate(done.findings)
        for found in findings
    )
