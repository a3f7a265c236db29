"""A record's own way through the chain: nothing by default, aligned and streamed otherwise."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.errors import RestorationError
from model.groove.playback_curve import playback_filter
from model.groove.record import RecordSettings
from model.groove.record_file import load_record, save_record
from model.settings import Settings
from realtime.restorer.pipeline import SIGNALS, Restored, StreamRestorer
from realtime.restorer.record_chain import RecordChain

F32 = NDArray[np.float32]
RATES = (44_100, 96_000)
SETTINGS = Settings()
BYPASS = replace(SETTINGS, bypass=True)
FULL = RecordSettings(
    undo_riaa=True,
    groove="best",
    wall_offset_us=31.0,
    wall_balance_db=1.0,
    rumble_hz=30.0,
    hum="50 Hz",
    curve="columbia_78",
    gain_db=-3.0,
)
RECORDS = [
    FULL,
    RecordSettings(groove="lateral", curve="riaa"),
    RecordSettings(curve="custom", turnover_hz=350.0, rolloff_db=8.0),
    RecordSettings(wall_offset_us=-20.0),
]


def worn(rate: int, seconds: float = 0.4) -> F32:
    """A chord on both walls with clicks on the left one, float32 ``[2, n]``."""
    t = np.arange(int(seconds * rate)) / rate
    chord = 0.1 * np.sin(2 * np.pi * 440 * t) + 0.05 * np.sin(2 * np.pi * 1_234 * t + 1)
    hiss = 1e-3 * np.random.default_rng(78).standard_normal((2, len(t)))
    signal = (chord + hiss).astype(np.float32)
    for at_s in (0.171, 0.262):
        signal[0, int(at_s * rate) :][: int(0.0003 * rate)] += 0.5
    return signal


def played(
    restorer: StreamRestorer, signal: F32, block: int, settings: Settings = SETTINGS
) -> Restored:
    parts = [
        restorer.process(signal[:, start : start + block], settings)
        for start in range(0, signal.shape[1], block)
    ]
    parts.append(restorer.flush(settings))
    joined = np.concatenate([np.stack(part[:SIGNALS]) for part in parts], axis=-1)
    restored, dry, mask, analytical, learned = joined
    impulses = tuple(found for part in parts for found in part.impulses)
    return Restored(restored, dry, mask, analytical, learned, impulses)


def assert_same_bits(a: Restored, b: Restored) -> None:
    for one, other in zip(a[:SIGNALS], b[:SIGNALS], strict=True):
        np.testing.assert_array_equal(one, other)
    assert sorted(a.impulses) == sorted(b.impulses)  # what many hops found is told by who found it


@pytest.mark.parametrize("rate", RATES)
def test_record_without_wishes_leaves_every_bit(rate: int) -> None:
    signal = worn(rate)
    with_record = StreamRestorer(rate, 2, record=RecordSettings(title="Vesti la giubba"))
    plain = StreamRestorer(rate, 2)
    assert with_record.latency == plain.latency
    assert_same_bits(played(with_record, signal, 777), played(plain, signal, 777))


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("rate", RATES)
def test_blocks_of_any_length_give_the_same_bits(rate: int, record: RecordSettings) -> None:
    signal = worn(rate)
    whole = played(StreamRestorer(rate, 2, record=record), signal, signal.shape[1])
    assert_same_bits(whole, played(StreamRestorer(rate, 2, record=record), signal, 441))


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("rate", RATES)
def test_the_future_does_not_change_what_is_already_out(rate: int, record: RecordSettings) -> None:
    signal = worn(rate)
    changed = signal.copy()
    n = int(0.3 * rate)
    changed[:, n:] = 0.2
    a, b = (played(StreamRestorer(rate, 2, record=record), s, 441) for s in (signal, changed))
    np.testing.assert_array_equal(a.restored[:, :n], b.restored[:, :n])


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("rate", RATES)
def test_bypass_gives_the_dry_sound_through_groove_and_curve(
    rate: int, record: RecordSettings
) -> None:
    signal = worn(rate)
    bypassed = played(StreamRestorer(rate, 2, record=record), signal, 1000, BYPASS)
    restored = played(StreamRestorer(rate, 2, record=record), signal, 1000)
    np.testing.assert_array_equal(bypassed.restored, bypassed.dry)
    np.testing.assert_array_equal(bypassed.dry, restored.dry)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("groove", ["lateral", "best"])
def test_declared_latency_is_the_true_one(rate: int, groove: str) -> None:
    record = RecordSettings(groove=groove, wall_offset_us=250.0)
    late = round(250e-6 * rate)
    restorer = StreamRestorer(rate, 2, record=replace(record, wall_offset_us=late / rate * 1e6))
    impulse = np.zeros((2, 4000), np.float32)
    impulse[0, 1000], impulse[1, 1000 + late] = 1.0, 1.0
    dry = played(restorer, impulse, 4000, BYPASS).dry
    assert int(np.abs(dry[0]).argmax()) == 1000 + late + restorer.latency
    assert dry[0].max() == pytest.approx(1.0, abs=1e-3)


def test_click_is_repaired_before_the_curve_and_removed_is_curved_too() -> None:
    rate = 44_100
    signal = worn(rate)
    plain = played(StreamRestorer(rate, 2), signal, 1000)
    record = RecordSettings(curve="columbia_78")
    curved = played(StreamRestorer(rate, 2, record=record), signal, 1000)
    assert curved.impulses == plain.impulses
    assert curved.impulses
    curve = playback_filter(record.constants(), rate)
    assert curve is not None
    for with_curve, without in ((curved.restored, plain.restored), (curved.dry, plain.dry)):
        wanted, _ = curve.step(without.astype(np.float64), curve.initial_state(2))
        np.testing.assert_array_equal(with_curve, wanted.astype(np.float32))


def test_impulses_are_counted_in_samples_of_the_raw_sound() -> None:
    rate = 44_100
    signal = np.repeat(worn(rate)[:1], 2, axis=0)
    record = RecordSettings(groove="best")
    found = played(StreamRestorer(rate, 2, record=record), signal, 1000).impulses
    for at_s in (0.171, 0.262):
        assert min(abs(impulse.start - int(at_s * rate)) for impulse in found) <= 12


@pytest.mark.parametrize("speed", [33.33 / 78.26, 1.2])
def test_curve_of_a_record_played_at_another_speed_lies_where_its_music_is(speed: float) -> None:
    """Live sound keeps its pace; a tone of 1 kHz on the record arrives as 1 kHz times speed."""
    rate = 44_100
    record = RecordSettings(curve="decca_78", played_rpm=78.26 * speed, true_rpm=78.26)
    t = np.arange(rate) / rate
    levels = []
    for f in (1000.0, 10_000.0, 100.0):
        tone = np.tile(0.1 * np.sin(2 * np.pi * f * speed * t), (2, 1)).astype(np.float32)
        restorer = StreamRestorer(rate, 2, record=record)
        dry = played(restorer, tone, 4096, BYPASS).dry[0]
        levels.append(20 * np.log10(np.abs(dry[rate // 2 : rate]).max() / 0.1))
    assert levels[0] == pytest.approx(0.0, abs=0.05)
    assert levels[1] == pytest.approx(-5.37 + 0.10 - 0.28, abs=0.2)  # see the Decca circuit
    assert levels[2] == pytest.approx(10 - 0.37, abs=0.2)


def test_another_curve_and_groove_glide_in_without_a_click_or_a_shift() -> None:
    rate = 44_100
    t = np.arange(2 * rate) / rate
    tone = np.stack([np.sin(2 * np.pi * 500 * t), np.sin(2 * np.pi * 500 * t + 0.3)])
    signal = (0.1 * tone).astype(np.float32)
    restorer = StreamRestorer(rate, 2, record=RecordSettings())
    latency, chain = restorer.latency, restorer.chain
    assert isinstance(chain, RecordChain)
    new = RecordSettings(groove="left", curve="columbia_78", rumble_hz=30.0)
    parts = [restorer.process(signal[:, : rate // 2], BYPASS).restored]
    chain.renew(new)
    parts += [restorer.process(signal[:, rate // 2 :], BYPASS).restored]
    out = np.concatenate(parts, axis=1)
    assert restorer.latency == latency
    bend = np.abs(np.diff(out[:, latency + 100 :], 2, axis=1)).max()
    steady = np.abs(np.diff(signal, 2, axis=1)).max()
    assert bend < 1.5 * steady  # a click would bend a hundred times as much
    before = out[:, latency : rate // 2]
    np.testing.assert_array_equal(before, signal[:, : before.shape[1]])
    wanted = played(StreamRestorer(rate, 2, record=new), signal, 1024, BYPASS).restored
    late = slice(3 * rate // 2, 2 * rate)
    np.testing.assert_allclose(out[:, late], wanted[:, late], atol=1e-5)


def test_change_that_needs_another_delay_is_refused_and_the_sound_goes_on() -> None:
    chain = StreamRestorer(44_100, 2, record=RecordSettings()).chain
    assert isinstance(chain, RecordChain)
    for record in (
        RecordSettings(groove="lateral"),
        RecordSettings(groove="best"),
        RecordSettings(wall_offset_us=10.0),
    ):
        with pytest.raises(RestorationError, match="opened anew"):
            chain.renew(record)
    chain.renew(RecordSettings(curve="riaa"))


def test_mono_sound_has_no_walls_to_choose_from() -> None:
    with pytest.raises(RestorationError, match="needs both walls"):
        StreamRestorer(44_100, 1, record=RecordSettings(groove="lateral"))
    mono = StreamRestorer(44_100, 1, record=RecordSettings(curve="riaa"))
    assert mono.process(np.zeros((1, 100), np.float32), SETTINGS).dry.shape == (1, 100)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"groove": "diagonal"}, "groove is 'diagonal'; choose one of: stereo"),
        ({"curve": "disco"}, "curve is 'disco'; choose one of: flat"),
        ({"rumble_hz": 5.0}, "rumble_hz is 5.0; it must be 0"),
        ({"wall_offset_us": 1e9}, "wall_offset_us is 1000000000.0; it must lie in -1000..1000 us"),
        ({"title": "two\nlines"}, "title must be one line"),
        ({"curve": "custom", "turnover_hz": 100.0, "bass_shelf_hz": 200.0}, "below turnover_hz"),
    ],
)
def test_impossible_record_is_refused_by_name(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RecordSettings(**values)  # type: ignore[arg-type]


def test_record_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "side.yaml"
    record = replace(FULL, title="O sole mio: 'live'", year=1916, matrix="0123", catalogue="1e5")
    save_record(path, record)
    assert load_record(path) == record
    assert "# Mains hum" in path.read_text()


def test_record_file_may_leave_keys_out_and_text_may_look_like_a_number(tmp_path: Path) -> None:
    path = tmp_path / "side.yaml"
    path.write_text("curve: riaa\ncatalogue: 1234\nside: 1\ngain_db: 2\nbass_shelf_hz: 40\n")
    with pytest.raises(RestorationError, match=r"side\.yaml: bass_shelf_hz is 40; .*turnover"):
        path.write_text(path.read_text().replace("riaa", "custom"))
        load_record(path)
    path.write_text("curve: riaa\ncatalogue: 1234\nside: 1\ngain_db: 2\n")
    wanted = RecordSettings(curve="riaa", catalogue="1234", side="1", gain_db=2.0)
    assert load_record(path) == wanted


def test_unknown_record_key_names_file_line_and_near_key(tmp_path: Path) -> None:
    path = tmp_path / "side.yaml"
    path.write_text("curve: riaa\ngrove: lateral\n")
    with pytest.raises(RestorationError, match=r"side\.yaml, line 2: .*did you mean 'groove'"):
        load_record(path)
    path.write_text("curve: riaa\ngroove: sideways\n")
    with pytest.raises(RestorationError, match=r"line 2: groove is 'sideways'"):
        load_record(path)
