"""The restoration chain: hops in, hops out, state as a value. Runs on the engine's worker.

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
from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking import declick
from model.hiss.record_hiss import KnownHiss
from model.networks.learned import DenoiserState, LearnedDetector
from model.settings import Settings

F32 = NDArray[np.float32]

HOP = 1024  # samples; the chain's fixed step
DENOISER_ROOM = 512  # samples of delay kept for the denoiser: loading one never shifts time
LOUDEST = 1.12  # of the input's peak nearby, just under 1 dB: no output passes it
ANALYTICAL = Models()
DENOISER, DETECTOR = "denoiser", "detector"
NOTHING: frozenset[str] = frozenset()
REHEARSAL = 4  # hops until a detector that was left out has heard enough to have a say again
LOWEST_RATE, HIGHEST_RATE = 4000, 50_000  # Hz; beyond, the caller resamples

_bound = function("bound_hops", (ADDRESS, ADDRESS, *(COUNT,) * 4, NUMBER, ADDRESS, ADDRESS))


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
    """What hops give; every array is float32 ``[channels, n]``, delayed by ``latency``.

    ``mask`` is the probability of what was acted upon, 0 elsewhere; ``analytical`` and ``learned``
    are the detectors' own probabilities in 0..1; ``dry`` is the input; what was removed is
    ``dry - restored``. ``impulses`` were settled with these hops and may lie up to
    ``DENOISER_ROOM`` samples ahead of them.
    """

    restored: F32
    dry: F32
    mask: F32
    analytical: F32
    learned: F32
    impulses: tuple[Impulse, ...]


def joined(outputs: Sequence[ChainOutput]) -> ChainOutput:
    """What came out one after the other, as one."""
    if len(outputs) == 1:
        return outputs[0]
    signals = zip(*(output[:5] for output in outputs), strict=True)
    restored, dry, mask, analytical, learned = (np.concatenate(part, axis=1) for part in signals)
    impulses = tuple(found for output in outputs for found in output.impulses)
    return ChainOutput(restored, dry, mask, analytical, learned, impulses)


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
        """Restore one hop, or as many as are at hand: together they take less time.

        Parameters
        ----------
        hop : float32 [channels, n]
            Finite samples, full scale is +-1; ``n`` is a multiple of ``HOP``.
        state : ChainState
            Left untouched; the next state is a new value.
        settings : Settings
            The snapshot for these hops.
        without : frozenset of str
            Which of ``relief`` rest meanwhile, because there is no time for them.
        difference : float32 [1, n], optional
            Of the two walls that one channel was made of: it tells the denoiser their hiss.

        Raises
        ------
        ValueError
            If the hop has another shape.
        """
        channels, n = hop.shape if hop.ndim == 2 else (0, 0)
        if channels != self.channels or not n or n % HOP:
            raise ValueError(f"hop is {hop.shape}; it must be ({self.channels}, n times {HOP})")
        if len(state.peak) == self.channels:
            return self._restored(hop, state, settings, without, difference)
        alike = _alike(hop)
        if not alike:
            return self._restored(hop, self._spread(state), settings, without)
        if alike < n:
            one, state = self.step(hop[:, :alike], state, settings, without)
            other, state = self.step(hop[:, alike:], state, settings, without)
            return joined([one, other]), state
        output, after = self._restored(hop[:1], state, settings, without)
        return _copied(output, self.channels), after

    def known_hiss(self, state: ChainState) -> KnownHiss:
        """What has been learned of the record's hiss; nothing where there is no denoiser."""
        denoiser = state.denoiser
        return denoiser.hiss if isinstance(denoiser, DenoiserState) else ()

    def with_hiss(self, state: ChainState, hiss: KnownHiss) -> ChainState:
        """A state that knows a record's hiss, as :meth:`known_hiss` gave it elsewhere."""
        if not hiss or not isinstance(state.denoiser, DenoiserState):
            return state
        if len(hiss) > len(state.denoiser.hiss):
            state = self._spread(state)
        elif len(hiss) < len(state.denoiser.hiss):
            hiss = hiss * len(state.denoiser.hiss)
        return state._replace(denoiser=state.denoiser._replace(hiss=hiss))

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
        """Restore hops of as many channels as the state holds."""
        aim = _aim(settings)
        last = state.glide or aim
        listens = None if DETECTOR in without else self._detector
        probability, detector = _judged(listens, hop, state.detector)
        done, next_declick, unheard = self._declicked(hop, probability, listens, state, settings)
        beside, later = _as_late(difference, state.difference)
        wet, denoiser = _denoised(
            self._denoiser,
            _apply(done, last, aim),
            state.denoiser,
            None if DENOISER in without else settings.hiss_reduction_db,
            beside,
            only_hiss=settings.learn_hiss,
        )
        acts = aim.depth > 0 and aim.wetness > 0
        channels, n = hop.shape
        room = np.empty((3, channels, DENOISER_ROOM + n), np.float32)
        room[..., :DENOISER_ROOM] = state.room
        room[0, :, DENOISER_ROOM:] = done.original
        room[1, :, DENOISER_ROOM:] = done.mask if acts else 0.0
        room[2, :, DENOISER_ROOM:] = done.evidence
        dry, mask, analytical = room[..., :n]
        heard = np.concatenate([state.heard, probability], axis=1)
        bounded, peak = _bounded(wet, state.peak, room[0])
        restored = _mix(bounded, dry, last.wetness, aim.wetness)
        impulses = _impulses(done, state.position - declick.LOOKAHEAD) if acts else ()
        output = ChainOutput(restored, dry, mask, analytical, heard[:, :n], impulses)
        return output, ChainState(
            detector,
            unheard,
            heard[:, n:],
            next_declick,
            denoiser,
            room[..., n:],
            peak,
            aim,
            state.position + n,
            later,
        )

    def _declicked(
        self,
        hop: F32,
        probability: F32,
        listens: LearnedDetector | None,
        state: ChainState,
        settings: Settings,
    ) -> tuple[declick.Declicked, declick.DeclickState, int]:
        """Return what was found, and in how many hops more the detector has no say."""
        hops = hop.shape[1] // HOP
        if not listens:
            done, after = self._declick(hop, None, state.declick, settings)
            unheard = REHEARSAL
        else:
            unheard = max(state.unheard - hops, 0)
            silent = min(max(state.unheard - 1, 0), hops) * HOP  # until it has a say
            learned = declick.Learned(probability, listens.latency)
            if not silent:
                done, after = self._declick(hop, learned, state.declick, settings)
            elif silent == hop.shape[1]:
                done, after = self._declick(hop, None, state.declick, settings)
            else:
                told = learned._replace(probability=probability[:, silent:])
                one, after = self._declick(hop[:, :silent], None, state.declick, settings)
                other, after = self._declick(hop[:, silent:], told, after, settings)
                done = declick.joined(one, other)
        if self._spared:
            first = state.position - declick.LOOKAHEAD
            done = _sparing(done, first, self._spared_from(first, first + hop.shape[1]))
        return done, after, unheard

    def _declick(
        self,
        hop: F32,
        learned: declick.Learned | None,
        state: declick.DeclickState,
        settings: Settings,
    ) -> tuple[declick.Declicked, declick.DeclickState]:
        thresholds = declick.thresholds_of(settings, self.sample_rate, learned is not None)
        return declick.step(hop, state, thresholds, learned, HOP)

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
        self,
        hop: F32,
        state: F32,
        _reduction_db: float,
        _difference: F32 | None = None,
        *,
        only_hiss: bool = False,  # noqa: ARG002 - as a denoiser is asked
    ) -> tuple[F32, F32]:
        joined = np.concatenate([state, hop], axis=1)
        return joined[:, : hop.shape[1]], joined[:, hop.shape[1] :]


