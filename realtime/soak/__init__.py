"""The endurance test, ``python -m realtime.soak``: looks for what grows, drifts or is lost."""
