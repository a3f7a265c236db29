"""Gathers the window's texts and makes the files of its languages, in ui/translations.

    translations.py          the .ts file follows the source; what is new in it waits for its words
    translations.py --qm     and the .qm file, which the program reads, is made from it

A text stands in ``tr("...")`` or ``later("...")``; fields of settings and records bring their help;
engine_sentences.txt has what the engine says. A text that is gone goes from the file too.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
UI = ROOT / "ui"
TS = UI / "translations" / "shellac_de.ts"
MARKS = ("tr", "later")


def gathered() -> dict[str, list[str]]:
    """Return every text by its context, each once, in the order of the source."""
    from model.groove.curve_table import named_curves
    from model.groove.record import RecordSettings
    from model.presets import preset_names
    from model.settings import Settings
    from ui.widgets.told import engine_forms

    texts = [text for path in sorted(UI.rglob("*.py")) for text in marked(path)]
    for kind in (Settings, RecordSettings):
        texts += [spec.metadata["help"] for spec in fields(kind)]
    texts += [curve.title for curve in named_curves().values()]
    texts += [name.capitalize() for name in preset_names()]
    return {"window": list(dict.fromkeys(texts)), "engine": list(dict.fromkeys(engine_forms()))}


def marked(path: Path) -> Iterator[str]:
    """Yield the literals that a file marks, top to bottom."""
    calls = (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call))
    ours = (n for n in calls if isinstance(n.func, ast.Name) and n.func.id in MARKS and n.args)
    for call in sorted(ours, key=lambda n: (n.lineno, n.col_offset)):
        if isinstance(call.args[0], ast.Constant) and call.args[0].value:
            yield call.args[0].value


def known(path: Path = TS) -> dict[tuple[str, str], str]:
    """Return what a .ts file translates, by context and text."""
    if not path.exists():
        return {}
    return {
        (context.findtext("name", ""), message.findtext("source", "")): found.text or ""
        for context in ElementTree.parse(path).getroot().iter("context")
        for message in context.iter("message")
        if (found := message.find("translation")) is not None
    }


def written(texts: dict[str, list[str]], words: dict[tuple[str, str], str]) -> str:
    """Return the .ts file."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>"]
    lines.append('<TS version="2.1" language="de_DE" sourcelanguage="en">')
    for context, sources in texts.items():
        lines += ["<context>", f"    <name>{context}</name>"]
        for source in sources:
            translation = words.get((context, source), "")
            mark = "" if translation else ' type="unfinished"'
            lines += [
                "    <message>",
                f"        <source>{escape(source)}</source>",
                f"        <translation{mark}>{escape(translation)}</translation>",
                "    </message>",
            ]
        lines.append("</context>")
    return "\n".join([*lines, "</TS>", ""])


def release(ts: Path, qm: Path) -> None:
    """Make the file that the program reads, with the tool that comes with PySide6."""
    import PySide6

    tool = Path(PySide6.__file__).with_name("lrelease")
    subprocess.run([str(tool), "-silent", str(ts), "-qm", str(qm)], check=True)


def main(arguments: list[str]) -> None:
    """Bring the files up to date and say what is still to be translated."""
    texts, words = gathered(), known()
    TS.write_text(written(texts, words), "utf-8")
    missing = [t for c, sources in texts.items() for t in sources if not words.get((c, t))]
    for text in missing:
        print(f"no German: {text!r}")
    if arguments == ["--qm"]:
        release(TS, TS.with_suffix(".qm"))


if __name__ == "__main__":
    main(sys.argv[1:])
