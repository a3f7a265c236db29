"""The restoration chain: one hop in, one hop out, state as a value. Runs on the engine's worker.

Declick, then the denoiser's place, then the mix with the equally delayed input. Every control
glides over one hop, so that turning it neither clicks nor shifts time.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model import declick
from model.settings import Settings

F32 = NDArray[np.float32]

HOP = 1024  # samples; the chain's fixed step
DENOISER_ROOM = 512  # samples kept for the denoiser, so that loading one never shifts time
LOWEST_RATE, HIGHEST_RATE = 4000, 50_000  # Hz; beyond, the caller resamples


class Impulse(NamedTuple):
    """One repaired impulse; ``start`` counts samples of the chain's input since its beginning."""

    start: int
    length: int
    channel: int
    peak: float


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
    """Everything the chain remembers between two hops."""

    declick: declick.DeclickState
    room: F32  # [wet, dry, mask, analytical] x channels x DENOISER_ROOM
    glide: Glide | None  # None before the first hop: start where the settings stand
    position: int  # samples taken in so far


class Chain:
    """Declick and denoise with one declared latency. Immutable: many streams may share one.

    Parameters
    ----------
    sample_rate : int
        Hz, ``LOWEST_RATE`` to ``HIGHEST_RATE``; 44.1 and 48 kHz are what it is tuned for.
    channels : int
        Restored independently: a click on one wall leaves the other as it is.

    Raises
    ------
    ValueError
        If the rate or the number of channels is out of range.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
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
        self.detector_name = "analytical"
        self.denoiser_name = "none"  # its room is kept, nothing is denoised

    def initial_state(self) -> ChainState:
        """The state before the first sample; assigning it is a reset."""
        return ChainState(
            declick.initial_state(self.channels),
            np.zeros((4, self.channels, DENOISER_ROOM), np.float32),
            None,
            0,
        )

    def step(
        self, hop: F32, state: ChainState, settings: Settings
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

        Raises
        ------
        ValueError
            If the hop has another shape.
        """
        if hop.shape != (self.channels, HOP):
            raise ValueError(f"hop is {hop.shape}; it must be {(self.channels, HOP)}")
        aim = _aim(settings)
        last = state.glide or aim
        thresholds = declick.Thresholds.of(settings, self.sample_rate)
        done, next_declick = declick.step(hop, state.declick, thresholds)
        acts = aim.depth > 0 and aim.wetness > 0
        rows = np.stack(
            [
                _apply(done, last, aim),
                done.original,
                done.mask if acts else np.zeros_like(done.mask),
                done.evidence,
            ]
        )
        joined = np.concatenate([state.room, rows], axis=2)
        wet, dry, mask, analytical = joined[:, :, :HOP]
        restored = _mix(wet, dry, last.wetness, aim.wetness)
        impulses = _impulses(done, state.position - declick.LOOKAHEAD) if acts else ()
        output = ChainOutput(restored, dry, mask, analytical, np.zeros_like(mask), impulses)
        return output, ChainState(next_declick, joined[:, :, HOP:], aim, state.position + HOP)


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


def _mix(wet: F32, dry: F32, last: float, aim: float) -> F32:
    """Wet, dry, or the glide from one to the other."""
    if last == aim:
        return wet if aim == 1.0 else dry
    return dry + _ramp(last, aim) * (wet - dry)


def _impulses(done: declick.DeclickHop, first: int) -> tuple[Impulse, ...]:
    return tuple(
        Impulse(first + found.start, found.length, channel, found.peak)
        for channel, findings in enumerate(done.findings)
        for found in findings
    )
