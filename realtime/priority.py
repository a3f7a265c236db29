"""Giving the engine's threads precedence over everything that is not sound. Engine child only."""

import gc
import os
import sys
from functools import cache

# All below the sound server (PulseAudio's threads have 5, PipeWire's more): a hop takes longer than
# the server may be late, and whoever keeps it waiting makes the devices run dry.
CALLBACKS = 3  # device threads inherit it from the thread that opens the stream
WORKER = 2
# All other threads of the child: each may hold the interpreter lock that the worker waits for,
# and must not be kept from giving it back by a busy program on the same core.
OTHERS = 1


def raise_priority(level: int) -> bool:
    """Put the calling thread under SCHED_FIFO; False where the system does not permit it."""
    if not hasattr(os, "sched_setscheduler"):
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(level))
    except OSError:
        return False
    return True


@cache
def settle_memory() -> None:
    """Let the garbage collector never walk again through what exists now; once in a process."""
    gc.collect()
    gc.freeze()


def hand_on_soon() -> None:
    """Let no thread keep the interpreter lock for long while another one waits for it."""
    # Seconds until a Python thread gives the lock away. A hop takes the lock some hundred times:
    # beside a thread that writes a sidecar it took 22 ms with 0.0005, and takes 11 with this.
    sys.setswitchinterval(0.00005)
