"""Which channels of an input are taken, and what it says of itself before it is chosen."""

import pytest

from model.errors import RestorationError
from realtime.config import StreamConfig
from realtime.devices import opening
from realtime.devices.input_probe import ProbeLine, line_of, own_channels
from realtime.devices.listing import Device

INTERFACE = Device("Interface", "ALSA", 7, 0, 48_000, True, False)


@pytest.mark.parametrize(("first", "wanted", "taken"), [(1, 2, 2), (3, 2, 2), (7, 2, 1), (5, 1, 1)])
def test_pair_is_taken_from_where_it_begins(
    monkeypatch: pytest.MonkeyPatch, first: int, wanted: int, taken: int
) -> None:
    monkeypatch.setattr(opening, "query_devices", lambda: [INTERFACE])
    config = StreamConfig("Interface", "none", channels=wanted, first_channel=first)
    assert opening.plan_streams(config).channels == taken


def test_channel_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "query_devices", lambda: [INTERFACE])
    with pytest.raises(RestorationError, match="has 7 channels and no channel 9; choose another"):
        opening.plan_streams(StreamConfig("Interface", "none", first_channel=9))
    with pytest.raises(ValueError, match=r"first_channel is 0; it must lie in 1\.\.128$"):
        StreamConfig("Interface", first_channel=0)


def test_what_a_probe_says_is_read_and_anything_else_says_nothing() -> None:
    assert line_of('{"rates": [44100, 96000]}') == ProbeLine(rates=(44_100, 96_000))
    assert line_of('{"peaks": [-6, -7.5]}') == ProbeLine(peaks=(-6.0, -7.5))
    assert line_of('{"error": "in use"}') == ProbeLine(error="in use")
    for text in ("", "ALSA lib: underrun", "[1, 2]", '{"peaks": ["x"]}', '{"rates": 5}'):
        assert line_of(text) == ProbeLine()


def test_sound_server_that_offers_any_number_gives_a_pair() -> None:
    assert own_channels(INTERFACE) == 7
    assert own_channels(Device("pulse", "ALSA", 32, 32, 44_100, False, False)) == 2
