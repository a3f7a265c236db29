"""The compiled core: what of the model is written in C, ``model/c``, and how it is called.

A function takes addresses of arrays, lengths and numbers; it keeps nothing and allocates nothing.
A call costs about a microsecond, the address of an array half of that, so whole stages are
functions, not single sums. Any thread; a call keeps the interpreter meanwhile, because to get it
back from the other threads, a hundred times a hop, would take longer than the call.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from model.errors import RestorationError

ADDRESS = ctypes.c_void_p
COUNT = ctypes.c_int64
NUMBER = ctypes.c_double

_begun: Callable[[Any], ctypes.c_char] = ctypes.c_char.from_buffer  # NumPy does not say it fits

_ENDINGS = {"win32": "dll", "darwin": "dylib"}
LIBRARY = Path(__file__).with_name("c") / f"core.{_ENDINGS.get(sys.platform, 'so')}"
WIDE = LIBRARY.with_stem("core_x86_64_v3")  # the same, for processors with vectors of eight floats
BASELINE = "SHELLAC_BASELINE"  # a variable: set, the library for every processor is taken


def _loaded() -> ctypes.PyDLL:
    try:
        library = ctypes.PyDLL(str(LIBRARY))
        can_more = library.core_has_wide_vectors() and not os.environ.get(BASELINE)
        return ctypes.PyDLL(str(WIDE)) if can_more and WIDE.exists() else library
    except OSError:
        raise RestorationError(
            f"the compiled core {LIBRARY} is missing or not for this system; run 'make install', "
            "or install Shellac again with pip"
        ) from None


_library = _loaded()


def function(name: str, takes: tuple[Any, ...], gives: Any = None) -> Callable[..., Any]:
    """Return a function of the core.

    Parameters
    ----------
    name : str
    takes : tuple of ``ADDRESS``, ``COUNT`` and ``NUMBER``
        What its parameters are, in order.
    gives : ``COUNT`` or ``NUMBER``, optional

    Raises
    ------
    RestorationError
        The library is that of another version.
    """
    try:
        found = getattr(_library, name)
    except AttributeError:
        raise RestorationError(
            f"the compiled core {LIBRARY} is that of another version; run 'make install', or "
            "install Shellac again with pip"
        ) from None
    found.argtypes, found.restype = takes, gives
    return found  # type: ignore[no-any-return]


def address(array: NDArray[Any]) -> int:
    """Where an array begins, which must be contiguous and outlive the call.

    Raises
    ------
    ValueError
        If it is not contiguous.
    """
    try:
        return ctypes.addressof(_begun(array))  # a fifth of the time
    except (TypeError, ValueError, BufferError):  # read-only, empty or with gaps
        if not array.flags.c_contiguous:
            raise ValueError("the core takes contiguous arrays only; copy it before") from None
        return int(array.ctypes.data)


def fingerprint() -> str:
    """Return from which sources the library was compiled."""
    told = function("core_fingerprint", (), ctypes.c_char_p)()
    return str(told.decode())
