"""The window: shows what is heard and what is removed. Draws and asks; never touches the sound."""
