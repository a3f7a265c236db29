"""The bricks of the window: colours, style sheet, panels, controls, and their tie to settings."""
