"""Many files through the same chain, one after the other or several at a time.

The caller's thread draws the progress; with several jobs each file is restored in a process of
its own, because one chain keeps one core busy.
"""

import multiprocessing
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.synchronize import Event
from typing import Any

from model.chain import Chain
from model.checkpoints import Selection, load_models
from model.errors import RestorationError, one_line, system_error
from model.settings import Settings
from realtime import priority
from realtime.archive.restore_report import RestoreReport
from realtime.batch.jobs import RestoreJob
from realtime.batch.restore import restore_file
from realtime.batch.resume import is_done
from realtime.batch.summary import Outcome, Skipped, summary_table
from realtime.logbook import log as program_log
from realtime.soundfiles.walls import aligned_record, wall_kind_of
from realtime.soundfiles.writing import remove_unfinished
from realtime.terminal.stop_signals import ignore_stop_signals, let_stop_signals_interrupt
from realtime.units import clock

log = program_log.getChild("restore")

LOOK_EVERY_S = 0.1
Progress = Callable[[int, int], None]  # samples done, samples in all (0: unknown)
Advance = Callable[[RestoreJob, int, int], None]


def run_jobs(
    jobs: Sequence[RestoreJob],
    settings: Settings,
    at_once: int = 1,
    models: Selection = (),
    quiet: bool = False,
) -> None:
    """Restore every file, print a line for each; a file that fails does not stop the others.

    ``models`` are networks in place of the shipped ones; see :mod:`model.checkpoints`. ``quiet``
    leaves of all that is told what went wrong and what speaks against a result.

    Raises
    ------
    RestorationError
        At the end, if any failed.
    """
    let_stop_signals_interrupt()
    load_models(models)  # an unusable one is said once, before any work
    run = _run_here if at_once == 1 or len(jobs) == 1 else _run_in_processes
    tell = _say_nothing if quiet else print
    failures, outcomes = [], []
    began = time.monotonic()
    with _ProgressBars(quiet) as bars:
        for job, outcome in run(jobs, settings, models, at_once, bars.advance):
            bars.remove(job)
            outcomes.append((job, outcome))
            log.info("%s", _log_line(job, outcome))
            if isinstance(outcome, RestorationError):
                failures.append(outcome)
                if len(jobs) > 1:
                    print(f"shellac: {one_line(outcome)}", file=sys.stderr)
            elif isinstance(outcome, Skipped):
                done = f"done before, {job.target} is as it should be"
                tell(one_line(f"{job.source}: {outcome.why or done}"))
            else:
                tell(one_line(_result_line(job, outcome)))
                for remark in (*job.remarks, *outcome.remarks):
                    line = one_line(f"{job.source}: {remark}")
                    print(line, file=sys.stderr if quiet else sys.stdout)
    if len(jobs) > 1 and not quiet:
        print("\n".join(["", *summary_table(outcomes, time.monotonic() - began)]))
    if len(jobs) == 1 and failures:
        raise failures[0]
    if failures:
        raise RestorationError(f"{len(failures)} of {len(jobs)} files could not be restored")


def _say_nothing(_line: str) -> None:
    """Stand in for ``print``."""


def _log_line(job: RestoreJob, outcome: Outcome) -> str:
    if isinstance(outcome, RestorationError):
        return f"{job.source} failed: {outcome}"
    if isinstance(outcome, Skipped):
        return f"{job.source}: {outcome.why or 'done before'}"
    return _result_line(job, outcome)


def _result_line(job: RestoreJob, report: RestoreReport) -> str:
    counts = f"{report.crackle} crackle, {report.clicks} clicks, {report.pops} pops"
    return (
        f"{job.source} -> {job.target}: {clock(report.seconds)} in {report.elapsed_s:.1f} s "
        f"({report.times_real_time:.1f} x real time), {report.impulses} impulses "
        f"({report.impulse_rate:.1f} per second: {counts}); "
        f"detector {report.detector}, denoiser {report.denoiser}{_groove_words(report)}"
    )


def _groove_words(report: RestoreReport) -> str:
    words = f"; groove {report.record.groove}: {report.groove_found}" if report.groove_found else ""
    if report.wall_damage:
        left, right = (f"{100 * share:.1f} %" for share in report.wall_damage)
        words += f"; damaged: left wall {left}, right wall {right} of the time"
    return words


