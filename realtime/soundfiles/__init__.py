"""One sound file: read, written, growing, described, named."""