def _alike(hop: F32) -> int:
    """Of how many samples, in whole hops, all channels hold the same bits."""
    bits = np.ascontiguousarray(hop).view(np.uint32)
    differ = (bits != bits[:1]).any(axis=0)
    return int(differ.argmax()) // HOP * HOP if differ.any() else hop.shape[1]


def _copied(output: ChainOutput, channels: int) -> ChainOutput:
    """What one channel gave, on all of them."""
    every = (
        Impulse(start, length, n, peak, certainty)
        for start, length, _, peak, certainty in output.impulses
        for n in range(channels)
    )
    restored, dry, mask, analytical, learned = (
        np.repeat(part, channels, axis=0) for part in output[:5]
    )
    return ChainOutput(restored, dry, mask, analytical, learned, tuple(every))


def _judged(detector: LearnedDetector | None, hop: F32, state: Any) -> tuple[F32, Any]:
    """Return the learned probability of each sample, as late as the detector is."""
    if detector is None:
        return np.zeros_like(hop), state
    return detector.step(hop, state)


def _as_late(difference: F32 | None, before: F32 | None) -> tuple[F32 | None, F32 | None]:
    """Return the walls' difference as late as what the declicker lets go, and what is to come."""
    if difference is None:
        return None, None
    if before is None:
        before = np.zeros((1, declick.LOOKAHEAD), np.float32)
    passing, n = np.concatenate([before, difference], axis=1), difference.shape[1]
    return passing[:, :n], passing[:, n:]


