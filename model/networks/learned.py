"""The trained detector and denoiser, run hop by hop; no torch. Any thread.

``load_learned(path)`` gives a :class:`LearnedDetector` or a :class:`LearnedDenoiser`. Both are
immutable: many streams share one, the state is a value that the caller keeps.
"""

import ctypes
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import plan_of
from model.errors import RestorationError
from model.hiss.difference_noise import DifferenceNoise, NoiseState
from model.hiss.landing import BANDS, LandingState, edges_of, rules_of
from model.hiss.landing import initial_state as landing_state
from model.hiss.record_hiss import KnownHiss, RecordHiss
from model.networks.network import F32, Network, NetworkState
from model.networks.onnx_file import Card, open_network
from model.networks.spectra import C64, analyse, window_pair, written

SILENCE = 1e-6  # full scale; under the least step of 16 bits

_listen = function("denoise_listen", (*(ADDRESS,) * 3, COUNT, COUNT, *(ADDRESS,) * 7), COUNT)
_told = function("denoise_told", (ADDRESS, COUNT, COUNT, ADDRESS))
_take_out = function(
    "denoise_take_out",
    (*(ADDRESS,) * 3, NUMBER, NUMBER, ADDRESS, COUNT, COUNT, *(ADDRESS,) * 3),
)


class _Frames(ctypes.Structure):
    """As ``frames_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("plan", "before", "after", "edges", "landing")),
        ("silence", NUMBER),
        *((name, COUNT) for name in ("hop", "span", "latency", "window_hops", "bands")),
    )


class _Heard(ctypes.Structure):
    """As ``heard_t`` in ``model/c/core.h``."""

    _fields_ = tuple((name, ADDRESS) for name in ("history", "landing", "high", "sounding"))


class LearnedDetector:
    """Per-sample probability of an impulse, ``latency`` samples late."""

    def __init__(self, card: Card, network: Network) -> None:
        self.card = card
        self.name = card.name
        self.sample_rate = card.sample_rate
        self.hop = card.hop
        self.latency = card.latency
        self.network = network

    def initial_state(self, channels: int) -> NetworkState:
        """Return the state before the first sample."""
        return self.network.initial_state(channels)

    def spread(self, state: NetworkState, channels: int) -> NetworkState:
        """The state of one channel as that of several which have sounded alike so far."""
        return self.network.spread(state, channels)

    def step(self, hop: F32, state: NetworkState) -> tuple[F32, NetworkState]:
        """Judge one float32 ``[C, n]``, ``n`` a multiple of ``hop``.

        Returns
        -------
        probability : float32 [C, n], 0..1
            Column ``n`` judges the sample that came ``latency`` samples before column ``n``.
        state : the next state
        """
        frames = hop.reshape(len(hop), -1, self.hop).swapaxes(0, 1)
        logits, after = self.network.run_all(frames, state)
        logits = logits.swapaxes(0, 1).reshape(hop.shape)
        probability = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        return probability.astype(np.float32, copy=False), after


class DenoiserState(NamedTuple):
    """What a denoiser remembers: samples, spectral tail, and the network's own fields.

    ``sounding`` counts each channel's hops since the last one of digital silence.
    """

    history: F32
    tail: F32
    network: NetworkState
    sounding: NDArray[np.int64]
    landing: LandingState
    hiss: KnownHiss
    beside: "Beside | None" = None


class Beside(NamedTuple):
    """What is remembered of the walls' difference: samples, and what they told of the hiss."""

    history: F32
    noise: NoiseState


