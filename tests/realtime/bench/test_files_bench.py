"""What a file costs is measured on files that are as long and as worn as they are called."""

from pathlib import Path

import soundfile

from realtime.bench.files import restored, sound_file


def test_a_file_of_any_rate_is_made_restored_and_measured(tmp_path: Path) -> None:
    source, target = tmp_path / "source.wav", tmp_path / "target.wav"
    sound_file(source, "raw disc", 96_000, 0.5)
    info = soundfile.info(source)
    assert (info.frames, info.samplerate, info.channels) == (48_000, 96_000, 2)
    figures = restored(source, target)
    assert figures["spent"] > 0
    assert not figures["mb"] <= 0  # no number where the system does not tell
    assert soundfile.info(target).frames == 48_000
