"""The bricks of the window: colours, style, panels, controls tied to settings, language."""
