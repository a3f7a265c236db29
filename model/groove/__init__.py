"""The record: its walls, its playback curve, rumble, hum and speed, and its file."""
