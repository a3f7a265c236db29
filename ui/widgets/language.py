"""The language of the window: texts are looked up here, and the choice of language is made here.

Sentences of the engine are not made here and stay English in log and terminal;
``ui.widgets.told`` has their translation. GUI thread.
"""

from numbers import Real
from pathlib import Path
from string import Formatter
from typing import Any

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = Path(__file__).parent.parent / "translations"
CONTEXT = "window"
# Value in the memory, and what the language calls itself; "system" is whatever the desktop speaks.
LANGUAGES = (("en", "English"), ("de", "Deutsch"))
_SWAPPED = str.maketrans(".,", ",.")

_translators: list[QTranslator] = []  # a translator that is collected translates no more


def tr(text: str, /, **values: object) -> str:
    """Return a text of the window in its language.

    Parameters
    ----------
    text : str
        In English, with a field in braces for each of ``values``. A literal, or what
        :func:`later` marked.
    **values
        Figures are written as the language writes them.
    """
    return filled(QCoreApplication.translate(CONTEXT, text), values)


def later(text: str) -> str:
    """Mark a text that is looked up where it is shown: constants are older than the language."""
    return text


def figure(text: str, /, **values: object) -> str:
    """Return figures and units, which need no translation, as the language writes them."""
    return filled(text, values)


def as_written(text: str) -> str:
    """Return a text of figures and units, which came in English, as the language writes it."""
    return text.translate(_SWAPPED) if is_german() else text


def filled(text: str, values: dict[str, Any]) -> str:
    """Return a text with its fields filled in."""
    return _FIGURES.vformat(text, (), values) if values else text


def is_german() -> bool:
    """Whether the window speaks German."""
    return bool(_translators)


def use_language(choice: str) -> None:
    """Speak a language from now on; what is shown already stays as it is.

    Parameters
    ----------
    choice : str
        ``"en"``, ``"de"``, or ``"system"`` for the desktop's.
    """
    if choice == "system":
        choice = QLocale.system().name()[:2]
    while _translators:
        QCoreApplication.removeTranslator(_translators.pop())
    if choice != "de":
        QLocale.setDefault(QLocale.system())
        return
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    # The last one is asked first: ours, then Qt's for the buttons of its own dialogs.
    for path in (Path(qt_folder, "qtbase_de.qm"), FOLDER / "shellac_de.qm"):
        translator = QTranslator()
        if translator.load(str(path)):
            QCoreApplication.installTranslator(translator)
            _translators.append(translator)


class _Figures(Formatter):
    """Writes a figure with the comma and point of the language."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = str(super().format_field(value, format_spec))
        is_figure = isinstance(value, Real) and format_spec
        return text.translate(_SWAPPED) if is_figure and is_german() else text


_FIGURES = _Figures()
