"""A sound file opened as what it holds, also where its header does not say so. Any thread.

Streams and recorders that died leave lengths of nothing or of everything in a header; what is put
together from two files speaks of the first. All samples that are there are read, or it is refused.
"""

import mmap
from pathlib import Path

import soundfile

from model.errors import RestorationError
from realtime.containers.mpeg_frames import whole_mp3
from realtime.containers.patched_view import PatchedView
from realtime.containers.whole_headers import FLAC_HEADER, WHOLE, whole_flac

STREAMINFO = (b"fLaC\x00\x00\x00\x22", b"fLaC\x80\x00\x00\x22")  # how a FLAC file begins
FIRST_PAGE = 2  # flag of an Ogg page


class Mp3File(soundfile.SoundFile):  # type: ignore[misc]  # it has no types
    """An MP3 file that is read on from where it was.

    soundfile seeks after each read to where it is already. An MP3 frame may need bits of many
    frames in front of it, which are gone then: the decoder is silent until it has them again.
    """

    def seekable(self) -> bool:
        """Say no, so that nobody seeks who is not asked to."""
        return False


def open_readable(path: Path) -> soundfile.SoundFile:
    """Open a sound file for reading; its length is that of the samples that are there.

    Raises
    ------
    RestorationError
        It holds more than would be read, or less than it says.
    soundfile.LibsndfileError, OSError, ValueError
        It is no sound.
    """
    with path.open("rb") as file:
        head = file.read(12)
    view = _view_of(path, head)
    if view is None:
        sound = soundfile.SoundFile(path)
        if sound.subtype != "MPEG_LAYER_III":
            return sound
        if sound.format != "MP3":  # in a WAV file
            sound.close()
            return Mp3File(path)
        told = int(sound.frames)
        sound.close()
        sound = Mp3File(whole_mp3(path, told) or path)
    else:
        sound = soundfile.SoundFile(view)
    sound._name = str(path)  # what errors name
    return sound


def _view_of(path: Path, head: bytes) -> PatchedView | None:
    """Return the file with a true length in its header; None where it has that already."""
    if head[:4] == b"fLaC":
        _refuse_second_flac(path)
        return whole_flac(path)
    if head[:4] == b"OggS":
        _refuse_chained_ogg(path)
    for kind, whole in WHOLE.items():
        if head.startswith(kind):
            return whole(path)
    return None


def _refuse_second_flac(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if any(content.find(begin, FLAC_HEADER) >= 0 for begin in STREAMINFO):
            raise RestorationError(
                f"{path} holds two FLAC files, one behind the other, of which the first alone "
                "would be read; split it, or convert both and join them then"
            )


def _refuse_chained_ogg(path: Path) -> None:
    begun = False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = 0
        while content[at : at + 4] == b"OggS" and at + 27 <= len(content):
            begins, segments = bool(content[at + 5] & FIRST_PAGE), content[at + 26]
            if begins and begun:
                raise RestorationError(
                    f"{path} holds two streams, one behind the other, of which the first alone "
                    "would be read; split it, or convert it to FLAC first"
                )
            begun |= not begins
            at += 27 + segments + sum(content[at + 27 : at + 27 + segments])
