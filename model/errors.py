"""The one exception whose text is meant for the person at the window or the terminal. Any thread.

And how a text that holds a stranger's names is made fit to be shown.
"""


class RestorationError(Exception):
    """Something the person must see: what went wrong, where, and what to do next, in one line.

    Raised anywhere below ``main`` and ``ui``; only those two turn it into a message.
    """


def one_line(text: object) -> str:
    """Return ``text`` as one line that any terminal can take.

    Files and devices are called whatever somebody called them: line breaks become blanks; what
    would steer a terminal, or cannot be encoded, is shown by its code.
    """
    words = " ".join(str(text).split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)