class LearnedDenoiser:
    """Lowers surface noise by up to the asked-for decibels, ``latency`` samples late."""

    def __init__(self, card: Card, network: Network) -> None:
        self.card = card
        self.name = card.name
        self.sample_rate = card.sample_rate
        self.hop = card.hop
        self.latency = card.latency
        self.network = network
        self._window_hops = -(-card.window // card.hop)
        self._bins = card.window // 2 + 1
        self._noise = DifferenceNoise(card.sample_rate, self._bins)
        self._hiss = RecordHiss(card.sample_rate, self._bins, card.hop / card.sample_rate)
        span = card.latency + card.hop
        self._windows = (
            window_pair(card.window, span).analysis,
            written(card.window, span, card.hop),
        )
        self._frames = _Frames(
            plan=address(plan_of(card.window)),
            before=address(self._windows[0]),
            after=address(self._windows[1]),
            edges=address(edges_of(self._bins)),
            landing=ctypes.addressof(rules_of(card.hop / card.sample_rate)),
            silence=SILENCE,
            hop=card.hop,
            span=span,
            latency=card.latency,
            window_hops=self._window_hops,
            bands=BANDS,
        )
        self._at = ctypes.addressof(self._frames)

    def initial_state(self, channels: int) -> DenoiserState:
        """Return the state before the first sample."""
        history = np.zeros((channels, self.card.window - self.hop), np.float32)
        tail = np.zeros((channels, self.latency), np.float32)
        sounding = np.full(channels, self._window_hops, np.int64)
        network = self.network.initial_state(channels)
        hiss = (self._hiss.initial_state(),) * channels
        return DenoiserState(history, tail, network, sounding, landing_state(channels), hiss)

    def spread(self, state: DenoiserState, channels: int) -> DenoiserState:
        """The state of one channel as that of several which have sounded alike so far."""
        return DenoiserState(
            np.repeat(state.history, channels, axis=0),
            np.repeat(state.tail, channels, axis=0),
            self.network.spread(state.network, channels),
            np.repeat(state.sounding, channels),
            LandingState(*(np.repeat(part, channels, axis=0) for part in state.landing)),
            state.hiss * channels,
        )

    def step(
        self,
        hop: F32,
        state: DenoiserState,
        reduction_db: float,
        difference: F32 | None = None,
        *,
        only_hiss: bool = False,
    ) -> tuple[F32, DenoiserState]:
        """Denoise one float32 ``[C, n]``, ``n`` a multiple of ``hop``: the network runs for each.

        Parameters
        ----------
        reduction_db : float
            No bin is turned down further than this; at 0 the output is the delayed input, bit
            for bit, while the network keeps listening, so that turning the control never clicks.
        difference : float32 [1, n], optional
            Of the two walls that one channel was made of, at the same time: it tells their hiss.
        only_hiss : bool
            Nothing but the groove is playing: learn this record's hiss from it.

        Returns
        -------
        restored : float32 [C, n]
            ``latency`` samples behind the input.
        state : the next state
        """
        channels, n = hop.shape
        frames, beside, hiss = n // self.hop, state.beside, state.hiss
        hop = np.ascontiguousarray(hop)
        spectra = np.empty((frames, channels, self._bins), np.complex64)
        parts = np.empty((frames, channels, 1, 2, self._bins), np.float32)
        history, tail = np.empty_like(state.history), np.empty_like(state.tail)
        landing = LandingState(*(part.copy() for part in state.landing))
        sounding, dry = state.sounding.copy(), np.empty_like(hop)
        moves, landed = np.empty((2, frames, channels), np.bool_)
        removed = frames * channels * (2 * self._bins + self.hop)  # floats, two to a number
        room = np.empty(5 * self.card.window + n + 2 + removed // 2 + 1)
        next_ = _Heard(*(address(part) for part in (history, *landing, sounding)))
        is_plain = _listen(
            *(self._at, address(state.history), address(hop), channels, n),
            *(address(spectra), address(parts), ctypes.addressof(next_)),
            *(address(moves), address(landed), address(dry), address(room)),
        )
        landed &= ~np.array([known.told for known in hiss])  # those whose hiss is known
        if is_plain or (moves.all() and not landed.any()):
            restored, after = self.network.run_all(parts, state.network)
        else:
            restored, after = self._heard(parts, moves, landed, state.network)
        if restored.shape != parts.shape or restored.dtype != parts.dtype:
            raise ValueError(f"the network answers {parts.shape} with {restored.shape}")
        target, restored = np.empty_like(spectra), np.ascontiguousarray(restored)
        _told(address(restored), frames * channels, self._bins, address(target))
        seen = None
        if difference is not None:
            seen, beside = self._seen(difference, beside)
        hiss, noise = self._bettered(
            *(spectra, target, moves, landed, hiss),
            *(seen, beside.noise if beside else None),
            only_hiss=only_hiss,
        )
        if beside is not None and noise is not None:
            beside = beside._replace(noise=noise)
        # Below 3 dB the correction of phases fades out too, so that 0 dB is exactly nothing.
        lowest, share = 10 ** (-reduction_db / 20), min(reduction_db / 3.0, 1.0)
        wanted = address(target) if reduction_db else None  # even where it is no number
        _take_out(
            *(self._at, address(spectra), wanted, lowest, share, address(state.tail)),
            *(channels, frames, address(dry), address(tail), address(room)),
        )
        return dry, DenoiserState(history, tail, after, sounding, landing, hiss, beside)

    def _bettered(
        self,
        spectra: C64,
        target: C64,
        moves: NDArray[np.bool_],
        landed: NDArray[np.bool_],
        hiss: KnownHiss,
        seen: C64 | None,
        noise: NoiseState | None,
        *,
        only_hiss: bool,
    ) -> tuple[KnownHiss, NoiseState | None]:
        """Make better what the network made of all frames, in place, by what is known of the hiss.

        Of one sound that two walls were made of, their difference tells it, unless they are one
        wall twice or somebody has said where to hear it.
        """
        after = []
        for channel, known in enumerate(hiss):
            for frame in np.flatnonzero(moves[:, channel]):
                heard, told = spectra[frame, channel], target[frame, channel]
                if landed[frame, channel]:
                    known = self._hiss.initial_state()
                if seen is not None and noise is not None and not (only_hiss or known.told):
                    before, noise = noise, self._noise.better(heard, seen[frame], told, noise)
                    if noise is not before:
                        continue
                known = self._hiss.better(heard, told, known, only_hiss=only_hiss)
            after.append(known)
        return tuple(after), noise

    def _seen(self, difference: F32, beside: Beside | None) -> tuple[C64, Beside]:
        """Return the difference's spectra, of the same moments as the sound's."""
        if beside is None:
            history = np.zeros((1, self.card.window - self.hop), np.float32)
            beside = Beside(history, self._noise.initial_state())
        seen, history = analyse(beside.history, difference, self.latency + self.hop, self.hop)
        return seen[:, 0], beside._replace(history=history)

    def _heard(
        self,
        parts: F32,
        moves: NDArray[np.bool_],
        landed: NDArray[np.bool_],
        state: NetworkState,
    ) -> tuple[F32, NetworkState]:
        """Let the network hear frame after frame; only the channels that move remember one."""
        results = []
        for frame, signal in enumerate(parts):
            if landed[frame].any():  # the hiss of this record is not known yet
                unknown = self.network.initial_state(len(signal))
                state = _held(unknown, state, landed[frame])
            result, after = self.network.run(signal, state)
            state = _held(after, state, moves[frame])
            results.append(result)
        return np.stack(results), state

    def pass_by(
        self, hop: F32, state: DenoiserState, difference: F32 | None = None
    ) -> tuple[F32, DenoiserState]:
        """Let one float32 ``[C, n]`` through as late as ever, without the network.

        What is known of the noise stays. The overlapping windows make the change a glide, both
        from here and back to :meth:`step`.
        """
        n = hop.shape[1]
        joined = np.concatenate([state.history, hop], axis=1)
        dry = joined[:, -self.latency - n :][:, :n]
        removed = np.concatenate([state.tail, np.zeros_like(hop)], axis=1)
        left = dry - removed[:, :n]
        beside = state.beside
        if difference is not None and beside is not None:
            kept = np.concatenate([beside.history, difference], axis=1)[:, n:]
            beside = beside._replace(history=kept)
        history, tail = (np.ascontiguousarray(part[:, n:]) for part in (joined, removed))
        return left, state._replace(history=history, tail=tail, beside=beside)


def load_learned(path: str | Path) -> LearnedDetector | LearnedDenoiser:
    """Read a model file that :mod:`training.export` wrote, and try it out on two hops.

    Raises
    ------
    RestorationError
        In one line: what is wrong with the file.
    """
    card, network = open_network(Path(path))
    model = (LearnedDetector if card.kind == "detector" else LearnedDenoiser)(card, network)
    _try_out(model, Path(path))
    return model


def _held(after: NetworkState, before: NetworkState, moves: NDArray[np.bool_]) -> NetworkState:
    """Let only some channels' memory move on; the others keep what they knew."""
    if moves.all():
        return after
    return tuple(
        np.where(moves.reshape(-1, *[1] * (new.ndim - 1)), new, old)
        for new, old in zip(after, before, strict=True)
    )


def _try_out(model: LearnedDetector | LearnedDenoiser, path: Path) -> None:
    """Run one silent and one noisy hop: shapes must fit and numbers stay finite."""
    # As good as noise here, and without the library of random numbers, which loads slowly.
    noise = (0.1 * np.sin(np.arange(2 * model.hop) ** 2)).astype(np.float32).reshape(2, -1)
    try:
        for hop in (np.zeros_like(noise), noise):
            if isinstance(model, LearnedDetector):
                result, after = model.step(hop, model.initial_state(2))
                shapes = [item.shape for item in after]
                before = [item.shape for item in model.initial_state(2)]
            else:
                result, state = model.step(hop, model.initial_state(2), 12.0)
                shapes = [item.shape for item in state.network]
                before = [item.shape for item in model.initial_state(2).network]
            if result.shape != hop.shape or shapes != before or not np.all(np.isfinite(result)):
                raise ValueError(f"it answers {hop.shape} with {result.shape}")
    except Exception as error:  # whatever the runtime raises for a graph that does not fit
        reason = str(error).splitlines()[0][:160]
        raise RestorationError(f"{path} does not work as a {model.card.kind}: {reason}") from None