def _denoised(
    denoiser: Any,
    hop: F32,
    state: Any,
    reduction_db: float | None,
    difference: F32 | None,
    *,
    only_hiss: bool,
) -> tuple[F32, Any]:
    """Return the hop that leaves the denoiser, ``DENOISER_ROOM`` samples late; None: it rests."""
    beside = () if difference is None else (difference,)
    if reduction_db is None:
        left: tuple[F32, Any] = denoiser.pass_by(hop, state, *beside)
    else:
        left = denoiser.step(hop, state, reduction_db, *beside, only_hiss=only_hiss)
    return left


def _sparing(done: declick.Declicked, first: int, spans: list[Spared]) -> declick.Declicked:
    """Take back what was done in some stretches; ``first`` is the sample that leaves first."""
    if not spans:
        return done
    mask, findings = done.mask.copy(), done.findings
    for span in spans:
        channels = range(len(mask)) if span.channel is None else (span.channel,)
        for channel in channels:
            mask[channel, max(span.start - first, 0) : max(span.end - first, 0)] = 0.0
        findings = tuple(
            found
            for found in findings
            if found.channel not in channels or not span.start <= first + found.start < span.end
        )
    repaired = np.where(mask > 0, done.repaired, done.original)
    return done._replace(mask=mask, repaired=repaired, findings=findings)


def _aim(settings: Settings) -> Glide:
    return Glide(
        depth=settings.depth if settings.declick else 0.0,
        attenuation=1.0 if settings.repair == "attenuate" else 0.0,
        wetness=0.0 if settings.bypass else 1.0,
    )


def _ramp(start: float, end: float, n: int) -> F32 | np.float32:
    """From one to the other in the first of so many samples' hops."""
    if start == end:
        return np.float32(end)
    ramp = np.full(n, end, np.float32)
    ramp[:HOP] = np.linspace(start, end, HOP + 1, dtype=np.float32)[1:]
    return ramp


def _apply(done: declick.Declicked, last: Glide, aim: Glide) -> F32:
    """``x + depth * (repaired - x)`` or ``x * (1 - depth * mask)``; exactly x where mask is 0."""
    if not done.mask.any():
        return done.original
    n = done.mask.shape[1]
    depth = _ramp(last.depth, aim.depth, n)
    attenuation = _ramp(last.attenuation, aim.attenuation, n)
    change = (1 - attenuation) * (done.repaired - done.original)
    change -= attenuation * done.mask * done.original
    return np.where(done.mask > 0, done.original + depth * change, done.original)


def _bounded(wet: F32, last_peak: F32, dry: F32) -> tuple[F32, F32]:
    """Keep the restored sound within 1 dB of its surroundings' peak, as they came.

    Whatever takes a part out of a full-scale sound may let the rest stand higher: of white noise
    without its treble, of a square wave without its edges. Where it does not, nothing changes.
    Returns also the peak of the dry sound in the last hop.
    """
    channels, n = wet.shape
    wet, bounded, peak = np.ascontiguousarray(wet), np.empty_like(wet), last_peak.copy()
    came = address(wet), address(dry)
    _bound(*came, channels, n, HOP, DENOISER_ROOM, LOUDEST, address(peak), address(bounded))
    return bounded, peak


def _mix(wet: F32, dry: F32, last: float, aim: float) -> F32:
    """Wet, dry, or the glide from one to the other in the first hop."""
    if last == aim:
        return wet if aim == 1.0 else dry
    gliding = dry + _ramp(last, aim, dry.shape[1]) * (wet - dry)
    gliding[:, HOP:] = (wet if aim == 1.0 else dry)[:, HOP:]
    return gliding


def _impulses(done: declick.Declicked, first: int) -> tuple[Impulse, ...]:
    return tuple(
        Impulse(first + start, length, channel, peak, certainty)
        for channel, start, length, peak, certainty in done.findings
    )
