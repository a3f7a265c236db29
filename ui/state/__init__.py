"""What the window holds and remembers: the engine's session, history, presets, last choices."""
