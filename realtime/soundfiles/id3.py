"""ID3: which of its frames say what Vorbis comments say, and a description in them. Any thread."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realtime.soundfiles.description import Description

FRAMES = {
    "title": "TIT2",
    "subtitle": "TIT3",
    "grouping": "TIT1",
    "artist": "TPE1",
    "albumartist": "TPE2",
    "conductor": "TPE3",
    "composer": "TCOM",
    "lyricist": "TEXT",
    "album": "TALB",
    "genre": "TCON",
    "language": "TLAN",
    "isrc": "TSRC",
    "copyright": "TCOP",
    "label": "TPUB",
    "date": "TDRC",
    "encoder": "TSSE",
    "tracknumber": "TRCK",
    "discnumber": "TPOS",
}


def id3_of(description: "Description") -> Any:
    """Return the description as mutagen's ``ID3``, in no file yet."""
    import mutagen.id3

    frames: Any = mutagen.id3
    tags: Any = frames.ID3()
    for name, values in description.all_tags().items():
        if frame := FRAMES.get(name):
            tags.add(getattr(frames, frame)(encoding=3, text=values))
        elif name == "comment":  # each needs a name of its own; the last is ours
            for number, value in enumerate(reversed(values)):
                named = "" if number == 0 else f"source {number}"
                tags.add(frames.COMM(encoding=3, lang="eng", desc=named, text=value))
        else:
            tags.add(frames.TXXX(encoding=3, desc=name, text=values))
    for number, picture in enumerate(description.carried.pictures):
        tags.add(
            frames.APIC(
                encoding=3,
                mime=picture.mime,
                type=picture.kind,
                desc=picture.words or (f"{number}" if number else ""),
                data=picture.content,
            )
        )
    return tags
