"""What the whole workshop asks of a signal: read it, predict it, find what comes back in it."""
