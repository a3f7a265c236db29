"""The one exception whose text is meant for the person at the window or the terminal. Any thread.

And how a text that holds a stranger's names is made fit to be shown.
"""


class RestorationError(Exception):
    """Something the person must see: what went wrong, where, and what to do next, in one line.

    Raised anywhere below ``main`` and ``ui``; only those two turn it into a message.

    Attributes
    ----------
    result : object
        What was found out all the same, for a program that asked with ``--json``.
    """

    def __init__(self, *words: object, result: object = None) -> None:
        super().__init__(*words)
        self.result = result


def system_error(error: OSError) -> str:
    """Return what the system refused, and of which file, as far as it says."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def one_line(text: object) -> str:
    """Return ``text`` as one line that any terminal can take.

    Files and devices are called whatever somebody called them: line breaks become blanks; what
    would steer a terminal, or cannot be encoded, is shown by its code.
    """
    words = " ".join(str(text).split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)
