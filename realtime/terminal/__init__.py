"""A live session without a window: the meter's line, keys, and a clean end."""
