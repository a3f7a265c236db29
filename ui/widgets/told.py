"""What the engine says, in the window's language. GUI thread.

The engine writes log and terminal in English, and the window gets the same sentences. Each is
found again here by its form: what stands in the fields may be a sentence too, and is looked up.
"""

import re
from functools import cache

from PySide6.QtCore import QCoreApplication

from ui.widgets.language import FOLDER, as_written, filled, is_german

CONTEXT = "engine"
_FIGURE = re.compile(r"[-−+]?\d[\d,]*\.?\d*")
DEEPEST = 4  # a sentence within a sentence within ...


def told(sentence: str) -> str:
    """Return a sentence of the engine in the window's language; one that is not known as it is."""
    return _told(sentence, DEEPEST) if sentence and is_german() else sentence


def engine_forms() -> list[str]:
    """Return the forms of what the engine may say, with a field in braces for what it fills in."""
    lines = (FOLDER / "engine_sentences.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _told(sentence: str, deeper: int) -> str:
    for form, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            values = {
                name: _told_field(value, deeper - 1) if deeper and value else value
                for name, value in found.groupdict().items()
            }
            return filled(QCoreApplication.translate(CONTEXT, form), values)
    one, stop, other = sentence.partition(". ")
    if stop and deeper:
        return f"{_told(one, deeper - 1)}. {_told(other, deeper - 1)}"
    return sentence


def _told_field(value: str, deeper: int) -> str:
    """A field is a sentence, words one after the other, or a figure."""
    if _FIGURE.fullmatch(value):
        return as_written(value)
    told = _told(value, deeper)
    if told == value and ", " in value:
        return ", ".join(_told(part, deeper) for part in value.split(", "))
    return told


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return every form with what finds it: the one with most words of its own comes first."""
    forms = sorted(engine_forms(), key=_own_length, reverse=True)
    return [(form, _pattern(form)) for form in forms]


def _own_length(form: str) -> int:
    return len(re.sub(r"\{\w+\}", "", form))


def _pattern(form: str) -> re.Pattern[str]:
    written, named = "", set[str]()
    for piece in re.split(r"(\{\w+\})", form):
        name = piece[1:-1]
        if piece[:1] != "{":
            written += re.escape(piece)
        else:
            written += f"(?P={name})" if name in named else f"(?P<{name}>.+)"
            named.add(name)
    return re.compile(written, re.DOTALL)
