"""Times and sizes as a person reads them. Any thread."""


def clock(seconds: float) -> str:
    """Seconds as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, second = divmod(int(seconds + 1e-6), 60)  # hops add up to a hair less
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def size(n_bytes: float) -> str:
    """Bytes in the unit a disk is sold in."""
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB" if n_bytes < 1000 else f"{n_bytes / 1000:.1f} TB"
