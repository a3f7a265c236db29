"""A side while it is recorded, from the needle's drop to two files, and after a crash."""
