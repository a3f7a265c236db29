"""A record's hiss, learned where nothing else plays, and a denoiser's gains made better by it.

A network judges what it hears now; how loud this record hisses it forgets within seconds. Here it
is kept, in thirds of an octave: from the groove before the music, from pauses, from the bands and
bins that the music leaves free, and from stretches of which somebody says that they hold nothing
else. Where music has always played the network's word stands alone. State as a value; any thread.
"""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.hiss.hiss_bands import BETTERED, BIN_ROWS, hiss_bands

C64 = NDArray[np.complex64]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LIFTED_S = 0.5  # without even the hiss: the needle is up, and another record may follow
IS_LIFTED = 2  # what the core says of such a frame
FORGOTTEN_S = 90.0  # in which a band that music covers is believed by e times less
_HEARD = {
    "is_hiss": 0.35,  # gain of a bin, below which the network hears nothing but hiss there
    "least_share": 0.25,  # of a band's bins, that must be so
    "hiss_frames": 4.0,  # over which their power is averaged
    "middle": 0.5,  # quantile that counts as the hiss in a pause: a frame may hold a hole
    "step": 0.03,  # nepers
    "known": 10.0,  # frames of a band as hiss, by which it is half believed
    "sure": 300.0,  # beyond, they count no more
    # Share of all bins that is hiss, averaged over so many frames: up to the one music is playing,
    # from the other it pauses.
    "free_frames": 8.0,
    "busy": 0.6,
    "free": 0.95,
    "alone": 0.97,  # the same of one band: from here to 1 there is no music in it
    # What is heard between the notes holds some of the music: how far it is believed, how many
    # frames one counts for, and the quantile then.
    "while_busy": 0.03,
    "busy_told": 0.3,
    "under": 0.3,
    # Unless a level is too low or too high by so many nepers, in part or wholly: another hiss has
    # begun, or the groove before the music hissed more. Between the notes it is hardly ever less.
    "too_low": 1.0,
    "far_too_low": 2.0,
    "too_high": 0.3,
    "far_too_high": 0.8,
    "fewest": 3.0,  # bands that must be heard, before the others follow them down
    "most_over": 30.0,  # times its level, for which one frame of hiss counts at most
    # Nepers from the quantile to the mean: up to here a hiss is steady; of one that crackles, by
    # how much for each more it is taken to be louder, and at most.
    "steady": 0.15,
    "raised": 1.3,
    "most_raised": 1.5,
    # And of one that is steady enough to be believed, and one that is not at all, as with a lossy
    # copy's holes.
    "calm": 1.0,
    "wild": 2.5,
    "lifted": 2.3,  # nepers below the hiss, where no needle is in the groove, ...
    "lifted_share": 0.8,  # ... in so many of the bands that are known
    "faint": 1e-12,  # power of a spectrum, below which a bin is silent
}


class _Hiss(ctypes.Structure):
    """As ``hiss_t`` in ``model/c/hiss.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("starts", "counts", "below", "way")),
        *((name, NUMBER) for name in ("is_hiss", "least_share", "hiss_frames", "middle", "step")),
        *((name, NUMBER) for name in ("known", "sure", "forget", "calm", "wild", "faint")),
        *((name, NUMBER) for name in ("lifted", "lifted_share")),
        *((name, NUMBER) for name in ("free_frames", "busy", "free", "alone")),
        *((name, NUMBER) for name in ("while_busy", "busy_told", "under")),
        *((name, NUMBER) for name in ("too_low", "far_too_low", "too_high", "far_too_high")),
        *((name, NUMBER) for name in ("fewest", "most_over")),
        *((name, NUMBER) for name in ("steady", "raised", "most_raised")),
        *((name, NUMBER) for name in ("network", "lasting", "last", "above", "lasting_frames")),
        *((name, NUMBER) for name in ("fresh", "faintest", "hold", "least_gain", "faint_bin")),
        *((name, COUNT) for name in ("bands", "bins")),
    )


_better = function("hiss_better", (*(ADDRESS,) * 4, COUNT, COUNT, *(ADDRESS,) * 4), COUNT)
_size = function("hiss_size", (), COUNT)


class HissState(NamedTuple):
    """What is known of one channel.

    ``bands`` float64 ``[5, bands]``: the logarithm of the hiss's power, in how many frames it was
    heard, its power averaged over a moment, and, over that level, over all of them; the share of
    its bins that is hiss, averaged over a moment. ``bins`` float32 ``[BIN_ROWS, bins]``: each
    bin's power over the hiss, averaged, that of the music which the last frame left, and its gain.
    ``told``: somebody has said where to hear it; ``lifted``: for how many frames even the hiss has
    been gone.
    """

    bands: F64
    bins: F32
    frames: int
    told: bool = False
    lifted: int = 0


KnownHiss = tuple[HissState, ...]  # of each channel


class RecordHiss:
    """Learns the hiss of one channel, and makes a denoiser's gains better ones.

    Parameters
    ----------
    sample_rate : float
        Hz.
    bins : int
        Of one spectrum, from 0 Hz to half the rate.
    hop_s : float
        Seconds from frame to frame.
    """

    def __init__(self, sample_rate: float, bins: int, hop_s: float) -> None:
        self._laid = hiss_bands(sample_rate, bins)  # outlives the calls
        self._bands, self._bins = len(self._laid.starts), bins
        self._most_lifted = round(LIFTED_S / hop_s)
        self._it = _Hiss(
            *(address(part) for part in self._laid),
            forget=float(np.exp(-hop_s / FORGOTTEN_S)),
            bands=self._bands,
            bins=bins,
            **_HEARD,
            **BETTERED,
        )
        self._at = ctypes.addressof(self._it)

    def initial_state(self) -> HissState:
        """Nothing is known."""
        return HissState(
            np.zeros((5, self._bands)), np.zeros((BIN_ROWS, self._bins), np.float32), 0
        )

    def better(
        self, spectrum: C64, target: C64, state: HissState, *, only_hiss: bool = False
    ) -> HissState:
        """Make better what the denoiser made of one frame, in place, and learn from it.

        Parameters
        ----------
        spectrum, target : complex64 [bins]
            What was heard, and what the denoiser made of it.
        only_hiss : bool
            Nothing but the groove is playing, whatever the network hears.
        """
        bands, bins = np.empty_like(state.bands), np.empty_like(state.bins)
        room = np.empty(2 * self._bins + self._bands + 2)
        known = address(state.bands), address(state.bins), state.frames, int(only_hiss)
        new = address(bands), address(bins), address(target), address(room)
        said = _better(self._at, address(spectrum), *known, *new)
        lifted = state.lifted + 1 if said == IS_LIFTED else 0
        told = only_hiss or (state.told and lifted < self._most_lifted)
        return HissState(bands, bins, state.frames + 1 if said else 0, told, lifted)


assert _size() == ctypes.sizeof(_Hiss), "hiss_t and _Hiss differ"
