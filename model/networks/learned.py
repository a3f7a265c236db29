"""The trained detector and denoiser, run hop by hop; no torch. Any thread.

``load_learned(path)`` gives a :class:`LearnedDetector` or a :class:`LearnedDenoiser`. Both are
immutable: many streams share one, the state is a value that the caller keeps.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError
from model.networks.landing import LandingState, has_landed, levels_of
from model.networks.landing import initial_state as landing_state
from model.networks.network import F32, Network, NetworkState
from model.networks.onnx_file import Card, open_network
from model.networks.spectra import C64, analyse, synthesise, taken_out
from model.walls.difference_noise import DifferenceNoise, NoiseState

SILENCE = 1e-6  # full scale; under the least step of 16 bits


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
    sounding: NDArray[np.intp]
    landing: LandingState
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
        self._noise = DifferenceNoise(card.sample_rate, card.window // 2 + 1)

    def initial_state(self, channels: int) -> DenoiserState:
        """Return the state before the first sample."""
        history = np.zeros((channels, self.card.window - self.hop), np.float32)
        tail = np.zeros((channels, self.latency), np.float32)
        sounding = np.full(channels, self._window_hops)
        network = self.network.initial_state(channels)
        return DenoiserState(history, tail, network, sounding, landing_state(channels))

    def spread(self, state: DenoiserState, channels: int) -> DenoiserState:
        """The state of one channel as that of several which have sounded alike so far."""
        return DenoiserState(
            np.repeat(state.history, channels, axis=0),
            np.repeat(state.tail, channels, axis=0),
            self.network.spread(state.network, channels),
            np.repeat(state.sounding, channels),
            LandingState(*(np.repeat(part, channels, axis=0) for part in state.landing)),
        )

    def step(
        self,
        hop: F32,
        state: DenoiserState,
        reduction_db: float,
        difference: F32 | None = None,
    ) -> tuple[F32, DenoiserState]:
        """Denoise one float32 ``[C, n]``, ``n`` a multiple of ``hop``: the network runs for each.

        Parameters
        ----------
        reduction_db : float
            No bin is turned down further than this; at 0 the output is the delayed input, bit
            for bit, while the network keeps listening, so that turning the control never clicks.
        difference : float32 [1, n], optional
            Of the two walls that one channel was made of, at the same time.

        Returns
        -------
        restored : float32 [C, n]
            ``latency`` samples behind the input.
        state : the next state
        """
        n = hop.shape[1]
        dry = np.concatenate([state.history[:, -self.latency :], hop], axis=1)[:, :n]
        spectra, history = analyse(state.history, hop, self.latency + self.hop, self.hop)
        peaks = np.abs(hop.reshape(len(hop), -1, self.hop)).max(axis=2)
        moves, landed, sounding, landing = self._noticed(levels_of(spectra), peaks, state)
        target, after = self._heard(spectra, moves, landed, state.network)
        beside = state.beside
        if difference is not None:
            seen, beside = self._seen(difference, beside)
            for frame in np.flatnonzero(moves[:, 0]):
                heard, told = spectra[frame, 0], target[frame, 0]  # one sound, one channel
                known = self._noise.better(heard, seen[frame], told, beside.noise)
                beside = beside._replace(noise=known)
        if reduction_db == 0:  # whatever the network says, even what is no number
            noise = np.zeros_like(spectra)
        else:
            # Below 3 dB the correction of phases fades out too, so that 0 dB is exactly nothing.
            share = min(reduction_db / 3.0, 1.0)
            noise = taken_out(spectra, target, 10 ** (-reduction_db / 20), share)
        removed, tail = synthesise(noise, state.tail, self.hop)
        return dry - removed, DenoiserState(history, tail, after, sounding, landing, beside)

    def _seen(self, difference: F32, beside: Beside | None) -> tuple[C64, Beside]:
        """Return the difference's spectra, of the same moments as the sound's."""
        if beside is None:
            history = np.zeros((1, self.card.window - self.hop), np.float32)
            beside = Beside(history, self._noise.initial_state())
        seen, history = analyse(beside.history, difference, self.latency + self.hop, self.hop)
        return seen[:, 0], beside._replace(history=history)

    def _noticed(
        self, levels: F32, peaks: F32, state: DenoiserState
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.intp], LandingState]:
        """Say of each frame and channel whether it is remembered, and whether a needle landed.

        Between two cuts there is no record: what is known of its hiss must outlast the silence.
        """
        sounding, landing = state.sounding, state.landing
        moves, landed = np.ones((2, *levels.shape[:2]), np.bool_)
        for frame, now in enumerate(levels):
            sounding = np.where(peaks[:, frame] < SILENCE, 0, sounding + 1)
            moves[frame] = sounding >= self._window_hops
            landed[frame], after = has_landed(now, landing, self.hop / self.sample_rate)
            if not moves[frame].all():
                after = LandingState(*_held(after, landing, moves[frame]))
            landing = after
        return moves, landed & moves, sounding, landing

    def _heard(
        self,
        spectra: C64,
        moves: NDArray[np.bool_],
        landed: NDArray[np.bool_],
        state: NetworkState,
    ) -> tuple[C64, NetworkState]:
        """Let the network hear all frames; only the channels that move remember one."""
        parts = np.empty((*spectra.shape[:2], 1, 2, spectra.shape[2]), np.float32)
        parts[:, :, 0, 0], parts[:, :, 0, 1] = spectra.real, spectra.imag
        if moves.all() and not landed.any():
            restored, state = self.network.run_all(parts, state)
        else:
            results = []
            for frame, signal in enumerate(parts):
                if landed[frame].any():  # the hiss of this record is not known yet
                    unknown = self.network.initial_state(len(signal))
                    state = _held(unknown, state, landed[frame])
                result, after = self.network.run(signal, state)
                state = _held(after, state, moves[frame])
                results.append(result)
            restored = np.stack(results)
        target = np.empty_like(spectra)
        target.real, target.imag = restored[:, :, 0, 0], restored[:, :, 0, 1]
        return target, state

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
        return left, state._replace(history=joined[:, n:], tail=removed[:, n:], beside=beside)


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
