"""The engine's benchmark: ``python -m realtime.bench`` prints every figure beside its rival."""
