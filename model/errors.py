"""The one exception whose text is meant for the person at the window or the terminal."""


class RestorationError(Exception):
    """Something the person must see: what went wrong, where, and what to do next, in one line.

    Raised anywhere below ``main`` and ``ui``; only those two turn it into a message.
    """
