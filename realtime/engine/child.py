"""The engine's process as its parent holds it: begun early, told later what it is to carry.

What takes long before the first sound is the import of all that carries it. The child does that by
itself, while the parent still reads its command line and presets; nothing is opened before the
parent says what.
"""

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import ModuleType
from typing import TYPE_CHECKING

from realtime.priority import OTHERS, hand_on_soon, raise_priority
from realtime.shared_memory import SharedState
from realtime.stderr import quiet_stderr

if TYPE_CHECKING:
    from realtime.config import StreamConfig

# The chain's small matrices gain nothing from helper threads, and they would take the second core.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
NEEDED_FIRST = ("numpy", "realtime.devices.device_streams", "realtime.engine.rehearsal")
NEEDED_THEN = ("model.chain", "realtime.restorer.warm_up", "realtime.engine.process")


class EngineChild:
    """One process, the memory it shares with this one, and this end of the pipe to it.

    Attributes
    ----------
    shared : SharedState
    pipe : Connection
    process : SpawnProcess
    """

    def __init__(self) -> None:
        context = get_context("spawn")
        self.shared = SharedState()
        self.pipe, self._far_end = context.Pipe()
        self.process = context.Process(
            target=_be_engine,
            args=(self.shared, self._far_end),
            name="shellac-engine",
            daemon=True,
        )

    def begin(self) -> None:
        """Spawn it, unless it was; it prepares itself and waits for what it is to carry."""
        if self.process.pid:
            return
        with _environment(ONE_THREAD), _no_main_module():
            self.process.start()
        self._far_end.close()

    def carry(self, config: "StreamConfig") -> None:
        """Say what to carry; it answers through the pipe."""
        self.begin()
        with contextlib.suppress(OSError):  # it died, which whoever listens to the pipe notices
            self.pipe.send(config)


_waiting: list[EngineChild] = []  # at most one; the main thread's


def begin_early() -> None:
    """Have a child prepare itself, for the engine that will be made in a moment."""
    if not _waiting:
        _waiting.append(EngineChild())
        _waiting[0].begin()


def engine_child() -> EngineChild:
    """Return the child that has been preparing itself, else one that has not begun."""
    child = _waiting.pop() if _waiting else EngineChild()
    return EngineChild() if child.process.exitcode is not None else child


def _be_engine(shared: SharedState, pipe: Connection) -> None:
    """Be the child: import, wait for what to carry, carry it."""
    for name in ("SIGINT", "SIGHUP"):  # they go to the whole group: the parent decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    gc.disable()  # until everything is there: it would look at it again and again
    from realtime.engine.memory import keep_large_buffers_apart

    keep_large_buffers_apart()
    hand_on_soon()
    for module in NEEDED_FIRST:
        with contextlib.suppress(OSError), quiet_stderr():  # no PortAudio: a file needs none
            import_module(module)
    for module in NEEDED_THEN:
        if pipe.poll():
            break
        import_module(module)
    try:
        config = pipe.recv()
    except (EOFError, OSError):  # the parent has no need of an engine after all
        return
    from realtime.engine.rehearsal import Rehearsal

    raise_priority(OTHERS)
    rehearsal = Rehearsal(config)
    rehearsal.start()
    from realtime.engine.process import run_engine

    run_engine(config, shared, pipe, rehearsal)


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """Have no program to be imported once more by what is spawned inside.

    ``multiprocessing`` does so for functions that lie in the program itself.
    """
    program = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program


class _environment:  # noqa: N801 (used like a function)
    """Set environment variables for what is spawned inside, then put the old ones back."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._variables}
        os.environ.update(self._variables)

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