def _run_here(
    jobs: Sequence[RestoreJob],
    settings: Settings,
    models: Selection,
    _at_once: int,
    advance: Advance,
) -> Iterator[tuple[RestoreJob, Outcome]]:
    for job in jobs:
        yield job, _restore(job, settings, models, partial(advance, job))


def _run_in_processes(
    jobs: Sequence[RestoreJob],
    settings: Settings,
    models: Selection,
    at_once: int,
    advance: Advance,
) -> Iterator[tuple[RestoreJob, Outcome]]:
    context = multiprocessing.get_context("spawn")
    news: Any = context.Queue()
    stop = context.Event()
    with ProcessPoolExecutor(
        min(at_once, len(jobs)), context, initializer=_enter_process, initargs=(news, stop)
    ) as pool:
        # Children begin with what they inherit: Ctrl-C goes to the whole group, the parent decides.
        ignore_stop_signals()
        waiting = {pool.submit(_restore_in_process, job, settings, models): job for job in jobs}
        let_stop_signals_interrupt()
        try:
            while waiting:
                _read_news(news, advance)
                for future in [future for future in waiting if future.done()]:
                    yield waiting.pop(future), _outcome(future)
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def _restore(job: RestoreJob, settings: Settings, models: Selection, progress: Progress) -> Outcome:
    if job.left_out:
        return Skipped(job.left_out)
    if job.fault:
        return RestorationError(job.fault)
    try:
        if job.resume and not job.overwrite and is_done(job, settings, models):
            return Skipped()
        priority.settle_memory()
        _make_room(job)
        kind = wall_kind_of(job.source) if job.find_groove else None
        record = replace(job.record, groove=kind.groove) if kind else job.record
        two_walls = kind is None or kind.groove in ("lateral", "vertical", "stereo")
        return restore_file(
            job.source,
            job.target,
            settings,
            removed=job.removed,
            mask=job.mask,
            report=job.report,
            progress=progress,
            overwrite=job.overwrite,
            chain_factory=partial(Chain, models=load_models(models)),
            record=aligned_record(job.source, record) if job.align_walls and two_walls else record,
            wall_kind=kind,
            sidecar=job.sidecar,
            models=models,
        )
    except RestorationError as error:
        return error
    except OSError as error:  # whatever it is, the others go on
        return RestorationError(system_error(error))


def _make_room(job: RestoreJob) -> None:
    """Make the folders that mirror the sources' own; take away a sidecar without its sound."""
    try:
        for path in job.results():
            path.parent.mkdir(parents=True, exist_ok=True)
        if job.resume and job.sidecar is not None and not job.target.exists():
            job.sidecar.unlink(missing_ok=True)
    except OSError as error:
        raise RestorationError(f"{error.filename} cannot be written: {error.strerror}") from None


_process: tuple[Any, Event] | None = None  # of a child: its news queue and the stop event


def _enter_process(news: Any, stop: Event) -> None:
    global _process
    _process = (news, stop)
    ignore_stop_signals()
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """Nobody would wake a process whose parent was killed; what it has begun is worth nothing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        remove_unfinished()
        os._exit(1)


def _restore_in_process(job: RestoreJob, settings: Settings, models: Selection) -> Outcome:
    assert _process is not None
    news, stop = _process

    def progress(done: int, total: int) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        news.put((job, done, total))

    return _restore(job, settings, models, progress)


def _read_news(news: Any, advance: Advance) -> None:
    try:
        advance(*news.get(timeout=LOOK_EVERY_S))
        while True:
            advance(*news.get_nowait())
    except queue.Empty:
        return


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return RestorationError("a restoring process died; try again with --jobs 1")


class _ProgressBars:
    """One bar for each file in work, on a terminal only."""

    def __init__(self, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %", markup=False),
            TimeRemainingColumn(),
            console=console,
            disable=quiet or not console.is_terminal,
            transient=True,
            redirect_stdout=True,
        )
        self._tasks: dict[RestoreJob, Any] = {}

    def __enter__(self) -> "_ProgressBars":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def advance(self, job: RestoreJob, done: int, total: int) -> None:
        """Show how far one file is."""
        if job not in self._tasks:
            self._tasks[job] = self._bars.add_task(job.source.name, total=total or None)
        self._bars.update(self._tasks[job], completed=done)

    def remove(self, job: RestoreJob) -> None:
        """Take a finished file's bar away."""
        if job in self._tasks:
            self._bars.remove_task(self._tasks.pop(job))
