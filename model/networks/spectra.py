"""A short-time Fourier transform that streams: one hop in, one spectrum; one spectrum, one hop out.

The window looks further back than it writes: a long analysis tells neighbouring partials apart,
a short synthesis keeps the delay short. Any thread. With unchanged spectra the output
is the input, ``span - hop`` samples later.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, address, function
from model.declicking.ar import plan_of

F32 = NDArray[np.float32]
C64 = NDArray[np.complex64]

_spectra_of = function("spectra_of", (*(ADDRESS,) * 4, *(COUNT,) * 3, *(ADDRESS,) * 3))


class WindowPair(NamedTuple):
    """What a frame is multiplied by before and after; the product is a Hann window over a span.

    ``analysis`` has as many samples as the frame, ``synthesis`` as the span at its newest end.
    """

    analysis: F32
    synthesis: F32


@cache
def window_pair(window: int, span: int) -> WindowPair:
    """Return the windows for frames of ``window`` samples that write the newest ``span``.

    With ``span == window`` both are the root of a periodic Hann window.

    Raises
    ------
    ValueError
        If the span is longer than the window, or odd.

    Notes
    -----
    An analysis window that rises slowly and falls fast (Mauler and Martin 2007).
    """
    if not 2 <= span <= window or span % 2:
        raise ValueError(f"span is {span}; it must be even and at most the window of {window}")
    half = span // 2
    rise = np.sin(np.pi / 2 * np.arange(window - half) / (window - half))
    fall = np.cos(np.pi / 2 * np.arange(half) / half)
    hann = np.sin(np.pi * np.arange(span) / span) ** 2
    before = np.concatenate([rise, fall])
    newest = before[-span:]
    after = np.divide(hann, newest, out=np.zeros(span), where=newest > 0)
    pair = WindowPair(before.astype(np.float32), after.astype(np.float32))
    for shape in pair:
        shape.setflags(write=False)
    return pair


def overlap_gain(span: int, hop: int) -> float:
    """Return the sum of the overlapping Hann windows.

    Raises
    ------
    ValueError
        If the hop does not divide the span at least twice.
    """
    if hop < 1 or span % hop or span // hop < 2:
        raise ValueError(f"hop is {hop}; it must divide the span of {span} at least twice")
    return span / hop / 2


def analyse(history: F32, sound: F32, span: int, hop: int) -> tuple[C64, F32]:
    """Return the spectra ``[frames, C, window // 2 + 1]``, one a hop, and the next history.

    Parameters
    ----------
    history : float32 [C, window - hop]
        The samples before these; zeros at the beginning.
    sound : float32 [C, frames * hop]
    span : int
        How many of a window's newest samples will be written.
    hop : int
    """
    channels, n = sound.shape
    window = history.shape[1] + hop
    shape = window_pair(window, span).analysis
    history, sound = (np.ascontiguousarray(part, np.float32) for part in (history, sound))
    spectra = np.empty((n // hop, channels, window // 2 + 1), np.complex64)
    after, room = np.empty_like(history), np.empty(5 * window + n + 2)
    came = address(shape), address(history), address(sound)
    told = address(spectra), address(after), address(room)
    _spectra_of(address(plan_of(window)), *came, channels, n, hop, *told)
    return spectra, after


@cache
def written(window: int, span: int, hop: int) -> F32:
    """The window after the transform, for overlapping spans."""
    shape = window_pair(window, span).synthesis / np.float32(overlap_gain(span, hop))
    shape.setflags(write=False)
    return shape
