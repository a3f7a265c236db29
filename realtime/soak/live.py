"""The real engine on virtual devices in real time, with somebody at the controls.

On the caller's thread, apart from the engine's own process and the thread that plays the record.
"""

import multiprocessing
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from model.errors import RestorationError
from realtime.bench.endurance import SETTLE_S, probed
from realtime.bench.sound import FORMAT, SCRIPT, virtual_devices
from realtime.config import StreamConfig
from realtime.engine import Engine
from realtime.recorder import RecordingReport
from realtime.soak.checks import check_side, found_losses
from realtime.soak.fingers import Fingers
from realtime.soak.material import BLOCK, EndlessRecord
from realtime.soak.plan import FORMATS, SoakPlan
from realtime.soak.report import SoakReport, delete_side
from realtime.soak.vitals import Vitals

STEP_S = 0.1
LOOK_EVERY_S = 5.0
ANNOUNCED_S = 5.0  # until a lost device must have been told of
AHEAD_S = 10.0  # of sound between the player's pipe and the devices


class Player:
    """Plays the endless record into the turntable; a thread of its own fills the pipe."""

    def __init__(self, record: EndlessRecord, block: int) -> None:
        self.block = block  # the next one; the thread writes, others read
        self._record = record
        command = ["pacat", "--device=turntable", *FORMAT]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self._thread = threading.Thread(target=self._play, name="player", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fall silent at once."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _play(self) -> None:
        assert self._process.stdin is not None
        try:
            while True:
                left = memoryview(self._record.samples(self.block * BLOCK, BLOCK).tobytes())
                self.block += 1
                while left:
                    left = left[self._process.stdin.write(left) :]
        except OSError:  # stopped, or the sound server is gone
            return


class LiveSoak:
    """One run; ``stop`` set by anybody ends it after the present side was cut short."""

    def __init__(self, plan: SoakPlan, stop: threading.Event) -> None:
        self._plan, self._stop = plan, stop
        self._record = EndlessRecord(plan.seed, has_silence=False)
        self._fingers = Fingers(plan.seed, plan.losses_per_hour)
        self._report = SoakReport("real time", plan.seed)
        self._vitals = Vitals("caller", os.getpid())
        self._before_s = 0.0  # sound of engines that are gone
        self._played = 0  # where in the record the last side ended

    def run(self) -> SoakReport:
        """Open the engine, lose it and open it again, until there was enough sound."""
        report, began = self._report, time.monotonic()
        self._began = self._looked = began
        with virtual_devices(), probed() as stall:
            while self._before_s < self._plan.audio_s and not self._stop.is_set():
                self._one_engine()
        report.stall_s = stall[0]
        report.audio_s, report.wall_s = self._before_s, time.monotonic() - began
        report.changes = self._fingers.counts
        report.growths.append(self._vitals.growth())
        report.processor_s = time.process_time()
        report.finish()
        return report

    def _one_engine(self) -> None:
        fingers, plan = self._fingers, self._plan
        config = StreamConfig("turntable", "headphones", models=plan.models, record=fingers.record)
        lost = False
        with Engine(config, fingers.settings) as engine:
            player = Player(self._record, -(-self._played // BLOCK))
            vitals = Vitals("engine", _engine_pid())
            time.sleep(SETTLE_S)
            while not (lost or self._is_over(engine)):
                lost = self._one_side(engine, player, vitals)
            player.stop()
        self._report.growths.append(vitals.growth())
        if lost:
            _restart_sound_server()

    def _is_over(self, engine: Engine) -> bool:
        return self._stop.is_set() or self._audio_s(engine) >= self._plan.audio_s

    def _audio_s(self, engine: Engine) -> float:
        return self._before_s + engine.telemetry().seconds

    def _one_side(self, engine: Engine, player: Player, vitals: Vitals) -> bool:
        """Record one side and check it; returns whether the devices were lost meanwhile."""
        record = self._fingers.record
        file_format = FORMATS[self._report.sides % len(FORMATS)]
        began_s, lost = self._audio_s(engine), False
        engine.start_recording(self._plan.folder, file_format)
        while not lost and self._audio_s(engine) < began_s + self._plan.side_s:
            if self._is_over(engine):
                break
            turned = self._fingers.turn(self._audio_s(engine))
            if turned:
                engine.post(self._fingers.settings)
            if "record" in turned:
                engine.renew_record(self._fingers.record)
            self._refuse_errors(engine)
            self._look(vitals, self._audio_s(engine))
            lost = "loss" in turned
            time.sleep(STEP_S)
        telemetry = engine.telemetry()
        if lost:
            self._lose_devices(engine)
        side: RecordingReport = engine.stop_recording()
        if lost or self._is_over(engine):
            report = self._report
            report.xruns_in += telemetry.xruns_in
            report.xruns_out += telemetry.xruns_out
            report.nonfinite += telemetry.nonfinite
            report.load_p99 = max(report.load_p99, telemetry.load_p99)
            report.detector, report.denoiser = telemetry.detector_name, telemetry.denoiser_name
            self._before_s += telemetry.seconds
        until = player.block * BLOCK
        found, end = found_losses(side.raw_path, self._record, self._played, until)
        if found.first < 0:
            self._report.complain(f"{side.raw_path.name} holds nothing of what was played")
        self._played = end
        checked = check_side(side, record, devices_lost=lost)
        self._report.add_side(checked, found.lost + found.slipped)
        delete_side(side)
        for one in (vitals, self._vitals):
            one.count()
        return lost

    def _lose_devices(self, engine: Engine) -> None:
        """Kill the sound server; the engine must say so.

        This, ``_one_engine`` and ``_restart_sound_server`` are the place to change once an engine
        finds its devices again by itself: start the server anew here, wait until the engine says
        that it goes on, and let the side end where it would have ended.
        """
        os.kill(_server_pid(), signal.SIGKILL)
        until = time.monotonic() + ANNOUNCED_S
        while time.monotonic() < until:
            if any(event.kind == "error" for event in engine.events()):
                return
            time.sleep(STEP_S)
        self._report.complain(f"a killed sound server was not told of within {ANNOUNCED_S:g} s")

    def _refuse_errors(self, engine: Engine) -> None:
        for event in engine.events():
            if event.kind == "error":
                self._report.complain(f"at {event.seconds:.1f} s: {event.message}")
        if (state := engine.telemetry().state) != "running":
            raise RestorationError(f"the engine is {state}; the soak cannot go on")

    def _look(self, vitals: Vitals, audio_s: float) -> None:
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY_S:
            self._looked = now
            for one, sound_s in ((vitals, audio_s - self._before_s), (self._vitals, audio_s)):
                one.look(sound_s, now - self._began)


def _engine_pid() -> int:
    for child in multiprocessing.active_children():
        if child.name == "shellac-engine" and child.pid is not None:
            return child.pid
    raise RestorationError("the engine has no process; start the soak again")


def _server_pid() -> int:
    return int((Path(os.environ["VIRTUAL_SOUND_DIR"]) / "pid").read_text())


def _restart_sound_server() -> None:
    subprocess.run([SCRIPT, "start"], check=True, capture_output=True)
