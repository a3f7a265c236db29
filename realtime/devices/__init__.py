"""Turntable and headphones: found, opened, and what happens when they go away and come back."""
