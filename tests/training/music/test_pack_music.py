"""Music in one file: what it holds, under which licence, and what packages of free music give."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from training_music import small_music

from training.music.free_packages import FreePackage, fetch_package, free_packages, take_tracks
from training.music.packing import Source, pack_music
from training.signals.packed_audio import open_pack, read_packed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("music")
    (place / "brass").mkdir()
    walls = np.stack([small_music(1.0, 22050, seed) for seed in range(2)], axis=1)
    sf.write(place / "brass" / "band.wav", 0.25 * walls, 22050)
    sf.write(place / "brass" / "nothing.wav", np.zeros(4000), 22050)
    manifest = "file,author,licence\nbrass/band.wav,A Band,CC0\n"
    (place / "MANIFEST.csv").write_text(manifest)
    return place


def test_music_is_packed_mono_at_one_rate_with_its_licence(folder: Path, tmp_path: Path) -> None:
    pack = tmp_path / "all.pack"
    skipped = pack_music(pack, [Source(folder, "", ""), Source(folder, "free/", "CC BY")], 0.5)
    assert len(skipped) == 2 and "nothing.wav is silent" in skipped[0]
    band, again = open_pack(pack)
    assert (band.path.as_posix(), band.licence) == ("brass/band.wav", "A Band; CC0")
    assert (again.path.as_posix(), again.licence) == ("free/brass/band.wav", "CC BY")
    assert band.sample_rate == 44100 and band.frames == 22050
    whole = read_packed(band)
    assert whole.shape == (1, 22050) and np.abs(whole).max() == pytest.approx(0.95, abs=1e-3)
    np.testing.assert_array_equal(read_packed(again), whole)
    np.testing.assert_array_equal(read_packed(band, 100, 50), whole[:, 100:150])
    assert "| brass | A Band; CC0 | 1 | 0.0 |" in pack.with_suffix(".md").read_text()


def test_the_tracks_of_a_package_are_taken_and_nothing_else(tmp_path: Path) -> None:
    content, target = tmp_path / "content", tmp_path / "tracks"
    (content / "usr/music").mkdir(parents=True)
    target.mkdir()
    for name in ("march.ogg", "bleeps.ogg", "cover.png"):
        (content / "usr/music" / name).write_bytes(name.encode())
    with zipfile.ZipFile(content / "usr/more.zip", "w") as archive:
        archive.writestr("audio/waltz.ogg", b"waltz")
        archive.writestr("audio/../../waltz.sh", b"no music")
    flat = FreePackage("some", "some", "CC0", "us", "*/music/*", without="*bleeps*")
    zipped = FreePackage("more", "more", "CC0", "us", "*/more.zip", inside="audio/*")
    assert take_tracks(flat, content, target) == 1
    assert take_tracks(zipped, content, target) == 2
    assert sorted(path.name for path in target.iterdir()) == ["march.ogg", "waltz.ogg"]


def test_what_was_fetched_is_not_fetched_again(tmp_path: Path) -> None:
    for package in free_packages():
        assert package.licence and package.by
        (tmp_path / package.folder).mkdir()
        assert fetch_package(package, tmp_path) == tmp_path / package.folder
