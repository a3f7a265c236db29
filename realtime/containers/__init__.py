"""The bytes of a sound file: frames counted, and headers put right that do not know the length."""
